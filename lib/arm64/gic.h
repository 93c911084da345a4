/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GICv3 and its ITS: registers, tables and commands by the names of the GIC
 * architecture specification (IHI 0069H).
 */
#ifndef ASSAY_ARM64_GIC_H
#define ASSAY_ARM64_GIC_H

#include "lib/base.h"
#include "lib/arm64/platform.h"

/* INTIDs (2.2): SGIs, PPIs, SPIs, special ones, LPIs. */
enum intid {
	INTID_PPI = 16,
	INTID_SPI = 32,
	INTID_SPECIAL = 1020,
	INTID_SPURIOUS = 1023,
	INTID_LPI = 8192,
};

enum gicd {
	GICD_CTLR = 0x0000,
	GICD_TYPER = 0x0004,
	GICD_IIDR = 0x0008,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_ICENABLER = 0x0180,
	GICD_ISPENDR = 0x0200,
	GICD_ICPENDR = 0x0280,
	GICD_ISACTIVER = 0x0300,
	GICD_ICACTIVER = 0x0380,
	GICD_IPRIORITYR = 0x0400,
	GICD_ITARGETSR = 0x0800,
	GICD_ICFGR = 0x0c00,
	GICD_IGRPMODR = 0x0d00,
	GICD_IROUTER = 0x6000,
	GICD_PIDR2 = 0xffe8,
};
enum gicd_ctlr {
	CTLR_ENABLE_GRP0 = BIT(0),
	CTLR_ENABLE_GRP1 = BIT(1), /* EnableGrp1A: with one security state */
	CTLR_ARE = BIT(4),
	CTLR_DS = BIT(6),
	CTLR_RWP = BIT(31),
};

/* The redistributor: RD_base, and SGI_base behind it. */
enum gicr {
	GICR_CTLR = 0x0000,
	GICR_IIDR = 0x0004,
	GICR_TYPER = 0x0008,
	GICR_WAKER = 0x0014,
	GICR_PROPBASER = 0x0070,
	GICR_PENDBASER = 0x0078,
	GICR_INVLPIR = 0x00a0,
	GICR_INVALLR = 0x00b0,
	GICR_SYNCR = 0x00c0,
	GICR_PIDR2 = 0xffe8,
	GICR_SGI = 0x10000, /* then as GICD_IGROUPR and those behind it */
	GICR_FRAME = 0x20000,
};
enum gicr_bits {
	GICR_CTLR_ENABLE_LPIS = BIT(0),
	GICR_CTLR_IR = BIT(2), /* GICR_INVLPIR and GICR_INVALLR are there, */
	GICR_CTLR_RWP = BIT(3),
	GICR_TYPER_PLPIS = BIT(0),
	GICR_TYPER_DIRECT_LPI = BIT(3), /* as they are here */
	GICR_TYPER_LAST = BIT(4),
	WAKER_PROCESSOR_SLEEP = BIT(1),
	WAKER_CHILDREN_ASLEEP = BIT(2),
};

/* System registers of the CPU interface, for those whose assembler has no names. */
#define ICC_PMR_EL1 S3_0_C4_C6_0
#define ICC_AP1R0_EL1 S3_0_C12_C9_0
#define ICC_DIR_EL1 S3_0_C12_C11_1
#define ICC_RPR_EL1 S3_0_C12_C11_3
#define ICC_SGI1R_EL1 S3_0_C12_C11_5
#define ICC_IAR1_EL1 S3_0_C12_C12_0
#define ICC_EOIR1_EL1 S3_0_C12_C12_1
#define ICC_HPPIR1_EL1 S3_0_C12_C12_2
#define ICC_BPR1_EL1 S3_0_C12_C12_3
#define ICC_CTLR_EL1 S3_0_C12_C12_4
#define ICC_SRE_EL1 S3_0_C12_C12_5
#define ICC_IGRPEN0_EL1 S3_0_C12_C12_6
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7

enum icc_ctlr {
	ICC_CTLR_CBPR = BIT(0),
	ICC_CTLR_RSS = BIT(18),
	ICC_CTLR_EOIMODE = BIT(1), /* EOIR only drops the priority; DIR deactivates */
};

/* ICC_SGI1R_EL1 (12.2.20): INTID, the target list, Aff1 and above, IRM. */
#define SGI1R(intid, list) ((u64)(intid) << 24 | (u64)(list))
#define SGI1R_AFF1(aff1) ((u64)(aff1) << 16)
#define SGI1R_RS(range) ((u64)(range) << 44) /* which sixteen of Aff0, with ICC_CTLR_EL1.RSS */
#define SGI1R_IRM BIT(40) /* all but this one */

enum gits {
	GITS_CTLR = 0x0000,
	GITS_IIDR = 0x0004,
	GITS_TYPER = 0x0008,
	GITS_CBASER = 0x0080,
	GITS_CWRITER = 0x0088,
	GITS_CREADR = 0x0090,
	GITS_BASER = 0x0100,
	GITS_PIDR2 = 0xffe8,
	GITS_TRANSLATER = 0x10040,
};
enum gits_bits {
	GITS_CTLR_ENABLED = BIT(0),
	GITS_CTLR_QUIESCENT = BIT(31),
	GITS_CREADR_STALLED = BIT(0),
	GITS_TYPER_PTA = BIT(19),
};
#define GITS_VALID BIT(63)
/* GITS_BASER.Type. */
enum gits_table { GITS_TABLE_DEVICES = 1, GITS_TABLE_COLLECTIONS = 4 };
#define GITS_TYPER_ITT_ENTRY_BYTES(typer) (((typer) >> 4 & 0xf) + 1)
#define GITS_TYPER_ID_BITS(typer) (((typer) >> 8 & 0x1f) + 1)
#define GITS_TYPER_DEVICE_BITS(typer) (((typer) >> 13 & 0x1f) + 1)

/* Commands (5.3): their numbers, and 32 bytes each. */
enum its_command_number {
	ITS_MOVI = 0x01,
	ITS_INT = 0x03,
	ITS_CLEAR = 0x04,
	ITS_SYNC = 0x05,
	ITS_MAPD = 0x08,
	ITS_MAPC = 0x09,
	ITS_MAPTI = 0x0a,
	ITS_MAPI = 0x0b,
	ITS_INV = 0x0c,
	ITS_INVALL = 0x0d,
	ITS_MOVALL = 0x0e,
	ITS_DISCARD = 0x0f,
};
enum { ITS_COMMAND_BYTES = 32 };

/* A byte of the LPI configuration table (5.1.1). */
#define LPI_ENABLED 1
#define LPI_RES1 2
#define LPI_PRIORITY(priority) ((priority)&0xfc)

#endif
