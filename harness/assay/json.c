// SPDX-License-Identifier: GPL-2.0-only
/* JSON texts; see json.h. */
#include "harness/assay/json.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/assay/basics.h"

json_t *json_text(const char *text)
{
	json_t *json = json_string(text);
	char *ascii;

	if (json)
		return json;
	ascii = new_string(text);
	for (char *c = ascii; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	json = json_string(ascii);
	free(ascii);
	return json;
}

const char *json_get_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

unsigned long long json_get_number(const json_t *object, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(object, name));

	return n > 0 ? (unsigned long long)n : 0;
}

void json_print_line(FILE *out, json_t *json)
{
	json_dumpf(json, out, JSON_COMPACT);
	putc('\n', out);
	json_decref(json);
}

const char *build_digest(void)
{
	static char digest[17];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;

	if (fd >= 0 && !fstat(fd, &st)) {
		bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes != MAP_FAILED) {
			snprintf(digest, sizeof(digest), "%016llx",
				 (unsigned long long)hash_bytes(bytes, st.st_size));
			munmap(bytes, st.st_size);
		}
	}
	if (fd >= 0)
		close(fd);
	return digest;
}
