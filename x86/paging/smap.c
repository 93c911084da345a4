// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMAP and accesses that the CPU makes by itself.  They are implicit
 * supervisor-mode accesses whatever the CPL, and RFLAGS.AC does not excuse them
 * (SDM vol. 3A, 4.6.1).  Descriptor loads are in the matrix; here are the IDT
 * during delivery, and the instructions that set AC.
 */
#include "x86/paging/probe.h"

#define VECTOR_TESTED 0x80

/*
 * The IDT's first half stays where it is mapped for the kernel, so that the #PF
 * can be delivered; the gate under test lies on the page under test.
 */
static void split_idt(const struct arena *a)
{
	u64 start = a->place.va - VECTOR_TESTED * sizeof(struct idt_gate);

	memcpy((void *)(ARENA_PAGE_BEFORE + 0x1000 - VECTOR_TESTED * sizeof(struct idt_gate)), idt,
	       VECTOR_TESTED * sizeof(struct idt_gate));
	memcpy((void *)ARENA_PAGE, &idt[VECTOR_TESTED], sizeof(struct idt_gate));
	*(u64 *)a->leaf_before = ARENA_PAGE_BEFORE | (PROBE_RIGHTS & ~(u64)PTE_U);
	load_idt((void *)start, (VECTOR_TESTED + 1) * sizeof(struct idt_gate) - 1);
}

TEST(smap_event_delivery,
     "with SMAP a gate on a user page faults even with AC = 1, as a supervisor-mode read",
     LAW("SDM vol. 3A, 4.6.1"), NEEDS(SMAP), CASES(8))
{
	struct arena a;

	probe_begin(&a);
	set_gate(VECTOR_TESTED, access_int80 + 2, GATE_INTERRUPT | GATE_DPL3, 0);
	for (unsigned int cell = 0; cell < 8; cell++) {
		bool smap = cell & 1, ac = cell & 2, user = cell & 4;

		CASE ("smap=%u,ac=%u,cpl=%u", smap, ac, user ? 3 : 0) {
			struct attempt got = {
				.code = (u64)access_int80 + (user ? a.user_alias : 0),
				.va = a.place.va,
				.rflags = RFLAGS_FIXED | (ac ? RFLAGS_AC : 0),
				.user = user,
			};

			probe_restore(&a);
			split_idt(&a);
			write_cr3(a.root);
			if (smap)
				write_cr4(read_cr4() | CR4_SMAP);
			/* A host that takes the read for an explicit one finds nothing wrong with it. */
			attempt_bounded(&got);
			write_cr4(read_cr4() & ~(u64)CR4_SMAP);
			load_idt(idt, 256 * sizeof(idt[0]) - 1);
			EXPECT_ACCESS(smap ? PF_P : NO_FAULT, got);
		}
	}
	arena_leave(&a);
}

TEST(smap_stac_clac, "STAC lets a supervisor-mode access to a user page pass, CLAC forbids it",
     LAW("SDM vol. 3A, 4.6.1; vol. 2B, STAC"), NEEDS(SMAP))
{
	volatile u64 *user = USER((u64 *)TEST_MEMORY);
	struct fault f;

	write_cr4(read_cr4() | CR4_SMAP);
	f = TRY("stac; movq $1, (%0); clac", : : "r"(user));
	EXPECT_NO_FAULT(f);
	f = TRY("stac; clac; movq $1, (%0)", : : "r"(user));
	if (EXPECT_FAULT(PF, f))
		EXPECT_FLAGS(pf_error_names, PF_P | PF_W, f.error_code);
	write_cr4(read_cr4() & ~(u64)CR4_SMAP);
}
