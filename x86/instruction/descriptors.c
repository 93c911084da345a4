// SPDX-License-Identifier: GPL-2.0-only
/*
 * LAR, LSL, VERR and VERW (SDM vol. 2A and 2B; APM vol. 3): which selectors they
 * take at which privilege, by the descriptor's type, DPL, P and G, and what they
 * then give.  None of them ever faults for what the descriptor holds.
 */
#include "x86/instruction/perform.h"

INSTRUCTION(lar, "lar %ecx, %eax");
INSTRUCTION(lsl, "lsl %ecx, %eax");
INSTRUCTION(verr, "verr %cx");
INSTRUCTION(verw, "verw %cx");

enum query { LAR, LSL, VERR, VERW, QUERIES };

static const struct {
	const char *name;
	const struct instruction *instruction;
} queries[QUERIES] = {
	{ "lar", &lar }, { "lsl", &lsl }, { "verr", &verr }, { "verw", &verw },
};

/* Descriptor bits 40 to 47. */
enum { TYPE_WRITE_OR_READ = 2, TYPE_CONFORMING = 4, TYPE_CODE = 8, TYPE_SEGMENT = 0x10 };
/* System types of IA-32e mode: LDT, TSS available and busy, call gate. */
#define LAR_TYPES (BIT(2) | BIT(9) | BIT(11) | BIT(12))
#define LSL_TYPES (BIT(2) | BIT(9) | BIT(11))

struct descriptor {
	unsigned int type; /* with S as bit 4 */
	unsigned int dpl, present, granularity;
};

static const u32 limit = 0x5a5a5;

static u64 encode(const struct descriptor *d)
{
	return (limit & 0xffff) | (u64)(limit >> 16) << 48 | (u64)d->type << 40 |
	       (u64)d->dpl << 45 | (u64)d->present << 47 | (u64)d->granularity << 55;
}

/* Do the privileges of the reader reach it?  Conforming code is everybody's. */
static bool visible(const struct descriptor *d, unsigned int rpl, unsigned int cpl)
{
	unsigned int conforming = TYPE_SEGMENT | TYPE_CODE | TYPE_CONFORMING;

	return (d->type & conforming) == conforming || (d->dpl >= cpl && d->dpl >= rpl);
}

static bool takes(enum query query, const struct descriptor *d)
{
	bool segment = d->type & TYPE_SEGMENT, code = d->type & TYPE_CODE;

	switch (query) {
	case LAR:
		return segment || LAR_TYPES >> d->type & 1;
	case LSL:
		return segment || LSL_TYPES >> d->type & 1;
	case VERR:
		return segment && (!code || d->type & TYPE_WRITE_OR_READ);
	default:
		return segment && !code && d->type & TYPE_WRITE_OR_READ;
	}
}

#define UNTOUCHED 0xaaaaaaaabbbbbbbbull

static void expect_answer(enum query query, bool yes, const struct descriptor *d,
			  const struct registers *r)
{
	/* All status flags were the other way; the rest of them stay. */
	u64 flags = yes ? RFLAGS_ZF : STATUS_FLAGS & ~(u64)RFLAGS_ZF;

	if (!EXPECT_FLAGS(rflags_names, flags, r->rflags & STATUS_FLAGS))
		return;
	if (!yes || query >= VERR)
		EXPECT_EQ(UNTOUCHED, r->rax);
	else if (query == LAR) /* bits 19:16 are not said */
		EXPECT_EQ(encode(d) >> 32 & 0xf0ff00, r->rax & ~0xf0000ull);
	else
		EXPECT_EQ(d->granularity ? limit << 12 | 0xfff : limit, r->rax);
}

static void ask(enum query query, u64 selector, bool yes, const struct descriptor *d,
		unsigned int cpl)
{
	struct registers r = {
		.rax = UNTOUCHED,
		.rcx = selector,
		.rflags = yes ? 0 : STATUS_FLAGS,
	};

	if (EXPECT_NO_FAULT(perform(queries[query].instruction, cpl, &r)))
		expect_answer(query, yes, d, &r);
}

static void ask_about(enum query query, const struct descriptor *d, unsigned int rpl,
		      unsigned int cpl)
{
	/* What is 16 bytes long has zeros behind. */
	gdt[SELECTOR_SPARE / 8] = encode(d);
	gdt[SELECTOR_SPARE / 8 + 1] = 0;
	ask(query, SELECTOR_SPARE | rpl, takes(query, d) && visible(d, rpl, cpl), d, cpl);
}

/* At CPL 3 an RPL has nothing to add, and what is kept from DPL 2 is kept from 0 and 1. */
enum { TYPES = 32, TYPES_AT_CPL0 = TYPES * 4 * 2, TYPES_AT_CPL3 = TYPES * 2 };

static void every_type(enum query query, unsigned int cpl)
{
	for (unsigned int i = 0; i < (cpl ? TYPES_AT_CPL3 : TYPES_AT_CPL0); i++) {
		unsigned int type = i % TYPES, privileges = i / TYPES;
		struct descriptor d = { type, cpl ? 2 + privileges : privileges & 3, 1, type & 1 };
		unsigned int rpl = privileges & 4 ? 3 : 0;

		CASE("s=%u,type=%u,dpl=%u,rpl=%u", d.type >> 4, d.type & 15, d.dpl, rpl)
			ask_about(query, &d, rpl, cpl);
	}
}

/* LAR and LSL do not look at P. */
static void absent_and_scaled(enum query query, unsigned int cpl)
{
	for (unsigned int i = 0; i < 4; i++) {
		struct descriptor d = { TYPE_SEGMENT | TYPE_WRITE_OR_READ, 3, i & 1, i >> 1 };

		CASE("present=%u,granularity=%u", d.present, d.granularity)
			ask_about(query, &d, 3, cpl);
	}
}

static const struct {
	const char *name;
	u64 selector;
} nowhere[] = {
	{ "null", 0 },
	{ "null-rpl-3", 3 },
	{ "beyond-gdt", SELECTOR_LIMIT + 1 },
	{ "last", 0xfff8 },
	{ "ldt", SELECTOR_DATA | 4 }, /* there is none */
};

static void no_descriptor(enum query query, unsigned int cpl)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nowhere); i++)
		CASE("selector=%s", nowhere[i].name)
			ask(query, nowhere[i].selector, false, NULL, cpl);
}

/* Beside every type. */
enum { LONG = 4 + ARRAY_SIZE(nowhere), SHORT = LONG - 4 };

static void judge(enum query query, unsigned int cpl)
{
	every_type(query, cpl);
	if (query == LAR || query == LSL)
		absent_and_scaled(query, cpl);
	no_descriptor(query, cpl);
}

#define QUERY(name, query, sentence, where, count)                                                 \
	TEST(name##_at_cpl0, sentence " at CPL 0", LAW(where), CASES(TYPES_AT_CPL0 + count))                     \
	{                                                                                          \
		judge(query, 0);                                                                   \
	}                                                                                          \
	TEST(name##_at_cpl3, sentence " at CPL 3", LAW(where), CASES(TYPES_AT_CPL3 + count))                     \
	{                                                                                          \
		judge(query, 3);                                                                   \
	}

QUERY(lar, LAR, "LAR gives the access rights of what may be seen, and else clears ZF",
      "SDM vol. 2A, LAR; APM vol. 3, LAR", LONG)
QUERY(lsl, LSL, "LSL gives the limit of what may be seen, and else clears ZF",
      "SDM vol. 2A, LSL; APM vol. 3, LSL", LONG)
QUERY(verr, VERR, "VERR says which segments may be read", "SDM vol. 2B, VERR; APM vol. 3, VERR",
      SHORT)
QUERY(verw, VERW, "VERW says which segments may be written", "SDM vol. 2B, VERW; APM vol. 3, VERW",
      SHORT)
