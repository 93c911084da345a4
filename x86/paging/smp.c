// SPDX-License-Identifier: GPL-2.0-only
/* See smp.h. */
#include "x86/paging/smp.h"

enum { SHOOTDOWN_VECTOR = 0xe0, DAWDLE_MASK = 0x1f };

static volatile u64 shot;

u64 *smp_entry(unsigned int level)
{
	return level == SMP_LEVELS ? &boot_pml4[SMP_VA >> 39 & 0x1ff] : SMP_TABLE(level);
}

void smp_map(unsigned int pages)
{
	memset(SMP_TABLE(1), 0, 3 * 0x1000);
	for (unsigned int i = 0; i < pages; i++)
		SMP_TABLE(1)[i] = SMP_PAGE(i) | SMP_RIGHTS;
	for (unsigned int level = 2; level <= SMP_LEVELS; level++)
		*smp_entry(level) = (u64)SMP_TABLE(level - 1) | SMP_RIGHTS;
	write_cr3(read_cr3());
}

static void shoot(struct trap_frame *f)
{
	(void)f;
	invlpg(SMP_VA);
	apic_eoi();
	shot = 1;
}

void smp_listen(void)
{
	set_handler(SHOOTDOWN_VECTOR, shoot);
}

void smp_shootdown(void)
{
	shot = 0;
	cpu_ipi(1, IPI_FIXED | SHOOTDOWN_VECTOR);
	cpu_wait_for(&shot, 1);
}

void smp_take_interrupts(void)
{
	sti();
	inb(0x80); /* an exit, where some hosts deliver late otherwise */
	cli();
}

void smp_dawdle(u64 *random)
{
	for (u64 n = random_next(random) & DAWDLE_MASK; n; n--)
		asm volatile("pause");
}
