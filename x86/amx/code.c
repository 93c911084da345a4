// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code that is written over, with AMX enabled.  Nothing of tiles, but of whoever
 * translates code: an emulator that keeps it by the features that are enabled must
 * find it again in each of them.
 */
#include "x86/amx/tile.h"

/* mov $imm32, %eax; ret */
static void put_code(u8 *at, u32 result)
{
	at[0] = 0xb8;
	memcpy(at + 1, &result, sizeof(result));
	at[5] = 0xc3;
}

static u32 run_code(u8 *at)
{
	u32 (*code)(void) = (u32(*)(void))(u64)at;

	/* Serializes: what was written before is what is fetched behind. */
	cpuid(0, 0);
	return code();
}

TEST(modified_code,
     "code that was written over is executed as it is, wherever in its page it lies, with AMX "
     "enabled and not",
     LAW("SDM vol. 3A, Self-Modifying Code"), NEEDS(AMX_TILE), CASES(2 * 32))
{
	u8 *page = (u8 *)(TEST_MEMORY + (4 << 20));
	u64 all = amx_begin();

	for (unsigned int amx = 0; amx < 2; amx++)
		for (unsigned int line = 0; line < 32; line++)
			CASE ("amx=%u,offset=%u", amx, line * 128) {
				u8 *code = page + line * 128;

				ASSERT_(EXPECT_NO_FAULT(try_xsetbv(amx ? all : all & ~XTILE)));
				for (u32 n = 1; n <= 3; n++) {
					put_code(code, n);
					EXPECT_EQ(n, run_code(code));
				}
			}
	ASSERT_(EXPECT_NO_FAULT(try_xsetbv(all)));
}
