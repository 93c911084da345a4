// SPDX-License-Identifier: GPL-2.0-only
/* XSAVE and XRSTOR themselves: what they write, what they refuse. */
#include "x86/xstate/user.h"

static struct xsave_area area, got;

static void put64(size_t at, u64 value)
{
	memcpy(area.byte + at, &value, sizeof(value));
}

/* An image that XRSTOR takes, changed in one place. */
static const struct {
	const char *name;
	size_t at;
	u64 value;
} bad[] = {
	{ "xstate_bv-unsupported", XSAVE_BV, BIT(62) | 3 },
	{ "xstate_bv-not-in-xcr0", XSAVE_BV, XCR0_AVX | 3 },
	{ "xcomp_bv", XSAVE_XCOMP_BV, 1 },
	{ "header-byte-16", XSAVE_BV + 16, 1 },
	{ "mxcsr-reserved", XSAVE_MXCSR, BIT(16) | 0x1f80 },
};

TEST(xrstor_refuses_bad_headers,
     "XRSTOR of an image with a reserved bit is #GP(0) and loads nothing",
     LAW("SDM vol. 1, 13.8"), NEEDS(XSAVE | AVX), CASES(ARRAY_SIZE(bad)))
{
	u64 rfbm = XCR0_X87 | XCR0_SSE;

	enable_xsave(rfbm);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		CASE("bad=%s", bad[i].name) {
			struct fault f;

			fill_legacy(&area, 1);
			put64(XSAVE_BV, rfbm);
			user_xrstor(&area, rfbm);
			fill_legacy(&area, 2);
			put64(XSAVE_BV, rfbm);
			put64(bad[i].at, bad[i].value);
			f = try_user_xrstor(&area, rfbm);
			if (EXPECT_FAULT(GP, f))
				EXPECT_EQ(0, f.error_code);
			user_xsave(&got, rfbm);
			fill_legacy(&area, 1);
			expect_bytes("XMM0 to XMM15", area.byte + XSAVE_XMM0,
				     got.byte + XSAVE_XMM0, 256);
		}
}

TEST(xsave_needs_alignment, "XSAVE and XRSTOR of an area off a 64-byte boundary are #GP",
     LAW("SDM vol. 1, 13.7 and 13.8"), NEEDS(XSAVE))
{
	struct xsave_area *crooked = (struct xsave_area *)(got.byte + 8);

	enable_xsave(XCR0_X87 | XCR0_SSE);
	memset(&got, 0, sizeof(got));
	EXPECT_FAULT(GP, try_user_xsave(crooked, XCR0_X87));
	EXPECT_FAULT(GP, try_user_xrstor(crooked, XCR0_X87));
}

TEST(xsave_writes_what_was_requested,
     "XSAVE writes the requested components and their bits of XSTATE_BV, and leaves the rest",
     LAW("SDM vol. 1, 13.7"), NEEDS(XSAVE), CASES(2))
{
	static const struct {
		const char *name;
		u64 rfbm;
		size_t at, size; /* what it must leave */
	} row[] = {
		{ "x87", XCR0_X87, XSAVE_XMM0, 256 },
		{ "sse", XCR0_SSE, XSAVE_ST0, 128 },
	};
	u64 both = XCR0_X87 | XCR0_SSE, bv;
	static u8 before[256];

	enable_xsave(both);
	memset(before, 0xa5, sizeof(before));
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++)
		CASE("component=%s", row[i].name) {
			fill_legacy(&area, 3);
			put64(XSAVE_BV, both);
			user_xrstor(&area, both);
			memset(&got, 0xa5, sizeof(got));
			memset(got.byte + XSAVE_BV, 0, 64);
			user_xsave(&got, row[i].rfbm);
			memcpy(&bv, got.byte + XSAVE_BV, sizeof(bv));
			EXPECT_EQ(row[i].rfbm, bv);
			expect_bytes("the other component", before, got.byte + row[i].at,
				     row[i].size);
			expect_bytes("behind the header", before, got.byte + XSAVE_EXTENDED, 64);
		}
}
