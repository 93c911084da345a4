// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tiles, their configuration, XFD and XFD_ERR through whatever the host does: a
 * capture loaded into a fresh VM, an older XSAVE image, preemption, another CPU.
 */
#include "x86/amx/tile.h"

static struct tile_config config, got_config;
static struct tiles tiles, other;

enum { ROUNDS = 1000, ROUNDS_EACH = 20 };

#define XFD_FIX                                                                                    \
	FIX("b45f721775947a84996deb5c661602254ce25ce6",                                            \
	    "x86/fpu: Clear XSTATE_BV[i] in guest XSAVE state whenever XFD[i]=1")

/* What the host does between the load and the look. */
static const struct {
	const char *name;
	u64 actions;
} way[] = {
	{ "save+restore", SAVE | RESTORE },
	{ "save+restore-xstate", SAVE | RESTORE_XSTATE },
	{ "save", SAVE },
	{ "preempt", PREEMPT },
	{ "migrate", MIGRATE_VCPU },
	{ "save+restore+preempt", SAVE | RESTORE | PREEMPT },
};

/* The ways that the host has; the others are not covered, by name. */
static bool host_can(unsigned int i, u64 cases)
{
	const struct sync_reply *reply = sync_try(way[i].actions);

	for (unsigned int bit = 0; bit < SYNC_COUNT; bit++) {
		if (reply->status[bit] != SYNC_UNSUPPORTED)
			continue;
		cases_not_covered(cases, "the host has no %s", sync_action[bit].name);
		return false;
	}
	return true;
}

static u64 read_msr(u32 msr)
{
	u64 value;

	ASSERT_(EXPECT_NO_FAULT(try_rdmsr(msr, &value)));
	return value;
}

static void expect_config(const struct tile_config *wanted)
{
	memset(&got_config, 0xcc, sizeof(got_config));
	if (EXPECT_NO_FAULT(sttilecfg(&got_config)))
		expect_same("configuration", (const u8 *)wanted, (u8 *)&got_config,
			    sizeof(got_config));
}

TEST(tiles_survive,
     "all tiles and their configuration are the same after the host saved, moved or preempted the "
     "vCPU",
     LAW("SDM vol. 1, 13.5, AMX State"), NEEDS(AMX_TILE), CASES(ARRAY_SIZE(way) * 2))
{
	amx_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(way); i++) {
		if (!host_can(i, 2))
			continue;
		for (unsigned int round = 0; round < 2; round++)
			CASE("way=%s,round=%u", way[i].name, round) {
				config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
				tiles_fill(&tiles, 10 * i + round);
				load_tiles(&tiles);
				sync(way[i].actions);
				expect_config(&config);
				expect_tiles(&tiles);
				EXPECT_EQ(0, read_msr(MSR_XFD));
			}
	}
}

TEST(partial_config_survives,
     "a configuration of tiles of many shapes is the same after the host saved and moved the vCPU",
     LAW("SDM vol. 1, 13.5, AMX State"), NEEDS(AMX_TILE), ACTIONS(SAVE | RESTORE), CASES(8))
{
	amx_begin();
	for (unsigned int n = 0; n < TILES; n++)
		CASE("first=%u", n) {
			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			for (unsigned int i = 0; i < TILES; i++) {
				config.rows[i] = (u8)(1 + (i + n) % TILE_ROWS);
				config.bytes[i] = (u16)(4 + 4 * ((i * 3 + n) % 16));
			}
			config.rows[n] = 0;
			config.bytes[n] = 0;
			ASSERT_(EXPECT_NO_FAULT(ldtilecfg(&config)));
			sync(SAVE | RESTORE);
			expect_config(&config);
		}
}

TEST(saved_tiles_are_the_guests,
     "the XSAVE image that the host captures holds the guest's tiles, every byte, and their "
     "configuration",
     LAW("SDM vol. 1, 13.4.2"), NEEDS(AMX_TILE), ACTIONS(SAVE | CHECK_XSTATE), CASES(4))
{
	amx_begin();
	for (unsigned int round = 0; round < 4; round++)
		CASE("round=%u", round) {
			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			tiles_fill(&tiles, 100 + round);
			load_tiles(&tiles);
			sync(SAVE | CHECK_XSTATE,
			     .check_xstate = { XTILEDATA, (u64)&tiles, XTILEDATA_BYTES });
			sync(SAVE | CHECK_XSTATE,
			     .check_xstate = { XTILECFG, (u64)&config, XTILECFG_BYTES });
		}
}

TEST(initial_tiles_survive,
     "tiles that were released are initial after the host saved and moved the vCPU",
     LAW("SDM vol. 1, 13.6"), NEEDS(AMX_TILE | XSAVEC), ACTIONS(SAVE | RESTORE), CASES(2))
{
	static struct amx_area area;
	u64 xcr0 = amx_begin();

	for (unsigned int xfd = 0; xfd < 2; xfd++)
		CASE("xfd=%u", xfd) {
			tiles_fill(&tiles, xfd);
			load_tiles(&tiles);
			/* Something first, that a stale image would bring back. */
			sync(SAVE | RESTORE);
			ASSERT_(EXPECT_NO_FAULT(tilerelease()));
			set_xfd(xfd ? XFD_TILEDATA : 0);
			sync(SAVE | RESTORE);
			memset(&area, 0, sizeof(area));
			EXPECT_NO_FAULT(xstate_do(XSTATE_XSAVEC, &area, xcr0));
			EXPECT_EQ(0, area_word(&area, XSAVE_BV) & XTILE);
			EXPECT_EQ(XCOMP_BV_COMPACTED | xcr0, area_word(&area, XSAVE_XCOMP_BV));
			set_xfd(0);
		}
}

TEST(xfd_survives,
     "IA32_XFD and IA32_XFD_ERR are the same after the host saved, moved or preempted the vCPU",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), CASES(ARRAY_SIZE(way) * 4))
{
	amx_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(way); i++) {
		if (!host_can(i, 4))
			continue;
		for (unsigned int n = 0; n < 4; n++)
			CASE("way=%s,xfd=%u,xfd_err=%u", way[i].name, n & 1, n >> 1) {
				u64 xfd = n & 1 ? XFD_TILEDATA : 0;
				u64 xfd_err = n & 2 ? XFD_TILEDATA : 0;

				wrmsr(MSR_XFD, xfd);
				wrmsr(MSR_XFD_ERR, xfd_err);
				sync(way[i].actions);
				EXPECT_EQ(xfd, read_msr(MSR_XFD));
				EXPECT_EQ(xfd_err, read_msr(MSR_XFD_ERR));
				wrmsr(MSR_XFD, 0);
				wrmsr(MSR_XFD_ERR, 0);
			}
	}
}

TEST(nm_across_save,
     "the #NM of a disabled tile and its XFD_ERR are the same with the host saving and moving the "
     "vCPU at each step",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), ACTIONS(SAVE | RESTORE))
{
	amx_begin();
	config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
	tiles_fill(&tiles, 1);
	sync(SAVE | RESTORE);
	load_tiles(&tiles);
	sync(SAVE | RESTORE);
	ASSERT_(EXPECT_NO_FAULT(tilerelease()));
	set_xfd(XFD_TILEDATA);
	sync(SAVE | RESTORE);
	ASSERT_(EXPECT_NO_FAULT(ldtilecfg(&config)));
	sync(SAVE | RESTORE);
	EXPECT_FAULT(NM, tileload(0, tiles.byte, TILE_ROW_BYTES));
	sync(SAVE | RESTORE);
	EXPECT_EQ(XFD_TILEDATA, read_msr(MSR_XFD_ERR));
	EXPECT_EQ(XFD_TILEDATA, read_msr(MSR_XFD));
	EXPECT_EQ(0, read_cr0() & CR0_TS);
	wrmsr(MSR_XFD_ERR, 0);
	set_xfd(0);
	sync(SAVE | RESTORE);
	expect_config(&config);
	load_tiles(&tiles);
	sync(SAVE | RESTORE);
	expect_tiles(&tiles);
}

TEST(disabled_tiles_whole,
     "tiles that were in use when IA32_XFD[18] was set are, after the host moved the vCPU, those "
     "or zero",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), ACTIONS(SAVE | RESTORE), FIXES(XFD_FIX), CASES(3))
{
	static const u64 moves[] = { SAVE | RESTORE, SAVE, SAVE | RESTORE | PREEMPT };
	static const char *const name[] = { "save+restore", "save", "save+restore+preempt" };

	amx_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(moves); i++)
		CASE("way=%s", name[i]) {
			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			tiles_fill(&tiles, 40 + i);
			load_tiles(&tiles);
			set_xfd(XFD_TILEDATA);
			sync(moves[i]);
			set_xfd(0);
			expect_config(&config);
			expect_tiles_or_zero(&tiles);
		}
}

/*
 * The host loads an XSAVE image with tiles while the guest has them disabled: it
 * must do without them, or load them where the guest sees them later, but not
 * take the #NM itself.
 */
TEST(load_while_disabled,
     "a host that loads an XSAVE image with tiles while IA32_XFD[18] = 1 goes on, and XFD is as it "
     "was",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE2; SDM vol. 1, 13.14"), NEEDS(AMX_TILE),
     ACTIONS(SAVE | RESTORE_XSTATE), FIXES(XFD_FIX), CASES(4))
{
	if (run_request()->at_every_sync & SAVE)
		skip("--at-every-sync captures a newer image before the older one is loaded");
	amx_begin();
	for (unsigned int n = 0; n < 4; n++)
		CASE("released=%u,preempt=%u", n & 1, n >> 1) {
			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			tiles_fill(&tiles, 60 + n);
			tiles_fill(&other, 70 + n);
			load_tiles(&tiles);
			sync(SAVE);
			if (n & 1)
				ASSERT_(EXPECT_NO_FAULT(tilerelease()));
			set_xfd(XFD_TILEDATA);
			sync(RESTORE_XSTATE);
			for (unsigned int i = 0; n & 2 && i < 4; i++)
				sync(PREEMPT);
			EXPECT_EQ(XFD_TILEDATA, read_msr(MSR_XFD));
			EXPECT_FAULT(NM, tileload(0, other.byte, TILE_ROW_BYTES));
			EXPECT_EQ(XFD_TILEDATA, read_msr(MSR_XFD_ERR));
			wrmsr(MSR_XFD_ERR, 0);
			expect_config(&config);
			set_xfd(0);
			load_tiles(&other);
			expect_tiles(&other);
		}
}

TEST(old_tiles_come_back, "loading an older XSAVE image gives its tiles, not those of the moment",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE2"), NEEDS(AMX_TILE),
     ACTIONS(SAVE | RESTORE_XSTATE), CASES(2))
{
	if (run_request()->at_every_sync & SAVE)
		skip("--at-every-sync captures a newer image before the older one is loaded");
	amx_begin();
	for (unsigned int released = 0; released < 2; released++)
		CASE("released=%u", released) {
			tiles_fill(&tiles, 80 + released);
			tiles_fill(&other, 90 + released);
			load_tiles(&tiles);
			sync(SAVE);
			load_tiles(&other);
			if (released)
				ASSERT_(EXPECT_NO_FAULT(tilerelease()));
			sync(RESTORE_XSTATE);
			expect_tiles(&tiles);
		}
}

TEST(many_rounds, "no round of a thousand saves, restores and preemptions loses a byte of a tile",
     LAW("SDM vol. 1, 13.5, AMX State"), NEEDS(AMX_TILE), ACTIONS(SAVE | RESTORE | PREEMPT))
{
	amx_begin();
	tiles_fill(&tiles, 7);
	load_tiles(&tiles);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		/* Each kind of move by turns: a fresh VM costs more than all else. */
		sync(round % ROUNDS_EACH ? PREEMPT : SAVE | RESTORE | PREEMPT);
		heartbeat();
		if (round % ROUNDS_EACH < 2)
			ASSERT_(expect_tiles(&tiles));
	}
	expect_tiles(&tiles);
}
