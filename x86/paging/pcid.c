// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process-context identifiers: what each way to invalidate must reach (SDM vol.
 * 3A, 4.10.4.1), and what INVPCID refuses (vol. 2A, INVPCID).
 */
#include "x86/paging/probe.h"

enum { TYPE_ADDRESS, TYPE_CONTEXT, TYPE_ALL, TYPE_ALL_BUT_GLOBAL, TYPES };

struct descriptor {
	u64 pcid, address;
};

static struct attempt invpcid(u64 type, u64 pcid, u64 address)
{
	struct descriptor d = { pcid, address };
	struct attempt got = {
		.code = (u64)access_invpcid,
		.va = (u64)&d,
		.operand = type,
		.rflags = RFLAGS_FIXED,
	};

	attempt(&got);
	return got;
}

static void remap(const struct arena *a, unsigned int leaf)
{
	*(u64 *)(ARENA_LARGE_PAGE + ARENA_OFFSET) = ARENA_CONTENT(2);
	*probe_entry(a, 1) = a->place.page[leaf] | PROBE_RIGHTS | (*probe_entry(a, 1) & PTE_G);
}

/* Fill the TLB under PCID 1, change the page, invalidate from PCID 2, look from PCID 1. */
static void check_type(struct arena *a, u64 type, bool global)
{
	struct attempt got;

	probe_restore(a);
	remap(a, 1);
	if (global)
		*probe_entry(a, 1) |= PTE_G;
	write_cr4(read_cr4() | CR4_PGE | CR4_PCIDE);
	write_cr3(a->root | 1);
	got = probe(a, CODE_READ, true);
	EXPECT_EQ(ARENA_CONTENT(1), got.result);
	write_cr3(a->root | 2);
	remap(a, 2);
	got = invpcid(type, 1, a->place.va + ARENA_OFFSET);
	EXPECT_EQ("none", vector_name(got.vector));
	write_cr3(a->root | 1 | BIT(63)); /* this alone need not invalidate anything */
	got = probe(a, CODE_READ, true);
	EXPECT_ACCESS(NO_FAULT, got);
	EXPECT_EQ(ARENA_CONTENT(2), got.result);
	invpcid(TYPE_ALL, 0, 0);
	write_cr3(a->root);
	write_cr4(read_cr4() & ~(u64)(CR4_PGE | CR4_PCIDE));
}

TEST(invpcid_reaches, "each type of INVPCID removes what it names",
     LAW("SDM vol. 3A, 4.10.4.1; vol. 2A, INVPCID"), NEEDS(PCID | INVPCID | PGE), CASES(TYPES + 1))
{
	struct arena a;

	probe_begin(&a);
	for (u64 type = 0; type < TYPES; type++)
		CASE ("type=%u,global=0", (unsigned int)type)
			check_type(&a, type, false);
	CASE ("type=%u,global=1", TYPE_ALL)
		check_type(&a, TYPE_ALL, true);
	arena_leave(&a);
}

/* MOV to CR3 without bit 63 invalidates what belongs to the PCID that it loads. */
TEST(cr3_flushes_its_pcid, "MOV to CR3 with bit 63 clear removes the translations of its PCID",
     LAW("SDM vol. 3A, 4.10.4.1"), NEEDS(PCID))
{
	struct attempt got;
	struct arena a;

	probe_begin(&a);
	remap(&a, 1);
	write_cr4(read_cr4() | CR4_PCIDE);
	write_cr3(a.root | 1);
	got = probe(&a, CODE_READ, true);
	EXPECT_EQ(ARENA_CONTENT(1), got.result);
	write_cr3(a.root | 2);
	remap(&a, 2);
	write_cr3(a.root | 1);
	got = probe(&a, CODE_READ, true);
	EXPECT_EQ(ARENA_CONTENT(2), got.result);
	write_cr3(a.root);
	write_cr4(read_cr4() & ~(u64)CR4_PCIDE);
	arena_leave(&a);
}

static const struct {
	const char *name;
	u64 type, pcid, address;
} refused[] = {
	{ "type=4", 4, 0, 0 },
	{ "type=2^63", BIT(63), 0, 0 },
	{ "descriptor[12]=1", TYPE_CONTEXT, BIT(12), 0 },
	{ "descriptor[63]=1", TYPE_CONTEXT, BIT(63), 0 },
	{ "noncanonical", TYPE_ADDRESS, 0, BIT(63) },
	{ "pcid=1,type=0,pcide=0", TYPE_ADDRESS, 1, 0 },
	{ "pcid=1,type=1,pcide=0", TYPE_CONTEXT, 1, 0 },
};

TEST(invpcid_refuses, "INVPCID with a wrong type or descriptor is #GP(0)",
     LAW("SDM vol. 2A, INVPCID"), NEEDS(INVPCID), CASES(ARRAY_SIZE(refused)))
{
	attempt_prepare();
	for (unsigned int i = 0; i < ARRAY_SIZE(refused); i++) {
		CASE ("%s", refused[i].name) {
			struct attempt got =
				invpcid(refused[i].type, refused[i].pcid, refused[i].address);

			EXPECT_EQ("#GP", vector_name(got.vector));
			EXPECT_EQ(0, got.error_code);
		}
	}
}
