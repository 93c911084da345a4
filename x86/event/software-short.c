// SPDX-License-Identifier: GPL-2.0-only
/*
 * INT3 and INT1, the one-byte forms, plain and with a prefix that changes nothing
 * (SDM vol. 2A, INT n; vol. 3A, 6.12.1.2, 6.15, #BP; APM vol. 3, INT3).  One law a
 * test: hosts that emulate CPL 0, or that catch these instructions, differ in each.
 */
#include "x86/event/stage.h"

SNIPPET(int3, "", "int3", "");
SNIPPET(int3_prefixed, "", ".byte 0x2e, 0xcc", "");
SNIPPET(icebp, "", ".byte 0xf1", "");
SNIPPET(icebp_prefixed, "", ".byte 0x2e, 0xf1", "");
SNIPPET(int_3, "", ".byte 0xcd, 3", "");

static void each(const struct snippet *plain, const struct snippet *prefixed, unsigned int cpl,
		 const struct event *event)
{
	stage_open();
	stage_each_gate("plain", plain, cpl, STAGE_RFLAGS, 0, event);
	stage_each_gate("prefixed", prefixed, cpl, STAGE_RFLAGS, 0, event);
}

static const struct event breakpoint = { .kind = EVENT_INT3, .vector = VECTOR_BP };
static const struct event debug = { .kind = EVENT_ICEBP, .vector = VECTOR_DB };

TEST(int3_at_cpl0, "INT3 is #BP behind the instruction, at CPL 0",
     LAW("SDM vol. 3A, 6.15, #BP; vol. 2A, INT n"), CASES(2 * STAGE_GATES))
{
	each(&int3, &int3_prefixed, 0, &breakpoint);
}

TEST(int3_at_cpl3, "INT3 is #BP behind the instruction, at CPL 3",
     LAW("SDM vol. 3A, 6.15, #BP; vol. 2A, INT n"), CASES(2 * STAGE_GATES))
{
	each(&int3, &int3_prefixed, 3, &breakpoint);
}

TEST(int3_needs_dpl, "INT3 and INT 3 through a gate of DPL 0 are #GP at CPL 3",
     LAW("SDM vol. 3A, 6.12.1.2"), CASES(2))
{
	stage_open();
	stage.error_open = true;
	CASE("instruction=int3")
	{
		stage_run(&int3, 3, STAGE_RFLAGS, 0);
		EXPECT_EVENT(.kind = EVENT_INT3, .vector = VECTOR_BP);
	}
	CASE("instruction=int-3")
	{
		stage_run(&int_3, 3, STAGE_RFLAGS, 0);
		EXPECT_EVENT(.kind = EVENT_INT_N, .vector = VECTOR_BP);
	}
}

TEST(icebp_at_cpl0, "INT1 is #DB behind the instruction, at CPL 0",
     LAW("SDM vol. 2A, INT n; APM vol. 3, appendix A"), CASES(2 * STAGE_GATES))
{
	each(&icebp, &icebp_prefixed, 0, &debug);
}

TEST(icebp_at_cpl3, "INT1 is #DB behind the instruction, at CPL 3",
     LAW("SDM vol. 2A, INT n; APM vol. 3, appendix A"), CASES(2 * STAGE_GATES))
{
	each(&icebp, &icebp_prefixed, 3, &debug);
}

TEST(icebp_ignores_dpl, "INT1 is no software interrupt: a gate of DPL 0 is open at CPL 3",
     LAW("SDM vol. 2A, INT n; 6.12.1.2"))
{
	stage_open();
	stage_run(&icebp, 3, STAGE_RFLAGS, 0);
	EXPECT_EVENT(.kind = EVENT_ICEBP, .vector = VECTOR_DB);
}
