// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that was made and not yet initialized, or whose initialization was refused, has
 * no state that a VMM could read, write or run.  Law: Documentation/virt/kvm/api.rst,
 * KVM_ARM_VCPU_INIT and the calls it comes before.
 */
#include "arm64/boot/arm64.h"
#include "lib/arm64/kvm_interface.h"
#include "lib/guest/host.h"

enum { NO_SUCH_FEATURE = BIT(31) };

static const struct early {
	const char *name;
	u64 word[5];
	bool only_before; /* later it would do something */
} calls[] = {
	{ "KVM_GET_ONE_REG", { HOST_GET_REGISTER, 0, 1, REGISTER_PC }, false },
	{ "KVM_SET_ONE_REG", { HOST_SET_REGISTER, 0, 1, REGISTER_PC, PLATFORM_RAM }, false },
	{ "KVM_GET_REG_LIST", { HOST_COUNT_REGISTERS, 0, 1 }, false },
	{ "KVM_GET_VCPU_EVENTS", { HOST_GET_EVENTS, 0, 1 }, false },
	{ "KVM_SET_VCPU_EVENTS", { HOST_SET_EVENTS, 0, 1 }, false },
	{ "KVM_SET_VCPU_EVENTS-serror", { HOST_SET_EVENTS, 0, 1, EVENT_SERROR }, true },
	{ "KVM_SET_VCPU_EVENTS-abort", { HOST_SET_EVENTS, 0, 1, EVENT_EXTERNAL_ABORT }, true },
	{ "KVM_RUN", { SCRATCH_RUN, 0 }, true },
};

enum before { NEW, REFUSED_INIT, BESIDE_ANOTHER, BEFORE_COUNT };
static const char *const before_names[BEFORE_COUNT] = { "new", "refused", "beside-another" };

static void make_vcpu(enum before before)
{
	ASSERT_EQ(0, HOST(SCRATCH_VM, PLATFORM_RAM, 0x10000));
	if (before == BESIDE_ANOTHER) {
		ASSERT_EQ(0, HOST(SCRATCH_VCPU, 1));
		ASSERT_EQ(0, HOST(SCRATCH_VCPU_INIT, 1));
	}
	ASSERT_EQ(0, HOST(SCRATCH_VCPU, 0));
	if (before == REFUSED_INIT)
		EXPECT(host_call_failed(HOST(SCRATCH_VCPU_INIT, 0, NO_SUCH_FEATURE)));
}

TEST(no_state_before_init,
     "the state of a vCPU can be read, written and run once KVM_ARM_VCPU_INIT made it, not before",
     LAW("Documentation/virt/kvm/api.rst, KVM_ARM_VCPU_INIT"),
     FIXES(FIX("id unknown", "KVM: arm64: Prevent access to vCPU events before init")),
     ACTIONS(HOST_CALL), CASES(BEFORE_COUNT *ARRAY_SIZE(calls)))
{
	for (enum before before = 0; before < BEFORE_COUNT; before++)
		for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
			CASE ("vcpu=%s,call=%s", before_names[before], calls[i].name) {
				const struct early *c = &calls[i];
				u64 events;

				make_vcpu(before);
				EXPECT_ANSWER(REFUSED(HOST_ENOEXEC), host_call_of(c->word));
				ASSERT_EQ(0, HOST(SCRATCH_VCPU_INIT, 0));
				if (!c->only_before)
					EXPECT(!host_call_failed(host_call_of(c->word)));
				/* With RAS any SError has a syndrome: no event. */
				events = HOST(HOST_GET_EVENTS, 0, 1);
				EXPECT_ANSWER(0, events & ~(u64)EVENT_SERROR_HAS_ESR);
			}
}
