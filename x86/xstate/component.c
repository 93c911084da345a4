// SPDX-License-Identifier: GPL-2.0-only
/* See component.h. */
#include "x86/xstate/component.h"

struct xstate_component layout[XSTATE_COMPONENTS];

/* Bounds configuration: a directory at a page, not enabled; and a status without an error. */
static void fill_bndcsr(u8 *bytes, size_t size, u64 seed)
{
	u64 config = (seed & 0xffff) << 12 | 2, status = (seed & 0xffff) << 4;

	memset(bytes, 0, size);
	memcpy(bytes, &config, sizeof(config));
	memcpy(bytes + 8, &status, sizeof(status));
}

/* 32 bits; the rest of its 8 bytes is reserved. */
static void fill_pkru(u8 *bytes, size_t size, u64 seed)
{
	memset(bytes, 0, size);
	/* Key 0 stays open: CPL 3 lives on pages of that key. */
	fill_bytes(bytes, 4, seed);
	bytes[0] = (bytes[0] & 0xfc) | 0x40;
}

const struct component component[COMPONENTS] = {
	{ "avx", 2, 0, fill_bytes },	   { "bndregs", 3, 0, fill_bytes },
	{ "bndcsr", 4, 16, fill_bndcsr },  { "opmask", 5, 0, fill_bytes },
	{ "zmm-hi256", 6, 0, fill_bytes }, { "hi16-zmm", 7, 0, fill_bytes },
	{ "pkru", 9, 4, fill_pkru },	   { "apx", 19, 0, fill_bytes },
};

size_t component_bytes(const struct component *c)
{
	return c->said ? c->said : layout[c->number].size;
}

static void read_layout(unsigned int i)
{
	struct cpuid_result r = cpuid(0xd, i);

	layout[i] = (struct xstate_component){
		.size = r.reg[CPUID_EAX],
		.offset = r.reg[CPUID_EBX],
		.supervisor = r.reg[CPUID_ECX] & 1,
		.aligned = r.reg[CPUID_ECX] & 2,
	};
}

static bool fits(unsigned int i)
{
	return layout[i].size && layout[i].offset >= XSAVE_EXTENDED &&
	       layout[i].offset + layout[i].size <= sizeof(struct xsave_area);
}

u64 components_begin(void)
{
	u64 supported = xcr0_supported(), enabled = 0;

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		unsigned int number = component[i].number;

		if (!(supported >> number & 1))
			continue;
		read_layout(number);
		ASSERT(fits(number));
		enabled |= BIT(number);
	}
	enable_xsave(XCR0_X87 | XCR0_SSE | enabled);
	return enabled;
}

bool component_here(const struct component *c, u64 enabled, u64 cases)
{
	if (enabled >> c->number & 1)
		return true;
	cases_not_covered(cases, "the CPU has no %s: CPUID.(EAX=0xd,ECX=0):EAX[%u] = 0", c->name,
			  c->number);
	return false;
}

void components_image(struct xsave_area *area, u64 filled, u64 seed)
{
	u32 mxcsr = 0x1f80;

	memset(area, 0, sizeof(*area));
	/* Loaded with AVX, whether that is initial or not. */
	memcpy(area->byte + XSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
	memcpy(area->byte + XSAVE_BV, &filled, sizeof(filled));
	for (unsigned int i = 0; i < COMPONENTS; i++) {
		unsigned int n = component[i].number;

		if (filled >> n & 1)
			component[i].fill(area->byte + layout[n].offset, layout[n].size,
					  seed * XSTATE_COMPONENTS + n);
	}
}

bool expect_components(const struct xsave_area *wanted, const struct xsave_area *got, u64 enabled)
{
	bool same = true;

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		unsigned int n = component[i].number;

		if (enabled >> n & 1)
			same &= expect_bytes(component[i].name, wanted->byte + layout[n].offset,
					     got->byte + layout[n].offset,
					     component_bytes(&component[i]));
	}
	return same;
}
