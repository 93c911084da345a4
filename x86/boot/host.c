// SPDX-License-Identifier: GPL-2.0-only
/* See host.h. */
#include "x86/boot/host.h"

u64 host_get_image(u64 call, u64 object, struct host_image *to)
{
	memset(to, HOST_UNTOUCHED, sizeof(*to));
	return HOST(call, object, (u64)to, sizeof(*to));
}

u64 host_set_image(u64 object, const struct host_image *from)
{
	return HOST(HOST_SET_XSAVE, object, (u64)from, sizeof(*from));
}

bool expect_untouched(const struct host_image *image, u64 from)
{
	const u64 untouched = HOST_UNTOUCHED * 0x0101010101010101ull;

	for (u64 at = ALIGN_UP(from, 8); at < sizeof(*image); at += 8)
		if (!EXPECT_EQ(untouched, image_word(image, (unsigned int)at)))
			return false;
	return true;
}

u64 image_word(const struct host_image *image, unsigned int at)
{
	u64 value;

	memcpy(&value, image->byte + at, sizeof(value));
	return value;
}

void image_set_word(struct host_image *image, unsigned int at, u64 value)
{
	memcpy(image->byte + at, &value, sizeof(value));
}

u64 host_image_size(void)
{
	return HOST(HOST_CHECK_EXTENSION, HOST_VM, CAPABILITY_XSAVE2);
}

void scratch_cpu(u64 xcr0, u64 less)
{
	ASSERT_(EXPECT_ANSWER(0, HOST(SCRATCH_VM)));
	ASSERT_(EXPECT_ANSWER(0, HOST(SCRATCH_VCPU, 0)));
	ASSERT_(EXPECT_ANSWER(0, HOST(HOST_SET_CPUID, SCRATCH_CPU, xcr0, less)));
}
