// SPDX-License-Identifier: GPL-2.0-only
/* Puts a journal into the order of its plan; see store.h. */
#include "harness/assay/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the line of each verdict stands; of two for one test the later one counts. */
struct place {
	long start;
	size_t length;
};

struct order {
	struct place head, end;
	struct place *verdict; /* by number, from 0 */
	size_t verdicts; /* the greatest number */
	bool in_order;
};

/* The number of a verdict line; 0 if it is none.  We wrote it: its first members are these. */
static size_t number_of(const char *line)
{
	size_t n;

	return sscanf(line, "{\"record\":\"verdict\",\"number\":%zu,", &n) == 1 ? n : 0;
}

static struct order find_lines(FILE *f, size_t planned)
{
	struct order o = { .verdict = new_zeroed(planned, sizeof(*o.verdict)), .in_order = true };
	struct place at = { 0 };
	char *text = NULL;
	size_t size = 0, n;
	ssize_t length;

	for (; (length = getline(&text, &size, f)) > 0; at.start += length) {
		at.length = length;
		n = number_of(text);
		if (n && n <= planned) {
			o.in_order &= n == ++o.verdicts;
			o.verdict[n - 1] = at;
		} else if (!at.start) {
			o.head = at;
		} else {
			o.end = at;
		}
	}
	free(text);
	return o;
}

static bool copy(FILE *from, FILE *to, struct place place)
{
	char buffer[65536];
	size_t n;

	if (fseek(from, place.start, SEEK_SET))
		return false;
	for (; place.length; place.length -= n) {
		n = fread(buffer, 1, MIN(place.length, sizeof(buffer)), from);
		if (!n || fwrite(buffer, 1, n, to) != n)
			return false;
	}
	return true;
}

bool journal_order(const char *path, size_t planned)
{
	char *new_path = new_format("%s.new", path);
	FILE *from = fopen(path, "re"), *to = NULL;
	struct order o = { .in_order = true };
	bool ok = from;

	if (ok)
		o = find_lines(from, planned);
	if (ok && !o.in_order) {
		to = fopen(new_path, "we");
		ok = to && copy(from, to, o.head);
		for (size_t i = 0; ok && i < planned; i++)
			ok = copy(from, to, o.verdict[i]);
		ok = ok && copy(from, to, o.end) && !fflush(to) && !fsync(fileno(to)) &&
		     !rename(new_path, path);
	}
	if (to)
		fclose(to);
	if (from)
		fclose(from);
	free(o.verdict);
	free(new_path);
	return ok;
}
