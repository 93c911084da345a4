// SPDX-License-Identifier: GPL-2.0-only
/*
 * x2APIC mode: the local APIC's registers as MSRs (SDM vol. 3A, Extended XAPIC
 * (x2APIC)).  The mode is left by way of the disabled state; the page of registers is
 * the host's meanwhile, so that nothing here touches it.
 */
#include "x86/boot/x86.h"

#define VECTOR 0xa7

enum { BASE_EXTD = BIT(10), BASE_ENABLED = BIT(11) };
enum { X2_SELF_IPI = 0x83f, X2_ICR = 0x830, APIC_ENABLED = BIT(8) };

static u32 x2(enum apic_register reg)
{
	return 0x800 + reg / 16;
}

static struct fault try_wrmsr(u32 msr, u64 value)
{
	return TRY("wrmsr", : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

static struct fault try_rdmsr(u32 msr)
{
	u32 low, high;

	return TRY("rdmsr", : "=a"(low), "=d"(high) : "c"(msr));
}

static unsigned int taken;

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	taken++;
	wrmsr(x2(APIC_EOI), 0);
}

static void enter(void)
{
	if (!has_feature(X2APIC))
		skip("the CPU has no x2APIC mode");
	set_handler(VECTOR, on_interrupt);
	taken = 0;
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | BASE_EXTD);
	wrmsr(x2(APIC_SPURIOUS), 0xff | APIC_ENABLED);
}

static void leave(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) & ~(u64)(BASE_EXTD | BASE_ENABLED);

	wrmsr(MSR_APIC_BASE, base);
	wrmsr(MSR_APIC_BASE, base | BASE_ENABLED);
	apic_write(APIC_SPURIOUS, 0xff | APIC_ENABLED);
	apic_write(APIC_LVT_LINT1, 0x400);
}

static bool requested(u32 vector)
{
	return rdmsr(x2(APIC_IRR) + vector / 32) >> vector % 32 & 1;
}

/* Exits with interrupts on, where some hosts deliver. */
static void take(void)
{
	sti();
	for (unsigned int i = 0; i < 4; i++)
		inb(0x80);
	cli();
}

static const struct {
	const char *name;
	enum apic_register reg;
	u64 value;
} kept[] = {
	{ "TPR", APIC_TPR, 0x30 },
	{ "SPURIOUS", APIC_SPURIOUS, 0x1fe },
	{ "LVT_TIMER", APIC_LVT_TIMER, 0x10045 },
	{ "LVT_LINT0", APIC_LVT_LINT0, 0x10046 },
	{ "LVT_LINT1", APIC_LVT_LINT1, 0x10400 },
	{ "LVT_ERROR", APIC_LVT_ERROR, 0x10047 },
	{ "TIMER_DIVIDE", APIC_TIMER_DIVIDE, 0xa },
};

TEST(x2apic_registers,
     "in x2APIC mode the local APIC's registers are MSRs that keep what is written",
     LAW("SDM vol. 3A, x2APIC Register Address Space"), NEEDS(APIC), FLAGS(TEST_FRESH_VM),
     CASES(ARRAY_SIZE(kept)))
{
	enter();
	for (unsigned int i = 0; i < ARRAY_SIZE(kept); i++)
		CASE ("register=%s", kept[i].name) {
			u64 before = rdmsr(x2(kept[i].reg));

			wrmsr(x2(kept[i].reg), kept[i].value);
			EXPECT_EQ(kept[i].value, rdmsr(x2(kept[i].reg)));
			wrmsr(x2(kept[i].reg), before);
		}
	leave();
}

TEST(x2apic_ids, "in x2APIC mode the logical ID follows from the ID, and neither can be written",
     LAW("SDM vol. 3A, Logical x2APIC ID"), NEEDS(APIC), FLAGS(TEST_FRESH_VM), CASES(3))
{
	u64 id;

	enter();
	id = rdmsr(x2(APIC_ID));
	CASE ("register=LDR,read")
		EXPECT_EQ((id >> 4) << 16 | BIT(id & 15), rdmsr(x2(APIC_LDR)));
	CASE ("register=LDR,write")
		EXPECT_FAULT(GP, try_wrmsr(x2(APIC_LDR), 0x55));
	CASE ("register=ID,write")
		EXPECT_FAULT(GP, try_wrmsr(x2(APIC_ID), id));
	leave();
}

static const struct {
	const char *name;
	u32 msr;
	u64 value;
	bool refused;
} writes[] = {
	{ "EOI=0", 0x80b, 0, false },
	{ "EOI=1", 0x80b, 1, true },
	{ "ESR=0", 0x828, 0, false },
	{ "ESR=1", 0x828, 1, true },
	{ "SELF_IPI[8]", X2_SELF_IPI, BIT(8) | VECTOR, true },
	{ "SELF_IPI[18]", X2_SELF_IPI, BIT(18) | VECTOR, true },
	{ "TPR[8]", 0x808, BIT(8), true },
	{ "TPR[32]", 0x808, BIT(32), true },
	{ "IRR", 0x820, 0, true },
	{ "ISR", 0x810, 0, true },
	{ "VERSION", 0x803, 0, true },
	{ "DFR", 0x80e, 0xffffffff, true },
	{ "ICR_HIGH", 0x831, 0, true },
};

TEST(x2apic_refuses,
     "in x2APIC mode a write of a reserved bit or to a read-only register is #GP(0)",
     LAW("SDM vol. 3A, x2APIC Register Address Space; Reserved Bit Checking"), NEEDS(APIC),
     FLAGS(TEST_FRESH_VM), CASES(ARRAY_SIZE(writes)))
{
	enter();
	for (unsigned int i = 0; i < ARRAY_SIZE(writes); i++)
		CASE ("%s", writes[i].name) {
			struct fault f = try_wrmsr(writes[i].msr, writes[i].value);

			if (writes[i].refused)
				EXPECT_FAULT(GP, f);
			else
				EXPECT_NO_FAULT(f);
		}
	leave();
}

TEST(x2apic_reads, "in x2APIC mode a read of a register that is not there is #GP(0)",
     LAW("SDM vol. 3A, x2APIC Register Address Space"), NEEDS(APIC), FLAGS(TEST_FRESH_VM), CASES(5))
{
	static const struct {
		const char *name;
		u32 msr;
		bool there;
	} reads[] = { { "ID", 0x802, true },
		      { "VERSION", 0x803, true },
		      { "ICR", 0x830, true },
		      { "DFR", 0x80e, false },
		      { "ICR_HIGH", 0x831, false } };

	enter();
	for (unsigned int i = 0; i < ARRAY_SIZE(reads); i++)
		CASE ("register=%s", reads[i].name) {
			if (reads[i].there)
				EXPECT_NO_FAULT(try_rdmsr(reads[i].msr));
			else
				EXPECT_FAULT(GP, try_rdmsr(reads[i].msr));
		}
	leave();
}

static const struct {
	const char *name;
	u32 msr;
	u64 value;
	bool arrives;
} sends[] = {
	{ "SELF_IPI", X2_SELF_IPI, VECTOR, true },
	{ "ICR,shorthand=self", X2_ICR, 1 << 18 | VECTOR, true },
	{ "ICR,shorthand=all", X2_ICR, 2 << 18 | VECTOR, true },
	{ "ICR,shorthand=all-but-self", X2_ICR, 3 << 18 | VECTOR, false },
	{ "ICR,to=0", X2_ICR, VECTOR, true },
	{ "ICR,to=1000000h", X2_ICR, 0x1000000ull << 32 | VECTOR, false },
	{ "ICR,to=100h", X2_ICR, 0x100ull << 32 | VECTOR, false },
	{ "ICR,to=ffffffffh", X2_ICR, 0xffffffffull << 32 | VECTOR, true },
	{ "ICR,logical=1", X2_ICR, 1ull << 32 | BIT(11) | VECTOR, true },
	{ "ICR,logical=3", X2_ICR, 3ull << 32 | BIT(11) | VECTOR, true },
	{ "ICR,logical=2", X2_ICR, 2ull << 32 | BIT(11) | VECTOR, false },
	{ "ICR,logical=10001h", X2_ICR, 0x10001ull << 32 | BIT(11) | VECTOR, false },
};

TEST(x2apic_sends, "in x2APIC mode an IPI goes to the 32 bits of its destination",
     LAW("SDM vol. 3A, x2APIC Interrupt Command Register; SELF IPI Register"), NEEDS(APIC),
     FLAGS(TEST_FRESH_VM), CASES(ARRAY_SIZE(sends)))
{
	enter();
	for (unsigned int i = 0; i < ARRAY_SIZE(sends); i++)
		CASE ("by=%s", sends[i].name) {
			taken = 0;
			wrmsr(sends[i].msr, sends[i].value);
			EXPECT_EQ(sends[i].arrives, requested(VECTOR));
			take();
			EXPECT_EQ(sends[i].arrives, taken);
			if (sends[i].msr == X2_ICR)
				EXPECT_EQ(sends[i].value, rdmsr(X2_ICR));
		}
	leave();
}

TEST(x2apic_modes,
     "x2APIC mode is entered from xAPIC mode and left to the disabled state, and no other way",
     LAW("SDM vol. 3A, x2APIC State Transitions"), NEEDS(APIC), FLAGS(TEST_FRESH_VM), CASES(4))
{
	u64 base;

	enter();
	base = rdmsr(MSR_APIC_BASE) & ~(u64)(BASE_EXTD | BASE_ENABLED);
	CASE ("x2apic-to-xapic")
		EXPECT_FAULT(GP, try_wrmsr(MSR_APIC_BASE, base | BASE_ENABLED));
	CASE ("x2apic-to-invalid")
		EXPECT_FAULT(GP, try_wrmsr(MSR_APIC_BASE, base | BASE_EXTD));
	CASE ("reserved-bit")
		EXPECT_FAULT(GP,
			     try_wrmsr(MSR_APIC_BASE, base | BASE_ENABLED | BASE_EXTD | BIT(0)));
	CASE ("disabled-to-x2apic") {
		wrmsr(MSR_APIC_BASE, base);
		EXPECT_FAULT(GP, try_wrmsr(MSR_APIC_BASE, base | BASE_ENABLED | BASE_EXTD));
		wrmsr(MSR_APIC_BASE, base | BASE_ENABLED);
		wrmsr(MSR_APIC_BASE, base | BASE_ENABLED | BASE_EXTD);
	}
	leave();
}

TEST(x2apic_across_save,
     "x2APIC mode and its registers move to a fresh VM, and an IPI that waits with them",
     LAW("SDM vol. 3A, Extended XAPIC (x2APIC); KVM api.rst, KVM_SET_LAPIC"), NEEDS(APIC),
     FLAGS(TEST_FRESH_VM), ACTIONS(SAVE | RESTORE))
{
	enter();
	wrmsr(x2(APIC_LVT_ERROR), 0x10047);
	wrmsr(X2_SELF_IPI, VECTOR);
	wrmsr(X2_ICR, 0x123ull << 32 | VECTOR);
	sync(SAVE | RESTORE);
	EXPECT_EQ(BASE_EXTD | BASE_ENABLED, rdmsr(MSR_APIC_BASE) & (BASE_EXTD | BASE_ENABLED));
	EXPECT_EQ(0x10047, rdmsr(x2(APIC_LVT_ERROR)));
	EXPECT_EQ(0x123ull << 32 | VECTOR, rdmsr(X2_ICR));
	EXPECT_EQ(true, requested(VECTOR));
	take();
	EXPECT_EQ(1, taken);
	leave();
}
