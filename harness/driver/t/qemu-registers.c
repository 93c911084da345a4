// SPDX-License-Identifier: GPL-2.0-only
/* The reader of `info registers` and `info lapic`, on what QEMU 7.2 printed. */
#include "harness/driver/qemu.h"
#include "lib/t/tap.h"

static const char long_mode[] =
	"\r\nCPU#0\r\n"
	"RAX=0000000000000060 RBX=000000000011c000 RCX=0000000000000001 RDX=00000000000003fd\r\n"
	"R8 =0000000000000008 R9 =00000000000003f8 R10=000000000011c620 R11=0000000000000020\r\n"
	"RIP=000000000010f4d0 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\n"
	"CR0=80050033 CR2=00123456789abcde CR3=0000000000105000 CR4=00000620\r\n"
	"DR0=0000000000000000 DR1=0000123456789abc DR2=0000000000000000 DR3=0000000000000000 \r\n"
	"DR6=00000000ffff0ff0 DR7=0000000000000400\r\n"
	"EFER=0000000000000d00\r\n";

static const char real_mode[] =
	"EAX=00000001 EBX=00000002 ECX=00000000 EDX=00060fb1\r\n"
	"EIP=0000fff0 EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0\r\n"
	"EFER=0000000000000000\r\n";

static u64 reg(const char *text, u64 number)
{
	u64 value = 0xdead;

	ck_assert(registers_get(text, number, &value));
	return value;
}

START_TEST(registers_of_long_mode)
{
	u64 value;

	ck_assert_uint_eq(reg(long_mode, SYNC_REG_RAX), 0x60);
	ck_assert_uint_eq(reg(long_mode, SYNC_REG_R8), 8);
	ck_assert_uint_eq(reg(long_mode, SYNC_REG_R11), 0x20);
	ck_assert_uint_eq(reg(long_mode, SYNC_REG_RIP), 0x10f4d0);
	ck_assert_uint_eq(reg(long_mode, SYNC_REG_RFLAGS), 0x46);
	ck_assert_uint_eq(reg(long_mode, SYNC_REG_CR2), 0x123456789abcde);
	ck_assert_uint_eq(reg(long_mode, SYNC_REG_DR1), 0x123456789abc);
	ck_assert_uint_eq(reg(long_mode, SYNC_REG_EFER), 0xd00);
	ck_assert_uint_eq(reg(long_mode, SYNC_MSR(0xc0000080)), 0xd00);
	ck_assert(!registers_get(long_mode, SYNC_REG_CR8, &value));
	ck_assert(!registers_get(long_mode, SYNC_REG_RSI, &value));
	ck_assert(!registers_get(long_mode, SYNC_MSR(0x10), &value));
	ck_assert(!registers_get(long_mode, ~0ull, &value));
}
END_TEST

START_TEST(registers_of_other_modes)
{
	ck_assert_uint_eq(reg(real_mode, SYNC_REG_RAX), 1);
	ck_assert_uint_eq(reg(real_mode, SYNC_REG_RIP), 0xfff0);
	ck_assert_uint_eq(reg(real_mode, SYNC_REG_RFLAGS), 2);
}
END_TEST

START_TEST(task_priority)
{
	u64 cr8 = 0;

	ck_assert(registers_find_cr8("ISR\t (none)\r\n\r\nAPR 0x10 TPR 0x5f DFR 0x0f", &cr8));
	ck_assert_uint_eq(cr8, 5);
	ck_assert(!registers_find_cr8("Local APIC state is missing", &cr8));
}
END_TEST

START_TEST(a_vcpu_in_words)
{
	char words[64];
	struct text error = text_into(words, sizeof(words));

	registers_describe(long_mode, &error);
	ck_assert_str_eq(words, "vCPU halted at RIP 0x10f4d0");
	error = text_into(words, sizeof(words));
	registers_describe(real_mode, &error);
	ck_assert_str_eq(words, "vCPU running at RIP 0xfff0");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("qemu-registers");
	TCase *registers = tcase_create("registers");

	tcase_add_test(registers, registers_of_long_mode);
	tcase_add_test(registers, registers_of_other_modes);
	tcase_add_test(registers, task_priority);
	tcase_add_test(registers, a_vcpu_in_words);
	suite_add_tcase(suite, registers);
	return tap_run(suite);
}
