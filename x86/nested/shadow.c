// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt shadow of STI and MOV SS in L2: what a #VMEXIT says of it, what
 * VMRUN makes of it, and what the host keeps of it when an instruction in it, that
 * L1 does not intercept, leaves for the host.
 */
#include "x86/nested/svm.h"

#define VECTOR 0x72

L2_CODE(sti_out, "sti", "out %al, $0x80", "");
L2_CODE(sti_nop_out, "sti; nop", "out %al, $0x80", "");
L2_CODE(mov_ss_out, "mov %ss, %ecx; mov %ecx, %ss", "out %al, $0x80", "");
L2_CODE(cli_out, "cli", "out %al, $0x80", "");

static const struct {
	const char *name;
	const struct l2_code *code;
	u64 shadow;
} kept[] = {
	{ "sti", &sti_out, INTERRUPT_SHADOW },
	{ "sti-nop", &sti_nop_out, 0 },
	{ "mov-ss", &mov_ss_out, INTERRUPT_SHADOW },
	{ "cli", &cli_out, 0 },
};

TEST(exit_in_shadow, "a #VMEXIT of an instruction in an interrupt shadow says so in the VMCB",
     LAW("APM vol. 2, Interrupt Shadows; appendix B"), NEEDS(SVM), CASES(ARRAY_SIZE(kept)),
     FLAGS(TEST_NEEDS_SHADOW))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kept); i++)
		CASE("before=%s", kept[i].name)
		{
			l2_begin();
			l2_intercept(SVM_EXIT_IOIO);
			l2_iopm[0x80 / 8] |= 1;
			l2_run_at(kept[i].code->begin);
			EXPECT_EXIT_AT(SVM_EXIT_IOIO, *kept[i].code);
			EXPECT_EQ(kept[i].shadow, l2.vmcb->control.shadow & INTERRUPT_SHADOW);
		}
}

/* --- VMRUN into a shadow --- */

L2_CODE(two_nops, "nop", "nop", "");

enum source { PHYSICAL, VIRTUAL };

TEST(vmrun_into_shadow, "VMRUN with INTERRUPT_SHADOW holds an interrupt back for one instruction",
     LAW("APM vol. 2, Interrupt Shadows; Virtual Interrupts"), NEEDS(SVM | APIC), CASES(4))
{
	static const char *const source_name[] = { "physical", "virtual" };

	for (unsigned int i = 0; i < 4; i++) {
		u64 shadow = i & 1;

		CASE("interrupt=%s,shadow=%u", source_name[i / 2], i & 1)
		{
			l2_begin();
			l2.vmcb->control.shadow = shadow;
			l2.vmcb->save.rflags |= RFLAGS_IF;
			if (i / 2 == PHYSICAL)
				apic_self_ipi(VECTOR);
			else
				l2.vmcb->control.v_intr = V_IRQ | V_INTR_VECTOR(VECTOR) |
							  V_INTR_PRIO(VECTOR >> 4);
			l2_run_at(two_nops.begin);
			EXPECT_L2_EVENT(VECTOR);
			EXPECT_EQ(shadow, l2.event.rip - (u64)two_nops.begin); /* NOPs have a byte */
			EXPECT_EQ(0, l2.vmcb->control.shadow & INTERRUPT_SHADOW);
			if (i / 2 == PHYSICAL)
				apic_eoi();
		}
	}
}

/* --- the host in the middle --- */

L2_CODE(sti_ring, "mov %edi, %eax; mov $" STRING(WIRE_DOORBELL_PORT) ", %edx; sti", "out %eax, %dx", "");
L2_CODE(sti_nop_ring, "mov %edi, %eax; mov $" STRING(WIRE_DOORBELL_PORT) ", %edx; sti; nop",
	"out %eax, %dx", "");
L2_CODE(mov_ss_ring, "mov %edi, %eax; mov $" STRING(WIRE_DOORBELL_PORT) ", %edx;"
	"mov %ss, %ecx; mov %ecx, %ss", "out %eax, %dx", "");

static const struct {
	const char *name;
	const struct l2_code *code;
	u64 shadow;
} rings[] = {
	{ "sti", &sti_ring, INTERRUPT_SHADOW },
	{ "sti-nop", &sti_nop_ring, 0 },
	{ "mov-ss", &mov_ss_ring, INTERRUPT_SHADOW },
};

static u8 letter[4096] __attribute__((aligned(4096)));
static struct message message;
static struct sync_reply reply;

/* The message must be ready before L2 runs: only OUT stands in the shadow. */
static void ask_from_l2(const struct l2_code *code)
{
	const struct sync question = {
		.actions = GET_REGISTER,
		.get_register = { SYNC_REG_L2_SHADOW },
	};
	size_t used;

	message_put_sync(&message, &question);
	wire_encode(&message, letter);
	l2.regs.rdi = (u64)letter;
	l2_run_at(code->begin);
	EXPECT_END(*code);
	if (wire_decode(&message, letter, sizeof(letter), &used) != WIRE_OK ||
	    !message_get_reply(&message, &reply))
		test_error("the host's reply to a sync of L2's is malformed");
}

TEST(host_sees_shadow, "the host's nested state holds L2's interrupt shadow at an exit to the host",
     LAW("APM vol. 2, Interrupt Shadows; Linux Documentation/virt/kvm/api.rst, KVM_GET_NESTED_STATE"),
     NEEDS(SVM), ACTIONS(GET_REGISTER),
     FIXES(FIX("03bee264f8eb", "KVM: nSVM: Sync interrupt shadow to cached vmcb12 after VMRUN of L2")),
     CASES(ARRAY_SIZE(rings)), FLAGS(TEST_NEEDS_SHADOW))
{
	if (inl(WIRE_DOORBELL_PORT) != WIRE_MAGIC)
		skip("the host has no doorbell that L2 could ring in a shadow");
	if (run_request()->at_every_sync)
		skip("what is added to a sync ends the shadow");
	for (unsigned int i = 0; i < ARRAY_SIZE(rings); i++)
		CASE("before=%s", rings[i].name)
		{
			l2_begin();
			ask_from_l2(rings[i].code);
			if (reply.status[SYNC_BIT_GET_REGISTER] == SYNC_UNSUPPORTED)
				skip("the host cannot tell: %s", reply.detail);
			EXPECT_EQ(sync_status_text[SYNC_OK],
				  sync_status_text[reply.status[SYNC_BIT_GET_REGISTER]]);
			EXPECT_EQ(rings[i].shadow, sync_value(&reply, GET_REGISTER));
		}
}
