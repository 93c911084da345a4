// SPDX-License-Identifier: GPL-2.0-only
/*
 * The local APIC's registers as software finds them: which bits there are, and what
 * its software enable bit does to the others (SDM vol. 3A, Local APIC; APM vol. 2, 16).
 */
#include "x86/event/stage.h"

#define VECTOR 0xb4

enum { APIC_ENABLED = BIT(8), LVT_MASKED = BIT(16), ICR_PENDING = BIT(12) };

/* Bits that are there on every processor, and bits that are reserved on every one. */
static const struct {
	const char *name;
	enum apic_register reg;
	u32 kept, reserved, ones;
} rows[] = {
	{ "TPR", APIC_TPR, 0xf0, 0xffffff00, 0 }, /* its low bits: tpr.c */
	{ "LDR", APIC_LDR, 0xff000000, 0x00ffffff, 0 },
	{ "DFR", APIC_DFR, 0xf0000000, 0, 0x0fffffff },
	{ "SPURIOUS", APIC_SPURIOUS, 0x1ff, 0xffffec00, 0 },
	{ "ICR_HIGH", APIC_ICR_HIGH, 0xff000000, 0x00ffffff, 0 },
	{ "LVT_TIMER", APIC_LVT_TIMER, 0x300ff, 0xfff8ef00, 0 },
	{ "LVT_LINT0", APIC_LVT_LINT0, 0x1a7ff, 0xfffe0800, 0 },
	{ "LVT_LINT1", APIC_LVT_LINT1, 0x1a7ff, 0xfffe0800, 0 },
	{ "LVT_ERROR", APIC_LVT_ERROR, 0x100ff, 0xfffeef00, 0 },
	{ "TIMER_DIVIDE", APIC_TIMER_DIVIDE, 0xb, 0xfffffff4, 0 },
};

TEST(apic_reserved_bits,
     "reserved bits of the local APIC's registers are 0, or 1 in DFR, whatever is written",
     LAW("SDM vol. 3A, Local APIC; APM vol. 2, Local APIC"), NEEDS(APIC),
     CASES(2 * ARRAY_SIZE(rows)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 before = apic_read(rows[i].reg);

		CASE ("register=%s,written=ones", rows[i].name) {
			apic_write(rows[i].reg, ~0u);
			EXPECT_EQ(rows[i].kept | rows[i].ones,
				  apic_read(rows[i].reg) &
					  (rows[i].kept | rows[i].reserved | rows[i].ones));
		}
		CASE ("register=%s,written=reserved", rows[i].name) {
			/* Masked and enabled, for nothing to come. */
			u32 quiet = rows[i].kept &
				    (rows[i].reg == APIC_SPURIOUS ? APIC_ENABLED : LVT_MASKED);

			apic_write(rows[i].reg, rows[i].reserved | quiet);
			EXPECT_EQ(quiet | rows[i].ones,
				  apic_read(rows[i].reg) &
					  (rows[i].kept | rows[i].reserved | rows[i].ones));
		}
		apic_write(rows[i].reg, before);
	}
}

TEST(icr_reads_back, "the ICR reads as written, but for the delivery status, which is idle",
     LAW("SDM vol. 3A, Interrupt Command Register (ICR)"), NEEDS(APIC), CASES(3))
{
	static const u32 values[] = { 0x40000 | VECTOR, 0x40000 | ICR_PENDING | VECTOR,
				      0x44000 | ICR_PENDING | VECTOR };

	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		CASE ("icr=%#x", values[i]) {
			stage_open();
			stage.eoi = true;
			apic_write(APIC_ICR, values[i]);
			settle();
			EXPECT_EQ(values[i] & ~(u32)ICR_PENDING, apic_read(APIC_ICR));
			take_all();
			EXPECT_SEEN(VECTOR);
		}
}

static void disable(void)
{
	apic_write(APIC_SPURIOUS, 0xff);
}

static void enable(void)
{
	apic_write(APIC_SPURIOUS, 0xff | APIC_ENABLED);
}

static const struct {
	const char *name;
	enum apic_register reg;
} lvt[] = {
	{ "TIMER", APIC_LVT_TIMER },
	{ "LINT0", APIC_LVT_LINT0 },
	{ "LINT1", APIC_LVT_LINT1 },
	{ "ERROR", APIC_LVT_ERROR },
};

TEST(apic_disabled_masks_lvt,
     "while software has the local APIC disabled its LVT is masked and stays so",
     LAW("SDM vol. 3A, Local APIC State After It Has Been Software Disabled"), NEEDS(APIC),
     CASES(2 * ARRAY_SIZE(lvt)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(lvt); i++) {
		u32 before = apic_read(lvt[i].reg);

		CASE ("entry=%s,by=disabling", lvt[i].name) {
			apic_write(lvt[i].reg, VECTOR);
			EXPECT_EQ(VECTOR, apic_read(lvt[i].reg) & (LVT_MASKED | 0xff));
			disable();
			EXPECT_EQ(LVT_MASKED | VECTOR, apic_read(lvt[i].reg) & (LVT_MASKED | 0xff));
			enable();
			EXPECT_EQ(LVT_MASKED | VECTOR, apic_read(lvt[i].reg) & (LVT_MASKED | 0xff));
		}
		CASE ("entry=%s,by=writing", lvt[i].name) {
			disable();
			apic_write(lvt[i].reg, VECTOR);
			EXPECT_EQ(LVT_MASKED | VECTOR, apic_read(lvt[i].reg) & (LVT_MASKED | 0xff));
			enable();
			EXPECT_EQ(LVT_MASKED | VECTOR, apic_read(lvt[i].reg) & (LVT_MASKED | 0xff));
		}
		apic_write(lvt[i].reg, before);
	}
}

TEST(apic_disabled_takes_no_msi,
     "while software has the local APIC disabled it takes NMIs but no fixed interrupt",
     LAW("SDM vol. 3A, Local APIC State After It Has Been Software Disabled"), NEEDS(APIC),
     ACTIONS(SIGNAL_MSI), CASES(2))
{
	CASE ("message=fixed") {
		stage_open();
		stage.eoi = true;
		disable();
		sync(SIGNAL_MSI, .signal_msi = { APIC_BASE_ADDRESS, VECTOR, 0 });
		take_all();
		EXPECT(!apic_bit(APIC_IRR, VECTOR));
		enable();
		take_all();
		EXPECT_NOTHING_SEEN();
	}
	CASE ("message=NMI") {
		stage_open();
		disable();
		sync(SIGNAL_MSI, .signal_msi = { APIC_BASE_ADDRESS, 0x400, 0 });
		settle();
		EXPECT_SEEN(VECTOR_NMI);
		enable();
	}
}

TEST(apic_disabled_keeps_pending,
     "an interrupt that waited when the local APIC was disabled comes when it is enabled",
     LAW("SDM vol. 3A, Local APIC State After It Has Been Software Disabled"), NEEDS(APIC))
{
	stage_open();
	stage.eoi = true;
	request_self(VECTOR);
	disable();
	EXPECT(apic_bit(APIC_IRR, VECTOR));
	enable();
	take_all();
	EXPECT_SEEN(VECTOR);
}

/* --- logical destinations --- */

enum { DFR_FLAT = 0xffffffff, DFR_CLUSTER = 0x0fffffff, TO_LOGICAL = BIT(2) };

static const struct {
	const char *name;
	u32 dfr;
	u8 ldr, destination;
	bool arrives;
} logical[] = {
	{ "flat,ldr=10h,to=10h", DFR_FLAT, 0x10, 0x10, true },
	{ "flat,ldr=10h,to=30h", DFR_FLAT, 0x10, 0x30, true },
	{ "flat,ldr=10h,to=20h", DFR_FLAT, 0x10, 0x20, false },
	{ "cluster,ldr=12h,to=12h", DFR_CLUSTER, 0x12, 0x12, true },
	{ "cluster,ldr=12h,to=13h", DFR_CLUSTER, 0x12, 0x13, true },
	{ "cluster,ldr=12h,to=1dh", DFR_CLUSTER, 0x12, 0x1d, false },
	{ "cluster,ldr=12h,to=22h", DFR_CLUSTER, 0x12, 0x22, false },
	{ "cluster,ldr=12h,to=32h", DFR_CLUSTER, 0x12, 0x32, false },
	{ "cluster,ldr=12h,to=ffh", DFR_CLUSTER, 0x12, 0xff, true },
};

TEST(logical_destinations,
     "a logical destination reaches this CPU by a bit of its ID, in the cluster model of its "
     "cluster",
     LAW("SDM vol. 3A, Logical Destination Mode"), NEEDS(APIC), ACTIONS(SIGNAL_MSI),
     CASES(2 * ARRAY_SIZE(logical)))
{
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(logical); i++) {
		bool by_ipi = i & 1;

		CASE ("%s,by=%s", logical[i / 2].name, by_ipi ? "ipi" : "msi") {
			stage_open();
			stage.eoi = true;
			apic_write(APIC_DFR, logical[i / 2].dfr);
			apic_write(APIC_LDR, (u32)logical[i / 2].ldr << 24);
			if (by_ipi) {
				apic_write(APIC_ICR_HIGH, (u32)logical[i / 2].destination << 24);
				apic_write(APIC_ICR, 0x4800 | VECTOR);
			} else {
				sync(SIGNAL_MSI,
				     .signal_msi = { APIC_BASE_ADDRESS | TO_LOGICAL |
							     (u64)logical[i / 2].destination << 12,
						     VECTOR, 0 });
			}
			take_all();
			if (logical[i / 2].arrives)
				EXPECT_SEEN(VECTOR);
			else
				EXPECT_NOTHING_SEEN();
		}
		apic_write(APIC_LDR, 0);
		apic_write(APIC_DFR, DFR_FLAT);
	}
}

TEST(logical_destination_across_save, "a logical destination reaches this CPU in a fresh VM too",
     LAW("SDM vol. 3A, Logical Destination Mode; KVM api.rst, KVM_SET_LAPIC"), NEEDS(APIC),
     ACTIONS(SIGNAL_MSI | SAVE | RESTORE), CASES(2))
{
	for (unsigned int cluster = 0; cluster < 2; cluster++)
		CASE ("model=%s", cluster ? "cluster" : "flat") {
			stage_open();
			stage.eoi = true;
			apic_write(APIC_DFR, cluster ? DFR_CLUSTER : DFR_FLAT);
			apic_write(APIC_LDR, 0x24u << 24);
			sync(SAVE | RESTORE);
			sync(SIGNAL_MSI,
			     .signal_msi = { APIC_BASE_ADDRESS | TO_LOGICAL | 0x24 << 12, VECTOR,
					     0 });
			take_all();
			EXPECT_SEEN(VECTOR);
			apic_write(APIC_LDR, 0);
			apic_write(APIC_DFR, DFR_FLAT);
		}
}

/* --- shorthands of the ICR, on one CPU --- */

TEST(icr_shorthands, "the shorthands of the ICR reach self, all, or all but self",
     LAW("SDM vol. 3A, Interrupt Command Register (ICR)"), NEEDS(APIC), CASES(3))
{
	static const struct {
		const char *name;
		u32 shorthand;
		bool arrives;
	} shorthands[] = { { "self", 1 << 18, true },
			   { "all", 2 << 18, true },
			   { "all-but-self", 3 << 18, false } };

	for (unsigned int i = 0; i < ARRAY_SIZE(shorthands); i++)
		CASE ("shorthand=%s", shorthands[i].name) {
			stage_open();
			stage.eoi = true;
			apic_write(APIC_ICR, shorthands[i].shorthand | BIT(14) | VECTOR);
			take_all();
			if (shorthands[i].arrives)
				EXPECT_SEEN(VECTOR);
			else
				EXPECT_NOTHING_SEEN();
		}
}
