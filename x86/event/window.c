// SPDX-License-Identifier: GPL-2.0-only
/* Sixteen 4-KByte pages of TEST_MEMORY in a row, to put tables and stacks into and take away. */
#include "x86/event/stage.h"

/* PML4 entry 130, of those that machine_reset() clears. */
#define WINDOW 0x410000000000ull

static u64 tables[3][512] __attribute__((aligned(4096)));
static struct event_hole hole[WINDOW_PAGES];

u8 *window_page(unsigned int number)
{
	return (u8 *)WINDOW + 0x1000 * number;
}

/* The model's list holds the pages that are not whole, in the place of their number. */
static void tell_model(unsigned int number, enum window_access access)
{
	hole[number] = (struct event_hole){
		.start = (u64)window_page(number),
		.bytes = access == WINDOW_WRITE ? 0 : 0x1000,
		.read_only = access == WINDOW_READ,
	};
}

void window_set(unsigned int number, enum window_access access)
{
	static const u64 bits[] = {
		[WINDOW_NONE] = 0,
		[WINDOW_READ] = PTE_P | PTE_A,
		[WINDOW_WRITE] = PTE_P | PTE_W | PTE_A | PTE_D,
	};

	tables[2][number] = (TEST_MEMORY + 0x1000 * number) | bits[access];
	invlpg((u64)window_page(number));
	tell_model(number, access);
}

void window_open(void)
{
	tables[0][0] = (u64)tables[1] | PTE_P | PTE_W | PTE_A;
	tables[1][0] = (u64)tables[2] | PTE_P | PTE_W | PTE_A;
	boot_pml4[WINDOW >> 39] = (u64)tables[0] | PTE_P | PTE_W | PTE_A;
	for (unsigned int i = 0; i < WINDOW_PAGES; i++)
		window_set(i, WINDOW_WRITE);
	stage.cpu.hole = hole;
	stage.cpu.holes = WINDOW_PAGES;
}

void window_idt(u8 *address, u16 limit)
{
	memcpy(address, idt, limit + 1u);
	load_idt(address, limit);
	stage.cpu.idt = (u64)address;
	stage.cpu.idt_limit = limit;
}

void window_gdt(u8 *address, u16 limit)
{
	memcpy(address, gdt, limit + 1u);
	load_gdt(address, limit);
	stage.cpu.gdt = (u64)address;
	stage.cpu.gdt_limit = limit;
}

/* LTR wants an available TSS and marks it busy, in whatever GDT is loaded. */
static void load_tss(u64 base, u16 limit)
{
	u64 *descriptor = (u64 *)(stage.cpu.gdt + SELECTOR_TSS);

	descriptor[0] = limit | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	descriptor[1] = base >> 32;
	asm volatile("ltr %w0" ::"r"(SELECTOR_TSS) : "memory");
	stage.cpu.tss = base;
	stage.cpu.tss_limit = limit;
}

void window_tss(u8 *address, u16 limit)
{
	memcpy(address, &tss, MIN(limit + 1u, sizeof(tss)));
	load_tss((u64)address, limit);
}

void window_tss_default(void)
{
	load_tss((u64)&tss, sizeof(tss) - 1);
}
