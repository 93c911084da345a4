// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery that finds no stack: the TSS ends before its entry, or RSP is not
 * canonical (SDM vol. 2A, INT n; vol. 3A, 6.14.4, 6.14.5, 6.15, #TS and #SS).
 */
#include "x86/event/stage.h"

SNIPPET(undefined, "", "ud2", "");
SNIPPET(undefined_on_stack, "mov %rdi, %rsp", "ud2", "");

static const struct event undefined_opcode = { .kind = EVENT_FAULT, .vector = VECTOR_UD };

/* Every IST entry whose last byte lies behind the TSS's limit. */
static void short_tss(unsigned int cpl, bool whole_frame)
{
	stage_open();
	window_open();
	stage.error_open = whole_frame;
	for (unsigned int ist = 1; ist <= 7; ist++)
		CASE("ist=%u", ist)
		{
			set_gate_default(VECTOR_UD, GATE_INTERRUPT, ist);
			window_tss(window_page(0), (u16)(28 + 8 * ist + 6));
			stage_run(&undefined, cpl, STAGE_RFLAGS, 0);
			if (whole_frame)
				stage_expect_only(EXPECTATION_("events"), &undefined_opcode, 0);
			else
				stage_expect_error_code(EXPECTATION_("frame.error_code"),
							&undefined_opcode);
			set_gate_default(VECTOR_UD, GATE_INTERRUPT, 0);
		}
}

TEST(short_tss_at_cpl0, "an IST entry beyond the TSS's limit is #TS, at CPL 0",
     LAW("SDM vol. 2A, INT n; vol. 3A, 6.15, #TS"), CASES(7))
{
	short_tss(0, true);
}

TEST(short_tss_at_cpl3, "an IST entry beyond the TSS's limit is #TS, at CPL 3",
     LAW("SDM vol. 2A, INT n; vol. 3A, 6.15, #TS"), CASES(7))
{
	short_tss(3, true);
}

TEST(short_tss_error_code, "the error code of a short TSS is its selector, with EXT",
     LAW("SDM vol. 3A, 6.13; 6.15, #TS"), CASES(7))
{
	short_tss(3, false);
}

TEST(ist_not_canonical, "an IST entry that is not canonical is #SS",
     LAW("SDM vol. 2A, INT n; vol. 3A, 6.15, #SS"), CASES(2))
{
	stage_open();
	tss.ist[5] = NON_CANONICAL;
	set_gate_default(VECTOR_UD, GATE_INTERRUPT, 6);
	for (unsigned int cpl = 0; cpl <= 3; cpl += 3)
		CASE("cpl=%u", cpl)
		{
			stage_run(&undefined, cpl, STAGE_RFLAGS, 0);
			EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_UD);
		}
}

/* Without a switch of the stack, and with RSP0: the #SS needs a stack of its own. */
TEST(stack_not_canonical, "a push to a non-canonical stack is #SS, without IST",
     LAW("SDM vol. 2A, INT n; vol. 3A, 6.15, #SS"), CASES(2))
{
	stage_open();
	set_gate_default(VECTOR_SS, GATE_INTERRUPT, 6);
	/* Hosts that get the vector wrong need a stack, too. */
	set_gate_default(VECTOR_GP, GATE_INTERRUPT, 6);
	CASE("stack=interrupted")
	{
		stage_run(&undefined_on_stack, 0, STAGE_RFLAGS, NON_CANONICAL);
		stage.cpu.rsp = NON_CANONICAL;
		EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_UD);
	}
	CASE("stack=rsp0")
	{
		tss.rsp[0] = NON_CANONICAL;
		stage_run(&undefined, 3, STAGE_RFLAGS, 0);
		EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_UD);
	}
}

/*
 * The SDM checks the handler's address before the frame is there (vol. 2A, INT
 * n); a processor that finds out when it fetches there pushes that address, below
 * the first frame.  Both are allowed.
 */
TEST(handler_not_canonical, "a handler whose address is not canonical is #GP",
     LAW("SDM vol. 2A, INT n; APM vol. 2, 8.2.14"), CASES(2))
{
	stage_open();
	idt[VECTOR_UD].offset_high = NON_CANONICAL >> 32;
	for (unsigned int cpl = 0; cpl <= 3; cpl += 3)
		CASE("cpl=%u", cpl)
		{
			u64 rip;

			stage_run(&undefined, cpl, STAGE_RFLAGS, 0);
			if (!EXPECT_SEEN(VECTOR_GP))
				continue;
			rip = seen_word(0, WORD_RIP);
			if (rip >> 32 != NON_CANONICAL >> 32)
				EXPECT_EQ(stage.cpu.rip, rip);
		}
}
