// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which suites the mirrors have: asked for, because a name that is right this
 * year is wrong after the next release.  Two rounds: what the aliases are
 * called now, then the suites that stand beside each of these.  Nothing here is
 * verified: a suite that lies is refused by apt-get update.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/assay/interrupt.h"
#include "harness/lab/kernel-apt.h"
#include "harness/lab/kernel-command.h"
#include "harness/lab/kernel-deb.h"
#include "harness/lab/kernel-files.h"

enum { RELEASE_MOST = 4 << 20, NAME_MOST = 64 };

static const char *const aliases[] = {
	"oldoldstable", "oldstable", "stable", "testing", "unstable", "experimental",
};

/* Beside each codename; the last only on the mirrors of security updates. */
static const char *const beside[] = { "-updates", "-backports", "-security" };

struct probe {
	const struct mirror *mirror;
	char *suite;
	char *path; /* of its InRelease, if it came */
};

struct probes {
	struct probe *item;
	size_t count;
};

static void add(struct probes *s, const struct mirror *m, const char *suite, const char *work)
{
	s->item = grow(s->item, s->count, sizeof(*s->item));
	s->item[s->count] = (struct probe){ m, new_string(suite),
					    new_format("%s/%zu.%s", work, s->count, suite) };
	s->count++;
}

static void probes_free(struct probes *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->item[i].suite);
		free(s->item[i].path);
	}
	free(s->item);
}

static bool ask(const struct apt *a, const struct probes *s, struct problem *p)
{
	struct download *d = new_zeroed(s->count, sizeof(*d));
	bool any = false, fails;

	for (size_t i = 0; i < s->count; i++)
		d[i] = (struct download){
			.uri = new_format("%s/dists/%s/InRelease", s->item[i].mirror->uri,
					  s->item[i].suite),
			.path = new_string(s->item[i].path),
			.digest = new_string(""),
		};
	/* One that is missing is no fault; but one that could not be asked for is said. */
	fails = !apt_download(a, d, s->count, p);
	for (size_t i = 0; i < s->count; i++)
		any |= file_exists(s->item[i].path);
	if (any && fails && !reason_is_missing_file(p->text) && !interrupted()) {
		fprintf(stderr, "assay: not all suites could be asked for: ");
		print_clean(stderr, p->text, "");
		putc('\n', stderr);
	}
	downloads_free(d, s->count);
	return any;
}

static bool is_suite(const char *name)
{
	return *name && strlen(name) <= NAME_MOST &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

/* "experimental" has a codename that nobody uses. */
static char *codename(const struct probe *s)
{
	struct problem ignored;
	struct bytes text;
	char *name;

	if (!strcmp(s->suite, "experimental") && file_exists(s->path))
		return new_string(s->suite);
	if (!file_read(s->path, RELEASE_MOST, &text, &ignored))
		return NULL;
	name = control_field((const char *)text.data, "Codename");
	bytes_free(&text);
	if (name && is_suite(name))
		return name;
	free(name);
	return NULL;
}

/* Each suite that answered becomes a stanza of its own: one that fails spoils no other. */
static void print_stanza(FILE *f, const struct mirror *m, const char *suite)
{
	fprintf(f, "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n", m->uri, suite);
	if (*m->signed_by)
		fprintf(f, "Signed-By: %s\n", m->signed_by);
	putc('\n', f);
}

static void ask_aliases(const struct apt *a, const struct mirrors *m, const char *work,
			struct probes *found, FILE *f, struct problem *p)
{
	struct probes s = { 0 };

	for (size_t i = 0; i < m->count; i++)
		for (size_t n = 0; !m->item[i].security && n < ARRAY_SIZE(aliases); n++)
			add(&s, &m->item[i], aliases[n], work);
	ask(a, &s, p);
	for (size_t i = 0; i < s.count; i++) {
		char *name = codename(&s.item[i]);

		if (name) {
			print_stanza(f, s.item[i].mirror, name);
			add(found, s.item[i].mirror, name, work);
		}
		free(name);
	}
	probes_free(&s);
}

static void ask_beside(const struct apt *a, const struct mirrors *m, const char *work,
		       const struct probes *found, FILE *f)
{
	struct problem ignored;
	struct probes s = { 0 };

	for (size_t n = 0; n < found->count; n++)
		for (size_t i = 0; i < m->count; i++)
			for (size_t b = 0; b < ARRAY_SIZE(beside); b++) {
				bool security = !strcmp(beside[b], "-security");
				char *suite = new_format("%s%s", found->item[n].suite, beside[b]);

				if (security == m->item[i].security)
					add(&s, &m->item[i], suite, work);
				free(suite);
			}
	if (s.count)
		ask(a, &s, &ignored);
	for (size_t i = 0; i < s.count; i++)
		if (file_exists(s.item[i].path))
			print_stanza(f, s.item[i].mirror, s.item[i].suite);
	probes_free(&s);
}

bool apt_find_suites(const struct apt *a, const struct mirrors *m, const char *work,
		     struct problem *p)
{
	char *folder = new_format("%s/suites", work), *text = NULL;
	char *path = new_format("%s/debian.sources", a->folder);
	struct problem why = { 0 };
	struct probes found = { 0 };
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	bool ok = f && folder_make(folder, p);

	if (ok) {
		ask_aliases(a, m, folder, &found, f, &why);
		ask_beside(a, m, folder, &found, f);
		ok = found.count ||
		     problem_set(p, EXIT_LAB, "%s",
				 *why.text ? why.text : "the mirror has no suite of Debian's");
	}
	if (f)
		fclose(f);
	ok = ok && file_write(path, text, size, p);
	probes_free(&found);
	free(text);
	free(path);
	free(folder);
	return ok;
}
