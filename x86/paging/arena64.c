// SPDX-License-Identifier: GPL-2.0-only
/* The page tables under test and the registers in the 64-bit modes; see arena.h. */
#include "x86/paging/arena.h"

#define CASE_CR0 CR0_WP
#define CASE_CR4 (CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_PKS)

/* The LDT is the 8 bytes at the address under test (SDM vol. 3A, 3.5.2). */
static void load_ldt(u64 base)
{
	u64 *descriptor = &gdt[SELECTOR_SPARE / 8];

	descriptor[0] = 7 | (base & 0xffffff) << 16 | 0x82ull << 40 | (base >> 24 & 0xff) << 56;
	descriptor[1] = base >> 32;
	asm volatile("lldt %w0" ::"r"(SELECTOR_SPARE) : "memory");
}

static void wrpkru(u32 value)
{
	asm volatile("wrpkru" ::"a"(value), "c"(0), "d"(0) : "memory");
}

static void read_registers(struct arena *a)
{
	a->base = (struct arena_registers){
		/* Alignment checks would fault accesses that cross pages at CPL 3. */
		.cr0 = read_cr0() & ~(u64)CR0_AM,
		.cr4 = read_cr4(),
		.efer = rdmsr(MSR_EFER),
		.pkrs = a->cpu.pks ? (u32)rdmsr(MSR_PKRS) : 0,
	};
	a->now = a->base;
	write_cr0(a->base.cr0);
	if (!a->cpu.pku)
		return;
	write_cr4(a->base.cr4 | CR4_PKE);
	wrpkru(0);
	write_cr4(a->base.cr4);
}

/* The runtime's slots: the whole first one and that of USER_ALIAS. */
static void map_image(struct arena *a)
{
	u64 *pml4 = ARENA_TABLE(0);

	if (a->cpu.mode == PAGING_5LEVEL) {
		pml4 = ARENA_TABLE(8);
		*ARENA_TABLE(0) = (u64)pml4 | PTE_P | PTE_W | PTE_U | PTE_A;
	}
	memcpy(pml4, boot_pml4, 0x1000);
}

void arena_init(struct arena *a, enum paging_mode mode)
{
	arena_begin(a, mode, mode == PAGING_5LEVEL ? BIT(48) : 131ull << 39);
	a->code = access_native;
	a->user_alias = USER_ALIAS;
	map_image(a);
	arena_map_page_before(a);
	arena_fill_pages(a);
	read_registers(a);
	if (mode == PAGING_5LEVEL) {
		switch_paging(a->root, a->base.cr4 | CR4_LA57);
		a->base.cr4 |= CR4_LA57;
		a->now.cr4 |= CR4_LA57;
	}
	write_cr3(a->root);
	load_ldt(a->place.va + ARENA_OFFSET);
}

void arena_set_registers(struct arena *a, const struct paging *p)
{
	struct arena_registers r = {
		.cr0 = (a->base.cr0 & ~(u64)CASE_CR0) | p->cr0,
		.cr4 = (a->base.cr4 & ~(u64)CASE_CR4) | (p->cr4 & CASE_CR4),
		.efer = (a->base.efer & ~(u64)EFER_NXE) | p->efer,
		.pkru = p->pkru,
		.pkrs = p->pkrs,
	};

	if (r.cr0 != a->now.cr0)
		write_cr0(r.cr0);
	/* WRPKRU is #UD while CR4.PKE = 0 (SDM vol. 2D, WRPKRU). */
	if (r.pkru != a->now.pkru) {
		write_cr4(r.cr4 | CR4_PKE);
		wrpkru(r.pkru);
		a->now.cr4 = r.cr4 | CR4_PKE;
	}
	if (r.cr4 != a->now.cr4)
		write_cr4(r.cr4);
	if (r.efer != a->now.efer)
		wrmsr(MSR_EFER, r.efer);
	if (r.pkrs != a->now.pkrs)
		wrmsr(MSR_PKRS, r.pkrs);
	a->now = r;
}

void arena_default(struct arena *a)
{
	const struct paging as_before = {
		.cr0 = a->base.cr0 & CASE_CR0,
		.cr4 = a->base.cr4 & CASE_CR4,
		.efer = a->base.efer & EFER_NXE,
	};

	if (paging_64bit(a->cpu.mode))
		arena_set_registers(a, &as_before);
}

void arena_user_identity(struct arena *a, u64 *root)
{
	u64 *pml4 = root;

	memcpy(root, paging_64bit(a->cpu.mode) ? (u64 *)a->root : boot_pml4, 0x1000);
	if (a->cpu.mode == PAGING_5LEVEL) {
		pml4 = root + 512;
		memcpy(pml4, (u64 *)(root[0] & PTE_ADDRESS), 0x1000);
		root[0] = (u64)pml4 | PTE_P | PTE_W | PTE_U | PTE_A;
	}
	pml4[0] = pml4[USER_ALIAS >> 39];
	write_cr3((u64)root);
}

void arena_leave(struct arena *a)
{
	for (int i = 0; i < 2; i++)
		*(volatile u64 *)a->low_word[i] = a->low_memory[i];
	asm volatile("lldt %w0" ::"r"(0) : "memory");
	arena_default(a);
	if (a->cpu.mode == PAGING_5LEVEL)
		switch_paging((u64)boot_pml4, a->base.cr4 & ~(u64)CR4_LA57);
	write_cr3((u64)boot_pml4);
}
