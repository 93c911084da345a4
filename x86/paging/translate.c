// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's own walk of the guest's page tables, by which it reads the operands
 * of what it emulates, must find what the processor's walk finds (SDM vol. 3A,
 * 4.5).  It walks as for a read at CPL 0, so that W, U and NX do not matter; a
 * host whose walk is a debugger's is not asked about reserved bits.
 */
#include "x86/paging/probe.h"

/* Entries of a chain down to a leaf, one of them changed. */
static const struct chain {
	const char *name;
	unsigned int leaf;
	u64 offset; /* in the page */
	unsigned int level; /* of the entry that is changed; 0: none is */
	u64 set, clear;
} chains[] = {
	{ "4k", 1, 0, 0, 0, 0 },
	{ "4k,offset=0xfff", 1, 0xfff, 0, 0, 0 },
	{ "4k,pte.P=0", 1, 0x6a8, 1, 0, PTE_P },
	{ "4k,pde.P=0", 1, 0x6a8, 2, 0, PTE_P },
	{ "4k,pdpte.P=0", 1, 0x6a8, 3, 0, PTE_P },
	{ "4k,pml4e.P=0", 1, 0x6a8, 4, 0, PTE_P },
	{ "4k,pte.W=0", 1, 0x6a8, 1, 0, PTE_W },
	{ "4k,pml4e.W=0", 1, 0x6a8, 4, 0, PTE_W },
	{ "4k,pte.U=0", 1, 0x6a8, 1, 0, PTE_U },
	{ "4k,pml4e.U=0", 1, 0x6a8, 4, 0, PTE_U },
	{ "4k,pte.NX=1", 1, 0x6a8, 1, PTE_NX, 0 },
	{ "4k,pml4e.NX=1", 1, 0x6a8, 4, PTE_NX, 0 },
	{ "4k,pte.A=0,D=0", 1, 0x6a8, 1, 0, PTE_A | PTE_D },
	{ "4k,pte.PAT=1", 1, 0x6a8, 1, PTE_PAT, 0 },
	{ "4k,pte.G=1", 1, 0x6a8, 1, PTE_G, 0 },
	{ "4k,pte[58:52]=0x7f", 1, 0x6a8, 1, BITS(58, 52), 0 },
	{ "2m", 2, 0x1236a8, 0, 0, 0 },
	{ "2m,offset=0x1fffff", 2, 0x1fffff, 0, 0, 0 },
	{ "2m,pde.P=0", 2, 0x1236a8, 2, 0, PTE_P },
	{ "2m,pdpte.P=0", 2, 0x1236a8, 3, 0, PTE_P },
	{ "2m,pde.U=0", 2, 0x1236a8, 2, 0, PTE_U },
	{ "2m,pde.PAT=1", 2, 0x1236a8, 2, PTE_PAT_LARGE, 0 },
	{ "1g", 3, 0x123456a8, 0, 0, 0 },
	{ "1g,offset=0x3fffffff", 3, 0x3fffffff, 0, 0, 0 },
	{ "1g,pdpte.P=0", 3, 0x123456a8, 3, 0, PTE_P },
	{ "1g,pml4e.P=0", 3, 0x123456a8, 4, 0, PTE_P },
	{ "1g,pdpte.PAT=1", 3, 0x123456a8, 3, PTE_PAT_LARGE, 0 },
};

static u64 read_memory(void *context, u64 address)
{
	(void)context;
	return *(const volatile u64 *)address;
}

static struct paging as_now(const struct arena *a)
{
	return (struct paging){
		.mode = PAGING_4LEVEL,
		.maxphyaddr = a->cpu.maxphyaddr,
		.pdpe1gb = a->cpu.pdpe1gb,
		.cr0 = CR0_WP,
		.cr3 = a->root,
		.efer = a->now.efer,
		.read_entry = read_memory,
	};
}

static u64 model_translate(const struct arena *a, u64 va)
{
	const struct paging_access access = { .va = va, .bytes = 1, .kind = PAGING_READ };
	struct paging p = as_now(a);
	struct paging_walk walk;

	paging_walk(&p, &access, &walk);
	return walk.vector == VECTOR_NONE ? walk.physical : SYNC_NO_TRANSLATION;
}

static void set_chain(struct arena *a, const struct chain *c)
{
	probe_restore(a);
	if (c->leaf > 1)
		*probe_entry(a, c->leaf) = a->place.page[c->leaf] | PROBE_RIGHTS | PTE_PS;
	if (c->level)
		*probe_entry(a, c->level) = (*probe_entry(a, c->level) | c->set) & ~c->clear;
	write_cr3(a->root);
}

/* Not "got" alone: a translation where there should be none reads best as such. */
static void expect_translation(const struct expectation *e, u64 wanted, u64 got)
{
	char text[2][24];
	const u64 value[2] = { wanted, got };

	if (wanted == got)
		return;
	for (int i = 0; i < 2; i++) {
		struct text t = text_into(text[i], sizeof(text[i]));

		if (value[i] == SYNC_NO_TRANSLATION)
			text_add(&t, "no translation");
		else
			text_add(&t, "%#llx", (unsigned long long)value[i]);
	}
	expect_failed(e, text[0], text[1]);
}

static void check_chain(struct arena *a, const struct chain *c, bool strict)
{
	u64 va = a->place.va + c->offset;
	const struct sync_reply *reply;

	set_chain(a, c);
	reply = sync(TRANSLATE, .translate = { .gva = va, .strict = strict });
	expect_translation(EXPECTATION_("gpa"), model_translate(a, va),
			   sync_value(reply, TRANSLATE));
}

/* The missing feature that a chain needs, or 0. */
static u64 chain_needs(const struct arena *a, const struct chain *c)
{
	return c->leaf == 3 && !a->cpu.pdpe1gb ? PDPE1GB : c->set & PTE_NX && !a->cpu.nx ? NX : 0;
}

static void not_covered(const char *name, u64 feature)
{
	char fact[128];
	struct text text = text_into(fact, sizeof(fact));

	machine_missing(&text, feature);
	cases_not_covered(1, "%s: %s", name, fact);
}

TEST(host_walk_agrees, "the host finds the guest-physical address that the guest's tables give",
     LAW("SDM vol. 3A, 4.5; Documentation/virt/kvm/api.rst, KVM_TRANSLATE"), ACTIONS(TRANSLATE),
     CASES(ARRAY_SIZE(chains)))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(chains); i++) {
		u64 missing = chain_needs(&a, &chains[i]);

		if (missing) {
			not_covered(chains[i].name, missing);
			continue;
		}
		CASE ("page=%s", chains[i].name)
			check_chain(&a, &chains[i], false);
	}
	arena_leave(&a);
}

/* An entry and the leaf below or at it. */
static const struct place {
	const char *name;
	unsigned int level, leaf;
} places[] = {
	{ "pte", 1, 1 },   { "pde", 2, 1 },   { "pde-2m", 2, 2 },
	{ "pdpte", 3, 1 }, { "pml4e", 4, 1 }, { "pdpte-1g", 3, 3 },
};

/* Returns how many cases it had. */
static u64 check_place(struct arena *a, const struct place *place, u64 reserved)
{
	u64 cases = 0;

	for (unsigned int bit = 0; bit < 64; bit++) {
		const struct chain c = {
			place->name, place->leaf, 0x6a8, place->level, BIT(bit), 0
		};

		if (!(reserved & BIT(bit)))
			continue;
		cases++;
		CASE ("entry=%s,bit=%u", place->name, bit)
			check_chain(a, &c, true);
	}
	return cases;
}

TEST(host_walk_reserved_bits, "the host finds no address behind an entry with a reserved bit",
     LAW("SDM vol. 3A, 4.5 and 4.7; Documentation/virt/kvm/api.rst, KVM_TRANSLATE"),
     ACTIONS(TRANSLATE), CASES(ARRAY_SIZE(places) * 64))
{
	u64 reserved, cases = 0;
	struct paging p;
	struct arena a;

	probe_begin(&a);
	p = as_now(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++) {
		reserved = paging_reserved(&p, places[i].level,
					   places[i].leaf == places[i].level ? PTE_PS : 0);
		if (places[i].leaf == 3 && !a.cpu.pdpe1gb)
			continue; /* PS itself is reserved: `pdpte` has it */
		cases += check_place(&a, &places[i], reserved);
	}
	/* How many bits are reserved depends on MAXPHYADDR. */
	cases_planned(cases);
	arena_leave(&a);
}
