// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is there in system-management mode alone, or only outside of it (SDM vol. 3C,
 * SMRAM; KVM api.rst, KVM_CAP_MULTI_ADDRESS_SPACE).  What a host remembers of an address in
 * one of the two worlds does not count in the other: each kind of access is made outside,
 * inside and outside again.
 */
#include "x86/boot/smm.h"

/* No memory outside of SMM, but a scratch device. */
#define HOLE 0x80000000ull
/* Memory outside of SMM. */
#define MEMORY (TEST_MEMORY + 0x200000)
enum { BYTES = 0x1000 };

static struct device_record record;

static volatile u32 *at;

/* --- kinds of access --- */

static u32 read_native(void)
{
	return *at;
}

static u32 read_forced(void)
{
	u32 value;

	asm volatile(FORCED "; movl (%1), %0" : "=r"(value) : "r"(at) : "memory");
	return value;
}

static void write_native(u32 value)
{
	*at = value;
}

static void write_forced(u32 value)
{
	asm volatile(FORCED "; movl %0, (%1)" ::"r"(value), "r"(at) : "memory");
}

/* From a port that nobody has: KVM emulates the store, as it does every INS. */
static void write_from_port(u32 value)
{
	u64 to = (u64)at;

	(void)value; /* all ones, or whatever the machine has there */
	asm volatile("insl" : "+D"(to) : "d"(0x80) : "memory");
}

static const struct kind {
	const char *name;
	u32 (*read)(void);
	void (*write)(u32 value);
	bool forced;
} kinds[] = {
	{ "read", read_native, NULL, false },
	{ "read-forced", read_forced, NULL, true },
	{ "write", NULL, write_native, false },
	{ "write-forced", NULL, write_forced, true },
	{ "write-from-port", NULL, write_from_port, false },
};
enum { KINDS = ARRAY_SIZE(kinds) };

static bool forced;

static bool can(unsigned int outside, unsigned int inside)
{
	return forced || (!kinds[outside].forced && !kinds[inside].forced);
}

static void access(const struct kind *kind, u32 value)
{
	if (kind->read)
		kind->read();
	else
		kind->write(value);
}

/* --- in SMM --- */

static const struct kind *in_smm;
static u32 read_in_smm, left_in_smm;
static u64 accesses_in_smm;

/* What is read there, and what lies there behind the access. */
static void access_in_smm(void)
{
	u64 before = record.count;

	read_in_smm = in_smm->read ? in_smm->read() : 0;
	if (in_smm->write)
		in_smm->write(0x5317a3a1 + (u32)smm.entries);
	left_in_smm = *at;
	accesses_in_smm = record.count - before;
}

static void each_pair(void (*judge)(const struct kind *outside, const struct kind *inside))
{
	forced = forced_emulation_offered();
	for (unsigned int i = 0; i < KINDS * KINDS; i++) {
		const struct kind *outside = &kinds[i / KINDS], *inside = &kinds[i % KINDS];

		if (!can(i / KINDS, i % KINDS)) {
			cases_not_covered(1, "the host offers no forced emulation");
			continue;
		}
		CASE ("outside=%s,inside=%s", outside->name, inside->name) {
			in_smm = inside;
			judge(outside, inside);
		}
	}
}

/* The value of SMRAM before the access, and how it changes. */
static u32 smram_holds;

static void over_device(const struct kind *outside, const struct kind *inside)
{
	record.count = 0;
	*(u32 *)record.content = 0xdef1ce;
	access(outside, 1);
	EXPECT_EQ(1, record.count);
	smm_raise();
	EXPECT_EQ(0, accesses_in_smm);
	if (inside->read)
		EXPECT_EQ(smram_holds, read_in_smm);
	if (inside->read || inside->write != write_from_port)
		EXPECT_EQ(inside->read ? smram_holds : 0x5317a3a1 + (u32)smm.entries, left_in_smm);
	smram_holds = left_in_smm;
	access(outside, 2);
	EXPECT_EQ(2, record.count);
}

#define WHERE LAW("SDM vol. 3C, SMRAM; KVM api.rst, KVM_CAP_MULTI_ADDRESS_SPACE")

TEST(smram_over_device, "where SMM has memory and the rest has a device, each reaches its own", WHERE,
     ACTIONS(INJECT_SMI | SMRAM | DEVICE), CASES(KINDS * KINDS))
{
	at = (volatile u32 *)HOLE;
	smram_holds = 0;
	sync(SMRAM | DEVICE, .smram = { HOLE, BYTES, true },
	     .device = { HOLE, BYTES, (u64)&record });
	smm_open(access_in_smm);
	each_pair(over_device);
}

/* The memory outside is as it was before the SMI, and goes on to be what is written there. */
static void beside(const struct kind *outside, const struct kind *inside)
{
	u32 value;

	(void)inside;
	*at = 0x0153a7e5;
	access(outside, 0x99aa0001);
	value = *at;
	smm_raise();
	EXPECT_EQ(value, outside->read ? outside->read() : *at);
	access(outside, 0x99aa0002);
	if (outside->write && outside->write != write_from_port)
		EXPECT_EQ(0x99aa0002, *at);
}

static void beside_memory(const struct kind *outside, const struct kind *inside)
{
	beside(outside, inside);
	if (inside->read)
		EXPECT_EQ(smram_holds, read_in_smm);
	smram_holds = left_in_smm;
}

TEST(smram_over_memory, "where SMM has memory of its own, neither world sees what the other writes",
     WHERE, ACTIONS(INJECT_SMI | SMRAM), CASES(KINDS * KINDS))
{
	at = (volatile u32 *)MEMORY;
	smram_holds = 0;
	sync(SMRAM, .smram = { MEMORY, BYTES, true });
	smm_open(access_in_smm);
	each_pair(beside_memory);
}

TEST(nothing_over_memory, "where SMM has nothing its accesses do not reach the memory of the rest",
     WHERE, ACTIONS(INJECT_SMI | SMRAM), CASES(KINDS * KINDS))
{
	at = (volatile u32 *)MEMORY;
	sync(SMRAM, .smram = { MEMORY, BYTES, false });
	smm_open(access_in_smm);
	each_pair(beside);
}

/* --- the dirty log --- */

static u64 pages_written;

static void write_pages(void)
{
	for (unsigned int i = 0; i < 64; i++)
		if (pages_written & BIT(i))
			*(volatile u32 *)(MEMORY + 0x1000 * i) = i;
}

TEST(writes_are_logged, "what an SMI handler writes is in the dirty log", WHERE,
     ACTIONS(INJECT_SMI | READ_DIRTY_LOG), CASES(3))
{
	static const u64 sets[] = { BIT(0), BIT(63) | BIT(1), 0xf0f0 };
	const struct sync_reply *reply;

	smm_open(write_pages);
	pages_written = 0;
	smm_raise();
	reply = sync(READ_DIRTY_LOG, .read_dirty_log = { MEMORY, 64 * 0x1000 });
	for (unsigned int i = 0; i < ARRAY_SIZE(sets); i++)
		CASE ("pages=%#llx", (unsigned long long)sets[i]) {
			pages_written = sets[i];
			smm_raise();
			reply = sync(READ_DIRTY_LOG, .read_dirty_log = { MEMORY, 64 * 0x1000 });
			EXPECT_EQ(sets[i], sync_value(reply, READ_DIRTY_LOG));
		}
}
