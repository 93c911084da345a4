// SPDX-License-Identifier: GPL-2.0-only
/* Events: who takes them, what a TRY or user code that ended in one returns. */
#include "lib/guest/run.h"
#include "x86/boot/machine.h"

static trap_handler *handler[256];
static bool discarding;

struct try_slot try_slot[TRY_SLOTS];

extern char user_return[], user_leave[];
extern u64 user_enter(u64 rip, u64 argument, u64 rflags, u64 rsp, u64 *kernel_stack);

const struct flag_name pf_error_names[7] = {
	{ PF_P, "P" },	 { PF_W, "W" },	  { PF_U, "U" },   { PF_RSVD, "RSVD" },
	{ PF_I, "I" }, { PF_PK, "PK" }, { PF_SS, "SS" },
};

const struct flag_name rflags_names[16] = {
	{ RFLAGS_CF, "CF" },   { RFLAGS_PF, "PF" }, { RFLAGS_AF, "AF" }, { RFLAGS_ZF, "ZF" },
	{ RFLAGS_SF, "SF" },   { RFLAGS_TF, "TF" }, { RFLAGS_IF, "IF" }, { RFLAGS_DF, "DF" },
	{ RFLAGS_OF, "OF" },   { BIT(12), "IOPL0" }, { BIT(13), "IOPL1" }, { RFLAGS_NT, "NT" },
	{ RFLAGS_RF, "RF" },   { RFLAGS_AC, "AC" }, { RFLAGS_ID, "ID" }, { RFLAGS_FIXED, "1" },
};

const char *vector_name(u64 vector)
{
	static char others[CPUS_MAX][16];
	char *other;
	struct text t;

	switch (vector) {
#define VECTOR(name, number, has_error, sentence)                                                  \
	case number:                                                                               \
		return "#" #name;
		EXCEPTIONS(VECTOR)
#undef VECTOR
	case VECTOR_NONE:
		return "none";
	}
	other = others[cpu_number()];
	t = text_into(other, sizeof(others[0]));
	text_add(&t, "vector %llu", (unsigned long long)vector);
	return other;
}

void set_handler(unsigned int vector, trap_handler *new)
{
	handler[vector] = new;
}

void trap_reset(void)
{
	memset(handler, 0, sizeof(handler));
	memset(try_slot, 0, sizeof(try_slot));
	cpus[0].trying = NULL;
	cpus[0].in_user = false;
}

void trap_discard(bool on)
{
	discarding = on;
}

static void record(struct fault *taken, const struct trap_frame *f)
{
	*taken = (struct fault){
		.vector = f->vector,
		.error_code = f->error_code,
		.rip = f->rip,
		.cs = f->cs,
		.rflags = f->rflags,
		.rsp = f->rsp,
		.ss = f->ss,
		.frame = (u64)&f->rip,
	};
	if (f->vector == VECTOR_PF)
		taken->cr2 = read_cr2();
	if (f->vector == VECTOR_DB)
		taken->dr6 = read_dr6();
}

static void describe(struct text *t, const struct fault *f)
{
	text_add(t, "%s", vector_name(f->vector));
	if (f->vector == VECTOR_NONE)
		return;
	if (f->vector == VECTOR_PF) {
		text_add(t, " error=");
		text_add_flags(t, pf_error_names, ARRAY_SIZE(pf_error_names), f->error_code);
		text_add(t, " cr2=%#llx", (unsigned long long)f->cr2);
	} else if (f->vector < 32 && VECTORS_WITH_ERROR_CODE & BIT(f->vector)) {
		text_add(t, " error=%#llx", (unsigned long long)f->error_code);
	}
	text_add(t, " at rip=%#llx cs=%#llx", (unsigned long long)f->rip,
		 (unsigned long long)f->cs);
}

bool expect_vector(const struct expectation *e, u64 wanted, struct fault got)
{
	char text[160];
	struct text t = text_into(text, sizeof(text));

	if (got.vector == wanted)
		return true;
	describe(&t, &got);
	return expect_failed(e, vector_name(wanted), text);
}

/* Go on at the kernel's rip and rsp, with the flags that the runtime runs with. */
static void resume(struct trap_frame *f, u64 rip, u64 rsp)
{
	f->rip = rip;
	f->cs = SELECTOR_CODE64;
	f->rflags = RFLAGS_FIXED;
	f->rsp = rsp;
	f->ss = SELECTOR_DATA;
}

void trap(struct trap_frame *f);
void trap(struct trap_frame *f)
{
	struct cpu *c = this_cpu();
	struct expectation e;

	if (discarding) {
		if (f->vector >= 32)
			apic_eoi();
		return;
	}
	if (handler[f->vector]) {
		handler[f->vector](f);
		return;
	}
	record(&c->taken, f);
	if (c->in_user) {
		c->in_user = false;
		resume(f, (u64)user_leave, c->user_kernel_stack);
		return;
	}
	if (c->trying && c->trying->resume) {
		resume(f, c->trying->resume, c->trying->stack);
		c->trying->resume = 0;
		return;
	}
	if (run.test) {
		e = (struct expectation){ run.test->file, (u32)run.test->line, "events" };
		expect_vector(&e, VECTOR_NONE, c->taken);
		test_abandon();
	}
	machine_power_off();
}

void try_begin(void)
{
	struct cpu *c = this_cpu();

	c->trying = (struct try_slot *)((u8 *)try_slot + task_register());
	c->taken.vector = VECTOR_NONE;
}

struct fault try_end(void)
{
	struct cpu *c = this_cpu();

	c->trying->resume = 0;
	return c->taken;
}

struct fault run_user(u64 (*code)(u64 argument), u64 argument, u64 rflags, u64 *result)
{
	struct cpu *c = this_cpu();
	u64 *top = (u64 *)cpu_user_stack_top(cpu_number());
	u64 rax;

	/* As after a call: the return address, and the stack as the ABI wants it. */
	top[-1] = (u64)USER(user_return);
	c->taken.vector = VECTOR_NONE;
	c->in_user = true;
	rax = user_enter((u64)USER(code), argument, rflags | RFLAGS_FIXED, (u64)USER(&top[-1]),
			 &c->user_kernel_stack);
	c->in_user = false;
	if (c->taken.vector == VECTOR_GP && c->taken.rip == (u64)USER(user_return)) {
		c->taken.vector = VECTOR_NONE;
		if (result)
			*result = rax;
	}
	return c->taken;
}
