// SPDX-License-Identifier: GPL-2.0-only
/* Where the journal of an unfinished run is; see resume.h. */
#include "harness/assay/resume.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "harness/assay/json.h"
#include "harness/assay/result.h"
#include "harness/assay/store.h"

#define SUFFIX ".partial-"

enum { SUFFIX_LENGTH = 15 }; /* with the six characters behind it */

static bool is_partial(const char *folder)
{
	size_t length = strlen(folder);

	return length > SUFFIX_LENGTH &&
	       !strncmp(folder + length - SUFFIX_LENGTH, SUFFIX, strlen(SUFFIX));
}

/* Was it ended by a signal?  Its last line says so. */
static bool was_cut_short(const char *journal)
{
	FILE *f = fopen(journal, "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	bool cut_short = false;
	json_t *end;

	while (f && (length = getline(&text, &size, f)) > 0) {
		if (strncmp(text, "{\"record\":\"end\"", 15))
			continue;
		end = json_loadb(text, length, 0, NULL);
		cut_short = json_is_true(json_object_get(end, "cut_short"));
		json_decref(end);
	}
	free(text);
	if (f)
		fclose(f);
	return cut_short;
}

/* The one DIR.partial-XXXXXX beside DIR. */
static char *find_partial(const char *folder, struct problem *p)
{
	char *pattern = new_zeroed(2 * strlen(folder) + SUFFIX_LENGTH + 1, 1), *to = pattern;
	char *found = NULL;
	glob_t g = { 0 };

	for (const char *c = folder; *c; c++) {
		if (strchr("*?[\\", *c))
			*to++ = '\\';
		*to++ = *c;
	}
	strcpy(to, SUFFIX "??????");
	glob(pattern, 0, NULL, &g);
	if (g.gl_pathc == 1)
		found = new_string(g.gl_pathv[0]);
	else if (!g.gl_pathc)
		problem_set(p, EXIT_USAGE, "--resume %s: no run that was cut off is there", folder);
	else
		problem_set(p, EXIT_USAGE,
			    "--resume %s: %zu runs that were cut off are there; name "
			    "one of them: %s, ...",
			    folder, g.gl_pathc, g.gl_pathv[0]);
	globfree(&g);
	free(pattern);
	return found;
}

/* The folder that the result becomes, and the one that holds the journal now. */
static bool find(struct resume *z, const char *folder, struct problem *p)
{
	char *inside;
	bool whole;

	z->folder = new_string(folder);
	for (size_t n = strlen(z->folder); n > 1 && z->folder[n - 1] == '/'; n--)
		z->folder[n - 1] = '\0';
	if (is_partial(z->folder)) {
		z->partial = new_string(z->folder);
		z->folder[strlen(z->folder) - SUFFIX_LENGTH] = '\0';
		return true;
	}
	inside = new_format("%s/" JOURNAL_NAME, z->folder);
	whole = !access(inside, F_OK);
	if (whole && was_cut_short(inside))
		z->partial = new_string(z->folder);
	else if (whole)
		problem_set(p, EXIT_USAGE,
			    "--resume %s: that run has ended, nothing is missing; to run it again "
			    "name a new folder by --output",
			    folder);
	else
		z->partial = find_partial(z->folder, p);
	free(inside);
	return z->partial;
}

static bool read_head(struct resume *z, struct problem *p)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length = getline(&text, &size, z->journal);
	u64 version;

	z->head = length > 0 && text[length - 1] == '\n' ? json_loadb(text, length, 0, NULL) : NULL;
	z->keep = length;
	free(text);
	if (strcmp(json_get_text(z->head, "record"), "run"))
		return problem_set(p, EXIT_USAGE,
				   "%s: was cut off before its first line, or is no result; run it "
				   "again from the start",
				   z->path);
	version = json_get_number(z->head, "version");
	if (version != RESULTS_VERSION)
		return problem_set(p, EXIT_USAGE,
				   "%s: version %llu of the format; this build of Assay reads "
				   "version %d",
				   z->path, (unsigned long long)version, RESULTS_VERSION);
	return true;
}

bool resume_open(struct resume *z, const char *folder, struct problem *p)
{
	*z = (struct resume){ 0 };
	if (!find(z, folder, p)) {
		resume_close(z);
		return false;
	}
	z->path = new_format("%s/" JOURNAL_NAME, z->partial);
	z->journal = fopen(z->path, "r+e");
	if (!z->journal)
		problem_set(p, EXIT_USAGE, "--resume %s: %s: %s", folder, z->path, strerror(errno));
	else if (flock(fileno(z->journal), LOCK_EX | LOCK_NB))
		problem_set(p, EXIT_USAGE, "--resume %s: that run still goes on", folder);
	else if (read_head(z, p))
		return true;
	resume_close(z);
	return false;
}

struct strings resume_arguments(const struct resume *z)
{
	struct strings words = { 0 };
	const json_t *word;
	size_t i;

	json_array_foreach(json_object_get(z->head, "arguments"), i, word) if (json_is_string(word))
		strings_add(&words, json_string_value(word));
	return words;
}

void resume_close(struct resume *z)
{
	if (z->journal)
		fclose(z->journal);
	json_decref(z->head);
	free(z->path);
	free(z->partial);
	free(z->folder);
	*z = (struct resume){ 0 };
}
