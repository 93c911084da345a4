// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMCALL and VMMCALL in a guest.  KVM takes either one and answers in RAX: a
 * number that it does not know is -KVM_ENOSYS at CPL 0, and any is -KVM_EPERM
 * at CPL 3 (Documentation/virt/kvm/x86/hypercalls.rst).  On a processor without a
 * hypervisor above it, or under one that offers no calls, they are #UD (SDM vol.
 * 3C, VMCALL; APM vol. 3, VMMCALL).  In no case may one never end: a timer sees
 * to it that a vCPU which can still be interrupted tells so.
 */
#include "x86/instruction/perform.h"

INSTRUCTION(vmcall, "vmcall");
INSTRUCTION(vmmcall, "vmmcall");

static const struct row {
	const char *name;
	const struct instruction *instruction;
	bool (*own)(void); /* is it the one of this processor? */
} rows[] = { { "vmcall", &vmcall, vendor_is_intel }, { "vmmcall", &vmmcall, vendor_is_amd } };

/* No hypercall of any KVM. */
#define NUMBER 0x7ffffffeull
#define KVM_EPERM 1
#define KVM_ENOSYS 1000

/* --- the watch --- */

enum { VECTOR_WATCH = 0xd1, LVT_MASKED = BIT(16), DIVIDE_BY_16 = 0x3 };
/* Some 10 to 500 ms at the rates that exist, and how often it may find us at one place. */
enum { WATCH_COUNT = 1000000, WATCH_ROUNDS = 8 };

static u64 watched;
static unsigned int rounds;

static void watch(struct trap_frame *f)
{
	apic_eoi();
	rounds = f->rip == watched ? rounds + 1 : 0;
	watched = f->rip;
	if (rounds == WATCH_ROUNDS)
		f->rip += 3; /* the length of both */
	else /* the whole time again, however long we were away */
		apic_write(APIC_TIMER_INITIAL, WATCH_COUNT);
}

static void watch_begin(void)
{
	rounds = 0;
	watched = 0;
	if (!has_feature(APIC))
		return;
	set_handler(VECTOR_WATCH, watch);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_LVT_TIMER, VECTOR_WATCH);
	apic_write(APIC_TIMER_INITIAL, WATCH_COUNT);
}

static void watch_end(void)
{
	if (!has_feature(APIC))
		return;
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_INITIAL, 0);
}

static void call(const struct row *row, unsigned int cpl)
{
	struct registers r = { NUMBER, 0x1111, 0x2222, 0x3333, 0x4444, RFLAGS_IF };
	struct fault f;

	watch_begin();
	f = perform(row->instruction, cpl, &r);
	cli();
	watch_end();
	if (rounds == WATCH_ROUNDS) {
		expect_failed(EXPECTATION_("the hypercall"), "ends", "does not end");
		return;
	}

	/*
	 * Another hypervisor may have calls of its own.  KVM rewrites the other vendor's
	 * instruction, if it is not told not to (KVM_X86_QUIRK_FIX_HYPERCALL_INSN), and
	 * its emulator, which does that, gives #GP at CPL 3.
	 */
	if (f.vector != VECTOR_NONE && (!hypervisor_is_kvm() || !row->own())) {
		if (!cpl || f.vector != VECTOR_GP)
			EXPECT_REFUSED(UD, row->instruction, cpl, f);
		return;
	}
	if (!EXPECT_NO_FAULT(f) || !hypervisor_is_kvm())
		return;
	EXPECT_EQ(cpl ? -(u64)KVM_EPERM : -(u64)KVM_ENOSYS, r.rax);
	EXPECT_EQ(0x1111, r.rbx);
	EXPECT_EQ(0x2222, r.rcx);
	EXPECT_EQ(0x3333, r.rdx);
	EXPECT_EQ(0x4444, r.rsi);
}

static void calls(unsigned int cpl)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE("instruction=%s", rows[i].name)
			call(&rows[i], cpl);
}

#define WHERE                                                                                      \
	LAW("Documentation/virt/kvm/x86/hypercalls.rst; SDM vol. 3C, VMCALL; APM vol. 3, VMMCALL"), \
	CASES(ARRAY_SIZE(rows))

TEST(hypercall_at_cpl0, "a hypercall of an unknown number ends, refused or with #UD, at CPL 0", WHERE)
{
	calls(0);
}

TEST(hypercall_at_cpl3, "a hypercall of an unknown number ends, refused or with #UD, at CPL 3", WHERE)
{
	calls(3);
}
