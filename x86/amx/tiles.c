// SPDX-License-Identifier: GPL-2.0-only
/* What tile loads and stores move: every tile, row and column, whole and partial. */
#include "x86/amx/tile.h"

static struct tile_config config;
static struct tiles wanted, from, got;

enum { UNTOUCHED = 0xcc };

static const struct {
	unsigned int rows, bytes;
} shape[] = { { 16, 64 }, { 1, 64 }, { 16, 4 }, { 1, 4 }, { 7, 20 }, { 15, 60 }, { 9, 32 } };

TEST(all_tiles,
     "TILELOADD and TILESTORED move the rows and columns that are configured, of every tile",
     LAW("SDM vol. 2B, TILELOADD and TILESTORED"), NEEDS(AMX_TILE), CASES(ARRAY_SIZE(shape) * 2))
{
	amx_begin();
	for (unsigned int s = 0; s < ARRAY_SIZE(shape); s++)
		for (unsigned int wide = 0; wide < 2; wide++)
			CASE("rows=%u,bytes=%u,wide=%u", shape[s].rows, shape[s].bytes, wide) {
				unsigned int stride = wide ? TILE_ROW_BYTES : shape[s].bytes;

				config_fill(&config, shape[s].rows, shape[s].bytes);
				ASSERT_(EXPECT_NO_FAULT(ldtilecfg(&config)));
				tiles_fill(&from, s);
				memset(&got, UNTOUCHED, sizeof(got));
				memset(&wanted, UNTOUCHED, sizeof(wanted));
				for (unsigned int t = 0; t < TILES; t++) {
					EXPECT_NO_FAULT(tileload(t, from.byte[t], stride));
					for (unsigned int row = 0; row < shape[s].rows; row++)
						memcpy(wanted.byte[t] + row * stride,
						       from.byte[t] + row * stride, shape[s].bytes);
				}
				for (unsigned int t = 0; t < TILES; t++)
					EXPECT_NO_FAULT(tilestore(t, got.byte[t], stride));
				expect_same("all tiles", wanted.byte[0], got.byte[0], sizeof(got));
			}
}

TEST(partial_load_zeroes,
     "rows and columns beyond the configuration are zero in the image of XTILEDATA",
     LAW("SDM vol. 2B, TILELOADD"), NEEDS(AMX_TILE), CASES(ARRAY_SIZE(shape)))
{
	static struct amx_area area;
	u64 xcr0 = amx_begin();

	for (unsigned int s = 0; s < ARRAY_SIZE(shape); s++)
		CASE("rows=%u,bytes=%u", shape[s].rows, shape[s].bytes) {
			tiles_fill(&from, 100 + s);
			load_tiles(&from);
			config_fill(&config, shape[s].rows, shape[s].bytes);
			ASSERT_(EXPECT_NO_FAULT(ldtilecfg(&config)));
			memset(&wanted, 0, sizeof(wanted));
			for (unsigned int t = 0; t < TILES; t++) {
				EXPECT_NO_FAULT(tileload(t, from.byte[t], TILE_ROW_BYTES));
				for (unsigned int row = 0; row < shape[s].rows; row++)
					memcpy(wanted.byte[t] + row * TILE_ROW_BYTES,
					       from.byte[t] + row * TILE_ROW_BYTES, shape[s].bytes);
			}
			memset(&area, 0, sizeof(area));
			EXPECT_NO_FAULT(xstate_do(XSTATE_XSAVE, &area, xcr0));
			expect_same("XTILEDATA", wanted.byte[0],
				    area.byte + amx_layout[XTILEDATA].offset, XTILEDATA_BYTES);
		}
}

TEST(tilezero, "TILEZERO zeroes its tile and no other", LAW("SDM vol. 2B, TILEZERO"),
     NEEDS(AMX_TILE), CASES(TILES))
{
	amx_begin();
	for (unsigned int n = 0; n < TILES; n++)
		CASE("tile=%u", n) {
			tiles_fill(&wanted, n);
			load_tiles(&wanted);
			EXPECT_NO_FAULT(tilezero(n));
			memset(wanted.byte[n], 0, TILE_BYTES);
			expect_tiles(&wanted);
		}
}

/* A load that faults in a row goes on there: start_row says which (SDM vol. 2B, TILELOADD). */
TEST(load_restarts, "TILELOADD with a row that is not there is #PF, and completes once it is",
     LAW("SDM vol. 2B, TILELOADD"), NEEDS(AMX_TILE), CASES(3))
{
	static const unsigned int first[] = { 1, 8, 15 };
	u64 page = TEST_MEMORY + (2 << 20), *entry;

	amx_begin();
	/* The runtime maps by pages of 2 MiB: PML4, PDPT, PD. */
	entry = (u64 *)(boot_pml4[0] & ~0xfffull);
	entry = (u64 *)(entry[0] & ~0xfffull);
	entry += page >> 21;
	for (unsigned int i = 0; i < ARRAY_SIZE(first); i++)
		CASE("row=%u", first[i]) {
			u8 *memory = (u8 *)(page - first[i] * TILE_ROW_BYTES);
			struct fault f;
			u64 was = *entry;

			tiles_fill(&wanted, 200 + i);
			load_tiles(&wanted);
			tiles_fill(&from, 300 + i);
			memcpy(memory, from.byte[0], TILE_BYTES);
			*entry = was & ~1ull;
			invlpg(page);
			f = tileload(0, memory, TILE_ROW_BYTES);
			*entry = was;
			invlpg(page);
			if (EXPECT_FAULT(PF, f))
				EXPECT_EQ(page, f.cr2);
			EXPECT_NO_FAULT(tileload(0, memory, TILE_ROW_BYTES));
			memcpy(wanted.byte[0], from.byte[0], TILE_BYTES);
			expect_tiles(&wanted);
		}
}
