// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bits of control registers that paging looks at change under cached
 * translations.  What a TLB entry holds are the flags of the entries (SDM vol.
 * 3A, 4.10.2.2), so that a change has its effect at once, without invalidation.
 * CR4.PKE is not among them: a TLB needs to hold keys only while that is 1.
 */
#include "x86/paging/probe.h"

enum where { IN_CR0, IN_CR4, IN_RFLAGS, IN_PKRU };

static const struct toggle {
	const char *name;
	u64 needs;
	enum where where;
	u64 bit;
	u64 cr4; /* set all along */
	u64 pte; /* the leaf's rights */
	enum access_code code;
	bool user;
	u64 set, clear; /* what happens while the bit is 1, and 0 */
} toggles[] = {
	{ "CR0.WP", 0, IN_CR0, CR0_WP, 0, PTE_P | PTE_A | PTE_D, CODE_WRITE, false, PF_P | PF_W,
	  NO_FAULT },
	{ "CR0.WP,user", 0, IN_CR0, CR0_WP, 0, PTE_P | PTE_U | PTE_A | PTE_D, CODE_WRITE, true,
	  PF_P | PF_W | PF_U, PF_P | PF_W | PF_U },
	{ "CR4.SMAP", SMAP, IN_CR4, CR4_SMAP, 0, PROBE_RIGHTS, CODE_READ, false, PF_P, NO_FAULT },
	{ "CR4.SMAP,write", SMAP, IN_CR4, CR4_SMAP, 0, PROBE_RIGHTS, CODE_WRITE, false, PF_P | PF_W,
	  NO_FAULT },
	{ "CR4.SMAP,user", SMAP, IN_CR4, CR4_SMAP, 0, PROBE_RIGHTS, CODE_READ, true, NO_FAULT,
	  NO_FAULT },
	{ "CR4.SMEP", SMEP, IN_CR4, CR4_SMEP, 0, PROBE_RIGHTS, CODE_FETCH, false, PF_P | PF_I,
	  NO_FAULT },
	{ "CR4.SMEP,user", SMEP, IN_CR4, CR4_SMEP, 0, PROBE_RIGHTS, CODE_FETCH, true, NO_FAULT,
	  NO_FAULT },
	{ "RFLAGS.AC", SMAP, IN_RFLAGS, RFLAGS_AC, CR4_SMAP, PROBE_RIGHTS, CODE_READ, false,
	  NO_FAULT, PF_P },
	{ "PKRU.AD", PKU, IN_PKRU, PKR_AD(1), CR4_PKE, PROBE_RIGHTS | PTE_PKEY(1), CODE_READ, true,
	  PF_P | PF_U | PF_PK, NO_FAULT },
	{ "PKRU.WD", PKU, IN_PKRU, PKR_WD(1), CR4_PKE, PROBE_RIGHTS | PTE_PKEY(1), CODE_WRITE, true,
	  PF_P | PF_W | PF_U | PF_PK, NO_FAULT },
};

static void set_bit(struct arena *a, const struct toggle *t, bool on)
{
	struct paging p = {
		.cr0 = CR0_WP,
		.cr4 = t->cr4,
		.efer = a->base.efer & EFER_NXE,
	};

	if (t->where == IN_CR0)
		p.cr0 = on ? CR0_WP : 0;
	if (t->where == IN_CR4)
		p.cr4 = on ? t->cr4 | t->bit : t->cr4;
	if (t->where == IN_PKRU)
		p.pkru = on ? (u32)t->bit : 0;
	arena_set_registers(a, &p);
}

static void check_toggle(struct arena *a, const struct toggle *t)
{
	probe_restore(a);
	*probe_entry(a, 1) = a->place.page[1] | t->pte;
	write_cr3(a->root);
	/* Often enough that each state follows each, with the translation in use all along. */
	for (unsigned int i = 0; i < 6; i++) {
		bool on = 0x2c >> i & 1;
		struct attempt got = {
			.code = (u64)a->code[t->code] + (t->user ? a->user_alias : 0),
			.va = a->place.va + ARENA_OFFSET,
			.operand = ARENA_CONTENT(1),
			.rflags = RFLAGS_FIXED | (on && t->where == IN_RFLAGS ? t->bit : 0),
			.user = t->user,
		};

		set_bit(a, t, on);
		attempt(&got);
		EXPECT_ACCESS(on ? t->set : t->clear, got);
	}
}

static void not_covered(const struct toggle *t)
{
	char fact[128];
	struct text text = text_into(fact, sizeof(fact));

	machine_missing(&text, t->needs);
	cases_not_covered(1, "%s: %s", t->name, fact);
}

TEST(toggles, "a change of WP, SMAP, SMEP, AC or PKRU is in force at once, without a flush",
     LAW("SDM vol. 3A, 4.6 and 4.10.2.2"), CASES(ARRAY_SIZE(toggles)))
{
	struct arena a;

	probe_begin(&a);
	for (unsigned int i = 0; i < ARRAY_SIZE(toggles); i++) {
		if (toggles[i].needs && !has_feature(toggles[i].needs)) {
			not_covered(&toggles[i]);
			continue;
		}
		CASE ("bit=%s", toggles[i].name)
			check_toggle(&a, &toggles[i]);
	}
	arena_leave(&a);
}

/* A TLB filled while PKE was 0 need hold no keys: a load of CR3 makes the change visible. */
TEST(toggle_pke, "with CR4.PKE = 1 the key of a page counts, with 0 it does not",
     LAW("SDM vol. 3A, 4.6.2 and 4.10.2.2"), NEEDS(PKU), CASES(6))
{
	struct arena a;

	probe_begin(&a);
	*probe_entry(&a, 1) |= PTE_PKEY(1);
	for (unsigned int i = 0; i < 6; i++) {
		bool on = 0x2c >> i & 1;

		CASE ("step=%u,pke=%u", i, on) {
			struct paging p = {
				.cr0 = CR0_WP,
				.cr4 = on ? CR4_PKE : 0,
				.efer = a.base.efer & EFER_NXE,
				.pkru = PKR_AD(1),
			};
			struct attempt got;

			arena_set_registers(&a, &p);
			write_cr3(a.root);
			got = probe(&a, CODE_READ, true);
			EXPECT_ACCESS(on ? PF_P | PF_U | PF_PK : NO_FAULT, got);
			got = probe(&a, CODE_WRITE, false);
			EXPECT_ACCESS(on ? PF_P | PF_W | PF_PK : NO_FAULT, got);
			/* Keys say nothing of fetches. */
			got = probe(&a, CODE_FETCH, true);
			EXPECT_ACCESS(NO_FAULT, got);
		}
	}
	arena_leave(&a);
}

/* NXE decides what bit 63 is, so that its change is made visible by a load of CR3. */
TEST(toggle_nxe, "with EFER.NXE = 0 bit 63 of an entry is reserved, with 1 it forbids fetches",
     LAW("SDM vol. 3A, 4.5 and 4.6.1"), NEEDS(NX), CASES(6))
{
	struct arena a;

	probe_begin(&a);
	*probe_entry(&a, 1) |= PTE_NX;
	for (unsigned int i = 0; i < 6; i++) {
		bool on = 0x2c >> i & 1;

		CASE ("step=%u,nxe=%u", i, on) {
			struct paging p = { .cr0 = CR0_WP, .efer = on ? EFER_NXE : 0 };
			struct attempt got;

			arena_set_registers(&a, &p);
			write_cr3(a.root);
			got = probe(&a, CODE_READ, true);
			EXPECT_ACCESS(on ? NO_FAULT : PF_P | PF_U | PF_RSVD, got);
			got = probe(&a, CODE_FETCH, true);
			EXPECT_ACCESS(on ? PF_P | PF_U | PF_I : PF_P | PF_U | PF_RSVD, got);
		}
	}
	arena_leave(&a);
}
