// SPDX-License-Identifier: GPL-2.0-only
/* What all modes share of the page tables under test; see arena.h. */
#include "x86/paging/arena.h"

struct paging_cpu arena_cpu(enum paging_mode mode)
{
	u64 features = machine_features(~0ull);

	return (struct paging_cpu){
		.mode = mode,
		.maxphyaddr = cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff,
		.pdpe1gb = features & PDPE1GB,
		.pse36 = features & PSE36,
		.nx = features & NX,
		.smep = features & SMEP,
		.smap = features & SMAP,
		.pku = features & PKU,
		.pks = features & PKS,
		.pse = features & PSE,
	};
}

static void *entry_at(const struct arena *a, u64 table, unsigned int level, u64 va)
{
	u64 index = va >> paging_shift(a->cpu.mode, level) & (paging_entries(a->cpu.mode) - 1);

	/* A root of PAE paging has four entries; the address has no more bits. */
	if (a->cpu.mode == PAGING_PAE && level == 3)
		index &= 3;
	return (void *)(table + index * paging_entry_bytes(a->cpu.mode));
}

static u64 read_entry(const struct arena *a, const void *entry)
{
	return paging_entry_bytes(a->cpu.mode) == 4 ? *(const volatile u32 *)entry
						    : *(const volatile u64 *)entry;
}

static void write_entry(const struct arena *a, void *entry, u64 value)
{
	if (paging_entry_bytes(a->cpu.mode) == 4)
		*(volatile u32 *)entry = (u32)value;
	else
		*(volatile u64 *)entry = value;
}

u64 arena_entry(const struct arena *a, unsigned int level)
{
	return read_entry(a, a->entry[level]);
}

void arena_begin(struct arena *a, enum paging_mode mode, u64 va)
{
	unsigned int levels = paging_levels(mode);

	*a = (struct arena){ .cpu = arena_cpu(mode), .root = ARENA_TABLES };
	memset(ARENA_TABLE(0), 0, 0x40000);
	a->place.va = va;
	a->place.page[1] = ARENA_PAGE;
	a->place.page[2] = ARENA_LARGE_PAGE;
	for (unsigned int leaf = 1; leaf <= 3; leaf++)
		a->place.offset[leaf] = ARENA_OFFSET;
	for (unsigned int level = 1; level < levels; level++)
		a->place.table[level] = (u64)ARENA_TABLE(level);
	a->place.table[levels] = a->root;
	for (unsigned int level = 1; level <= levels; level++)
		a->entry[level] = entry_at(a, a->place.table[level], level, va);
	a->low_word[0] = (u64 *)a->place.page[3];
	a->low_word[1] = (u64 *)(a->place.page[3] + ARENA_OFFSET);
	for (int i = 0; i < 2; i++)
		a->low_memory[i] = *(volatile u64 *)a->low_word[i];
	a->last_cr2 = read_cr2();
}

/* Its own chain of tables, from whatever the root has there already. */
void arena_map_page_before(struct arena *a)
{
	unsigned int levels = paging_levels(a->cpu.mode);
	u64 va = a->place.va - 1, table = a->root;

	for (unsigned int level = levels; level > 1; level--) {
		void *entry = entry_at(a, table, level, va);
		u64 rights = PTE_P | PTE_W | PTE_U | PTE_A;

		if (a->cpu.mode == PAGING_PAE && level == 3)
			rights = PTE_P;
		if (!read_entry(a, entry))
			write_entry(a, entry, (u64)ARENA_TABLE(level + 8) | rights);
		table = read_entry(a, entry) & PTE_ADDRESS;
	}
	a->leaf_before = entry_at(a, table, 1, va);
}

void arena_fill_pages(struct arena *a)
{
	*(u32 *)(ARENA_PAGE_BEFORE + 0xffc) = (u32)ARENA_CONTENT_CROSSING(0);
	for (unsigned int leaf = 1; leaf <= 3; leaf++) {
		u64 page = a->place.page[leaf];

		*(u64 *)(page + ARENA_OFFSET) = ARENA_CONTENT(leaf);
		*(volatile u64 *)page = ARENA_CONTENT_CROSSING(leaf) >> 32;
	}
}

void arena_use_mmio(struct arena *a)
{
	a->mmio = true;
	a->nobody = apic_read(APIC_VERSION) == 0xffffffff;
	a->code = access_32bit_operands;
	for (unsigned int leaf = 1; leaf <= 3; leaf++) {
		u64 bytes = BIT(paging_shift(a->cpu.mode, leaf));

		a->place.page[leaf] = APIC_BASE_ADDRESS & ~(bytes - 1);
		a->place.offset[leaf] = (APIC_BASE_ADDRESS & (bytes - 1)) + APIC_TPR;
	}
}

static void set_entries(struct arena *a, const struct paging_setup *s)
{
	for (unsigned int level = 1; level <= s->levels; level++)
		write_entry(a, a->entry[level], s->entry[level]);
	write_entry(a, a->leaf_before,
		    ARENA_PAGE_BEFORE | PTE_P | PTE_W | PTE_A | PTE_D |
			    (s->access.user ? PTE_U : 0));
}

void arena_set(struct arena *a, const struct paging_setup *s)
{
	set_entries(a, s);
	if (!paging_64bit(a->cpu.mode))
		return;
	arena_set_registers(a, &s->paging);
	write_cr3(a->root);
}
