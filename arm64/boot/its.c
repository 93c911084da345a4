// SPDX-License-Identifier: GPL-2.0-only
/* LPIs and the ITS: tables in TEST_MEMORY, commands, and everything off again. */
#include "arm64/boot/its.h"
#include "arm64/boot/machine.h"
#include "lib/guest/run.h"

/* GITS_CBASER and BASER: inner shareable, write-back; what a host does not offer reads back else. */
#define CACHEABLE (7ull << 59 | 1ull << 10)
/* The same of GICR_PROPBASER and PENDBASER. */
#define GICR_CACHEABLE (7ull << 7 | 1ull << 10)
#define PENDBASER_PTZ BIT(62)
#define BASER_TYPE(baser) ((baser) >> 56 & 7)
enum { COMMANDS = ITS_QUEUE_BYTES / ITS_COMMAND_BYTES };

static bool lpis_used, its_used;
static u64 write_at; /* CWRITER */

u64 its_itt(unsigned int number)
{
	return ITS_ITTS + (u64)number * ITS_ITT_BYTES;
}

void lpi_configure(u32 lpi, u8 configuration)
{
	((volatile u8 *)ITS_LPI_CONFIGURATION)[lpi - INTID_LPI] = configuration;
	asm volatile("dsb sy" ::: "memory");
}

void lpi_open(void)
{
	u64 gicr = gicr_of(machine_cpu());

	if (!machine_cpu()) {
		memset((void *)ITS_LPI_CONFIGURATION, LPI_RES1 | GIC_PRIORITY, 0x10000);
		memset((void *)ITS_LPI_PENDING, 0, 0x10000 * CPUS_MAX);
	}
	barrier();
	write64(gicr + GICR_PROPBASER, ITS_LPI_CONFIGURATION | GICR_CACHEABLE | (ITS_LPI_BITS - 1));
	write64(gicr + GICR_PENDBASER,
		(ITS_LPI_PENDING + 0x10000ull * machine_cpu()) | GICR_CACHEABLE | PENDBASER_PTZ);
	write32(gicr + GICR_CTLR, read32(gicr + GICR_CTLR) | GICR_CTLR_ENABLE_LPIS);
	barrier();
	lpis_used = true;
}

static void give_tables(void)
{
	for (unsigned int i = 0; i < 8; i++) {
		u64 baser = read64(PLATFORM_ITS + GITS_BASER + 8 * i), table;

		if (BASER_TYPE(baser) == GITS_TABLE_DEVICES)
			table = ITS_DEVICES;
		else if (BASER_TYPE(baser) == GITS_TABLE_COLLECTIONS)
			table = ITS_COLLECTIONS;
		else
			continue;
		/* One page of 64 KiB. */
		write64(PLATFORM_ITS + GITS_BASER + 8 * i,
			GITS_VALID | CACHEABLE | 2ull << 8 | (baser & (7ull << 56)) | table);
	}
}

void its_open(void)
{
	lpi_open();
	memset((void *)ITS_DEVICES, 0, ITS_MEMORY_END - ITS_DEVICES);
	barrier();
	write32(PLATFORM_ITS + GITS_CTLR, 0);
	give_tables();
	write64(PLATFORM_ITS + GITS_CBASER,
		GITS_VALID | CACHEABLE | ITS_QUEUE | (ITS_QUEUE_BYTES / 4096 - 1));
	write64(PLATFORM_ITS + GITS_CWRITER, 0);
	write_at = 0;
	write32(PLATFORM_ITS + GITS_CTLR, GITS_CTLR_ENABLED);
	its_used = true;
}

void its_queue(struct its_command c)
{
	memcpy((void *)(ITS_QUEUE + write_at), &c, sizeof(c));
	write_at = (write_at + ITS_COMMAND_BYTES) % ITS_QUEUE_BYTES;
}

void its_submit(void)
{
	barrier();
	write64(PLATFORM_ITS + GITS_CWRITER, write_at);
}

bool its_done(void)
{
	u64 at;

	do
		at = read64(PLATFORM_ITS + GITS_CREADR);
	while (at != write_at && !(at & GITS_CREADR_STALLED));
	return at == write_at;
}

bool its_do(struct its_command c)
{
	its_queue(c);
	its_submit();
	return its_done();
}

u64 its_target(unsigned int cpu)
{
	if (read64(PLATFORM_ITS + GITS_TYPER) & GITS_TYPER_PTA)
		return gicr_of(cpu) >> 16;
	return read64(gicr_of(cpu) + GICR_TYPER) >> 8 & 0xffff;
}

void its_reset(void)
{
	if (its_used) {
		write32(PLATFORM_ITS + GITS_CTLR, 0);
		while (!(read32(PLATFORM_ITS + GITS_CTLR) & GITS_CTLR_QUIESCENT))
			;
		for (unsigned int i = 0; i < 8; i++)
			write64(PLATFORM_ITS + GITS_BASER + 8 * i, 0);
		write64(PLATFORM_ITS + GITS_CBASER, 0);
	}
	for (unsigned int cpu = 0; lpis_used && cpu < run.request.cpus; cpu++)
		write32(gicr_of(cpu) + GICR_CTLR, 0);
	lpis_used = its_used = false;
}
