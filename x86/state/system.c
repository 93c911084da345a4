// SPDX-License-Identifier: GPL-2.0-only
/*
 * System registers: MSRs, control and debug registers, segment bases and limits,
 * the local APIC.  Each is given a value that is not its usual one; after the
 * host captured the vCPU and loaded the capture into a fresh VM it has it still.
 */
#include "x86/boot/x86.h"

#define KERNEL_ADDRESS 0xffff800012345678ull
#define WIDE_SYSENTER 0xffff800076543000ull

static const struct {
	const char *name;
	u32 index;
	u64 value;
	u64 needs; /* a feature without which the MSR may not exist */
} msr[] = {
	{ "STAR", MSR_STAR, 0x0023001000000000, SYSCALL },
	{ "LSTAR", MSR_LSTAR, KERNEL_ADDRESS, SYSCALL },
	{ "CSTAR", MSR_CSTAR, KERNEL_ADDRESS + 8, SYSCALL },
	{ "FMASK", MSR_FMASK, 0x47700, SYSCALL },
	{ "KERNEL_GS_BASE", MSR_KERNEL_GS_BASE, KERNEL_ADDRESS + 16, 0 },
	{ "FS_BASE", MSR_FS_BASE, KERNEL_ADDRESS + 24, 0 },
	{ "GS_BASE", MSR_GS_BASE, KERNEL_ADDRESS + 32, 0 },
	{ "SYSENTER_CS", MSR_SYSENTER_CS, 0x10, SEP },
	{ "SYSENTER_ESP", MSR_SYSENTER_ESP, WIDE_SYSENTER | 40, SEP },
	{ "SYSENTER_EIP", MSR_SYSENTER_EIP, WIDE_SYSENTER | 48, SEP },
	{ "PAT", MSR_PAT, 0x0007010600070106, PAT },
	{ "TSC_AUX", MSR_TSC_AUX, 0x1234567, RDTSCP },
	{ "EFER.SCE", MSR_EFER, EFER_SCE | EFER_LME | EFER_LMA, SYSCALL },
};

TEST(msrs_survive, "model-specific registers are the same after the host saved and moved the vCPU",
     LAW("SDM vol. 4, chapter 2"), ACTIONS(SAVE | RESTORE), CASES(ARRAY_SIZE(msr)))
{
	u64 before[ARRAY_SIZE(msr)];

	for (unsigned int i = 0; i < ARRAY_SIZE(msr); i++) {
		if (!has_feature(msr[i].needs)) {
			char fact[128];
			struct text t = text_into(fact, sizeof(fact));

			machine_missing(&t, msr[i].needs);
			cases_not_covered(1, "%s", fact);
			continue;
		}
		CASE("msr=%s", msr[i].name) {
			u64 value = msr[i].value;

			/* AMD's have 32 bits (APM vol. 2, SYSENTER and SYSEXIT MSRs). */
			if (value >> 12 == WIDE_SYSENTER >> 12 && !vendor_is_intel())
				value = (u32)value;
			before[i] = rdmsr(msr[i].index);
			wrmsr(msr[i].index, value);
			EXPECT_EQ(value, rdmsr(msr[i].index));
			sync(SAVE | RESTORE);
			EXPECT_EQ(value, rdmsr(msr[i].index));
			wrmsr(msr[i].index, before[i]);
		}
	}
}

TEST(cr8_survives, "CR8 is the same after the host saved and moved the vCPU, lowered or raised",
     LAW("SDM vol. 3A, Control Registers, CR8"), ACTIONS(SAVE | RESTORE), CASES(16))
{
	/* By a step that comes from above and from below. */
	for (unsigned int i = 0; i < 16; i++) {
		unsigned int class = i * 7 % 16;

		CASE("cr8=%u", class) {
			write_cr8(class);
			EXPECT_EQ(class, read_cr8());
			sync(SAVE | RESTORE);
			EXPECT_EQ(class, read_cr8());
		}
	}
	write_cr8(0);
}

TEST(tsc_goes_on, "the time-stamp counter does not run backwards over a save and restore",
     LAW("SDM vol. 3B, Time-Stamp Counter"), ACTIONS(SAVE | RESTORE))
{
	for (unsigned int i = 0; i < 4; i++) {
		u64 before = rdtsc();

		sync(SAVE | RESTORE);
		EXPECT(rdtsc() >= before);
	}
}

TEST(control_registers_survive, "CR0, CR2, CR3, CR4 and CR8 survive a save and restore",
     LAW("SDM vol. 3A, Control Registers"), ACTIONS(SAVE | RESTORE))
{
	u64 cr0 = read_cr0() & ~(u64)CR0_AM, cr4 = read_cr4() | CR4_TSD | CR4_DE;
	u64 cr3 = read_cr3() | BIT(3) | BIT(4); /* PWT and PCD */

	write_cr0(cr0 | CR0_TS);
	write_cr2(KERNEL_ADDRESS);
	write_cr3(cr3);
	write_cr4(cr4);
	write_cr8(9);
	sync(SAVE | RESTORE);
	EXPECT_EQ(cr0 | CR0_TS, read_cr0());
	EXPECT_EQ(KERNEL_ADDRESS, read_cr2());
	EXPECT_EQ(cr3, read_cr3());
	EXPECT_EQ(cr4, read_cr4());
	EXPECT_EQ(9, read_cr8());
	write_cr8(0);
}

TEST(debug_registers_survive, "DR0 to DR3, DR6 and DR7 survive a save and restore",
     LAW("SDM vol. 3B, Debug Registers"), ACTIONS(SAVE | RESTORE))
{
	/* DR7: no breakpoint enabled, only lengths and types, so that nothing fires. */
	u64 dr7 = DR7_FIXED | 0xf1d00000;

	write_dr0(0x1000);
	write_dr1(0x2000);
	write_dr2(0x3000);
	write_dr3(KERNEL_ADDRESS);
	write_dr6(DR6_FIXED | DR6_BS | BIT(2));
	write_dr7(dr7);
	sync(SAVE | RESTORE);
	EXPECT_EQ(0x1000, read_dr0());
	EXPECT_EQ(0x2000, read_dr1());
	EXPECT_EQ(0x3000, read_dr2());
	EXPECT_EQ(KERNEL_ADDRESS, read_dr3());
	EXPECT_EQ(DR6_FIXED | DR6_BS | BIT(2), read_dr6());
	EXPECT_EQ(dr7, read_dr7());
}

TEST(descriptor_tables_survive, "GDTR, IDTR, TR and LDTR survive a save and restore",
     LAW("SDM vol. 3A, Memory-Management Registers"), ACTIONS(SAVE | RESTORE))
{
	struct table_register g, i;
	u16 tr, ldtr;

	load_gdt(gdt, 0x6f);
	load_idt(idt, 0xeff);
	sync(SAVE | RESTORE);
	asm volatile("sgdt %0; sidt %1" : "=m"(g), "=m"(i));
	asm volatile("str %0; sldt %1" : "=r"(tr), "=r"(ldtr));
	EXPECT_EQ(gdt, g.base);
	EXPECT_EQ(0x6f, g.limit);
	EXPECT_EQ(idt, i.base);
	EXPECT_EQ(0xeff, i.limit);
	EXPECT_EQ(SELECTOR_TSS, tr);
	EXPECT_EQ(0, ldtr);
}

TEST(apic_registers_survive, "the local APIC's registers survive a save and restore",
     LAW("SDM vol. 3A, Local APIC"), NEEDS(APIC), ACTIONS(SAVE | RESTORE), CASES(5))
{
	static const struct {
		const char *name;
		enum apic_register reg;
		u32 value;
	} row[] = {
		{ "TPR", APIC_TPR, 0x30 },
		{ "SPURIOUS", APIC_SPURIOUS, 0x1ef },
		{ "LVT_TIMER", APIC_LVT_TIMER, 0x10045 },
		{ "LVT_ERROR", APIC_LVT_ERROR, 0x10046 },
		{ "TIMER_DIVIDE", APIC_TIMER_DIVIDE, 0xa },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++)
		CASE("register=%s", row[i].name) {
			apic_write(row[i].reg, row[i].value);
			EXPECT_EQ(row[i].value, apic_read(row[i].reg));
			sync(SAVE | RESTORE);
			EXPECT_EQ(row[i].value, apic_read(row[i].reg));
		}
	apic_write(APIC_TPR, 0);
}
