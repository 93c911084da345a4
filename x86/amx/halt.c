// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tiles and XFD over HLT until the APIC's timer comes: a host gives the processor to
 * somebody else meanwhile, in the middle of running the guest.
 */
#include "x86/amx/tile.h"

enum { VECTOR = 0xd3, DIVIDE_BY_1 = 0xb, LVT_MASKED = BIT(16) };
/* Longer than a host polls before it lets go of the processor, at 25 MHz to 1 GHz. */
enum { COUNT = 4000000, ROUNDS = 4 };

static struct tile_config config, got;
static struct tiles tiles;
static volatile u64 taken;

static void take(struct trap_frame *f)
{
	(void)f;
	taken++;
	apic_eoi();
}

static void halt(void)
{
	u64 before = taken;

	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR);
	apic_write(APIC_TIMER_INITIAL, COUNT);
	while (taken == before)
		halt_for_interrupt();
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
}

TEST(tiles_over_halt,
     "tiles, their configuration and IA32_XFD are the same after HLT until an interrupt",
     LAW("SDM vol. 1, 13.5, AMX State, and 13.14"), NEEDS(AMX_TILE | APIC), CASES(2 * ROUNDS))
{
	amx_begin();
	set_handler(VECTOR, take);
	for (unsigned int n = 0; n < 2 * ROUNDS; n++)
		CASE("xfd=%u,round=%u", n & 1, n / 2) {
			u64 xfd = n & 1 ? XFD_TILEDATA : 0, value = ~0ull;

			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			tiles_fill(&tiles, 90 + n);
			load_tiles(&tiles);
			set_xfd(xfd);
			halt();
			if (EXPECT_NO_FAULT(try_rdmsr(MSR_XFD, &value)))
				EXPECT_EQ(xfd, value);
			if (EXPECT_NO_FAULT(sttilecfg(&got)))
				expect_same("configuration", (u8 *)&config, (u8 *)&got,
					    sizeof(got));
			if (xfd) {
				EXPECT_FAULT(NM, tileload(0, tiles.byte, TILE_ROW_BYTES));
				wrmsr(MSR_XFD_ERR, 0);
			}
			set_xfd(0);
			if (xfd)
				expect_tiles_or_zero(&tiles);
			else
				expect_tiles(&tiles);
		}
}
