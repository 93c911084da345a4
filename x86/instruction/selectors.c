// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program can see of the machine it runs on without asking it: segment
 * selectors and RFLAGS are the guest's own (SDM vol. 2B, MOV and PUSHF).
 */
#include "x86/instruction/perform.h"

INSTRUCTION(read_cs, "xor %eax, %eax; mov %cs, %ax");
INSTRUCTION(read_ss, "xor %eax, %eax; mov %ss, %ax");
INSTRUCTION(read_ds, "xor %eax, %eax; mov %ds, %ax");
INSTRUCTION(read_fs, "xor %eax, %eax; mov %fs, %ax");
INSTRUCTION(push_flags, "pushfq; pop %rax");
INSTRUCTION(pop_flags, "push %rcx; popfq; pushfq; pop %rax");

static const struct {
	const char *name;
	const struct instruction *instruction;
	u16 selector[2]; /* at CPL 0, 3 */
} rows[] = {
	{ "cs", &read_cs, { SELECTOR_CODE64, SELECTOR_USER_CODE64 } },
	{ "ss", &read_ss, { SELECTOR_DATA, SELECTOR_USER_DATA } },
	{ "ds", &read_ds, { SELECTOR_USER_DATA, SELECTOR_USER_DATA } },
	{ "fs", &read_fs, { SELECTOR_USER_DATA, SELECTOR_USER_DATA } },
};

static void selectors(unsigned int cpl)
{
	/* At CPL 3 a segment of CPL 0 would be gone. */
	asm volatile("mov %0, %%ds; mov %0, %%fs" ::"r"(SELECTOR_USER_DATA));
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE("register=%s", rows[i].name) {
			struct registers r = { 0 };

			EXPECT_NO_FAULT(perform(rows[i].instruction, cpl, &r));
			EXPECT_EQ(rows[i].selector[cpl == 3], r.rax);
		}
	asm volatile("mov %0, %%ds; mov %1, %%fs" ::"r"(SELECTOR_DATA), "r"(0));
	wrmsr(MSR_FS_BASE, 0);
}

#define SELECTORS LAW("SDM vol. 2B, MOV"), CASES(ARRAY_SIZE(rows))

TEST(selectors_at_cpl0, "MOV from a segment register gives the guest's selector at CPL 0",
     SELECTORS)
{
	selectors(0);
}

TEST(selectors_at_cpl3, "MOV from a segment register gives the guest's selector at CPL 3",
     SELECTORS)
{
	selectors(3);
}

/* All that PUSHF shows but RF and VM, which are 0 in its image. */
#define SHOWN (STATUS_FLAGS | RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | RFLAGS_NT |        \
	       RFLAGS_RF | RFLAGS_VM | RFLAGS_AC | RFLAGS_ID | RFLAGS_FIXED)

TEST(pushf_at_cpl3, "PUSHF at CPL 3 gives the guest's flags, IF = 0 among them",
     LAW("SDM vol. 2B, PUSHF"), CASES(2))
{
	for (unsigned int set = 0; set < 2; set++)
		CASE("status-flags=%u", set) {
			u64 wanted = RFLAGS_FIXED | (set ? STATUS_FLAGS | RFLAGS_ID : 0);
			struct registers r = { .rflags = wanted };

			EXPECT_NO_FAULT(perform(&push_flags, 3, &r));
			EXPECT_FLAGS(rflags_names, wanted, r.rax & SHOWN);
		}
}

/* With IOPL = 0 < CPL neither IF nor IOPL changes, and nothing faults. */
TEST(popf_at_cpl3, "POPF at CPL 3 with IOPL = 0 changes the status flags but not IF and IOPL",
     LAW("SDM vol. 2B, POPF"), CASES(2))
{
	for (unsigned int set = 0; set < 2; set++)
		CASE("status-flags=%u", set) {
			u64 wanted = RFLAGS_FIXED | (set ? STATUS_FLAGS | RFLAGS_ID : 0);
			struct registers r = { .rcx = wanted | RFLAGS_IF | RFLAGS_IOPL };

			EXPECT_NO_FAULT(perform(&pop_flags, 3, &r));
			EXPECT_FLAGS(rflags_names, wanted, r.rax & SHOWN);
		}
}
