// SPDX-License-Identifier: GPL-2.0-only
/* Which targets a run judges: those asked for, each with each kernel, or the default ones. */
#include "harness/assay/run.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_LENGTH = 1024 };

/* What is judged if nobody says what: on this machine, or of a kernel. */
static const char *const default_targets[] = { "qemu,machine=microvm", "kvm", "qemu,arch=arm64" };
static const struct {
	enum arch arch;
	const char *target;
} kernel_targets[] = {
	{ ARCH_X86, "kvm,npt=1,force_emulation_prefix=1@lab" },
	{ ARCH_X86, "kvm,npt=0,force_emulation_prefix=1@lab" },
	{ ARCH_ARM64, "kvm@lab" },
};

static void say_not_run(struct run *r, const char *target, const char *why)
{
	char *line = new_format("%s: %s", target, why);

	strings_add(&r->not_run, line);
	free(line);
}

/* Tests that somebody named, and for which no target is. */
static void say_unpaired(struct run *r, const struct picked *picked, size_t count)
{
	bool named = r->globs.count || r->options.areas.count || r->options.fixes;

	for (enum arch arch = 0; named && arch < ARCH_COUNT; arch++) {
		size_t tests = 0;
		char *why;

		for (size_t i = 0; i < count; i++)
			tests += picked[i].area->arch == arch;
		for (size_t i = 0; i < r->hosts; i++)
			if (r->host[i].arch == arch)
				tests = 0;
		if (!tests)
			continue;
		why = new_format("%zu selected tests are for it, and no target is", tests);
		say_not_run(r, arch_name[arch], why);
		free(why);
	}
}

/* --- starting their drivers, several at a time --- */

struct start {
	struct host *host;
	enum host_state *state;
	char (*reason)[REASON_LENGTH];
	const struct area *area[ARCH_COUNT]; /* NULL: nothing is planned, so nothing is started */
	_Atomic bool refused; /* the rest is in vain */
};

static void start_host(void *argument, size_t i)
{
	struct start *s = argument;
	const struct area *area = s->area[s->host[i].arch];

	if (!area || s->refused)
		return;
	s->state[i] = host_start(&s->host[i], area, s->reason[i], REASON_LENGTH);
	if (s->state[i] == HOST_REFUSED)
		s->refused = true;
}

/* What came of starting it; false if the run cannot be. */
static bool take_host(struct run *r, struct host *h, enum host_state state, const char *reason,
		      struct problem *p)
{
	if (state == HOST_REFUSED)
		return problem_set(p, EXIT_USAGE, "target '%s': %s", h->target.text, reason);
	if (state == HOST_MISSING && h->by_default) {
		say_not_run(r, h->target.text, host_missing(h));
		host_free(h);
		return true;
	}
	if (state == HOST_BROKEN)
		host_trouble(h, reason);
	r->host[r->hosts++] = *h;
	*h = (struct host){ 0 };
	return true;
}

/* The image by which a host is opened: the first of this architecture that it will need. */
static const struct area *first_area(const struct run_options *o, enum arch arch,
				     const struct picked *picked, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (picked[i].area->arch == arch && (shard_cuts(o, picked_test(&picked[i])) ||
						     shard_has(o, picked_test(&picked[i])->id)))
			return picked[i].area;
	return NULL;
}

static bool start_hosts(struct run *r, struct host *host, size_t count,
			const struct picked *picked, size_t picks, struct problem *p)
{
	struct start s = { .host = host,
			   .state = new_zeroed(count, sizeof(*s.state)),
			   .reason = new_zeroed(count, sizeof(*s.reason)) };
	bool ok = true;

	for (enum arch a = 0; a < ARCH_COUNT; a++)
		s.area[a] = first_area(&r->options, a, picked, picks);
	r->host = new_zeroed(count, sizeof(*r->host));
	pool_run(r->pool, count, start_host, &s);
	for (size_t i = 0; ok && i < count; i++)
		ok = take_host(r, &host[i], s.state[i], s.reason[i], p);
	/* Whose turn is later: a guest that polls its serial port takes a processor meanwhile. */
	for (size_t i = 1; ok && !r->pool && i < r->hosts; i++)
		end_driver(&r->host[i]);
	free(s.reason);
	free(s.state);
	return ok;
}

/* --- which ones --- */

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

/* By its name: what a file holds is seen only when a lab opens it. */
static enum arch kernel_arch(const char *kernel)
{
	char *text = new_format("kvm@lab,kernel=%s", kernel);
	enum arch arch = ARCH_X86;
	struct problem p = { 0 };
	struct target t;

	if (target_parse(&t, text, &p)) {
		arch = target_arch(&t);
		target_free(&t);
	}
	free(text);
	return arch;
}

/* The targets that were asked for: those in a lab once for each kernel. */
static bool asked_targets(const struct run_options *o, struct strings *list, struct problem *p)
{
	const struct strings *base = &o->targets;
	bool any = !base->count;

	for (size_t k = 0; !base->count && k < o->kernels.count; k++)
		for (size_t i = 0; i < ARRAY_SIZE(kernel_targets); i++)
			if (kernel_targets[i].arch == kernel_arch(o->kernels.item[k]))
				add_text(list, kernel_targets[i].target, o->kernels.item[k],
					 o->cold);
	for (size_t i = 0; i < base->count; i++)
		any |= in_lab(base->item[i]);
	for (size_t k = 0; k < o->kernels.count; k++)
		for (size_t i = 0; i < base->count; i++)
			add_text(list, base->item[i], o->kernels.item[k], o->cold);
	for (size_t i = 0; !o->kernels.count && i < base->count; i++)
		add_text(list, base->item[i], NULL, o->cold);
	return (any && (o->kernels.count || base->count)) || (!o->kernels.count && !o->cold) ||
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

static bool is_picked(enum arch arch, const struct picked *picked, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (picked[i].area->arch == arch)
			return true;
	return false;
}

/* False if the run cannot be; a default target that is not built is no host of it. */
static bool init_host(struct run *r, const char *build, const char *target, bool by_default,
		      const struct picked *picked, size_t picks, struct host *host, size_t *count,
		      struct problem *p)
{
	struct host *h = &host[*count];

	if (!host_init(h, build, target, p)) {
		if (!by_default)
			return false;
		say_not_run(r, target, "its driver is not built");
		*p = (struct problem){ 0 };
		return true;
	}
	if (!is_picked(h->arch, picked, picks)) {
		enum arch arch = h->arch;

		host_free(h);
		return by_default ||
		       problem_set(p, EXIT_USAGE,
				   "target '%s' runs tests for %s, and those selected are not; "
				   "see: assay list, assay targets",
				   target, arch_name[arch]);
	}
	h->by_default = by_default;
	h->isolation = r->options.isolation;
	(*count)++;
	return true;
}

/* Labs have a machine each; what runs on this one would share it, and runs alone. */
static size_t jobs(const struct run_options *o, const struct host *host, size_t count)
{
	cpu_set_t cpus;

	if (o->jobs)
		return MIN(o->jobs, count);
	for (size_t i = 0; i < count; i++)
		if (!host[i].in_lab)
			return 1;
	return sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : MIN((size_t)CPU_COUNT(&cpus), count);
}

bool hosts_add(struct run *r, const char *build, const struct picked *picked, size_t picks,
	       struct problem *p)
{
	struct strings asked = { 0 };
	bool ok = no_doubles(&r->options.targets, p) && asked_targets(&r->options, &asked, p);
	bool by_default = ok && !asked.count;
	struct host *host;
	size_t count = 0;
	char *why;

	for (size_t i = 0; by_default && i < ARRAY_SIZE(default_targets); i++)
		strings_add(&asked, default_targets[i]);
	host = new_zeroed(asked.count, sizeof(*host));
	for (size_t i = 0; ok && i < asked.count; i++)
		ok = init_host(r, build, asked.item[i], by_default, picked, picks, host, &count,
			       p);
	r->pool = ok ? pool_open(jobs(&r->options, host, count)) : NULL;
	ok = ok && start_hosts(r, host, count, picked, picks, p);
	for (size_t i = 0; i < count; i++)
		host_free(&host[i]);
	free(host);
	strings_free(&asked);
	if (ok && r->hosts)
		say_unpaired(r, picked, picks);
	if (!ok || r->hosts || !by_default)
		return ok;
	why = strings_join(&r->not_run, "; ");
	problem_set(p, EXIT_LAB, "no target can run here: %s", why);
	free(why);
	return false;
}
