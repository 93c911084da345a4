// SPDX-License-Identifier: GPL-2.0-only
/* See tile.h. */
#include "x86/amx/tile.h"

struct xstate_component amx_layout[XSTATE_COMPONENTS];

/* One of eight instructions: the register is in the opcode. */
#define EACH_TILE(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

struct fault try_xsetbv(u64 value)
{
	return TRY("xsetbv", ::"c"(0), "a"((u32)value), "d"((u32)(value >> 32)));
}

struct fault try_wrmsr(u32 msr, u64 value)
{
	return TRY("wrmsr", ::"c"(msr), "a"((u32)value), "d"((u32)(value >> 32)));
}

struct fault try_rdmsr(u32 msr, u64 *value)
{
	u32 low = 0, high = 0;
	struct fault f = TRY("rdmsr", : "+a"(low), "+d"(high) : "c"(msr));

	*value = low | (u64)high << 32;
	return f;
}

void set_xfd(u64 value)
{
	ASSERT_(EXPECT_NO_FAULT(try_wrmsr(MSR_XFD, value)));
}

static void read_layout(unsigned int n)
{
	struct cpuid_result r = cpuid(0xd, n);

	amx_layout[n] = (struct xstate_component){
		.size = r.reg[CPUID_EAX],
		.offset = r.reg[CPUID_EBX],
		.supervisor = r.reg[CPUID_ECX] & 1,
		.aligned = r.reg[CPUID_ECX] & 2,
	};
}

u64 amx_begin(void)
{
	struct cpuid_result r = cpuid(0xd, 0);
	u64 xcr0 = r.reg[CPUID_EAX] | (u64)r.reg[CPUID_EDX] << 32;

	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++)
		if (xcr0 >> n & 1)
			read_layout(n);
	ASSERT(xstate_standard_size(amx_layout, xcr0) <= sizeof(struct amx_area));
	write_cr4(read_cr4() | CR4_OSXSAVE);
	ASSERT_(EXPECT_NO_FAULT(try_xsetbv(xcr0)));
	/* What a test before left; laws about XFD itself say if it is not there. */
	try_wrmsr(MSR_XFD, 0);
	try_wrmsr(MSR_XFD_ERR, 0);
	ASSERT_(EXPECT_NO_FAULT(tilerelease()));
	return xcr0;
}

void config_fill(struct tile_config *c, unsigned int rows, unsigned int bytes)
{
	memset(c, 0, sizeof(*c));
	c->palette = 1;
	for (unsigned int i = 0; i < TILES; i++) {
		c->bytes[i] = (u16)bytes;
		c->rows[i] = (u8)rows;
	}
}

/* No byte is zero: what was left out is seen. */
void tiles_fill(struct tiles *t, u64 seed)
{
	u64 state = seed + 1, word = random_next(&state);

	for (size_t i = 0; i < sizeof(*t); i += 8, word += 0x9e3779b97f4a7c15ull) {
		u64 filled = word | 0x0101010101010101ull;

		memcpy(&t->byte[0][0] + i, &filled, 8);
	}
}

struct fault ldtilecfg(const struct tile_config *c)
{
	return TRY("ldtilecfg (%0)", ::"r"(c));
}

struct fault sttilecfg(struct tile_config *c)
{
	return TRY("sttilecfg (%0)", ::"r"(c));
}

struct fault tileload(unsigned int tile, const void *from, u64 stride)
{
	switch (tile) {
#define DO(n)                                                                                      \
	case n:                                                                                    \
		return TRY("tileloadd (%0,%1,1), %%tmm" #n, ::"r"(from), "r"(stride));
		EACH_TILE(DO)
#undef DO
	}
	test_error("there is no TMM%u", tile);
}

struct fault tilestore(unsigned int tile, void *to, u64 stride)
{
	switch (tile) {
#define DO(n)                                                                                      \
	case n:                                                                                    \
		return TRY("tilestored %%tmm" #n ", (%0,%1,1)", ::"r"(to), "r"(stride));
		EACH_TILE(DO)
#undef DO
	}
	test_error("there is no TMM%u", tile);
}

struct fault tilezero(unsigned int tile)
{
	switch (tile) {
#define DO(n)                                                                                      \
	case n:                                                                                    \
		return TRY("tilezero %%tmm" #n, ::);
		EACH_TILE(DO)
#undef DO
	}
	test_error("there is no TMM%u", tile);
}

struct fault tdpbssd(void)
{
	return TRY("tdpbssd %%tmm2, %%tmm1, %%tmm0", ::);
}

struct fault tilerelease(void)
{
	return TRY("tilerelease", ::);
}

void load_config(void)
{
	static struct tile_config full;

	config_fill(&full, TILE_ROWS, TILE_ROW_BYTES);
	ASSERT_(EXPECT_NO_FAULT(ldtilecfg(&full)));
}

void load_tiles(const struct tiles *t)
{
	load_config();
	for (unsigned int i = 0; i < TILES; i++)
		ASSERT_(EXPECT_NO_FAULT(tileload(i, t->byte[i], TILE_ROW_BYTES)));
}

bool expect_same(const char *what, const u8 *wanted, const u8 *got, size_t n)
{
	char w[64], g[64];
	struct text tw = text_into(w, sizeof(w)), tg = text_into(g, sizeof(g));

	if (!memcmp(wanted, got, n))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (wanted[i] == got[i])
			continue;
		text_add(&tw, "byte %llu = %#02x", (unsigned long long)i, wanted[i]);
		text_add(&tg, "byte %llu = %#02x", (unsigned long long)i, got[i]);
		return expect_failed(EXPECTATION_(what), w, g);
	}
	return true;
}

bool expect_tiles(const struct tiles *wanted)
{
	static const char *const name[TILES] = { "TMM0", "TMM1", "TMM2", "TMM3",
						 "TMM4", "TMM5", "TMM6", "TMM7" };
	static struct tiles got;
	bool same = true;

	memset(&got, 0, sizeof(got));
	for (unsigned int i = 0; i < TILES; i++) {
		ASSERT_(EXPECT_NO_FAULT(tilestore(i, got.byte[i], TILE_ROW_BYTES)));
		same &= expect_same(name[i], wanted->byte[i], got.byte[i], TILE_BYTES);
	}
	return same;
}

bool expect_tiles_or_zero(const struct tiles *wanted)
{
	static u8 zero[TILE_BYTES], found[TILE_BYTES] __attribute__((aligned(64)));
	unsigned int kept = 0;
	bool same = true;

	for (unsigned int t = 0; t < TILES; t++) {
		ASSERT_(EXPECT_NO_FAULT(tilestore(t, found, TILE_ROW_BYTES)));
		if (!memcmp(found, zero, TILE_BYTES))
			continue;
		kept++;
		same &= expect_same("a tile that is not zero", wanted->byte[t], found, TILE_BYTES);
	}
	return same & EXPECT(!kept || kept == TILES);
}

struct fault xstate_do(enum xstate_instruction i, void *area, u64 requested)
{
#define DO(name) TRY(name "64 (%0)", ::"r"(area), "a"((u32)requested), "d"((u32)(requested >> 32)))
	switch (i) {
	case XSTATE_XSAVE:
		return DO("xsave");
	case XSTATE_XSAVEOPT:
		return DO("xsaveopt");
	case XSTATE_XSAVEC:
		return DO("xsavec");
	case XSTATE_XSAVES:
		return DO("xsaves");
	case XSTATE_XRSTOR:
		return DO("xrstor");
	case XSTATE_XRSTORS:
		return DO("xrstors");
	case XSTATE_INSTRUCTIONS:
		break;
	}
#undef DO
	test_error("no such instruction");
}

u64 area_word(const struct amx_area *area, unsigned int at)
{
	u64 value;

	memcpy(&value, area->byte + at, sizeof(value));
	return value;
}

void area_set_word(struct amx_area *area, unsigned int at, u64 value)
{
	memcpy(area->byte + at, &value, sizeof(value));
}
