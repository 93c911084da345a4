// SPDX-License-Identifier: GPL-2.0-only
/*
 * I/O of L2's that L1 let through and the host has begun is completed, though L1's map
 * forbids it meanwhile: the intercept is asked before an instruction and not in the middle
 * of it (APM vol. 2, IOIO Intercepts).  The device's record is laid over the map, so that
 * its first access sets the bit of port 80h.
 */
#include "x86/nested/svm.h"

#define DEVICE_GPA 0xd0000000ull
#define RECORD ((volatile struct device_record *)l2_iopm)
/* Byte 10h of the map is the lowest of access[0].bytes: 1, 2 and 4 are ports 80h to 82h. */
_Static_assert(offsetof(struct device_record, access[0].bytes) == 0x10, "the bit of port 80h");
_Static_assert(sizeof(struct device_record) <= sizeof(l2_iopm), "the record lies in the map");

L2_CODE(outs_8, "mov $0x80, %edx", "outsb", "out %al, %dx");
L2_CODE(outs_16, "mov $0x81, %edx", "outsw", "out %al, %dx");
L2_CODE(outs_32, "mov $0x82, %edx", "outsl", "out %al, %dx");
L2_CODE(ins_8, "mov $0x80, %edx", "insb", "out %al, %dx");
L2_CODE(ins_16, "mov $0x81, %edx", "insw", "out %al, %dx");
L2_CODE(ins_32, "mov $0x82, %edx", "insl", "out %al, %dx");

static const struct {
	const char *name;
	const struct l2_code *code;
	unsigned int bytes, port;
	bool write;
} rows[] = {
	{ "outsb", &outs_8, 1, 0x80, false },  { "outsw", &outs_16, 2, 0x81, false },
	{ "outsl", &outs_32, 4, 0x82, false }, { "insb", &ins_8, 1, 0x80, true },
	{ "insw", &ins_16, 2, 0x81, true },    { "insl", &ins_32, 4, 0x82, true },
};

TEST(io_in_flight, "INS and OUTS of L2's that have begun are done once, though L1's map changes",
     LAW("APM vol. 2, IOIO Intercepts, SVM Instruction Set: intercepts before exceptions"),
     NEEDS(SVM), ACTIONS(DEVICE), CASES(ARRAY_SIZE(rows)))
{
	sync(DEVICE, .device = { DEVICE_GPA, 0x1000, (u64)RECORD });
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("instruction=%s", rows[i].name) {
			l2_begin(); /* clears the map, and with it the record */
			l2_intercept(SVM_EXIT_IOIO);
			l2.regs.rsi = l2.regs.rdi = DEVICE_GPA + 0x40;
			l2_run_at(rows[i].code->begin);
			/* The next instruction meets the map as it is now. */
			if (!EXPECT_EXIT(SVM_EXIT_IOIO))
				continue;
			EXPECT_EQ((u64)rows[i].code->next, l2.vmcb->save.rip);
			EXPECT_EQ(IOIO_PORT(rows[i].port) | IOIO_SZ8,
				  l2.vmcb->control.exitinfo1 &
					  (BITS(31, 16) | IOIO_IN | IOIO_STR | IOIO_SZ8));
			EXPECT_EQ(1, RECORD->count);
			EXPECT_EQ(rows[i].write, RECORD->access[0].write);
			EXPECT_EQ(rows[i].bytes, RECORD->access[0].bytes);
			EXPECT_EQ(DEVICE_GPA + 0x40 + rows[i].bytes,
				  rows[i].write ? l2.regs.rdi : l2.regs.rsi);
		}
}
