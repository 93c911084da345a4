// SPDX-License-Identifier: GPL-2.0-only
/* The model of the XSAVE instructions; see xstate_image.h. */
#include "lib/x86/xstate_image.h"

const char *const xstate_instruction_name[XSTATE_INSTRUCTIONS] = {
	"xsave", "xsaveopt", "xsavec", "xsaves", "xrstor", "xrstors",
};

static u64 word(const u8 *area, unsigned int at)
{
	u64 value;

	__builtin_memcpy(&value, area + at, sizeof(value));
	return value;
}

static void set_word(u8 *area, unsigned int at, u64 value)
{
	__builtin_memcpy(area + at, &value, sizeof(value));
}

u64 xstate_reachable(const struct xstate_cpu *cpu, enum xstate_instruction i)
{
	return cpu->xcr0 | (i == XSTATE_XSAVES || i == XSTATE_XRSTORS ? cpu->xss : 0);
}

/* SDM vol. 1, 13.7 (XSAVE), 13.9 (XSAVEOPT), 13.10 (XSAVEC), 13.11 (XSAVES), 13.14 (XFD). */
void xstate_save(const struct xstate_cpu *cpu, enum xstate_instruction i, u64 requested, u8 *area)
{
	bool compacted = i == XSTATE_XSAVEC || i == XSTATE_XSAVES;
	u64 rfbm = requested & xstate_reachable(cpu, i);
	u64 used = cpu->in_use & ~cpu->xfd & rfbm;

	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++) {
		const struct xstate_component *c = &cpu->component[n];
		u8 *to;

		/* Only XSAVE writes what is initial. */
		if (!(rfbm >> n & 1) || !cpu->content[n] || (!(used >> n & 1) && i != XSTATE_XSAVE))
			continue;
		to = area +
		     (compacted ? xstate_compacted_offset(cpu->component, rfbm, n) : c->offset);
		if (used >> n & 1)
			__builtin_memcpy(to, cpu->content[n], c->size);
		else
			__builtin_memset(to, 0, c->size);
	}
	if (compacted) {
		set_word(area, XSAVE_BV, used);
		set_word(area, XSAVE_XCOMP_BV, rfbm | XCOMP_BV_COMPACTED);
	} else {
		set_word(area, XSAVE_BV, (word(area, XSAVE_BV) & ~rfbm) | used);
	}
}

/* SDM vol. 1, 13.8: the header's rules. */
static bool header_valid(const struct xstate_cpu *cpu, enum xstate_instruction i, const u8 *area)
{
	u64 bv = word(area, XSAVE_BV), xcomp_bv = word(area, XSAVE_XCOMP_BV);
	u64 reachable = xstate_reachable(cpu, i), rest = 0;

	if (!(xcomp_bv & XCOMP_BV_COMPACTED))
		/* Of bytes 63:24 the standard form says nothing. */
		return i != XSTATE_XRSTORS && !(bv & ~cpu->xcr0) && !xcomp_bv &&
		       !word(area, XSAVE_BV + 16);
	for (unsigned int at = XSAVE_BV + 16; at < XSAVE_EXTENDED; at += 8)
		rest |= word(area, at);
	return !(xcomp_bv & ~XCOMP_BV_COMPACTED & ~reachable) && !(bv & ~xcomp_bv) && !rest;
}

unsigned int xstate_use(struct xstate_cpu *cpu, u64 components)
{
	if (!(cpu->xfd & components))
		return XSTATE_NO_FAULT;
	cpu->xfd_err = cpu->xfd & components;
	return XSTATE_NM;
}

unsigned int xstate_load(struct xstate_cpu *cpu, enum xstate_instruction i, u64 requested,
			 const u8 *area)
{
	u64 rfbm = requested & xstate_reachable(cpu, i), bv = word(area, XSAVE_BV);
	u64 xcomp_bv = word(area, XSAVE_XCOMP_BV);

	if (!header_valid(cpu, i, area))
		return XSTATE_GP;
	if (xstate_use(cpu, rfbm & bv) != XSTATE_NO_FAULT)
		return XSTATE_NM;
	cpu->in_use = (cpu->in_use & ~rfbm) | (bv & rfbm);
	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++) {
		const struct xstate_component *c = &cpu->component[n];

		if (!(rfbm >> n & 1) || !cpu->content[n])
			continue;
		if (!(bv >> n & 1))
			__builtin_memset(cpu->content[n], 0, c->size);
		else if (xcomp_bv & XCOMP_BV_COMPACTED)
			__builtin_memcpy(cpu->content[n],
					 area + xstate_compacted_offset(cpu->component, xcomp_bv,
									n),
					 c->size);
		else
			__builtin_memcpy(cpu->content[n], area + c->offset, c->size);
	}
	return XSTATE_NO_FAULT;
}

bool xfd_valid(u64 value, u64 can)
{
	return !(value & ~can);
}

u32 xstate_standard_size(const struct xstate_component *component, u64 components)
{
	u32 end = XSAVE_EXTENDED;

	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++)
		if (components >> n & 1 && !component[n].supervisor)
			end = MAX(end, component[n].offset + component[n].size);
	return end;
}

u32 xstate_compacted_size(const struct xstate_component *component, u64 components)
{
	u32 end = XSAVE_EXTENDED;

	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++)
		if (components >> n & 1)
			end = xstate_compacted_offset(component, components, n) + component[n].size;
	return end;
}

bool xstate_layout_valid(const struct xstate_component *component, u64 components, unsigned int *i,
			 unsigned int *j)
{
	for (*i = 2; *i < XSTATE_COMPONENTS; ++*i) {
		const struct xstate_component *a = &component[*i];

		if (!(components >> *i & 1) || a->supervisor)
			continue;
		for (*j = 2; *j < *i; ++*j) {
			const struct xstate_component *b = &component[*j];

			if (components >> *j & 1 && !b->supervisor &&
			    a->offset < b->offset + b->size && b->offset < a->offset + a->size)
				return false;
		}
		if (!a->size || a->offset < XSAVE_EXTENDED)
			return false;
	}
	return true;
}
