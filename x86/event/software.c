// SPDX-License-Identifier: GPL-2.0-only
/*
 * INT n (SDM vol. 2A, INT n; vol. 3A, 6.4.4, 6.12.1.2, 6.13; APM vol. 3, INT).  One
 * law a test: hosts that emulate CPL 0, or that catch INT n, differ in each.
 */
#include "x86/event/stage.h"


/*
 * 256 INT n, eight bytes each: INT n, a NOP, the UD2 of a snippet's end.  Without
 * the NOP what INT 6 pushes would be taken for the end.
 */
asm(".pushsection .text\n"
    ".balign 8\n"
    "int_n_code:\n\t"
    ".set n, 0\n\t"
    ".rept 256\n\t"
    ".byte 0xcd, n, 0x90, 0x0f, 0x0b, 0x90, 0x90, 0x90\n\t"
    ".set n, n + 1\n\t"
    ".endr\n"
    ".popsection\n");
extern const u8 int_n_code[256][8];

static void run_int_n(unsigned int vector, unsigned int cpl)
{
	const u8 *code = int_n_code[vector];
	const struct snippet snippet = { code, code, code + 2, code + 3 };

	stage_run(&snippet, cpl, STAGE_RFLAGS | RFLAGS_IF, 0);
}

static void name_vector(struct text *t, const void *context)
{
	text_add(t, "vector=%u", *(const unsigned int *)context);
}

/*
 * A host that gets one vector wrong gets most of them wrong, and to report each
 * takes far longer than to run it: after a few the rest is left out, and said so.
 */
enum { FAILURES_MAX = 8 };

struct vectors {
	unsigned int vector, end, failures;
};

/* Before each vector: has this walk still something to do? */
static bool more(struct vectors *v)
{
	if (v->vector < v->end && v->failures >= FAILURES_MAX) {
		cases_not_covered(v->end - v->vector, "%u vectors failed before", v->failures);
		return false;
	}
	return v->vector < v->end;
}

/* Cases of one number: their names are written only when somebody asks. */
#define EACH_VECTOR(v, first)                                                                      \
	for (struct vectors v = { first, 256, 0 }; more(&v); v.vector++)                           \
		for (bool on_ = case_begin_numbered(v.vector, name_vector, &v.vector); on_;        \
		     on_ = false, case_end())

static void expect_int_n(struct vectors *v)
{
	const struct event event = { .kind = EVENT_INT_N, .vector = v->vector };

	v->failures += !stage_expect_only(EXPECTATION_("events"), &event, 0);
}

static void returns_none(void)
{
	stage_open();
	memset(stage.returns, false, sizeof(stage.returns));
}

static void int_n(unsigned int cpl)
{
	returns_none();
	EACH_VECTOR(v, 0)
	{
		stage_gate_bare(v.vector, GATE_INTERRUPT | GATE_DPL3, 0);
		run_int_n(v.vector, cpl);
		expect_int_n(&v);
		stage_gate_default(v.vector);
	}
}

TEST(int_n_at_cpl0, "INT n pushes a frame without error code for every n, at CPL 0",
     LAW("SDM vol. 3A, 6.4.4, 6.12.1; APM vol. 2, 8.9"), CASES(256))
{
	int_n(0);
}

TEST(int_n_at_cpl3, "INT n pushes a frame without error code for every n, at CPL 3",
     LAW("SDM vol. 3A, 6.4.4, 6.12.1; APM vol. 2, 8.9"), CASES(256))
{
	int_n(3);
}

TEST(int_n_needs_dpl, "INT n through a gate of DPL 0 is #GP at CPL 3",
     LAW("SDM vol. 3A, 6.12.1.2"), CASES(256))
{
	returns_none();
	stage.error_open = true;
	EACH_VECTOR(v, 0)
	{
		run_int_n(v.vector, 3);
		expect_int_n(&v);
	}
}

/* INT 11 through a missing gate of #NP is that #NP, whose gate is missing: a double fault. */
static void not_present(unsigned int cpl)
{
	returns_none();
	stage.error_open = true;
	EACH_VECTOR(v, 0)
	{
		set_gate_default(v.vector, (GATE_INTERRUPT | GATE_DPL3) & ~0x80u, 0);
		run_int_n(v.vector, cpl);
		expect_int_n(&v);
		set_gate_default(v.vector, GATE_INTERRUPT, 0);
	}
}

TEST(int_n_not_present_at_cpl0, "INT n through a gate that is not present is #NP, at CPL 0",
     LAW("SDM vol. 3A, 6.13; vol. 2A, INT n"), CASES(256))
{
	not_present(0);
}

TEST(int_n_not_present_at_cpl3, "INT n through a gate that is not present is #NP, at CPL 3",
     LAW("SDM vol. 3A, 6.13; vol. 2A, INT n"), CASES(256))
{
	not_present(3);
}

/* Vectors up to that of #GP are needed. */
enum { FIRST_LIMIT = VECTOR_GP };

static void beyond_limit(unsigned int cpl)
{
	returns_none();
	stage.error_open = true;
	EACH_VECTOR(v, FIRST_LIMIT + 1)
	{
		/* One byte of the gate is missing. */
		stage.cpu.idt_limit = (u16)(16 * v.vector + 14);
		load_idt(idt, stage.cpu.idt_limit);
		run_int_n(v.vector, cpl);
		expect_int_n(&v);
	}
	load_idt(idt, 0xfff);
}

TEST(int_n_beyond_limit_at_cpl0, "INT n beyond the IDT's limit is #GP, at CPL 0",
     LAW("SDM vol. 3A, 6.13; vol. 2A, INT n"), CASES(255 - FIRST_LIMIT))
{
	beyond_limit(0);
}

TEST(int_n_beyond_limit_at_cpl3, "INT n beyond the IDT's limit is #GP, at CPL 3",
     LAW("SDM vol. 3A, 6.13; vol. 2A, INT n"), CASES(255 - FIRST_LIMIT))
{
	beyond_limit(3);
}

/* Some of the vectors, small and large, by each of the three defects. */
static void error_codes(unsigned int cpl)
{
	static const u8 some[] = { 17, 32, 33, 64, 127, 128, 200, 255 };
	const struct event *event;

	returns_none();
	for (unsigned int i = 0; i < ARRAY_SIZE(some); i++) {
		event = &(const struct event){ .kind = EVENT_INT_N, .vector = some[i] };
		CASE("vector=%u,gate=not-present", some[i])
		{
			set_gate_default(some[i], (GATE_INTERRUPT | GATE_DPL3) & ~0x80u, 0);
			run_int_n(some[i], cpl);
			stage_expect_error_code(EXPECTATION_("frame.error_code"), event);
			set_gate_default(some[i], GATE_INTERRUPT, 0);
		}
		CASE("vector=%u,gate=beyond-limit", some[i])
		{
			stage.cpu.idt_limit = (u16)(16 * some[i] - 1);
			load_idt(idt, stage.cpu.idt_limit);
			run_int_n(some[i], cpl);
			stage_expect_error_code(EXPECTATION_("frame.error_code"), event);
			stage.cpu.idt_limit = 0xfff;
			load_idt(idt, 0xfff);
		}
	}
}

TEST(int_n_error_codes_at_cpl0, "a failed INT n has the error code 8 * n with IDT, at CPL 0",
     LAW("SDM vol. 3A, 6.13"), CASES(16))
{
	error_codes(0);
}

TEST(int_n_error_codes_at_cpl3, "a failed INT n has the error code 8 * n with IDT, at CPL 3",
     LAW("SDM vol. 3A, 6.13"), CASES(16))
{
	error_codes(3);
}
