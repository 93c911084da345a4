// SPDX-License-Identifier: GPL-2.0-only
/*
 * Has the default walk of the matrix the power to notice?  Each mutant is a
 * hypervisor with one mistake, made from the model by changing what it sees or
 * what it says.  In at least one case of the pairwise walk it must answer
 * differently from the model, or a real subject with that mistake would pass.
 */
#include "lib/t/tap.h"
#include "lib/x86/t/world.h"

static const struct paging_place place = {
	.va = 0x8000000000,
	.table = { 0, 0x1000, 0x2000, 0x3000, 0x4000, 0x5000 },
	.page = { 0, 0x10000, 0x400000, 0x40000000 },
	.offset = { 0, 0x6a8, 0x1456a8, 0x312346a8 },
};

/* A case as a mutant sees it: the true setup, and its own mistakes in memory and answer. */
struct subject {
	struct paging_setup setup;
	u64 strip, add; /* of every entry read */
	unsigned int only; /* level of entries to which those apply; 0: all */
	struct paging_walk walk;
};

static u64 read_entry(void *context, u64 address)
{
	struct subject *s = context;
	unsigned int level = address >> 12;
	/* A mutant that takes a page for a table reads there what it likes. */
	u64 entry = level <= PAGING_LEVELS_MAX ? s->setup.entry[level] : 0;

	if (!s->only || s->only == level)
		entry = (entry & ~s->strip) | s->add;
	return entry;
}

/* What a subject does before and after the model's walk. */
struct mutant {
	const char *name;
	u64 modes;
	void (*before)(struct subject *s, u64 c);
	void (*after)(struct subject *s, u64 c);
};

#define MODES64 (BIT(PAGING_4LEVEL) | BIT(PAGING_5LEVEL))
/* 5-level pairs are about the root alone: what is not, 4-level paging notices. */
#define MODES_NOT5 (MODES_ALL & ~BIT(PAGING_5LEVEL))
#define MODES_PAE64 (MODES64 | BIT(PAGING_PAE))
#define MODES_ALL (MODES_PAE64 | BIT(PAGING_32BIT))

#define MISTAKE(name, statement)                                                                   \
	static void name(struct subject *s, u64 c)                                                 \
	{                                                                                          \
		struct paging *p = &s->setup.paging;                                               \
		struct paging_access *a = &s->setup.access;                                        \
		struct paging_walk *w = &s->walk;                                                  \
		struct paging_step *leaf = &w->step[w->steps ? w->steps - 1 : 0];                  \
		(void)c, (void)p, (void)a, (void)w, (void)leaf;                                    \
		statement;                                                                         \
	}

/* Registers and accesses taken wrongly */
MISTAKE(wp_off, p->cr0 = 0)
MISTAKE(wp_on, p->cr0 = CR0_WP)
MISTAKE(no_smep, p->cr4 &= ~(u64)CR4_SMEP)
MISTAKE(no_smap, p->cr4 &= ~(u64)CR4_SMAP)
MISTAKE(no_ac, p->rflags = 0)
MISTAKE(ac_always, p->rflags = RFLAGS_AC)
MISTAKE(implicit_as_explicit, a->user &= !a->implicit; a->implicit = false)
MISTAKE(implicit_as_user, a->implicit = false)
MISTAKE(smap_on_user, if (a->user && p->cr4 & CR4_SMAP) a->user = false)
MISTAKE(no_pke, p->cr4 &= ~(u64)CR4_PKE)
MISTAKE(pke_always, p->cr4 |= CR4_PKE)
MISTAKE(no_pks, p->cr4 &= ~(u64)CR4_PKS)
MISTAKE(pkru_as_pkrs, p->pkrs = p->pkru)
MISTAKE(no_wd, p->pkru &= ~PKR_WD(1))
MISTAKE(key_zero, s->strip = PTE_PKEY(15))
MISTAKE(no_pse, p->cr4 &= ~(u64)CR4_PSE)
MISTAKE(pse_always, p->cr4 |= CR4_PSE)
MISTAKE(no_gb_pages, p->pdpe1gb = false)
MISTAKE(nxe_always, p->efer = EFER_NXE)
MISTAKE(nxe_never, p->efer = 0)
MISTAKE(locked_as_read, if (paging_access_info[PAGING_ACCESS(c)].locked) a->kind = PAGING_READ)
/* Entries taken wrongly: a flag unseen at every level, or at one */
MISTAKE(no_nx, s->strip = PTE_NX)
MISTAKE(w_always, s->add = PTE_W)
MISTAKE(u_always, s->add = PTE_U)
MISTAKE(root_u_always, s->add = PTE_U; s->only = s->setup.levels)
MISTAKE(root_w_always, s->add = PTE_W; s->only = s->setup.levels)
MISTAKE(root_nx_unseen, s->strip = PTE_NX; s->only = s->setup.levels)
MISTAKE(pde_u_always, s->add = PTE_U; s->only = 2)
MISTAKE(pde_w_always, s->add = PTE_W; s->only = 2)
MISTAKE(pdpte_w_always, s->add = PTE_W; s->only = 3)
MISTAKE(pte_p_always, s->add = PTE_P; s->only = 1)
MISTAKE(wide_addresses, p->maxphyaddr = 52)
MISTAKE(one_bit_wider, p->maxphyaddr++)
MISTAKE(low_reserved_unseen, if (PAGING_LEAF(c) > 1) s->strip = BITS(29, 13);
	s->only = PAGING_LEAF(c))
MISTAKE(root_ps_unseen, s->strip = PTE_PS; s->only = s->setup.levels)
MISTAKE(ignored_bits_reserved, if (s->setup.entry[1] & BITS(11, 9)) s->add = BIT(51))
MISTAKE(high_ignored_reserved, if (s->setup.entry[2] & BITS(58, 52)) s->add = BIT(51))
/* Answers given wrongly */
MISTAKE(no_p_flag, w->error_code &= ~(u64)PF_P)
MISTAKE(no_w_flag, w->error_code &= ~(u64)PF_W)
MISTAKE(no_u_flag, w->error_code &= ~(u64)PF_U)
MISTAKE(no_rsvd_flag, w->error_code &= ~(u64)PF_RSVD)
MISTAKE(no_i_flag, w->error_code &= ~(u64)PF_I)
MISTAKE(i_flag_always, if (w->vector == VECTOR_PF && a->kind == PAGING_FETCH) w->error_code |= PF_I)
MISTAKE(i_flag_by_nxe_only, if (!(p->efer & EFER_NXE)) w->error_code &= ~(u64)PF_I)
MISTAKE(no_pk_flag, w->error_code &= ~(u64)PF_PK)
MISTAKE(cr2_of_page, w->cr2 &= ~0xfffull)
MISTAKE(cr2_of_first_byte, if (w->vector == VECTOR_PF) w->cr2 = a->va)
MISTAKE(accessed_unset, leaf->must_set &= ~(u64)PTE_A)
MISTAKE(upper_accessed_unset, w->step[0].must_set = 0)
MISTAKE(dirty_unset, leaf->must_set &= ~(u64)PTE_D)
MISTAKE(dirty_on_read, if (w->vector == VECTOR_NONE) leaf->must_set |= PTE_D)
MISTAKE(dirty_on_fault, if (w->vector == VECTOR_PF && w->page_bytes) leaf->must_set |= PTE_D)
MISTAKE(accessed_without_translation, if (!(leaf->entry & PTE_P)) leaf->must_set |= PTE_A)
MISTAKE(page_of_wrong_size, if (w->page_bytes > 0x1000) w->physical ^= 0x200000)

#define BEFORE(modes_, name_)                                                                      \
	{                                                                                          \
		.name = #name_, .modes = modes_, .before = name_                                   \
	}
#define AFTER(modes_, name_)                                                                       \
	{                                                                                          \
		.name = #name_, .modes = modes_, .after = name_                                    \
	}
static const struct mutant mutants[] = {
	BEFORE(MODES_ALL, wp_off),
	BEFORE(MODES_ALL, wp_on),
	BEFORE(MODES_ALL, no_smep),
	BEFORE(MODES_ALL, no_smap),
	BEFORE(MODES_NOT5, no_ac),
	BEFORE(MODES_ALL, ac_always),
	BEFORE(MODES_NOT5, implicit_as_explicit),
	BEFORE(MODES_ALL, implicit_as_user),
	BEFORE(MODES_ALL, smap_on_user),
	BEFORE(MODES64, no_pke),
	BEFORE(BIT(PAGING_4LEVEL), pke_always),
	BEFORE(MODES64, no_pks),
	BEFORE(MODES64, pkru_as_pkrs),
	BEFORE(MODES64, no_wd),
	BEFORE(MODES64, key_zero),
	BEFORE(BIT(PAGING_32BIT), no_pse),
	BEFORE(BIT(PAGING_32BIT), pse_always),
	BEFORE(MODES64, no_gb_pages),
	BEFORE(MODES_PAE64, nxe_always),
	BEFORE(MODES_PAE64, nxe_never),
	BEFORE(MODES_ALL, locked_as_read),
	BEFORE(MODES_PAE64, no_nx),
	BEFORE(MODES_ALL, w_always),
	BEFORE(MODES_ALL, u_always),
	BEFORE(MODES64, root_u_always),
	BEFORE(MODES64, root_w_always),
	BEFORE(MODES64, root_nx_unseen),
	BEFORE(MODES_ALL, pde_u_always),
	BEFORE(MODES_ALL, pde_w_always),
	BEFORE(MODES64, pdpte_w_always),
	BEFORE(MODES_ALL, pte_p_always),
	BEFORE(MODES64, wide_addresses),
	BEFORE(MODES_PAE64, one_bit_wider),
	BEFORE(MODES_PAE64, low_reserved_unseen),
	BEFORE(MODES64, root_ps_unseen),
	BEFORE(MODES_PAE64, ignored_bits_reserved),
	BEFORE(MODES64, high_ignored_reserved),
	AFTER(MODES_ALL, no_p_flag),
	AFTER(MODES_ALL, no_w_flag),
	AFTER(MODES_ALL, no_u_flag),
	AFTER(MODES_ALL, no_rsvd_flag),
	AFTER(MODES_ALL, no_i_flag),
	AFTER(MODES_ALL, i_flag_always),
	AFTER(MODES_NOT5, i_flag_by_nxe_only),
	AFTER(MODES64, no_pk_flag),
	AFTER(MODES_ALL, cr2_of_page),
	AFTER(MODES_ALL, cr2_of_first_byte),
	AFTER(MODES_ALL, accessed_unset),
	AFTER(MODES64, upper_accessed_unset),
	AFTER(MODES_ALL, dirty_unset),
	AFTER(MODES_ALL, dirty_on_read),
	AFTER(MODES_ALL, dirty_on_fault),
	AFTER(MODES_ALL, accessed_without_translation),
	AFTER(MODES_ALL, page_of_wrong_size),
};

/*
 * The page before the one under test has every right, so of an access that
 * crosses only the part behind can fault.
 */
static void answer(struct subject *s, u64 c, const struct mutant *mutant)
{
	if (mutant && mutant->before)
		mutant->before(s, c);
	s->setup.paging.read_entry = read_entry;
	s->setup.paging.context = s;
	s->setup.paging.cr3 = (u64)s->setup.levels << 12;
	s->setup.paging.pdpte[place.va >> 30 & 3] = s->setup.entry[3];
	if (paging_access_info[PAGING_ACCESS(c)].cross) {
		struct paging_access behind = s->setup.access;

		behind.va = place.va;
		paging_walk(&s->setup.paging, &behind, &s->walk);
	} else {
		paging_walk(&s->setup.paging, &s->setup.access, &s->walk);
	}
	if (mutant && mutant->after)
		mutant->after(s, c);
}

/* Would a check of the mutant's answer against the model's notice? */
static bool differ(const struct paging_walk *model, const struct paging_walk *got)
{
	if (model->vector != got->vector)
		return true;
	if (model->vector == VECTOR_PF &&
	    (model->cr2 != got->cr2 || (model->error_code ^ got->error_code) & ~model->error_open))
		return true;
	if (model->vector == VECTOR_NONE && model->physical != got->physical)
		return true;
	for (unsigned int i = 0; i < model->steps; i++) {
		const struct paging_step *step = &model->step[i];
		u64 flags = (step->entry & (PTE_A | PTE_D)) | step->must_set;
		u64 shown = (step->entry & (PTE_A | PTE_D)) | got->step[i].must_set;

		/* What a subject really leaves in memory, against what it must and may. */
		if (i < got->steps && (flags ^ shown) & ~step->may_set)
			return true;
	}
	return false;
}

static unsigned int notice(enum paging_mode mode, const struct mutant *mutant)
{
	const struct paging_cpu cpu = {
		.mode = mode,
		.maxphyaddr = 40,
		.pdpe1gb = true,
		.pse36 = true,
		.nx = true,
		.smep = true,
		.smap = true,
		.pku = true,
		.pks = true,
		.pse = true,
	};
	struct paging_pairs walk;
	unsigned int noticed = 0;
	u64 c;

	paging_pairs_begin(&walk, mode, PAGING_ALL_ACCESSES);
	while (paging_pairs_next(&walk, &c)) {
		struct subject model = { 0 }, got = { 0 };

		paging_case_setup(&cpu, &place, c, &model.setup);
		ck_assert_uint_eq(model.setup.missing, 0);
		got.setup = model.setup;
		answer(&model, c, NULL);
		answer(&got, c, mutant);
		noticed += differ(&model.walk, &got.walk);
	}
	return noticed;
}

START_TEST(is_noticed)
{
	const struct mutant *mutant = &mutants[_i];

	for (unsigned int mode = 0; mode < PAGING_MODES; mode++)
		if (mutant->modes & BIT(mode))
			ck_assert_msg(notice(mode, mutant), "%s in mode %u is never noticed",
				      mutant->name, mode);
}
END_TEST

/* The model agrees with itself: no false alarm in any case. */
START_TEST(model_is_silent)
{
	static const struct mutant none = { 0 };

	ck_assert_uint_eq(notice(_i, &none), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paging mutants");
	TCase *tc = tcase_create("paging mutants");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, is_noticed, 0, ARRAY_SIZE(mutants));
	tcase_add_loop_test(tc, model_is_silent, 0, PAGING_MODES);
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
