// SPDX-License-Identifier: GPL-2.0-only
/* See arena.h. */
#include "x86/paging/arena.h"

#define CASE_CR0 CR0_WP
#define CASE_CR4 (CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_PKS)

static u64 *table(u64 number)
{
	return (u64 *)(ARENA_TABLES + number * 0x1000);
}

struct paging_cpu arena_cpu(enum paging_mode mode)
{
	u64 features = machine_features();

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

/* A descriptor of the LDT: 8 bytes at the address under test (SDM vol. 3A, 7.2.3). */
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

/* The page before: its own chain from the slot before, or from root[0]'s end. */
static void map_page_before(struct arena *a)
{
	unsigned int levels = paging_levels(a->cpu.mode);
	u64 va = a->place.va - 1;
	u64 *at = (u64 *)a->root;

	for (unsigned int level = levels; level >= 1; level--) {
		u64 *entry = &at[va >> paging_shift(a->cpu.mode, level) & 511];

		if (level == 1) {
			a->leaf_before = entry;
			break;
		}
		if (!*entry)
			*entry = (u64)table(level + 8) | PTE_P | PTE_W | PTE_U | PTE_A;
		at = (u64 *)(*entry & PTE_ADDRESS);
	}
}

static void fill_pages(struct arena *a)
{
	*(u32 *)(ARENA_PAGE_BEFORE + 0xffc) = (u32)ARENA_CONTENT_CROSSING(0);
	for (unsigned int leaf = 1; leaf <= 3; leaf++) {
		u64 page = a->place.page[leaf];

		*(u64 *)(page + ARENA_OFFSET) = ARENA_CONTENT(leaf);
		*(volatile u64 *)page = ARENA_CONTENT_CROSSING(leaf) >> 32;
	}
}

static struct arena_registers current_registers(const struct paging_cpu *cpu)
{
	return (struct arena_registers){
		.cr0 = read_cr0(),
		.cr4 = read_cr4(),
		.efer = rdmsr(MSR_EFER),
		.pkrs = cpu->pks ? (u32)rdmsr(MSR_PKRS) : 0,
	};
}

void arena_init(struct arena *a, enum paging_mode mode)
{
	unsigned int levels = paging_levels(mode);
	u64 *low = boot_pml4;

	*a = (struct arena){ .cpu = arena_cpu(mode), .root = (u64)table(0) };
	memset(table(0), 0, 0x12000);
	a->place.va = mode == PAGING_5LEVEL ? BIT(48) : 131ull << 39;
	a->place.page[1] = ARENA_PAGE;
	a->place.page[2] = ARENA_LARGE_PAGE;
	for (unsigned int leaf = 1; leaf <= 3; leaf++)
		a->place.offset[leaf] = ARENA_OFFSET;
	for (unsigned int level = 1; level < levels; level++)
		a->place.table[level] = (u64)table(level);
	a->place.table[levels] = a->root;

	if (mode == PAGING_5LEVEL) {
		low = table(8);
		memcpy(low, boot_pml4, 0x1000);
		*table(0) = (u64)low | PTE_P | PTE_W | PTE_U | PTE_A;
	} else {
		memcpy(table(0), low, 0x1000);
	}
	map_page_before(a);
	for (unsigned int level = 1; level <= levels; level++)
		a->entry[level] = (u64 *)a->place.table[level] +
				  (a->place.va >> paging_shift(mode, level) & 511);

	a->low_word[0] = (u64 *)a->place.page[3];
	a->low_word[1] = (u64 *)(a->place.page[3] + ARENA_OFFSET);
	for (int i = 0; i < 2; i++)
		a->low_memory[i] = *(volatile u64 *)a->low_word[i];
	fill_pages(a);
	load_ldt(a->place.va + ARENA_OFFSET);

	a->base = current_registers(&a->cpu);
	/* Alignment checks would fault accesses that cross pages at CPL 3. */
	a->base.cr0 &= ~(u64)CR0_AM;
	a->now = a->base;
	write_cr0(a->base.cr0);
	if (a->cpu.pku) {
		write_cr4(a->base.cr4 | CR4_PKE);
		wrpkru(0);
		write_cr4(a->base.cr4);
	}
	write_cr3(a->root);
	a->last_cr2 = read_cr2();
}

void arena_use_mmio(struct arena *a)
{
	a->mmio = true;
	for (unsigned int leaf = 1; leaf <= 3; leaf++) {
		u64 bytes = BIT(paging_shift(a->cpu.mode, leaf));

		a->place.page[leaf] = APIC_BASE_ADDRESS & ~(bytes - 1);
		a->place.offset[leaf] = (APIC_BASE_ADDRESS & (bytes - 1)) + APIC_TPR;
	}
}

static void set_registers(struct arena *a, const struct paging *p)
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

void arena_set(struct arena *a, const struct paging_setup *s)
{
	for (unsigned int level = 1; level <= s->levels; level++)
		*a->entry[level] = s->entry[level];
	*a->leaf_before = ARENA_PAGE_BEFORE | PTE_P | PTE_W | PTE_A | PTE_D |
			  (s->access.user ? PTE_U : 0);
	set_registers(a, &s->paging);
	write_cr3(a->root);
}

void arena_default(struct arena *a)
{
	const struct paging as_before = {
		.cr0 = a->base.cr0 & CASE_CR0,
		.cr4 = a->base.cr4 & CASE_CR4,
		.efer = a->base.efer & EFER_NXE,
	};

	set_registers(a, &as_before);
	write_cr3(a->root);
}

void arena_user_identity(struct arena *a, u64 *root)
{
	u64 *pml4 = root;

	memcpy(root, (u64 *)a->root, 0x1000);
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
	arena_default(a);
	asm volatile("lldt %w0" ::"r"(0) : "memory");
}
