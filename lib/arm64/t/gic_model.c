// SPDX-License-Identifier: GPL-2.0-only
/* The model of GICv3 against what IHI 0069 says, and against wrong models of it. */
#include "lib/arm64/gic_model.h"
#include "lib/t/tap.h"

#include <check.h>

static struct gic_model model(void)
{
	return (struct gic_model){ .group1_on = true, .pmr = 0xf0, .bpr = 3 };
}

/* The states and what each step does: P pending, A active (4.1.2). */
static const struct step {
	const char *word;
	bool edge;
	enum gic_op ops[4]; /* until GIC_OP_COUNT */
	bool acknowledge;
	bool pending, active;
} steps[] = {
	{ "an edge makes it pending", true, { GIC_RAISE, GIC_OP_COUNT }, false, true, false },
	{ "and stays when the wire falls",
	  true,
	  { GIC_RAISE, GIC_LOWER, GIC_OP_COUNT },
	  false,
	  true,
	  false },
	{ "a level does not", false, { GIC_RAISE, GIC_LOWER, GIC_OP_COUNT }, false, false, false },
	{ "ICPENDR clears an edge",
	  true,
	  { GIC_RAISE, GIC_CLEAR_PENDING, GIC_OP_COUNT },
	  false,
	  false,
	  false },
	{ "but not a level that is high",
	  false,
	  { GIC_RAISE, GIC_CLEAR_PENDING, GIC_OP_COUNT },
	  false,
	  true,
	  false },
	{ "ISPENDR makes a level pending",
	  false,
	  { GIC_SET_PENDING, GIC_OP_COUNT },
	  false,
	  true,
	  false },
	{ "which ICPENDR takes back",
	  false,
	  { GIC_SET_PENDING, GIC_CLEAR_PENDING, GIC_OP_COUNT },
	  false,
	  false,
	  false },
	{ "acknowledged edge: active", true, { GIC_RAISE, GIC_OP_COUNT }, true, false, true },
	{ "acknowledged level: both while high",
	  false,
	  { GIC_RAISE, GIC_OP_COUNT },
	  true,
	  true,
	  true },
	{ "acknowledged ISPENDR of a level: active",
	  false,
	  { GIC_SET_PENDING, GIC_OP_COUNT },
	  true,
	  false,
	  true },
	{ "a second edge is no second pending",
	  true,
	  { GIC_RAISE, GIC_RAISE, GIC_OP_COUNT },
	  true,
	  false,
	  true },
	{ "active is not acknowledged",
	  true,
	  { GIC_SET_ACTIVE, GIC_RAISE, GIC_OP_COUNT },
	  true,
	  true,
	  true },
};

START_TEST(states)
{
	const struct step *s = &steps[_i];
	struct gic_model m = model();
	struct gic_irq *irq = gic_model_add(&m, 80, s->edge);

	irq->enabled = true;
	for (unsigned int i = 0; s->ops[i] != GIC_OP_COUNT; i++)
		gic_model_do(irq, s->ops[i]);
	if (s->acknowledge)
		gic_model_acknowledge(&m);
	ck_assert_msg(s->pending == gic_model_is_pending(irq), "%s: pending", s->word);
	ck_assert_msg(s->active == irq->active, "%s: active", s->word);
}
END_TEST

START_TEST(signalled_by_all_conditions)
{
	struct gic_model m = model();
	struct gic_irq *irq = gic_model_add(&m, 80, true);

	irq->latch = true;
	ck_assert_uint_eq(INTID_SPURIOUS, gic_model_acknowledge(&m));
	irq->enabled = true;
	irq->group1 = false;
	ck_assert_uint_eq(INTID_SPURIOUS, gic_model_acknowledge(&m));
	irq->group1 = true;
	m.group1_on = false;
	ck_assert_uint_eq(INTID_SPURIOUS, gic_model_acknowledge(&m));
	m.group1_on = true;
	m.pmr = irq->priority; /* equal is masked */
	ck_assert_uint_eq(80, gic_model_highest(&m));
	ck_assert_uint_eq(INTID_SPURIOUS, gic_model_acknowledge(&m));
	m.pmr = (u8)(irq->priority + 8);
	ck_assert_uint_eq(80, gic_model_acknowledge(&m));
}
END_TEST

/* Running priority 0x80 and binary points: what preempts it (4.8.2). */
static const struct preemption {
	u8 bpr, priority;
	bool preempts;
} preemptions[] = {
	{ 3, 0x78, true },  { 3, 0x80, false }, { 3, 0x88, false }, { 4, 0x78, true },
	{ 5, 0x78, true },  { 6, 0x78, true },	{ 7, 0x78, true },  { 7, 0x00, true },
	{ 4, 0x88, false }, { 7, 0x80, false },
};

START_TEST(preempts_by_group_priority)
{
	const struct preemption *p = &preemptions[_i];
	struct gic_model m = model();
	struct gic_irq *first = gic_model_add(&m, 80, true), *second = gic_model_add(&m, 81, true);

	m.bpr = p->bpr;
	first->enabled = second->enabled = true;
	first->priority = 0x80;
	second->priority = p->priority;
	gic_model_do(first, GIC_RAISE);
	ck_assert_uint_eq(80, gic_model_acknowledge(&m));
	gic_model_do(second, GIC_RAISE);
	ck_assert_uint_eq(p->preempts ? 81 : INTID_SPURIOUS, gic_model_acknowledge(&m));
}
END_TEST

START_TEST(subpriority_does_not_preempt)
{
	struct gic_model m = model();
	struct gic_irq *first = gic_model_add(&m, 80, true), *second = gic_model_add(&m, 81, true);

	m.bpr = 5; /* 0x98 and 0x88 are of group 0x80 */
	first->enabled = second->enabled = true;
	first->priority = 0x98;
	second->priority = 0x88;
	gic_model_do(first, GIC_RAISE);
	ck_assert_uint_eq(80, gic_model_acknowledge(&m));
	ck_assert_uint_eq(0x80, gic_model_running(&m));
	gic_model_do(second, GIC_RAISE);
	ck_assert_uint_eq(INTID_SPURIOUS, gic_model_acknowledge(&m));
	gic_model_end(&m, 80);
	ck_assert_uint_eq(GIC_IDLE_PRIORITY, gic_model_running(&m));
	ck_assert_uint_eq(81, gic_model_acknowledge(&m));
}
END_TEST

START_TEST(modes_of_ending)
{
	struct gic_model m = model();
	struct gic_irq *irq = gic_model_add(&m, 80, true);

	irq->enabled = true;
	m.split = _i;
	gic_model_do(irq, GIC_RAISE);
	gic_model_acknowledge(&m);
	ck_assert_uint_eq(0xa0, gic_model_running(&m));
	gic_model_end(&m, 80);
	ck_assert_uint_eq(GIC_IDLE_PRIORITY, gic_model_running(&m));
	ck_assert_int_eq(_i, irq->active);
	gic_model_deactivate(&m, 80);
	ck_assert(!irq->active);
}
END_TEST

START_TEST(equal_priorities_are_open)
{
	struct gic_model m = model();
	struct gic_irq *a = gic_model_add(&m, 80, true), *b = gic_model_add(&m, 81, true);

	a->enabled = b->enabled = a->latch = b->latch = true;
	ck_assert(gic_model_is_open(&m));
	b->priority = 0x90;
	ck_assert(!gic_model_is_open(&m));
	ck_assert_uint_eq(81, gic_model_highest(&m));
}
END_TEST

static const struct sgi {
	u64 sgi1r, targets;
} sgis[] = {
	{ SGI1R(1, 0x1), 0x1 },
	{ SGI1R(1, 0x6), 0x6 },
	{ SGI1R(1, 0), 0 },
	{ SGI1R(15, 0xffff), 0x7 },
	{ SGI1R(1, 0xffff) | SGI1R_AFF1(1), 0x8 },
	{ SGI1R(1, 0xffff) | BIT(44), 0 }, /* Aff0 16 to 31 */
	{ SGI1R(1, 0xffff) | BIT(48), 0 }, /* Aff3 = 1 */
	{ SGI1R(1, 0xffff) | BIT(32), 0 }, /* Aff2 = 1 */
	{ SGI1R_IRM | SGI1R(1, 0), 0xd },
};

START_TEST(sgi_reaches)
{
	static const u64 affinity[] = { 0, 1, 2, 0x100 };

	ck_assert_uint_eq(sgis[_i].targets, gic_model_sgi_targets(sgis[_i].sgi1r, affinity, 4, 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model of GICv3");
	TCase *tc = tcase_create("model of GICv3");

	tcase_add_loop_test(tc, states, 0, ARRAY_SIZE(steps));
	tcase_add_test(tc, signalled_by_all_conditions);
	tcase_add_loop_test(tc, preempts_by_group_priority, 0, ARRAY_SIZE(preemptions));
	tcase_add_test(tc, subpriority_does_not_preempt);
	tcase_add_loop_test(tc, modes_of_ending, 0, 2);
	tcase_add_test(tc, equal_priorities_are_open);
	tcase_add_loop_test(tc, sgi_reaches, 0, ARRAY_SIZE(sgis));
	suite_add_tcase(suite, tc);
	return tap_run(suite);
}
