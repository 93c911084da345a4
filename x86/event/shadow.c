// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boundaries at which an interrupt is taken, and those at which it is not (SDM
 * vol. 2B, STI; vol. 3A, 6.8.1, 6.8.3; APM vol. 3, STI).  The request waits in the
 * local APIC before the snippet begins.  That it is taken at once, and that it is
 * not taken too early, are laws of their own: hosts are late that are never early.
 */
#include "x86/event/stage.h"

#define VECTOR 0x63

/* Enough exits behind for a host that is late. */
#define SOME_TIME "in $0x80, %al; in $0x80, %al; in $0x80, %al; in $0x80, %al; cli"

SNIPPET(sti_nop_cli, "", "sti; nop", "cli; nop");
SNIPPET(sti_and_time, "", "sti", "nop; " SOME_TIME);
SNIPPET(sti_cli, "", "sti; cli", SOME_TIME);
SNIPPET(sti_hlt, "", "sti; hlt", "cli");
SNIPPET(popf, "pushfq; orq $0x200, (%rsp)", "popfq", "nop; cli");
SNIPPET(spin, "", "1: pause; jmp 1b", "");
SNIPPET(mov_ss_step, "mov %ss, %ecx; pushfq; orq $0x100, (%rsp); popfq; mov %ecx, %ss",
	"nop", "nop");
SNIPPET(wait_for_event, "", "1: in $0x80, %al; jmp 1b", "");

static void begin(void)
{
	stage_open();
	stage.eoi = true;
	request_self(VECTOR);
}

/* With the flags as the snippet has made them. */
static void expect_interrupt(void)
{
	stage.cpu.rflags |= RFLAGS_IF;
	EXPECT_EVENT_OPEN(STATUS_FLAGS, .kind = EVENT_INTERRUPT, .vector = VECTOR);
}

TEST(sti_takes_after_one, "sti; nop; cli takes a pending interrupt behind the nop",
     LAW("SDM vol. 2B, STI; vol. 3A, 6.8.1"), NEEDS(APIC),
     FLAGS(TEST_NEEDS_SHADOW))
{
	begin();
	stage_run(&sti_nop_cli, 0, STAGE_RFLAGS, 0);
	expect_interrupt();
}

TEST(sti_blocks_one, "no interrupt is taken between STI and the next instruction",
     LAW("SDM vol. 2B, STI; vol. 3A, 6.8.1"), NEEDS(APIC),
     FLAGS(TEST_NEEDS_SHADOW))
{
	begin();
	stage_run(&sti_and_time, 0, STAGE_RFLAGS, 0);
	if (!EXPECT_SEEN(VECTOR))
		return;
	EXPECT(seen_word(0, WORD_RIP) != (u64)sti_and_time.at);
	EXPECT(seen_word(0, WORD_RIP) != (u64)sti_and_time.next);
}

TEST(sti_cli_takes_none, "sti; cli takes no interrupt", LAW("SDM vol. 2B, STI; APM vol. 3, STI"),
     NEEDS(APIC),
     FLAGS(TEST_NEEDS_SHADOW))
{
	begin();
	stage_run(&sti_cli, 0, STAGE_RFLAGS, 0);
	EXPECT_NOTHING_SEEN();
	EXPECT(apic_bit(APIC_IRR, VECTOR));
	stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
	EXPECT_SEEN(VECTOR);
}

TEST(sti_hlt_wakes, "sti; hlt with an interrupt pending takes it behind the HLT",
     LAW("SDM vol. 2B, STI; vol. 2A, HLT"), NEEDS(APIC),
     FLAGS(TEST_NEEDS_SHADOW))
{
	begin();
	stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
	expect_interrupt();
}

TEST(popf_takes_at_once, "POPF that sets IF takes a pending interrupt behind itself",
     LAW("SDM vol. 3A, 6.8.1; vol. 2B, POPF"), NEEDS(APIC))
{
	begin();
	stage_run(&popf, 0, STAGE_RFLAGS, 0);
	expect_interrupt();
}

TEST(iret_takes_at_once, "IRET that sets IF takes a pending interrupt before the next instruction",
     LAW("SDM vol. 3A, 6.8.1"), NEEDS(APIC), CASES(2))
{
	for (unsigned int cpl = 0; cpl <= 3; cpl += 3)
		CASE("cpl=%u", cpl)
		{
			begin();
			stage.returns[VECTOR] = false;
			stage_run(&wait_for_event, cpl, STAGE_RFLAGS | RFLAGS_IF, 0);
			stage.cpu.next = stage_address(wait_for_event.begin, cpl);
			expect_interrupt();
			apic_eoi();
		}
}

TEST(interrupt_at_cpl3, "an interrupt at CPL 3 pushes its whole frame on the stack of RSP0 or IST",
     LAW("SDM vol. 3A, 6.12.1, 6.14.4, 6.14.5"), NEEDS(APIC), CASES(2))
{
	for (unsigned int ist = 0; ist < 2; ist++)
		CASE("ist=%u", ist * 5)
		{
			begin();
			stage.returns[VECTOR] = false;
			stage_gate(VECTOR, GATE_INTERRUPT, ist * 5, false);
			stage_run(&spin, 3, STAGE_RFLAGS | RFLAGS_IF, 0);
			/* Whichever of the loop's two instructions comes next. */
			if (stage.count && (seen_word(0, WORD_RIP) == stage.cpu.rip ||
					    seen_word(0, WORD_RIP) == stage.cpu.rip + 2))
				stage.cpu.next = seen_word(0, WORD_RIP);
			expect_interrupt();
			apic_eoi();
		}
}

/* TF traps behind each instruction but a MOV to SS: the first trap is behind the NOP. */
TEST(mov_ss_blocks_single_step, "no single step comes between MOV to SS and the next instruction",
     LAW("SDM vol. 3A, 6.8.3; APM vol. 2, 8.2.2"))
{
	stage_open();
	stage_run(&mov_ss_step, 0, STAGE_RFLAGS, 0);
	stage.cpu.rflags |= RFLAGS_TF;
	EXPECT_EVENT_OPEN(STATUS_FLAGS, .kind = EVENT_TRAP, .vector = VECTOR_DB);
}

/* The same as a host sets it: an interrupt that is due must skip one more boundary. */
TEST(host_shadow, "an interrupt shadow that the host sets holds an interrupt back",
     LAW("SDM vol. 3A, 6.8.1, 6.8.3; KVM api.rst, KVM_SET_VCPU_EVENTS"), NEEDS(APIC),
     ACTIONS(SET_REGISTER | GET_REGISTER | SIGNAL_MSI), CASES(2))
{
	for (unsigned int shadow = 1; shadow <= 2; shadow++)
		CASE("by=%s", shadow == 1 ? "sti" : "mov-ss")
		{
			u64 boundary;

			stage_open();
			stage.eoi = true;
			sti();
			boundary = sync_value(
				sync(SET_REGISTER | SIGNAL_MSI | GET_REGISTER,
				     .set_register = { SYNC_REG_INTERRUPT_SHADOW, shadow },
				     .signal_msi = { APIC_BASE_ADDRESS, VECTOR, 0 },
				     .get_register = { SYNC_REG_RIP }), GET_REGISTER);
			settle();
			cli();
			if (EXPECT_SEEN(VECTOR))
				EXPECT(seen_word(0, WORD_RIP) != boundary);
		}
}

/* What the host is told of a shadow, whatever the processor makes of it at the next entry. */
TEST(shadow_is_told, "an interrupt shadow that the host sets it reads back, in a fresh VM too",
     LAW("KVM api.rst, KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS"),
     ACTIONS(SET_REGISTER | GET_REGISTER | SAVE | RESTORE), CASES(6))
{
	static const char *const by[] = { "none", "sti", "mov-ss" };

	for (unsigned int i = 0; i < 6; i++)
		CASE("by=%s,vm=%s", by[i / 2], i % 2 ? "fresh" : "same")
		{
			u64 move = i % 2 ? SAVE | RESTORE : 0;
			u64 told = sync_value(
				sync(SET_REGISTER | GET_REGISTER | move,
				     .set_register = { SYNC_REG_INTERRUPT_SHADOW, i / 2 },
				     .get_register = { SYNC_REG_INTERRUPT_SHADOW }), GET_REGISTER);

			/* SVM has one bit for both. */
			EXPECT_EQ(i / 2 != 0, told != 0);
		}
}
