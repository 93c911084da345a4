// SPDX-License-Identifier: GPL-2.0-only
/* What the command line asks for, as a lab; see lab.h. */
#include "harness/lab/lab.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/driver/kvm-arm64-options.h"
#include "harness/lab/bochs.h"
#include "harness/lab/kernel-files.h"
#include "harness/lab/kernel-release.h"

#define DRIVER_PREFIX "assay-driver-"

static bool find_host(struct lab *lab, const char *driver, struct problem *p)
{
	const char *name = path_base(driver);

	lab->driver = new_string(driver);
	if (strncmp(name, DRIVER_PREFIX, strlen(DRIVER_PREFIX)))
		return problem_set(p, EXIT_USAGE, "%s is not the path of a driver", driver);
	lab->host = name + strlen(DRIVER_PREFIX);
	return !strcmp(lab->host, "kvm") ||
	       problem_set(p, EXIT_USAGE,
			   "host %s does not run in a lab: what a lab judges is its kernel's KVM; "
			   "write kvm@lab",
			   lab->host);
}

static bool is_arm64(const struct lab *lab)
{
	return !strcmp(lab->machine->arch, "arm64");
}

/*
 * Payloads are the files without a dot in x86/ or arm64/ beside the driver; the driver
 * for arm64 lies in arm64/driver/.
 */
static bool find_images(struct lab *lab, struct problem *p)
{
	char *build = path_folder(lab->driver), *path;
	char *folder = new_format("%s/%s", build, is_arm64(lab) ? "arm64" : "x86");
	DIR *d = opendir(folder);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (strchr(entry->d_name, '.') || entry->d_type == DT_DIR)
			continue;
		path = new_format("%s/%s", folder, entry->d_name);
		strings_add(&lab->images, path);
		free(path);
	}
	if (d)
		closedir(d);
	strings_sort(&lab->images);
	if (!lab->images.count)
		problem_set(p, EXIT_USAGE, "%s: no payloads are there; run make", folder);
	if (is_arm64(lab)) {
		path = new_format("%s/driver/%s", folder, path_base(lab->driver));
		free(lab->driver);
		lab->driver = path;
		lab->host = path_base(path) + strlen(DRIVER_PREFIX);
	}
	free(folder);
	free(build);
	return lab->images.count > 0;
}

/* As execvp(3) would find it; NULL if there is none. */
static char *in_path(const char *binary)
{
	const char *search = getenv("PATH");
	struct strings folders = strings_split(search ? search : "/usr/bin:/bin", ':');
	char *path = NULL;

	for (size_t i = 0; !path && i < folders.count; i++) {
		path = new_format("%s/%s", folders.item[i], binary);
		if (!access(path, X_OK))
			break;
		free(path);
		path = NULL;
	}
	strings_free(&folders);
	return path;
}

static bool find_qemu(struct lab *lab, struct problem *p)
{
	const char *named = lab->place.value[PLACE_QEMU];

	if (strchr(named, '/'))
		lab->qemu = new_string(named);
	else
		lab->qemu = in_path(*named ? named : lab->machine->qemu);
	if (lab->qemu && !access(lab->qemu, X_OK))
		return true;
	if (*named)
		return problem_set(p, EXIT_USAGE, "@lab,qemu=%s: no such program", named);
	return problem_set(p, EXIT_LAB, "no %s is installed; install %s", lab->machine->qemu,
			   lab->machine->package);
}

/* --- options before the @: of the driver, or parameters of modules --- */

/*
 * The driver itself says whether it has the option; it is asked here, before anything
 * boots.  One for another processor cannot be: its table of options is asked.
 */
static bool driver_takes(const struct lab *lab, const char *option)
{
	const struct host_ops arm64 = { .name = "kvm",
					.options = kvm_arm64_options,
					.sabotages = kvm_arm64_sabotages };
	char words[512];
	struct text error = text_into(words, sizeof(words));
	int status = 0;
	pid_t pid;

	if (is_arm64(lab))
		return option_set(&arm64, option, &error);
	pid = fork();

	if (!pid) {
		freopen("/dev/null", "w", stdout);
		freopen("/dev/null", "w", stderr);
		execl(lab->driver, lab->driver, "--probe", option, (char *)NULL);
		_exit(EXIT_USAGE);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) != EXIT_USAGE;
}

static bool unknown_option(const struct lab *lab, const char *option, struct problem *p)
{
	size_t length = strcspn(option, "=");

	if (place_has(option, length))
		return problem_set(p, EXIT_USAGE, "%.*s is an option of the place: write %s@lab,%s",
				   (int)length, option, lab->host, option);
	return problem_set(p, EXIT_USAGE,
			   "'%s' is no option of host %s, and no module of Linux %s has such a "
			   "parameter; assay targets lists the options",
			   option, lab->host, lab->kernel.release);
}

/* Add "name=value" to the line of a module in lab->modules. */
static void add_parameter(struct lab *lab, const char *module, const char *option)
{
	for (size_t i = 0; i < lab->modules.count; i++) {
		char **line = &lab->modules.item[i], *longer;
		const char *file = strrchr(*line, '/');
		size_t length = strcspn(++file, ".");
		bool same = length == strlen(module);

		/* A file kvm-amd.ko is the module kvm_amd. */
		for (size_t c = 0; same && c < length; c++)
			same = file[c] == module[c] || (file[c] == '-' && module[c] == '_');
		if (!same)
			continue;
		longer = new_format("%s %s", *line, option);
		free(*line);
		*line = longer;
	}
}

/* On arm64 KVM is always built in: its parameters are the kernel's. */
static void add_boot_parameter(struct lab *lab, const char *module, const char *option)
{
	char *parameter = new_format("%s.%s", module, option);

	strings_add(&lab->boot_parameters, parameter);
	free(parameter);
}

static bool is_early(const struct lab *lab, const char *name)
{
	const char *early = lab->machine->early;
	struct strings names = strings_split(early ? early : "", ' ');
	bool is = strings_have(&names, name);

	strings_free(&names);
	return is;
}

static bool add_option(struct lab *lab, const char *option, struct problem *p)
{
	char *name = new_format("%.*s", (int)strcspn(option, "="), option), *module = NULL;
	bool ok = true;

	if (driver_takes(lab, option)) {
		strings_add(&lab->options, option);
	} else if (is_early(lab, name)) {
		add_boot_parameter(lab, "kvm-arm", option);
		strings_add(&lab->parameters, option);
	} else if (kernel_parameter(&lab->kernel, lab->machine->kvm, name, &module)) {
		if (is_arm64(lab))
			add_boot_parameter(lab, module, option);
		else
			add_parameter(lab, module, option);
		strings_add(&lab->parameters, option);
	} else {
		ok = unknown_option(lab, option, p);
	}
	free(module);
	free(name);
	return ok;
}

/* --- the whole --- */

/* False if the kernel has none of that name. */
static bool add_modules(struct lab *lab, const char *top)
{
	const struct strings *modules = kernel_modules(&lab->kernel, top);

	for (size_t i = 0; modules && i < modules->count; i++)
		if (!strings_have(&lab->modules, modules->item[i]))
			strings_add(&lab->modules, modules->item[i]);
	return modules || (is_arm64(lab) && kernel_has_builtin(&lab->kernel, top));
}

static bool find_modules(struct lab *lab)
{
	const char *names = lab->machine->modules;
	struct strings others = strings_split(names ? names : "", ' ');

	for (size_t i = 0; i < others.count; i++)
		add_modules(lab, others.item[i]);
	strings_free(&others);
	if (!add_modules(lab, lab->machine->kvm))
		lab->missing =
			new_format("Linux %s has no %s", lab->kernel.release, lab->machine->kvm);
	return true;
}

static void set_default(struct lab *lab, enum place_option option, const char *value)
{
	if (!*lab->place.value[option])
		lab->place.value[option] = value;
}

/* As assay pairs targets and images: by the machine's name, or by the kernel's. */
static bool find_machine(struct lab *lab, struct problem *p)
{
	const char *machine = lab->place.value[PLACE_MACHINE];
	const char *arch = spec_arch(lab->place.value[PLACE_KERNEL]);

	if (!arch && !*machine)
		arch = "amd64";
	lab->machine = machine_find(machine, arch);
	if (!lab->machine)
		return problem_set(p, EXIT_USAGE, "there is no machine %s for %s", machine, arch);
	set_default(lab, PLACE_CPU, lab->machine->cpu);
	set_default(lab, PLACE_CPUS, lab->machine->cpus);
	set_default(lab, PLACE_MEMORY, lab->machine->memory);
	return true;
}

bool lab_setup(struct lab *lab, const char *driver, char *const *options, size_t count,
	       char *const *place_options, size_t place_count, struct problem *p)
{
	*lab = (struct lab){ 0 };
	if (!find_host(lab, driver, p) ||
	    !place_parse(&lab->place, place_options, place_count, p) || !find_machine(lab, p) ||
	    !find_images(lab, p) ||
	    !(lab->machine->bochs ? bochs_find(lab, p) : find_qemu(lab, p)) ||
	    !kernel_get(&lab->kernel, lab->place.value[PLACE_KERNEL], lab->machine->arch, p) ||
	    !find_modules(lab))
		return false;
	if (place_is(&lab->place, PLACE_LA57, '1') && !lab->kernel.image)
		return problem_set(
			p, EXIT_USAGE,
			"la57=1 needs a bzImage, and kernel %s is a vmlinux alone; leave "
			"it out or give the bzImage",
			lab->kernel.spec);
	if (lab->machine->driver)
		strings_add(&lab->options, lab->machine->driver);
	strings_add(&lab->options, "spare_host=off");
	for (size_t i = 0; i < count; i++)
		if (!add_option(lab, options[i], p))
			return false;
	return true;
}

void lab_free(struct lab *lab)
{
	kernel_free(&lab->kernel);
	free(lab->driver);
	strings_free(&lab->boot_parameters);
	strings_free(&lab->images);
	strings_free(&lab->options);
	strings_free(&lab->parameters);
	strings_free(&lab->modules);
	free(lab->qemu);
	free(lab->snapshot);
	free(lab->initramfs);
	free(lab->qemu_version);
	free(lab->missing);
}
