// SPDX-License-Identifier: GPL-2.0-only
/*
 * An access to device memory that a VMM completes, aborts, or resets the vCPU behind.
 * Law: Documentation/virt/kvm/api.rst, KVM_RUN (KVM_EXIT_MMIO), KVM_SET_VCPU_EVENTS and
 * KVM_ARM_VCPU_INIT; Arm ARM D1.3.
 */
#include "arm64/vgic/scratch.h"

SCRATCH_INSTRUCTIONS(load, "ldr w1, [x0]; str w1, [x0, #16]; b .");
SCRATCH_INSTRUCTIONS(load_8, "ldrb w1, [x0]; str w1, [x0, #16]; b .");
SCRATCH_INSTRUCTIONS(load_64, "ldr x1, [x0]; str w1, [x0, #16]; b .");
SCRATCH_INSTRUCTIONS(store, "str w1, [x0]; str w1, [x0, #16]; b .");
/* Where an exception leads: it tells of itself, and whether its first instruction was left out. */
SCRATCH_INSTRUCTIONS(handler, "str w1, [x0, #32]; str w1, [x0, #36]; b .");

enum { BEHIND = 16, IN_HANDLER = 32, VECTOR_SYNCHRONOUS = 0x200 };
/* What is in x1 before, and what the device answers: eight bytes, of which a load takes its own. */
#define BEFORE 0x1122334455667788ull
#define ANSWER 0xdeadbeef00c0ffeeull

static const struct access {
	const char *name;
	const u64 *code, *end;
	u64 result; /* of x1, once it is complete */
} accesses[] = {
	{ "load", load, load_end, (u32)ANSWER },
	{ "load-8", load_8, load_8_end, ANSWER & 0xff },
	{ "load-64", load_64, load_64_end, ANSWER },
	{ "store", store, store_end, BEFORE },
};

/* Until the exit for it; the answer is there, and not yet taken. */
static void begin(const struct access *a)
{
	scratch_begin(0);
	scratch_load_words(SCRATCH_CODE, a->code, a->end);
	SCRATCH_LOAD(SCRATCH_VECTORS + VECTOR_SYNCHRONOUS, handler);
	scratch_set(REGISTER_VBAR_EL1, SCRATCH_VECTORS);
	scratch_set(REGISTER_X(1), BEFORE);
	scratch_start(SCRATCH_CODE);
	ASSERT_EQ(EXIT_MMIO, scratch_run());
	ASSERT_EQ(SCRATCH_DEVICE_AT, HOST(SCRATCH_READ_RUN, 0, RUN_MMIO_ADDRESS));
	HOST(SCRATCH_WRITE_RUN, 0, RUN_MMIO_DATA, ANSWER);
}

/* The next access is at that offset of the device. */
static void expect_access(u64 offset)
{
	EXPECT_ANSWER(EXIT_MMIO, scratch_run());
	EXPECT_EQ(SCRATCH_DEVICE_AT + offset, HOST(SCRATCH_READ_RUN, 0, RUN_MMIO_ADDRESS));
}

TEST(access_completed,
     "the KVM_RUN behind KVM_EXIT_MMIO completes the access, at once or by itself",
     LAW("Documentation/virt/kvm/api.rst, KVM_RUN, KVM_EXIT_MMIO and immediate_exit"),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(accesses) * 2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++)
		for (unsigned int alone = 0; alone < 2; alone++)
			CASE ("access=%s,immediate_exit=%u", accesses[i].name, alone) {
				begin(&accesses[i]);
				if (alone) {
					EXPECT_ANSWER(REFUSED(HOST_EINTR),
						      scratch_run_immediate_exit());
					EXPECT_EQ(SCRATCH_CODE + 4, scratch_get(REGISTER_PC));
				}
				expect_access(BEHIND);
				EXPECT_EQ(accesses[i].result, scratch_get(REGISTER_X(1)));
			}
}

TEST(access_aborted,
     "an access that the host aborts at KVM_EXIT_MMIO is not complete: the abort is taken at it",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_VCPU_EVENTS (ext_dabt_pending); Arm ARM D1.3"),
     FIXES(FIX("e735a5da64420a86be370b216c269b5dd8e830e2",
	       "KVM: arm64: Don't retire aborted MMIO instruction")
		   FIX("efa1368ba9f4b6e081c0fdd73245b0ba6ef75bda",
		       "KVM: arm64: Commit exceptions from KVM_SET_VCPU_EVENTS immediately")),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(accesses) * 2))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++)
		for (unsigned int alone = 0; alone < 2; alone++)
			CASE ("access=%s,immediate_exit=%u", accesses[i].name, alone) {
				begin(&accesses[i]);
				EXPECT_ANSWER(0, HOST(HOST_SET_EVENTS, 0, 1, EVENT_EXTERNAL_ABORT));
				if (alone) {
					EXPECT_ANSWER(REFUSED(HOST_EINTR),
						      scratch_run_immediate_exit());
					EXPECT_EQ(SCRATCH_VECTORS + VECTOR_SYNCHRONOUS,
						  scratch_get(REGISTER_PC));
				}
				expect_access(IN_HANDLER);
				EXPECT_EQ(SCRATCH_CODE, scratch_get(REGISTER_ELR_EL1));
				EXPECT_EQ(SCRATCH_DEVICE_AT, scratch_get(REGISTER_FAR_EL1));
				EXPECT_EQ(0x25, scratch_get(REGISTER_ESR_EL1) >> 26 & 0x3f);
				EXPECT_EQ(BEFORE, scratch_get(REGISTER_X(1)));
			}
}

/* --- KVM_ARM_VCPU_INIT behind it --- */

enum before_reset { COMPLETED, ABORT_PENDING, SERROR_PENDING, ABORT_ALONE, BEFORE_RESET_COUNT };
static const char *const before_reset_names[BEFORE_RESET_COUNT] = { "completed", "abort-pending",
								    "serror-pending",
								    "abort-without-access" };

static void before_reset(enum before_reset before)
{
	if (before == COMPLETED || before == ABORT_ALONE)
		EXPECT_ANSWER(REFUSED(HOST_EINTR), scratch_run_immediate_exit());
	if (before == ABORT_PENDING || before == ABORT_ALONE)
		EXPECT_ANSWER(0, HOST(HOST_SET_EVENTS, 0, 1, EVENT_EXTERNAL_ABORT));
	if (before == SERROR_PENDING) {
		EXPECT_ANSWER(REFUSED(HOST_EINTR), scratch_run_immediate_exit());
		EXPECT_ANSWER(0, HOST(HOST_SET_EVENTS, 0, 1, EVENT_SERROR));
	}
}

TEST(reset_forgets,
     "a vCPU that is initialized anew begins exactly at the PC it is given, whatever was under way",
     LAW("Documentation/virt/kvm/api.rst, KVM_ARM_VCPU_INIT"),
     FIXES(FIX("efa1368ba9f4b6e081c0fdd73245b0ba6ef75bda",
	       "KVM: arm64: Commit exceptions from KVM_SET_VCPU_EVENTS immediately")),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(accesses) * BEFORE_RESET_COUNT))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++)
		for (enum before_reset before = 0; before < BEFORE_RESET_COUNT; before++)
			CASE ("access=%s,before=%s", accesses[i].name, before_reset_names[before]) {
				u64 events;

				begin(&accesses[i]);
				before_reset(before);
				ASSERT_EQ(0, HOST(SCRATCH_VCPU_INIT, 0));
				events = HOST(HOST_GET_EVENTS, 0, 1);
				EXPECT_ANSWER(0, events & ~(u64)EVENT_SERROR_HAS_ESR);
				scratch_set(REGISTER_VBAR_EL1, SCRATCH_VECTORS);
				scratch_start(SCRATCH_CODE);
				EXPECT_ANSWER(REFUSED(HOST_EINTR), scratch_run_immediate_exit());
				if (EXPECT_EQ(SCRATCH_CODE, scratch_get(REGISTER_PC)))
					expect_access(0);
			}
}
