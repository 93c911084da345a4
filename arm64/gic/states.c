// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of an interrupt, judged by the model: every sequence of three
 * operations for one interrupt, and long walks with several of them.  Law: IHI 0069H,
 * 4.1.2 (interrupt handling state machine), 12.9 (GICD_ISPENDR and its neighbours).
 */
#include "arm64/gic/world.h"

/* What a sequence is made of: registers, then the CPU interface. */
enum { ACKNOWLEDGE = GIC_RAISE, END, STEPS };

static const char *step_name(unsigned int step)
{
	return step == ACKNOWLEDGE ? "IAR" : step == END ? "EOIR" : gic_op_name[step];
}

struct kind {
	const char *name;
	u32 intid;
	bool edge;
};
static const struct kind kinds[] = {
	{ "sgi", 3, true },
	{ "ppi", 20, false },
	{ "edge", 80, true },
	{ "level", 81, false },
};

/* An end without an acknowledged interrupt is unpredictable: there is nothing to do. */
static void do_step(struct gic_world *w, struct gic_irq *irq, unsigned int step, u32 *taken,
		    unsigned int *depth)
{
	if (step < ACKNOWLEDGE) {
		world_do(w, irq, (enum gic_op)step);
	} else if (step == ACKNOWLEDGE) {
		u32 intid = world_acknowledge(w);

		if (intid < INTID_SPECIAL)
			taken[(*depth)++] = intid;
	} else if (*depth) {
		u32 intid = taken[--*depth];

		world_end(w, intid);
		if (w->model.split)
			world_deactivate(w, intid);
	}
}

static void sequence(const struct kind *k, const unsigned int *step, bool split)
{
	unsigned int depth = 0;
	struct gic_world w;
	struct gic_irq *irq;
	u32 taken[8];

	world_open(&w);
	world_set_split(&w, split);
	irq = world_add(&w, k->intid, k->edge, 0xa0);
	for (unsigned int i = 0; i < 3; i++) {
		do_step(&w, irq, step[i], taken, &depth);
		if (!world_check(&w))
			break;
	}
	world_close(&w);
}

static void all_sequences(bool split)
{
	unsigned int s[3];

	for (unsigned int k = 0; k < ARRAY_SIZE(kinds); k++)
		for (unsigned int n = 0; n < STEPS * STEPS * STEPS; n++) {
			s[0] = n / (STEPS * STEPS);
			s[1] = n / STEPS % STEPS;
			s[2] = n % STEPS;
			CASE ("kind=%s,steps=%s+%s+%s", kinds[k].name, step_name(s[0]),
			      step_name(s[1]), step_name(s[2]))
				sequence(&kinds[k], s, split);
		}
}

TEST(three_steps, "any three operations leave an interrupt pending and active as 4.1.2 says",
     LAW("IHI 0069H, 4.1.2"), NEEDS(GICV3), CASES(4 * STEPS * STEPS * STEPS))
{
	all_sequences(false);
}

TEST(three_steps_split,
     "with EOImode = 1 three operations leave an interrupt as 4.1.2 and 4.7.1 say",
     LAW("IHI 0069H, 4.7.1"), NEEDS(GICV3), CASES(4 * STEPS * STEPS * STEPS))
{
	all_sequences(true);
}

/* --- walks --- */

enum { WALKS = 12, WALK_STEPS = 48, WALK_IRQS = 3 };

static void walk(u64 seed, bool edge, bool split)
{
	static const u8 priority[WALK_IRQS] = { 0xa0, 0x60, 0x20 };
	u64 state = seed * 0x9e3779b97f4a7c15ull + run_request()->seed;
	unsigned int depth = 0;
	struct gic_irq *irq[WALK_IRQS];
	struct gic_world w;
	u32 taken[16];

	world_open(&w);
	world_set_split(&w, split);
	for (unsigned int i = 0; i < WALK_IRQS; i++)
		irq[i] = world_add(&w, SPI_FIRST + i, edge, priority[i]);
	for (unsigned int n = 0; n < WALK_STEPS; n++) {
		unsigned int step = (unsigned int)(random_next(&state) >> 33) % STEPS;
		unsigned int i = (unsigned int)(random_next(&state) >> 33) % WALK_IRQS;

		do_step(&w, irq[i], step, taken, &depth);
		if (!world_check(&w))
			break;
	}
	world_close(&w);
}

TEST(walks, "three SPIs of three priorities walk through their states as the model does",
     LAW("IHI 0069H, 4.1.2 and 4.8"), NEEDS(GICV3), CASES(4 * WALKS))
{
	for (unsigned int kind = 0; kind < 4; kind++)
		for (unsigned int n = 0; n < WALKS; n++)
			CASE ("trigger=%s,eoimode=%u,walk=%u", kind & 1 ? "edge" : "level",
			      kind >> 1, n)
				walk(n + 1, kind & 1, kind >> 1);
}
