// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of 32-bit code in compatibility mode (SDM vol. 3A, Exception and Interrupt
 * Handling in 64-bit Mode; vol. 2, INT n, INTO, BOUND, AAM): handlers are 64-bit code, the
 * frame is the one of 64-bit mode, and instructions that 64-bit mode does not have
 * raise what they always did.  One law and one privilege level a test.
 */
#include "x86/event/stage.h"

/* Addresses of 32 bits: the stack, on which lie a far pointer and the operand of BOUND. */
#define STACK (TEST_MEMORY + 0x8000)
enum { BOUND_LOWER = 5, BOUND_UPPER = 7 };

/* In from 64-bit mode by the far pointer; at the end, in either mode, stands a UD2. */
#define COMPAT(name, before, instruction)                                                          \
	SNIPPET(name, before "\nmov %rdi, %rsp; lretq\n.code32", instruction, ".code64")

COMPAT(into, "", ".byte 0xce");
COMPAT(bound_below, "mov $4, %eax", ".byte 0x62, 0x04, 0x24");
COMPAT(bound_above, "mov $8, %eax", ".byte 0x62, 0x04, 0x24");
COMPAT(bound_inside, "mov $6, %eax", ".byte 0x62, 0x04, 0x24");
COMPAT(div_zero, "", "divl %ecx");
COMPAT(aam_zero, "mov $6, %eax", ".byte 0xd4, 0x00");
COMPAT(int3, "", "int3");
COMPAT(int_n, "", "int $0x40");

static void run(const struct snippet *snippet, unsigned int cpl, u64 rflags)
{
	u16 selector = cpl ? SELECTOR_USER_CODE32 : SELECTOR_CODE32;
	/* stage_run() adds USER_ALIAS at CPL 3, which 32 bits cannot hold. */
	u64 alias = cpl ? USER_ALIAS : 0;
	const struct snippet low = { snippet->begin - alias, snippet->at - alias,
				     snippet->next - alias, snippet->end - alias };

	((u64 *)STACK)[-2] = (u64)snippet->at;
	((u64 *)STACK)[-1] = selector;
	((u64 *)STACK)[0] = BOUND_LOWER | (u64)BOUND_UPPER << 32;
	if (cpl)
		use_low_user_memory();
	stage_run(&low, cpl, rflags, STACK - 16);
	if (cpl)
		write_cr3((u64)boot_pml4);
	stage.cpu.cs = selector;
	stage.cpu.rsp = STACK;
}

static const struct {
	const char *name;
	enum gate_type type;
	unsigned int ist;
} gates[STAGE_GATES] = {
	{ "interrupt", GATE_INTERRUPT, 0 }, { "trap", GATE_TRAP, 0 }, { "ist", GATE_INTERRUPT, 5 },
};

static void each_gate(const char *cause, const struct snippet *snippet, unsigned int cpl,
		      struct event event)
{
	for (unsigned int i = 0; i < STAGE_GATES; i++)
		CASE("cause=%s,gate=%s", cause, gates[i].name)
		{
			stage_gate(event.vector, gates[i].type | GATE_DPL3, gates[i].ist,
				   event_has_error_code(&event));
			run(snippet, cpl, STAGE_RFLAGS | RFLAGS_IF);
			stage_expect_only(EXPECTATION_("events"), &event, 0);
		}
	stage_gate_default(event.vector);
}

static void quiet(const char *cause, const struct snippet *snippet, unsigned int cpl, u64 rflags)
{
	CASE("cause=%s,event=none", cause)
	{
		run(snippet, cpl, rflags);
		EXPECT_NOTHING_SEEN();
	}
}

#define EVENT(k, v) ((struct event){ .kind = EVENT_##k, .vector = (v) })

static void overflow(unsigned int cpl)
{
	stage_open();
	each_gate("into", &into, cpl, EVENT(INTO, VECTOR_OF));
	quiet("into", &into, cpl, STAGE_RFLAGS & ~RFLAGS_OF);
}

static void bounds(unsigned int cpl)
{
	stage_open();
	each_gate("below", &bound_below, cpl, EVENT(FAULT, VECTOR_BR));
	each_gate("above", &bound_above, cpl, EVENT(FAULT, VECTOR_BR));
	quiet("inside", &bound_inside, cpl, STAGE_RFLAGS);
}

static void divide(unsigned int cpl)
{
	stage_open();
	each_gate("div-zero", &div_zero, cpl, EVENT(FAULT, VECTOR_DE));
}

static void aam(unsigned int cpl)
{
	stage_open();
	each_gate("aam-zero", &aam_zero, cpl, EVENT(FAULT, VECTOR_DE));
}

static void software(unsigned int cpl)
{
	stage_open();
	each_gate("int3", &int3, cpl, EVENT(INT3, VECTOR_BP));
	each_gate("int-n", &int_n, cpl, EVENT(INT_N, 0x40));
}

#define WHERE "SDM vol. 3A, Exception and Interrupt Handling in 64-bit Mode"

TEST(compat_into_at_cpl0, "INTO is #OF behind itself in compatibility mode at CPL 0, if OF = 1",
     LAW(WHERE "; vol. 2A, INT n"), CASES(STAGE_GATES + 1))
{
	overflow(0);
}

TEST(compat_into_at_cpl3, "INTO is #OF behind itself in compatibility mode at CPL 3, if OF = 1",
     LAW(WHERE "; vol. 2A, INT n"), CASES(STAGE_GATES + 1))
{
	overflow(3);
}

TEST(compat_bound_at_cpl0, "BOUND is #BR in compatibility mode at CPL 0, if out of bounds",
     LAW(WHERE "; vol. 2A, BOUND"), CASES(2 * STAGE_GATES + 1))
{
	bounds(0);
}

TEST(compat_bound_at_cpl3, "BOUND is #BR in compatibility mode at CPL 3, if out of bounds",
     LAW(WHERE "; vol. 2A, BOUND"), CASES(2 * STAGE_GATES + 1))
{
	bounds(3);
}

TEST(compat_divide_at_cpl0, "DIV by 0 pushes a 64-bit frame from compatibility mode at CPL 0",
     LAW(WHERE "; vol. 2A, DIV"), CASES(STAGE_GATES))
{
	divide(0);
}

TEST(compat_divide_at_cpl3, "DIV by 0 pushes a 64-bit frame from compatibility mode at CPL 3",
     LAW(WHERE "; vol. 2A, DIV"), CASES(STAGE_GATES))
{
	divide(3);
}

TEST(compat_aam_at_cpl0, "AAM 0 is #DE in compatibility mode at CPL 0",
     LAW(WHERE "; vol. 2A, AAM"), CASES(STAGE_GATES))
{
	aam(0);
}

TEST(compat_aam_at_cpl3, "AAM 0 is #DE in compatibility mode at CPL 3",
     LAW(WHERE "; vol. 2A, AAM"), CASES(STAGE_GATES))
{
	aam(3);
}

TEST(compat_int_n_at_cpl0, "INT3 and INT n push 64-bit frames from compatibility mode at CPL 0",
     LAW(WHERE "; vol. 2A, INT n"), CASES(2 * STAGE_GATES))
{
	software(0);
}

TEST(compat_int_n_at_cpl3, "INT3 and INT n push 64-bit frames from compatibility mode at CPL 3",
     LAW(WHERE "; vol. 2A, INT n"), CASES(2 * STAGE_GATES))
{
	software(3);
}
