// SPDX-License-Identifier: GPL-2.0-only
/*
 * Software edits an entry by any instruction that writes memory: whichever it was,
 * the entry counts as it is from the next invalidation on.  A host that keeps page
 * tables from being written carries these instructions out itself.
 */
#include "x86/paging/probe.h"

#define EDIT(name, instruction)                                                                    \
	static void by_##name(u64 *entry, u64 new)                                                 \
	{                                                                                          \
		u64 old = *entry, count = 1;                                                       \
                                                                                                   \
		asm volatile(instruction                                                           \
			     : "+a"(old), "+D"(entry), "+c"(count), "+d"(new)                      \
			     :                                                                     \
			     : "memory", "cc");                                                    \
	}
EDIT(mov, "mov %%rdx, (%%rdi)")
EDIT(mov_32, "mov %%edx, (%%rdi)")
EDIT(mov_8, "mov %%dl, (%%rdi)")
EDIT(xchg, "xchg %%rdx, (%%rdi)")
EDIT(cmpxchg, "lock cmpxchg %%rdx, (%%rdi)")
EDIT(xor, "xor %%rdx, %%rax\n\txor %%rax, (%%rdi)")
EDIT(lock_xor, "xor %%rdx, %%rax\n\tlock xor %%rax, (%%rdi)")
EDIT(lock_and, "lock and %%rdx, (%%rdi)")
EDIT(lock_btr, "xor %%rdx, %%rax\n\tbsf %%rax, %%rax\n\tlock btr %%rax, (%%rdi)")
EDIT(btr, "xor %%rdx, %%rax\n\tbsf %%rax, %%rax\n\tbtr %%rax, (%%rdi)")
EDIT(stos, "mov %%rdx, %%rax\n\tstosq")
EDIT(rep_stos, "mov %%rdx, %%rax\n\trep stosq")
EDIT(push, "mov %%rsp, %%rax\n\tlea 8(%%rdi), %%rsp\n\tpush %%rdx\n\tmov %%rax, %%rsp")

static const struct {
	const char *name;
	void (*edit)(u64 *entry, u64 new);
} edits[] = {
	{ "mov", by_mov },	     { "mov-32", by_mov_32 },	  { "mov-8", by_mov_8 },
	{ "xchg", by_xchg },	     { "cmpxchg", by_cmpxchg },	  { "xor", by_xor },
	{ "lock-xor", by_lock_xor }, { "lock-and", by_lock_and }, { "lock-btr", by_lock_btr },
	{ "btr", by_btr },	     { "stos", by_stos },	  { "rep-stos", by_rep_stos },
	{ "push", by_push },
};

enum { LEVELS = 4 };

TEST(edited_entries,
     "an entry at any level counts as it is after INVLPG, by whatever instruction it was edited",
     LAW("SDM vol. 3A, Invalidation of TLBs and Paging-Structure Caches"),
     CASES(LEVELS *ARRAY_SIZE(edits)))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < LEVELS * ARRAY_SIZE(edits); i++) {
		unsigned int level = i / ARRAY_SIZE(edits) + 1, n = i % ARRAY_SIZE(edits);

		CASE ("level=%u,by=%s", level, edits[n].name) {
			u64 *entry = probe_entry(&a, level), good;
			struct attempt got;

			probe_restore(&a);
			good = *entry;
			got = probe(&a, CODE_WRITE, false);
			EXPECT_ACCESS(NO_FAULT, got);
			edits[n].edit(entry, good & ~(u64)PTE_P);
			EXPECT_EQ(good & ~(u64)PTE_P, *entry);
			invlpg(a.place.va);
			got = probe(&a, CODE_WRITE, false);
			EXPECT_ACCESS(PF_W, got);
		}
	}
	arena_leave(&a);
}
