// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOIO exits: the permission map decides for each byte of an access, its end is
 * behind port FFFFh, and EXITINFO1 says what the instruction is.
 */
#include "x86/nested/svm.h"

/* Nobody's, and not the doorbell. */
#define PORT 0xe60
#define IO_SIZE (IOIO_SZ8 | IOIO_SZ16 | IOIO_SZ32)
/* Without decode assists the segment is not defined, nor what a plain access has of it. */
#define IO_STRING_BITS (IOIO_STR | IOIO_REP | IOIO_IN | IO_SIZE | IOIO_A16 | IOIO_A32 | IOIO_A64)
#define IO_PLAIN_BITS (IOIO_STR | IOIO_REP | IOIO_IN | IO_SIZE)

#define REGISTERS "mov %edi, %edx; mov $1, %ecx; mov %rbx, %rdi; mov %rbx, %rsi; cld"
L2_CODE(out8, REGISTERS, "out %al, %dx", "");
L2_CODE(out16, REGISTERS, "out %ax, %dx", "");
L2_CODE(out32, REGISTERS, "out %eax, %dx", "");
L2_CODE(in8, REGISTERS, "in %dx, %al", "");
L2_CODE(in16, REGISTERS, "in %dx, %ax", "");
L2_CODE(in32, REGISTERS, "in %dx, %eax", "");
L2_CODE(outs8, REGISTERS, "outsb", "");
L2_CODE(outs16, REGISTERS, "outsw", "");
L2_CODE(outs32, REGISTERS, "outsl", "");
L2_CODE(ins8, REGISTERS, "insb", "");
L2_CODE(ins16, REGISTERS, "insw", "");
L2_CODE(ins32, REGISTERS, "insl", "");
L2_CODE(rep_outs8, REGISTERS, "rep outsb", "");
L2_CODE(rep_ins32, REGISTERS, "rep insl", "");
L2_CODE(ins16_a32, REGISTERS, "addr32 insw", "");
L2_CODE(out8_immediate, REGISTERS, "out %al, $0xe6", "");
L2_CODE(in8_immediate, REGISTERS, "in $0xe6, %al", "");

static const struct instruction {
	const char *name;
	const struct l2_code *code;
	u64 info;
	unsigned int bytes;
} instructions[] = {
	{ "out8", &out8, IOIO_SZ8, 1 },
	{ "out16", &out16, IOIO_SZ16, 2 },
	{ "out32", &out32, IOIO_SZ32, 4 },
	{ "in8", &in8, IOIO_IN | IOIO_SZ8, 1 },
	{ "in16", &in16, IOIO_IN | IOIO_SZ16, 2 },
	{ "in32", &in32, IOIO_IN | IOIO_SZ32, 4 },
	{ "outs8", &outs8, IOIO_STR | IOIO_SZ8 | IOIO_A64, 1 },
	{ "outs16", &outs16, IOIO_STR | IOIO_SZ16 | IOIO_A64, 2 },
	{ "outs32", &outs32, IOIO_STR | IOIO_SZ32 | IOIO_A64, 4 },
	{ "ins8", &ins8, IOIO_IN | IOIO_STR | IOIO_SZ8 | IOIO_A64, 1 },
	{ "ins16", &ins16, IOIO_IN | IOIO_STR | IOIO_SZ16 | IOIO_A64, 2 },
	{ "ins32", &ins32, IOIO_IN | IOIO_STR | IOIO_SZ32 | IOIO_A64, 4 },
	{ "rep-outs8", &rep_outs8, IOIO_STR | IOIO_REP | IOIO_SZ8 | IOIO_A64, 1 },
	{ "rep-ins32", &rep_ins32, IOIO_IN | IOIO_STR | IOIO_REP | IOIO_SZ32 | IOIO_A64, 4 },
	{ "ins16-a32", &ins16_a32, IOIO_IN | IOIO_STR | IOIO_SZ16 | IOIO_A32, 2 },
};
enum { INSTRUCTIONS = ARRAY_SIZE(instructions), PLAIN = 6 };

static u8 operand[16] __attribute__((aligned(4096)));

static void begin(u64 port)
{
	l2_begin();
	l2_intercept(SVM_EXIT_IOIO);
	l2.regs.rdi = port;
	l2.regs.rbx = (u64)operand;
}

static void refuse(u64 port)
{
	l2_iopm[port / 8] |= (u8)(1 << port % 8);
}

static void expect_io(const struct instruction *in, u64 port)
{
	u64 bits = in->info & IOIO_STR ? IO_STRING_BITS : IO_PLAIN_BITS;

	EXPECT_EXIT_AT(SVM_EXIT_IOIO, *in->code);
	EXPECT_EQ(IOIO_PORT(port) | in->info, l2.vmcb->control.exitinfo1 & (BITS(31, 16) | bits));
	EXPECT_EQ((u64)in->code->next, l2.vmcb->control.exitinfo2);
}

TEST(io_exit_info, "an IOIO exit tells port, direction, size, string, REP and the next RIP",
     LAW("APM vol. 2, IOIO Intercepts"), NEEDS(SVM), CASES(INSTRUCTIONS + 2))
{
	static const struct instruction immediate[] = {
		{ "out8-immediate", &out8_immediate, IOIO_SZ8, 1 },
		{ "in8-immediate", &in8_immediate, IOIO_IN | IOIO_SZ8, 1 },
	};

	for (unsigned int i = 0; i < INSTRUCTIONS; i++)
		CASE("instruction=%s", instructions[i].name)
		{
			begin(PORT);
			refuse(PORT);
			l2_run_at(instructions[i].code->begin);
			expect_io(&instructions[i], PORT);
		}
	for (unsigned int i = 0; i < 2; i++)
		CASE("instruction=%s", immediate[i].name)
		{
			begin(PORT);
			refuse(0xe6);
			l2_run_at(immediate[i].code->begin);
			expect_io(&immediate[i], 0xe6);
		}
}

/* Bits around the access: it exits if one of its own is set, at any place in the map's bytes. */
enum { AROUND = 6 };

TEST(io_map, "an I/O instruction exits if the map's bit of one of its bytes is set, and not else",
     LAW("APM vol. 2, IOIO Intercepts, I/O Permissions Map"), NEEDS(SVM),
     CASES(PLAIN * 8 * AROUND))
{
	for (unsigned int n = 0; n < PLAIN * 8 * AROUND; n++) {
		const struct instruction *in = &instructions[n / (8 * AROUND)];
		u64 port = PORT + n / AROUND % 8, bit = port + n % AROUND - 1;

		CASE("instruction=%s,port=%u,bit=%d", in->name, (unsigned int)(port - PORT),
		     (int)(n % AROUND) - 1)
		{
			begin(port);
			refuse(bit);
			l2_run_at(in->code->begin);
			if (bit - port < in->bytes)
				expect_io(in, port);
			else
				EXPECT_END(*in->code);
		}
	}
}

/* The map is 64 K + 3 bits: behind FFFFh come the bits of what reaches over the end. */
TEST(io_map_end, "the map's bits behind port FFFFh count for accesses that reach over the end",
     LAW("APM vol. 2, IOIO Intercepts, I/O Permissions Map"), NEEDS(SVM), CASES(8))
{
	static const struct {
		unsigned int instruction;
		u64 port, bit;
	} rows[] = {
		{ 0, 0xffff, 0xffff }, { 0, 0xffff, 0x10000 }, { 1, 0xffff, 0x10000 },
		{ 1, 0xfffe, 0x10000 }, { 2, 0xfffd, 0x10000 }, { 2, 0xfffe, 0x10001 },
		{ 2, 0xffff, 0x10002 }, { 2, 0xffff, 0x10003 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct instruction *in = &instructions[rows[i].instruction];

		CASE("instruction=%s,port=%x,bit=%x", in->name, (unsigned int)rows[i].port,
		     (unsigned int)rows[i].bit)
		{
			begin(rows[i].port);
			refuse(rows[i].bit);
			l2_run_at(in->code->begin);
			if (rows[i].bit - rows[i].port < in->bytes)
				expect_io(in, rows[i].port);
			else
				EXPECT_END(*in->code);
		}
	}
}

TEST(io_map_unused, "without the IOIO intercept the map means nothing", NEEDS(SVM),
     LAW("APM vol. 2, IOIO Intercepts"), CASES(PLAIN))
{
	for (unsigned int i = 0; i < PLAIN; i++)
		CASE("instruction=%s", instructions[i].name)
		{
			begin(PORT);
			l2_pass(SVM_EXIT_IOIO);
			memset(l2_iopm, 0xff, sizeof(l2_iopm));
			l2_run_at(instructions[i].code->begin);
			EXPECT_END(*instructions[i].code);
		}
}
