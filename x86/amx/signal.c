// SPDX-License-Identifier: GPL-2.0-only
/* The host's thread is signalled while another process on its processor uses tiles. */
#include "x86/amx/tile.h"

static struct tiles tiles;

TEST(signal_amid_tiles,
     "a signal to the vCPU's thread, with another process's tiles in the middle of its delivery, "
     "changes nothing in the guest",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), ACTIONS(SIGNAL_AMID_TILES),
     FIXES(FIX("388eff894d6bc5f921e9bfff0e4b0ab2684a96e9",
	       "x86/fpu: Ensure XFD state on signal delivery")),
     CASES(2))
{
	amx_begin();
	for (unsigned int xfd = 0; xfd < 2; xfd++)
		CASE("xfd=%u", xfd) {
			u64 value;

			tiles_fill(&tiles, xfd);
			load_tiles(&tiles);
			set_xfd(xfd ? XFD_TILEDATA : 0);
			sync(SIGNAL_AMID_TILES);
			ASSERT_(EXPECT_NO_FAULT(try_rdmsr(MSR_XFD, &value)));
			EXPECT_EQ(xfd ? XFD_TILEDATA : 0, value);
			set_xfd(0);
			if (xfd)
				expect_tiles_or_zero(&tiles);
			else
				expect_tiles(&tiles);
		}
}
