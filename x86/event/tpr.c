// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which interrupt the local APIC gives to the CPU, and when (SDM vol. 3A, 10.8.3
 * to 10.8.6): IRR, ISR, TPR, PPR and EOI.  Requests are IPIs to ourselves.
 */
#include "x86/event/stage.h"

static void begin(void)
{
	stage_open();
	stage.eoi = true;
}

TEST(tpr_blocks, "an interrupt of the TPR's class or below stays pending until the TPR is lowered",
     LAW("SDM vol. 3A, 10.8.3.1"), NEEDS(APIC), CASES(26))
{
	begin();
	for (unsigned int class = 2; class < 15; class++)
		for (unsigned int sub = 0; sub < 16; sub += 15)
			CASE("tpr=%#x", class << 4 | sub)
			{
				unsigned int blocked = class << 4 | 9, above = (class + 1) << 4;

				stage.count = 0;
				apic_write(APIC_TPR, class << 4 | sub);
				request_self(blocked);
				take_all();
				EXPECT_NOTHING_SEEN();
				EXPECT(apic_bit(APIC_IRR, blocked));
				request_self(above);
				take_all();
				EXPECT_SEEN((u16)above);
				apic_write(APIC_TPR, 0);
				take_all();
				EXPECT_SEEN((u16)above, (u16)blocked);
			}
}

TEST(cr8_is_the_tpr, "CR8 and the TPR's upper four bits are one register",
     LAW("SDM vol. 3A, 10.8.6; APM vol. 2, 8.6.4"), NEEDS(APIC), CASES(32))
{
	begin();
	for (unsigned int class = 0; class < 16; class++) {
		CASE("write=cr8,class=%u", class)
		{
			write_cr8(class);
			EXPECT_EQ(class << 4, apic_read(APIC_TPR));
			EXPECT_EQ(class, read_cr8());
		}
		CASE("write=tpr,class=%u", class)
		{
			apic_write(APIC_TPR, class << 4 | 3);
			EXPECT_EQ(class, read_cr8());
			EXPECT_EQ(class << 4 | 3, apic_read(APIC_TPR));
		}
	}
	write_cr8(0);
}

TEST(cr8_blocks, "an interrupt of CR8's class stays pending until CR8 is lowered",
     LAW("SDM vol. 3A, 10.8.6"), NEEDS(APIC), CASES(13))
{
	begin();
	for (unsigned int class = 2; class < 15; class++)
		CASE("cr8=%u", class)
		{
			stage.count = 0;
			write_cr8(class);
			request_self(class << 4 | 7);
			take_all();
			EXPECT_NOTHING_SEEN();
			write_cr8(class - 1);
			take_all();
			EXPECT_SEEN((u16)(class << 4 | 7));
			write_cr8(0);
		}
}

TEST(highest_first, "pending interrupts arrive in the order of their vectors, the highest first",
     LAW("SDM vol. 3A, 10.8.3.1"), NEEDS(APIC))
{
	static const u8 order[] = { 0x31, 0xef, 0x52, 0x80, 0x5a, 0x9a, 0x20 };

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++)
		request_self(order[i]);
	take_all();
	EXPECT_SEEN(0xef, 0x9a, 0x80, 0x5a, 0x52, 0x31, 0x20);
}

/* --- in the handler of 0x62 --- */

static struct {
	bool isr, irr;
	u32 ppr, ppr_with_tpr;
} state;

static void look(struct trap_frame *f)
{
	if (f->vector != 0x62)
		return;
	state.isr = apic_bit(APIC_ISR, 0x62);
	state.irr = apic_bit(APIC_IRR, 0x62);
	state.ppr = apic_read(APIC_PPR);
	apic_write(APIC_TPR, 0x95);
	state.ppr_with_tpr = apic_read(APIC_PPR);
	apic_write(APIC_TPR, 0);
}

TEST(isr_and_ppr, "an interrupt moves from IRR to ISR, and PPR is the higher of its class and TPR",
     LAW("SDM vol. 3A, 10.8.3.1, 10.8.4"), NEEDS(APIC))
{
	begin();
	stage.in_handler = look;
	request_self(0x62);
	EXPECT_EQ(0, apic_read(APIC_PPR));
	EXPECT(!apic_bit(APIC_ISR, 0x62));
	take_all();
	EXPECT_SEEN(0x62);
	EXPECT_EQ(true, state.isr);
	EXPECT_EQ(false, state.irr);
	EXPECT_EQ(0x60, state.ppr);
	EXPECT_EQ(0x95, state.ppr_with_tpr);
	EXPECT(!apic_bit(APIC_ISR, 0x62));
}

/* What came while the first handler had not said EOI. */
static unsigned int nested;

static void nest(struct trap_frame *f)
{
	if (f->vector != 0x62)
		return;
	stage.in_handler = NULL;
	request_self(0x61);
	request_self(0x6f);
	request_self(0x62);
	request_self(0x71);
	take_all();
	nested = stage.count - 1;
}

TEST(nesting, "in a handler only a higher class interrupts; the rest waits for the EOI",
     LAW("SDM vol. 3A, 10.8.4, 10.8.5"), NEEDS(APIC))
{
	begin();
	stage.in_handler = nest;
	request_self(0x62);
	take_all();
	/* 0x71 alone was let in; after the EOI of the first 0x62 the others come by vector. */
	EXPECT_SEEN(0x62, 0x71, 0x6f, 0x62, 0x61);
	EXPECT_EQ(1, nested);
}

/* ISR bits of 0x62 and 0x91: inside both handlers, and when the inner one has said EOI. */
static struct {
	bool outer_inside, inner_inside, outer_after, inner_after;
} eoi;

static void look_at_isr(struct trap_frame *f)
{
	if (f->vector == 0x91) {
		eoi.outer_inside = apic_bit(APIC_ISR, 0x62);
		eoi.inner_inside = apic_bit(APIC_ISR, 0x91);
		return;
	}
	request_self(0x91);
	take_all();
	eoi.outer_after = apic_bit(APIC_ISR, 0x62);
	eoi.inner_after = apic_bit(APIC_ISR, 0x91);
}

TEST(eoi_order, "EOI ends the highest interrupt in service and leaves the one below",
     LAW("SDM vol. 3A, 10.8.5"), NEEDS(APIC))
{
	begin();
	stage.in_handler = look_at_isr;
	request_self(0x62);
	take_all();
	EXPECT_SEEN(0x62, 0x91);
	EXPECT_EQ(true, eoi.outer_inside);
	EXPECT_EQ(true, eoi.inner_inside);
	EXPECT_EQ(true, eoi.outer_after);
	EXPECT_EQ(false, eoi.inner_after);
	EXPECT(!apic_bit(APIC_ISR, 0x62));
}
