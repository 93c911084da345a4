/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON texts from strings that may hold any bytes. */
#ifndef ASSAY_JSON_H
#define ASSAY_JSON_H

#include <jansson.h>
#include <stdio.h>

/* Bytes that are not UTF-8 become question marks. */
json_t *json_text(const char *text);

/* Members of an object; "" and 0 where there is none of this type. */
const char *json_get_text(const json_t *object, const char *name);
unsigned long long json_get_number(const json_t *object, const char *name);

/* One line; takes the reference. */
void json_print_line(FILE *out, json_t *json);

/* The digest of this executable, for result files: 16 hexadecimal digits, static. */
const char *build_digest(void);

#define ASSAY_VERSION "0.1"

#endif
