// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quirks that a host was told not to have stay away, whatever is disabled after
 * them.  Three of KVM's can be seen from inside; each is disabled, then another,
 * then the first is looked for.  A VM cannot have a quirk again, so every case ends
 * by a shutdown and the next one begins in a new VM.
 */
#include "x86/boot/x86.h"

/* Bits of KVM_CAP_DISABLE_QUIRKS2 (Documentation/virt/kvm/api.rst). */
#define QUIRKS(QUIRK)                                                                              \
	QUIRK(LINT0_REENABLED, 0) QUIRK(CD_NW_CLEARED, 1) QUIRK(LAPIC_MMIO_HOLE, 2)                \
	QUIRK(OUT_7E_INC_RIP, 3) QUIRK(MISC_ENABLE_NO_MWAIT, 4) QUIRK(FIX_HYPERCALL_INSN, 5)       \
	QUIRK(MWAIT_NEVER_UD_FAULTS, 6)

enum quirk {
#define QUIRK(name, bit) QUIRK_##name = BIT(bit),
	QUIRKS(QUIRK)
#undef QUIRK
};

static const struct {
	const char *name;
	u64 mask;
} quirks[] = {
#define QUIRK(name, bit) { #name, BIT(bit) },
	QUIRKS(QUIRK)
#undef QUIRK
};

/* --- each is looked for: false where it cannot be seen --- */

/* The instruction for hypercalls of the other vendor is rewritten in the guest's code. */
static bool see_hypercall(void)
{
	u64 rax = 0x7ffffffe; /* no hypercall of any KVM */

	if (!vendor_is_intel() && !vendor_is_amd())
		return false;
	if (vendor_is_intel())
		EXPECT_FAULT(UD, TRY("vmmcall", : "+a"(rax) :));
	else
		EXPECT_FAULT(UD, TRY("vmcall", : "+a"(rax) :));
	return true;
}

/* MONITOR does nothing instead of #UD on a processor without it. */
static bool see_mwait(void)
{
	u64 word = 0;

	if (cpuid(1, 0).reg[CPUID_ECX] & BIT(3))
		return false;
	/* Some hosts cannot emulate it, which is no worse. */
	sync(RETURN_UNEMULATED);
	EXPECT_FAULT(UD, TRY("monitor", : : "a"(&word), "c"(0), "d"(0)));
	return true;
}

#define DEVICE_RECORD ((volatile struct device_record *)TEST_MEMORY)
#define APIC_BASE_X2APIC BIT(10)

/* In x2APIC mode there is nothing at the local APIC's page: accesses are the host's. */
static bool see_lapic_hole(void)
{
	if (!has_feature(X2APIC))
		return false;
	sync(DEVICE, .device = { APIC_BASE_ADDRESS, 0x1000, (u64)DEVICE_RECORD });
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_X2APIC);
	DEVICE_RECORD->content[APIC_VERSION] = 0x5a;
	EXPECT_EQ(0x5a, apic_read(APIC_VERSION));
	EXPECT_EQ(1, DEVICE_RECORD->count);
	return true;
}

static const struct {
	u64 mask;
	bool (*see)(void);
} visible[] = {
	{ QUIRK_FIX_HYPERCALL_INSN, see_hypercall },
	{ QUIRK_MWAIT_NEVER_UD_FAULTS, see_mwait },
	{ QUIRK_LAPIC_MMIO_HOLE, see_lapic_hole },
};

static const char *name_of(u64 mask)
{
	return quirks[__builtin_ctzll(mask)].name;
}

_Noreturn static void shut_down(void)
{
	sync(EXPECT_SHUTDOWN);
	load_idt(NULL, 0);
	asm volatile("ud2");
	__builtin_unreachable();
}

static u64 disable(u64 mask)
{
	return sync_value(sync(DISABLE_QUIRKS, .disable_quirks = { mask }), DISABLE_QUIRKS);
}

static void disable_then(u64 first, bool (*see)(void), u64 second)
{
	u64 all;

	if (case_was_run())
		return;
	all = disable(0);
	disable(first & all);
	/* Where the host has not the second one, it is told nothing more: as good a case. */
	disable(second & all);
	if (all & first && !see())
		note("%s cannot be seen here", name_of(first));
	shut_down();
}

TEST(disabled_quirks_stay_disabled,
     "a quirk of the host that was disabled stays so when another one is disabled",
     LAW("Documentation/virt/kvm/api.rst, KVM_CAP_DISABLE_QUIRKS2"),
     ACTIONS(DISABLE_QUIRKS | DEVICE | RETURN_UNEMULATED | EXPECT_SHUTDOWN),
     CASES(ARRAY_SIZE(visible) * ARRAY_SIZE(quirks)), FLAGS(TEST_FRESH_VM))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(visible); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(quirks); n++)
			CASE("first=%s,then=%s", name_of(visible[i].mask), quirks[n].name)
				disable_then(visible[i].mask, visible[i].see, quirks[n].mask);
}
