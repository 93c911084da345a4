// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every component of XCR0 that CPUID reports behind SSE: AVX, MPX, AVX-512,
 * PKRU, APX (SDM vol. 1, 13.1 and 13.5).  Each alone, with the others in their
 * initial configuration, and all at once: the host keeps them, and captures them.
 */
#include "x86/xstate/component.h"

static struct xsave_area wanted, other, got;

/* Only the extended components, from an area in which what is not written is initial. */
static void store(u64 enabled)
{
	memset(&got, 0, sizeof(got));
	user_xsave(&got, enabled);
}

static void survive(u64 enabled, u64 filled, u64 seed)
{
	components_image(&wanted, filled, seed);
	user_xrstor(&wanted, enabled);
	sync(SAVE | RESTORE);
	store(enabled);
	expect_components(&wanted, &got, enabled);
}

#define WHERE "SDM vol. 1, 13.5"

TEST(components_survive,
     "each component of XCR0 is the same after the host saved and moved the vCPU", LAW(WHERE),
     NEEDS(XSAVE), ACTIONS(SAVE | RESTORE), CASES(COMPONENTS + 1))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < COMPONENTS; i++)
		if (component_here(&component[i], enabled, 1))
			CASE("component=%s", component[i].name)
				survive(enabled, BIT(component[i].number), i);
	CASE("component=all")
		survive(enabled, enabled, COMPONENTS);
}

TEST(components_stay_initial,
     "a component that was put into its initial configuration is so after the host moved the vCPU",
     LAW("SDM vol. 1, 13.6 and 13.8.1"), NEEDS(XSAVE), ACTIONS(SAVE | RESTORE), CASES(COMPONENTS))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		u64 others = enabled & ~BIT(component[i].number);

		if (!component_here(&component[i], enabled, 1))
			continue;
		CASE("component=%s", component[i].name) {
			/* Something first, which the host has seen. */
			components_image(&wanted, enabled, 20 + i);
			user_xrstor(&wanted, enabled);
			sync(SAVE);
			survive(enabled, others, 20 + i);
		}
	}
}

TEST(saved_components_are_the_guests,
     "the XSAVE image that the host captures holds each of the guest's components", LAW(WHERE),
     NEEDS(XSAVE), ACTIONS(SAVE | CHECK_XSTATE), CASES(COMPONENTS * 2))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		unsigned int n = component[i].number;

		if (!component_here(&component[i], enabled, 2))
			continue;
		for (unsigned int full = 0; full < 2; full++)
			CASE("component=%s,initial=%u", component[i].name, !full) {
				components_image(&wanted, full ? BIT(n) : enabled & ~BIT(n), 40 + i);
				user_xrstor(&wanted, enabled);
				sync(SAVE | CHECK_XSTATE,
				     .check_xstate = { n, (u64)&wanted.byte[layout[n].offset],
						       component_bytes(&component[i]) });
			}
	}
}

/* XRSTOR touches what its RFBM names, and puts into the initial configuration what XSTATE_BV lacks. */
TEST(xrstor_loads_what_was_requested, "XRSTOR loads the components of RFBM and leaves the others",
     LAW("SDM vol. 1, 13.8.1"), NEEDS(XSAVE), CASES(COMPONENTS * 2))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		u64 bit = BIT(component[i].number);

		if (!component_here(&component[i], enabled, 2))
			continue;
		for (unsigned int full = 0; full < 2; full++)
			CASE("component=%s,initial=%u", component[i].name, !full) {
				components_image(&wanted, enabled, 60);
				user_xrstor(&wanted, enabled);
				components_image(&other, full ? enabled : enabled & ~bit, 61);
				user_xrstor(&other, bit);
				store(enabled);
				expect_components(&other, &got, bit);
				expect_components(&wanted, &got, enabled & ~bit);
			}
	}
}

/* XINUSE may be 1 of what is initial, but never 0 of what is not. */
TEST(xinuse_is_told, "XGETBV(1) has the bit of each component that is not initial, and of no other one "
     "than XCR0 has", LAW("SDM vol. 1, 13.2 and 13.6"), NEEDS(XSAVE | XGETBV1),
     CASES(COMPONENTS))
{
	u64 enabled = components_begin(), allowed = enabled | XCR0_X87 | XCR0_SSE;

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		u64 bit = BIT(component[i].number), inuse = 0;

		if (!component_here(&component[i], enabled, 1))
			continue;
		CASE("component=%s", component[i].name) {
			components_image(&wanted, bit, 80 + i);
			user_xrstor(&wanted, enabled);
			EXPECT_NO_FAULT(try_user_xgetbv(1, &inuse));
			EXPECT_EQ(bit, inuse & bit);
			EXPECT_EQ(0, inuse & ~allowed);
		}
	}
}
