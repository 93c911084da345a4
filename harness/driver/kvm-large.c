// SPDX-License-Identifier: GPL-2.0-only
/*
 * Large pages of the host's behind guest memory: where they are there, KVM may map
 * them for the guest in one piece, and must split that when a part of it changes.
 */
#include "harness/driver/kvm.h"

#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

enum { LARGE_BYTES = 2 << 20, NAME_MAX_BYTES = 64 };

/* Without length nothing happens, but the advice must be one that this kernel has. */
bool kvm_can_merge(void)
{
	return !madvise((void *)LARGE_BYTES, 0, MADV_COLLAPSE);
}

/*
 * KVM maps no large page where the addresses of guest and host differ within one: the
 * pages in front are nobody's.
 */
u8 *kvm_map_memory(u64 bytes)
{
	u8 *all = mmap(NULL, bytes + LARGE_BYTES, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	u8 *aligned = (u8 *)ALIGN_UP((u64)all, LARGE_BYTES);

	if (all == MAP_FAILED)
		return NULL;
	if (mmap(aligned, bytes, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
		return NULL;
	return aligned;
}

KVM_ACTION(kvm_act_merge_pages)
{
	struct kvm_vm *k = (struct kvm_vm *)vm;
	u64 gpa = arguments[0], length = arguments[1];
	/* Slots may divide the range; the memory behind it is one piece all the same. */
	u8 *memory = kvm_memory_at(k, gpa, 1);

	(void)value;
	if (!memory || !length || (gpa | length) % LARGE_BYTES ||
	    length > kvm.memory_size - (u64)(memory - k->memory)) {
		text_add(detail, "%#llx, %#llx bytes: not whole large pages of guest memory",
			 (unsigned long long)gpa, (unsigned long long)length);
		return SYNC_REFUSED;
	}
	if (madvise(memory, length, MADV_COLLAPSE)) {
		text_add(detail, "madvise(MADV_COLLAPSE): %s", strerrorname_np(errno));
		return SYNC_FAILED;
	}
	if (sabotaged("merge-loses-page"))
		memset(memory + length / 2, 0, length / 512);
	return SYNC_OK;
}

static bool read_statistic(int fd, const char *name, u64 *value)
{
	struct {
		struct kvm_stats_desc fixed;
		char name[NAME_MAX_BYTES];
	} desc;
	struct kvm_stats_header header;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    header.name_size > sizeof(desc.name))
		return false;
	for (u32 i = 0; i < header.num_desc; i++) {
		ssize_t bytes = (ssize_t)(sizeof(desc.fixed) + header.name_size);

		if (pread(fd, &desc, (size_t)bytes, header.desc_offset + (off_t)i * bytes) != bytes)
			return false;
		if (!strncmp(desc.name, name, header.name_size))
			return pread(fd, value, sizeof(*value),
				     header.data_offset + (off_t)desc.fixed.offset) ==
			       sizeof(*value);
	}
	errno = ENOENT;
	return false;
}

bool kvm_statistic(int object, const char *name, u64 *value)
{
	int fd = ioctl(object, KVM_GET_STATS_FD, NULL);
	bool found = fd >= 0 && read_statistic(fd, name, value);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return found;
}

KVM_ACTION(kvm_act_count_large_pages)
{
	(void)arguments;
	if (kvm_statistic(((struct kvm_vm *)vm)->fd, "pages_2m", value))
		return SYNC_OK;
	text_add(detail, "KVM_GET_STATS_FD, pages_2m: %s", strerrorname_np(errno));
	return SYNC_FAILED;
}
