// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt lines through the IOAPIC and the two 8259s (Intel 82093AA data sheet,
 * 3.2.4; 8259A data sheet; the SDM's vol. 3A, 10.8.5 for the EOI of level-triggered
 * interrupts).  On x86 a line is a GSI; up to 15 they lead to both controllers.
 */
#include "x86/event/ioapic.h"
#include "x86/event/stage.h"

#define VECTOR 0x68

static void set_line(unsigned int line, unsigned int level)
{
	sync(SET_IRQ_LINE, .set_irq_line = { line, level });
}

static void begin(void)
{
	stage_open();
	stage.eoi = true;
}

TEST(ioapic_edge, "a line of an edge-triggered entry interrupts once for each rising edge",
     LAW("82093AA, 3.2.4"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE), CASES(3))
{
	static const u8 lines[] = { 5, 11, 20 };

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++)
		CASE("line=%u", lines[i])
		{
			stage.count = 0;
			route(lines[i], VECTOR);
			set_line(lines[i], 1);
			take_all();
			EXPECT_SEEN(VECTOR);
			set_line(lines[i], 0);
			take_all();
			EXPECT_SEEN(VECTOR);
			set_line(lines[i], 1);
			take_all();
			EXPECT_SEEN(VECTOR, VECTOR);
			set_line(lines[i], 0);
			route(lines[i], RTE_MASKED);
		}
}

TEST(ioapic_no_edge, "a line that is set high again has no edge, and does not interrupt",
     LAW("82093AA, 3.2.4"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	/* How high a line is does not belong to a VM's state: its devices say so again. */
	if (run_request()->at_every_sync & RESTORE)
		skip("a fresh VM does not know how high a line was");
	begin();
	route(20, VECTOR);
	set_line(20, 1);
	take_all();
	EXPECT_SEEN(VECTOR);
	set_line(20, 1);
	take_all();
	EXPECT_SEEN(VECTOR);
	set_line(20, 0);
	route(20, RTE_MASKED);
}

/* What the level-triggered handler sees before its EOI, and what it does to the line. */
static struct {
	bool remote_irr, tmr;
	unsigned int lower_at; /* lower the line in the handler of this number, from 1 */
} level;

static void in_level_handler(struct trap_frame *f)
{
	(void)f;
	level.remote_irr = ioapic_read(rte(20)) & RTE_REMOTE_IRR;
	level.tmr = apic_bit(APIC_TMR, VECTOR);
	if (stage.count == level.lower_at)
		set_line(20, 0);
}

TEST(ioapic_level, "a line of a level-triggered entry interrupts until it is low at an EOI",
     LAW("82093AA, 3.2.4; SDM vol. 3A, 10.8.5"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE), CASES(3))
{
	begin();
	stage.in_handler = in_level_handler;
	for (level.lower_at = 1; level.lower_at <= 3; level.lower_at++)
		CASE("lowered-by-handler=%u", level.lower_at)
		{
			stage.count = 0;
			route(20, VECTOR | RTE_LEVEL);
			set_line(20, 1);
			take_all();
			EXPECT_EQ(level.lower_at, stage.count);
			EXPECT_EQ(true, level.remote_irr);
			EXPECT_EQ(true, level.tmr);
			EXPECT_EQ(0, ioapic_read(rte(20)) & RTE_REMOTE_IRR);
			set_line(20, 0);
			route(20, RTE_MASKED);
		}
}

TEST(ioapic_masked, "a masked entry does not interrupt; a level that stays does when unmasked",
     LAW("82093AA, 3.2.4"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	begin();
	stage.in_handler = in_level_handler;
	level.lower_at = 1;
	route(20, VECTOR | RTE_LEVEL | RTE_MASKED);
	set_line(20, 1);
	take_all();
	EXPECT_NOTHING_SEEN();
	route(20, VECTOR | RTE_LEVEL);
	take_all();
	EXPECT_SEEN(VECTOR);
	set_line(20, 0);
	route(20, RTE_MASKED);
}

/* --- the PICs, through LINT0 as ExtINT --- */

enum { MASTER = 0x20, SLAVE = 0xa0, PIC_BASE = 0x70, LVT_EXTINT = 7 << 8, LVT_MASKED = 1 << 16 };

static void init_pic(u16 port, u8 vector, u8 cascade, u8 mask)
{
	outb(port, 0x11);
	outb(port + 1, vector);
	outb(port + 1, cascade);
	outb(port + 1, 0x01);
	outb(port + 1, mask);
}

static void pic_eoi(struct trap_frame *f)
{
	if (f->vector >= PIC_BASE + 8)
		outb(SLAVE, 0x20);
	outb(MASTER, 0x20);
}

TEST(pic_edge, "a line of the 8259s interrupts once for each rising edge, with its vector",
     LAW("8259A; SDM vol. 3A, 10.5.1"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE), CASES(4))
{
	static const u8 lines[] = { 3, 7, 9, 15 };

	stage_open();
	stage.in_handler = pic_eoi;
	init_pic(MASTER, PIC_BASE, 4, 0x73);
	init_pic(SLAVE, PIC_BASE + 8, 2, 0x7d);
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++)
		CASE("line=%u", lines[i])
		{
			u16 vector = PIC_BASE + lines[i];

			stage.count = 0;
			set_line(lines[i], 1);
			take_all();
			EXPECT_SEEN(vector);
			set_line(lines[i], 0);
			take_all();
			EXPECT_SEEN(vector);
			set_line(lines[i], 1);
			take_all();
			EXPECT_SEEN(vector, vector);
			set_line(lines[i], 0);
		}
	outb(MASTER + 1, 0xff);
	outb(SLAVE + 1, 0xff);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
}

TEST(ioapic_across_save, "entries and lines of the IOAPIC move to a fresh VM",
     LAW("82093AA, 3.2.4; KVM api.rst, KVM_SET_IRQCHIP"), NEEDS(APIC),
     ACTIONS(SET_IRQ_LINE | SAVE | RESTORE))
{
	begin();
	route(20, VECTOR);
	route(21, (VECTOR + 1) | RTE_LEVEL | RTE_MASKED);
	sync(SAVE | RESTORE);
	EXPECT_EQ(VECTOR, ioapic_read(rte(20)));
	EXPECT_EQ((VECTOR + 1) | RTE_LEVEL | RTE_MASKED, ioapic_read(rte(21)));
	sync(SET_IRQ_LINE | SAVE | RESTORE, .set_irq_line = { 20, 1 });
	take_all();
	EXPECT_SEEN(VECTOR);
	set_line(20, 0);
	route(20, RTE_MASKED);
}

TEST(pic_across_save, "masks and vectors of the 8259s move to a fresh VM",
     LAW("8259A; KVM api.rst, KVM_SET_IRQCHIP"), NEEDS(APIC),
     ACTIONS(SET_IRQ_LINE | SAVE | RESTORE))
{
	stage_open();
	stage.in_handler = pic_eoi;
	init_pic(MASTER, PIC_BASE, 4, 0x73);
	init_pic(SLAVE, PIC_BASE + 8, 2, 0x7d);
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
	sync(SAVE | RESTORE);
	EXPECT_EQ(0x73, inb(MASTER + 1));
	EXPECT_EQ(0x7d, inb(SLAVE + 1));
	set_line(9, 1);
	sync(SAVE | RESTORE);
	take_all();
	EXPECT_SEEN(PIC_BASE + 9);
	set_line(9, 0);
	outb(MASTER + 1, 0xff);
	outb(SLAVE + 1, 0xff);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
}
