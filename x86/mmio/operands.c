// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where an instruction's operand is, and what becomes of its registers: each way
 * of naming an address, each kind of register, strings in both directions.  As in
 * instructions.c everything is done twice, to memory and to the scratch device,
 * and must come out the same.
 */
#include "x86/mmio/device.h"

/* The address of the operand in RDI; data in RAX, RDX, RCX. */
struct registers {
	u64 rax, rcx, rdx, rsi, rdi, flags;
};

enum { WINDOW = 0x80 }; /* bytes around the operand that are compared */

struct row {
	const char *name;
	void (*run)(struct registers *r);
	u64 rax, rcx, rdx;
	u64 flags; /* those that the instruction defines */
	bool pointers; /* RSI and RDI are compared too */
};

#define RUN(name, instruction)                                                                     \
	static void run_##name(struct registers *r)                                                \
	{                                                                                          \
		asm volatile("xor %%r8d, %%r8d\n\t" instruction "\n\t"                             \
			     "pushfq\n\tpopq %5\n\tcld"                                            \
			     : "+a"(r->rax), "+c"(r->rcx), "+d"(r->rdx), "+S"(r->rsi),             \
			       "+D"(r->rdi), "=m"(r->flags)                                        \
			     :                                                                     \
			     : "memory", "cc", "r8", "r9", "r12", "r13", "r15");                   \
	}

#define ALL (RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)
#define LOGIC (ALL & ~(u64)RFLAGS_AF)
#define SHIFT (ALL & ~(u64)(RFLAGS_AF | RFLAGS_OF))
#define A 0x8877665544332211
#define D 0x0f1e2d3c4b5a6978

/* ROW(name, rax, rcx, rdx, flags, pointers, instruction) */
#define ROWS(ROW)                                                                                  \
	ROW(displacement, A, 0, D, 0, false, "mov -8(%%rdi), %%eax; mov %%dx, 0x10(%%rdi)")        \
	ROW(scaled_index, A, 5, D, 0, false, "mov -0x14(%%rdi,%%rcx,4), %%eax")                    \
	ROW(scaled_index_8, A, 2, D, 0, false, "mov %%edx, (%%rdi,%%rcx,8)")                       \
	ROW(base_r12, A, 0, D, 0, false, "mov %%rdi, %%r12; mov (%%r12), %%ax")                    \
	ROW(base_r13, A, 0, D, 0, false, "mov %%rdi, %%r13; mov %%dl, (%%r13)")                    \
	ROW(index_r15, A, 0, D, 0, false, "mov $4, %%r15d; mov (%%rdi,%%r15), %%eax")              \
	ROW(data_r9, A, 0, D, 0, false,                                                            \
	    "mov %%rdx, %%r9; mov %%r9d, (%%rdi); movzwl 2(%%rdi), %%r9d; mov %%r9, %%rax")        \
	ROW(high_byte, A, 0, D, 0, false, "mov (%%rdi), %%ah; mov %%dh, 1(%%rdi)")                 \
	ROW(low_byte_rex, A, 0, D, 0, false, "mov %%rdx, %%r9; mov %%r9b, (%%rdi)")                \
	ROW(address_size, A, 0, D, 0, false,                                                       \
	    "mov %%rdi, %%rsi; bts $40, %%rsi; addr32 mov (%%esi), %%eax")                         \
	ROW(address_wraps, A, 0, D, 0, false,                                                      \
	    "mov $0x80000000, %%r9d; mov %%edi, %%esi; sub %%r9d, %%esi;"                          \
	    "addr32 mov (%%esi,%%r9d), %%eax")                                                     \
	ROW(absolute, A, 0, D, 0, false, "push %%rdi; mov (%%rdi), %%al; pop %%rdi")               \
	ROW(fs_base, A, 0, D, 0, false,                                                            \
	    "push %%rax; push %%rdx; mov $0xc0000100, %%ecx; mov %%edi, %%eax; xor %%edx, %%edx;"  \
	    "wrmsr; pop %%rdx; pop %%rax; mov %%fs:4, %%eax; mov %%dx, %%fs:(%%r8);"               \
	    "push %%rax; push %%rdx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr;"                   \
	    "pop %%rdx; pop %%rax; xor %%ecx, %%ecx")                                              \
	ROW(load_32_clears, A, 0, D, 0, false, "mov (%%rdi), %%eax")                               \
	ROW(load_16_leaves, A, 0, D, 0, false, "mov (%%rdi), %%ax")                                \
	ROW(movsx_16, A, 0, D, 0, false, "movswq 2(%%rdi), %%rax")                                 \
	ROW(cmov_no, A, 0, D, 0, false, "test %%r8d, %%r8d; cmovnz (%%rdi), %%eax")                \
	ROW(cmov_yes, A, 0, D, 0, false, "test %%r8d, %%r8d; cmovz (%%rdi), %%rax")                \
	ROW(adc, A, 0, D, ALL, false, "stc; adc %%eax, (%%rdi)")                                   \
	ROW(sbb, A, 0, D, ALL, false, "stc; sbb (%%rdi), %%rax")                                   \
	ROW(sub_immediate, A, 0, D, ALL, false, "subl $0x12345678, (%%rdi)")                       \
	ROW(and_byte, A, 0, D, LOGIC, false, "andb $-16, (%%rdi)")                                 \
	ROW(xor_lock, A, 0, D, LOGIC, false, "lock xor %%rax, (%%rdi)")                            \
	ROW(neg, A, 0, D, ALL, false, "negl (%%rdi)")                                              \
	ROW(dec_byte, A, 0, D, ALL & ~(u64)RFLAGS_CF, false, "decb (%%rdi)")                       \
	ROW(rol_1, A, 0, D, RFLAGS_CF, false, "rolw $1, (%%rdi)")                                  \
	ROW(rcr_cl, A, 3, D, RFLAGS_CF, false, "stc; rcrq %%cl, (%%rdi)")                          \
	ROW(shl_cl, A, 4, D, SHIFT, false, "shll %%cl, (%%rdi)")                                   \
	ROW(sar_immediate, A, 0, D, SHIFT, false, "sarw $3, (%%rdi)")                              \
	ROW(shld, A, 0, D, SHIFT, false, "shld $5, %%edx, (%%rdi)")                                \
	ROW(mul, A, 0, D, RFLAGS_CF | RFLAGS_OF, false, "mulq (%%rdi)")                            \
	ROW(imul_3, A, 0, D, RFLAGS_CF | RFLAGS_OF, false, "imul $77, (%%rdi), %%eax")             \
	ROW(div, A, 0, 1, 0, false, "movl $0x10, (%%rdi); divl (%%rdi)")                           \
	ROW(bsf, A, 0, D, RFLAGS_ZF, false, "bsf (%%rdi), %%rax")                                  \
	ROW(bsf_of_0, A, 0, D, RFLAGS_ZF, false, "movq $0, (%%rdi); bsf (%%rdi), %%rax")           \
	ROW(bsr_of_0, A, 0, D, RFLAGS_ZF, false, "movq $0, (%%rdi); bsr (%%rdi), %%rax")           \
	ROW(bt_far, 133, 0, D, RFLAGS_CF, false, "bt %%eax, (%%rdi)")                              \
	ROW(bts_far, 133, 0, D, RFLAGS_CF, false, "bts %%rax, (%%rdi)")                            \
	ROW(btr_before, -70ull, 0, D, RFLAGS_CF, false, "lock btr %%rax, (%%rdi)")                 \
	ROW(btc_16, 40, 0, D, RFLAGS_CF, false, "btc %%ax, (%%rdi)")                               \
	ROW(btc_immediate, A, 0, D, RFLAGS_CF, false, "btcl $35, (%%rdi)")                         \
	ROW(xchg_8, A, 0, D, 0, false, "xchg %%al, (%%rdi)")                                       \
	ROW(xchg_64, A, 0, D, 0, false, "xchg %%rdx, (%%rdi)")                                     \
	ROW(xadd_64, A, 0, D, ALL, false, "xadd %%rax, (%%rdi)")                                   \
	ROW(cmpxchg_equal, A, 0, D, ALL, false, "mov %%eax, (%%rdi); lock cmpxchg %%edx, (%%rdi)") \
	ROW(cmpxchg_unequal, A, 0, D, ALL, false, "lock cmpxchg %%rdx, (%%rdi)")                   \
	ROW(cmpxchg_16, A, 0, D, ALL, false, "cmpxchg %%dx, (%%rdi)")                              \
	ROW(push_far, A, 0, D, 0, false, "pushq 8(%%rdi); pop %%rax")                              \
	ROW(pop_by_rsp, A, 0, D, 0, false,                                                         \
	    "mov %%rsp, %%r9; lea -8(%%rdi), %%rsp; pop %%rax; push %%rdx; mov %%rsp, %%rsi;"      \
	    "mov %%r9, %%rsp; sub %%rdi, %%rsi")                                                   \
	ROW(mov_from_ds, A, 0, D, 0, false, "mov %%ds, (%%rdi)")                                   \
	ROW(mov_to_es, A, 0, D, 0, false,                                                          \
	    "movw $0x10, (%%rdi); mov (%%rdi), %%es; mov %%es, %%eax")                             \
	ROW(stos_down, A, 0, D, 0, true, "std; stosl")                                             \
	ROW(rep_stos, A, 5, D, 0, true, "rep stosw")                                               \
	ROW(rep_stos_down, A, 5, D, 0, true, "std; rep stosb")                                     \
	ROW(rep_stos_0, A, 0, D, 0, true, "rep stosq")                                             \
	ROW(lods_down, A, 0, D, 0, true, "mov %%rdi, %%rsi; std; lodsw")                           \
	ROW(rep_lods, A, 3, D, 0, true, "mov %%rdi, %%rsi; rep lodsl")                             \
	ROW(movs_out, A, 6, D, 0, true, "lea 0x20(%%rdi), %%rsi; rep movsb")                       \
	ROW(movs_down, A, 3, D, 0, true, "lea -0x10(%%rdi), %%rsi; std; rep movsw")                \
	ROW(rep_movs_0, A, 0, D, 0, true, "mov %%rdi, %%rsi; rep movsl")                           \
	ROW(repe_cmps, A, 8, D, ALL, true,                                                         \
	    "movq $0, (%%rdi); movq $0, 0x20(%%rdi); movb $1, 0x24(%%rdi);"                        \
	    "lea 0x20(%%rdi), %%rsi; repe cmpsb")                                                  \
	ROW(repne_scas, 0x44332277, 9, D, ALL, true, "movb $0x77, 6(%%rdi); repne scasb")          \
	ROW(repe_scas_0, A, 0, D, 0, true, "repe scasb")                                           \
	ROW(stos_address_32, A, 4, D, 0, true, "rep addr32 stosb")

#define ROW(name, rax, rcx, rdx, flags, pointers, instruction) RUN(name, instruction)
ROWS(ROW)
#undef ROW

#define ROW(name, rax, rcx, rdx, flags, pointers, instruction)                                     \
	{ #name, run_##name, rax, rcx, rdx, flags, pointers },
static const struct row rows[] = { ROWS(ROW) };
#undef ROW

static u8 reference[2 * WINDOW] __attribute__((aligned(64)));
#define OPERAND (DEVICE_GPA + 0x400)

static u8 pattern(unsigned int i)
{
	return (u8)(0x9d + 0x35 * i);
}

static void compare(const struct row *row)
{
	struct registers memory = { row->rax, row->rcx, row->rdx, 0, (u64)reference + WINDOW, 0 };
	struct registers device = { row->rax, row->rcx, row->rdx, 0, OPERAND, 0 };
	unsigned int differ = 0, first = 0;

	for (unsigned int i = 0; i < 2 * WINDOW; i++) {
		reference[i] = pattern(i);
		*device_byte(OPERAND - WINDOW + i) = pattern(i);
	}
	row->run(&memory);
	DEVICE_RECORD->count = 0;
	row->run(&device);
	EXPECT_EQ(memory.rax, device.rax);
	EXPECT_EQ(memory.rcx, device.rcx);
	EXPECT_EQ(memory.rdx, device.rdx);
	EXPECT_EQ(memory.flags & row->flags, device.flags & row->flags);
	if (row->pointers) {
		EXPECT_EQ(memory.rdi - (u64)reference - WINDOW, device.rdi - OPERAND);
		EXPECT_EQ(memory.rsi ? memory.rsi - (u64)reference - WINDOW : 0,
			  device.rsi ? device.rsi - OPERAND : 0);
	}
	for (unsigned int i = 0; i < 2 * WINDOW; i++)
		if (reference[i] != *device_byte(OPERAND - WINDOW + i) && !differ++)
			first = i;
	if (differ)
		EXPECT_EQ(reference[first], *device_byte(OPERAND - WINDOW + first));
	EXPECT_EQ(0, differ);
}

TEST(operands_of_devices,
     "an operand in a device is found by each way of naming it, and leaves the registers as one in "
     "memory",
     LAW("SDM vol. 1, Operand Addressing; vol. 2, the instructions named"), ACTIONS(MOVE | DEVICE),
     CASES(ARRAY_SIZE(rows)), FLAGS(TEST_FRESH_VM))
{
	device_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE ("instruction=%s", rows[i].name)
			compare(&rows[i]);
}

/* --- relative to RIP: the device is where the instruction finds it --- */

#define FAR_AWAY "0x60000000"

#define RELATIVE(name, instruction)                                                                \
	static u64 relative_##name(u64 *next, u64 rax)                                             \
	{                                                                                          \
		asm volatile("lea 1f(%%rip), %1\n\tcmpb $0, %2\n\tje 1f\n\t" instruction "\n1:"    \
			     : "+a"(rax), "=&r"(*next)                                             \
			     : "m"(perform)                                                        \
			     : "memory", "cc");                                                    \
		return rax;                                                                        \
	}
static u8 perform;
RELATIVE(load, "mov " FAR_AWAY "(%%rip), %%eax")
RELATIVE(store, "mov %%eax, " FAR_AWAY "(%%rip)")
RELATIVE(immediate_8, "movb $0x6b, " FAR_AWAY "(%%rip)")
RELATIVE(immediate_32, "movl $0x12345678, " FAR_AWAY "(%%rip)")
RELATIVE(compare_8, "cmpl $0x5a, " FAR_AWAY "(%%rip)")

TEST(operands_relative_to_rip,
     "an operand relative to RIP is counted from the end of the instruction, immediates and all",
     LAW("SDM vol. 1, Operand Addressing; vol. 2A, RIP-Relative Addressing"), ACTIONS(DEVICE),
     CASES(5), FLAGS(TEST_FRESH_VM))
{
	static const struct {
		const char *name;
		u64 (*run)(u64 *next, u64 rax);
		unsigned int bytes;
		bool write;
	} kinds[] = {
		{ "load", relative_load, 4, false },
		{ "store", relative_store, 4, true },
		{ "store-imm8", relative_immediate_8, 1, true },
		{ "store-imm32", relative_immediate_32, 4, true },
		{ "cmp-imm8", relative_compare_8, 4, false },
	};
	u64 next;

	perform = 0;
	relative_load(&next, 0);
	sync(DEVICE,
	     .device = { 0x60000000 + (next & ~0xfffull), DEVICE_BYTES_MAX, (u64)DEVICE_RECORD });
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++)
		CASE ("instruction=%s", kinds[i].name) {
			perform = 0;
			kinds[i].run(&next, 0);
			DEVICE_RECORD->count = 0;
			perform = 1;
			kinds[i].run(&next, 0x55);
			perform = 0;
			EXPECT_EQ(1, DEVICE_RECORD->count);
			EXPECT_EQ(0x60000000 + next, DEVICE_RECORD->access[0].gpa);
			EXPECT_EQ(kinds[i].bytes, DEVICE_RECORD->access[0].bytes);
			EXPECT_EQ(kinds[i].write, DEVICE_RECORD->access[0].write != 0);
		}
}
