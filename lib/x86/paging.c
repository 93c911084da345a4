// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model of paging; see lib/x86/paging.h.  Section numbers are those of
 * the SDM, vol. 3A.
 */
#include "lib/x86/paging.h"

/* What the entries of a translation say together (4.6.1). */
struct rights {
	bool writable, user, no_execute;
	unsigned int key;
};

static void combine(struct rights *r, const struct paging *p, u64 entry)
{
	r->writable &= !!(entry & PTE_W);
	r->user &= !!(entry & PTE_U);
	r->no_execute |= p->mode != PAGING_32BIT && entry & PTE_NX;
}

static bool supervisor_mode(const struct paging_access *access)
{
	return !access->user || access->implicit;
}

/* Does CR0.WP = 0 let this access write where an entry or a key says no? */
static bool ignores_write_protection(const struct paging *p, const struct paging_access *access)
{
	return supervisor_mode(access) && !(p->cr0 & CR0_WP);
}

static bool smap_allows(const struct paging *p, const struct paging_access *access)
{
	return !(p->cr4 & CR4_SMAP) || (p->rflags & RFLAGS_AC && !access->implicit);
}

/* The U/S flags, and what SMEP and SMAP make of them (4.6.1). */
static bool mode_allows(const struct paging *p, const struct paging_access *access,
			const struct rights *r)
{
	if (!supervisor_mode(access))
		return r->user;
	if (!r->user)
		return true;
	if (access->kind == PAGING_FETCH)
		return !(p->cr4 & CR4_SMEP);
	return smap_allows(p, access);
}

static bool entries_allow(const struct paging *p, const struct paging_access *access,
			  const struct rights *r)
{
	switch (access->kind) {
	case PAGING_WRITE:
		return r->writable || ignores_write_protection(p, access);
	case PAGING_FETCH:
		return !r->no_execute;
	default:
		return true;
	}
}

/* Protection keys (4.6.2): PKRU for user-mode addresses, IA32_PKRS for the others. */
static bool key_allows(const struct paging *p, const struct paging_access *access,
		       const struct rights *r)
{
	u32 pkr = r->user ? p->pkru : p->pkrs;

	if (!paging_64bit(p->mode) || !(p->cr4 & (r->user ? CR4_PKE : CR4_PKS)))
		return true;
	if (access->kind == PAGING_FETCH)
		return true;
	if (pkr & PKR_AD(r->key))
		return false;
	return access->kind != PAGING_WRITE || !(pkr & PKR_WD(r->key)) ||
	       ignores_write_protection(p, access);
}

/* The flags of the error code that describe the access, not its translation (4.7). */
static u64 access_error(const struct paging *p, const struct paging_access *access)
{
	bool nxe = p->mode != PAGING_32BIT && p->efer & EFER_NXE;
	u64 error = 0;

	if (access->kind == PAGING_WRITE)
		error |= PF_W;
	if (access->kind == PAGING_FETCH && (nxe || p->cr4 & CR4_SMEP))
		error |= PF_I;
	if (!supervisor_mode(access))
		error |= PF_U;
	return error;
}

static void page_fault(struct paging_walk *walk, const struct paging *p,
		       const struct paging_access *access, u64 error)
{
	walk->vector = VECTOR_PF;
	walk->error_code = access_error(p, access) | error;
	walk->cr2 = paging_64bit(p->mode) ? access->va : (u32)access->va;
	walk->physical = 0;
}

static void check_rights(struct paging_walk *walk, const struct paging *p,
			 const struct paging_access *access, const struct rights *r)
{
	bool key = key_allows(p, access, r);

	if (key && mode_allows(p, access, r) && entries_allow(p, access, r))
		return;
	page_fault(walk, p, access, PF_P | (key ? 0 : PF_PK));
	/* 4.7 has no word on keys where a user-mode access meets a supervisor-mode address. */
	if (!key && !r->user && !supervisor_mode(access))
		walk->error_open = PF_PK;
}

/*
 * Accessed and dirty flags (4.8).  What was used for a translation is marked
 * as accessed; a permitted write marks the leaf as dirty.  After a fault the
 * entries that the walk used may be accessed: of the leaf, when rights were
 * violated, that is model specific (6.15, interrupt 14), and of an entry with
 * reserved bits nothing is said.  One that is not present belongs to software.
 */
static void set_flags(struct paging_walk *walk, const struct paging_access *access)
{
	for (unsigned int i = 0; i < walk->steps; i++) {
		struct paging_step *step = &walk->step[i];
		bool last = i == walk->steps - 1;

		if (step->in_register)
			continue;
		if (walk->vector == VECTOR_NONE)
			step->must_set = PTE_A;
		else if (step->entry & PTE_P)
			step->may_set = PTE_A;
		if (last && walk->vector == VECTOR_NONE && access->kind == PAGING_WRITE)
			step->must_set |= PTE_D;
	}
}

/* Where a walk begins (4.3, 4.5): CR3; in PAE paging the PDPTE registers, see read_step(). */
static u64 root_address(const struct paging *p)
{
	return p->mode == PAGING_32BIT ? p->cr3 & BITS(31, 12) : p->cr3 & PTE_ADDRESS;
}

static void read_step(struct paging_step *step, const struct paging *p, u64 table, u64 va)
{
	unsigned int bytes = paging_entry_bytes(p->mode);
	u64 index = va >> paging_shift(p->mode, step->level);

	if (p->mode == PAGING_PAE && step->level == 3) {
		step->in_register = true;
		step->entry = p->pdpte[index & 3];
		return;
	}
	step->address = table + (index & (paging_entries(p->mode) - 1)) * bytes;
	step->entry = p->read_entry(p->context, step->address);
}

/* Go down to the leaf.  Returns whether there is a translation, whatever its rights. */
static bool descend(struct paging_walk *walk, const struct paging *p,
		    const struct paging_access *access, struct rights *rights)
{
	u64 va = paging_64bit(p->mode) ? access->va : (u32)access->va;
	u64 table = root_address(p);

	for (unsigned int level = paging_levels(p->mode);; level--) {
		struct paging_step *step = &walk->step[walk->steps++];

		*step = (struct paging_step){ .level = level };
		read_step(step, p, table, va);
		walk->level = level;
		if (!(step->entry & PTE_P)) {
			page_fault(walk, p, access, 0);
			return false;
		}
		table = paging_table_address(p, step->entry);
		if (step->in_register)
			continue;
		if (step->entry & paging_reserved(p, level, step->entry)) {
			page_fault(walk, p, access, PF_P | PF_RSVD);
			return false;
		}
		combine(rights, p, step->entry);
		if (!paging_is_leaf(p, level, step->entry))
			continue;
		walk->page_bytes = BIT(paging_shift(p->mode, level));
		walk->physical = paging_page_address(p, level, step->entry) |
				 (va & (walk->page_bytes - 1));
		/* Bits 62:59 of the entry that maps the page (4.6.2). */
		rights->key = step->entry >> 59 & 15;
		return true;
	}
}

void paging_walk(const struct paging *p, const struct paging_access *access,
		 struct paging_walk *walk)
{
	struct rights rights = { .writable = true, .user = true };

	*walk = (struct paging_walk){ .vector = VECTOR_NONE };
	if (!paging_canonical(p->mode, access->va)) {
		walk->vector = VECTOR_GP;
		return;
	}
	if (descend(walk, p, access, &rights))
		check_rights(walk, p, access, &rights);
	set_flags(walk, access);
}

static void may_only(struct paging_walk *walk)
{
	for (unsigned int i = 0; i < walk->steps; i++) {
		walk->step[i].may_set |= walk->step[i].must_set;
		walk->step[i].must_set = 0;
	}
}

const struct paging_walk *paging_cross(const struct paging *p, const struct paging_access *access,
				       struct paging_walk half[2])
{
	struct paging_access behind = *access;
	bool fault[2];

	behind.va = (access->va | 0xfff) + 1;
	paging_walk(p, access, &half[0]);
	paging_walk(p, &behind, &half[1]);
	for (int i = 0; i < 2; i++)
		fault[i] = half[i].vector != VECTOR_NONE;
	if (!fault[0] && !fault[1])
		return &half[0];
	for (int i = 0; i < 2; i++)
		if (!fault[i])
			may_only(&half[i]);
	return fault[0] && fault[1] ? NULL : fault[0] ? &half[0] : &half[1];
}
