// SPDX-License-Identifier: GPL-2.0-only
/* Boot once, save, restore; see snapshot.h. */
#include "harness/lab/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/lab/bochs.h"
#include "harness/lab/boot.h"
#include "harness/lab/kernel-cache.h"
#include "harness/lab/kernel-files.h"
#include "harness/lab/verify.h"

enum { SAVE_SECONDS = 60, MAKES_MAX = 3 };

/* --- saving --- */

static bool save(struct l1 *l1, int fd, struct problem *p)
{
	double end = clock_seconds() + SAVE_SECONDS;
	char why[512] = "", status[24] = "";
	struct text error = text_into(why, sizeof(why));
	json_t *reply;
	bool asked;

	/* Not stopped first: a machine that is saved running goes on by itself when it is restored. */
	asked = qmp_command_with_fd(&l1->qmp, "getfd", json_pack("{s:s}", "fdname", "state"), fd,
				    &error) &&
		qmp_command(&l1->qmp, "migrate-set-parameters",
			    json_pack("{s:I}", "max-bandwidth", (json_int_t)1 << 40), NULL,
			    &error) &&
		qmp_command(&l1->qmp, "migrate", json_pack("{s:s}", "uri", "fd:state"), NULL,
			    &error);
	while (asked && strcmp(status, "completed") && strcmp(status, "failed") &&
	       clock_seconds() < end &&
	       qmp_command(&l1->qmp, "query-migrate", NULL, &reply, &error)) {
		const char *word = json_string_value(json_object_get(reply, "status"));
		const char *said = json_string_value(json_object_get(reply, "error-desc"));

		snprintf(status, sizeof(status), "%s", word ? word : "");
		if (said)
			text_add(&error, "%s", said);
		json_decref(reply);
		usleep(1000);
	}
	return !strcmp(status, "completed") ||
	       problem_set(p, EXIT_LAB, "lab: the machine's state cannot be saved: %s%s%s",
			   *why ? why : "no reason given", *status ? ", " : "", status);
}

/* --- the cache --- */

/* Everything that decides how the machine is when it is ready. */
static char *key_of(struct lab *lab, struct problem *p)
{
	static const struct machine_descriptors none = { .console = 0, .qmp = 0, .incoming = -1 };
	char *text = NULL, *hash = NULL, *driver, *config;
	struct strings command;
	struct stat qemu;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool ok;

	lab->initramfs = new_string("initramfs");
	if (lab->machine->bochs) {
		command = (struct strings){ 0 };
		strings_add(&command, lab->machine->append);
		config = bochs_config(lab, ".");
		strings_add(&command, config);
		free(config);
	} else {
		command = machine_command(lab, &none);
	}
	free(lab->initramfs);
	lab->initramfs = NULL;
	driver = sha256_file(lab->driver, p);
	ok = driver && (!stat(lab->qemu, &qemu) ||
			problem_set(p, EXIT_LAB, "%s: %s", lab->qemu, strerror(errno)));
	if (ok)
		fprintf(out, "labs 2\nqemu %lld %lld.%09ld\nkernel %s\ndriver %s\n",
			(long long)qemu.st_size, (long long)qemu.st_mtim.tv_sec,
			qemu.st_mtim.tv_nsec, lab->kernel.hash, driver);
	for (size_t i = 0; i < command.count; i++)
		fprintf(out, "word %s\n", command.item[i]);
	for (size_t i = 0; i < lab->modules.count; i++)
		fprintf(out, "module %s\n", path_base(lab->modules.item[i]));
	for (size_t i = 0; ok && i < lab->images.count; i++) {
		char *image = sha256_file(lab->images.item[i], p);

		ok = image != NULL;
		fprintf(out, "image %s %s\n", path_base(lab->images.item[i]), image ? image : "");
		free(image);
	}
	fclose(out);
	if (ok)
		hash = sha256_text(text);
	if (hash)
		hash[16] = '\0';
	strings_free(&command);
	free(driver);
	free(text);
	return hash;
}

static bool read_facts(struct lab *lab)
{
	char *path = new_format("%s/lab.json", lab->snapshot);
	json_t *json = json_load_file(path, 0, NULL);
	const char *qemu = json_string_value(json_object_get(json, "qemu"));

	free(qemu ? lab->qemu_version : NULL);
	if (qemu)
		lab->qemu_version = new_string(qemu);
	json_decref(json);
	free(path);
	return qemu != NULL;
}

static bool write_facts(const struct lab *lab, const char *folder, struct problem *p)
{
	char *path = new_format("%s/lab.json", folder), *text;
	json_t *json = json_pack("{s:i, s:s}", "version", 1, "qemu", lab->qemu_version);
	bool ok;

	text = json_dumps(json, JSON_INDENT(1));
	ok = file_write(path, text, strlen(text), p);
	json_decref(json);
	free(text);
	free(path);
	return ok;
}

/* Boot with the console in a file of `folder`, and save. */
static bool make_in(const char *folder, struct lab *lab, boot_trouble *trouble, struct problem *p)
{
	char *console = new_format("%s/console.txt", folder), *state;
	struct l1 l1 = { .console = -1, .qmp.fd = -1, .slave = -1 };
	FILE *out = fopen(console, "we");
	bool ok = out || problem_set(p, EXIT_LAB, "%s: %s", console, strerror(errno));
	int fd = -1;

	state = new_format("%s/state", folder);
	ok = ok && boot(lab, &l1, out, trouble, p);
	if (ok && !lab->missing) {
		fd = open(state, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		ok = (fd >= 0 || problem_set(p, EXIT_LAB, "%s: %s", state, strerror(errno))) &&
		     (lab->machine->cold || save(&l1, fd, p)) && write_facts(lab, folder, p);
	}
	l1_stop(&l1);
	if (fd >= 0)
		close(fd);
	if (out && fclose(out) && ok)
		ok = problem_set(p, EXIT_LAB, "%s: %s", console, strerror(errno));
	free(console);
	free(state);
	return ok;
}

/* A kernel that cannot serve is tried again next time; what it printed stays to be read. */
static void keep_console(struct lab *lab, const char *folder)
{
	char *from = new_format("%s/console.txt", folder);
	char *to = new_format("%s.console.txt", lab->snapshot);
	char *longer = new_format("%s; its console: %s", lab->missing, to);

	rename(from, to);
	free(lab->missing);
	lab->missing = longer;
	free(from);
	free(to);
}

/* Bochs boots every time: any descriptor stands for its folder. */
static int open_state(const struct lab *lab, const char *folder, struct problem *p)
{
	char *path = new_format("%s/%s", folder, lab->machine->bochs ? "kernel" : "state");
	/* Without CLOEXEC: QEMU inherits it. */
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		problem_set(p, EXIT_LAB, "%s: %s; remove that folder", path, strerror(errno));
	free(path);
	return fd;
}

/* A kernel that ends every saved machine by itself is one to judge: the last one stands. */
static bool works(struct lab *lab, const char *folder, int times, boot_trouble *trouble)
{
	struct problem p = { 0 };
	char why[1024] = "", *words;
	int fd = lab->machine->cold ? -1 : open_state(lab, folder, &p);
	bool ok = fd < 0 || saved_machine_works(lab, fd, why, sizeof(why));

	if (fd >= 0)
		close(fd);
	if (ok)
		return true;
	words = new_format("the saved machine of Linux %s does not work: %s", lab->kernel.release,
			   why);
	trouble(words);
	free(words);
	return times == MAKES_MAX;
}

/* In a folder that nobody else sees, which gets its name when it is whole. */
static bool make(struct lab *lab, boot_trouble *trouble, struct problem *p)
{
	char *folder = new_format("%s.partial", lab->snapshot);
	int times = 0;
	bool ok;

	lab->initramfs = new_format("%s/initramfs", folder);
	do {
		folder_remove(folder);
		ok = folder_make(folder, p) && initramfs_write(lab, lab->initramfs, p) &&
		     (lab->machine->bochs ?
			      bochs_write_files(lab, folder, p) && write_facts(lab, folder, p) :
			      make_in(folder, lab, trouble, p));
	} while (ok && !lab->missing && !works(lab, folder, ++times, trouble));
	if (ok && lab->missing)
		keep_console(lab, folder);
	else if (ok && rename(folder, lab->snapshot))
		ok = problem_set(p, EXIT_LAB, "%s: %s", lab->snapshot, strerror(errno));
	if (!ok || lab->missing)
		folder_remove(folder);
	free(lab->initramfs);
	lab->initramfs = NULL;
	free(folder);
	return ok;
}

static bool is_named(int fd, const char *path)
{
	struct stat ours, named;

	return !fstat(fd, &ours) && !stat(path, &named) && ours.st_ino == named.st_ino &&
	       ours.st_dev == named.st_dev;
}

/* Whoever removes a lab removes its lock too: one that nobody else would find is none. */
static int lock(const char *path, int how)
{
	int fd;

	while ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) >= 0) {
		if (flock(fd, how) || is_named(fd, path))
			break;
		close(fd);
	}
	return fd;
}

/*
 * One process at a time makes a lab; the others wait for it.  Who uses one shares its
 * lock for as long as it lives, so that nobody takes it away.
 */
static bool have(struct lab *lab, boot_trouble *trouble, struct problem *p)
{
	char *path = new_format("%s.lock", lab->snapshot);
	int guard = lock(path, LOCK_SH);
	bool ok = read_facts(lab);

	if (!ok) {
		if (guard >= 0)
			close(guard);
		guard = lock(path, LOCK_EX);
		ok = read_facts(lab) || make(lab, trouble, p);
		if (guard >= 0)
			flock(guard, LOCK_SH);
	}
	free(path);
	return ok;
}

/* CACHE/labs, made if it is not there. */
static char *labs_folder(struct problem *p)
{
	struct cache c;
	char *folder = NULL;

	if (!cache_open(&c, p))
		return NULL;
	folder = new_format("%s/labs", c.root);
	cache_close(&c);
	if (folder_make(folder, p))
		return folder;
	free(folder);
	return NULL;
}

int snapshot_open(struct lab *lab, boot_trouble *trouble, struct problem *p)
{
	char *cache = labs_folder(p), *key = cache ? key_of(lab, p) : NULL;
	int fd = -1;
	bool ok;

	if (!key) {
		free(cache);
		return -1;
	}
	lab->snapshot = new_format("%s/%s", cache, key);
	ok = have(lab, trouble, p);
	/* The time of its last use. */
	utimensat(AT_FDCWD, lab->snapshot, NULL, 0);
	if (ok && !lab->missing) {
		lab->initramfs = new_format("%s/initramfs", lab->snapshot);
		fd = open_state(lab, lab->snapshot, p);
	}
	snapshot_prune(cache);
	free(cache);
	free(key);
	return fd;
}
