// SPDX-License-Identifier: GPL-2.0-only
/*
 * The XSAVE instructions with tiles, judged by the model (lib/x86/xstate_image.h):
 * every instruction, which components are asked for, which are in use, XFD.
 */
#include "x86/amx/tile.h"

/* The components that the matrix varies: enough for every rule of order and room. */
#define AVX BIT(2)
#define PKRU_ BIT(9)
enum { UNTOUCHED = 0xcc };

static const struct {
	const char *name;
	u64 components;
} set[] = {
	{ "all", ~0ull },
	{ "tiles", XTILE },
	{ "tilecfg", BIT(XTILECFG) },
	{ "tiledata", BIT(XTILEDATA) },
	{ "avx", AVX },
	{ "avx+tilecfg", AVX | BIT(XTILECFG) },
	{ "avx+tiledata", AVX | BIT(XTILEDATA) },
	{ "pkru+tiles", PKRU_ | XTILE },
	{ "none", 0 },
};

static struct amx_area image, start, wanted, got;
static u8 content[XSTATE_COMPONENTS][XTILEDATA_BYTES] __attribute__((aligned(64)));
static struct xstate_cpu model;

static void fill_component(unsigned int n, u64 seed)
{
	static struct tiles pattern;

	tiles_fill(&pattern, seed);
	memset(content[n], 0, sizeof(content[n]));
	if (n == XTILECFG) {
		config_fill((struct tile_config *)content[n], 1 + (seed & 15), 64);
	} else if (n == 9) { /* PKRU: 32 bits; key 0 stays open for whoever runs us */
		memcpy(content[n], pattern.byte[0], 4);
		content[n][0] = (content[n][0] & 0xfc) | 0x40;
	} else {
		memcpy(content[n], pattern.byte[0], MIN(amx_layout[n].size, sizeof(pattern)));
	}
}

/* Model and CPU with these components in use, full of a pattern, and the others initial. */
static void begin(u64 xcr0, u64 in_use, u64 seed)
{
	model = (struct xstate_cpu){ .component = amx_layout, .xcr0 = xcr0, .in_use = in_use };
	memset(&start, 0, sizeof(start));
	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++) {
		if (!(xcr0 >> n & 1))
			continue;
		model.content[n] = content[n];
		if (!(in_use >> n & 1)) {
			memset(content[n], 0, sizeof(content[n]));
			continue;
		}
		fill_component(n, seed + n);
		memcpy(start.byte + amx_layout[n].offset, content[n], amx_layout[n].size);
	}
	area_set_word(&start, XSAVE_BV, in_use);
	set_xfd(0);
	ASSERT_(EXPECT_NO_FAULT(xstate_do(XSTATE_XRSTOR, &start, xcr0)));
	wrmsr(MSR_XFD_ERR, 0);
}

/* What CPU and model must agree in: the legacy components are known by no more than their bits. */
#define JUDGED(xcr0) ((xcr0) & ~(u64)(XCR0_X87 | XCR0_SSE))

static bool instruction_here(enum xstate_instruction i, u64 cases)
{
	static const u64 needs[XSTATE_INSTRUCTIONS] = {
		[XSTATE_XSAVEOPT] = XSAVEOPT,
		[XSTATE_XSAVEC] = XSAVEC,
		[XSTATE_XSAVES] = XSAVES,
		[XSTATE_XRSTORS] = XSAVES,
	};

	if (!needs[i] || has_feature(needs[i]))
		return true;
	cases_not_covered(cases, "the CPU has no %s", xstate_instruction_name[i]);
	return false;
}

/* In use: AVX and PKRU always, of the tiles what the case says. */
static u64 used_here(u64 xcr0, unsigned int tiles)
{
	return (xcr0 & (AVX | PKRU_)) | (u64)tiles << XTILECFG;
}

static void save_case(enum xstate_instruction i, u64 xcr0, u64 requested, unsigned int used,
		      bool xfd)
{
	u64 rfbm = requested & JUDGED(xcr0);

	begin(xcr0, used_here(xcr0, used), requested ^ used);
	/* Those of AVX-512 are initial, which a processor may not know: not asked for. */
	rfbm &= AVX | PKRU_ | XTILE;
	memset(&image, UNTOUCHED, sizeof(image));
	memset(image.byte + XSAVE_BV, 0, 64);
	/* What an earlier save left: bits that are not asked for stay. */
	area_set_word(&image, XSAVE_BV, XTILE & xcr0);
	memcpy(&wanted, &image, sizeof(wanted));
	model.xfd = xfd ? XFD_TILEDATA : 0;
	xstate_save(&model, i, rfbm, wanted.byte);
	set_xfd(model.xfd);
	EXPECT_NO_FAULT(xstate_do(i, &image, rfbm));
	set_xfd(0);
	EXPECT_EQ(area_word(&wanted, XSAVE_BV), area_word(&image, XSAVE_BV));
	EXPECT_EQ(area_word(&wanted, XSAVE_XCOMP_BV), area_word(&image, XSAVE_XCOMP_BV));
	/* Of the legacy region MXCSR may be written. */
	expect_same("area", wanted.byte + XSAVE_BV, image.byte + XSAVE_BV,
		    sizeof(image) - XSAVE_BV);
}

/* x87 and SSE are requested by none: what they write is another area's law. */
static void save_matrix(enum xstate_instruction i, bool xfd)
{
	u64 xcr0 = amx_begin();

	if (!instruction_here(i, ARRAY_SIZE(set) * 4))
		return;
	for (unsigned int s = 0; s < ARRAY_SIZE(set); s++)
		for (unsigned int used = 0; used < 4; used++)
			CASE("instruction=%s,requested=%s,tilecfg=%u,tiledata=%u",
			      xstate_instruction_name[i], set[s].name, used & 1, used >> 1)
				save_case(i, xcr0, set[s].components, used, xfd);
}

TEST(saved, "XSAVE, XSAVEOPT, XSAVEC and XSAVES write tiles as the manual says, and nothing else",
     LAW("SDM vol. 1, 13.4, 13.6, 13.7 and 13.9 to 13.11"), NEEDS(AMX_TILE),
     CASES(4 * 4 * ARRAY_SIZE(set)))
{
	for (enum xstate_instruction i = XSTATE_XSAVE; i <= XSTATE_XSAVES; i++)
		save_matrix(i, false);
}

TEST(saved_with_xfd, "with IA32_XFD[18] = 1 XTILEDATA is saved as if it were initial",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), CASES(4 * 4 * ARRAY_SIZE(set)))
{
	for (enum xstate_instruction i = XSTATE_XSAVE; i <= XSTATE_XSAVES; i++)
		save_matrix(i, true);
}

/* --- loading --- */

static void expect_content(u64 xcr0)
{
	memset(&got, 0, sizeof(got));
	EXPECT_NO_FAULT(xstate_do(XSTATE_XSAVE, &got, xcr0));
	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++) {
		char name[24];
		struct text t = text_into(name, sizeof(name));

		if (!(xcr0 >> n & 1))
			continue;
		text_add(&t, "component %u", n);
		expect_same(name, content[n], got.byte + amx_layout[n].offset, amx_layout[n].size);
	}
}

/*
 * The image is what `save` wrote of everything; then the CPU has other contents, and
 * loads a part of the image.
 */
static void load_case(enum xstate_instruction save, enum xstate_instruction i, u64 xcr0,
		      u64 requested, unsigned int used, bool xfd)
{
	u64 rfbm = requested & JUDGED(xcr0), value;
	unsigned int vector;
	struct fault f;

	begin(xcr0, used_here(xcr0, used), 1000 + used);
	/* What is initial is not read: rubbish stands there. */
	memset(&image, UNTOUCHED, sizeof(image));
	memset(image.byte, 0, XSAVE_EXTENDED);
	xstate_save(&model, save, JUDGED(xcr0), image.byte);
	begin(xcr0, used_here(xcr0, 3), 2000 + used);
	model.xfd = xfd ? XFD_TILEDATA : 0;
	set_xfd(model.xfd);
	vector = xstate_load(&model, i, rfbm, image.byte);
	f = xstate_do(i, &image, rfbm);
	set_xfd(0);
	EXPECT_VECTOR(vector == XSTATE_NO_FAULT ? VECTOR_NONE : vector, f);
	if (EXPECT_NO_FAULT(try_rdmsr(MSR_XFD_ERR, &value)))
		EXPECT_EQ(model.xfd_err, value);
	expect_content(xcr0);
}

static const struct {
	enum xstate_instruction save, load;
	const char *format;
} pair[] = {
	{ XSTATE_XSAVE, XSTATE_XRSTOR, "standard" },
	{ XSTATE_XSAVEC, XSTATE_XRSTOR, "compacted" },
	{ XSTATE_XSAVES, XSTATE_XRSTORS, "compacted" },
	{ XSTATE_XSAVE, XSTATE_XRSTORS, "standard" },
};

static void load_matrix(bool xfd)
{
	u64 xcr0 = amx_begin();

	for (unsigned int p = 0; p < ARRAY_SIZE(pair); p++) {
		if (!instruction_here(pair[p].save, ARRAY_SIZE(set) * 4) ||
		    !instruction_here(pair[p].load, ARRAY_SIZE(set) * 4))
			continue;
		for (unsigned int s = 0; s < ARRAY_SIZE(set); s++)
			for (unsigned int used = 0; used < 4; used++)
				CASE("instruction=%s,format=%s,requested=%s,tilecfg=%u,tiledata=%"
				      "u",
				      xstate_instruction_name[pair[p].load], pair[p].format,
				      set[s].name, used & 1, used >> 1)
					load_case(pair[p].save, pair[p].load, xcr0,
						  set[s].components, used, xfd);
	}
}

TEST(loaded,
     "XRSTOR and XRSTORS load the tiles that are asked for, in either format, and no others",
     LAW("SDM vol. 1, 13.4.3, 13.8 and 13.12"), NEEDS(AMX_TILE),
     CASES(ARRAY_SIZE(pair) * ARRAY_SIZE(set) * 4))
{
	load_matrix(false);
}

TEST(loaded_with_xfd,
     "with IA32_XFD[18] = 1 XRSTOR and XRSTORS that would load XTILEDATA are #NM and load nothing",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), CASES(ARRAY_SIZE(pair) * ARRAY_SIZE(set) * 4))
{
	load_matrix(true);
}

TEST(release_is_initial,
     "after TILERELEASE both tile components are initial: XSTATE_BV has neither, XCOMP_BV both",
     LAW("SDM vol. 1, 13.6 and 13.10; vol. 2B, TILERELEASE"), NEEDS(AMX_TILE | XSAVEC), CASES(2))
{
	static struct tiles tiles;
	u64 xcr0 = amx_begin();

	for (unsigned int xfd = 0; xfd < 2; xfd++)
		CASE("xfd=%u", xfd) {
			tiles_fill(&tiles, xfd);
			load_tiles(&tiles);
			set_xfd(xfd ? XFD_TILEDATA : 0);
			ASSERT_(EXPECT_NO_FAULT(tilerelease()));
			memset(&image, UNTOUCHED, sizeof(image));
			EXPECT_NO_FAULT(xstate_do(XSTATE_XSAVEC, &image, xcr0));
			EXPECT_EQ(0, area_word(&image, XSAVE_BV) & XTILE);
			EXPECT_EQ(XCOMP_BV_COMPACTED | xcr0, area_word(&image, XSAVE_XCOMP_BV));
			set_xfd(0);
		}
}
