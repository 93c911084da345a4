// SPDX-License-Identifier: GPL-2.0-only
/*
 * The matrix: every flag of every entry, every bit of CR0, CR4, EFER, RFLAGS
 * and the protection-key registers that paging looks at, every kind of access;
 * each case against the model (lib/x86/paging.h).
 */
#include "x86/paging/matrix.h"

TEST(access_4level,
     "in 4-level paging every access faults, translates and sets A and D as the manual says",
     LAW("SDM vol. 3A, 4.5 to 4.8"), CASES(PAGING_CASES_4LEVEL))
{
	struct arena a;

	arena_init(&a, PAGING_4LEVEL);
	matrix_run(&a, PAGING_ALL_ACCESSES, PAGING_PAIRS_4LEVEL);
}

TEST(access_5level,
     "in 5-level paging every access faults, translates and sets A and D as the manual says",
     LAW("SDM vol. 3A, 4.5 to 4.8"), NEEDS(LA57), CASES(PAGING_CASES_5LEVEL))
{
	struct arena a;

	arena_init(&a, PAGING_5LEVEL);
	matrix_run(&a, PAGING_ALL_ACCESSES, PAGING_PAIRS_5LEVEL);
}

TEST(access_pae,
     "in PAE paging every access faults, translates and sets A and D as the manual says",
     LAW("SDM vol. 3A, 4.4 and 4.6 to 4.8"), CASES(PAGING_CASES_PAE))
{
	struct arena a;

	arena_init_legacy(&a, PAGING_PAE);
	matrix_run(&a, PAGING_ALL_ACCESSES, PAGING_PAIRS_PAE);
}

TEST(access_32bit,
     "in 32-bit paging every access faults, translates and sets A and D as the manual says",
     LAW("SDM vol. 3A, 4.3 and 4.6 to 4.8"), CASES(PAGING_CASES_32BIT))
{
	struct arena a;

	arena_init_legacy(&a, PAGING_32BIT);
	matrix_run(&a, PAGING_ALL_ACCESSES, PAGING_PAIRS_32BIT);
}

/* What KVM and others emulate: the leaves lead to the local APIC's TPR. */
TEST(access_mmio,
     "an access to the local APIC's page faults, translates and sets A and D like one to memory",
     LAW("SDM vol. 3A, 4.5 to 4.8"), CASES(PAGING_CASES_4LEVEL / 4))
{
	struct arena a;

	arena_init(&a, PAGING_4LEVEL);
	arena_use_mmio(&a);
	matrix_run(&a, PAGING_DATA_ACCESSES, PAGING_PAIRS_4LEVEL_DATA);
}

TEST(access_forced,
     "an emulated access faults, translates and sets A and D like one that the CPU executes",
     LAW("SDM vol. 3A, 4.5 to 4.8"), CASES(PAGING_CASES_4LEVEL / 4))
{
	struct arena a;

	need_forced_emulation();
	arena_init(&a, PAGING_4LEVEL);
	a.code = access_forced;
	a.prefix = FORCED_PREFIX_BYTES; /* KVM steps over it before it emulates */
	matrix_run(&a, PAGING_DATA_ACCESSES, PAGING_PAIRS_4LEVEL_DATA);
}

/*
 * Instructions that hosts exit for: their memory operand is read and written by
 * the host.  At CPL 0 only; what IOPL lets CPL 3 do is not paging's matter.
 */
TEST(access_string_io,
     "the memory operand of OUTS and INS faults, translates and sets A and D as the manual says",
     LAW("SDM vol. 3A, 4.5 to 4.8"), CASES(PAGING_CASES_4LEVEL / 8))
{
	struct arena a;

	arena_init(&a, PAGING_4LEVEL);
	a.code = access_string;
	a.string = true;
	matrix_run(&a, PAGING_STRING_ACCESSES, PAGING_PAIRS_4LEVEL_STRING);
}
