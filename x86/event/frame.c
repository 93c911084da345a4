// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frame of every exception that instructions can cause by themselves, at
 * both privilege levels and through every kind of gate (SDM vol. 3A, 6.12.1,
 * 6.13 to 6.15).
 */
#include "x86/event/stage.h"

/* Behind the window's pages: no paging structure maps it. */
#define UNMAPPED 0x411000000000ull

SNIPPET(div_zero, "", "divl %ecx", "");
SNIPPET(div_prefixed, "", ".byte 0x2e, 0x3e, 0xf7, 0xf1", "");
SNIPPET(idiv_overflow, "mov $0x80000000, %eax; mov $-1, %edx; mov $-1, %ecx", "idivl %ecx", "");
SNIPPET(undefined, "", "ud2", "");
SNIPPET(undefined_prefixed, "", ".byte 0x2e, 0x66, 0x48, 0x0f, 0x0b", "");
SNIPPET(into, "", ".byte 0xce", "");
SNIPPET(push_es, "", ".byte 0x06", "");
SNIPPET(lock_register, "", ".byte 0xf0, 0x01, 0xc0", "");
SNIPPET(too_long, "", ".fill 15, 1, 0x2e; nop", "");
SNIPPET(load_es, "mov %edi, %eax", "mov %eax, %es", "");
SNIPPET(load_ss, "mov %edi, %eax", "mov %eax, %ss", "");
SNIPPET(load_rax, "", "mov (%rdi), %rax", "");
SNIPPET(load_prefixed, "", ".byte 0x2e, 0x3e, 0x48, 0x8b, 0x07", "");
SNIPPET(store_rax, "", "mov %rax, (%rdi)", "");
SNIPPET(jump_away, "", "jmp *%rdi", "");
SNIPPET(halt, "", "hlt", "");

enum { CPL0 = BIT(0), CPL3 = BIT(3) };
/* The error code has U/S like the access that faulted. */
enum { USER_ERROR = BIT(31) };

static const struct cause {
	const char *name;
	const struct snippet *snippet;
	u64 argument;
	struct event event;
	unsigned int cpls;
} causes[] = {
#define FAULT(v, ...) { .kind = EVENT_FAULT, .vector = VECTOR_##v, ##__VA_ARGS__ }
#define BOTH (CPL0 | CPL3)
	{ "div-zero", &div_zero, 0, FAULT(DE), BOTH },
	{ "div-prefixed", &div_prefixed, 0, FAULT(DE), BOTH },
	{ "idiv-overflow", &idiv_overflow, 0, FAULT(DE), BOTH },
	{ "ud2", &undefined, 0, FAULT(UD), BOTH },
	{ "ud2-prefixed", &undefined_prefixed, 0, FAULT(UD), BOTH },
	{ "into", &into, 0, FAULT(UD), BOTH },
	{ "push-es", &push_es, 0, FAULT(UD), BOTH },
	{ "lock-register", &lock_register, 0, FAULT(UD), BOTH },
	{ "es-not-present", &load_es, SELECTOR_SPARE | 3,
	  FAULT(NP, .error_code = SELECTOR_SPARE), BOTH },
	{ "es-beyond-limit", &load_es, 0x1238 | 3, FAULT(GP, .error_code = 0x1238), BOTH },
	{ "es-in-ldt", &load_es, 0x1c, FAULT(GP, .error_code = 0x1c), BOTH },
	{ "es-no-segment", &load_es, SELECTOR_TSS, FAULT(GP, .error_code = SELECTOR_TSS), BOTH },
	{ "ss-not-present", &load_ss, SELECTOR_SPARE + 8,
	  FAULT(SS, .error_code = SELECTOR_SPARE + 8), CPL0 },
	{ "ss-not-present", &load_ss, SELECTOR_SPARE | 3,
	  FAULT(SS, .error_code = SELECTOR_SPARE), CPL3 },
	{ "ss-wrong-privilege", &load_ss, SELECTOR_USER_DATA,
	  FAULT(GP, .error_code = SELECTOR_USER_DATA & ~3), CPL0 },
	{ "non-canonical", &load_rax, NON_CANONICAL, FAULT(GP), BOTH },
	{ "too-long", &too_long, 0, FAULT(GP), BOTH },
	{ "hlt", &halt, 0, FAULT(GP), CPL3 },
	{ "page-read", &load_rax, UNMAPPED + 0x123, FAULT(PF, .error_code = USER_ERROR), BOTH },
	{ "page-read-prefixed", &load_prefixed, UNMAPPED + 0x321,
	  FAULT(PF, .error_code = USER_ERROR), BOTH },
	{ "page-write", &store_rax, UNMAPPED + 0xabc,
	  FAULT(PF, .error_code = PF_W | USER_ERROR), BOTH },
	{ "page-supervisor", &load_rax, TEST_MEMORY, FAULT(PF, .error_code = PF_P | PF_U), CPL3 },
};
/* Rows that run at CPL 0, at CPL 3. */
enum { CAUSES_CPL0 = 19, CAUSES_CPL3 = 20 };

/* Data segments that are not present: DPL 3 and DPL 0. */
static void prepare(void)
{
	stage_open();
	gdt[SELECTOR_SPARE / 8] = 0x00cf73000000ffff;
	gdt[SELECTOR_SPARE / 8 + 1] = 0x00cf13000000ffff;
}

static void run_cause(const struct cause *c, unsigned int cpl)
{
	struct event event = c->event;

	if (event.vector == VECTOR_PF)
		event.cr2 = c->argument;
	if (event.error_code & USER_ERROR)
		event.error_code = (event.error_code & ~USER_ERROR) | (cpl ? PF_U : 0);
	stage_each_gate(c->name, c->snippet, cpl, STAGE_RFLAGS | RFLAGS_IF, c->argument, &event);
}

static void run_causes(unsigned int cpl)
{
	prepare();
	for (unsigned int i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].cpls & BIT(cpl))
			run_cause(&causes[i], cpl);
}

TEST(frames_at_cpl0, "a fault at CPL 0 pushes its whole frame, whatever the gate",
     LAW("SDM vol. 3A, 6.12.1, 6.13, 6.14; APM vol. 2, 8.9"), CASES(CAUSES_CPL0 * STAGE_GATES))
{
	run_causes(0);
}

TEST(frames_at_cpl3, "a fault at CPL 3 pushes its whole frame on the stack of RSP0 or IST",
     LAW("SDM vol. 3A, 6.12.1, 6.13, 6.14; APM vol. 2, 8.9"), CASES(CAUSES_CPL3 * STAGE_GATES))
{
	run_causes(3);
}

TEST(frame_is_aligned, "a frame on the interrupted stack begins at a multiple of 16 bytes",
     LAW("SDM vol. 3A, 6.14.2; APM vol. 2, 8.9.3"), CASES(32))
{
	stage_open();
	for (unsigned int skew = 0; skew < 16; skew++) {
		stage.skew = skew;
		CASE("rsp=%u,error-code=no", skew)
		{
			stage_run(&undefined, 0, STAGE_RFLAGS, 0);
			EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_UD);
		}
		CASE("rsp=%u,error-code=yes", skew)
		{
			stage_run(&load_rax, 0, STAGE_RFLAGS, NON_CANONICAL);
			EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_GP);
		}
	}
}

/* The fetch faults at the target of the jump, whose RIP is then pushed. */
TEST(fetch_fault, "a fault of an instruction fetch pushes the RIP of the fetch",
     LAW("SDM vol. 3A, 6.15, #PF"), CASES(2))
{
	stage_open();
	for (unsigned int cpl = 0; cpl <= 3; cpl += 3)
		CASE("cpl=%u", cpl)
		{
			u64 instruction_fetch = has_feature(NX) ? PF_I : 0;

			stage_run(&jump_away, cpl, STAGE_RFLAGS, UNMAPPED);
			stage.cpu.rip = UNMAPPED;
			EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_PF,
				     .error_code = (u32)instruction_fetch | (cpl ? PF_U : 0),
				     .cr2 = UNMAPPED);
		}
}
