// SPDX-License-Identifier: GPL-2.0-only
/* Where drivers, payloads and known deviations lie; see folders.h. */
#include "harness/assay/folders.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/assay/arch.h"

#define DRIVER_PREFIX "assay-driver-"

char *program_folder(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (length <= 0)
		return new_string(".");
	path[length] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	return new_string(path);
}

static char *beside_program(const char *name)
{
	char *program = program_folder();
	char *path = new_format("%s/%s", program, name);

	free(program);
	return path;
}

char *build_folder(void)
{
	const char *other = getenv("ASSAY_BUILD_DIR");

	return other && *other ? new_string(other) : beside_program("build");
}

char *known_folder(void)
{
	return beside_program("results/known");
}

char *bugs_folder(void)
{
	return beside_program("results/bugs");
}

static bool is_file(const char *folder, const char *name)
{
	char *path = new_format("%s/%s", folder, name);
	struct stat st;
	bool is = !stat(path, &st) && S_ISREG(st.st_mode);

	free(path);
	return is;
}

/* Names of regular files in a folder that begin with prefix and have no dot, less the prefix. */
static struct strings files(const char *folder, const char *prefix)
{
	struct strings names = { 0 };
	DIR *d = opendir(folder);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (!strchr(entry->d_name, '.') &&
		    !strncmp(entry->d_name, prefix, strlen(prefix)) &&
		    is_file(folder, entry->d_name))
			strings_add(&names, entry->d_name + strlen(prefix));
	if (d)
		closedir(d);
	strings_sort(&names);
	return names;
}

struct strings area_paths(const char *build)
{
	struct strings paths = { 0 };

	for (size_t i = 0; i < ARCH_COUNT; i++) {
		char *folder = new_format("%s/%s", build, arch_name[i]);
		struct strings names = files(folder, "");

		for (size_t n = 0; n < names.count; n++) {
			char *path = new_format("%s/%s", folder, names.item[n]);

			strings_add(&paths, path);
			free(path);
		}
		strings_free(&names);
		free(folder);
	}
	return paths;
}

struct strings host_names(const char *build)
{
	return files(build, DRIVER_PREFIX);
}

char *driver_path(const char *build, const char *host)
{
	return new_format("%s/" DRIVER_PREFIX "%s", build, host);
}
