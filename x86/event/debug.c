// SPDX-License-Identifier: GPL-2.0-only
/*
 * #DB by its causes, with the frame and DR6 (SDM vol. 3B, 17.2.3, 17.3.1; vol. 3A,
 * 6.15, #DB).  Data breakpoints, instruction breakpoints and single steps have
 * tests of their own for each privilege level: hosts emulate some and not others.
 */
#include "x86/event/stage.h"

SNIPPET(step, "", "nop", "nop");
SNIPPET(step_by_popf, "pushfq; orq $0x100, (%rsp); popfq", "nop", "nop");
SNIPPET(breakpoint, "nop", "nop", "nop");
SNIPPET(store, "nop", "movl $1, (%rdi)", "nop; nop");
SNIPPET(load, "nop", "mov (%rdi), %eax", "nop; nop");
SNIPPET(get_dr0, "", "mov %dr0, %rax", "");

static u64 watched __attribute__((aligned(8)));

enum { DR7_EXECUTE = 0, DR7_WRITE = 1, DR7_ACCESS = 3, DR7_4BYTES = 3 };

/* Breakpoint 0, globally enabled. */
static void set_breakpoint(u64 address, unsigned int type, unsigned int length)
{
	write_dr6(DR6_FIXED);
	write_dr0(address);
	write_dr7(DR7_FIXED | DR7_G0 | (u64)type << 16 | (u64)length << 18);
}

static void no_breakpoints(void)
{
	write_dr7(DR7_FIXED);
	write_dr6(DR6_FIXED);
}

/* B0 to B3 of conditions that were not enabled may be set too (17.2.3). */
static void expect_dr6(u64 wanted)
{
	static const struct flag_name names[] = {
		{ DR6_B0, "B0" }, { DR6_BD, "BD" }, { DR6_BS, "BS" }, { DR6_BT, "BT" },
	};
	u64 sure = DR6_BD | DR6_BS | DR6_BT | (wanted & DR6_B0);

	EXPECT_FLAGS(names, wanted, stage.seen[0].dr6 & sure);
}

static void single_step(unsigned int cpl)
{
	stage_open();
	write_dr6(DR6_FIXED);
	CASE("by=iret")
	{
		stage_run(&step, cpl, STAGE_RFLAGS | RFLAGS_TF, 0);
		EXPECT_EVENT(.kind = EVENT_TRAP, .vector = VECTOR_DB);
		expect_dr6(DR6_BS);
	}
	write_dr6(DR6_FIXED);
	CASE("by=popf")
	{
		stage_run(&step_by_popf, cpl, STAGE_RFLAGS, 0);
		stage.cpu.rflags |= RFLAGS_TF;
		/* OR changed the status flags. */
		EXPECT_EVENT_OPEN(STATUS_FLAGS, .kind = EVENT_TRAP, .vector = VECTOR_DB);
		expect_dr6(DR6_BS);
	}
}

TEST(single_step_at_cpl0, "TF traps behind the next instruction with DR6.BS, at CPL 0",
     LAW("SDM vol. 3B, 17.3.1.4"), CASES(2))
{
	single_step(0);
}

TEST(single_step_at_cpl3, "TF traps behind the next instruction with DR6.BS, at CPL 3",
     LAW("SDM vol. 3B, 17.3.1.4"), CASES(2))
{
	single_step(3);
}

static void instruction_breakpoint(unsigned int cpl)
{
	stage_open();
	set_breakpoint(stage_address(breakpoint.at, cpl), DR7_EXECUTE, 0);
	CASE("rf=0")
	{
		stage_run(&breakpoint, cpl, STAGE_RFLAGS, 0);
		EXPECT_EVENT(.kind = EVENT_CODE_BREAKPOINT, .vector = VECTOR_DB);
		expect_dr6(DR6_B0);
	}
	set_breakpoint(stage_address(breakpoint.begin, cpl), DR7_EXECUTE, 0);
	CASE("rf=1")
	{
		/* IRETQ loads RF, which hides the breakpoint on the instruction it returns to. */
		stage_run(&breakpoint, cpl, STAGE_RFLAGS | RFLAGS_RF, 0);
		EXPECT_NOTHING_SEEN();
	}
	no_breakpoints();
}

TEST(instruction_breakpoint_at_cpl0, "an instruction breakpoint faults unless RF is set, at CPL 0",
     LAW("SDM vol. 3B, 17.3.1.1"), CASES(2))
{
	instruction_breakpoint(0);
}

TEST(instruction_breakpoint_at_cpl3, "an instruction breakpoint faults unless RF is set, at CPL 3",
     LAW("SDM vol. 3B, 17.3.1.1"), CASES(2))
{
	instruction_breakpoint(3);
}

static void data_breakpoint(unsigned int cpl)
{
	static const struct {
		const char *name;
		const struct snippet *snippet;
		unsigned int type;
		bool hits;
	} rows[] = {
		{ "type=write,access=write", &store, DR7_WRITE, true },
		{ "type=write,access=read", &load, DR7_WRITE, false },
		{ "type=access,access=write", &store, DR7_ACCESS, true },
		{ "type=access,access=read", &load, DR7_ACCESS, true },
	};
	u64 address = stage_address(&watched, cpl);

	stage_open();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		set_breakpoint(address, rows[i].type, DR7_4BYTES);
		CASE("%s", rows[i].name)
		{
			stage_run(rows[i].snippet, cpl, STAGE_RFLAGS, address);
			if (!rows[i].hits) {
				EXPECT_NOTHING_SEEN();
				continue;
			}
			EXPECT_EVENT(.kind = EVENT_TRAP, .vector = VECTOR_DB);
			expect_dr6(DR6_B0);
		}
	}
	no_breakpoints();
}

TEST(data_breakpoint_at_cpl0, "a data breakpoint traps behind the access with DR6.B0, at CPL 0",
     LAW("SDM vol. 3B, 17.3.1.2"), CASES(4))
{
	data_breakpoint(0);
}

TEST(data_breakpoint_at_cpl3, "a data breakpoint traps behind the access with DR6.B0, at CPL 3",
     LAW("SDM vol. 3B, 17.3.1.2"), CASES(4))
{
	data_breakpoint(3);
}

TEST(general_detect, "DR7.GD faults an access to a debug register with DR6.BD, and is cleared",
     LAW("SDM vol. 3B, 17.2.4, 17.3.1.3"))
{
	stage_open();
	write_dr6(DR6_FIXED);
	write_dr7(DR7_FIXED | DR7_GD);
	stage_run(&get_dr0, 0, STAGE_RFLAGS, 0);
	EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_DB);
	expect_dr6(DR6_BD);
	EXPECT_EQ(0, read_dr7() & DR7_GD);
	no_breakpoints();
}

/* Not by an access: TF's trap finds DR7.GD set. */
TEST(debug_exception_clears_gd, "the handler of every #DB starts with DR7.GD = 0",
     LAW("SDM vol. 3B, 17.2.4"))
{
	stage_open();
	write_dr6(DR6_FIXED);
	write_dr7(DR7_FIXED | DR7_GD);
	stage_run(&step, 0, STAGE_RFLAGS | RFLAGS_TF, 0);
	EXPECT_EVENT(.kind = EVENT_TRAP, .vector = VECTOR_DB);
	EXPECT_EQ(0, read_dr7() & DR7_GD);
	no_breakpoints();
}

TEST(debug_registers_at_cpl3, "an access to a debug register is #GP(0) at CPL 3",
     LAW("SDM vol. 3A, 5.9; vol. 2B, MOV to debug registers"))
{
	stage_open();
	stage_run(&get_dr0, 3, STAGE_RFLAGS, 0);
	EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_GP);
}
