// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every register that VMRUN loads from the VMCB is L2's, and every one that L2 has
 * changed is in the VMCB after the #VMEXIT.
 */
#include "x86/nested/svm.h"

static u64 read_gdtr_limit(void)
{
	struct table_register r;

	asm volatile("sgdt %0" : "=m"(r));
	return r.limit;
}

static u64 read_idtr_limit(void)
{
	struct table_register r;

	asm volatile("sidt %0" : "=m"(r));
	return r.limit;
}

static u64 read_efer(void)
{
	return rdmsr(MSR_EFER);
}

static void write_gdtr_limit(u64 limit)
{
	load_gdt(gdt, (u16)limit);
}

static void write_idtr_limit(u64 limit)
{
	load_idt(l2_idt, (u16)limit);
}

static void write_efer(u64 value)
{
	wrmsr(MSR_EFER, value);
}

#define SELECTOR(name)                                                                             \
	static u64 read_##name(void)                                                               \
	{                                                                                          \
		u64 value;                                                                         \
		asm volatile("mov %%" #name ", %0" : "=r"(value));                                 \
		return (u16)value;                                                                 \
	}                                                                                          \
	static void write_##name(u64 value)                                                        \
	{                                                                                          \
		asm volatile("mov %0, %%" #name ::"r"(value) : "memory");                          \
	}
SELECTOR(ds)
SELECTOR(es)

/* REGISTER(NAME, field of the VMCB, accessor, what differs from l2_begin()'s) */
#define REGISTERS(REGISTER)                                                                        \
	REGISTER(CR0, save.cr0, cr0, CR0_TS)                                                       \
	REGISTER(CR2, save.cr2, cr2, 0x123456789a)                                                 \
	REGISTER(CR3, save.cr3, cr3, BIT(3) | BIT(4))                                              \
	REGISTER(CR4, save.cr4, cr4, CR4_TSD | CR4_DE)                                             \
	REGISTER(EFER, save.efer, efer, EFER_SCE)                                                  \
	REGISTER(DR6, save.dr6, dr6, DR6_BS | DR6_B0)                                              \
	REGISTER(DR7, save.dr7, dr7, 0xf0000000)                                                   \
	REGISTER(RFLAGS, save.rflags, rflags, RFLAGS_ID | RFLAGS_AC)                               \
	REGISTER(GDTR.limit, save.gdtr.limit, gdtr_limit, 0x10)                                    \
	REGISTER(IDTR.limit, save.idtr.limit, idtr_limit, 0x10)                                    \
	REGISTER(DS, save.ds.selector, ds, SELECTOR_DATA ^ SELECTOR_SPARE)                         \
	REGISTER(ES, save.es.selector, es, SELECTOR_DATA ^ SELECTOR_SPARE)

enum number {
#define REGISTER(name, field, accessor, change) NUMBER_##accessor,
	REGISTERS(REGISTER)
#undef REGISTER
		COUNT
};

static const char *const names[] = {
#define REGISTER(name, field, accessor, change) #name,
	REGISTERS(REGISTER)
#undef REGISTER
};

static u64 in_vmcb(unsigned int number)
{
	switch (number) {
#define REGISTER(name, field, accessor, change)                                                    \
	case NUMBER_##accessor:                                                                    \
		return l2.vmcb->field;
		REGISTERS(REGISTER)
#undef REGISTER
	}
	return 0;
}

static void change_in_vmcb(unsigned int number)
{
	switch (number) {
#define REGISTER(name, field, accessor, change)                                                    \
	case NUMBER_##accessor:                                                                    \
		l2.vmcb->field ^= change;                                                          \
		break;
		REGISTERS(REGISTER)
#undef REGISTER
	}
}

/* --- in L2 --- */

static u64 read_in_l2(u64 number)
{
	switch (number) {
#define REGISTER(name, field, accessor, change)                                                    \
	case NUMBER_##accessor:                                                                    \
		return read_##accessor();
		REGISTERS(REGISTER)
#undef REGISTER
	}
	return 0;
}

static u64 change_in_l2(u64 number)
{
	switch (number) {
#define REGISTER(name, field, accessor, change)                                                    \
	case NUMBER_##accessor:                                                                    \
		write_##accessor(read_##accessor() ^ (change));                                    \
		break;
		REGISTERS(REGISTER)
#undef REGISTER
	}
	return 0;
}

static void begin(void)
{
	l2_begin();
	/* A copy of the data segment's descriptor, for selectors to differ. */
	gdt[SELECTOR_SPARE / 8] = gdt[SELECTOR_DATA / 8];
	l2.vmcb->save.cr2 = 0x5000;
}

/* The status flags are those of whatever L2 has computed. */
static u64 compared(unsigned int number, u64 value)
{
	return number == NUMBER_rflags ? value & (RFLAGS_ID | RFLAGS_AC | RFLAGS_IF | RFLAGS_DF)
				       : value;
}

TEST(vmrun_loads, "VMRUN loads L2's registers from the VMCB, each one",
     LAW("APM vol. 2, VMRUN Instruction, Loading Guest State"), NEEDS(SVM), CASES(COUNT))
{
	for (unsigned int i = 0; i < COUNT; i++)
		CASE ("register=%s", names[i]) {
			u64 wanted, got;

			begin();
			change_in_vmcb(i);
			wanted = in_vmcb(i);
			got = l2_call(read_in_l2, i);
			if (EXPECT_RETURN())
				EXPECT_EQ(compared(i, wanted), compared(i, got));
		}
}

TEST(exit_stores, "a #VMEXIT stores L2's registers in the VMCB, each one",
     LAW("APM vol. 2, #VMEXIT"), NEEDS(SVM), CASES(COUNT))
{
	for (unsigned int i = 0; i < COUNT; i++)
		CASE ("register=%s", names[i]) {
			u64 before;

			begin();
			before = in_vmcb(i);
			l2_call(change_in_l2, i);
			if (!EXPECT_RETURN())
				continue;
			change_in_vmcb(i);
			EXPECT_EQ(compared(i, before), compared(i, in_vmcb(i)));
		}
}

/* CPL is no bit of a selector in the VMCB but a field of its own. */
L2_CODE(enter_kernel, "", "int $0x73", "");
L2_CODE(stay, "", "nop", "");

TEST(exit_stores_cpl, "a #VMEXIT stores the CPL at which L2 was", LAW("APM vol. 2, #VMEXIT"),
     NEEDS(SVM), CASES(3))
{
	CASE ("vmrun=3,exit=3") {
		l2_begin();
		l2_set_cpl(3);
		l2_run_at(stay.begin);
		EXPECT_END(stay);
		EXPECT_EQ(3, l2.vmcb->save.cpl);
	}
	CASE ("vmrun=3,exit=0") {
		l2_begin();
		l2_set_cpl(3);
		l2_run_at(enter_kernel.begin);
		EXPECT_L2_EVENT(0x73);
		EXPECT_EQ(0, l2.vmcb->save.cpl);
	}
	CASE ("vmrun=0,exit=3") {
		l2_begin();
		l2_set_cpl(3);
		l2_run_at(enter_kernel.begin);
		EXPECT_L2_EVENT(0x73);
		/* To the gate's IRETQ, which leads back behind INT at CPL 3. */
		l2_continue();
		EXPECT_EQ(USER_ALIAS + (u64)enter_kernel.end, l2.vmcb->save.rip);
		EXPECT_EQ(3, l2.vmcb->save.cpl);
	}
}
