// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which interrupt is signalled: priority mask, group priority by the binary point,
 * preemption, the order of several.  Law: IHI 0069H, 4.8.
 */
#include "arm64/gic/world.h"

static const u8 priorities[] = { 0x00, 0x08, 0x58, 0x78, 0x80, 0x88, 0xa0, 0xf0 };
static const u8 masks[] = { 0x00, 0x08, 0x80, 0x88, 0xf0, 0xf8 };

TEST(priority_mask, "an interrupt is signalled when its priority is higher than ICC_PMR_EL1's",
     LAW("IHI 0069H, 4.8.6"), NEEDS(GICV3), CASES(ARRAY_SIZE(masks) * ARRAY_SIZE(priorities)))
{
	for (unsigned int m = 0; m < ARRAY_SIZE(masks); m++)
		for (unsigned int p = 0; p < ARRAY_SIZE(priorities); p++)
			CASE ("pmr=%#x,priority=%#x", masks[m], priorities[p]) {
				struct gic_world w;
				u32 taken;

				world_open(&w);
				world_set_pmr(&w, masks[m]);
				world_do(&w, world_add(&w, SPI_FIRST, true, priorities[p]),
					 GIC_SET_PENDING);
				taken = world_acknowledge(&w);
				world_check(&w);
				if (taken < INTID_SPECIAL)
					world_end(&w, taken);
				world_close(&w);
			}
}

static const u8 pairs[][2] = {
	{ 0xa0, 0x98 }, { 0xa0, 0xa0 }, { 0xa0, 0xa8 }, { 0x80, 0x78 }, { 0x80, 0x40 },
	{ 0x98, 0x90 }, { 0xc0, 0x80 }, { 0x40, 0x38 }, { 0x78, 0x70 }, { 0x80, 0x00 },
};

static void preempt(u8 bpr, const u8 *pair)
{
	struct gic_irq *first, *second;
	struct gic_world w;
	u32 taken[2];

	WRITE_REGISTER(ICC_BPR1_EL1, bpr);
	barrier();
	world_open(&w);
	first = world_add(&w, SPI_FIRST, true, pair[0]);
	second = world_add(&w, SPI_FIRST + 1, true, pair[1]);
	world_do(&w, first, GIC_SET_PENDING);
	taken[0] = world_acknowledge(&w);
	world_do(&w, second, GIC_SET_PENDING);
	taken[1] = world_acknowledge(&w);
	world_check(&w);
	if (taken[1] < INTID_SPECIAL)
		world_end(&w, taken[1]);
	world_check(&w);
	world_end(&w, taken[0]);
	world_check(&w);
	world_close(&w);
	WRITE_REGISTER(ICC_BPR1_EL1, 0);
}

TEST(preemption, "an interrupt preempts one of a lower group priority and no other",
     LAW("IHI 0069H, 4.8.2 and 4.8.4"), NEEDS(GICV3), CASES(5 * ARRAY_SIZE(pairs)))
{
	for (u8 bpr = 3; bpr < 8; bpr++)
		for (unsigned int i = 0; i < ARRAY_SIZE(pairs); i++)
			CASE ("bpr=%u,running=%#x,priority=%#x", bpr, pairs[i][0], pairs[i][1])
				preempt(bpr, pairs[i]);
}

TEST(order, "of several that are pending the highest priority is acknowledged first",
     LAW("IHI 0069H, 4.8"), NEEDS(GICV3), CASES(24))
{
	/* All orders of four. */
	for (unsigned int n = 0; n < 24; n++)
		CASE ("permutation=%u", n) {
			unsigned int left[4] = { 0, 1, 2, 3 }, code = n;
			struct gic_world w;

			world_open(&w);
			for (unsigned int i = 0; i < 4; i++) {
				unsigned int at = code % (4 - i), rank = left[at];

				code /= 4 - i;
				left[at] = left[3 - i];
				world_do(&w,
					 world_add(&w, SPI_FIRST + i, true,
						   (u8)(0x20 + 0x20 * rank)),
					 GIC_SET_PENDING);
			}
			for (unsigned int i = 0; i < 4; i++)
				world_end(&w, world_acknowledge(&w));
			EXPECT_EQ(INTID_SPURIOUS, world_acknowledge(&w));
			world_close(&w);
		}
}

/* More than a CPU interface has list registers (16 at most): who fills them must choose. */
TEST(order_of_many, "of twenty that are pending at once all are acknowledged, by priority",
     LAW("IHI 0069H, 4.8"), NEEDS(GICV3), CASES(4))
{
	enum { MANY = 20, FIRST = 64 };

	for (unsigned int step = 1; step < 8; step += 2)
		CASE ("step=%u", step) {
			for (unsigned int i = 0; i < MANY; i++) {
				/* A permutation: no step has a divisor of 32. */
				gic_set_priority(FIRST + i, (u8)(i * step % 32 * 8));
				gic_set_edge(FIRST + i, true);
				gic_enable(FIRST + i);
				/* Those that are added come behind, before, and among others. */
				gic_write_bit(GICD_ISPENDR, FIRST + i);
			}
			for (unsigned int priority = 0; priority < 32; priority++)
				for (unsigned int i = 0; i < MANY; i++)
					if (i * step % 32 == priority && priority < 0xf0 / 8) {
						EXPECT_EQ(FIRST + i, gic_acknowledge());
						gic_end(FIRST + i);
					}
			EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
			for (unsigned int i = 0; i < MANY; i++) {
				gic_write_bit(GICD_ICPENDR, FIRST + i);
				gic_disable(FIRST + i);
			}
		}
}

TEST(highest_pending, "ICC_HPPIR1_EL1 names the highest pending interrupt and changes nothing",
     LAW("IHI 0069H, 12.2.12"), NEEDS(GICV3))
{
	struct gic_world w;

	world_open(&w);
	world_do(&w, world_add(&w, SPI_FIRST, true, 0xa0), GIC_SET_PENDING);
	world_do(&w, world_add(&w, SPI_FIRST + 1, true, 0x60), GIC_SET_PENDING);
	for (unsigned int i = 0; i < 2; i++)
		EXPECT_EQ(gic_model_highest(&w.model), READ_REGISTER(ICC_HPPIR1_EL1) & 0xffffff);
	world_check(&w);
	world_close(&w);
}

/* Taken within each other, ended in reverse. */
static void nest(unsigned int depth, bool split)
{
	u32 taken[6];
	struct gic_world w;

	world_open(&w);
	world_set_split(&w, split);
	for (unsigned int i = 0; i < depth; i++) {
		world_do(&w, world_add(&w, SPI_FIRST + i, true, (u8)(0xa0 - 0x20 * i)),
			 GIC_SET_PENDING);
		taken[i] = world_acknowledge(&w);
		world_check(&w);
	}
	for (unsigned int i = depth; i--;) {
		world_end(&w, taken[i]);
		world_check(&w);
	}
	for (unsigned int i = 0; split && i < depth; i++) {
		world_deactivate(&w, taken[i]);
		world_check(&w);
	}
	world_close(&w);
}

TEST(nesting, "interrupts nest by rising priority, and each end lowers the running priority by one",
     LAW("IHI 0069H, 4.8.4"), NEEDS(GICV3), CASES(2 * 4))
{
	for (unsigned int split = 0; split < 2; split++)
		for (unsigned int depth = 2; depth <= 5; depth++)
			CASE ("eoimode=%u,depth=%u", split, depth)
				nest(depth, split);
}
