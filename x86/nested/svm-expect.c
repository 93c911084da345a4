// SPDX-License-Identifier: GPL-2.0-only
/* What became of L2, in words and against what was wanted; see svm.h. */
#include "x86/nested/svm.h"

extern const u8 l2_return[];

void l2_exit_text(struct text *t, u64 code)
{
	switch (code) {
#define EXIT(name, number)                                                                         \
	case number:                                                                               \
		text_add(t, #name);                                                                \
		return;
		SVM_EXITS(EXIT)
#undef EXIT
	case SVM_EXIT_INVALID:
		text_add(t, "INVALID");
		return;
	}
	if (code - SVM_EXIT_EXCEPTION < 32)
		text_add(t, "exception %s", vector_name(code - SVM_EXIT_EXCEPTION));
	else
		text_add(t, "exit code %#llx", (unsigned long long)code);
}

static void add_event(struct text *t, const struct fault *f, const char *where)
{
	text_add(t, "%s in %s, error=%#llx rip=%#llx", vector_name(f->vector), where,
		 (unsigned long long)f->error_code, (unsigned long long)f->rip);
	if (f->vector == VECTOR_PF)
		text_add(t, " cr2=%#llx", (unsigned long long)f->cr2);
}

static void describe(struct text *t)
{
	const struct vmcb_control *c = &l2.vmcb->control;

	if (l2.fault.vector != VECTOR_NONE) {
		add_event(t, &l2.fault, "L1, of VMRUN");
		return;
	}
	if (l2.event.vector != VECTOR_NONE) {
		add_event(t, &l2.event, "L2");
		return;
	}
	l2_exit_text(t, c->exitcode);
	text_add(t, " at rip=%#llx, info %#llx, %#llx", (unsigned long long)l2.vmcb->save.rip,
		 (unsigned long long)c->exitinfo1, (unsigned long long)c->exitinfo2);
}

static bool failed(const struct expectation *e, const char *wanted)
{
	char text[200];
	struct text t = text_into(text, sizeof(text));

	describe(&t);
	return expect_failed(e, wanted, text);
}

/* That INVALID has 64 bits is a law of its own (exit-code.c): elsewhere 32 will do. */
static bool exited(u64 code)
{
	if (code == SVM_EXIT_INVALID && (u32)l2.vmcb->control.exitcode == (u32)code)
		return l2.fault.vector == VECTOR_NONE;
	return l2.fault.vector == VECTOR_NONE && l2.event.vector == VECTOR_NONE &&
	       l2.vmcb->control.exitcode == code;
}

bool l2_expect_exit(const struct expectation *e, u64 code)
{
	char wanted[64];
	struct text t = text_into(wanted, sizeof(wanted));

	if (exited(code))
		return true;
	l2_exit_text(&t, code);
	return failed(e, wanted);
}

static bool has_next_rip(void)
{
	return has_feature(NRIPS);
}

bool l2_expect_exit_at(const struct expectation *e, u64 code, const struct l2_code *where)
{
	const struct expectation rip = { e->file, e->line, "RIP" };
	const struct expectation nrip = { e->file, e->line, "nRIP" };
	bool held = l2_expect_exit(e, code);

	if (!held)
		return false;
	held = expect_number(&rip, l2_address(where->at), l2.vmcb->save.rip);
	if (has_next_rip())
		held &= expect_number(&nrip, l2_address(where->next), l2.vmcb->control.nrip);
	return held;
}

bool l2_expect_end(const struct expectation *e, const struct l2_code *where)
{
	if (l2.ran && l2.vmcb->save.rip == l2_address(where->end))
		return true;
	return failed(e, "end of the code");
}

bool l2_expect_return(const struct expectation *e)
{
	if (l2.ran && l2.vmcb->save.rip == (u64)l2_return)
		return true;
	return failed(e, "return of the function");
}

bool l2_expect_event(const struct expectation *e, u64 vector)
{
	char wanted[64];
	struct text t = text_into(wanted, sizeof(wanted));

	if (l2.fault.vector == VECTOR_NONE && l2.event.vector == vector)
		return true;
	text_add(&t, "%s in L2", vector_name(vector));
	return failed(e, wanted);
}
