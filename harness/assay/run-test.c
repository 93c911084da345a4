// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs one test of the plan: one driver process an image, one request at a time,
 * so that whatever dies takes one test with it and the run goes on behind it.
 */
#include "harness/assay/run.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/interrupt.h"
#include "harness/assay/report.h"
#include "lib/sync.h"

enum {
	ATTEMPTS_MAX = 3, /* of a test whose payload never spoke */
	GIVE_UP_AFTER = 3, /* tests in a row that ended so: the rest of the image would too */
	DRIVER_DEADLINE_SECONDS = 10, /* of doc/stream.md */
	REASON_LENGTH = 1024,
};

#define TICK_SECONDS 0.5 /* of the live line */

enum attempt {
	ATTEMPT_DONE, /* the outcome is the test's own */
	ATTEMPT_INFRASTRUCTURE, /* nothing was heard of the payload: reason */
	ATTEMPT_INTERRUPTED,
};

/*
 * A driver ends a silent guest at its deadline; one that says nothing for much
 * longer hangs itself.  ASSAY_SILENCE_SECONDS is for Assay's own tests.
 */
static double silence_seconds(const struct run *r)
{
	const char *given = getenv("ASSAY_SILENCE_SECONDS");
	u64 deadline = r->options.deadline ? r->options.deadline : DRIVER_DEADLINE_SECONDS;

	return given && atof(given) > 0 ? atof(given) : (double)deadline * 3 + 20;
}

void end_driver(struct host *h)
{
	char reason[REASON_LENGTH], *trouble;

	if (dialogue_end(&h->dialogue, reason, sizeof(reason)))
		return;
	trouble = new_format("after its last test: %s", reason);
	host_trouble(h, trouble);
	free(trouble);
}

/* A driver that serves this test's image; it may be the one that runs already. */
static bool have_driver(struct host *h, const struct area *area, char *reason, size_t size)
{
	if (h->dialogue.child.pid && h->area == area)
		return true;
	end_driver(h);
	switch (host_start(h, area, reason, size)) {
	case HOST_READY:
		return true;
	case HOST_MISSING:
		snprintf(reason, size, "the host cannot run here any more: %s", host_missing(h));
		return false;
	case HOST_INTERRUPTED:
		snprintf(reason, size, "interrupted");
		return false;
	case HOST_REFUSED:
	case HOST_BROKEN:
		return false;
	}
	return false;
}

static enum attempt hear_death(const struct dialogue *d, struct outcome *o, const char *reason)
{
	if (!o->hello)
		return ATTEMPT_INFRASTRUCTURE;
	outcome_set(o,
		    !d->cut_off && death_may_be_subjects(d->status) ? VERDICT_CRASH : VERDICT_ERROR,
		    reason);
	return ATTEMPT_DONE;
}

static enum attempt hear_nonsense(struct host *h, struct outcome *o, const char *what)
{
	char *reason = new_format("the driver wrote %s", what);

	dialogue_kill(&h->dialogue);
	outcome_set(o, VERDICT_ERROR, reason);
	free(reason);
	return ATTEMPT_DONE;
}

/* Is it an event that a driver may send while this test runs? */
static bool fits(const struct run *r, size_t plan, const struct event *e, char *reason, size_t size)
{
	const char *id = planned_test(&r->plan[plan])->id;

	if (e->kind == EVENT_HOST)
		snprintf(reason, size, "a second host line");
	else if (event_has_test(e->kind) && e->test != plan + 1)
		snprintf(reason, size, "an event of test %llu while test %zu ran",
			 (unsigned long long)e->test, plan + 1);
	else if (e->kind == EVENT_START && strcmp(event_string(e, "id"), id))
		snprintf(reason, size, "that it runs test %.100s, asked for was %s",
			 event_string(e, "id"), id);
	else
		return true;
	return false;
}

static enum attempt hear_test(struct run *r, size_t plan, char *reason, size_t size)
{
	struct host *h = run_host(r, plan);
	struct outcome *o = &r->outcome[plan];
	double silence = silence_seconds(r);
	struct event e;
	bool ended, sane, doubtful;

	for (;;) {
		switch (dialogue_hear(&h->dialogue, silence, reports_tick(r) ? TICK_SECONDS : 0, &e,
				      reason, size)) {
		case HEARD_EVENT:
			ended = e.kind == EVENT_VERDICT;
			sane = fits(r, plan, &e, reason, size) &&
			       outcome_event(o, &e, reason, size);
			if (sane && e.kind == EVENT_INFRASTRUCTURE)
				host_trouble(h, event_string(&e, "text"));
			if (sane && e.kind == EVENT_HEARTBEAT)
				run_progress(r, plan, event_number(&e, "run"),
					     event_number(&e, "planned"));
			doubtful = ended && json_is_true(json_object_get(e.json, "infrastructure"));
			event_free(&e);
			if (!sane)
				return hear_nonsense(h, o, reason);
			if (!ended)
				break;
			if (!doubtful && (o->verdict != VERDICT_ERROR || o->hello))
				return ATTEMPT_DONE;
			snprintf(reason, size, "%s", o->reason);
			return ATTEMPT_INFRASTRUCTURE;
		case HEARD_NONSENSE:
			return hear_nonsense(h, o, reason);
		case HEARD_WORDS: {
			char *line = new_format("driver: %s", reason);

			outcome_log(o, line);
			free(line);
			break;
		}
		case HEARD_DEATH:
			return hear_death(&h->dialogue, o, reason);
		case HEARD_SILENCE:
			dialogue_kill(&h->dialogue);
			snprintf(reason, size, "the driver said nothing for %.0f s and was killed",
				 silence);
			if (!o->hello)
				return ATTEMPT_INFRASTRUCTURE;
			outcome_set(o, VERDICT_TIMEOUT, reason);
			return ATTEMPT_DONE;
		case HEARD_INTERRUPT:
			return ATTEMPT_INTERRUPTED;
		case HEARD_TICK:
			run_progress(r, plan, 0, 0);
			break;
		}
	}
}

static enum attempt attempt(struct run *r, size_t plan, char *reason, size_t size)
{
	struct host *h = run_host(r, plan);
	char *line;

	if (interrupted())
		return ATTEMPT_INTERRUPTED;
	if (!have_driver(h, r->plan[plan].picked.area, reason, size))
		return interrupted() ? ATTEMPT_INTERRUPTED : ATTEMPT_INFRASTRUCTURE;
	line = request_line(r, plan);
	/* If it does not read any more, what we hear next says why. */
	dialogue_ask(&h->dialogue, line);
	free(line);
	return hear_test(r, plan, reason, size);
}

/* Start the outcome anew, but for what it cost so far. */
static void outcome_again(struct outcome *o)
{
	unsigned int infrastructure = o->infrastructure;

	outcome_free(o);
	outcome_init(o);
	o->infrastructure = infrastructure;
}

static void interrupt_test(struct run *r, size_t plan)
{
	outcome_set(&r->outcome[plan], VERDICT_ERROR, "interrupted");
	r->cut_short = true;
	dialogue_kill(&run_host(r, plan)->dialogue);
}

static void try_test(struct run *r, size_t plan)
{
	struct host *h = run_host(r, plan);
	struct outcome *o = &r->outcome[plan];
	char reason[REASON_LENGTH] = "", *words;
	double started = clock_seconds();

	for (int n = 0; n < ATTEMPTS_MAX; n++) {
		enum attempt a;

		outcome_again(o);
		a = attempt(r, plan, reason, sizeof(reason));
		o->seconds = o->seconds > 0 ? o->seconds : clock_seconds() - started;
		if (a == ATTEMPT_INTERRUPTED)
			interrupt_test(r, plan);
		if (a == ATTEMPT_DONE)
			h->given_up = 0;
		if (a != ATTEMPT_INFRASTRUCTURE)
			return;
		o->infrastructure++;
		words = new_format("%s: %s", planned_test(&r->plan[plan])->id, reason);
		host_trouble(h, words);
		free(words);
	}
	h->given_up++;
	words = new_format("%s (tried %d times)", reason, ATTEMPTS_MAX);
	outcome_set(o, VERDICT_ERROR, words);
	free(words);
}

/* Tests whose end is known without running them. */
static bool settled(struct run *r, size_t plan)
{
	struct host *h = run_host(r, plan);
	const struct image_test *test = planned_test(&r->plan[plan]);
	u64 lacking = (test->actions | r->options.sync) & ~h->actions;
	char names[512], *reason;

	if (r->cut_short) {
		outcome_set(&r->outcome[plan], VERDICT_ERROR, "interrupted");
		return true;
	}
	if (!h->line)
		return false;
	if (*host_missing(h)) {
		outcome_set(&r->outcome[plan], VERDICT_SKIP, host_missing(h));
		return true;
	}
	if (!lacking)
		return false;
	reason = new_format("host %s has no %s", h->target.host,
			    sync_format(lacking, names, sizeof(names)));
	outcome_set(&r->outcome[plan], VERDICT_SKIP, reason);
	free(reason);
	return true;
}

void run_test(struct run *r, size_t plan)
{
	if (settled(r, plan))
		return;
	run_progress(r, plan, 0, 0);
	if (run_host(r, plan)->given_up < GIVE_UP_AFTER)
		try_test(r, plan);
	else
		outcome_set(&r->outcome[plan], VERDICT_ERROR,
			    "not run: the driver failed before the payload's first word in each of "
			    "the tests before");
}
