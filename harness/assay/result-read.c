// SPDX-License-Identifier: GPL-2.0-only
/* Reads run.jsonl and baselines, line by line; see result.h and doc/results.md. */
#include "harness/assay/result.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/assay/json.h"
#include "harness/assay/outcome.h"

static bool wrong(const struct result *r, size_t line, struct problem *p, const char *what)
{
	return problem_set(p, EXIT_USAGE,
			   "%s:%zu: %s; give a folder or run.jsonl of assay run "
			   "--output, or a baseline",
			   r->path, line, what);
}

static const char *text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static char *copy(const json_t *object, const char *name)
{
	return new_string(json_get_text(object, name));
}

/* --- the first line: of what, and how it was walked --- */

static bool add_targets(struct result *r, const json_t *targets, size_t line, struct problem *p)
{
	const json_t *target;
	size_t i;

	json_array_foreach(targets, i, target)
	{
		if (!text(target, "target"))
			return wrong(r, line, p, "a target without its text");
		for (size_t j = 0; j < r->targets; j++)
			if (!strcmp(r->target[j].text, text(target, "target")))
				return wrong(r, line, p, "a target that stands twice");
		r->target = grow(r->target, r->targets, sizeof(*r->target));
		r->target[r->targets++] =
			(struct result_target){ copy(target, "target"), copy(target, "subject") };
	}
	return r->targets || wrong(r, line, p, "no target");
}

static bool read_head(struct result *r, const json_t *record, size_t line, struct problem *p)
{
	const char *kind = text(record, "record");
	u64 version = json_get_number(record, "version"), wanted = RESULTS_VERSION;

	r->is_baseline = kind && !strcmp(kind, "baseline");
	if (!r->is_baseline && (!kind || strcmp(kind, "run")))
		return wrong(r, line, p, "not the result of a run");
	if (r->is_baseline)
		wanted = BASELINE_VERSION;
	if (version != wanted)
		return problem_set(p, EXIT_USAGE,
				   "%s: version %llu of the format; this build of Assay reads "
				   "version %llu",
				   r->path, (unsigned long long)version,
				   (unsigned long long)wanted);
	r->whole = r->is_baseline;
	r->planned = json_get_number(record, "planned");
	r->seed = json_get_number(record, "seed");
	r->shard = json_get_number(record, "shard");
	r->shards = MAX(1, json_get_number(record, "shards"));
	r->matrix = copy(record, "matrix");
	r->at_every_sync = copy(record, "at_every_sync");
	r->case_name = copy(record, "case");
	return add_targets(r, json_object_get(record, "targets"), line, p);
}

/* --- a line of a test --- */

static bool find_target(const struct result *r, const char *name, size_t *target)
{
	for (*target = 0; *target < r->targets; (*target)++)
		if (!strcmp(r->target[*target].text, name))
			return true;
	return false;
}

/* The test that a line is about; a new one if it is the first line of it. */
static struct result_test *test_of(struct result *r, const json_t *record)
{
	const char *id = text(record, "id"), *name = text(record, "target");
	const struct result_test *found;
	size_t target;
	char *key;

	if (!id || !*id || !name || !find_target(r, name, &target))
		return NULL;
	found = result_find(r, target, id);
	if (found)
		return &r->test[found - r->test];
	key = new_format("%s\n%s", name, id);
	json_object_set_new(r->index, key, json_integer((json_int_t)r->tests));
	free(key);
	r->test = grow(r->test, r->tests, sizeof(*r->test));
	r->test[r->tests] =
		(struct result_test){ .target = target, .id = new_string(id), .all_named = true };
	return &r->test[r->tests++];
}

/* "0x", then the digits of an address: they are others in each build of a payload or kernel. */
static size_t address_length(const char *s)
{
	enum { SHORTEST = 5 };
	size_t digits;

	if (s[0] != '0' || s[1] != 'x')
		return 0;
	digits = strspn(s + 2, "0123456789abcdef");
	return digits < SHORTEST ? 0 : 2 + digits;
}

static void saw(struct result_test *t, const char *what)
{
	char *plain = malloc(strlen(what) + 1), *to = plain;
	size_t address;

	for (const char *s = what; *s;) {
		address = address_length(s);
		if (address)
			s += address;
		else
			*to++ = *s++;
	}
	t->seen = grow(t->seen, t->seens, sizeof(*t->seen));
	t->seen[t->seens++] = hash_bytes(plain, (size_t)(to - plain));
	free(plain);
}

static void read_check(struct result_test *t, const json_t *check)
{
	static const char *const members[] = { "case", "expression", "wanted", "got" };
	const char *name = text(check, "case");
	struct strings parts = { 0 };
	char *what;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *part = text(check, members[i]);

		strings_add(&parts, part ? part : "");
	}
	what = strings_join(&parts, "\n");
	saw(t, what);
	free(what);
	strings_free(&parts);
	if (name && *name)
		strings_add(&t->failing, name);
}

static bool counts_as_failure(enum verdict v)
{
	return v == VERDICT_KNOWN || (verdict_blames_subject(v) && v != VERDICT_FIXED);
}

/* A verdict of a run. */
static void read_verdict(struct result_test *t, const json_t *record, enum verdict v)
{
	const json_t *checks = json_object_get(record, "checks"), *check;
	const json_t *cases = json_object_get(record, "cases");
	const json_t *known = json_object_get(record, "known");
	const char *said = text(known, "said"), *died_in = text(record, "case");
	size_t i;

	t->flaky |= json_is_true(json_object_get(known, "flaky"));
	t->run = MAX(t->run, json_get_number(cases, "run"));
	if (!t->reason && text(record, "reason") && *text(record, "reason"))
		t->reason = copy(record, "reason");
	if (!counts_as_failure(v))
		return;
	if (v == VERDICT_KNOWN)
		v = said ? verdict_parse(said) : VERDICT_FAIL;
	t->died |= v == VERDICT_CRASH || v == VERDICT_TIMEOUT;
	t->failed = MAX(t->failed, json_get_number(cases, "failed"));
	json_array_foreach(checks, i, check) read_check(t, check);
	if (json_get_number(record, "checks_seen") > json_array_size(checks))
		t->all_named = false;
	if (died_in && *died_in)
		strings_add(&t->failing, died_in);
	if (!json_array_size(checks))
		saw(t, t->reason ? t->reason : "");
}

/* A line of a baseline: the same, put together already. */
static void read_expectation(struct result_test *t, const json_t *record)
{
	const json_t *names = json_object_get(record, "failing"), *name;
	const char *signature = text(record, "signature"), *digest = text(record, "cases_digest");
	size_t i;

	t->died = json_is_true(json_object_get(record, "died"));
	t->flaky = json_is_true(json_object_get(record, "flaky"));
	t->run = json_get_number(record, "run");
	t->failed = json_get_number(record, "failed");
	free(t->reason);
	t->reason = text(record, "reason") ? copy(record, "reason") : NULL;
	json_array_foreach(names, i, name) if (json_is_string(name))
		strings_add(&t->failing, json_string_value(name));
	t->signature = signature ? strtoull(signature, NULL, 16) : 0;
	t->cases_digest = digest ? strtoull(digest, NULL, 16) : 0;
}

/* "pass", in a baseline also "pass|fail". */
static bool read_words(struct result *r, struct result_test *t, const json_t *record, size_t line,
		       struct problem *p)
{
	const char *words = text(record, "verdict");
	struct strings list = strings_split(words ? words : "", '|');
	enum verdict v = VERDICT_COUNT;
	bool ok = list.count == 1 || (r->is_baseline && list.count);

	for (size_t i = 0; ok && i < list.count; i++) {
		v = verdict_parse(list.item[i]);
		ok = v < VERDICT_COUNT;
		if (ok)
			t->count[v]++;
	}
	strings_free(&list);
	if (!ok)
		return wrong(r, line, p, "a verdict that this build of Assay does not know");
	r->verdicts++;
	if (r->is_baseline)
		read_expectation(t, record);
	else
		read_verdict(t, record, v);
	return true;
}

bool result_record(struct result *r, const json_t *record, size_t line, struct problem *p)
{
	const char *kind = text(record, "record");
	struct result_test *t;

	if (!r->targets)
		return read_head(r, record, line, p);
	if (kind && !r->is_baseline && !strcmp(kind, "end"))
		r->whole = r->verdicts == r->planned;
	if (!kind || strcmp(kind, r->is_baseline ? "test" : "verdict"))
		return kind || wrong(r, line, p, "a line that is no record");
	t = test_of(r, record);
	return t ? read_words(r, t, record, line, p)
		 : wrong(r, line, p, "a verdict of no test, or of a target that is not listed");
}

bool result_line(struct result *r, const char *line, size_t length, size_t number,
		 struct problem *p)
{
	json_t *record = json_loadb(line, length, 0, NULL);
	bool ok = json_is_object(record) ? result_record(r, record, number, p)
					 : wrong(r, number, p, "not a line of JSON");

	json_decref(record);
	return ok;
}

static FILE *open_result(const char *path, struct problem *p)
{
	struct stat st;
	char *inside;
	FILE *f;

	if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
		inside = new_format("%s/run.jsonl", path);
		f = fopen(inside, "re");
		if (!f)
			problem_set(p, EXIT_USAGE, "%s: holds no result of a run: run.jsonl: %s",
				    path, strerror(errno));
		free(inside);
		return f;
	}
	f = fopen(path, "re");
	if (!f)
		problem_set(p, EXIT_USAGE, "%s: %s", path, strerror(errno));
	return f;
}

bool result_read(struct result *r, const char *path, struct problem *p)
{
	FILE *f = open_result(path, p);
	char *line = NULL;
	size_t size = 0, number = 0;
	ssize_t length;
	bool ok = f;

	result_init(r, path);
	while (ok && (length = getline(&line, &size, f)) > 0)
		ok = result_line(r, line, length, ++number, p);
	if (ok && ferror(f))
		ok = problem_set(p, EXIT_USAGE, "%s: %s", path, strerror(errno));
	if (ok && !number)
		ok = wrong(r, 1, p, "is empty");
	if (ok && !r->whole)
		ok = problem_set(p, EXIT_USAGE,
				 "%s: not whole: %llu of %llu verdicts; go on with: assay run "
				 "--resume %s",
				 path, (unsigned long long)r->verdicts,
				 (unsigned long long)r->planned, path);
	free(line);
	if (f)
		fclose(f);
	if (ok)
		result_finish(r);
	else
		result_free(r);
	return ok;
}
