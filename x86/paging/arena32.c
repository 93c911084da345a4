// SPDX-License-Identifier: GPL-2.0-only
/* The page tables under test in PAE and 32-bit paging; see arena.h. */
#include "x86/paging/arena.h"

#define IMAGE_PAGES (GUEST_MEMORY_BYTES / 0x1000)

static u64 descriptor_of_ldt(u64 base)
{
	return 7 | (base & 0xffffff) << 16 | 0x82ull << 40 | (base >> 24) << 56;
}

/*
 * All memory onto itself by 4-KByte pages (4-MByte pages come and go with
 * CR4.PSE), and again for CPL 3.  Tables 16 to 47.
 */
static void map_image32(struct arena *a, u64 alias, u64 rights, u64 *tables)
{
	u32 *directory = (u32 *)a->root, *pte = (u32 *)tables;

	for (u64 page = 0; page < IMAGE_PAGES; page++)
		pte[page] = (u32)(page << 12 | rights);
	for (u64 i = 0; i < IMAGE_PAGES / 1024; i++)
		directory[(alias >> 22) + i] = (u32)((u64)tables + i * 0x1000) | (u32)rights;
}

static void map_image_pae(struct arena *a, u64 alias, u64 rights, u64 *tables)
{
	u64 *pdpt = (u64 *)a->root;

	pdpt[alias >> 30] = (u64)tables | PTE_P;
	for (u64 i = 0; i < GUEST_MEMORY_BYTES >> 21; i++)
		tables[i] = i << 21 | rights | PTE_PS;
}

/* A subject without the mode fails here, once, and not in every case. */
static void try_mode(const struct arena *a)
{
	struct attempt nothing = {
		.code = (u64)access_legacy[CODE_READ],
		.va = ARENA_TABLES,
		.rflags = RFLAGS_FIXED,
		.cr0 = a->base.cr0 | CR0_WP,
		.cr3 = a->root,
		.cr4 = a->base.cr4,
	};

	attempt32(&nothing);
}

void arena_init_legacy(struct arena *a, enum paging_mode mode)
{
	u64 rights = PTE_P | PTE_W | PTE_A | PTE_D;

	arena_begin(a, mode, 0xc0000000);
	a->code = access_legacy;
	a->user_alias = USER_ALIAS32;
	if (mode == PAGING_PAE) {
		map_image_pae(a, 0, rights, ARENA_TABLE(16));
		map_image_pae(a, USER_ALIAS32, rights | PTE_U, ARENA_TABLE(32));
	} else {
		map_image32(a, 0, rights, ARENA_TABLE(16));
		map_image32(a, USER_ALIAS32, rights | PTE_U, ARENA_TABLE(32));
	}
	arena_map_page_before(a);
	arena_fill_pages(a);
	gdt[SELECTOR_LDT32 / 8] = descriptor_of_ldt(a->place.va + ARENA_OFFSET);
	a->base = (struct arena_registers){
		.cr0 = read_cr0() & ~(u64)(CR0_AM | CR0_WP),
		.cr4 = mode == PAGING_PAE ? CR4_PAE : 0,
	};
	attempt32_prepare();
	try_mode(a);
}
