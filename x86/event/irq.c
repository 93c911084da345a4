// SPDX-License-Identifier: GPL-2.0-only
/*
 * External interrupts from a host that is the interrupt controller itself (SDM
 * vol. 3A, 6.3.1, 6.8.1; KVM api.rst, KVM_INTERRUPT).
 */
#include "x86/event/stage.h"

SNIPPET(sti_hlt, "", "sti; hlt", "cli");
SNIPPET(spin, "", "1: pause; jmp 1b", "");

TEST(irq_vectors, "an external interrupt of every vector arrives with its whole frame",
     LAW("SDM vol. 3A, 6.3.1, 6.14.2"), ACTIONS(INJECT_IRQ), CASES(224))
{
	stage_open();
	for (unsigned int v = 32; v < 256; v++)
		CASE("vector=%u", v)
		{
			sync(INJECT_IRQ, .inject_irq = { v });
			stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
			stage.cpu.rflags |= RFLAGS_IF;
			EXPECT_EVENT(.kind = EVENT_INTERRUPT, .vector = v);
		}
}

TEST(irq_waits, "an external interrupt waits while IF = 0 and comes once",
     LAW("SDM vol. 3A, 6.8.1"), ACTIONS(INJECT_IRQ))
{
	stage_open();
	sync(INJECT_IRQ, .inject_irq = { 0x71 });
	settle();
	EXPECT_NOTHING_SEEN();
	take_all();
	take_all();
	EXPECT_SEEN(0x71);
}

TEST(irq_at_cpl3, "an external interrupt at CPL 3 pushes its whole frame",
     LAW("SDM vol. 3A, 6.12.1, 6.14.4, 6.14.5"), ACTIONS(INJECT_IRQ), CASES(2))
{
	stage_open();
	stage.returns[0x72] = false;
	for (unsigned int ist = 0; ist <= 5; ist += 5)
		CASE("ist=%u", ist)
		{
			stage_gate_bare(0x72, GATE_INTERRUPT, ist);
			sync(INJECT_IRQ, .inject_irq = { 0x72 });
			stage_run(&spin, 3, STAGE_RFLAGS | RFLAGS_IF, 0);
			if (stage.count && seen_word(0, WORD_RIP) == stage.cpu.rip + 2)
				stage.cpu.next = seen_word(0, WORD_RIP);
			else
				stage.cpu.next = stage.cpu.rip;
			EXPECT_EVENT(.kind = EVENT_INTERRUPT, .vector = 0x72);
		}
}

TEST(irq_storm, "external interrupts in a row arrive once each", LAW("SDM vol. 3A, 6.8.1"),
     ACTIONS(INJECT_IRQ))
{
	stage_open();
	sti();
	for (unsigned int i = 0; i < 64; i++) {
		sync(INJECT_IRQ, .inject_irq = { 0x40 + i });
		settle();
	}
	cli();
	EXPECT_EQ(64, stage.count);
}

TEST(irq_wakes, "an external interrupt wakes a halted CPU", LAW("SDM vol. 2A, HLT"),
     ACTIONS(WAIT_HALTED | INJECT_IRQ))
{
	stage_open();
	sync(WAIT_HALTED | INJECT_IRQ, .inject_irq = { 0x73 });
	stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
	stage.cpu.rflags |= RFLAGS_IF;
	EXPECT_EVENT(.kind = EVENT_INTERRUPT, .vector = 0x73);
}
