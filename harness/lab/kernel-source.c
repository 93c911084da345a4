// SPDX-License-Identifier: GPL-2.0-only
#include "harness/lab/kernel-source.h"

#include <stdlib.h>

void source_free(struct kernel_source *s)
{
	free(s->what);
	free(s->version);
	strings_free(&s->inputs);
	strings_free(&s->folders);
	bytes_free(&s->image_file);
	boot_image_free(&s->boot);
	bytes_free(&s->config);
	bytes_free(&s->builtin);
	modules_free(&s->modules);
	*s = (struct kernel_source){ 0 };
}
