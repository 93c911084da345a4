// SPDX-License-Identifier: GPL-2.0-only
/*
 * NMIs at the boundary behind an IRET (SDM vol. 3A, Handling Multiple NMIs; Priority
 * Among Simultaneous Exceptions and Interrupts; Stack Switching in IA-32e Mode): one
 * that waits behind another is taken where the IRET leads, be that CPL 3, before an
 * instruction runs there.  That it comes whole, and that it comes at once, are laws of
 * their own: hosts are late whose frames are right.
 */
#include "x86/event/stage.h"

/* What the IRET of the first NMI's handler leads to: it ends, whether an NMI comes or not. */
SNIPPET(hlt, "", "hlt", "nop");
SNIPPET(loop, "", "1: pause; loop 1b", "");
enum { PAUSE_BYTES = 2, ROUNDS = 1 << 21, FEW_ROUNDS = 64 };

/* The CPU as the second NMI finds it. */
static struct event_cpu interrupted;
static unsigned int while_blocked;

static void lead_to(struct trap_frame *f, unsigned int cpl)
{
	const u8 *top = cpl ? user_stack + sizeof(user_stack) : ist_stack[6] + STACK_BYTES;

	f->rip = stage_address(loop.at, cpl);
	f->cs = cpl ? SELECTOR_USER_CODE64 : SELECTOR_CODE64;
	f->rflags = STAGE_RFLAGS;
	f->rsp = stage_address(top - 64, cpl);
	f->ss = cpl ? SELECTOR_USER_DATA : SELECTOR_DATA;
	f->rcx = ROUNDS;

	interrupted = stage.cpu;
	interrupted.cpl = cpl;
	interrupted.rip = f->rip;
	interrupted.next = f->rip;
	interrupted.cs = (u16)f->cs;
	interrupted.rflags = f->rflags;
	interrupted.rsp = f->rsp;
	interrupted.ss = (u16)f->ss;
}

static void inject_and_lead(struct trap_frame *f, unsigned int cpl)
{
	if (stage.count > 1) {
		f->rcx = FEW_ROUNDS;
		return;
	}
	sync(INJECT_NMI);
	settle();
	while_blocked = stage.count - 1;
	lead_to(f, cpl);
}

static void to_cpl0(struct trap_frame *f)
{
	inject_and_lead(f, 0);
}

static void to_cpl3(struct trap_frame *f)
{
	inject_and_lead(f, 3);
}

/* Exactly two NMIs, the second behind the IRET; the loop ends in its UD2. */
static bool run(unsigned int cpl)
{
	stage.in_handler = cpl ? to_cpl3 : to_cpl0;
	while_blocked = 0;
	sync(WAIT_HALTED | INJECT_NMI);
	stage_run(&hlt, 0, STAGE_RFLAGS, 0);
	stage.in_handler = NULL;
	stage.cpu = interrupted;
	/* One that came twice would be latched with the next. */
	sync(0);
	settle();
	return EXPECT_EQ(0, while_blocked) && EXPECT_SEEN(VECTOR_NMI, VECTOR_NMI, VECTOR_UD);
}

TEST(nmi_at_cpl3, "an NMI at CPL 3 pushes its whole frame on the stack of RSP0 or IST, once",
     LAW("SDM vol. 3A, Interrupt and Exception Handling, 64-Bit Mode Stack Frame and Stack "
	 "Switching in IA-32e Mode"),
     ACTIONS(WAIT_HALTED | INJECT_NMI), CASES(3))
{
	static const struct {
		const char *name;
		enum gate_type type;
		unsigned int ist;
	} gates[] = { { "interrupt", GATE_INTERRUPT, 0 }, { "trap", GATE_TRAP, 0 },
		      { "ist", GATE_INTERRUPT, 2 } };

	stage_open();
	for (unsigned int i = 0; i < ARRAY_SIZE(gates); i++)
		CASE("gate=%s", gates[i].name)
		{
			const struct event nmi = { .kind = EVENT_NMI, .vector = VECTOR_NMI };
			u64 rip;

			set_gate_default(VECTOR_NMI, gates[i].type, gates[i].ist);
			if (run(3)) {
				/* Whichever of the loop's two instructions comes next. */
				rip = seen_word(1, WORD_RIP);
				if (rip == stage.cpu.rip + PAUSE_BYTES)
					stage.cpu.next = rip;
				stage_expect_seen(EXPECTATION_("events"), &nmi, 0, 1);
			}
		}
}

TEST(nmi_behind_iret, "an NMI that waits for an IRET is taken before an instruction runs behind it",
     LAW("SDM vol. 3A, Interrupt and Exception Handling, Handling Multiple NMIs and Priority "
	 "Among Simultaneous Exceptions and Interrupts"),
     ACTIONS(WAIT_HALTED | INJECT_NMI), CASES(2))
{
	for (unsigned int cpl = 0; cpl <= 3; cpl += 3)
		CASE("cpl=%u", cpl)
		{
			bool ok = true;

			/* A host that waits for its next exit has one in time now and then. */
			for (unsigned int i = 0; ok && i < 8; i++) {
				stage_open();
				ok = run(cpl) &&
				     EXPECT_EQ(interrupted.rip, seen_word(1, WORD_RIP)) &&
				     EXPECT_EQ(interrupted.cs, (u16)seen_word(1, WORD_CS));
			}
		}
}
