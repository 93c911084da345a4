// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages wait where their slot is full (TLFS, Virtual Interrupt Controller, SynIC
 * Messages): a flag says so, and nothing else of the slot changes, until the guest empties it
 * and says so.
 */
#include "x86/hyperv/hyperv.h"

enum { VECTOR = 0x54, PATIENCE = 20000000, SOON = 10000, FULL = 0x55aa1234 };

static volatile u64 interrupts;

static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	interrupts++;
	apic_eoi();
}

/* What of the slot is not the type, word by word; the flags are in the first. */
static struct hv_message before;

static bool only_flag_changed(const struct hv_message *m)
{
	bool good = EXPECT_EQ(1, m->flags);

	good &= EXPECT_EQ(before.type, m->type);
	good &= EXPECT_EQ(before.payload_bytes, m->payload_bytes);
	good &= EXPECT_EQ(before.origination, m->origination);
	for (unsigned int i = 0; i < ARRAY_SIZE(m->words); i++)
		good &= EXPECT_EQ(before.words[i], m->words[i]);
	return good;
}

static void fill(struct hv_message *m, unsigned int sint)
{
	memset(m, 0x30 + (int)sint, sizeof(*m));
	m->type = FULL;
	m->flags = 0;
	before = *m;
}

static void wait_for(u64 wanted)
{
	u64 begin = hv_now();

	while (interrupts < wanted && hv_now() - begin < PATIENCE)
		take_interrupts();
}

TEST(full_slot, "a message whose slot is full sets the pending flag alone, and comes after EOM",
     LAW("TLFS, SynIC Messages, Message Buffers"), NEEDS(APIC),
     ACTIONS(OFFER_HYPERV | SAVE | RESTORE), CASES(HV_SINTS - 1))
{
	hv_open();
	set_handler(VECTOR, on_interrupt);
	for (unsigned int sint = 1; sint < HV_SINTS; sint++)
		CASE ("sint=%u", sint) {
			struct hv_message *m = &hv_messages[sint];

			hv_sint(sint, VECTOR);
			fill(m, sint);
			interrupts = 0;
			wrmsr(HV_STIMER0_CONFIG, HV_STIMER_AUTO_ENABLE | HV_STIMER_SINT(sint));
			wrmsr(HV_STIMER0_COUNT, hv_now() + SOON / 10);
			for (u64 begin = hv_now(); !m->flags && hv_now() - begin < PATIENCE;)
				take_interrupts();
			take_interrupts();
			only_flag_changed(m);
			EXPECT_EQ(0, interrupts);
			m->type = 0;
			wrmsr(HV_EOM, 0);
			wait_for(1);
			EXPECT_EQ(1, interrupts);
			EXPECT_EQ(HV_MESSAGE_TIMER_EXPIRED, m->type);
			EXPECT_EQ(0, m->flags);
			m->type = 0;
			wrmsr(HV_SINT0 + sint, BIT(16));
		}
}
