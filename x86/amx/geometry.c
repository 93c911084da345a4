// SPDX-License-Identifier: GPL-2.0-only
/*
 * What CPUID says of AMX and of its state components, and what XSETBV takes
 * (SDM vol. 2A, CPUID leaves 0DH, 1DH, 1EH; vol. 1, 13.2 and 13.3).
 */
#include "x86/amx/tile.h"

TEST(components, "XTILECFG has 64 bytes and XTILEDATA 8192, and both are of XCR0",
     LAW("SDM vol. 2A, CPUID leaf 0DH; vol. 1, 13.5, AMX State"), NEEDS(AMX_TILE))
{
	u64 xcr0 = amx_begin();
	unsigned int i = 0, j = 0;

	EXPECT_EQ(XTILE, xcr0 & XTILE);
	EXPECT_EQ(XTILECFG_BYTES, amx_layout[XTILECFG].size);
	EXPECT_EQ(XTILEDATA_BYTES, amx_layout[XTILEDATA].size);
	EXPECT(!amx_layout[XTILECFG].supervisor);
	EXPECT(!amx_layout[XTILEDATA].supervisor);
	if (!xstate_layout_valid(amx_layout, xcr0, &i, &j))
		note("component %u lies wrong or on component %u", i, j);
	EXPECT(xstate_layout_valid(amx_layout, xcr0, &i, &j));
}

TEST(aligned, "XTILECFG and XTILEDATA are aligned to 64 bytes in the compacted format",
     LAW("SDM vol. 2A, CPUID leaf 0DH: ECX[1]; vol. 1, 13.4.3"), NEEDS(AMX_TILE))
{
	amx_begin();
	EXPECT(amx_layout[XTILECFG].aligned);
	EXPECT(amx_layout[XTILEDATA].aligned);
}

TEST(area_sizes,
     "CPUID's area sizes are those of the components of XCR0: standard in leaf 0DH.0, compacted in "
     "leaf 0DH.1",
     LAW("SDM vol. 1, 13.2"), NEEDS(AMX_TILE | XSAVEC), CASES(4))
{
	u64 all = amx_begin();
	const u64 sets[] = { all, all & ~XTILE, XCR0_X87 | XTILE, XCR0_X87 | XCR0_SSE };
	static const char *const name[] = { "all", "without-tiles", "tiles", "legacy" };

	for (unsigned int n = 0; n < ARRAY_SIZE(sets); n++)
		CASE("xcr0=%s", name[n]) {
			ASSERT_(EXPECT_NO_FAULT(try_xsetbv(sets[n])));
			EXPECT_EQ(xstate_standard_size(amx_layout, sets[n]),
				  cpuid(0xd, 0).reg[CPUID_EBX]);
			EXPECT_EQ(xstate_standard_size(amx_layout, all),
				  cpuid(0xd, 0).reg[CPUID_ECX]);
			EXPECT_EQ(xstate_compacted_size(amx_layout, sets[n]),
				  cpuid(0xd, 1).reg[CPUID_EBX]);
		}
}

TEST(palette, "palette 1 has 8 tiles of 16 rows of 64 bytes", LAW("SDM vol. 2A, CPUID leaf 1DH"),
     NEEDS(AMX_TILE))
{
	struct cpuid_result p = cpuid(0x1d, 1);

	amx_begin();
	EXPECT_EQ(1, cpuid(0x1d, 0).reg[CPUID_EAX]);
	EXPECT_EQ(XTILEDATA_BYTES | TILE_BYTES << 16, p.reg[CPUID_EAX]);
	EXPECT_EQ(TILE_ROW_BYTES | TILES << 16, p.reg[CPUID_EBX]);
	EXPECT_EQ(TILE_ROWS, p.reg[CPUID_ECX] & 0xffff);
}

TEST(xtile_bits_together, "XSETBV takes XCR0[18:17] both or none", LAW("SDM vol. 1, 13.3"),
     NEEDS(AMX_TILE), CASES(4))
{
	u64 all = amx_begin();

	for (u64 bits = 0; bits < 4; bits++)
		CASE("bits=%llu", (unsigned long long)bits) {
			u64 value = (all & ~XTILE) | bits << XTILECFG;

			if (xcr0_valid(value, all))
				EXPECT_NO_FAULT(try_xsetbv(value));
			else
				EXPECT_FAULT(GP, try_xsetbv(value));
		}
}

/* Every instruction of AMX, for laws that hold for each. */
static const struct {
	const char *name;
	struct fault (*run)(void);
} tile_instruction[] = {
	{ "tilerelease", tilerelease },
	{ "tdpbssd", tdpbssd },
};

TEST(xcr0_gates_tiles,
     "tile instructions are #UD while XCR0 has XTILECFG and XTILEDATA not, or CR4.OSXSAVE is 0",
     LAW("SDM vol. 2A, LDTILECFG, exceptions"), NEEDS(AMX_TILE), CASES(8))
{
	static struct tile_config full, got;
	static struct tiles tiles;
	u64 all = amx_begin();

	config_fill(&full, TILE_ROWS, TILE_ROW_BYTES);
	for (unsigned int osxsave = 0; osxsave < 2; osxsave++)
		for (unsigned int n = 0; n < 4; n++) {
			static const char *const name[] = { "ldtilecfg", "sttilecfg", "tileload",
							    "other" };

			CASE("osxsave=%u,instruction=%s", osxsave, name[n]) {
				load_config();
				if (osxsave)
					ASSERT_(EXPECT_NO_FAULT(try_xsetbv(all & ~XTILE)));
				else
					write_cr4(read_cr4() & ~CR4_OSXSAVE);
				if (n == 0)
					EXPECT_FAULT(UD, ldtilecfg(&full));
				if (n == 1)
					EXPECT_FAULT(UD, sttilecfg(&got));
				if (n == 2)
					EXPECT_FAULT(UD, tileload(0, tiles.byte, TILE_ROW_BYTES));
				for (unsigned int i = 0; n == 3 && i < ARRAY_SIZE(tile_instruction);
				     i++)
					EXPECT_FAULT(UD, tile_instruction[i].run());
				write_cr4(read_cr4() | CR4_OSXSAVE);
				ASSERT_(EXPECT_NO_FAULT(try_xsetbv(all)));
			}
		}
}
