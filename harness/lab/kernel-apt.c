// SPDX-License-Identifier: GPL-2.0-only
/* Runs apt with its own state; see kernel-apt.h. */
#include "harness/lab/kernel-apt.h"

#include <stdlib.h>
#include <string.h>

#include "harness/lab/kernel-command.h"
#include "harness/lab/kernel-files.h"
#include "harness/lab/kernel-unpack.h"

enum { PACKAGES_MOST = 1 << 30 };

/*
 * Read behind the machine's own configuration (which knows its proxies):
 * whatever would touch the machine's state, run a hook, or accept what is not
 * signed is set again.
 */
static const char config[] =
	"Dir::State \"%s/state\";\n"
	"Dir::State::status \"%s/status\";\n"
	"Dir::Cache \"%s/cache\";\n"
	"Dir::Etc::SourceList \"%s/debian.sources\";\n"
	"Dir::Etc::SourceParts \"/dev/null\";\n"
	"Dir::Etc::Preferences \"/dev/null\";\n"
	"Dir::Etc::PreferencesParts \"/dev/null\";\n"
	"#clear APT::Architectures;\n"
	"APT::Architecture \"%s\";\n"
	"APT::Architectures { \"%s\"; };\n"
	"#clear APT::Update::Pre-Invoke;\n"
	"#clear APT::Update::Post-Invoke;\n"
	"#clear APT::Update::Post-Invoke-Success;\n"
	"Acquire::AllowInsecureRepositories \"false\";\n"
	"Acquire::AllowWeakRepositories \"false\";\n"
	"Acquire::AllowDowngradeToInsecureRepositories \"false\";\n"
	/* A release day renames suites; the signature still holds. */
	"Acquire::AllowReleaseInfoChange \"true\";\n"
	"Acquire::Languages \"none\";\n"
	"Acquire::GzipIndexes \"true\";\n"
	"Acquire::PDiffs \"false\";\n"
	"Acquire::Retries \"2\";\n"
	"Acquire::http::Timeout \"20\";\n"
	"Acquire::https::Timeout \"20\";\n"
	/* The cache is the user's own: the user that apt drops to cannot write there. */
	"APT::Sandbox::User \"root\";\n";

bool apt_open(struct apt *a, const struct cache *c, const char *arch, struct problem *p)
{
	char *f = new_format("%s/apt/%s", c->root, arch), *text, *status, *lists, *cache;
	bool ok;

	*a = (struct apt){ .folder = f, .config = new_format("%s/apt.conf", f) };
	if (strpbrk(f, "\"\\\n"))
		return problem_set(
			p, EXIT_USAGE,
			"%s: a cache folder with quotes or backslashes in its name cannot "
			"be told to apt; set ASSAY_CACHE to another",
			c->root);
	text = new_format(config, f, f, f, f, arch, arch);
	status = new_format("%s/status", f);
	lists = new_format("%s/state/lists/partial", f);
	cache = new_format("%s/cache/archives/partial", f);
	ok = folder_make(lists, p) && folder_make(cache, p) && file_write(status, "", 0, p) &&
	     file_write(a->config, text, strlen(text), p);
	free(text);
	free(status);
	free(lists);
	free(cache);
	return ok;
}

void apt_close(struct apt *a)
{
	free(a->folder);
	free(a->config);
	*a = (struct apt){ 0 };
}

/* *out, if wanted, is a new string on success. */
static bool run(char *const *argv, char **out, struct problem *p)
{
	struct said said;
	bool ok;

	if (!command_run(argv, &said, p))
		return false;
	ok = !said.status;
	if (!ok) {
		char *reason = said_reason(&said);

		problem_set(p, EXIT_LAB, "apt: %s", reason);
		free(reason);
	} else if (out) {
		*out = new_string(said.out);
	}
	said_free(&said);
	return ok;
}

bool apt_download(const struct apt *a, const struct download *d, size_t count, struct problem *p)
{
	char **argv = new_zeroed(6 + 3 * count, sizeof(*argv));
	size_t n = 0;
	bool ok;

	argv[n++] = "/usr/lib/apt/apt-helper";
	argv[n++] = "-c";
	argv[n++] = a->config;
	argv[n++] = "-q=2";
	argv[n++] = "download-file";
	for (size_t i = 0; i < count; i++) {
		argv[n++] = d[i].uri;
		argv[n++] = d[i].path;
		argv[n++] = d[i].digest;
	}
	ok = run(argv, NULL, p);
	free(argv);
	return ok;
}

void downloads_free(struct download *d, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(d[i].uri);
		free(d[i].path);
		free(d[i].digest);
	}
	free(d);
}

bool apt_update(const struct apt *a, struct problem *p)
{
	char *argv[] = {
		"/usr/bin/apt-get", "-c", a->config, "-q=2", "-o", "pkgCacheFile::Generate=false",
		"update",	    NULL
	};

	return run(argv, NULL, p);
}

/* One line of indextargets: FILE|URI|SUITE|TRUSTED. */
static bool read_target(struct index *x, const char *line, struct problem *p)
{
	struct strings part = strings_split(line, '|');
	struct bytes packed, text;
	bool ok = true;

	if (part.count == 4 && *part.item[1] && part.item[1][strlen(part.item[1]) - 1] == '/')
		part.item[1][strlen(part.item[1]) - 1] = '\0';
	/* "yes": the release file's signature was good. */
	if (part.count == 4 && !strcmp(part.item[3], "yes")) {
		ok = file_read(part.item[0], PACKAGES_MOST, &packed, p);
		if (ok && packed.size) {
			ok = unpack(packed.data, packed.size, PACKAGES_MOST, &text, part.item[0],
				    p);
			if (ok)
				index_add(x, (const char *)text.data, part.item[2], part.item[1]);
			bytes_free(&text);
		}
		bytes_free(&packed);
	}
	strings_free(&part);
	return ok;
}

bool apt_read_packages(const struct apt *a, struct index *x, struct problem *p)
{
	char *argv[] = { "/usr/bin/apt-get",
			 "-c",
			 a->config,
			 "-q=2",
			 "indextargets",
			 "--format",
			 "$(FILENAME)|$(REPO_URI)|$(RELEASE)|$(TRUSTED)",
			 "Created-By: Packages",
			 NULL };
	struct strings lines;
	char *out = NULL;
	bool ok;

	*x = (struct index){ 0 };
	if (!run(argv, &out, p))
		return false;
	lines = strings_split(out, '\n');
	ok = true;
	for (size_t i = 0; ok && i < lines.count; i++)
		ok = read_target(x, lines.item[i], p);
	strings_free(&lines);
	free(out);
	return ok;
}
