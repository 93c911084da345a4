// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extended feature disable: IA32_XFD and IA32_XFD_ERR, and which instructions
 * raise #NM by them (SDM vol. 1, 13.14).
 */
#include "x86/amx/tile.h"

static struct tile_config config, got_config;
static struct tiles tiles, other;

static u64 read_xfd_err(void)
{
	u64 value;

	ASSERT_(EXPECT_NO_FAULT(try_rdmsr(MSR_XFD_ERR, &value)));
	return value;
}

TEST(xfd_is_there, "a processor with XTILEDATA says that XFD can disable it, and has the registers",
     LAW("SDM vol. 1, 13.14; vol. 2A, CPUID leaf 0DH"), NEEDS(AMX_TILE))
{
	u64 value = ~0ull;

	amx_begin();
	EXPECT(cpuid(0xd, 1).reg[CPUID_EAX] >> 4 & 1);
	EXPECT(cpuid(0xd, XTILEDATA).reg[CPUID_ECX] >> 2 & 1);
	EXPECT(!(cpuid(0xd, XTILECFG).reg[CPUID_ECX] >> 2 & 1));
	EXPECT_NO_FAULT(try_rdmsr(MSR_XFD, &value));
	EXPECT_EQ(0, value);
	EXPECT_NO_FAULT(try_rdmsr(MSR_XFD_ERR, &value));
	EXPECT_EQ(0, value);
}

TEST(xfd_bits, "IA32_XFD and IA32_XFD_ERR take the bits that CPUID allows, any other is #GP(0)",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), CASES(2 * 64))
{
	u64 can = 0;

	amx_begin();
	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++)
		if (cpuid(0xd, n).reg[CPUID_EAX] && cpuid(0xd, n).reg[CPUID_ECX] & 4)
			can |= BIT(n);
	for (unsigned int err = 0; err < 2; err++)
		for (unsigned int bit = 0; bit < 64; bit++)
			CASE("register=%s,bit=%u", err ? "xfd_err" : "xfd", bit) {
				u32 msr = err ? MSR_XFD_ERR : MSR_XFD;
				u64 value = 0;

				if (xfd_valid(BIT(bit), can)) {
					EXPECT_NO_FAULT(try_wrmsr(msr, BIT(bit)));
					EXPECT_NO_FAULT(try_rdmsr(msr, &value));
					EXPECT_EQ(BIT(bit), value);
				} else {
					EXPECT_FAULT(GP, try_wrmsr(msr, BIT(bit)));
				}
				EXPECT_NO_FAULT(try_wrmsr(msr, 0));
			}
}

/* Every instruction of AMX that this CPU must have, and whether it uses XTILEDATA. */
static struct fault do_load(void)
{
	return tileload(0, tiles.byte, TILE_ROW_BYTES);
}

static struct fault do_load_7(void)
{
	return tileload(7, tiles.byte, TILE_ROW_BYTES);
}

static struct fault do_store(void)
{
	return tilestore(5, &other, TILE_ROW_BYTES);
}

static struct fault do_zero(void)
{
	return tilezero(3);
}

static struct fault do_ldtilecfg(void)
{
	return ldtilecfg(&config);
}

static struct fault do_sttilecfg(void)
{
	return sttilecfg(&got_config);
}

static const struct {
	const char *name;
	struct fault (*run)(void);
	bool uses_data;
} instruction[] = {
	{ "tileloadd", do_load, true },	      { "tileloadd-tmm7", do_load_7, true },
	{ "tilestored", do_store, true },     { "tilezero", do_zero, true },
	{ "tdpbssd", tdpbssd, true },	      { "ldtilecfg", do_ldtilecfg, false },
	{ "sttilecfg", do_sttilecfg, false }, { "tilerelease", tilerelease, false },
};

TEST(xfd_blocks,
     "with IA32_XFD[18] = 1 what uses tile data is #NM with XFD_ERR, and nothing else is",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), CASES(2 * ARRAY_SIZE(instruction)))
{
	amx_begin();
	for (unsigned int xfd = 0; xfd < 2; xfd++)
		for (unsigned int i = 0; i < ARRAY_SIZE(instruction); i++)
			CASE("xfd=%u,instruction=%s", xfd, instruction[i].name) {
				struct fault f;
				u64 value;

				config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
				tiles_fill(&tiles, i);
				load_tiles(&tiles);
				set_xfd(xfd ? XFD_TILEDATA : 0);
				f = instruction[i].run();
				if (xfd && instruction[i].uses_data) {
					EXPECT_FAULT(NM, f);
					EXPECT_EQ(XFD_TILEDATA, read_xfd_err());
				} else {
					EXPECT_NO_FAULT(f);
					EXPECT_EQ(0, read_xfd_err());
				}
				/* CR0.TS is the other reason of #NM, and stays out of it. */
				EXPECT_EQ(0, read_cr0() & CR0_TS);
				ASSERT_(EXPECT_NO_FAULT(try_rdmsr(MSR_XFD, &value)));
				EXPECT_EQ(xfd ? XFD_TILEDATA : 0, value);
				set_xfd(0);
				wrmsr(MSR_XFD_ERR, 0);
			}
}

TEST(ts_sets_no_xfd_err, "#NM by CR0.TS leaves XFD_ERR alone, and AMX does not heed CR0.TS",
     LAW("SDM vol. 1, 13.14; vol. 2B, TILELOADD"), NEEDS(AMX_TILE))
{
	amx_begin();
	tiles_fill(&tiles, 1);
	load_tiles(&tiles);
	set_xfd(0);
	write_cr0(read_cr0() | CR0_TS);
	EXPECT_FAULT(NM, TRY("fninit", ::));
	EXPECT_EQ(0, read_xfd_err());
	EXPECT_NO_FAULT(tileload(0, tiles.byte, TILE_ROW_BYTES));
	write_cr0(read_cr0() & ~(u64)CR0_TS);
}

TEST(xfd_keeps_tiles,
     "tiles are what they were, or zero, when IA32_XFD[18] is set and cleared again",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), CASES(2))
{
	amx_begin();
	for (unsigned int tried = 0; tried < 2; tried++)
		CASE("tried=%u", tried) {
			tiles_fill(&tiles, 10 + tried);
			tiles_fill(&other, 20 + tried);
			load_tiles(&tiles);
			set_xfd(XFD_TILEDATA);
			if (tried)
				EXPECT_FAULT(NM, tileload(0, other.byte, TILE_ROW_BYTES));
			set_xfd(0);
			expect_tiles_or_zero(&tiles);
			wrmsr(MSR_XFD_ERR, 0);
		}
}

/* --- at CPL 3, where the feature is for --- */

static u64 user_load(u64 from)
{
	asm volatile("tileloadd (%0,%1,1), %%tmm0" ::"r"(from), "r"(64ull) : "memory");
	return 1;
}

static u64 user_release(u64 unused)
{
	asm volatile("tilerelease" ::: "memory");
	return unused;
}

TEST(xfd_at_cpl3, "IA32_XFD holds at CPL 3 as it does at CPL 0", LAW("SDM vol. 1, 13.14"),
     NEEDS(AMX_TILE), CASES(3))
{
	u64 result;

	amx_begin();
	CASE("xfd=0,instruction=tileloadd") {
		load_config();
		EXPECT_NO_FAULT(run_user(user_load, (u64)USER(&tiles), 0, &result));
		EXPECT_EQ(0, read_xfd_err());
	}
	CASE("xfd=1,instruction=tileloadd") {
		load_config();
		set_xfd(XFD_TILEDATA);
		EXPECT_FAULT(NM, run_user(user_load, (u64)USER(&tiles), 0, &result));
		EXPECT_EQ(XFD_TILEDATA, read_xfd_err());
		wrmsr(MSR_XFD_ERR, 0);
	}
	CASE("xfd=1,instruction=tilerelease") {
		set_xfd(XFD_TILEDATA);
		EXPECT_NO_FAULT(run_user(user_release, 0, 0, &result));
		EXPECT_EQ(0, read_xfd_err());
	}
	set_xfd(0);
}
