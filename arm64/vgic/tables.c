// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ITS's tables in guest memory, which a VMM makes it write and read, and which a
 * guest can change in between: nothing in them may harm the host.  Law:
 * Documentation/virt/kvm/devices/arm-vgic-its.rst, "ITS Table ABI REV0".
 */
#include "arm64/vgic/vgic.h"

#define LPI EVENT_LPI(3)

static void begin(void)
{
	tables_begin();
	tables_map(3, COLLECTION);
}

TEST(tables_round_trip, "what SAVE_TABLES writes RESTORE_TABLES reads, and the device works again",
     LAW("Documentation/virt/kvm/devices/arm-vgic-its.rst"), NEEDS(GICV3 | ITS),
     ACTIONS(HOST_CALL | SIGNAL_MSI), FLAGS(TEST_FRESH_VM))
{
	u64 dte;

	begin();
	EXPECT_ANSWER(0, control(CONTROL_SAVE_TABLES));
	dte = *(volatile u64 *)DTE(DEV);
	EXPECT(dte & GITS_VALID);
	EXPECT_EQ(EVENT_BITS - 1, DTE_SIZE(dte));
	EXPECT_EQ(its_itt(0) >> 8, dte >> 5 & BITS(43, 0));
	EXPECT_ANSWER(0, restore());
	EXPECT_EQ(1, msi_taken(3));
}

/* How many bits an event has: 16 is what GITS_TYPER announces. */
TEST(forged_device_size,
     "an entry of more event bits than the ITS has is refused when it is restored",
     LAW("Documentation/virt/kvm/devices/arm-vgic-its.rst, ITS Table ABI REV0"),
     FIXES(FIX("9ce754ed8e7ab4e3999767ce1505f85c449ccb07",
	       "KVM: arm64: vgic-its: Reject restored DTE with out-of-range num_eventid_bits")),
     NEEDS(GICV3 | ITS), ACTIONS(HOST_CALL | SIGNAL_MSI), FLAGS(TEST_FRESH_VM), CASES(5))
{
	static const u8 sizes[] = { 4, 7, 16, 20, 31 };

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
		CASE ("size=%u", sizes[i]) {
			volatile u64 *dte = (u64 *)DTE(DEV);
			bool fits = sizes[i] <
				    GITS_TYPER_ID_BITS(read64(PLATFORM_ITS + GITS_TYPER));

			begin();
			ASSERT_EQ(0, control(CONTROL_SAVE_TABLES));
			*dte = (*dte & ~0x1full) | sizes[i];
			barrier();
			EXPECT_ANSWER(fits ? 0 : REFUSED(HOST_EINVAL), restore());
			EXPECT_EQ(fits, msi_taken(3));
		}
}

TEST(unmapped_device_stays_away,
     "a device that MAPD unmapped is not in the tables, and no restore brings it back",
     LAW("IHI 0069H, 5.3.11; Documentation/virt/kvm/devices/arm-vgic-its.rst"),
     FIXES(FIX("e9649129d33dca561305fc590a7c4ba8c3e5675a",
	       "KVM: arm64: vgic-its: Clear DTE when MAPD unmaps a device")),
     NEEDS(GICV3 | ITS), ACTIONS(HOST_CALL | SIGNAL_MSI), FLAGS(TEST_FRESH_VM))
{
	begin();
	ASSERT_EQ(0, control(CONTROL_SAVE_TABLES));
	ASSERT(its_do(its_mapd(DEV, its_itt(0), EVENT_BITS, false)));
	EXPECT_EQ(0, *(volatile u64 *)DTE(DEV) & GITS_VALID);
	EXPECT_ANSWER(0, restore());
	EXPECT_EQ(0, msi_taken(3));
}

/* A guest must not be able to prevent its own migration. */
TEST(unreachable_device,
     "a device behind the end of a device table made smaller does not fail the save",
     LAW("Documentation/virt/kvm/devices/arm-vgic-its.rst, KVM_DEV_ARM_ITS_SAVE_TABLES"),
     FIXES(FIX("id unknown",
	       "KVM: arm64: vgic-its: Skip unreachable devices instead of failing the save")),
     NEEDS(GICV3 | ITS), ACTIONS(HOST_CALL), FLAGS(TEST_FRESH_VM))
{
	u64 baser, table = TEST_MEMORY + 0x300000;

	its_open();
	write32(PLATFORM_ITS + GITS_CTLR, 0);
	/* A page of 64 KiB holds 8192 entries: two of them, and then one. */
	baser = (read64(PLATFORM_ITS + GITS_BASER) & ~(BITS(47, 12) | BITS(7, 0))) | table;
	write64(PLATFORM_ITS + GITS_BASER, baser | 1);
	write32(PLATFORM_ITS + GITS_CTLR, GITS_CTLR_ENABLED);
	ASSERT(its_do(its_mapd(DEV, its_itt(0), EVENT_BITS, true)));
	ASSERT(its_do(its_mapd(9000, its_itt(1), EVENT_BITS, true)));
	EXPECT_ANSWER(0, control(CONTROL_SAVE_TABLES));
	EXPECT(*(volatile u64 *)(table + 8 * 9000) & GITS_VALID);
	write32(PLATFORM_ITS + GITS_CTLR, 0);
	write64(PLATFORM_ITS + GITS_BASER, baser);
	EXPECT_ANSWER(0, control(CONTROL_SAVE_TABLES));
	EXPECT(*(volatile u64 *)table & GITS_VALID);
}

TEST(its_registers,
     "registers of the ITS from outside: unknown and misaligned ones have their errno",
     LAW("Documentation/virt/kvm/devices/arm-vgic-its.rst, KVM_DEV_ARM_VGIC_GRP_ITS_REGS"),
     NEEDS(GICV3 | ITS), ACTIONS(HOST_CALL), CASES(4))
{
	static const struct {
		const char *name;
		u64 offset, answer;
	} bad[] = {
		{ "misaligned", GITS_CBASER + 1, REFUSED(HOST_EINVAL) },
		{ "misaligned-64", GITS_CBASER + 4, REFUSED(HOST_EINVAL) },
		{ "unknown", 0x3000, REFUSED(HOST_ENXIO) },
		{ "behind-the-frame", 0x20000, REFUSED(HOST_ENXIO) },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		CASE ("offset=%s", bad[i].name)
			EXPECT_ANSWER(bad[i].answer, its_register(bad[i].offset));
}
