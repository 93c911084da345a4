// SPDX-License-Identifier: GPL-2.0-only
/* assay targets: what each host can do on this machine, or why it cannot run here. */
#include <stdlib.h>
#include <string.h>

#include "harness/assay/folders.h"
#include "harness/assay/host.h"
#include "harness/assay/json.h"
#include "harness/assay/verbs.h"

struct targets_options {
	const char *format;
};

static const struct argument arguments[] = {
	{ "format", "text|jsonl", "lines for people, or the driver's own JSON", ARGUMENT_CHOICE,
	  offsetof(struct targets_options, format), 0, 0 },
};

static void print_pairs(const char *title, json_t *object, json_t *values)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		const char *choice = json_string_value(json_object_get(values, name));

		printf("  %s %s=", title, name);
		print_clean(stdout, json_is_string(value) ? json_string_value(value) : "?", "");
		if (choice) {
			printf("  (");
			print_clean(stdout, choice, "");
			putchar(')');
		}
		putchar('\n');
	}
}

static void print_text(const struct host *h)
{
	json_t *action;
	size_t i;

	printf("%s: ", h->target.text);
	if (*host_missing(h)) {
		printf("cannot run here: ");
		print_clean(stdout, host_missing(h), "");
	} else {
		print_clean(stdout, host_subject(h), "");
	}
	putchar('\n');
	print_pairs("option", json_object_get(h->line, "options"),
		    json_object_get(h->line, "option_values"));
	print_pairs("fact", json_object_get(h->line, "facts"), NULL);
	printf("  actions");
	json_array_foreach(json_object_get(h->line, "actions"), i, action)
	{
		putchar(' ');
		print_clean(stdout, json_is_string(action) ? json_string_value(action) : "?", "");
	}
	putchar('\n');
}

/* Returns whether it can run here. */
static bool probe(const char *build, const char *target, bool json, struct problem *p)
{
	char reason[1024];
	enum host_state state;
	struct host h;

	if (!host_init(&h, build, target, p))
		return false;
	state = host_start(&h, NULL, reason, sizeof(reason));
	if (state == HOST_REFUSED)
		problem_set(p, EXIT_USAGE, "target '%s': %s", target, reason);
	else if (state == HOST_BROKEN || state == HOST_INTERRUPTED)
		problem_set(p, EXIT_LAB, "target '%s': %s", target,
			    state == HOST_INTERRUPTED ? "interrupted" : reason);
	else if (json)
		json_print_line(stdout, json_incref(h.line));
	else
		print_text(&h);
	host_free(&h);
	return state == HOST_READY;
}

static int targets(void *options, const struct strings *operands, struct problem *p)
{
	const struct targets_options *o = options;
	bool json = o->format && !strcmp(o->format, "jsonl");
	char *build = build_folder();
	struct strings hosts = operands->count ? (struct strings){ 0 } : host_names(build);
	const struct strings *asked = operands->count ? operands : &hosts;
	bool usable = false;

	if (!asked->count)
		problem_set(p, EXIT_LAB, "no driver in %s; build them with: make", build);
	for (size_t i = 0; i < asked->count; i++) {
		usable |= probe(build, asked->item[i], json, p);
		if (*p->text && p->status == EXIT_USAGE)
			break;
		if (*p->text) {
			/* One broken driver does not hide the others. */
			fprintf(stderr, "assay: ");
			print_clean(stderr, p->text, "");
			putc('\n', stderr);
			*p->text = '\0';
		}
	}
	strings_free(&hosts);
	free(build);
	return usable ? EXIT_EXPECTED : EXIT_LAB;
}

const struct verb verb_targets = {
	.name = "targets",
	.operands = "[TARGET...]",
	.meaning = "hosts on this machine: their subjects, options and actions",
	.example = "assay targets kvm,irqchip=split",
	.argument = arguments,
	.arguments = ARRAY_SIZE(arguments),
	.size = sizeof(struct targets_options),
	.run = targets,
};
