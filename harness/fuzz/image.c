// SPDX-License-Identifier: GPL-2.0-only
/* The ELF reader gets any file: it refuses it in one line, or everything in it can be read. */
#include "harness/driver/image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size);
int LLVMFuzzerTestOneInput(const u8 *bytes, size_t size)
{
	struct image image;
	char error[256] = "";
	volatile size_t sum = 0;

	if (!image_parse(&image, bytes, size, error, sizeof(error))) {
		if (!error[0] || strchr(error, '\n'))
			abort();
		return 0;
	}
	for (unsigned int i = 0; i < image.segments; i++)
		for (u64 n = 0; n < image.segment[i].file_size; n++)
			sum += image.bytes[image.segment[i].file_offset + n];
	for (unsigned int i = 0; i < image.tests; i++)
		sum += strlen(image.test[i].id) + strlen(image.test[i].sentence) +
		       strlen(image.test[i].law) + strlen(image.test[i].fixes) +
		       strlen(image.test[i].file);
	image_close(&image);
	return 0;
}
