// SPDX-License-Identifier: GPL-2.0-only
/* LDTILECFG, STTILECFG and TILERELEASE: what they take, refuse and leave behind. */
#include "x86/amx/tile.h"

static struct tile_config config, got;
static struct tiles tiles, zero;

/* One thing wrong in a configuration of full tiles. */
static const struct {
	const char *name;
	unsigned int at; /* byte */
	u8 value;
} bad[] = {
	{ "palette-2", 0, 2 },		 { "palette-255", 0, 255 },
	{ "reserved-byte-2", 2, 1 },	 { "reserved-byte-15", 15, 1 },
	{ "bytes-65", 16, 65 },		 { "bytes-7-high", 31, 1 },
	{ "bytes-of-tile-8", 32, 1 },	 { "bytes-of-tile-15", 47, 1 },
	{ "rows-17", 48, 17 },		 { "rows-255", 55, 255 },
	{ "rows-of-tile-8", 56, 1 },	 { "rows-of-tile-15", 63, 1 },
	{ "rows-without-bytes", 16, 0 }, { "bytes-without-rows", 48, 0 },
};

TEST(ldtilecfg_refuses, "LDTILECFG of a bad configuration is #GP(0) and changes nothing",
     LAW("SDM vol. 2A, LDTILECFG"), NEEDS(AMX_TILE), CASES(ARRAY_SIZE(bad)))
{
	amx_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		CASE("bad=%s", bad[i].name) {
			struct fault f;

			tiles_fill(&tiles, i);
			load_tiles(&tiles);
			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			((u8 *)&config)[bad[i].at] = bad[i].value;
			f = ldtilecfg(&config);
			if (EXPECT_FAULT(GP, f))
				EXPECT_EQ(0, f.error_code);
			expect_tiles(&tiles);
		}
}

TEST(sttilecfg, "STTILECFG stores the configuration that LDTILECFG loaded",
     LAW("SDM vol. 2B, STTILECFG"), NEEDS(AMX_TILE), CASES(4))
{
	static const struct {
		unsigned int rows, bytes;
	} shape[] = { { 16, 64 }, { 1, 4 }, { 8, 32 }, { 3, 60 } };

	amx_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(shape); i++)
		CASE("rows=%u,bytes=%u", shape[i].rows, shape[i].bytes) {
			config_fill(&config, shape[i].rows, shape[i].bytes);
			/* Each tile another. */
			config.rows[7] = 16;
			config.bytes[7] = 8;
			config.rows[3] = 0;
			config.bytes[3] = 0;
			ASSERT_(EXPECT_NO_FAULT(ldtilecfg(&config)));
			memset(&got, 0xcc, sizeof(got));
			ASSERT_(EXPECT_NO_FAULT(sttilecfg(&got)));
			expect_same("configuration", (u8 *)&config, (u8 *)&got, sizeof(got));
		}
}

TEST(palette_0_releases,
     "LDTILECFG of palette 0 and TILERELEASE leave no configuration, and tiles are #UD",
     LAW("SDM vol. 2A, LDTILECFG; vol. 2B, TILERELEASE"), NEEDS(AMX_TILE), CASES(2))
{
	amx_begin();
	for (unsigned int release = 0; release < 2; release++)
		CASE("release=%u", release) {
			static const struct tile_config none;

			tiles_fill(&tiles, release);
			load_tiles(&tiles);
			memset(&config, 0, sizeof(config));
			/* With palette 0 the rest is not looked at. */
			memset((u8 *)&config + 16, 0xff, 16);
			EXPECT_NO_FAULT(release ? tilerelease() : ldtilecfg(&config));
			EXPECT_FAULT(UD, tileload(0, tiles.byte[0], TILE_ROW_BYTES));
			EXPECT_FAULT(UD, tilestore(7, zero.byte[0], TILE_ROW_BYTES));
			EXPECT_FAULT(UD, tilezero(3));
			EXPECT_FAULT(UD, tdpbssd());
			memset(&got, 0xcc, sizeof(got));
			if (EXPECT_NO_FAULT(sttilecfg(&got)))
				expect_same("configuration", (u8 *)&none, (u8 *)&got, sizeof(got));
		}
}

TEST(ldtilecfg_zeroes, "LDTILECFG zeroes all tiles", LAW("SDM vol. 2A, LDTILECFG"), NEEDS(AMX_TILE))
{
	amx_begin();
	tiles_fill(&tiles, 1);
	load_tiles(&tiles);
	load_config();
	memset(&zero, 0, sizeof(zero));
	expect_tiles(&zero);
}

TEST(unconfigured_tile, "a tile without rows is #UD, the others are not",
     LAW("SDM vol. 2B, TILELOADD, exceptions"), NEEDS(AMX_TILE), CASES(TILES))
{
	amx_begin();
	for (unsigned int n = 0; n < TILES; n++)
		CASE("tile=%u", n) {
			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			config.rows[n] = 0;
			config.bytes[n] = 0;
			ASSERT_(EXPECT_NO_FAULT(ldtilecfg(&config)));
			for (unsigned int i = 0; i < TILES; i++) {
				if (i == n)
					EXPECT_FAULT(UD,
						     tileload(i, tiles.byte[i], TILE_ROW_BYTES));
				else
					EXPECT_NO_FAULT(tileload(i, tiles.byte[i], TILE_ROW_BYTES));
			}
		}
}
