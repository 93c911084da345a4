// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions: who takes them, and what a TRY that ended in one returns. */
#include "arm64/boot/machine.h"
#include "lib/guest/run.h"

extern void irq_taken(struct trap_frame *f);
static irq_handler *handler;

const char *class_name(u64 class)
{
	switch (class) {
#define CLASS(NAME, number, words)                                                                 \
	case number:                                                                               \
		return words;
		EXCEPTION_CLASSES(CLASS)
#undef CLASS
	}
	return "an exception of another class";
}

void set_irq_handler(irq_handler *new)
{
	handler = new;
}

void trap_reset(void)
{
	handler = NULL;
	cpus[0].trying = false;
	irq_log_clear();
}

static void describe(struct text *t, const struct fault *f)
{
	text_add(t, "%s", class_name(f->class));
	if (f->class != EC_NONE)
		text_add(t, " esr=%#llx far=%#llx at elr=%#llx", (unsigned long long)f->esr,
			 (unsigned long long)f->far, (unsigned long long)f->elr);
}

bool expect_class(const struct expectation *e, u64 wanted, struct fault got)
{
	char text[160];
	struct text t = text_into(text, sizeof(text));

	if (got.class == wanted)
		return true;
	describe(&t, &got);
	return expect_failed(e, class_name(wanted), text);
}

/* The table's entries come in fours: synchronous, IRQ, FIQ, SError. */
static u64 class_of(u64 vector, u64 esr)
{
	static const u64 class[] = { 0, EC_IRQ, EC_FIQ, EC_SERROR };

	return vector % 4 ? class[vector % 4] : ESR_EC(esr);
}

void trap(struct trap_frame *f, u64 vector);
void trap(struct trap_frame *f, u64 vector)
{
	struct cpu *c = this_cpu();
	struct expectation e;

	if (class_of(vector, f->esr) == EC_IRQ) {
		(handler ? handler : irq_taken)(f);
		return;
	}
	c->taken = (struct fault){
		.class = class_of(vector, f->esr),
		.vector = vector,
		.esr = f->esr,
		.elr = f->elr,
		.far = f->far,
		.spsr = f->spsr,
	};
	if (c->trying && c->resume) {
		f->elr = c->resume;
		c->resume = 0;
		return;
	}
	if (run.test) {
		e = (struct expectation){ run.test->file, (u32)run.test->line, "exceptions" };
		expect_class(&e, EC_NONE, c->taken);
		test_abandon();
	}
	machine_power_off();
}

void try_begin(void)
{
	struct cpu *c = this_cpu();

	c->trying = true;
	c->taken.class = EC_NONE;
}

struct fault try_end(void)
{
	struct cpu *c = this_cpu();

	c->trying = false;
	c->resume = 0;
	return c->taken;
}
