// SPDX-License-Identifier: GPL-2.0-only
/* See scratch.h. */
#include "arm64/vgic/scratch.h"

void scratch_begin(u64 features)
{
	ASSERT_EQ(0, HOST(SCRATCH_VM, PLATFORM_RAM, 0x10000));
	ASSERT_EQ(0, HOST(SCRATCH_VCPU, 0));
	ASSERT_EQ(0, HOST(SCRATCH_VCPU_INIT, 0, features));
}

void scratch_load_words(u64 to, const u64 *from, const u64 *end)
{
	for (; from < end; from++, to += sizeof(*from))
		HOST(HOST_WRITE_MEMORY, to, *from);
}

void scratch_start(u64 pc)
{
	scratch_set(REGISTER_PC, pc);
	scratch_set(REGISTER_X(0), SCRATCH_DEVICE_AT);
}

u64 scratch_run(void)
{
	return HOST(SCRATCH_RUN, 0, false);
}

u64 scratch_run_immediate_exit(void)
{
	return HOST(SCRATCH_RUN, 0, true);
}

u64 scratch_get(u64 id)
{
	return HOST(HOST_GET_REGISTER, 0, 1, id);
}

void scratch_set(u64 id, u64 value)
{
	ASSERT_EQ(0, HOST(HOST_SET_REGISTER, 0, 1, id, value));
}
