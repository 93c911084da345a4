// SPDX-License-Identifier: GPL-2.0-only
/*
 * A region of redistributors that is refused half-way leaves nothing of itself: those that
 * were made are not there, and another region can be had, in which all of them are (law:
 * Documentation/virt/kvm/devices/arm-vgic-v3.rst, KVM_DEV_ARM_VGIC_GRP_ADDR).
 */
#include "arm64/vgic/scratch.h"

enum {
	VGIC = SCRATCH_OBJECT_DEVICE,
	REDIST_BYTES = 0x20000, /* of one redistributor: RD_base and SGI_base */
	CPUS = 2,
	/* What a VM's MMIO bus takes (NR_IOBUS_DEVS in include/linux/kvm_host.h). */
	BUS_DEVICES = 1000,
};
#define DISTRIBUTOR 0x8000000ull
#define REFUSED_AT 0x8100000ull
#define GIVEN_AT 0x8200000ull
#define ZONES 0x10000000ull

/* GICR_TYPER of the redistributor at x0, which tells whose it is; then to x1, a device. */
SCRATCH_INSTRUCTIONS(read_typer, "ldr x2, [x0, #8]; str w2, [x1]; b .");

static u64 set_region(bool single, u64 base)
{
	return single ? HOST(HOST_SET_ATTRIBUTE, VGIC, GROUP_ADDRESS, ADDRESS_REDISTRIBUTOR, base)
		      : HOST(HOST_SET_ATTRIBUTE, VGIC, GROUP_ADDRESS, ADDRESS_REGION,
			     REDISTRIBUTOR_REGION(CPUS, base, 0));
}

/* A VM of two vCPUs, with a vGIC that has its distributor and no redistributors yet. */
static void begin(void)
{
	scratch_begin(0);
	ASSERT_EQ(0, HOST(SCRATCH_VCPU, 1));
	ASSERT_EQ(0, HOST(SCRATCH_VCPU_INIT, 1, 0));
	SCRATCH_LOAD(SCRATCH_CODE, read_typer);
	ASSERT_EQ(0, HOST(SCRATCH_DEVICE, DEVICE_VGIC_V3, 0));
	ASSERT_EQ(0,
		  HOST(HOST_SET_ATTRIBUTE, VGIC, GROUP_ADDRESS, ADDRESS_DISTRIBUTOR, DISTRIBUTOR));
}

/* The vCPU reads the frame: what it got, or all ones where that is an exit. */
static u64 read_frame(u64 at)
{
	u64 got = ~0ull;

	scratch_set(REGISTER_PC, SCRATCH_CODE);
	scratch_set(REGISTER_X(0), at);
	scratch_set(REGISTER_X(1), SCRATCH_DEVICE_AT);
	EXPECT_ANSWER(EXIT_MMIO, scratch_run());
	if (HOST(SCRATCH_READ_RUN, 0, RUN_MMIO_ADDRESS) == SCRATCH_DEVICE_AT)
		got = HOST(SCRATCH_READ_RUN, 0, RUN_MMIO_DATA) & 0xffffffff;
	/* The access that made the exit is complete only now. */
	EXPECT_ANSWER(REFUSED(HOST_EINTR), scratch_run_immediate_exit());
	return got;
}

/* Processor_Number is in bits 23:8. */
#define PROCESSOR(typer) ((typer) == ~0ull ? (typer) : ((typer) >> 8 & 0xffff))

TEST(refused_region,
     "a region of redistributors that is refused half-way is not there, and another can be had",
     LAW("Documentation/virt/kvm/devices/arm-vgic-v3.rst, KVM_DEV_ARM_VGIC_GRP_ADDR"), NEEDS(GICV3),
     ACTIONS(HOST_CALL), CASES(2 * CPUS))
{
	for (unsigned int i = 0; i < 2 * CPUS; i++) {
		/* So many fit before the bus is full. */
		const unsigned int fit = i % CPUS;
		const bool single = i / CPUS;

		CASE ("region=%s,fit=%u", single ? "single" : "first", fit) {
			begin();
			ASSERT_EQ(0, HOST(SCRATCH_ZONES, BUS_DEVICES - fit, ZONES, true));
			EXPECT_ANSWER(REFUSED(HOST_ENOSPC), set_region(single, REFUSED_AT));
			ASSERT_EQ(0, HOST(SCRATCH_ZONES, BUS_DEVICES - fit, ZONES, false));
			ASSERT_(EXPECT_ANSWER(0, set_region(single, GIVEN_AT)));
			ASSERT_(EXPECT_ANSWER(0, HOST(HOST_SET_ATTRIBUTE, VGIC, GROUP_CONTROL,
						      CONTROL_INIT, 0)));
			for (unsigned int cpu = 0; cpu < CPUS; cpu++)
				EXPECT_EQ(cpu,
					  PROCESSOR(read_frame(GIVEN_AT + cpu * REDIST_BYTES)));
			for (unsigned int cpu = 0; cpu < CPUS; cpu++)
				EXPECT_EQ(~0ull, read_frame(REFUSED_AT + cpu * REDIST_BYTES));
		}
	}
}

TEST(regions,
     "redistributors fill their regions in the order of the indices, each where its CPU finds it",
     LAW("Documentation/virt/kvm/devices/arm-vgic-v3.rst, KVM_DEV_ARM_VGIC_GRP_ADDR"), NEEDS(GICV3),
     ACTIONS(HOST_CALL), CASES(3))
{
	/* The first region has room for so many. */
	for (unsigned int first = 0; first <= CPUS; first++)
		CASE ("first=%u", first) {
			const u64 second_at = GIVEN_AT + 0x100000;

			begin();
			if (!first) {
				EXPECT_ANSWER(REFUSED(HOST_EINVAL),
					      HOST(HOST_SET_ATTRIBUTE, VGIC, GROUP_ADDRESS,
						   ADDRESS_REGION,
						   REDISTRIBUTOR_REGION(0, GIVEN_AT, 0)));
				continue;
			}
			ASSERT_EQ(0, HOST(HOST_SET_ATTRIBUTE, VGIC, GROUP_ADDRESS, ADDRESS_REGION,
					  REDISTRIBUTOR_REGION(first, GIVEN_AT, 0)));
			ASSERT_EQ(0, HOST(HOST_SET_ATTRIBUTE, VGIC, GROUP_ADDRESS, ADDRESS_REGION,
					  REDISTRIBUTOR_REGION(4, second_at, 1)));
			ASSERT_EQ(0,
				  HOST(HOST_SET_ATTRIBUTE, VGIC, GROUP_CONTROL, CONTROL_INIT, 0));
			for (unsigned int cpu = 0; cpu < CPUS; cpu++)
				EXPECT_EQ(cpu,
					  PROCESSOR(read_frame(
						  cpu < first ? GIVEN_AT + cpu * REDIST_BYTES
							      : second_at + (cpu - first) *
										    REDIST_BYTES)));
		}
}
