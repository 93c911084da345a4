// SPDX-License-Identifier: GPL-2.0-only
/* What tests of the ITS begin with; see its.h. */
#include "arm64/its/its.h"

void its_must(struct its_command c)
{
	static const struct expectation e = { __FILE__, __LINE__, "GITS_CREADR" };

	if (its_do(c))
		return;
	expect_failed(&e, "the command is taken", "stalled");
	test_abandon();
}

void its_begin(void)
{
	its_open();
	its_must(its_mapd(DEV, its_itt(0), EVENT_BITS, true));
	its_must(its_mapc(COLLECTION, 0, true));
}

void its_map_event(u32 event, u32 collection)
{
	its_must(its_mapti(DEV, event, LPI(event), collection));
	lpi_configure(LPI(event), LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | LPI_ENABLED);
	its_must(its_event(ITS_INV, DEV, event));
}

void its_int(u32 device, u32 event)
{
	its_must(its_event(ITS_INT, device, event));
	its_must(its_sync(0));
}

u64 its_taken(u32 lpi)
{
	u64 count;

	take_interrupts();
	count = irq_log_count(0, lpi);
	irq_log_clear();
	return count;
}
