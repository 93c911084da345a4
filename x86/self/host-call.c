// SPDX-License-Identifier: GPL-2.0-only
/* What of HOST_CALL is the test's own fault, and what an answer. */
#include "lib/guest/host.h"
#include "x86/boot/x86.h"

enum { NO_SUCH_MEMORY = 0x7ff0000000, HOST_ENOSYS = 38 };

/* The status of a call with these words. */
static enum sync_status status_of(const u64 *w)
{
	return sync_try(HOST_CALL, .host_call = { w[0], w[1], w[2], w[3], w[4] })
		->status[SYNC_BIT_HOST_CALL];
}

TEST(host_call_refuses,
     "HOST_CALL refuses a test's nonsense, and says -ENOSYS of another architecture's",
     ACTIONS(HOST_CALL), FLAGS(TEST_INTERNAL), CASES(9))
{
	static u64 word;
	const struct {
		const char *name;
		u64 word[5];
	} bad[] = {
		{ "no-such-call", { HOST_CALL_COUNT } },
		{ "no-such-object", { HOST_GET_XCR, 99 } },
		{ "no-its", { HOST_CHECK_EXTENSION, HOST_ITS } },
		{ "no-scratch-vm", { SCRATCH_VCPU, 0 } },
		{ "no-scratch-vcpu", { HOST_GET_XCR, SCRATCH_OBJECT_VCPU } },
		{ "msr-to-nowhere", { HOST_GET_MSR, HOST_VCPU, 0x10, NO_SUCH_MEMORY } },
		{ "image-from-nowhere", { HOST_SET_XSAVE, HOST_VCPU, NO_SUCH_MEMORY, 4096 } },
		{ "image-too-long", { HOST_GET_XSAVE, HOST_VCPU, (u64)&word, HOST_XSAVE_MAX + 1 } },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		CASE ("bad=%s", bad[i].name)
			EXPECT_EQ(SYNC_REFUSED, status_of(bad[i].word));
	CASE ("of=arm64")
		EXPECT_ANSWER(REFUSED(HOST_ENOSYS), HOST(SCRATCH_VCPU_INIT, 0));
}
