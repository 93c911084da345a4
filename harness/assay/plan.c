// SPDX-License-Identifier: GPL-2.0-only
/* Options into a plan, a plan into requests and commands; see run.h. */
#include "harness/assay/run.h"

#include <stdlib.h>
#include <string.h>

#include "harness/assay/arguments.h"
#include "harness/assay/names.h"
#include "lib/sync.h"

enum { CASE_LENGTH_MAX = 255, SHARDS_MAX = 100000 };

/* --- options --- */

static bool check_case(const char *name, struct problem *p)
{
	if (!*name || strlen(name) > CASE_LENGTH_MAX)
		return problem_set(p, EXIT_USAGE, "--case takes a name of 1 to %d bytes",
				   CASE_LENGTH_MAX);
	for (; *name; name++)
		if ((unsigned char)*name <= ' ' || *name == 0x7f)
			return problem_set(
				p, EXIT_USAGE,
				"--case: a case name has no blanks; copy it from a report");
	return true;
}

static bool check_shard(struct run_options *o, struct problem *p)
{
	char *slash, *copy;
	bool ok;

	o->shards = 1;
	if (!o->shard_text)
		return true;
	copy = new_string(o->shard_text);
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = '\0';
	ok = slash && number_parse(slash, 1, SHARDS_MAX, &o->shards) &&
	     number_parse(copy, 0, o->shards - 1, &o->shard);
	free(copy);
	return ok ||
	       problem_set(p, EXIT_USAGE,
			   "--shard '%s' is not I/N with I from 0 to N-1; write for example 0/4",
			   o->shard_text);
}

static bool check_matrix(const char *matrix, struct problem *p)
{
	u64 count;

	if (!matrix || !strcmp(matrix, "pairwise") || !strcmp(matrix, "full"))
		return true;
	if (!strncmp(matrix, "sample=", 7) && number_parse(matrix + 7, 1, 1ull << 40, &count))
		return true;
	return problem_set(p, EXIT_USAGE, "unknown matrix '%s'; write pairwise, sample=N or full",
			   matrix);
}

static bool check_sync(struct run_options *o, struct problem *p)
{
	const char *bad;
	char *name;

	if (!o->at_every_sync)
		return true;
	if (!sync_parse(o->at_every_sync, &o->sync, &bad)) {
		struct strings names = { 0 };

		for (unsigned int i = 0; i < SYNC_COUNT; i++)
			strings_add(&names, sync_action[i].name);
		name = new_format("%.*s", (int)strcspn(bad, ",|"), bad);
		unknown_name(p, "action", name, &names);
		free(name);
		strings_free(&names);
		return false;
	}
	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if ((o->sync & BIT(i)) &&
		    (sync_action[i].words || BIT(i) & (EXPECT_SHUTDOWN | RESET)))
			return problem_set(
				p, EXIT_USAGE,
				"--at-every-sync: %s cannot be added to every sync; only "
				"actions without arguments can, and none that resets",
				sync_action[i].name);
	if ((o->sync & (RESTORE | RESTORE_XSTATE)) && !(o->sync & SAVE))
		return problem_set(p, EXIT_USAGE,
				   "--at-every-sync: a restore needs a save; write save,%s",
				   o->at_every_sync);
	return true;
}

bool run_options_check(struct run_options *o, struct problem *p)
{
	if (!o->seed)
		o->seed = 1;
	if (!o->repeat)
		o->repeat = 1;
	if (o->known && o->no_known)
		return problem_set(p, EXIT_USAGE,
				   "--known and --no-known contradict each other; leave one out");
	return (!o->case_name || check_case(o->case_name, p)) && check_shard(o, p) &&
	       check_matrix(o->matrix, p) && check_sync(o, p);
}

/* --- the plan --- */

bool shard_has(const struct run_options *o, const char *id)
{
	return hash_bytes(id, strlen(id)) % o->shards == o->shard;
}

bool shard_cuts(const struct run_options *o, const struct image_test *test)
{
	return o->shards > 1 && test->cases > SHARD_BY_CASE_MIN;
}

void plan_make(struct run *r, const struct picked *picked, size_t count)
{
	for (size_t host = 0; host < r->hosts; host++) {
		for (size_t i = 0; i < count; i++) {
			const struct image_test *test = picked_test(&picked[i]);
			bool by_case = shard_cuts(&r->options, test);

			if (picked[i].area->arch != r->host[host].arch ||
			    (!by_case && !shard_has(&r->options, test->id)))
				continue;
			for (u64 n = 1; n <= r->options.repeat; n++) {
				r->plan = grow(r->plan, r->plans, sizeof(*r->plan));
				r->plan[r->plans++] = (struct planned){
					.picked = picked[i],
					.host = host,
					.repetition = (unsigned int)n,
					.by_case = by_case,
				};
			}
		}
	}
	r->outcome = new_zeroed(r->plans, sizeof(*r->outcome));
	for (size_t i = 0; i < r->plans; i++)
		outcome_init(&r->outcome[i]);
}

/* --- what is made of a planned test --- */

static void put_sync(FILE *out, const char *before, u64 sync)
{
	for (unsigned int i = 0; i < SYNC_COUNT; i++) {
		if (!(sync & BIT(i)))
			continue;
		fputs(before, out);
		for (const char *c = sync_action[i].name; *c; c++)
			putc(*c == '_' ? '-' : *c + ('a' - 'A') * (*c >= 'A' && *c <= 'Z'), out);
		before = ",";
	}
}

char *request_line(const struct run *r, size_t plan)
{
	const struct run_options *o = &r->options;
	const struct planned *p = &r->plan[plan];
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	fprintf(out, "run test=%zu index=%u seed=%llu", plan + 1, p->picked.index,
		(unsigned long long)o->seed);
	if (o->matrix && !strncmp(o->matrix, "sample=", 7))
		fprintf(out, " matrix=sample:%s", o->matrix + 7);
	else if (o->matrix)
		fprintf(out, " matrix=%s", o->matrix);
	if (p->by_case)
		fprintf(out, " shard=%llu/%llu", (unsigned long long)o->shard,
			(unsigned long long)o->shards);
	put_sync(out, " sync=", o->sync);
	if (o->deadline)
		fprintf(out, " deadline=%llu", (unsigned long long)o->deadline);
	if (o->case_name)
		fprintf(out, " case=%s", o->case_name);
	fclose(out);
	return line;
}

char *planned_name(const struct run *r, size_t plan)
{
	const char *id = planned_test(&r->plan[plan])->id;

	if (r->options.repeat == 1)
		return new_string(id);
	return new_format("%s (run %u)", id, r->plan[plan].repetition);
}

static void put_quoted(FILE *out, const char *before, const char *word)
{
	char *quoted = shell_quote(word);

	fprintf(out, "%s%s", before, quoted);
	free(quoted);
}

/* The case that failed first, if one did. */
static const char *failed_case(const struct run *r, size_t plan)
{
	const struct outcome *o = &r->outcome[plan];

	if (r->options.case_name)
		return r->options.case_name;
	return o->checks && *o->check[0].case_name ? o->check[0].case_name : o->case_name;
}

char *reproduce(const struct run *r, size_t plan)
{
	const struct run_options *o = &r->options;
	const struct planned *p = &r->plan[plan];
	const char *case_name = failed_case(r, plan);
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	put_quoted(out, "./assay run --target ", run_host(r, plan)->target.text);
	put_quoted(out, " ", planned_test(p)->id);
	if (*case_name)
		put_quoted(out, " --case ", case_name);
	fprintf(out, " --seed %llu", (unsigned long long)o->seed);
	if (o->matrix)
		fprintf(out, " --matrix %s", o->matrix);
	if (p->by_case && !*case_name)
		fprintf(out, " --shard %llu/%llu", (unsigned long long)o->shard,
			(unsigned long long)o->shards);
	put_sync(out, " --at-every-sync=", o->sync);
	if (o->isolation)
		fprintf(out, " --isolation %s", o->isolation);
	if (o->deadline)
		fprintf(out, " --deadline %llu", (unsigned long long)o->deadline);
	fclose(out);
	return line;
}

void run_free(struct run *r)
{
	for (size_t i = 0; i < r->plans; i++)
		outcome_free(&r->outcome[i]);
	free(r->outcome);
	free(r->plan);
	for (size_t i = 0; i < r->hosts; i++)
		host_free(&r->host[i]);
	free(r->host);
	pool_close(r->pool);
	strings_free(&r->not_run);
	strings_free(&r->globs);
	known_free(&r->known);
	strings_free(&r->arguments);
	free(r->command);
}
