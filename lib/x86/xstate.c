// SPDX-License-Identifier: GPL-2.0-only
/* The rules of XCR0 and of the compacted format, SDM vol. 1, 13.3 and 13.4.3. */
#include "lib/x86/xstate.h"

/* Bits of `all` that must be set together, and only with every bit of `with`. */
static const struct {
	u64 all, with;
} group[] = {
	{ XCR0_AVX, XCR0_SSE },
	{ XCR0_BNDREGS | XCR0_BNDCSR, 0 },
	{ XCR0_OPMASK | XCR0_ZMM_HI256 | XCR0_HI16_ZMM, XCR0_AVX },
	{ XCR0_XTILECFG | XCR0_XTILEDATA, 0 },
};

bool xcr0_valid(u64 value, u64 supported)
{
	if (!(value & XCR0_X87) || value & ~supported)
		return false;
	for (unsigned int i = 0; i < ARRAY_SIZE(group); i++) {
		u64 set = value & group[i].all;

		if (set && (set != group[i].all || (value & group[i].with) != group[i].with))
			return false;
	}
	return true;
}

u32 xstate_compacted_offset(const struct xstate_component component[XSTATE_COMPONENTS],
			    u64 xcomp_bv, unsigned int i)
{
	u32 offset = XSAVE_EXTENDED;

	for (unsigned int j = 2; j < i; j++)
		if (xcomp_bv >> j & 1) {
			if (component[j].aligned)
				offset = (u32)ALIGN_UP(offset, 64);
			offset += component[j].size;
		}
	return component[i].aligned ? (u32)ALIGN_UP(offset, 64) : offset;
}
