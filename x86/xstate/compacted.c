// SPDX-License-Identifier: GPL-2.0-only
/*
 * The compacted format (SDM vol. 1, 13.4.3, 13.8.2 and 13.10): which components
 * XSAVEC writes, where, and that XRSTOR takes them back.
 */
#include "x86/xstate/component.h"

static struct xsave_area wanted, image, got;

enum { UNTOUCHED = 0xcc };

/* The sets that are requested: all, all but one, one alone. */
enum { SETS = 1 + 2 * COMPONENTS };

static u64 set_of(unsigned int i, u64 enabled)
{
	u64 bit = BIT(component[(i - 1) / 2].number);

	if (!i)
		return enabled;
	return i & 1 ? enabled & ~bit : bit;
}

static const char *component_of(unsigned int i)
{
	return i ? component[(i - 1) / 2].name : "all";
}

static const char *kind_of(unsigned int i)
{
	return !i ? "all" : i & 1 ? "without" : "alone";
}

static u64 get64(const struct xsave_area *area, size_t at)
{
	u64 value;

	memcpy(&value, area->byte + at, sizeof(value));
	return value;
}

static void put64(struct xsave_area *area, size_t at, u64 value)
{
	memcpy(area->byte + at, &value, sizeof(value));
}

static u32 end_of(u64 requested)
{
	u32 end = XSAVE_EXTENDED;

	for (unsigned int i = 2; i < XSTATE_COMPONENTS; i++)
		if (requested >> i & 1)
			end = xstate_compacted_offset(layout, requested, i) + layout[i].size;
	return end;
}

static void load_pattern(u64 enabled, u64 seed)
{
	components_image(&wanted, enabled, seed);
	user_xrstor(&wanted, enabled);
}

static void expect_image(u64 requested)
{
	u32 end = end_of(requested);

	EXPECT_EQ(XCOMP_BV_COMPACTED | requested, get64(&image, XSAVE_XCOMP_BV));
	EXPECT_EQ(requested, get64(&image, XSAVE_BV));
	for (unsigned int i = 0; i < COMPONENTS; i++) {
		unsigned int n = component[i].number;

		if (requested >> n & 1)
			expect_bytes(component[i].name, wanted.byte + layout[n].offset,
				     image.byte + xstate_compacted_offset(layout, requested, n),
				     component_bytes(&component[i]));
	}
	if (end < sizeof(image))
		EXPECT_EQ(UNTOUCHED, image.byte[end]);
	EXPECT_EQ(UNTOUCHED, image.byte[sizeof(image) - 1]);
}

/* Every set of the matrix that this CPU has, as a case. */
static void each_set(void (*body)(u64 enabled, u64 requested))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < SETS; i++) {
		if (i && !component_here(&component[(i - 1) / 2], enabled, 1))
			continue;
		CASE("set=%s,component=%s", kind_of(i), component_of(i))
			body(enabled, set_of(i, enabled));
	}
}

static void save(u64 enabled, u64 requested)
{
	load_pattern(enabled, 1);
	memset(&image, UNTOUCHED, sizeof(image));
	user_xsavec(&image, requested);
	expect_image(requested);
}

TEST(xsavec_compacts, "XSAVEC writes the components that were requested, one behind the other",
     LAW("SDM vol. 1, 13.4.3 and 13.10"), NEEDS(XSAVE | XSAVEC), CASES(SETS))
{
	each_set(save);
}

static void save_and_load(u64 enabled, u64 requested)
{
	load_pattern(enabled, 2);
	memset(&image, 0, sizeof(image));
	user_xsavec(&image, requested);
	load_pattern(enabled, 3);
	user_xrstor(&image, requested);
	memset(&got, 0, sizeof(got));
	user_xsave(&got, enabled);
	components_image(&wanted, enabled, 2);
	expect_components(&wanted, &got, requested);
	components_image(&wanted, enabled, 3);
	expect_components(&wanted, &got, enabled & ~requested);
}

TEST(xrstor_takes_compacted, "XRSTOR takes the components of a compacted image back, and no others",
     LAW("SDM vol. 1, 13.8.2"), NEEDS(XSAVE | XSAVEC), CASES(SETS))
{
	each_set(save_and_load);
}

static void save_move_and_load(u64 enabled, u64 requested)
{
	load_pattern(enabled, 4);
	sync(SAVE | RESTORE);
	memset(&image, UNTOUCHED, sizeof(image));
	user_xsavec(&image, requested);
	expect_image(requested);
}

TEST(xsavec_after_restore, "XSAVEC writes the same image after the host saved and moved the vCPU",
     LAW("SDM vol. 1, 13.4.3 and 13.10"), NEEDS(XSAVE | XSAVEC), ACTIONS(SAVE | RESTORE),
     CASES(SETS))
{
	each_set(save_move_and_load);
}

/* What is initial has no bit in XSTATE_BV, or is written as it is. */
TEST(xsavec_leaves_initial, "XSAVEC of what is initial says so in XSTATE_BV, or writes zeros",
     LAW("SDM vol. 1, 13.10"), NEEDS(XSAVE | XSAVEC), CASES(COMPONENTS))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		unsigned int n = component[i].number;

		if (!component_here(&component[i], enabled, 1))
			continue;
		CASE("component=%s", component[i].name) {
			components_image(&wanted, enabled & ~BIT(n), 5);
			user_xrstor(&wanted, enabled);
			memset(&image, 0, sizeof(image));
			user_xsavec(&image, enabled);
			EXPECT_EQ(XCOMP_BV_COMPACTED | enabled, get64(&image, XSAVE_XCOMP_BV));
			EXPECT_EQ(enabled & ~BIT(n), get64(&image, XSAVE_BV) & ~BIT(n));
			expect_bytes(component[i].name, wanted.byte + layout[n].offset,
				     image.byte + xstate_compacted_offset(layout, enabled, n),
				     component_bytes(&component[i]));
		}
	}
}

/* An image that XRSTOR takes, changed in one word of its header. */
static const struct {
	const char *name;
	size_t at;
	u64 set, clear;
} bad[] = {
	{ "xcomp_bv-unsupported", XSAVE_XCOMP_BV, BIT(62), 0 },
	{ "xcomp_bv-not-compacted", XSAVE_XCOMP_BV, 0, XCOMP_BV_COMPACTED },
	{ "xstate_bv-beyond-xcomp_bv", XSAVE_BV, XCR0_SSE, 0 },
	{ "header-byte-16", XSAVE_BV + 16, 1, 0 },
	{ "header-byte-63", XSAVE_BV + 56, BIT(63), 0 },
};

TEST(xrstor_refuses_bad_compacted,
     "XRSTOR of a compacted image with a bad header is #GP(0) and loads nothing",
     LAW("SDM vol. 1, 13.8.2"), NEEDS(XSAVE | XSAVEC), CASES(ARRAY_SIZE(bad)))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		CASE("bad=%s", bad[i].name) {
			struct fault f;

			load_pattern(enabled, 6);
			memset(&image, 0, sizeof(image));
			user_xsavec(&image, enabled);
			put64(&image, bad[i].at,
			      (get64(&image, bad[i].at) | bad[i].set) & ~bad[i].clear);
			load_pattern(enabled, 7);
			f = try_user_xrstor(&image, enabled);
			if (EXPECT_FAULT(GP, f))
				EXPECT_EQ(0, f.error_code);
			memset(&got, 0, sizeof(got));
			user_xsave(&got, enabled);
			expect_components(&wanted, &got, enabled);
		}
}
