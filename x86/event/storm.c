// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exact counts under many interrupts: none lost, none twice, but for the one that
 * IRR remembers of many requests of a vector (SDM vol. 3A, 10.8.4).
 */
#include "x86/event/stage.h"

SNIPPET(sti_hlt, "", "sti; hlt", "cli");
SNIPPET(hlt, "", "hlt", "nop");

static u16 taken[256];
static unsigned int out_of_order, last;

static void count(struct trap_frame *f)
{
	taken[f->vector]++;
	out_of_order += f->vector > last;
	last = (unsigned int)f->vector;
}

static void begin(void)
{
	stage_open();
	stage.eoi = true;
	stage.in_handler = count;
	memset(taken, 0, sizeof(taken));
	out_of_order = 0;
	last = 256;
}

TEST(self_ipis, "IPIs to ourselves in a row arrive once each", LAW("SDM vol. 3A, 10.8.4"),
     NEEDS(APIC))
{
	begin();
	for (unsigned int i = 0; i < 64; i++) {
		request_self(0x80);
		take_all();
	}
	EXPECT_EQ(64, taken[0x80]);
	EXPECT_EQ(64, stage.count);
}

TEST(requests_become_one, "many requests of one vector that is pending are one interrupt",
     LAW("SDM vol. 3A, 10.8.4"), NEEDS(APIC), CASES(4))
{
	for (unsigned int requests = 1; requests <= 8; requests *= 2)
		CASE("requests=%u", requests)
		{
			begin();
			for (unsigned int i = 0; i < requests; i++)
				request_self(0x81);
			take_all();
			EXPECT_SEEN(0x81);
		}
}

TEST(all_vectors_at_once, "224 vectors that are pending arrive once each, from the highest down",
     LAW("SDM vol. 3A, 10.8.3.1, 10.8.4"), NEEDS(APIC))
{
	begin();
	for (unsigned int v = 32; v < 256; v++)
		request_self(v);
	take_all();
	for (unsigned int v = 32; v < 256; v++)
		if (taken[v] != 1 && !EXPECT_EQ(1, taken[v]))
			note("that was vector %u", v);
	EXPECT_EQ(224, stage.count);
	EXPECT_EQ(0, out_of_order);
}

/* Alternating vectors, or a lost one could hide behind the next. */
static void msis(unsigned int rounds, u64 actions)
{
	begin();
	sti();
	for (unsigned int i = 0; i < rounds; i++) {
		sync(SIGNAL_MSI | actions,
		     .signal_msi = { APIC_BASE_ADDRESS, 0x90 + i % 16, 0 });
		settle();
		heartbeat();
	}
	cli();
	EXPECT_EQ(rounds, stage.count);
	for (unsigned int i = 0; i < 16; i++)
		EXPECT_EQ((rounds + 15 - i) / 16, taken[0x90 + i]);
}

TEST(msi_storm, "MSIs in a row arrive once each", LAW("SDM vol. 3A, 10.8.4, 10.11"), NEEDS(APIC),
     ACTIONS(SIGNAL_MSI))
{
	msis(100, 0);
}

TEST(msi_storm_disturbed, "MSIs arrive once each while the vCPU is preempted and moved",
     LAW("SDM vol. 3A, 10.8.4, 10.11"), NEEDS(APIC),
     ACTIONS(SIGNAL_MSI | PREEMPT | MIGRATE_VCPU))
{
	msis(24, PREEMPT | MIGRATE_VCPU);
}

TEST(msi_storm_across_save, "MSIs arrive once each while the guest moves between VMs",
     LAW("SDM vol. 3A, 10.8.4, 10.11"), NEEDS(APIC), ACTIONS(SIGNAL_MSI | SAVE | RESTORE))
{
	msis(12, SAVE | RESTORE);
}

TEST(nmi_storm, "NMIs in a row arrive once each", LAW("SDM vol. 3A, 6.7"), ACTIONS(INJECT_NMI))
{
	begin();
	for (unsigned int i = 0; i < 32; i++) {
		sync(INJECT_NMI);
		settle();
		/* One that came twice would be latched with the next. */
		sync(0);
		settle();
	}
	EXPECT_EQ(32, taken[VECTOR_NMI]);
	EXPECT_EQ(32, stage.count);
}

TEST(msi_while_halted, "an MSI wakes a halted CPU, each time, behind the HLT",
     LAW("SDM vol. 2A, HLT; vol. 3A, 10.11"), NEEDS(APIC), ACTIONS(WAIT_HALTED | SIGNAL_MSI),
     CASES(4),
     FLAGS(TEST_NEEDS_SHADOW))
{
	for (unsigned int i = 0; i < 4; i++)
		CASE("round=%u", i)
		{
			begin();
			sync(WAIT_HALTED | SIGNAL_MSI,
			     .signal_msi = { APIC_BASE_ADDRESS, 0xa0 + i, 0 });
			stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
			stage.cpu.rflags |= RFLAGS_IF;
			EXPECT_EVENT(.kind = EVENT_INTERRUPT, .vector = 0xa0 + i);
		}
}

TEST(nmi_while_halted, "an NMI wakes a halted CPU, each time, behind the HLT",
     LAW("SDM vol. 2A, HLT; vol. 3A, 6.7"), ACTIONS(WAIT_HALTED | INJECT_NMI), CASES(4))
{
	for (unsigned int i = 0; i < 4; i++)
		CASE("round=%u", i)
		{
			begin();
			sync(WAIT_HALTED | INJECT_NMI);
			stage_run(&hlt, 0, STAGE_RFLAGS, 0);
			EXPECT_EVENT(.kind = EVENT_NMI, .vector = VECTOR_NMI);
		}
}

TEST(halted_across_save, "a halted CPU moves to a fresh VM, and an MSI and an NMI wake it there",
     LAW("SDM vol. 2A, HLT; KVM api.rst, KVM_SET_MP_STATE"), NEEDS(APIC),
     ACTIONS(WAIT_HALTED | SIGNAL_MSI | INJECT_NMI | SAVE | RESTORE), CASES(2),
     FLAGS(TEST_NEEDS_SHADOW))
{
	CASE("event=msi")
	{
		begin();
		sync(WAIT_HALTED | SIGNAL_MSI | SAVE | RESTORE,
		     .signal_msi = { APIC_BASE_ADDRESS, 0xb0, 0 });
		stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
		stage.cpu.rflags |= RFLAGS_IF;
		EXPECT_EVENT(.kind = EVENT_INTERRUPT, .vector = 0xb0);
	}
	CASE("event=nmi")
	{
		begin();
		sync(WAIT_HALTED | INJECT_NMI | SAVE | RESTORE);
		stage_run(&hlt, 0, STAGE_RFLAGS, 0);
		EXPECT_EVENT(.kind = EVENT_NMI, .vector = VECTOR_NMI);
	}
}
