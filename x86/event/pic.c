// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two 8259s as programmed I/O finds them (8259A data sheet): initialization
 * words, masks, priorities, the ways of EOI, levels, and what can be read.
 */
#include "x86/event/stage.h"

enum { MASTER = 0x20, SLAVE = 0xa0, ELCR = 0x4d0, PIC_BASE = 0x70 };
enum { LVT_EXTINT = 7 << 8, LVT_MASKED = 1 << 16 };
enum {
	ICW4_AUTO_EOI = 2,
	OCW2_EOI = 0x20,
	OCW2_SPECIFIC = 0x60,
	OCW2_ROTATE_EOI = 0xa0,
	OCW3_IRR = 0x0a,
	OCW3_ISR = 0x0b
};

static void init_pic(u16 port, u8 vector, u8 cascade, u8 mode, u8 mask)
{
	outb(port, 0x11);
	outb(port + 1, vector);
	outb(port + 1, cascade);
	outb(port + 1, 0x01 | mode);
	outb(port + 1, mask);
}

static void set_line(unsigned int line, unsigned int level)
{
	sync(SET_IRQ_LINE, .set_irq_line = { line, level });
}

static void pulse(unsigned int line)
{
	set_line(line, 1);
	set_line(line, 0);
}

/* Lines 1, 3, 5, 6 of the master and 9, 10, 14 of the slave are the test's. */
enum { MASTER_MASK = 0x91, SLAVE_MASK = 0xb9 };

static void begin_with(u8 mode)
{
	stage_open();
	outb(ELCR, 0);
	outb(ELCR + 1, 0);
	init_pic(MASTER, PIC_BASE, 4, mode, MASTER_MASK);
	init_pic(SLAVE, PIC_BASE + 8, 2, mode, SLAVE_MASK);
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
}

static void end(void)
{
	init_pic(MASTER, PIC_BASE, 4, 0, 0xff);
	init_pic(SLAVE, PIC_BASE + 8, 2, 0, 0xff);
	outb(ELCR, 0);
	outb(ELCR + 1, 0);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
}

static void eoi(struct trap_frame *f)
{
	if (f->vector >= PIC_BASE + 8)
		outb(SLAVE, OCW2_EOI);
	outb(MASTER, OCW2_EOI);
}

static void begin(void)
{
	begin_with(0);
	stage.in_handler = eoi;
}

static u8 read_register(u16 port, u8 which)
{
	outb(port, which);
	return inb(port);
}

#define WHERE "8259A, Interrupt Sequence; Operation Command Words"

TEST(pic_masked, "a masked line of the 8259s waits, and interrupts when it is unmasked", LAW(WHERE),
     NEEDS(APIC), ACTIONS(SET_IRQ_LINE), CASES(2))
{
	static const u8 lines[] = { 3, 10 };

	for (unsigned int i = 0; i < 2; i++)
		CASE ("line=%u", lines[i]) {
			u16 port = lines[i] < 8 ? MASTER : SLAVE;
			u8 mask = lines[i] < 8 ? MASTER_MASK : SLAVE_MASK;

			begin();
			outb(port + 1, mask | BIT(lines[i] % 8));
			set_line(lines[i], 1);
			take_all();
			EXPECT_NOTHING_SEEN();
			EXPECT_EQ(BIT(lines[i] % 8),
				  read_register(port, OCW3_IRR) & BIT(lines[i] % 8));
			outb(port + 1, mask);
			take_all();
			EXPECT_SEEN((u16)(PIC_BASE + lines[i]));
			set_line(lines[i], 0);
			end();
		}
}

TEST(pic_lint0_masked, "with LINT0 masked no interrupt of the 8259s comes through",
     LAW("SDM vol. 3A, Local Vector Table; 8259A"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	begin();
	apic_write(APIC_LVT_LINT0, LVT_EXTINT | LVT_MASKED);
	pulse(3);
	take_all();
	EXPECT_NOTHING_SEEN();
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
	end();
}

/* --- priorities --- */

static u8 isr_in_handler;

static void raise_others(struct trap_frame *f)
{
	if (stage.count == 1) {
		isr_in_handler = read_register(MASTER, OCW3_ISR);
		pulse(6);
		pulse(3);
		pulse(5);
		take_all();
	}
	eoi(f);
}

TEST(pic_priorities,
     "in service, a line lets the lines above in and keeps those below and itself back",
     LAW("8259A, Fully Nested Mode"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	begin();
	stage.in_handler = raise_others;
	pulse(5);
	take_all();
	EXPECT_SEEN(PIC_BASE + 5, PIC_BASE + 3, PIC_BASE + 5, PIC_BASE + 6);
	EXPECT_EQ(BIT(5), isr_in_handler);
	EXPECT_EQ(0, read_register(MASTER, OCW3_ISR));
	end();
}

TEST(pic_highest_first,
     "lines that wait together come in the order of priority, the slave's as line 2",
     LAW("8259A, Fully Nested Mode; Cascade Mode"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	begin();
	pulse(6);
	pulse(10);
	pulse(1);
	pulse(14);
	pulse(3);
	take_all();
	EXPECT_SEEN(PIC_BASE + 1, PIC_BASE + 10, PIC_BASE + 14, PIC_BASE + 3, PIC_BASE + 6);
	end();
}

/* --- EOI --- */

static u8 ocw2;

static void eoi_by(struct trap_frame *f)
{
	outb(MASTER, (u8)(ocw2 == OCW2_SPECIFIC ? ocw2 | (f->vector - PIC_BASE) : ocw2));
}

TEST(pic_eoi,
     "non-specific, specific and rotating EOI end a line, and without one it is in service on",
     LAW("8259A, End of Interrupt (EOI)"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE), CASES(4))
{
	static const struct {
		const char *name;
		u8 ocw2;
		bool ends;
	} rows[] = { { "non-specific", OCW2_EOI, true },
		     { "specific", OCW2_SPECIFIC, true },
		     { "rotating", OCW2_ROTATE_EOI, true },
		     { "none", OCW3_ISR, false } };

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("eoi=%s", rows[i].name) {
			begin();
			ocw2 = rows[i].ocw2;
			stage.in_handler = eoi_by;
			pulse(5);
			take_all();
			EXPECT_EQ(rows[i].ends ? 0 : BIT(5), read_register(MASTER, OCW3_ISR));
			pulse(5);
			take_all();
			if (rows[i].ends)
				EXPECT_SEEN(PIC_BASE + 5, PIC_BASE + 5);
			else
				EXPECT_SEEN(PIC_BASE + 5);
			end();
		}
}

TEST(pic_auto_eoi, "with automatic EOI a line is out of service when it is acknowledged",
     LAW("8259A, Automatic End of Interrupt (AEOI) Mode"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	begin_with(ICW4_AUTO_EOI);
	pulse(5);
	take_all();
	EXPECT_EQ(0, read_register(MASTER, OCW3_ISR));
	pulse(6);
	take_all();
	EXPECT_SEEN(PIC_BASE + 5, PIC_BASE + 6);
	end();
}

TEST(pic_rotation, "a rotating EOI makes its line the lowest", LAW("8259A, Automatic Rotation"),
     NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	begin();
	ocw2 = OCW2_ROTATE_EOI;
	stage.in_handler = eoi_by;
	pulse(3);
	take_all();
	EXPECT_SEEN(PIC_BASE + 3);
	stage.count = 0;
	ocw2 = OCW2_EOI;
	/* 4 is the highest now, 3 the lowest. */
	pulse(1);
	pulse(3);
	pulse(6);
	take_all();
	EXPECT_SEEN(PIC_BASE + 6, PIC_BASE + 1, PIC_BASE + 3);
	end();
}

/* --- levels --- */

static unsigned int lower_at;

static void level_handler(struct trap_frame *f)
{
	if (stage.count == lower_at)
		set_line((unsigned int)f->vector - PIC_BASE, 0);
	eoi(f);
}

TEST(pic_level, "a line that the ELCR makes level-triggered interrupts while it is high",
     LAW("8259A, Edge and Level Triggered Modes; PIIX, ELCR"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE),
     CASES(4))
{
	static const u8 lines[] = { 5, 10 };

	for (unsigned int i = 0; i < 4; i++)
		CASE ("line=%u,lowered-by-handler=%u", lines[i / 2], i % 2 + 1) {
			unsigned int line = lines[i / 2];

			begin();
			outb(ELCR + line / 8, BIT(line % 8));
			EXPECT_EQ(BIT(line % 8), inb(ELCR + line / 8));
			lower_at = i % 2 + 1;
			stage.in_handler = level_handler;
			set_line(line, 1);
			take_all();
			EXPECT_EQ(lower_at, stage.count);
			set_line(line, 0);
			end();
		}
}

TEST(pic_level_goes,
     "a level-triggered line that went low before it was acknowledged does not interrupt",
     LAW("8259A, Edge and Level Triggered Modes"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	begin();
	outb(ELCR, BIT(5));
	pulse(5);
	EXPECT_EQ(0, read_register(MASTER, OCW3_IRR) & BIT(5));
	take_all();
	EXPECT(stage.count == 0 || stage.seen[0].vector == PIC_BASE + 7);
	end();
}

TEST(pic_fixed_edges, "lines 0, 1, 2, 8 and 13 cannot be made level-triggered",
     LAW("PIIX, Edge/Level Control Registers"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE))
{
	begin();
	outb(ELCR, 0xff);
	outb(ELCR + 1, 0xff);
	EXPECT_EQ(0xf8, inb(ELCR));
	EXPECT_EQ(0xde, inb(ELCR + 1));
	end();
}

/* --- initialization --- */

TEST(pic_initialization, "ICW1 clears the mask, and the low bits of ICW2 are the line's",
     LAW("8259A, Initialization Command Words"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE), CASES(2))
{
	CASE ("mask") {
		begin();
		outb(MASTER + 1, 0xff);
		EXPECT_EQ(0xff, inb(MASTER + 1));
		outb(MASTER, 0x11);
		outb(MASTER + 1, PIC_BASE);
		outb(MASTER + 1, 4);
		outb(MASTER + 1, 1);
		EXPECT_EQ(0, inb(MASTER + 1));
		end();
	}
	CASE ("vector") {
		begin();
		init_pic(MASTER, PIC_BASE | 5, 4, 0, MASTER_MASK);
		pulse(3);
		take_all();
		EXPECT_SEEN(PIC_BASE + 3);
		end();
	}
}

TEST(pic_level_across_save,
     "levels, masks and what is in service move to a fresh VM with the 8259s",
     LAW("8259A; KVM api.rst, KVM_SET_IRQCHIP"), NEEDS(APIC),
     ACTIONS(SET_IRQ_LINE | SAVE | RESTORE))
{
	begin();
	outb(ELCR, BIT(5));
	ocw2 = OCW3_ISR;
	stage.in_handler = eoi_by; /* which is none */
	pulse(3);
	take_all();
	EXPECT_SEEN(PIC_BASE + 3);
	sync(SAVE | RESTORE);
	EXPECT_EQ(BIT(5), inb(ELCR));
	EXPECT_EQ(MASTER_MASK, inb(MASTER + 1));
	EXPECT_EQ(BIT(3), read_register(MASTER, OCW3_ISR));
	stage.count = 0;
	stage.in_handler = eoi;
	pulse(6);
	take_all();
	EXPECT_NOTHING_SEEN();
	outb(MASTER, OCW2_EOI);
	take_all();
	EXPECT_SEEN(PIC_BASE + 6);
	end();
}
