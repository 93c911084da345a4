// SPDX-License-Identifier: GPL-2.0-only
/*
 * As save-l1.c, for L1's segment and table registers: what VMRUN saved of them comes
 * back at a #VMEXIT in another VM, and RIP and RAX with them.
 */
#include "x86/nested/svm.h"

static u64 only_move(u64 argument)
{
	l2_move();
	return argument + 1;
}

#define SELECTOR(name)                                                                             \
	static u64 read_##name(void)                                                               \
	{                                                                                          \
		u64 value;                                                                         \
		asm volatile("mov %%" #name ", %0" : "=r"(value));                                 \
		return (u16)value;                                                                 \
	}
SELECTOR(cs)
SELECTOR(ss)
SELECTOR(ds)
SELECTOR(es)

static u64 read_gdtr_limit(void)
{
	struct table_register r;

	asm volatile("sgdt %0" : "=m"(r));
	return r.limit;
}

static u64 read_gdtr_base(void)
{
	struct table_register r;

	asm volatile("sgdt %0" : "=m"(r));
	return r.base;
}

static u64 read_idtr_limit(void)
{
	struct table_register r;

	asm volatile("sidt %0" : "=m"(r));
	return r.limit;
}

static const struct {
	const char *name;
	u64 (*read)(void);
} rows[] = {
	{ "CS", read_cs },
	{ "SS", read_ss },
	{ "DS", read_ds },
	{ "ES", read_es },
	{ "GDTR.limit", read_gdtr_limit },
	{ "GDTR.base", read_gdtr_base },
	{ "IDTR.limit", read_idtr_limit },
	{ "CR8", read_cr8 },
};

static u64 gdt_of_l2[16] __attribute__((aligned(16)));

TEST(l1_segments_across_save,
     "a #VMEXIT in a fresh VM restores L1's segment and table registers, RAX and CR8",
     LAW("APM vol. 2, VMRUN Instruction, Saving Host State; #VMEXIT"), NEEDS(SVM | APIC),
     ACTIONS(SAVE | RESTORE), CASES(ARRAY_SIZE(rows) + 1))
{
	u64 before[ARRAY_SIZE(rows)];

	/* Once: what a case leaves wrong is not what the next one begins with. */
	for (unsigned int n = 0; n < ARRAY_SIZE(rows); n++)
		before[n] = rows[n].read();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows) + 1; i++)
		CASE ("register=%s", i < ARRAY_SIZE(rows) ? rows[i].name : "RAX") {
			l2_begin();
			memcpy(gdt_of_l2, gdt, sizeof(gdt_of_l2));
			gdt_of_l2[SELECTOR_SPARE / 8] = gdt[SELECTOR_DATA / 8];
			l2.vmcb->save.gdtr.base = (u64)gdt_of_l2;
			l2.vmcb->save.gdtr.limit = 0x6f;
			l2.vmcb->save.idtr.limit = 0xeff;
			l2.vmcb->save.ds.selector = SELECTOR_SPARE;
			l2.vmcb->save.es = (struct vmcb_segment){ 0 };
			l2.vmcb->save.ss.selector = SELECTOR_SPARE;
			l2_call(only_move, 0);
			ASSERT_MOVED();
			EXPECT_RETURN();
			if (i < ARRAY_SIZE(rows))
				EXPECT_EQ(before[i], rows[i].read());
			else
				EXPECT_EQ((u64)l2.vmcb, l2.l1.rax);
		}
}
