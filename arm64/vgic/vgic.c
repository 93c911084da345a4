// SPDX-License-Identifier: GPL-2.0-only
/* See vgic.h. */
#include "arm64/vgic/vgic.h"

#define TRANSLATER (PLATFORM_ITS + (u64)GITS_TRANSLATER)

void tables_begin(void)
{
	its_open();
	ASSERT(its_do(its_mapd(DEV, its_itt(0), EVENT_BITS, true)));
	ASSERT(its_do(its_mapc(COLLECTION, 0, true)));
	irq_log_clear();
}

void tables_map(u32 event, u32 collection)
{
	ASSERT(its_do(its_mapti(DEV, event, EVENT_LPI(event), collection)));
	lpi_configure(EVENT_LPI(event), LPI_PRIORITY(GIC_PRIORITY) | LPI_RES1 | LPI_ENABLED);
	ASSERT(its_do(its_event(ITS_INV, DEV, event)));
}

u64 control(u64 attribute)
{
	return HOST(HOST_SET_ATTRIBUTE, HOST_ITS, GROUP_CONTROL, attribute, 0);
}

u64 its_register(u64 offset)
{
	return HOST(HOST_GET_ATTRIBUTE, HOST_ITS, GROUP_ITS, offset);
}

u64 restore(void)
{
	u64 baser[2] = { its_register(GITS_BASER), its_register(GITS_BASER + 8) };
	u64 cbaser = its_register(GITS_CBASER), at = its_register(GITS_CREADR), result;

	ASSERT_EQ(0, control(CONTROL_RESET));
	HOST(HOST_SET_ATTRIBUTE, HOST_ITS, GROUP_ITS, GITS_CBASER, cbaser);
	HOST(HOST_SET_ATTRIBUTE, HOST_ITS, GROUP_ITS, GITS_CREADR, at);
	HOST(HOST_SET_ATTRIBUTE, HOST_ITS, GROUP_ITS, GITS_CWRITER, at);
	for (u64 i = 0; i < 2; i++)
		HOST(HOST_SET_ATTRIBUTE, HOST_ITS, GROUP_ITS, GITS_BASER + 8 * i, baser[i]);
	result = control(CONTROL_RESTORE_TABLES);
	HOST(HOST_SET_ATTRIBUTE, HOST_ITS, GROUP_ITS, GITS_CTLR, GITS_CTLR_ENABLED);
	return result;
}

u64 msi_taken(u32 event)
{
	irq_log_clear();
	sync_try(SIGNAL_MSI, .signal_msi = { TRANSLATER, event, DEV });
	take_interrupts();
	return irq_log_count(0, EVENT_LPI(event));
}
