// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entries of the I/O APIC: their fields, whom they reach, in which mode, and
 * what happens to a line while its interrupt is in service (82093AA, 3.2.4).
 */
#include "x86/event/stage.h"

#define IOAPIC 0xfec00000ull
#define VECTOR 0x69

enum {
	RTE_LEVEL = BIT(15),
	RTE_MASKED = BIT(16),
	RTE_REMOTE_IRR = BIT(14),
	RTE_LOGICAL = BIT(11),
	RTE_LOWEST = 1 << 8,
	RTE_NMI = 4 << 8,
	LINE = 20
};

static u32 read_register(u32 index)
{
	*(volatile u32 *)IOAPIC = index;
	return *(volatile u32 *)(IOAPIC + 0x10);
}

static void write_register(u32 index, u32 value)
{
	*(volatile u32 *)IOAPIC = index;
	*(volatile u32 *)(IOAPIC + 0x10) = value;
}

static u32 low_of(unsigned int line)
{
	return 0x10 + 2 * line;
}

static void route(unsigned int line, u32 low, u8 destination)
{
	write_register(low_of(line) + 1, (u32)destination << 24);
	write_register(low_of(line), low);
}

static void set_line(unsigned int line, unsigned int level)
{
	sync(SET_IRQ_LINE, .set_irq_line = { line, level });
}

static void begin(void)
{
	stage_open();
	stage.eoi = true;
}

static void end(void)
{
	set_line(LINE, 0);
	route(LINE, RTE_MASKED, 0);
	apic_write(APIC_LDR, 0);
}

TEST(ioapic_fields,
     "an entry of the I/O APIC keeps its fields, and Remote IRR and the status are not to be "
     "written",
     LAW("82093AA, 3.2.4"), NEEDS(APIC), ACTIONS(SET_IRQ_LINE), CASES(4))
{
	CASE ("low") {
		route(LINE, 0x1a9ff | RTE_MASKED, 0);
		EXPECT_EQ(0x1a9ff | RTE_MASKED, read_register(low_of(LINE)) & 0x1ffff);
	}
	CASE ("destination") {
		route(LINE, RTE_MASKED, 0xa5);
		EXPECT_EQ(0xa5, read_register(low_of(LINE) + 1) >> 24);
	}
	CASE ("read-only") {
		route(LINE, RTE_MASKED | RTE_LEVEL | RTE_REMOTE_IRR | BIT(12), 0);
		EXPECT_EQ(RTE_MASKED | RTE_LEVEL,
			  read_register(low_of(LINE)) &
				  (RTE_MASKED | RTE_LEVEL | RTE_REMOTE_IRR | BIT(12)));
	}
	CASE ("id") {
		u32 before = read_register(0);

		write_register(0, 0x0a000000);
		EXPECT_EQ(0x0a000000, read_register(0) & 0x0f000000);
		write_register(0, before);
	}
	route(LINE, RTE_MASKED, 0);
}

static const struct {
	const char *name;
	u32 low;
	u8 destination;
	u16 arrives; /* a vector, or 0 */
} routes[] = {
	{ "physical", 0, 0, VECTOR },
	{ "physical,to-another", 0, 0x55, 0 },
	{ "physical,to-all", 0, 0xff, VECTOR },
	{ "lowest-priority", RTE_LOWEST, 0, VECTOR },
	{ "logical", RTE_LOGICAL, 0x20, VECTOR },
	{ "logical,among-others", RTE_LOGICAL, 0x60, VECTOR },
	{ "logical,to-another", RTE_LOGICAL, 0x40, 0 },
	{ "NMI", RTE_NMI, 0, VECTOR_NMI },
};

TEST(ioapic_routes, "a line reaches the CPU that its entry names, in the entry's delivery mode",
     LAW("82093AA, 3.2.4; SDM vol. 3A, Determining IPI Destination"), NEEDS(APIC),
     ACTIONS(SET_IRQ_LINE), CASES(ARRAY_SIZE(routes)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(routes); i++)
		CASE ("route=%s", routes[i].name) {
			begin();
			apic_write(APIC_DFR, 0xffffffff);
			apic_write(APIC_LDR, 0x20u << 24);
			route(LINE, routes[i].low | VECTOR, routes[i].destination);
			set_line(LINE, 1);
			take_all();
			settle();
			if (routes[i].arrives)
				EXPECT_SEEN(routes[i].arrives);
			else
				EXPECT_NOTHING_SEEN();
			end();
		}
}

/* --- while the interrupt is in service --- */

static enum { LOWER, LOWER_AND_RAISE, RAISE_AGAIN, REROUTE, PULSE } deed;

static void act(struct trap_frame *f)
{
	(void)f;
	if (stage.count > 1) {
		set_line(LINE, 0);
		return;
	}
	if (deed == LOWER || deed == LOWER_AND_RAISE || deed == PULSE)
		set_line(LINE, 0);
	if (deed == LOWER_AND_RAISE || deed == RAISE_AGAIN || deed == PULSE)
		set_line(LINE, 1);
	/* What came and went before the EOI was no interrupt. */
	if (deed == PULSE)
		set_line(LINE, 0);
	if (deed == REROUTE) {
		/* An entry that becomes edge-triggered forgets that it waited for an EOI. */
		set_line(LINE, 0);
		write_register(low_of(LINE), VECTOR | RTE_MASKED);
		EXPECT_EQ(0, read_register(low_of(LINE)) & RTE_REMOTE_IRR);
	}
}

TEST(ioapic_level_in_service,
     "a level interrupts again after its EOI if the line is high then, once for each EOI",
     LAW("82093AA, 3.2.4; SDM vol. 3A, Signaling Interrupt Servicing Completion"), NEEDS(APIC),
     ACTIONS(SET_IRQ_LINE), CASES(5))
{
	static const struct {
		const char *name;
		unsigned int count;
	} rows[] = { { "lowered", 1 },
		     { "lowered-and-raised", 2 },
		     { "raised-again", 2 },
		     { "made-an-edge", 1 },
		     { "lowered-raised-and-lowered", 1 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("in-service=%s", rows[i].name) {
			begin();
			deed = i;
			stage.in_handler = act;
			route(LINE, VECTOR | RTE_LEVEL, 0);
			set_line(LINE, 1);
			take_all();
			EXPECT_EQ(rows[i].count, stage.count);
			EXPECT(!apic_bit(APIC_ISR, VECTOR));
			end();
		}
}

static bool tmr_in_handler;

static void look_at_tmr(struct trap_frame *f)
{
	(void)f;
	tmr_in_handler = apic_bit(APIC_TMR, VECTOR);
	set_line(LINE, 0);
}

TEST(ioapic_tmr,
     "TMR tells whether the interrupt of a vector that is in service came by a level or an edge",
     LAW("SDM vol. 3A, Interrupt Acceptance for Fixed Interrupts"), NEEDS(APIC),
     ACTIONS(SET_IRQ_LINE))
{
	static const u32 modes[] = { 0, RTE_LEVEL, 0, RTE_LEVEL };

	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++) {
		begin();
		stage.in_handler = look_at_tmr;
		route(LINE, VECTOR | modes[i], 0);
		set_line(LINE, 1);
		take_all();
		EXPECT_SEEN(VECTOR);
		EXPECT_EQ(modes[i] != 0, tmr_in_handler);
		end();
	}
}

TEST(ioapic_in_service_across_save,
     "a level that is in service moves to a fresh VM: with Remote IRR, its line and the selected "
     "register",
     LAW("82093AA, 3.2.4; KVM api.rst, KVM_SET_IRQCHIP"), NEEDS(APIC),
     ACTIONS(SET_IRQ_LINE | SAVE | RESTORE))
{
	begin();
	stage.eoi = false;
	route(LINE, VECTOR | RTE_LEVEL, 0);
	set_line(LINE, 1);
	take_all();
	EXPECT_SEEN(VECTOR);
	stage.count = 0;
	*(volatile u32 *)IOAPIC = low_of(LINE);
	sync(SAVE | RESTORE);
	EXPECT_EQ(low_of(LINE), *(volatile u32 *)IOAPIC & 0xff);
	EXPECT_EQ(RTE_REMOTE_IRR, *(volatile u32 *)(IOAPIC + 0x10) & RTE_REMOTE_IRR);
	EXPECT(apic_bit(APIC_ISR, VECTOR));
	take_all();
	EXPECT_NOTHING_SEEN();
	set_line(LINE, 0);
	apic_eoi();
	EXPECT_EQ(0, read_register(low_of(LINE)) & RTE_REMOTE_IRR);
	end();
}

TEST(ioapic_edge_waits_across_save,
     "a line that went high while its entry was masked is not lost by a move to a fresh VM",
     LAW("82093AA, 3.2.4; KVM api.rst, KVM_SET_IRQCHIP"), NEEDS(APIC),
     ACTIONS(SET_IRQ_LINE | SAVE | RESTORE))
{
	begin();
	stage.in_handler = look_at_tmr;
	route(LINE, VECTOR | RTE_LEVEL | RTE_MASKED, 0);
	set_line(LINE, 1);
	sync(SAVE | RESTORE);
	take_all();
	EXPECT_NOTHING_SEEN();
	route(LINE, VECTOR | RTE_LEVEL, 0);
	take_all();
	EXPECT(stage.count >= 1);
	end();
}
