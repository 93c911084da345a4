/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a test is declared, and how its declaration lies in a payload image.
 *
 *	TEST(xfd_blocks_tileload,
 *	     "TILELOADD raises #NM and sets XFD_ERR while IA32_XFD[18] = 1",
 *	     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE | XFD), ACTIONS(SAVE | RESTORE))
 *	{
 *		...
 *	}
 *
 * The declaration stands where the test stands; a linker section is the list.
 * The id is the image's area, a slash and the name with dashes for underscores:
 * amx/xfd-blocks-tileload.  Two tests of one name do not link; two of one id or
 * one sentence in any images fail the build (`assay list` checks them).
 */
#ifndef ASSAY_TEST_H
#define ASSAY_TEST_H

#include "lib/base.h"

struct test;

#define CPUS_MAX 4

/*
 * The record of a test as it lies in the image's section TEST_SECTION, the
 * same on every architecture: readers outside find strings through the
 * program headers.  Raise TEST_VERSION with every change.
 */
struct test {
	u64 version_and_size;  /* TEST_VERSION << 32 | sizeof(struct test) */
	const char *area;      /* "paging" */
	const char *name;      /* "smap_implicit_access" */
	const char *sentence;  /* the law in one sentence */
	const char *law;       /* where it stands in the manual */
	const char *fixes;     /* "commit subject\n..." of upstream fixes it guards, or NULL */
	const char *file;      /* where the test stands in the source */
	u64 line;
	u64 needs;   /* enum cpu_feature: all must be there */
	u64 actions; /* enum sync_actions that the host must publish */
	u64 cases;   /* how many cases the whole test has; 0: it is one case itself */
	u32 flags;   /* enum test_flag */
	u32 cpus;    /* how many CPUs its VM must have; 0: one */
	void (*run)(void);
};

#define TEST_VERSION 2
#define TEST_SECTION "assay_tests"

enum test_flag {
	/* Not a law: exercises Assay itself, and runs only when named. */
	TEST_INTERNAL = BIT(0),
	/* Leaves the machine in a state that no other test should see. */
	TEST_FRESH_VM = BIT(1),
	/* A pass counts only if a window() was reported with at least one hit. */
	TEST_HAS_WINDOW = BIT(2),
	/*
	 * Takes the kernel down that it judges, and no kernel is known that it does not:
	 * only where the kernel runs to be judged, or its owner says so.
	 */
	TEST_ENDS_HOST = BIT(3),
	/*
	 * Rests on an interrupt shadow at one boundary: where the processor may forget it, a
	 * failure is believed the third time (harness/lab/relay.c).
	 */
	TEST_NEEDS_SHADOW = BIT(4),
};

#define LAW(citation) .law = citation
#define NEEDS(features) .needs = (features)
#define ACTIONS(set) .actions = (set)
#define CASES(count) .cases = (count)
/* Its VM has so many CPUs, at most CPUS_MAX; a host that cannot makes it a skip. */
#define CPUS(count) .cpus = (count)
#define FLAGS(set) .flags = (set)
/* One or more FIX(), side by side: the commit (at least 12 digits) and its subject. */
#define FIXES(list) .fixes = list
#define FIX(commit, subject) commit " " subject "\n"

#define TEST(name_, sentence_, ...)                                                                \
	static void test_run_##name_(void);                                                        \
	/* Global, so that a second test of this name does not link. */                            \
	extern const struct test test_##name_;                                                     \
	__attribute__((section(TEST_SECTION), used, aligned(8))) const struct test test_##name_ = {            \
		.version_and_size = (u64)TEST_VERSION << 32 | sizeof(struct test),                 \
		.area = ASSAY_AREA,                                                                \
		.name = #name_,                                                                    \
		.sentence = sentence_,                                                             \
		.file = __FILE__,                                                                  \
		.line = __LINE__,                                                                  \
		.run = test_run_##name_,                                                           \
		__VA_ARGS__                                                                        \
	};                                                                                         \
	static void test_run_##name_(void)

#endif
