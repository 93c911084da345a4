// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register state that no general register holds survives whatever the host does
 * to the vCPU: a capture loaded into a fresh VM, preemption, another CPU.
 */
#include "x86/xstate/user.h"

enum { ROUNDS = 4, MANY_ROUNDS = 50 };

static struct xsave_area wanted, got;

/* What the host does between the load and the store. */
static const struct {
	const char *name;
	u64 actions;
} way[] = {
	{ "save+restore", SAVE | RESTORE },
	{ "save+restore-xstate", SAVE | RESTORE_XSTATE },
	{ "preempt", PREEMPT },
	{ "migrate", MIGRATE_VCPU },
	{ "save+restore+migrate+preempt", SAVE | RESTORE | MIGRATE_VCPU | PREEMPT },
};

/* The ways that the host has; the others are not covered, by name. */
static bool host_can(unsigned int i, u64 per_way)
{
	const struct sync_reply *reply = sync_try(way[i].actions);

	for (unsigned int bit = 0; bit < SYNC_COUNT; bit++) {
		if (reply->status[bit] != SYNC_UNSUPPORTED)
			continue;
		cases_not_covered(per_way, "the host has no %s", sync_action[bit].name);
		return false;
	}
	return true;
}

TEST(legacy_survives,
     "x87, XMM registers and MXCSR are the same after the host saved, moved or preempted the vCPU",
     LAW("SDM vol. 1, 10.5.1"), CASES(ARRAY_SIZE(way) * ROUNDS))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(way); i++) {
		if (!host_can(i, ROUNDS))
			continue;
		for (unsigned int round = 0; round < ROUNDS; round++)
			CASE("way=%s,round=%u", way[i].name, round) {
				fill_legacy(&wanted, i * ROUNDS + round);
				user_fxrstor(&wanted);
				sync(way[i].actions);
				user_fxsave(&got);
				expect_legacy(&wanted, &got);
			}
	}
}

TEST(saved_xmm_is_the_guests,
     "the XSAVE image that the host captures holds the guest's XMM registers",
     LAW("SDM vol. 1, 13.4.1"), ACTIONS(SAVE | CHECK_XSTATE), CASES(ROUNDS))
{
	for (unsigned int round = 0; round < ROUNDS; round++)
		CASE("round=%u", round) {
			fill_legacy(&wanted, 100 + round);
			user_fxrstor(&wanted);
			sync(SAVE | CHECK_XSTATE,
			     .check_xstate = { 1, (u64)&wanted.byte[XSAVE_XMM0], 256 });
		}
}

TEST(old_image_comes_back,
     "loading an older XSAVE image gives its registers, not those of the moment",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE"), ACTIONS(SAVE | RESTORE_XSTATE),
     CASES(ROUNDS))
{
	static struct xsave_area other;

	if (run_request()->at_every_sync & SAVE)
		skip("--at-every-sync captures a newer image before the older one is loaded");
	for (unsigned int round = 0; round < ROUNDS; round++)
		CASE("round=%u", round) {
			fill_legacy(&wanted, 200 + round);
			fill_legacy(&other, 300 + round);
			user_fxrstor(&wanted);
			sync(SAVE);
			user_fxrstor(&other);
			sync(RESTORE_XSTATE);
			user_fxsave(&got);
			expect_legacy(&wanted, &got);
		}
}

TEST(avx_survives,
     "the upper halves of the YMM registers are the same after the host saved and moved the vCPU",
     LAW("SDM vol. 1, 13.5.3"), NEEDS(XSAVE | AVX), ACTIONS(SAVE | RESTORE), CASES(ROUNDS))
{
	u32 offset = cpuid(0xd, 2).reg[CPUID_EBX];
	u64 xstate_bv = XCR0_X87 | XCR0_SSE | XCR0_AVX;

	ASSERT(offset >= XSAVE_EXTENDED && offset + 256 <= sizeof(wanted));
	enable_xsave(xstate_bv);
	for (unsigned int round = 0; round < ROUNDS; round++)
		CASE("round=%u", round) {
			fill_legacy(&wanted, 400 + round);
			memcpy(wanted.byte + XSAVE_BV, &xstate_bv, sizeof(xstate_bv));
			fill_bytes(wanted.byte + offset, 256, 500 + round);
			user_xrstor(&wanted, xstate_bv);
			sync(SAVE | RESTORE);
			memset(&got, 0, sizeof(got));
			user_xsave(&got, xstate_bv);
			expect_legacy(&wanted, &got);
			expect_bytes("upper halves of YMM0 to YMM15", wanted.byte + offset,
				     got.byte + offset, 256);
		}
}

TEST(saved_ymm_is_the_guests,
     "the XSAVE image that the host captures holds the guest's upper YMM halves",
     LAW("SDM vol. 1, 13.5.3"), NEEDS(XSAVE | AVX), ACTIONS(SAVE | CHECK_XSTATE))
{
	u32 offset = cpuid(0xd, 2).reg[CPUID_EBX];
	u64 xstate_bv = XCR0_X87 | XCR0_SSE | XCR0_AVX;

	ASSERT(offset >= XSAVE_EXTENDED && offset + 256 <= sizeof(wanted));
	enable_xsave(xstate_bv);
	fill_legacy(&wanted, 600);
	memcpy(wanted.byte + XSAVE_BV, &xstate_bv, sizeof(xstate_bv));
	fill_bytes(wanted.byte + offset, 256, 601);
	user_xrstor(&wanted, xstate_bv);
	sync(SAVE | CHECK_XSTATE, .check_xstate = { 2, (u64)&wanted.byte[offset], 256 });
}

TEST(init_survives,
     "components in their initial configuration are so after the host saved and moved the vCPU",
     LAW("SDM vol. 1, 13.6"), NEEDS(XSAVE | AVX), ACTIONS(SAVE | RESTORE))
{
	u32 offset = cpuid(0xd, 2).reg[CPUID_EBX];
	u64 all = XCR0_X87 | XCR0_SSE | XCR0_AVX;

	ASSERT(offset >= XSAVE_EXTENDED && offset + 256 <= sizeof(wanted));
	enable_xsave(all);
	/* Something first, so that the initial configuration is not just what was there. */
	fill_legacy(&wanted, 700);
	memcpy(wanted.byte + XSAVE_BV, &all, sizeof(all));
	fill_bytes(wanted.byte + offset, 256, 701);
	user_xrstor(&wanted, all);
	sync(SAVE);

	memset(&wanted, 0, sizeof(wanted));
	wanted.byte[XSAVE_MXCSR] = 0x80;
	wanted.byte[XSAVE_MXCSR + 1] = 0x1f;
	user_xrstor(&wanted, all); /* XSTATE_BV = 0: all of them initial */
	sync(SAVE | RESTORE);
	memset(&got, 0, sizeof(got));
	user_xsave(&got, all);
	/* FCW is 37FH, FTW empty; MXCSR was loaded, XMM and YMM are zero (SDM vol. 1, 13.6). */
	wanted.byte[XSAVE_FCW] = 0x7f;
	wanted.byte[XSAVE_FCW + 1] = 0x03;
	expect_legacy(&wanted, &got);
	expect_bytes("upper halves of YMM0 to YMM15", wanted.byte + offset, got.byte + offset, 256);
}

TEST(survives_many_rounds,
     "no round of many saves, restores and preemptions loses a register",
     LAW("SDM vol. 1, 10.5.1"), ACTIONS(SAVE | RESTORE | PREEMPT))
{
	fill_legacy(&wanted, 800);
	user_fxrstor(&wanted);
	for (unsigned int round = 0; round < MANY_ROUNDS; round++) {
		sync(SAVE | RESTORE | PREEMPT);
		heartbeat();
		user_fxsave(&got);
		ASSERT_(expect_legacy(&wanted, &got));
	}
}
