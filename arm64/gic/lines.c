// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wires: an edge is latched, a level follows its wire, and both survive a move of
 * the guest in every state.  Law: IHI 0069H, 4.1.2.
 */
#include "arm64/gic/world.h"

enum { ACK = GIC_OP_COUNT, EOI, NOTHING };

/* Wires and registers and the CPU interface, in order. */
static const struct script {
	const char *name;
	u8 step[6];
	bool moved; /* its end is a state that no other has: for the test that moves the guest */
} scripts[] = {
	{ "raise", { GIC_RAISE, NOTHING }, true },
	{ "raise-lower", { GIC_RAISE, GIC_LOWER, NOTHING }, true },
	{ "raise-ack", { GIC_RAISE, ACK, NOTHING }, true },
	{ "raise-lower-ack", { GIC_RAISE, GIC_LOWER, ACK, NOTHING }, true },
	{ "raise-ack-lower", { GIC_RAISE, ACK, GIC_LOWER, NOTHING }, true },
	{ "raise-ack-eoi", { GIC_RAISE, ACK, EOI, NOTHING }, false },
	{ "raise-ack-lower-eoi", { GIC_RAISE, ACK, GIC_LOWER, EOI, NOTHING }, false },
	{ "raise-ack-lower-raise", { GIC_RAISE, ACK, GIC_LOWER, GIC_RAISE, NOTHING }, true },
	{ "raise-ack-lower-raise-eoi",
	  { GIC_RAISE, ACK, GIC_LOWER, GIC_RAISE, EOI, NOTHING },
	  false },
	{ "raise-clear", { GIC_RAISE, GIC_CLEAR_PENDING, NOTHING }, false },
	{ "raise-lower-raise", { GIC_RAISE, GIC_LOWER, GIC_RAISE, NOTHING }, false },
	{ "raise-lower-clear", { GIC_RAISE, GIC_LOWER, GIC_CLEAR_PENDING, NOTHING }, false },
	{ "disabled-raise-enable", { GIC_DISABLE, GIC_RAISE, GIC_ENABLE, NOTHING }, true },
	{ "disabled-pulse-enable",
	  { GIC_DISABLE, GIC_RAISE, GIC_LOWER, GIC_ENABLE, NOTHING },
	  false },
	{ "set-raise-clear", { GIC_SET_PENDING, GIC_RAISE, GIC_CLEAR_PENDING, NOTHING }, false },
	{ "set-raise-lower", { GIC_SET_PENDING, GIC_RAISE, GIC_LOWER, NOTHING }, false },
	{ "active-raise", { GIC_SET_ACTIVE, GIC_RAISE, NOTHING }, false },
};

static void play(const struct script *s, u32 intid, bool edge, u64 moves)
{
	struct gic_world w;
	struct gic_irq *irq;
	u32 taken = INTID_SPURIOUS;

	world_open(&w);
	irq = world_add(&w, intid, edge, 0xa0);
	for (unsigned int i = 0; s->step[i] != NOTHING; i++) {
		if (s->step[i] == ACK)
			taken = world_acknowledge(&w);
		else if (s->step[i] == EOI)
			world_end(&w, taken);
		else
			world_do(&w, irq, (enum gic_op)s->step[i]);
		if (!world_check(&w))
			break;
	}
	if (moves) {
		sync(moves);
		world_check(&w);
	}
	/* What is signalled in the end, and that it can be ended. */
	taken = world_acknowledge(&w);
	world_check(&w);
	if (taken < INTID_SPECIAL)
		world_end(&w, taken);
	world_close(&w);
}

static void play_all(u64 moves)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(scripts); i++)
		for (unsigned int edge = 0; edge < 2 && (!moves || scripts[i].moved); edge++)
			CASE ("script=%s,trigger=%s", scripts[i].name, edge ? "edge" : "level")
				play(&scripts[i], SPI_FIRST + edge, edge, moves);
}

TEST(lines, "an edge of a wire is latched until acknowledged, a level follows its wire",
     LAW("IHI 0069H, 4.1.2"), NEEDS(GICV3), ACTIONS(SET_IRQ_LINE), CASES(2 * ARRAY_SIZE(scripts)))
{
	play_all(0);
}

TEST(pending_by_write, "GICD_ISPENDR makes a level-sensitive interrupt pending for one acknowledge",
     LAW("IHI 0069H, 4.1.2"), NEEDS(GICV3), CASES(2))
{
	enum { LINE = 90 };

	gic_set_edge(LINE, false);
	gic_set_priority(LINE, GIC_PRIORITY);
	gic_enable(LINE);
	for (unsigned int clear = 0; clear < 2; clear++)
		CASE ("ended-by=%s", clear ? "GICD_ICPENDR" : "acknowledge") {
			gic_write_bit(GICD_ISPENDR, LINE);
			EXPECT(gic_bit(GICD_ISPENDR, LINE));
			if (clear) {
				gic_write_bit(GICD_ICPENDR, LINE);
			} else {
				EXPECT_EQ(LINE, gic_acknowledge());
				gic_end(LINE);
			}
			EXPECT(!gic_bit(GICD_ISPENDR, LINE));
			EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
		}
	gic_disable(LINE);
}

TEST(lines_across_save, "pending, active and the level of a wire survive SAVE and RESTORE",
     LAW("IHI 0069H, 4.1.2; Documentation/virt/kvm/devices/arm-vgic-v3.rst"), NEEDS(GICV3),
     ACTIONS(SET_IRQ_LINE | SAVE | RESTORE), CASES(2 * 7))
{
	play_all(SAVE | RESTORE);
}

TEST(private_line, "a PPI by its wire is a level, and is this CPU's alone", LAW("IHI 0069H, 2.2.1"),
     NEEDS(GICV3), ACTIONS(SET_IRQ_LINE), CASES(2))
{
	static const struct script script = {
		"ppi", { GIC_RAISE, ACK, GIC_LOWER, EOI, GIC_RAISE, NOTHING }, false
	};

	for (unsigned int i = 0; i < 2; i++)
		CASE ("ppi=%u", 20 + i)
			play(&script, 20 + i, false, 0);
}

/* Taken as exceptions, each once. */
TEST(edges_are_counted, "every edge that comes after the last was acknowledged is taken once",
     LAW("IHI 0069H, 4.1.2"), NEEDS(GICV3), ACTIONS(SET_IRQ_LINE), CASES(16))
{
	for (u32 intid = SPI_FIRST; intid <= SPI_LAST; intid++)
		CASE ("intid=%u", intid) {
			irq_log_clear();
			gic_enable(intid);
			for (u64 n = 1; n <= 4; n++) {
				sync(SET_IRQ_LINE, .set_irq_line = { intid, 1 });
				sync(SET_IRQ_LINE, .set_irq_line = { intid, 0 });
				take_interrupts();
				EXPECT_EQ(n, irq_log_count(0, intid));
			}
			EXPECT_EQ(4, irq_log[0].count);
			EXPECT_EQ(0, irq_log[0].spurious);
			gic_disable(intid);
		}
}

TEST(line_while_halted, "a wire wakes a CPU that waits in WFI", LAW("Arm ARM D1.6; IHI 0069H, 4.1"),
     NEEDS(GICV3), ACTIONS(WAIT_HALTED | SET_IRQ_LINE), CASES(2))
{
	for (unsigned int edge = 0; edge < 2; edge++)
		CASE ("trigger=%s", edge ? "edge" : "level") {
			u32 intid = SPI_FIRST + edge;
			struct gic_world w;

			irq_log_clear();
			world_open(&w);
			world_add(&w, intid, edge, 0xa0);
			sync(WAIT_HALTED | SET_IRQ_LINE, .set_irq_line = { intid, 1 });
			asm volatile("dsb sy; wfi" ::: "memory");
			EXPECT_EQ(intid, gic_acknowledge());
			sync(SET_IRQ_LINE, .set_irq_line = { intid, 0 });
			gic_end(intid);
			world_close(&w);
		}
}
