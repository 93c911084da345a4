// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions of x87 and SSE (SDM vol. 3A, 6.15, #NM #MF #XM).  Where CPL 0 is
 * emulated their instructions may not exist at all: one test for each.
 */
#include "x86/event/stage.h"

SNIPPET(fnop, "", "fnop", "");
SNIPPET(wait, "", "fwait", "");
/* 1 / 0 with ZM clear: the exception is pending until the next waiting instruction. */
SNIPPET(divide_x87,
	"fninit; movw $0x033b, -8(%rsp); fldcw -8(%rsp); fld1; fldz; fdivrp", "fwait", "fninit");
SNIPPET(divide_sse,
	"movl $0x1d80, -8(%rsp); ldmxcsr -8(%rsp); movl $0x3f800000, -8(%rsp);"
	"movss -8(%rsp), %xmm0; xorps %xmm1, %xmm1", "divss %xmm1, %xmm0", "");
SNIPPET(clean, "fninit; movl $0x1f80, -8(%rsp); ldmxcsr -8(%rsp)", "nop", "");

static void one(const struct snippet *snippet, unsigned int cpl, enum vector vector)
{
	const struct event event = { .kind = EVENT_FAULT, .vector = vector };

	stage_open();
	stage_each_gate("this", snippet, cpl, STAGE_RFLAGS, 0, &event);
}

/* FNOP knows EM and TS; WAIT only TS with MP (vol. 3A, table 2-2). */
static void without_fpu(unsigned int cpl)
{
	static const struct {
		const char *name;
		const struct snippet *snippet;
		u64 set;
	} rows[] = {
		{ "fnop-with-ts", &fnop, CR0_TS },
		{ "fnop-with-em", &fnop, CR0_EM },
		{ "fwait-with-ts", &wait, CR0_TS },
	};
	const struct event event = { .kind = EVENT_FAULT, .vector = VECTOR_NM };
	u64 cr0 = read_cr0();

	stage_open();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		write_cr0(cr0 | rows[i].set);
		stage_each_gate(rows[i].name, rows[i].snippet, cpl, STAGE_RFLAGS, 0, &event);
	}
	write_cr0(cr0);
}

TEST(device_not_available_at_cpl0, "x87 with CR0.TS or CR0.EM is #NM at CPL 0",
     LAW("SDM vol. 3A, 6.15, #NM; 2.5"), CASES(3 * STAGE_GATES))
{
	without_fpu(0);
}

TEST(device_not_available_at_cpl3, "x87 with CR0.TS or CR0.EM is #NM at CPL 3",
     LAW("SDM vol. 3A, 6.15, #NM; 2.5"), CASES(3 * STAGE_GATES))
{
	without_fpu(3);
}

TEST(x87_error_at_cpl0, "an unmasked x87 exception is #MF at the next waiting instruction, CPL 0",
     LAW("SDM vol. 3A, 6.15, #MF"), CASES(STAGE_GATES))
{
	one(&divide_x87, 0, VECTOR_MF);
	stage_run(&clean, 0, STAGE_RFLAGS, 0);
}

TEST(x87_error_at_cpl3, "an unmasked x87 exception is #MF at the next waiting instruction, CPL 3",
     LAW("SDM vol. 3A, 6.15, #MF"), CASES(STAGE_GATES))
{
	one(&divide_x87, 3, VECTOR_MF);
	stage_run(&clean, 3, STAGE_RFLAGS, 0);
}

TEST(simd_error_at_cpl0, "an unmasked SSE exception is #XM at its own instruction, CPL 0",
     LAW("SDM vol. 3A, 6.15, #XM"), NEEDS(SSE2), CASES(STAGE_GATES))
{
	one(&divide_sse, 0, VECTOR_XM);
	stage_run(&clean, 0, STAGE_RFLAGS, 0);
}

TEST(simd_error_at_cpl3, "an unmasked SSE exception is #XM at its own instruction, CPL 3",
     LAW("SDM vol. 3A, 6.15, #XM"), NEEDS(SSE2), CASES(STAGE_GATES))
{
	one(&divide_sse, 3, VECTOR_XM);
	stage_run(&clean, 3, STAGE_RFLAGS, 0);
}
