// SPDX-License-Identifier: GPL-2.0-only
/*
 * PAGE_OUT: memory of the guest that its host does not have just now, as if it were on a
 * disk.  The first who touches it waits, in the middle of whatever KVM is about; then eight
 * bytes of other memory change, and the page is there again.  userfaultfd(2) holds the fault.
 */
#include "harness/driver/kvm.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { PAGE_BYTES = 4096, HELD_MILLISECONDS = 2000 };

/* One at a time. */
static struct {
	pthread_t thread;
	bool runs, held;
	int fd, quit[2];
	u8 *page, content[PAGE_BYTES];
	volatile u64 *word; /* that changes, to `value`; NULL: none */
	u64 value;
	volatile u64 waited; /* how often somebody did */
} out;

static void *serve(void *unused)
{
	struct pollfd polled[] = { { .fd = out.fd, .events = POLLIN },
				   { .fd = out.quit[0], .events = POLLIN } };
	struct uffdio_copy copy = { .dst = (u64)out.page,
				    .src = (u64)out.content,
				    .len = PAGE_BYTES };
	struct uffd_msg message;

	(void)unused;
	while (poll(polled, ARRAY_SIZE(polled), -1) < 0 && errno == EINTR)
		;
	if (polled[0].revents && read(out.fd, &message, sizeof(message)) == sizeof(message)) {
		if (out.word)
			*out.word = out.value;
		out.waited++;
	}
	/* A host that waits for the page where it should not would never come to the next PAGE_OUT. */
	while (out.held && poll(&polled[1], 1, HELD_MILLISECONDS) < 0 && errno == EINTR)
		;
	ioctl(out.fd, UFFDIO_COPY, &copy);
	close(out.fd);
	return NULL;
}

static bool watch(struct text *why)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MISSING_SHMEM };
	struct uffdio_register range = {
		.range = { .start = (u64)out.page, .len = PAGE_BYTES },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	out.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (out.fd >= 0 && !ioctl(out.fd, UFFDIO_API, &api) &&
	    !ioctl(out.fd, UFFDIO_REGISTER, &range) && !madvise(out.page, PAGE_BYTES, MADV_REMOVE))
		return true;
	text_add(why, "userfaultfd: %s", strerrorname_np(errno));
	if (out.fd >= 0)
		close(out.fd);
	return false;
}

void kvm_page_out_end(void)
{
	if (!out.runs)
		return;
	if (write(out.quit[1], "", 1) == 1)
		pthread_join(out.thread, NULL);
	close(out.quit[0]);
	close(out.quit[1]);
	out.runs = false;
}

KVM_ACTION(kvm_act_page_out)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;

	kvm_page_out_end();
	*value = out.waited;
	out.page = kvm_memory_at(k, arguments[0], PAGE_BYTES);
	out.word = arguments[1] ? (u64 *)kvm_memory_at(k, arguments[1], sizeof(u64)) : NULL;
	out.value = arguments[2];
	out.held = arguments[3];
	if (!arguments[0]) {
		out.waited = 0;
		return SYNC_OK;
	}
	if (!out.page || arguments[0] % PAGE_BYTES || (arguments[1] && !out.word) ||
	    arguments[1] % sizeof(u64)) {
		text_add(detail, "PAGE_OUT: a page of guest memory, and an aligned word or 0");
		return SYNC_REFUSED;
	}
	memcpy(out.content, out.page, PAGE_BYTES);
	if (sabotaged("page-out-loses"))
		memset(out.content, 0, PAGE_BYTES);
	if (pipe2(out.quit, O_CLOEXEC)) {
		text_add(detail, "pipe: %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	out.runs = watch(detail) && !pthread_create(&out.thread, NULL, serve, NULL);
	if (out.runs)
		return SYNC_OK;
	close(out.quit[0]);
	close(out.quit[1]);
	return SYNC_FAILED;
}

bool kvm_can_page_out(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
