// SPDX-License-Identifier: GPL-2.0-only
/* assay-lab: takes a driver's place, and runs that driver in a kernel booted for it. */
#include "harness/lab/relay.h"
#include "harness/lab/snapshot.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/lab/kernel-files.h"

static int usage(void)
{
	fprintf(stderr, "usage: assay-lab DRIVER IMAGE|--probe [option=value]... "
			"-- kernel=SPEC [option=value]...\n");
	return EXIT_USAGE;
}

static int serve(struct relay *r)
{
	char *line = NULL;
	size_t size = 0;
	bool ok = relay_host(r);

	while (ok && strcmp(r->image, "--probe") && getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		relay_request(r, line);
	}
	free(line);
	relay_stop(r);
	if (ok)
		puts("{\"event\":\"end\"}");
	return ok ? EXIT_EXPECTED : EXIT_LAB;
}

int main(int argc, char **argv)
{
	struct relay r = { .l1 = { .console = -1, .qmp.fd = -1, .slave = -1 }, .state = -1 };
	struct problem p = { 0 };
	struct lab lab = { 0 };
	int options = 3, place = 3, status;
	char *image;

	/* If the command dies, nobody reads us any more. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	while (place < argc && strcmp(argv[place], "--"))
		place++;
	if (argc < 3 || place == argc)
		return usage();
	image = strcmp(argv[2], "--probe") ? new_format(LAB_IMAGES "%s", path_base(argv[2]))
					   : new_string(argv[2]);
	r.lab = &lab;
	r.image = image;
	if (lab_setup(&lab, argv[1], argv + options, (size_t)(place - options), argv + place + 1,
		      (size_t)(argc - place - 1), &p) &&
	    (lab.missing || (r.state = snapshot_open(&lab, relay_trouble, &p)) >= 0 || lab.missing))
		status = serve(&r);
	else
		status = p.status;
	if (*p.text)
		fprintf(stderr, "%s\n", p.text);
	lab_free(&lab);
	free(image);
	return status;
}
