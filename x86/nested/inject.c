// SPDX-License-Identifier: GPL-2.0-only
/*
 * EVENTINJ: VMRUN delivers the event before L2's first instruction, through L2's
 * own IDT, and what goes wrong on the way is L2's or exits with EXITINTINFO.
 */
#include "x86/nested/svm.h"

#define UNMAPPED 0x411000000000ull

L2_CODE(nothing, "", "nop", "");

enum { BARE = BIT(0) }; /* no error code is pushed, though the vector of an exception has one */

static const struct row {
	const char *name;
	u64 type;
	unsigned int vector;
	u32 error_code;
	unsigned int flags;
} rows[] = {
	{ "interrupt,vector=32", EVENT_INTR, 32, 0, 0 },
	{ "interrupt,vector=255", EVENT_INTR, 255, 0, 0 },
	{ "interrupt,vector=13", EVENT_INTR, 13, 0, BARE },
	{ "NMI", EVENT_NMI, VECTOR_NMI, 0, 0 },
	{ "NMI,vector=ignored", EVENT_NMI, 0x77, 0, 0 },
	{ "exception,vector=0", EVENT_EXCEPTION, VECTOR_DE, 0, 0 },
	{ "exception,vector=1", EVENT_EXCEPTION, VECTOR_DB, 0, 0 },
	{ "exception,vector=6", EVENT_EXCEPTION, VECTOR_UD, 0, 0 },
	{ "exception,vector=7", EVENT_EXCEPTION, VECTOR_NM, 0, 0 },
	{ "exception,vector=8", EVENT_EXCEPTION | EVENT_HAS_ERROR, VECTOR_DF, 0, 0 },
	{ "exception,vector=10", EVENT_EXCEPTION | EVENT_HAS_ERROR, VECTOR_TS, 0x1230, 0 },
	{ "exception,vector=11", EVENT_EXCEPTION | EVENT_HAS_ERROR, VECTOR_NP, 0x58, 0 },
	{ "exception,vector=12", EVENT_EXCEPTION | EVENT_HAS_ERROR, VECTOR_SS, 0, 0 },
	{ "exception,vector=13", EVENT_EXCEPTION | EVENT_HAS_ERROR, VECTOR_GP, 0xabc8, 0 },
	{ "exception,vector=14", EVENT_EXCEPTION | EVENT_HAS_ERROR, VECTOR_PF, PF_W | PF_U, 0 },
	{ "exception,vector=16", EVENT_EXCEPTION, VECTOR_MF, 0, 0 },
	{ "exception,vector=17", EVENT_EXCEPTION | EVENT_HAS_ERROR, VECTOR_AC, 0, 0 },
	{ "exception,vector=19", EVENT_EXCEPTION, VECTOR_XM, 0, 0 },
	{ "swint,vector=32", EVENT_SWINT, 32, 0, 0 },
	{ "swint,vector=128", EVENT_SWINT, 128, 0, 0 },
	{ "swint,vector=13", EVENT_SWINT, 13, 0, BARE },
};
enum { ROWS = ARRAY_SIZE(rows) };

static unsigned int vector_of(const struct row *r)
{
	return r->type == EVENT_NMI ? VECTOR_NMI : r->vector;
}

static void inject(const struct row *r)
{
	l2.vmcb->control.eventinj = EVENT_VALID | r->type | r->vector | EVENT_ERROR(r->error_code);
	/* Where there is a next RIP an injected INT n returns to it (15.20). */
	l2.vmcb->control.nrip = l2_address(nothing.begin);
}

/* The words of the frame: where no error code is pushed the gate takes RIP for one. */
static void expect_frame(const struct row *r, u64 rip)
{
	if (!EXPECT_L2_EVENT(vector_of(r)))
		return;
	if (r->flags & BARE) {
		EXPECT_EQ(rip, l2.event.error_code);
		return;
	}
	EXPECT_EQ(rip, l2.event.rip);
	EXPECT_EQ(r->error_code, l2.event.error_code);
}

static u64 start(unsigned int cpl)
{
	l2_set_cpl(cpl);
	return l2_address(nothing.begin);
}

TEST(injected_events, "an event of EVENTINJ is delivered before L2's first instruction",
     LAW("APM vol. 2, Event Injection"), NEEDS(SVM), CASES(ROWS * 2 * 2))
{
	for (unsigned int n = 0; n < ROWS * 2 * 2; n++) {
		const struct row *r = &rows[n / 4];
		unsigned int cpl = n & 1 ? 3 : 0;
		bool intercepted = n & 2;

		CASE("event=%s,cpl=%u,intercepted=%u", r->name, cpl, intercepted)
		{
			u64 rip;

			l2_begin();
			rip = start(cpl);
			l2.vmcb->save.rflags |= RFLAGS_IF;
			/* "The injected event does not check intercepts": not that of its own kind. */
			if (intercepted) {
				l2.vmcb->control.intercept[2] = ~0u;
				l2_intercept(SVM_EXIT_SWINT);
				l2_intercept(SVM_EXIT_NMI);
				l2_intercept(SVM_EXIT_INTR);
			}
			inject(r);
			l2_run_at(nothing.begin);
			expect_frame(r, rip);
			EXPECT_EQ(0, l2.vmcb->control.eventinj & EVENT_VALID);
		}
	}
}

/* An injected interrupt ignores IF, and GIF and V_TPR with it. */
TEST(injection_ignores_masks, "an injected interrupt is delivered whatever IF, TPR and shadow say",
     LAW("APM vol. 2, Event Injection"), NEEDS(SVM), CASES(4))
{
	static const struct {
		const char *name;
		u64 rflags, v_intr, shadow;
	} masks[] = {
		{ "none", RFLAGS_IF, 0, 0 },
		{ "IF=0", 0, 0, 0 },
		{ "V_TPR=15", RFLAGS_IF, V_INTR_MASKING | 15, 0 },
		{ "shadow", RFLAGS_IF, 0, INTERRUPT_SHADOW },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(masks); i++)
		CASE("mask=%s", masks[i].name)
		{
			l2_begin();
			l2.vmcb->save.rflags |= masks[i].rflags;
			l2.vmcb->control.v_intr = masks[i].v_intr;
			l2.vmcb->control.shadow = masks[i].shadow;
			inject(&rows[0]);
			l2_run_at(nothing.begin);
			expect_frame(&rows[0], (u64)nothing.begin);
		}
}

/* --- what goes wrong while an injected event is delivered --- */

static const unsigned int injected[] = { 0, 3, 7, 13, 18 }; /* of rows */
enum { INJECTED = ARRAY_SIZE(injected) };

TEST(injection_faults_exit, "a fault while an injected event is delivered exits with EXITINTINFO",
     LAW("APM vol. 2, Event Injection; Exit Interrupt Information; Exception Intercepts"),
     NEEDS(SVM), CASES(INJECTED * 3))
{
	static const struct {
		const char *name;
		unsigned int vector;
	} faults[] = { { "gate-not-present", VECTOR_NP }, { "no-IDT", VECTOR_PF },
		       { "stack", VECTOR_PF } };

	for (unsigned int n = 0; n < INJECTED * 3; n++) {
		const struct row *r = &rows[injected[n / 3]];
		unsigned int fault = n % 3;

		CASE("event=%s,fault=%s", r->name, faults[fault].name)
		{
			u64 info;

			l2_begin();
			l2.vmcb->control.intercept[2] = ~0u;
			if (fault == 0)
				l2_idt[vector_of(r)].type &= 0x7f;
			else if (fault == 1)
				l2.vmcb->save.idtr.base = UNMAPPED;
			inject(r);
			info = l2.vmcb->control.eventinj;
			l2.vmcb->save.rip = (u64)nothing.begin;
			if (fault == 2)
				l2.vmcb->save.rsp = UNMAPPED + 0x800;
			l2_run();
			if (!EXPECT_EXIT(SVM_EXIT_EXCEPTION + faults[fault].vector))
				continue;
			/* The vector field of an NMI is not defined, nor is an error code that it has not. */
			EXPECT_EQ(info & (EVENT_VALID | EVENT_TYPE),
				  l2.vmcb->control.exitintinfo & (EVENT_VALID | EVENT_TYPE));
			if (r->type != EVENT_NMI)
				EXPECT_EQ(r->vector, l2.vmcb->control.exitintinfo & 0xff);
			if (r->type & EVENT_HAS_ERROR)
				EXPECT_EQ(r->error_code, l2.vmcb->control.exitintinfo >> 32);
			EXPECT_EQ((u64)nothing.begin, l2.vmcb->save.rip);
			EXPECT_EQ(0, l2.vmcb->control.eventinj & EVENT_VALID);
		}
	}
}

/* What came of two faults in L2, with #DF and SHUTDOWN intercepted or not (8.2.9). */
static const struct meeting {
	const char *name;
	unsigned int first, broken[3]; /* gates that are not present */
	u64 code;		       /* the exit with all intercepts of exceptions clear but this */
	unsigned int event;	       /* or what L2 takes */
} meetings[] = {
	{ "UD-then-NP", VECTOR_UD, { VECTOR_UD }, 0, VECTOR_NP },
	{ "UD-then-NP,NP=intercepted", VECTOR_UD, { VECTOR_UD }, SVM_EXIT_EXCEPTION + VECTOR_NP, 0 },
	{ "GP-then-NP", VECTOR_GP, { VECTOR_GP }, 0, VECTOR_DF },
	{ "GP-then-NP,NP=intercepted", VECTOR_GP, { VECTOR_GP }, SVM_EXIT_EXCEPTION + VECTOR_NP, 0 },
	{ "GP-then-NP,DF=intercepted", VECTOR_GP, { VECTOR_GP }, SVM_EXIT_EXCEPTION + VECTOR_DF, 0 },
	{ "GP-then-DF-broken", VECTOR_GP, { VECTOR_GP, VECTOR_DF }, SVM_EXIT_SHUTDOWN, 0 },
	{ "UD-then-all-broken", VECTOR_UD, { VECTOR_UD, VECTOR_NP, VECTOR_DF }, SVM_EXIT_SHUTDOWN, 0 },
};

TEST(faults_meet, "two exceptions of L2 meet as a processor's do, and a third is SHUTDOWN",
     LAW("APM vol. 2, Double-Fault Exception; Exception Intercepts; Shutdown"), NEEDS(SVM),
     CASES(2 * ARRAY_SIZE(meetings)))
{
	for (unsigned int n = 0; n < 2 * ARRAY_SIZE(meetings); n++) {
		const struct meeting *m = &meetings[n / 2];
		bool by_injection = n & 1;

		CASE("events=%s,first=%s", m->name, by_injection ? "injected" : "raised")
		{
			bool error = VECTORS_WITH_ERROR_CODE >> m->first & 1;

			l2_begin();
			if (m->code)
				l2_intercept((unsigned int)m->code);
			for (unsigned int i = 0; i < 3; i++)
				l2_idt[m->broken[i]].type &= 0x7f;
			l2.vmcb->save.rip = (u64)nothing.begin;
			if (by_injection)
				l2.vmcb->control.eventinj = EVENT_VALID | EVENT_EXCEPTION | m->first |
							    (error ? EVENT_HAS_ERROR : 0);
			else
				l2.vmcb->save.rip = m->first == VECTOR_UD ? (u64)"\x0f\x0b" :
									    (u64)"\x8e\xd8";
			/* MOV to DS of a selector that is beyond the GDT. */
			l2.vmcb->save.rax = 0x1238;
			l2_run();
			if (m->code)
				EXPECT_EXIT(m->code);
			else
				EXPECT_L2_EVENT(m->event);
		}
	}
}
