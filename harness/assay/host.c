// SPDX-License-Identifier: GPL-2.0-only
/* Starts drivers and reads what they say of themselves; see host.h. */
#include "harness/assay/host.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/assay/folders.h"
#include "harness/assay/names.h"
#include "lib/sync.h"

/*
 * A driver probes before it says its line; a probe may start a VM or a QEMU.  A
 * lab may have to fetch a kernel and boot it several times.
 */
enum { HOST_LINE_SECONDS = 60, LAB_LINE_SECONDS = 900 };

/* What else than a lab's a place has for options: ssh's architecture. */
static bool place_is_there(struct host *h, const char *build, struct problem *p)
{
	const struct target *t = &h->target;
	const struct strings *options = &t->place_options;
	bool ssh = target_ssh_host(t);

	h->in_lab = !strcmp(t->place, "lab");
	if (ssh && strcmp(t->host, "kvm"))
		return problem_set(
			p, EXIT_USAGE,
			"target '%s': only the driver of kvm, which is static, can go to "
			"another machine",
			t->text);
	if (h->in_lab || ssh) {
		h->carrier = new_format("%s/%s", build, ssh ? "assay-ssh" : "assay-lab");
		for (size_t i = 0; ssh && i < options->count; i++)
			if (strcmp(options->item[i], "arch=x86") &&
			    strcmp(options->item[i], "arch=arm64"))
				return problem_set(
					p, EXIT_USAGE,
					"target '%s': '%s' is no option of ssh; there are "
					"arch=x86 and arch=arm64",
					t->text, options->item[i]);
		return true;
	}
	if (strcmp(t->place, "local"))
		return problem_set(p, EXIT_USAGE,
				   "target '%s': place '%s' is not there; there are local, lab and "
				   "ssh:HOST",
				   t->text, t->place);
	if (options->count)
		return problem_set(p, EXIT_USAGE,
				   "target '%s': place local has no options; leave out '%s'",
				   t->text, options->item[0]);
	return true;
}

bool host_init(struct host *h, const char *build, const char *target, struct problem *p)
{
	struct strings hosts;
	char *folder;
	bool ok;

	*h = (struct host){ 0 };
	if (!target_parse(&h->target, target, p))
		return false;
	h->arch = target_arch(&h->target);
	hosts = host_names(build);
	ok = strings_have(&hosts, h->target.host) ||
	     unknown_name(p, "host", h->target.host, &hosts);
	strings_free(&hosts);
	ok = ok && place_is_there(h, build, p);
	/* A lab finds its driver itself. */
	folder = h->arch == ARCH_ARM64 && ok && !h->in_lab && h->carrier
			 ? new_format("%s/arm64/driver", build)
			 : new_string(build);
	h->driver = driver_path(folder, h->target.host);
	free(folder);
	if (!ok)
		host_free(h);
	return ok;
}

static u64 read_actions(const json_t *names)
{
	u64 all = 0, one;
	const char *bad;
	json_t *name;
	size_t i;

	/* A name that this build does not know is an action it never asks for. */
	json_array_foreach(names, i, name) if (json_is_string(name) &&
					       sync_parse(json_string_value(name), &one, &bad))
		all |= one;
	return all;
}

static void read_options(struct strings *options, json_t *object)
{
	const char *name;
	json_t *value;

	strings_free(options);
	json_object_foreach(object, name, value)
	{
		char *text = new_format("%s=%s", name,
					json_is_string(value) ? json_string_value(value) : "");

		strings_add(options, text);
		free(text);
	}
}

static enum host_state read_line(struct host *h, struct event *e, char *reason, size_t reason_size)
{
	if (e->kind != EVENT_HOST) {
		snprintf(reason, reason_size, "the driver's first line is not its host line");
		return HOST_BROKEN;
	}
	if (event_number(e, "version") != STREAM_VERSION) {
		snprintf(reason, reason_size,
			 "the driver speaks version %llu of the stream, wanted %d",
			 (unsigned long long)event_number(e, "version"), STREAM_VERSION);
		return HOST_BROKEN;
	}
	json_decref(h->line);
	h->line = json_incref(e->json);
	h->actions = read_actions(json_object_get(e->json, "actions"));
	read_options(&h->options, json_object_get(e->json, "options"));
	return *host_missing(h) ? HOST_MISSING : HOST_READY;
}

/* The first line that matters: an event, or the end. */
static enum host_state hear_host(struct host *h, char *reason, size_t reason_size)
{
	int silence = h->in_lab ? LAB_LINE_SECONDS : HOST_LINE_SECONDS;
	struct dialogue *d = &h->dialogue;
	enum host_state state;
	struct event e;

	for (;;) {
		switch (dialogue_hear(d, silence, 0, &e, reason, reason_size)) {
		case HEARD_EVENT:
			if (e.kind == EVENT_INFRASTRUCTURE) {
				host_trouble(h, event_string(&e, "text"));
				event_free(&e);
				continue;
			}
			state = read_line(h, &e, reason, reason_size);
			event_free(&e);
			return state;
		case HEARD_WORDS:
		case HEARD_TICK:
			continue;
		case HEARD_NONSENSE: {
			char *words = new_format("the driver wrote %s", reason);

			snprintf(reason, reason_size, "%s", words);
			free(words);
			return HOST_BROKEN;
		}
		case HEARD_DEATH:
			if (WIFEXITED(d->status) && WEXITSTATUS(d->status) == EXIT_USAGE) {
				snprintf(reason, reason_size, "%s",
					 *d->words ? d->words : "its driver refuses it");
				return HOST_REFUSED;
			}
			return HOST_BROKEN;
		case HEARD_SILENCE:
			snprintf(reason, reason_size, "the driver said nothing for %d s", silence);
			return HOST_BROKEN;
		case HEARD_INTERRUPT:
			return HOST_INTERRUPTED;
		}
	}
}

enum host_state host_start(struct host *h, const struct area *area, char *reason,
			   size_t reason_size)
{
	const struct target *t = &h->target;
	char **argv = new_zeroed(t->options.count + t->place_options.count + 7, sizeof(*argv));
	char *isolation = h->isolation ? new_format("isolation=%s", h->isolation) : NULL;
	enum host_state state = HOST_BROKEN;
	struct problem p;
	size_t n = 0;

	if (h->carrier)
		argv[n++] = h->carrier;
	argv[n++] = h->driver;
	argv[n++] = area ? area->image.path : (char *)"--probe";
	for (size_t i = 0; i < t->options.count; i++)
		argv[n++] = t->options.item[i];
	if (isolation)
		argv[n++] = isolation;
	if (h->carrier)
		argv[n++] = (char *)"--";
	if (target_ssh_host(t))
		argv[n++] = (char *)target_ssh_host(t);
	for (size_t i = 0; h->in_lab && i < t->place_options.count; i++)
		argv[n++] = t->place_options.item[i];
	h->area = area;
	if (dialogue_start(&h->dialogue, argv, &p))
		state = hear_host(h, reason, reason_size);
	else
		snprintf(reason, reason_size, "%s", p.text);
	if (state != HOST_READY)
		dialogue_kill(&h->dialogue);
	free(isolation);
	free(argv);
	return state;
}

const char *host_subject(const struct host *h)
{
	const char *subject = json_string_value(json_object_get(h->line, "subject"));

	return subject ? subject : "";
}

const char *host_missing(const struct host *h)
{
	const char *missing = json_string_value(json_object_get(h->line, "missing"));

	return missing ? missing : "";
}

void host_trouble(struct host *h, const char *reason)
{
	h->infrastructure++;
	strings_add(&h->troubles, reason);
}

void host_free(struct host *h)
{
	dialogue_kill(&h->dialogue);
	target_free(&h->target);
	free(h->driver);
	free(h->carrier);
	json_decref(h->line);
	strings_free(&h->options);
	strings_free(&h->troubles);
	*h = (struct host){ 0 };
}
