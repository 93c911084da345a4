/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tiles and their state: what the laws of this area share.  All of them need
 * AMX_TILE and none says XFD: a processor with AMX has it, because XTILEDATA is a
 * component that XFD disables, and one that says it has not breaks the law.
 */
#ifndef ASSAY_X86_AMX_TILE_H
#define ASSAY_X86_AMX_TILE_H

#include "lib/x86/xstate_image.h"
#include "x86/boot/x86.h"

enum { XTILECFG = 17, XTILEDATA = 18 };
enum tile_geometry {
	TILES = 8,
	TILE_ROWS = 16,
	TILE_ROW_BYTES = 64,
	TILE_BYTES = 1024,
	XTILECFG_BYTES = 64,
	XTILEDATA_BYTES = 8192,
};
#define XFD_TILEDATA BIT(XTILEDATA)
#define XTILE (BIT(XTILECFG) | BIT(XTILEDATA))

/* The operand of LDTILECFG, and XTILECFG in an XSAVE area (SDM vol. 2A, LDTILECFG). */
struct tile_config {
	u8 palette, start_row, reserved[14];
	u16 bytes[16]; /* a row; of the first 8 tiles, the others are reserved */
	u8 rows[16];
} __attribute__((aligned(64)));

/* The operand of tile loads and stores, without gaps. */
struct tiles {
	u8 byte[TILES][TILE_BYTES];
} __attribute__((aligned(64)));

/* An XSAVE area with room for everything of XCR0 in either format. */
struct amx_area {
	u8 byte[16384];
} __attribute__((aligned(64)));

/* What CPUID says of the components of XCR0, once amx_begin() has asked. */
extern struct xstate_component amx_layout[XSTATE_COMPONENTS];

/* CR4.OSXSAVE, XCR0 with all that CPUID allows, XFD and XFD_ERR zero, tiles initial; gives XCR0. */
u64 amx_begin(void);
struct fault try_xsetbv(u64 value);
struct fault try_wrmsr(u32 msr, u64 value);
struct fault try_rdmsr(u32 msr, u64 *value);
void set_xfd(u64 value);

/* All tiles with so many rows and bytes a row. */
void config_fill(struct tile_config *c, unsigned int rows, unsigned int bytes);
void tiles_fill(struct tiles *t, u64 seed);

struct fault ldtilecfg(const struct tile_config *c);
struct fault sttilecfg(struct tile_config *c);
struct fault tileload(unsigned int tile, const void *from, u64 stride);
struct fault tilestore(unsigned int tile, void *to, u64 stride);
struct fault tilezero(unsigned int tile);
struct fault tdpbssd(void); /* TMM0, TMM1, TMM2 */
struct fault tilerelease(void);

/* The full configuration, and every tile loaded; each must do so without a fault. */
void load_config(void);
void load_tiles(const struct tiles *t);
/* Do all tiles hold this? */
bool expect_tiles(const struct tiles *wanted);
/*
 * Tiles that were in use while XFD was set: XSAVE says of them that they are initial,
 * and a host that moves or preempts a vCPU by its XSAVE image has them so.  All of
 * them must be the old ones, or all zero: never a mix, nor anything else.
 */
bool expect_tiles_or_zero(const struct tiles *wanted);

/* XSAVE and its like at CPL 0. */
struct fault xstate_do(enum xstate_instruction i, void *area, u64 requested);

u64 area_word(const struct amx_area *area, unsigned int at);
void area_set_word(struct amx_area *area, unsigned int at, u64 value);
bool expect_same(const char *what, const u8 *wanted, const u8 *got, size_t n);

#endif
