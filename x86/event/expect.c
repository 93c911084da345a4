// SPDX-License-Identifier: GPL-2.0-only
/* What came on the stage against what the model predicts, field by field. */
#include "x86/event/stage.h"

static void describe(struct text *t, const struct seen *s)
{
	text_add(t, "%s with", vector_name(s->vector));
	for (unsigned int i = 0; i < ARRAY_SIZE(s->word); i++)
		text_add(t, " %#llx", (unsigned long long)s->word[i]);
	text_add(t, " at %#llx", (unsigned long long)s->entry);
}

static bool number(const struct expectation *e, const char *field, u64 wanted, u64 got)
{
	return expect_number(&(struct expectation){ e->file, e->line, field }, wanted, got);
}

static bool flags(const struct expectation *e, const char *field, u64 wanted, u64 got)
{
	return expect_flags(&(struct expectation){ e->file, e->line, field }, rflags_names,
			    ARRAY_SIZE(rflags_names), wanted, got);
}

static bool within(const struct expectation *e, const char *field, u64 first, u64 last, u64 got)
{
	char w[48], g[24];
	struct text tw = text_into(w, sizeof(w)), tg = text_into(g, sizeof(g));

	if (got >= first && got <= last)
		return true;
	text_add(&tw, "%#llx to %#llx", (unsigned long long)first, (unsigned long long)last);
	text_add(&tg, "%#llx", (unsigned long long)got);
	return expect_failed(&(struct expectation){ e->file, e->line, field }, w, g);
}

/* The words that the CPU pushed: from the error code or RIP up to SS. */
static bool expect_words(const struct expectation *e, const struct event_frame *f,
			 const struct seen *s, u64 open)
{
	const u64 *word = s->word;
	u64 compared = ~(f->rflags_open | open | RFLAGS_RF);
	bool ok = true;

	if (f->has_error_code) {
		/* Above its 32 bits the pushed word is reserved (6.13). */
		if (!stage.error_open || f->vector == VECTOR_PF || f->vector == VECTOR_DF)
			ok &= number(e, "frame.error_code", f->error_code & ~f->error_open,
				     (u32)word[0] & ~f->error_open);
		word++;
	}
	if (f->undefined)
		return ok;
	ok &= number(e, "frame.rip", f->rip, word[WORD_RIP]);
	/* What is pushed above a selector is not said (6.14.2). */
	ok &= number(e, "frame.cs", f->cs, (u16)word[WORD_CS]);
	ok &= flags(e, "frame.rflags", f->rflags & compared, word[WORD_RFLAGS] & compared);
	ok &= number(e, "frame.rsp", f->rsp, word[WORD_RSP]);
	ok &= number(e, "frame.ss", f->ss, (u16)word[WORD_SS]);
	return ok;
}

static bool expect_frame(const struct expectation *e, const struct event_frame *f,
			 const struct seen *s, u64 open)
{
	bool ok = number(e, "address of the frame", f->entry, s->entry) &&
		  expect_words(e, f, s, open);
	u64 known;

	if (f->undefined)
		return ok;
	ok &= number(e, "handler's cs", f->handler_cs, s->cs);
	if (!f->handler_ss_open)
		ok &= number(e, "handler's ss", f->handler_ss, s->ss);
	known = EVENT_FLAGS_KNOWN & ~f->rflags_open & ~stage.handler_open;
	ok &= flags(e, "handler's rflags", f->handler_rflags & known, s->rflags & known);
	if (f->vector == VECTOR_PF && f->has_error_code)
		ok &= within(e, "cr2", f->cr2_first, f->cr2_last, s->cr2);
	return ok;
}

bool stage_expect_seen(const struct expectation *e, const struct event *event, u64 open,
		       unsigned int index)
{
	char wanted[48], got[192];
	struct text tw = text_into(wanted, sizeof(wanted)), tg = text_into(got, sizeof(got));
	struct event_frame frame;

	event_deliver(&stage.cpu, event, &frame);
	if (frame.shutdown)
		test_error("the model says that this ends in a shutdown");
	if (index >= stage.count || index >= SEEN_MAX) {
		text_add(&tw, "%s", vector_name(frame.vector));
		return expect_failed(e, wanted, "none");
	}
	if (stage.seen[index].vector == frame.vector)
		return expect_frame(e, &frame, &stage.seen[index], open);
	text_add(&tw, "%s", vector_name(frame.vector));
	describe(&tg, &stage.seen[index]);
	return expect_failed(e, wanted, got);
}

bool stage_expect_only(const struct expectation *e, const struct event *event, u64 open)
{
	bool ok = stage_expect_seen(e, event, open, 0);

	return (stage.count <= 1 || number(e, "number of events", 1, stage.count)) && ok;
}

bool stage_expect_error_code(const struct expectation *e, const struct event *event)
{
	struct event_frame frame;
	u32 got;

	event_deliver(&stage.cpu, event, &frame);
	if (stage.count != 1 || stage.seen[0].vector != frame.vector)
		return stage_expect_vectors(e, (const u16[]){ (u16)frame.vector }, 1);
	got = (u32)stage.seen[0].word[0];
	return expect_number(e, frame.error_code & ~frame.error_open, got & ~frame.error_open);
}

bool stage_expect_vectors(const struct expectation *e, const u16 *vectors, unsigned int count)
{
	char wanted[96], got[160];
	struct text tw = text_into(wanted, sizeof(wanted)), tg = text_into(got, sizeof(got));
	bool same = count == stage.count && count <= SEEN_MAX;

	for (unsigned int i = 0; same && i < count; i++)
		same = stage.seen[i].vector == vectors[i];
	if (same)
		return true;
	for (unsigned int i = 0; i < count; i++)
		text_add(&tw, "%s%s", i ? ", " : "", vector_name(vectors[i]));
	for (unsigned int i = 0; i < MIN(stage.count, (unsigned int)SEEN_MAX); i++)
		text_add(&tg, "%s%s", i ? ", " : "", vector_name(stage.seen[i].vector));
	if (stage.count > SEEN_MAX)
		text_add(&tg, "... (%u in all)", stage.count);
	return expect_failed(e, count ? wanted : "none", stage.count ? got : "none");
}
