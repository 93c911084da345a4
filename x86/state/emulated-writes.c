// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory and devices change places, and memory is written by instructions that a
 * host carries out itself: what the guest finds there, and what the dirty log tells.
 */
#include "x86/boot/x86.h"

enum { PAGES = 64, PAGE_BYTES = 4096, PORT = 0xe6c };

/* Clear of memory and of a PC's own devices. */
#define DEVICE_GPA 0xd0000000ull
#define HOLE 0xd0100000ull
#define DEVICE_RECORD (TEST_MEMORY + 0x200000)

static u64 page(unsigned int number)
{
	return TEST_MEMORY + (u64)number * PAGE_BYTES;
}

static void ins(u64 to)
{
	asm volatile("insl" : "+D"(to) : "d"(PORT) : "memory");
}

static void rep_ins(u64 to)
{
	u64 count = 3;

	asm volatile("rep insb" : "+D"(to), "+c"(count) : "d"(PORT) : "memory");
}

static void movs(u64 to)
{
	u64 from = DEVICE_GPA;

	asm volatile("movsl" : "+D"(to), "+S"(from)::"memory");
}

static void pop(u64 to)
{
	asm volatile("mov %%rsp, %%r8\n\tmov %1, %%rsp\n\tpopq (%0)\n\tmov %%r8, %%rsp" ::"r"(to),
		     "r"(DEVICE_GPA)
		     : "memory", "r8");
}

static void forced_mov(u64 to)
{
	asm volatile(FORCED "; movl $1, (%0)" ::"r"(to) : "memory");
}

static void forced_add(u64 to)
{
	asm volatile(FORCED "; lock addl $1, (%0)" ::"r"(to) : "memory", "cc");
}

static void forced_exchange(u64 to)
{
	u32 new = 0x1234;

	asm volatile(FORCED "; xchgl %1, (%0)" : : "r"(to), "r"(new) : "memory");
}

static void forced_cmpxchg(u64 to)
{
	u32 old = *(volatile u32 *)to;

	asm volatile(FORCED "; lock cmpxchgl %2, (%1)"
		     : "+a"(old)
		     : "r"(to), "r"(~old)
		     : "memory", "cc");
}

static void forced_cmpxchg8b(u64 to)
{
	u64 old = *(volatile u64 *)to;
	u32 low = (u32)old, high = (u32)(old >> 32);

	asm volatile(FORCED "; lock cmpxchg8b (%2)"
		     : "+a"(low), "+d"(high)
		     : "r"(to), "b"(~low), "c"(~high)
		     : "memory", "cc");
}

static const struct {
	const char *name;
	void (*write)(u64 to);
	bool forced;
} writes[] = { { "ins", ins, false },
	       { "rep-ins", rep_ins, false },
	       { "movs-from-device", movs, false },
	       { "pop-from-device", pop, false },
	       { "forced-mov", forced_mov, true },
	       { "forced-lock-add", forced_add, true },
	       { "forced-xchg", forced_exchange, true },
	       { "forced-lock-cmpxchg", forced_cmpxchg, true },
	       { "forced-lock-cmpxchg8b", forced_cmpxchg8b, true } };

static u64 read_log(void)
{
	return sync_value(sync(READ_DIRTY_LOG, .read_dirty_log = { page(0), PAGES * PAGE_BYTES }),
			  READ_DIRTY_LOG);
}

TEST(dirty_log_sees_emulated_writes,
     "a page that an instruction of the host's writes is in the dirty log",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG"), ACTIONS(READ_DIRTY_LOG | DEVICE),
     CASES(4 * ARRAY_SIZE(writes)))
{
	static const u8 numbers[] = { 0, 31, 32, 63 };
	bool forced = forced_emulation_offered();

	sync(DEVICE, .device = { DEVICE_GPA, PAGE_BYTES, DEVICE_RECORD });
	read_log();
	for (unsigned int i = 0; i < 4 * ARRAY_SIZE(writes); i++) {
		if (writes[i / 4].forced && !forced) {
			cases_not_covered(1, "the host does not emulate on demand");
			continue;
		}
		CASE ("by=%s,page=%u", writes[i / 4].name, numbers[i % 4]) {
			read_log();
			writes[i / 4].write(page(numbers[i % 4]) + 0x124);
			EXPECT_EQ(BIT(numbers[i % 4]), read_log());
		}
	}
}

/* --- a device's place becomes memory --- */

static u64 load(u64 at)
{
	return *(volatile u64 *)at;
}

TEST(memory_where_a_device_was,
     "memory that the host puts where nothing was is there at once, however it was tried before",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION"), ACTIONS(MOVE), CASES(4))
{
	static const char *const before[] = { "nothing", "load", "store", "load-and-store" };

	for (unsigned int i = 0; i < 4; i++)
		CASE ("before=%s", before[i]) {
			u64 at = HOLE + (u64)i * PAGE_BYTES;

			for (unsigned int n = 0; n < 3; n++) {
				if (i & 1)
					EXPECT_EQ(~0ull, load(at + 8));
				if (i & 2)
					*(volatile u64 *)(at + 16) = 5;
			}
			*(u64 *)(page(i) + 8) = 0x1234567812345678;
			*(u64 *)(page(i) + 16) = 0x8765432187654321;
			sync(MOVE, .move = { page(i), PAGE_BYTES, at });
			EXPECT_EQ(0x1234567812345678, load(at + 8));
			EXPECT_EQ(0x8765432187654321, load(at + 16));
			*(volatile u64 *)(at + 8) = 7;
			EXPECT_EQ(7, load(at + 8));
		}
}
