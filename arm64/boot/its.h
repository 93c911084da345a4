/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ITS and LPIs for tests (IHI 0069, chapters 5 and 6).  All tables lie in
 * TEST_MEMORY below ITS_MEMORY_END; after a test everything is off.
 */
#ifndef ASSAY_ARM64_BOOT_ITS_H
#define ASSAY_ARM64_BOOT_ITS_H

#include "arm64/boot/arm64.h"

#define ITS_LPI_CONFIGURATION TEST_MEMORY
#define ITS_LPI_PENDING (TEST_MEMORY + 0x10000) /* 64 KiB for each CPU */
#define ITS_DEVICES (TEST_MEMORY + 0x50000)
#define ITS_COLLECTIONS (TEST_MEMORY + 0x60000)
#define ITS_QUEUE (TEST_MEMORY + 0x70000)
#define ITS_QUEUE_BYTES 0x1000
#define ITS_ITTS (TEST_MEMORY + 0x80000)
#define ITS_ITT_BYTES 0x1000
#define ITS_MEMORY_END (TEST_MEMORY + 0x100000)
/* INTIDs of 14 bits: LPIs 8192 to 16383. */
#define ITS_LPI_BITS 14

/* Give this CPU's redistributor its tables and turn LPIs on; all are disabled. */
void lpi_open(void);
/* Its byte of the configuration table; takes effect with INV. */
void lpi_configure(u32 lpi, u8 configuration);
/* lpi_open(), tables and a command queue for the ITS, and it on. */
void its_open(void);
/* The memory of an ITT, 0 to 127. */
u64 its_itt(unsigned int number);

struct its_command {
	u64 word[4];
};
/* Append to the queue; let the ITS see what was appended; wait: false if it stalls. */
void its_queue(struct its_command c);
void its_submit(void);
bool its_done(void);
/* The three for one command. */
bool its_do(struct its_command c);
/* How commands name the redistributor of a CPU: its address or its number (GITS_TYPER.PTA). */
u64 its_target(unsigned int cpu);

/* --- commands, as in 5.3 --- */

static inline struct its_command its_mapd(u32 device, u64 itt, unsigned int event_bits, bool valid)
{
	return (struct its_command){ { ITS_MAPD | (u64)device << 32, event_bits - 1,
				       (valid ? GITS_VALID : 0) | itt } };
}

static inline struct its_command its_mapc(u32 collection, unsigned int cpu, bool valid)
{
	return (struct its_command){
		{ ITS_MAPC, 0, (valid ? GITS_VALID : 0) | its_target(cpu) << 16 | collection }
	};
}

static inline struct its_command its_mapti(u32 device, u32 event, u32 lpi, u32 collection)
{
	return (struct its_command){ { ITS_MAPTI | (u64)device << 32, event | (u64)lpi << 32,
				       collection } };
}

static inline struct its_command its_mapi(u32 device, u32 event, u32 collection)
{
	return (struct its_command){ { ITS_MAPI | (u64)device << 32, event, collection } };
}

static inline struct its_command its_movi(u32 device, u32 event, u32 collection)
{
	return (struct its_command){ { ITS_MOVI | (u64)device << 32, event, collection } };
}

static inline struct its_command its_movall(unsigned int from, unsigned int to)
{
	return (struct its_command){ { ITS_MOVALL, 0, its_target(from) << 16,
				       its_target(to) << 16 } };
}

/* DISCARD, INV, INT and CLEAR name an event of a device and nothing else. */
static inline struct its_command its_event(enum its_command_number number, u32 device, u32 event)
{
	return (struct its_command){ { number | (u64)device << 32, event } };
}

static inline struct its_command its_invall(u32 collection)
{
	return (struct its_command){ { ITS_INVALL, 0, collection } };
}

static inline struct its_command its_sync(unsigned int cpu)
{
	return (struct its_command){ { ITS_SYNC, 0, its_target(cpu) << 16 } };
}

#endif
