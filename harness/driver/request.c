// SPDX-License-Identifier: GPL-2.0-only
#include "harness/driver/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *text, u64 *number, const char **end)
{
	char *stop;

	errno = 0;
	*number = strtoull(text, &stop, 0);
	*end = stop;
	return stop != text && *text != '-' && !errno;
}

static bool read_whole(const char *text, u64 *number)
{
	const char *end;

	return read_number(text, number, &end) && !*end;
}

static bool read_matrix(const char *text, struct request *r)
{
	if (!strcmp(text, "pairwise")) {
		r->run.matrix = MATRIX_PAIRWISE;
		return true;
	}
	if (!strcmp(text, "full")) {
		r->run.matrix = MATRIX_FULL;
		return true;
	}
	r->run.matrix = MATRIX_SAMPLE;
	return !strncmp(text, "sample:", 7) && read_whole(text + 7, &r->run.matrix_count);
}

static bool read_shard(const char *text, struct request *r)
{
	const char *end;

	return read_number(text, &r->run.shard, &end) && *end == '/' &&
	       read_whole(end + 1, &r->run.shards) && r->run.shard < r->run.shards;
}

static bool read_word(const char *name, const char *value, struct request *r)
{
	const char *bad;
	u64 number;

	if (!strcmp(name, "test"))
		return read_whole(value, &r->test);
	if (!strcmp(name, "index"))
		return read_whole(value, &r->run.index);
	if (!strcmp(name, "seed"))
		return read_whole(value, &r->run.seed);
	if (!strcmp(name, "matrix"))
		return read_matrix(value, r);
	if (!strcmp(name, "shard"))
		return read_shard(value, r);
	if (!strcmp(name, "sync"))
		return sync_parse(value, &r->run.at_every_sync, &bad);
	if (!strcmp(name, "deadline")) {
		if (!read_whole(value, &number) || !number || number > 3600)
			return false;
		r->deadline = (double)number;
		return true;
	}
	return false;
}

bool request_parse(const char *line, struct request *request, char *error, size_t error_size)
{
	char copy[1024], *word, *rest = copy, *value;
	bool has_test = false, has_index = false;

	*request = (struct request){ .run = { .seed = 1 }, .deadline = 10 };
	if (strlen(line) >= sizeof(copy)) {
		snprintf(error, error_size, "a request line has more than %zu bytes", sizeof(copy));
		return false;
	}
	strcpy(copy, line);
	word = strsep(&rest, " ");
	if (strcmp(word, "run")) {
		snprintf(error, error_size, "unknown request '%s'; the only one is run", word);
		return false;
	}
	while (rest && *rest) {
		if (!strncmp(rest, "case=", 5)) {
			snprintf(request->only_case, sizeof(request->only_case), "%s", rest + 5);
			break;
		}
		word = strsep(&rest, " ");
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		if (!value || !read_word(word, value, request)) {
			snprintf(error, error_size, "bad word '%s%s%s' in a request", word,
				 value ? "=" : "", value ? value : "");
			return false;
		}
		has_test |= !strcmp(word, "test");
		has_index |= !strcmp(word, "index");
	}
	if (!has_test || !has_index)
		snprintf(error, error_size, "a request needs test= and index=");
	return has_test && has_index;
}
