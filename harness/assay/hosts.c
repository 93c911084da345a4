// SPDX-License-Identifier: GPL-2.0-only
/* Which targets a run judges: those asked for, each with each kernel, or the default ones. */
#include "harness/assay/run.h"

#include <stdlib.h>
#include <string.h>

/* What is judged if nobody says what: on this machine, or of a kernel. */
static const char *const default_targets[] = { "qemu,machine=microvm", "kvm" };
static const char *const kernel_targets[] = { "kvm,npt=1,force_emulation_prefix=1@lab",
						"kvm,npt=0,force_emulation_prefix=1@lab" };

static void say_not_run(struct run *r, const char *target, const char *why)
{
	char *line = new_format("%s: %s", target, why);

	strings_add(&r->not_run, line);
	free(line);
}

/*
 * Start a target's driver before anything is planned, so that what it refuses
 * is said before there is any output.
 */
static bool add_host(struct run *r, const char *build, const char *target, bool by_default,
		     const struct area *area, struct problem *p)
{
	char reason[1024] = "";
	struct host h;

	if (!host_init(&h, build, target, p)) {
		if (!by_default)
			return false;
		say_not_run(r, target, "its driver is not built");
		*p = (struct problem){ 0 };
		return true;
	}
	h.by_default = by_default;
	h.isolation = r->options.isolation;
	switch (area ? host_start(&h, area, reason, sizeof(reason)) : HOST_READY) {
	case HOST_MISSING:
		if (!by_default)
			break;
		say_not_run(r, target, host_missing(&h));
		host_free(&h);
		return true;
	case HOST_REFUSED:
		problem_set(p, EXIT_USAGE, "target '%s': %s", target, reason);
		host_free(&h);
		return false;
	case HOST_BROKEN:
		host_trouble(&h, reason);
		break;
	case HOST_READY:
	case HOST_INTERRUPTED:
		break;
	}
	r->host = grow(r->host, r->hosts, sizeof(*r->host));
	r->host[r->hosts++] = h;
	return true;
}

static bool in_lab(const char *target)
{
	const char *at = strchr(target, '@');

	return at && !strncmp(at, "@lab", 4) && (!at[4] || at[4] == ',');
}

static void add_text(struct strings *list, const char *target, const char *kernel, bool cold)
{
	bool lab = in_lab(target);
	char *text = new_format("%s%s%s%s", target, lab && kernel ? ",kernel=" : "",
				lab && kernel ? kernel : "", lab && cold ? ",cold=1" : "");

	if (!strings_have(list, text))
		strings_add(list, text);
	free(text);
}

/* The targets that were asked for: those in a lab once for each kernel. */
static bool asked_targets(const struct run_options *o, struct strings *list, struct problem *p)
{
	struct strings base = { 0 };
	bool any = false;

	for (size_t i = 0; i < o->targets.count; i++)
		strings_add(&base, o->targets.item[i]);
	if (!base.count && o->kernels.count)
		for (size_t i = 0; i < ARRAY_SIZE(kernel_targets); i++)
			strings_add(&base, kernel_targets[i]);
	for (size_t i = 0; i < base.count; i++)
		any |= in_lab(base.item[i]);
	for (size_t k = 0; k < o->kernels.count; k++)
		for (size_t i = 0; i < base.count; i++)
			add_text(list, base.item[i], o->kernels.item[k], o->cold);
	for (size_t i = 0; !o->kernels.count && i < base.count; i++)
		add_text(list, base.item[i], NULL, o->cold);
	strings_free(&base);
	return any || (!o->kernels.count && !o->cold) ||
	       problem_set(p, EXIT_USAGE,
			   "--%s is for targets in a lab, and there is none; write for example "
			   "--target kvm@lab",
			   o->cold ? "cold" : "kernel");
}

/* A target that stands twice would be two hosts of one name. */
static bool no_doubles(const struct strings *targets, struct problem *p)
{
	for (size_t i = 0; i < targets->count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(targets->item[i], targets->item[j]))
				return problem_set(
					p, EXIT_USAGE,
					"target '%s' stands twice; for more runs: --repeat N",
					targets->item[i]);
	return true;
}

bool hosts_add(struct run *r, const char *build, const struct area *area, struct problem *p)
{
	struct strings asked = { 0 };
	bool ok = no_doubles(&r->options.targets, p) && asked_targets(&r->options, &asked, p);
	bool by_default = ok && !asked.count;
	char *why;

	for (size_t i = 0; by_default && i < ARRAY_SIZE(default_targets); i++)
		strings_add(&asked, default_targets[i]);
	for (size_t i = 0; ok && i < asked.count; i++)
		ok = add_host(r, build, asked.item[i], by_default, area, p);
	strings_free(&asked);
	if (!ok || r->hosts || !by_default)
		return ok;
	why = strings_join(&r->not_run, "; ");
	problem_set(p, EXIT_LAB, "no target can run here: %s", why);
	free(why);
	return false;
}
