// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest does to a direct LPI reaches the hardware that holds it: its commands,
 * its configuration, its map; and what was pending before it became direct.  Law: IHI
 * 0069H, 5.3 and 8.1.
 */
#include "arm64/doorbell/doorbell.h"

/* How often the device's LPI came since the last call. */
static u64 taken(void)
{
	u64 before = record->taken;

	take_interrupts();
	return record->taken - before;
}

static void raise_device(void)
{
	const struct sync_reply *r =
		sync(HOST_CALL, .host_call = { .call = HOST_RAISE_DEVICE, .a = 0 });

	EXPECT_EQ(0, sync_value(r, HOST_CALL));
}

static void require_direct(void)
{
	record->direct = sync_value(
		sync(HOST_CALL, .host_call = { .call = HOST_LPI_IS_DIRECT, .a = DEVICE_LPI }),
		HOST_CALL);
	doorbell_require_direct();
}

static void command(struct its_command c)
{
	ASSERT(its_do(c));
	ASSERT(its_do(its_sync(0)));
}

static void configure_as(u8 configuration, bool all)
{
	lpi_configure(DEVICE_LPI, configuration | LPI_RES1);
	command(all ? its_invall(COLLECTION) : its_event(ITS_INV, DEVICE_ID, 0));
}

static void configure(bool enabled)
{
	configure_as(LPI_PRIORITY(GIC_PRIORITY) | (enabled ? LPI_ENABLED : 0), false);
}

TEST(direct_counts, "each message of an assigned device is taken once by a vCPU that runs",
     LAW("IHI 0069H, 8.1"), NEEDS(GICV3 | ITS), ACTIONS(ASSIGN_DEVICE | HOST_CALL),
     FLAGS(TEST_FRESH_VM))
{
	doorbell_begin();
	require_direct();
	for (unsigned int i = 0; i < 2 * ROUNDS; i++) {
		raise_device();
		EXPECT_EQ(1, taken());
	}
	/* Two messages while none is taken are one interrupt. */
	raise_device();
	raise_device();
	EXPECT_EQ(1, taken());
	EXPECT_EQ(0, taken());
}

/* What holds it back, and how the guest says that its configuration changed. */
static const struct change {
	const char *name;
	u8 back, let;
	bool all;
} changes[] = {
	{ "enable,by=inv", LPI_PRIORITY(GIC_PRIORITY), LPI_PRIORITY(GIC_PRIORITY) | LPI_ENABLED,
	  false },
	{ "enable,by=invall", LPI_PRIORITY(GIC_PRIORITY), LPI_PRIORITY(GIC_PRIORITY) | LPI_ENABLED,
	  true },
	{ "priority,by=inv", LPI_PRIORITY(MASKED) | LPI_ENABLED,
	  LPI_PRIORITY(GIC_PRIORITY) | LPI_ENABLED, false },
	{ "priority,by=invall", LPI_PRIORITY(MASKED) | LPI_ENABLED,
	  LPI_PRIORITY(GIC_PRIORITY) | LPI_ENABLED, true },
};

TEST(direct_configuration,
     "a direct LPI that is disabled or masked is not taken, and is when it is not",
     LAW("IHI 0069H, 5.1.1"), NEEDS(GICV3 | ITS), ACTIONS(ASSIGN_DEVICE | HOST_CALL),
     FLAGS(TEST_FRESH_VM), CASES(ARRAY_SIZE(changes)))
{
	doorbell_begin();
	require_direct();
	for (unsigned int i = 0; i < ARRAY_SIZE(changes); i++)
		CASE ("what=%s", changes[i].name)
			for (unsigned int n = 0; n < ROUNDS; n++) {
				configure_as(changes[i].back, changes[i].all);
				raise_device();
				EXPECT_EQ(0, taken());
				configure_as(changes[i].let, changes[i].all);
				EXPECT_EQ(1, taken());
				EXPECT_EQ(0, taken());
			}
}

TEST(direct_as_configured, "an LPI that becomes direct keeps the priority that it had",
     LAW("IHI 0069H, 8.1"), NEEDS(GICV3 | ITS), ACTIONS(ASSIGN_DEVICE | HOST_CALL),
     FLAGS(TEST_FRESH_VM))
{
	doorbell_prepare();
	configure_as(LPI_PRIORITY(MASKED) | LPI_ENABLED, false);
	doorbell_assign();
	require_direct();
	raise_device();
	EXPECT_EQ(0, taken());
	configure(true);
	EXPECT_EQ(1, taken());
}

TEST(direct_commands, "INT and CLEAR set and clear the pending state of a direct LPI",
     LAW("IHI 0069H, 5.3 (INT and CLEAR)"), NEEDS(GICV3 | ITS), ACTIONS(ASSIGN_DEVICE | HOST_CALL),
     FLAGS(TEST_FRESH_VM))
{
	doorbell_begin();
	require_direct();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		command(its_event(ITS_INT, DEVICE_ID, 0));
		EXPECT_EQ(1, taken());
		configure(false);
		raise_device();
		command(its_event(ITS_CLEAR, DEVICE_ID, 0));
		configure(true);
		EXPECT_EQ(0, taken());
	}
}

TEST(direct_keeps_pending, "an LPI that is pending when it becomes direct stays pending",
     LAW("IHI 0069H, 8.1"),
     FIXES(FIX("12df7429213abbfa9632ab7db94f629ec309a58b",
	       "KVM: arm64: GICv4.1: Restore VLPI pending state to physical side")),
     NEEDS(GICV3 | ITS), ACTIONS(ASSIGN_DEVICE | HOST_CALL), FLAGS(TEST_FRESH_VM))
{
	doorbell_prepare();
	configure(false);
	command(its_event(ITS_INT, DEVICE_ID, 0));
	doorbell_assign();
	require_direct();
	EXPECT_EQ(0, taken());
	configure(true);
	EXPECT_EQ(1, taken());
	EXPECT_EQ(0, taken());
}
