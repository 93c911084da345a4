// SPDX-License-Identifier: GPL-2.0-only
/*
 * TSC-deadline mode as the host sees it: what it saves and loads while the deadline is
 * to come, passes or has passed (KVM api.rst, KVM_GET_MSRS, KVM_GET_LAPIC).  Wherever the
 * deadline is met, the guest gets its vector once.
 */
#include "x86/boot/host.h"
#include "x86/event/deadline.h"

#define HOST_LAW DEADLINE_LAW "; KVM api.rst, "

static u64 host_deadline(void)
{
	u64 value = ~0ull;

	ASSERT_EQ(1, HOST(HOST_GET_MSR, HOST_VCPU, MSR_TSC_DEADLINE, (u64)&value));
	return value;
}

static void host_arms(u64 deadline)
{
	EXPECT_EQ(1, HOST(HOST_SET_MSR, HOST_VCPU, MSR_TSC_DEADLINE, deadline));
}

TEST(deadline_across_save, "an armed deadline fires in a fresh VM once, and not before its time",
     LAW(HOST_LAW "KVM_SET_MSRS, KVM_SET_LAPIC"), NEEDS(APIC | TSC_DEADLINE),
     ACTIONS(SAVE | RESTORE), CASES(6))
{
	/* From far behind the move to before it. */
	static const struct {
		const char *name;
		u64 ticks;
	} rows[] = {
		{ "near", 16 * DEADLINE_NEAR },
		{ "meanwhile", 1 << 14 },
		{ "past", 0 },
	};

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(rows); i++)
		CASE ("deadline=%s,if=%u", rows[i / 2].name, i & 1) {
			u64 deadline;

			deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
			deadline = deadline_arm(rows[i / 2].ticks);
			if (i & 1)
				sti();
			sync(SAVE | RESTORE);
			if (!(i & 1)) {
				EXPECT_NOTHING_SEEN();
				deadline_pass(deadline);
			}
			deadline_wait(deadline, 1);
			deadline_wait_longer();
			EXPECT_CAME_ONCE(deadline);
			EXPECT_EQ(0, deadline_armed());
		}
	deadline_disarm();
}

TEST(deadline_moves, "IA32_TSC_DEADLINE and the mode that is its own move to a fresh VM",
     LAW(HOST_LAW "KVM_SET_MSRS, KVM_SET_LAPIC"), NEEDS(APIC | TSC_DEADLINE),
     ACTIONS(SAVE | RESTORE), CASES(3))
{
	CASE ("deadline=far") {
		u64 deadline;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline = deadline_arm(DEADLINE_FAR);
		sync(SAVE | RESTORE);
		EXPECT_EQ(LVT_DEADLINE | DEADLINE_VECTOR, apic_read(APIC_LVT_TIMER));
		EXPECT_EQ(deadline, deadline_armed());
	}
	CASE ("deadline=none") {
		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		sync(SAVE | RESTORE);
		EXPECT_EQ(0, deadline_armed());
		deadline_wait_longer();
		EXPECT_NOTHING_SEEN();
	}
	CASE ("deadline=fired") {
		u64 deadline;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		deadline = deadline_arm(DEADLINE_NEAR);
		deadline_wait(deadline, 1);
		sync(SAVE | RESTORE);
		EXPECT_EQ(0, deadline_armed());
		deadline_wait_longer();
		EXPECT_CAME_ONCE(deadline);
	}
	deadline_disarm();
}

/*
 * The host reads the MSR and the local APIC's registers one after the other, and between
 * the two the deadline must not come to be in both or in neither.  A fresh VM's TSC goes on
 * from where it was read, which tells how long it takes to come there.
 */
TEST(deadline_amid_save, "a deadline that passes while the host reads the vCPU's state fires once",
     LAW(HOST_LAW "KVM_GET_MSRS, KVM_GET_LAPIC"), NEEDS(APIC | TSC_DEADLINE),
     ACTIONS(SAVE | RESTORE), CASES(8))
{
	u64 start, ticks;

	sync(SAVE | RESTORE);
	start = rdtsc();
	sync(SAVE | RESTORE);
	ticks = rdtsc();
	/* Where it does not go on another law says so (state/tsc-goes-on). */
	ticks = ticks > start ? ticks - start : DEADLINE_NEAR;
	for (unsigned int i = 0; i < 8; i++)
		CASE ("eighths=%u", 6 + i) {
			u64 deadline;

			deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
			deadline = deadline_arm(ticks * (6 + i) / 8);
			sync(SAVE | RESTORE);
			deadline_wait(deadline, 1);
			deadline_wait_longer();
			EXPECT_CAME_ONCE(deadline);
			EXPECT_EQ(0, deadline_armed());
		}
	deadline_disarm();
}

/* The deadline is met while the host keeps the vCPU off the processor, or looks at it. */
TEST(deadline_while_stopped, "a deadline that passes while the vCPU does not run fires once",
     LAW(HOST_LAW "KVM_GET_MSRS"), NEEDS(APIC | TSC_DEADLINE), ACTIONS(HOST_CALL | PREEMPT),
     CASES(4))
{
	for (unsigned int i = 0; i < 4; i++)
		CASE ("host=%s,if=%u", i & 2 ? "reads" : "preempts", i & 1) {
			u64 deadline, read;

			deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
			deadline = deadline_arm(1 << 14);
			if (i & 1)
				sti();
			if (i & 2)
				read = host_deadline();
			else
				read = sync_value(sync(PREEMPT), PREEMPT);
			/* Not lost, and nothing else: armed yet, or fired. */
			EXPECT(read == 0 || read == deadline);
			deadline_pass(deadline);
			deadline_wait(deadline, 1);
			deadline_wait_longer();
			EXPECT_CAME_ONCE(deadline);
			EXPECT_EQ(0, host_deadline());
		}
	deadline_disarm();
}

/*
 * A timer fires in a CPU that runs.  Until then a host that reads again what it has just
 * loaded must find it, or a migration that is given up in the middle loses the interrupt.
 */
TEST(deadline_read_back, "a deadline that the host loads is what it reads until the vCPU runs",
     LAW(HOST_LAW "KVM_SET_MSRS"), NEEDS(APIC | TSC_DEADLINE), ACTIONS(SET_REGISTER | GET_REGISTER),
     CASES(4))
{
	static const struct {
		const char *name;
		u64 value;
		unsigned int events;
	} rows[] = {
		{ "past", 1, 1 },
		{ "far", 1ull << 62, 0 },
		{ "0", 0, 0 },
		{ "past-again", 2, 1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("deadline=%s", rows[i].name) {
			u64 read;

			deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
			read = sync_value(
				sync(SET_REGISTER | GET_REGISTER,
				     .set_register = { SYNC_MSR(MSR_TSC_DEADLINE), rows[i].value },
				     .get_register = { SYNC_MSR(MSR_TSC_DEADLINE) }),
				GET_REGISTER);
			EXPECT_EQ(rows[i].value, read);
			take_all();
			deadline_wait_longer();
			EXPECT_EQ(rows[i].events, stage.count);
			EXPECT_EQ(rows[i].events ? 0 : rows[i].value, deadline_armed());
		}
	deadline_disarm();
}

TEST(deadline_by_host, "a deadline that the host writes is the guest's own",
     LAW(HOST_LAW "KVM_SET_MSRS"), NEEDS(APIC | TSC_DEADLINE), ACTIONS(HOST_CALL), CASES(5))
{
	CASE ("deadline=far") {
		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		host_arms(1ull << 62);
		EXPECT_EQ(1ull << 62, deadline_armed());
		EXPECT_EQ(1ull << 62, host_deadline());
		deadline_wait_longer();
		EXPECT_NOTHING_SEEN();
	}
	CASE ("deadline=near") {
		u64 deadline = rdtsc() + DEADLINE_NEAR;

		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		host_arms(deadline);
		deadline_wait(deadline, 1);
		deadline_wait_longer();
		EXPECT_CAME_ONCE(deadline);
	}
	CASE ("deadline=past") {
		deadline_begin(LVT_DEADLINE | DEADLINE_VECTOR);
		host_arms(1);
		settle();
		EXPECT_EQ(0, deadline_armed());
		take_all();
		deadline_wait_longer();
		EXPECT_SEEN(DEADLINE_VECTOR);
	}
	CASE ("deadline=0") {
		u64 deadline = deadline_arm_then(LVT_DEADLINE | DEADLINE_VECTOR, host_arms, 0);

		EXPECT_EQ(0, deadline_armed());
		deadline_pass(deadline);
		deadline_wait_longer();
		EXPECT_NOTHING_SEEN();
	}
	CASE ("mode=one-shot") {
		deadline_begin(DEADLINE_VECTOR);
		host_arms(1);
		EXPECT_EQ(0, host_deadline());
		deadline_wait_longer();
		EXPECT_NOTHING_SEEN();
	}
	deadline_disarm();
}
