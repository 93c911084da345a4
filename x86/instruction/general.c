// SPDX-License-Identifier: GPL-2.0-only
/* CMPXCHG16B and POPCNT (SDM vol. 2): results, flags, alignment. */
#include "x86/instruction/perform.h"

INSTRUCTION(compare, "cmpxchg16b (%rsi)");
INSTRUCTION(compare_locked, "lock cmpxchg16b (%rsi)");
INSTRUCTION(population, "popcnt %rcx, %rax");
INSTRUCTION(population32, "popcnt %ecx, %eax");

#define LOW 0x1111222233334444ull
#define HIGH 0x5555666677778888ull
#define NEW_LOW 0x9999aaaabbbbccccull
#define NEW_HIGH 0xddddeeeeffff0000ull

static u64 memory[4] __attribute__((aligned(16)));

static const struct {
	const char *name;
	const struct instruction *instruction;
} forms[] = { { "plain", &compare }, { "lock", &compare_locked } };

/* Which half of RDX:RAX differs from memory. */
static const struct {
	const char *name;
	u64 rax, rdx;
	bool equal;
} sides[] = {
	{ "none", LOW, HIGH, true },
	{ "low", LOW + 1, HIGH, false },
	{ "high", LOW, HIGH ^ 1ull << 63, false },
	{ "both", HIGH, LOW, false },
};

static void exchange(const struct instruction *instruction, unsigned int side, unsigned int cpl)
{
	bool equal = sides[side].equal;
	/* ZF is the other way, all else is to stay. */
	u64 flags = STATUS_FLAGS & ~(equal ? (u64)RFLAGS_ZF : 0);
	struct registers r = {
		.rax = sides[side].rax,
		.rdx = sides[side].rdx,
		.rbx = NEW_LOW,
		.rcx = NEW_HIGH,
		.rsi = address_at(cpl, memory),
		.rflags = flags,
	};

	memory[0] = LOW;
	memory[1] = HIGH;
	memory[2] = 0x7777;
	if (!EXPECT_NO_FAULT(perform(instruction, cpl, &r)))
		return;
	EXPECT_FLAGS(rflags_names, flags ^ RFLAGS_ZF, r.rflags & STATUS_FLAGS);
	EXPECT_EQ(LOW, r.rax);
	EXPECT_EQ(HIGH, r.rdx);
	EXPECT_EQ(equal ? NEW_LOW : LOW, memory[0]);
	EXPECT_EQ(equal ? NEW_HIGH : HIGH, memory[1]);
	EXPECT_EQ(0x7777, memory[2]);
	EXPECT_EQ(NEW_LOW, r.rbx);
	EXPECT_EQ(NEW_HIGH, r.rcx);
}

static void crooked(const struct instruction *instruction, unsigned int offset, unsigned int cpl)
{
	struct registers r = { .rsi = address_at(cpl, memory) + offset };
	struct fault f = perform(instruction, cpl, &r);

	EXPECT_REFUSED(GP, instruction, cpl, f);
}

static void compare_and_exchange(unsigned int cpl)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++) {
		for (unsigned int side = 0; side < ARRAY_SIZE(sides); side++)
			CASE("form=%s,differs=%s", forms[i].name, sides[side].name)
				exchange(forms[i].instruction, side, cpl);
		for (unsigned int offset = 1; offset <= 8; offset *= 2)
			CASE("form=%s,offset=%u", forms[i].name, offset)
				crooked(forms[i].instruction, offset, cpl);
	}
}

#define CMPXCHG16B_LAW LAW("SDM vol. 2A, CMPXCHG8B/CMPXCHG16B"), NEEDS(CX16), CASES(2 * 8)

TEST(cmpxchg16b_at_cpl0, "CMPXCHG16B exchanges what is equal, and needs 16-byte alignment, CPL 0",
     CMPXCHG16B_LAW)
{
	compare_and_exchange(0);
}

TEST(cmpxchg16b_at_cpl3, "CMPXCHG16B exchanges what is equal, and needs 16-byte alignment, CPL 3",
     CMPXCHG16B_LAW)
{
	compare_and_exchange(3);
}

static const struct {
	u64 value;
	unsigned int bits, bits32;
} counts[] = {
	{ 0, 0, 0 },
	{ 1, 1, 1 },
	{ 1ull << 63, 1, 0 },
	{ 0xf0f0f0f0f0f0f0f0, 32, 16 },
	{ ~0ull, 64, 32 },
};

static void count(const struct instruction *instruction, u64 value, unsigned int bits,
		  unsigned int cpl)
{
	struct registers r = { .rax = ~0ull, .rcx = value, .rflags = STATUS_FLAGS };

	if (!EXPECT_NO_FAULT(perform(instruction, cpl, &r)))
		return;
	EXPECT_EQ(bits, r.rax);
	EXPECT_FLAGS(rflags_names, bits ? 0 : RFLAGS_ZF, r.rflags & STATUS_FLAGS);
}

static void population_count(unsigned int cpl)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++) {
		CASE("bits=64,value=%#llx", (unsigned long long)counts[i].value)
			count(&population, counts[i].value, counts[i].bits, cpl);
		CASE("bits=32,value=%#llx", (unsigned long long)counts[i].value)
			count(&population32, counts[i].value, counts[i].bits32, cpl);
	}
}

#define POPCNT_LAW LAW("SDM vol. 2B, POPCNT"), NEEDS(POPCNT), CASES(2 * ARRAY_SIZE(counts))

TEST(popcnt_at_cpl0, "POPCNT counts, sets ZF for 0 and clears the other status flags at CPL 0",
     POPCNT_LAW)
{
	population_count(0);
}

TEST(popcnt_at_cpl3, "POPCNT counts, sets ZF for 0 and clears the other status flags at CPL 3",
     POPCNT_LAW)
{
	population_count(3);
}
