// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a move to a fresh VM must carry along: events that are pending, and the
 * state that decides about them (SDM vol. 3A, 6.7.1, 6.8, 10.8; vol. 3B, 17.2; KVM
 * api.rst).  What concerns injected exceptions and NMI blocking stands beside them.
 */
#include "x86/event/stage.h"

#define VECTOR 0xc1

SNIPPET(breakpoint, "nop", "nop", "nop");

static void signal(u64 vector, u64 actions)
{
	sync(SIGNAL_MSI | actions, .signal_msi = { APIC_BASE_ADDRESS, vector, 0 });
}

TEST(nmi_across_save, "an NMI that is pending arrives once after a move to a fresh VM",
     LAW("SDM vol. 3A, 6.7; KVM api.rst, KVM_GET_VCPU_EVENTS"),
     ACTIONS(INJECT_NMI | SAVE | RESTORE), CASES(4))
{
	stage_open();
	for (unsigned int i = 0; i < 4; i++)
		CASE("round=%u", i)
		{
			stage.count = 0;
			sync(INJECT_NMI | SAVE | RESTORE);
			settle();
			EXPECT_SEEN(VECTOR_NMI);
		}
}

TEST(msi_across_save, "an MSI that waits for IF arrives once after a move to a fresh VM",
     LAW("SDM vol. 3A, 10.8.4; KVM api.rst, KVM_SET_LAPIC"), NEEDS(APIC),
     ACTIONS(SIGNAL_MSI | SAVE | RESTORE), CASES(3))
{
	stage_open();
	stage.eoi = true;
	CASE("if=0,sync=same")
	{
		signal(VECTOR, SAVE | RESTORE);
		EXPECT(apic_bit(APIC_IRR, VECTOR));
		take_all();
		EXPECT_SEEN(VECTOR);
	}
	stage.count = 0;
	CASE("if=0,sync=another")
	{
		signal(VECTOR, 0);
		sync(SAVE | RESTORE);
		EXPECT(apic_bit(APIC_IRR, VECTOR));
		take_all();
		EXPECT_SEEN(VECTOR);
	}
	stage.count = 0;
	CASE("if=1,sync=same")
	{
		sti();
		signal(VECTOR, SAVE | RESTORE);
		settle();
		cli();
		EXPECT_SEEN(VECTOR);
	}
}

TEST(irq_across_save, "an external interrupt waits for IF across a move to a fresh VM",
     LAW("SDM vol. 3A, 6.8.1"), ACTIONS(INJECT_IRQ | SAVE | RESTORE))
{
	stage_open();
	sync(INJECT_IRQ | SAVE | RESTORE, .inject_irq = { VECTOR });
	settle();
	EXPECT_NOTHING_SEEN();
	take_all();
	EXPECT_SEEN(VECTOR);
}

/* --- the local APIC in the handler of 0xc1, with 0x91 requested --- */

static const struct {
	enum apic_register reg;
	const char *name;
} apic_registers[] = {
	{ APIC_ID, "id" }, { APIC_TPR, "tpr" }, { APIC_PPR, "ppr" }, { APIC_LDR, "ldr" },
	{ APIC_DFR, "dfr" }, { APIC_SPURIOUS, "spurious" }, { APIC_ISR + 0x60, "isr" },
	{ APIC_TMR + 0x60, "tmr" }, { APIC_IRR + 0x40, "irr" }, { APIC_LVT_TIMER, "lvt-timer" },
	{ APIC_LVT_LINT0, "lvt-lint0" }, { APIC_LVT_LINT1, "lvt-lint1" },
	{ APIC_LVT_ERROR, "lvt-error" }, { APIC_TIMER_DIVIDE, "timer-divide" },
};
static u32 earlier[ARRAY_SIZE(apic_registers)], later[ARRAY_SIZE(apic_registers)];

static void read_registers(u32 *values)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(apic_registers); i++)
		values[i] = apic_read(apic_registers[i].reg);
}

static void save_in_handler(struct trap_frame *f)
{
	(void)f;
	stage.in_handler = NULL;
	apic_write(APIC_TPR, 0x2a);
	apic_write(APIC_LDR, 0x20u << 24);
	apic_write(APIC_LVT_ERROR, 0x100fe);
	apic_write(APIC_TIMER_DIVIDE, 0xb);
	request_self(0x91);
	read_registers(earlier);
	sync(SAVE | RESTORE);
	read_registers(later);
}

TEST(apic_across_save, "the local APIC's registers move to a fresh VM, in the middle of a handler",
     LAW("SDM vol. 3A, 10.4.1, 10.8.4; KVM api.rst, KVM_SET_LAPIC"), NEEDS(APIC),
     ACTIONS(SAVE | RESTORE), CASES(ARRAY_SIZE(apic_registers) + 1))
{
	stage_open();
	stage.eoi = true;
	stage.in_handler = save_in_handler;
	request_self(VECTOR);
	take_all();
	for (unsigned int i = 0; i < ARRAY_SIZE(apic_registers); i++)
		CASE("register=%s", apic_registers[i].name)
			EXPECT_EQ(earlier[i], later[i]);
	CASE("events")
		EXPECT_SEEN(VECTOR, 0x91);
	apic_write(APIC_LDR, 0);
}

TEST(tpr_across_save, "the TPR and CR8 move to a fresh VM and still block",
     LAW("SDM vol. 3A, 10.8.6"), NEEDS(APIC), ACTIONS(SAVE | RESTORE), CASES(15))
{
	stage_open();
	stage.eoi = true;
	for (unsigned int class = 1; class < 16; class++)
		CASE("cr8=%u", class)
		{
			stage.count = 0;
			write_cr8(class);
			sync(SAVE | RESTORE);
			EXPECT_EQ(class, read_cr8());
			EXPECT_EQ(class << 4, apic_read(APIC_TPR));
			if (class < 2)
				continue;
			request_self(class << 4 | 1);
			take_all();
			EXPECT_NOTHING_SEEN();
			write_cr8(0);
			take_all();
			EXPECT_SEEN((u16)(class << 4 | 1));
		}
	write_cr8(0);
}

/* --- registers of exceptions --- */

TEST(cr2_across_save, "CR2 moves to a fresh VM",
     LAW("SDM vol. 3A, 2.5; KVM api.rst, KVM_SET_SREGS"), ACTIONS(SAVE | RESTORE))
{
	stage_open();
	write_cr2(0x123456789abcdef0 & BITS(46, 0));
	sync(SAVE | RESTORE);
	EXPECT_EQ(0x123456789abcdef0 & BITS(46, 0), read_cr2());
}

TEST(debug_registers_across_save, "DR0 to DR3, DR6 and DR7 move to a fresh VM and still break",
     LAW("SDM vol. 3B, 17.2; KVM api.rst, KVM_SET_DEBUGREGS"), ACTIONS(SAVE | RESTORE), CASES(7))
{
	u64 dr7 = DR7_FIXED | DR7_G0;

	stage_open();
	write_dr0((u64)breakpoint.at);
	write_dr1(0x1111);
	write_dr2(0x2222);
	write_dr3(0x3333);
	write_dr6(DR6_FIXED | DR6_BS);
	write_dr7(dr7);
	sync(SAVE | RESTORE);
	CASE("register=dr0")
		EXPECT_EQ((u64)breakpoint.at, read_dr0());
	CASE("register=dr1")
		EXPECT_EQ(0x1111, read_dr1());
	CASE("register=dr2")
		EXPECT_EQ(0x2222, read_dr2());
	CASE("register=dr3")
		EXPECT_EQ(0x3333, read_dr3());
	CASE("register=dr6")
		EXPECT_EQ(DR6_BS, read_dr6() & (DR6_BS | DR6_BD | DR6_BT | 0xf));
	CASE("register=dr7")
		EXPECT_EQ(dr7, read_dr7());
	write_dr6(DR6_FIXED);
	CASE("event=breakpoint")
	{
		stage_run(&breakpoint, 0, STAGE_RFLAGS, 0);
		EXPECT_EVENT(.kind = EVENT_CODE_BREAKPOINT, .vector = VECTOR_DB);
	}
	write_dr7(DR7_FIXED);
	write_dr6(DR6_FIXED);
}

TEST(rflags_across_save, "RFLAGS moves to a fresh VM",
     LAW("SDM vol. 1, 3.4.3; KVM api.rst, KVM_SET_REGS"),
     ACTIONS(SAVE | RESTORE | SET_REGISTER | GET_REGISTER), CASES(4))
{
	static const u64 rows[] = {
		0, STATUS_FLAGS, RFLAGS_CF | RFLAGS_ZF | RFLAGS_AC,
		RFLAGS_PF | RFLAGS_OF | RFLAGS_ID,
	};

	stage_open();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE("flags=%#llx", (unsigned long long)rows[i])
		{
			u64 got = sync_value(
				sync(SAVE | RESTORE | SET_REGISTER | GET_REGISTER,
				     .set_register = { SYNC_REG_RFLAGS, RFLAGS_FIXED | rows[i] },
				     .get_register = { SYNC_REG_RFLAGS }), GET_REGISTER);

			EXPECT_FLAGS(rflags_names, RFLAGS_FIXED | rows[i], got);
		}
	write_rflags(RFLAGS_FIXED);
}

TEST(shadow_across_save, "an interrupt shadow moves to a fresh VM",
     LAW("SDM vol. 3A, 6.8.3; KVM api.rst, KVM_GET_VCPU_EVENTS"), NEEDS(APIC),
     ACTIONS(SET_REGISTER | GET_REGISTER | SIGNAL_MSI | SAVE | RESTORE), CASES(2))
{
	for (unsigned int shadow = 1; shadow <= 2; shadow++)
		CASE("by=%s", shadow == 1 ? "sti" : "mov-ss")
		{
			u64 boundary;

			stage_open();
			stage.eoi = true;
			sti();
			boundary = sync_value(
				sync(SET_REGISTER | SIGNAL_MSI | SAVE | RESTORE | GET_REGISTER,
				     .set_register = { SYNC_REG_INTERRUPT_SHADOW, shadow },
				     .signal_msi = { APIC_BASE_ADDRESS, VECTOR, 0 },
				     .get_register = { SYNC_REG_RIP }), GET_REGISTER);
			settle();
			cli();
			if (EXPECT_SEEN(VECTOR))
				EXPECT(seen_word(0, WORD_RIP) != boundary);
		}
}
