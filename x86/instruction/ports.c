// SPDX-License-Identifier: GPL-2.0-only
/*
 * IN, OUT, INS and OUTS: which bits of RAX they change, and how string I/O counts.
 * Nothing is at the port, so that whatever is read is the same each time.
 */
#include "x86/boot/x86.h"

#define PORT 0xe6c
#define FILL 0x8877665544332211ull

static u64 in_8(void)
{
	u64 rax = FILL;

	asm volatile("in %%dx, %%al" : "+a"(rax) : "d"(PORT));
	return rax;
}

static u64 in_16(void)
{
	u64 rax = FILL;

	asm volatile("in %%dx, %%ax" : "+a"(rax) : "d"(PORT));
	return rax;
}

static u64 in_32(void)
{
	u64 rax = FILL;

	asm volatile("in %%dx, %%eax" : "+a"(rax) : "d"(PORT));
	return rax;
}

/* The mask of a PC's interrupt controller, which a host may answer for without an exit. */
static u64 in_8_pic(void)
{
	u64 rax = FILL;

	asm volatile("in $0x21, %%al" : "+a"(rax));
	return rax;
}

TEST(in_changes, "IN to AL or AX leaves the rest of RAX, and to EAX clears its upper half",
     LAW("SDM vol. 2A, IN; vol. 1, General-Purpose Registers in 64-Bit Mode"), CASES(4))
{
	static const struct {
		const char *name;
		u64 (*in)(void);
		u64 left, cleared;
	} rows[] = {
		{ "al", in_8, ~0xffull, 0 },
		{ "al,8259", in_8_pic, ~0xffull, 0 },
		{ "ax", in_16, ~0xffffull, 0 },
		{ "eax", in_32, 0, ~0xffffffffull },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("register=%s", rows[i].name) {
			u64 got = rows[i].in();

			EXPECT_EQ(FILL & rows[i].left, got & rows[i].left);
			EXPECT_EQ(0, got & rows[i].cleared);
		}
}

TEST(out_changes, "OUT and OUTS leave RAX, RDX and memory", LAW("SDM vol. 2B, OUT"), CASES(3))
{
	for (unsigned int width = 1; width <= 4; width *= 2)
		CASE ("width=%u", width) {
			u64 rax = FILL, rdx = 0xaaaa0000 | PORT;

			if (width == 1)
				asm volatile("out %%al, %%dx" : "+a"(rax), "+d"(rdx));
			else if (width == 2)
				asm volatile("out %%ax, %%dx" : "+a"(rax), "+d"(rdx));
			else
				asm volatile("out %%eax, %%dx" : "+a"(rax), "+d"(rdx));
			EXPECT_EQ(FILL, rax);
			EXPECT_EQ(0xaaaa0000 | PORT, rdx);
		}
}

/* --- strings --- */

static u8 buffer[0x3000] __attribute__((aligned(4096)));

static void string_io(bool in, unsigned int width, bool rep, u64 *pointer, u64 *count)
{
#define STRING_IO(instruction, reg)                                                                \
	do {                                                                                       \
		if (rep)                                                                           \
			asm volatile("rep " instruction                                            \
				     : "+" reg(*pointer), "+c"(*count)                             \
				     : "d"(PORT)                                                   \
				     : "memory");                                                  \
		else                                                                               \
			asm volatile(instruction                                                   \
				     : "+" reg(*pointer), "+c"(*count)                             \
				     : "d"(PORT)                                                   \
				     : "memory");                                                  \
	} while (0)
	if (in && width == 1)
		STRING_IO("insb", "D");
	else if (in && width == 2)
		STRING_IO("insw", "D");
	else if (in)
		STRING_IO("insl", "D");
	else if (width == 1)
		STRING_IO("outsb", "S");
	else if (width == 2)
		STRING_IO("outsw", "S");
	else
		STRING_IO("outsl", "S");
#undef STRING_IO
}

static const u64 counts[] = { 0, 1, 7, 1100 };

/* Starts in the middle of a page, so that the longest cross into the next one or the last. */
TEST(string_io_counts,
     "INS and OUTS move their pointer by the width, up or down, and REP counts RCX to 0",
     LAW("SDM vol. 2A, INS; vol. 2B, OUTS; REP"), CASES(2 * 3 * 2 * (ARRAY_SIZE(counts) + 1)))
{
	for (unsigned int i = 0; i < 2 * 3 * 2 * (ARRAY_SIZE(counts) + 1); i++) {
		bool in = i & 1, down = i & 2;
		unsigned int width = 1 << i / 4 % 3, n = i / 12;
		bool rep = n < ARRAY_SIZE(counts);
		u64 count = rep ? counts[n] : 5;

		CASE ("instruction=%s%u,df=%u,%s=%llu", in ? "ins" : "outs", width * 8, down,
		      rep ? "rep" : "rcx", (unsigned long long)count) {
			u64 start = (u64)buffer + 0x1800, pointer = start, rcx = count;
			u64 moved = (rep ? count : 1) * width, got = 0, first, expected;
			u64 element = width == 1   ? in_8() & 0xff
				      : width == 2 ? in_16() & 0xffff
						   : in_32();

			memset(buffer, 0x5a, sizeof(buffer));
			write_rflags(RFLAGS_FIXED | (down ? RFLAGS_DF : 0));
			string_io(in, width, rep, &pointer, &rcx);
			write_rflags(RFLAGS_FIXED);
			EXPECT_EQ(down ? start - moved : start + moved, pointer);
			EXPECT_EQ(rep ? 0 : count, rcx);
			/* The elements that were written, and the bytes beside them. */
			first = down ? start + width - moved : start;
			expected = in && moved	? element
				   : width == 1 ? 0x5a
				   : width == 2 ? 0x5a5a
						: 0x5a5a5a5a;
			memcpy(&got,
			       (void *)(moved ? down ? pointer + width : pointer - width : start),
			       width);
			EXPECT_EQ(expected, got);
			EXPECT_EQ(0x5a, *(u8 *)(first - 1));
			EXPECT_EQ(0x5a, *(u8 *)(first + moved));
		}
	}
}
