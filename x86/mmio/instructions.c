// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instruction does to a device what it does to memory.  A hypervisor emulates
 * each one that meets a device, so each is done twice here, to memory and to the
 * scratch device, from the same registers and bytes: then registers, flags and
 * bytes must be the same, and the device must have been read and written at the
 * bytes of the operand and nowhere else.
 *
 * An operand that crosses a page is two accesses of the host's, which it completes
 * one exit after the other: the second must not have lost its data by then.
 */
#include "x86/mmio/device.h"

struct registers {
	u64 rax, rdx, rbp, flags;
	u64 xmm0[2];
};

enum { LOADS = BIT(0), STORES = BIT(1), MAY_STORE = BIT(2), ALIGNED = BIT(3) };

struct row {
	const char *name;
	struct fault (*run)(u64 at, struct registers *r);
	unsigned int width;
	unsigned int flags;
	u64 feature; /* beside SSE2 */
};

/*
 * The operand is at RDI; data is in RAX, RDX, RBP and XMM0.  RSI, RCX and R10 are
 * free; those that use the stack pointer put it back.
 */
#define RUN(name, instruction)                                                                     \
	static struct fault name(u64 at, struct registers *r)                                      \
	{                                                                                          \
		u64 rax = r->rax, rdx = r->rdx;                                                    \
                                                                                                   \
		asm volatile("movdqu %0, %%xmm0" ::"m"(r->xmm0));                                  \
		try_begin();                                                                       \
		asm volatile("str %%r11\n\t"                                                       \
			     "movq $771f, try_slot(%%r11)\n\t"                                     \
			     "movq %%rsp, try_slot+8(%%r11)\n\t"                                   \
			     "mov %%rsp, %%r10\n\t"                                                \
			     "xor %%esi, %%esi\n\t" instruction "\n771:\n\t"                       \
			     "pushfq\n\tpopq %%rcx\n\t"                                            \
			     : "+a"(rax), "+d"(rdx), "=c"(r->flags), "+D"(at)                      \
			     :                                                                     \
			     : "memory", "cc", "rsi", "rbp", "r10", "r11");                        \
		asm volatile("movdqu %%xmm0, %0" : "=m"(r->xmm0));                                 \
		r->rax = rax;                                                                      \
		r->rdx = rdx;                                                                      \
		r->flags &= RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF; \
		return try_end();                                                                  \
	}

/* The stack ends behind the operand, and is the runtime's again afterwards. */
#define STACK_BEHIND(instruction)                                                                  \
	"lea 8(%%rdi), %%rsp\n\t" instruction "\n\tmov %%r10, %%rsp"
#define STACK_AT(instruction) "mov %%rdi, %%rsp\n\t" instruction "\n\tmov %%r10, %%rsp"

#define INSTRUCTIONS(ROW)                                                                          \
	ROW(mov_load_8, 1, LOADS, 0, "mov (%%rdi), %%al")                                          \
	ROW(mov_load_16, 2, LOADS, 0, "mov (%%rdi), %%ax")                                         \
	ROW(mov_load_32, 4, LOADS, 0, "mov (%%rdi), %%eax")                                        \
	ROW(mov_load_64, 8, LOADS, 0, "mov (%%rdi), %%rax")                                        \
	ROW(mov_store_8, 1, STORES, 0, "mov %%al, (%%rdi)")                                        \
	ROW(mov_store_16, 2, STORES, 0, "mov %%ax, (%%rdi)")                                       \
	ROW(mov_store_32, 4, STORES, 0, "mov %%eax, (%%rdi)")                                      \
	ROW(mov_store_64, 8, STORES, 0, "mov %%rax, (%%rdi)")                                      \
	ROW(mov_store_immediate, 8, STORES, 0, "movq $-0x1234567, (%%rdi)")                        \
	ROW(movzx, 2, LOADS, 0, "movzwl (%%rdi), %%eax")                                           \
	ROW(movsx, 1, LOADS, 0, "movsbq (%%rdi), %%rax")                                           \
	ROW(movsxd, 4, LOADS, 0, "movslq (%%rdi), %%rax")                                          \
	ROW(movbe_load, 8, LOADS, MOVBE, "movbe (%%rdi), %%rax")                                   \
	ROW(movbe_store, 4, STORES, MOVBE, "movbe %%eax, (%%rdi)")                                 \
	ROW(movnti_32, 4, STORES, 0, "movnti %%eax, (%%rdi)")                                      \
	ROW(movnti_64, 8, STORES, 0, "movnti %%rax, (%%rdi)")                                      \
	ROW(xchg, 8, LOADS | STORES, 0, "xchg %%rax, (%%rdi)")                                     \
	ROW(xadd, 4, LOADS | STORES, 0, "lock xadd %%eax, (%%rdi)")                                \
	ROW(cmpxchg_differs, 8, LOADS | MAY_STORE, 0, "cmpxchg %%rdx, (%%rdi)")                    \
	ROW(add, 8, LOADS | STORES, 0, "add %%rax, (%%rdi)")                                       \
	ROW(or_lock, 4, LOADS | STORES, 0, "lock orl %%eax, (%%rdi)")                              \
	ROW(inc, 2, LOADS | STORES, 0, "incw (%%rdi)")                                             \
	ROW(not, 8, LOADS | STORES, 0, "notq (%%rdi)")                                             \
	ROW(cmp, 8, LOADS, 0, "cmp %%rax, (%%rdi)")                                                \
	ROW(test, 4, LOADS, 0, "testl $0x5a5a5a5a, (%%rdi)")                                       \
	ROW(setc, 1, STORES, 0, "stc\n\tsetc (%%rdi)")                                             \
	ROW(lods, 4, LOADS, 0, "mov %%rdi, %%rsi\n\tlodsl")                                        \
	ROW(stos, 4, STORES, 0, "stosl")                                                           \
	ROW(push, 8, STORES, 0, STACK_BEHIND("push %%rax"))                                        \
	ROW(push_memory, 8, LOADS, 0, "pushq (%%rdi)\n\tpop %%rax")                                \
	ROW(pop, 8, LOADS, 0, STACK_AT("pop %%rax"))                                               \
	ROW(pop_memory, 8, STORES, 0, "push %%rax\n\tpopq (%%rdi)")                                \
	ROW(call, 8, STORES, 0, STACK_BEHIND("call 1f\n1:"))                                       \
	ROW(pushfq, 8, STORES, 0, STACK_BEHIND("pushfq"))                                          \
	ROW(enter, 8, STORES, 0, STACK_BEHIND("mov %%rax, %%rbp\n\tenter $0, $0"))                 \
	ROW(leave, 8, LOADS, 0, "mov %%rdi, %%rbp\n\tleave\n\tmov %%rbp, %%rax\n\tmov %%r10, %%rsp") \
	ROW(movd_load, 4, LOADS, 0, "movd (%%rdi), %%xmm0")                                        \
	ROW(movd_store, 4, STORES, 0, "movd %%xmm0, (%%rdi)")                                      \
	ROW(movq_load, 8, LOADS, 0, "movq (%%rdi), %%xmm0")                                        \
	ROW(movq_store, 8, STORES, 0, "movq %%xmm0, (%%rdi)")                                      \
	ROW(movups_load, 16, LOADS, 0, "movups (%%rdi), %%xmm0")                                   \
	ROW(movups_store, 16, STORES, 0, "movups %%xmm0, (%%rdi)")                                 \
	ROW(movdqu_load, 16, LOADS, 0, "movdqu (%%rdi), %%xmm0")                                   \
	ROW(movdqu_store, 16, STORES, 0, "movdqu %%xmm0, (%%rdi)")                                 \
	ROW(movaps_load, 16, LOADS | ALIGNED, 0, "movaps (%%rdi), %%xmm0")                         \
	ROW(movaps_store, 16, STORES | ALIGNED, 0, "movaps %%xmm0, (%%rdi)")                       \
	ROW(movdqa_load, 16, LOADS | ALIGNED, 0, "movdqa (%%rdi), %%xmm0")                         \
	ROW(movdqa_store, 16, STORES | ALIGNED, 0, "movdqa %%xmm0, (%%rdi)")                       \
	ROW(movntdq, 16, STORES | ALIGNED, 0, "movntdq %%xmm0, (%%rdi)")                           \
	ROW(movntps, 16, STORES | ALIGNED, 0, "movntps %%xmm0, (%%rdi)")                           \
	ROW(movntdqa, 16, LOADS | ALIGNED, SSE41, "movntdqa (%%rdi), %%xmm0")

#define ROW(name, width, flags, feature, instruction) RUN(run_##name, instruction)
INSTRUCTIONS(ROW)
#undef ROW

#define ROW(name, width, flags, feature, instruction)                                              \
	{ #name, run_##name, width, flags, feature },
static const struct row rows[] = { INSTRUCTIONS(ROW) };
#undef ROW

/* Where operands lie, by the place at which `before` of their bytes end. */
enum crossing { INSIDE, MISALIGNED, CROSSES };
static const struct place {
	const char *name;
	u64 boundary;
	enum crossing crossing;
} places[] = {
	{ "aligned", DEVICE_GPA + 0x100, INSIDE },
	{ "misaligned", DEVICE_GPA + 0x108, MISALIGNED },
	{ "two-pages", DEVICE_GPA + PAGE_BYTES, CROSSES },
	{ "memory-then-device", DEVICE_GPA, CROSSES },
	{ "device-then-memory", DEVICE_END, CROSSES },
};

#define CASES_IN_ALL (ARRAY_SIZE(rows) * ARRAY_SIZE(places))

static u64 operand_at(const struct row *row, const struct place *place)
{
	return place->boundary - (place->crossing == INSIDE ? 0 : (row->width + 1) / 2);
}

/* Bytes before the operand and behind it that must not change. */
enum { MARGIN = 8, LOOK = MARGIN + 16 + MARGIN };

/* The reference: the same bytes in memory, as far from 16 bytes' alignment. */
static u8 reference[64] __attribute__((aligned(64)));

static u8 pattern(unsigned int i)
{
	return (u8)(0x91 + 0x1d * i);
}

static const struct registers initial = {
	.rax = 0x8877665544332211, .rdx = 0x0f1e2d3c4b5a6978,
	.xmm0 = { 0xa7a6a5a4a3a2a1a0, 0xbfbebdbcbbbab9b8 },
};

static void describe(struct text *t, const struct fault *f, const struct registers *r,
		     const u8 *bytes)
{
	text_add(t, "%s, rax=%#llx xmm0=%#llx:%#llx flags=%#llx, bytes ", vector_name(f->vector),
		 (unsigned long long)r->rax, (unsigned long long)r->xmm0[1],
		 (unsigned long long)r->xmm0[0], (unsigned long long)r->flags);
	for (unsigned int i = 0; i < LOOK; i++)
		text_add(t, "%s%02x", i == MARGIN ? " " : "", bytes[i]);
}

static void check_record(const struct row *row, u64 at)
{
	u64 first = MAX(at, DEVICE_GPA), end = MIN(at + row->width, DEVICE_END);
	u64 all = BITS(row->width - 1, 0), there = 0;
	unsigned int reads, writes;
	u64 read = device_bytes_accessed(at, false, &reads);
	u64 written = device_bytes_accessed(at, true, &writes);

	for (u64 gpa = first; gpa < end; gpa++)
		there |= BIT(gpa - at);
	EXPECT_EQ(row->flags & LOADS ? all & there : 0, read);
	if (!(row->flags & MAY_STORE) || written)
		EXPECT_EQ(row->flags & (STORES | MAY_STORE) ? all & there : 0, written);
	EXPECT(!device_accessed_outside(at, row->width));
	/* A register of a device is not written in pieces, nor twice. */
	if (row->width <= 8 && !(at % row->width)) {
		EXPECT_EQ(!!(row->flags & LOADS), reads);
		if (!(row->flags & MAY_STORE))
			EXPECT_EQ(!!(row->flags & STORES), writes);
	}
}

static void compare(const struct row *row, const struct place *place)
{
	u64 at = operand_at(row, place);
	u8 *memory = reference + 16 + at % 16;
	struct registers wanted = initial, got = initial;
	char want_text[256], got_text[256];
	struct text want = text_into(want_text, sizeof(want_text));
	struct text have = text_into(got_text, sizeof(got_text));
	struct fault f;
	u8 after[LOOK];
	const char *on_memory = want_text, *on_device = got_text;
	u64 refused;

	for (unsigned int i = 0; i < LOOK; i++) {
		(memory - MARGIN)[i] = pattern(i);
		*device_byte(at + i - MARGIN) = pattern(i);
	}
	f = row->run((u64)memory, &wanted);
	refused = f.vector; /* by a processor that has not what CPUID says */
	describe(&want, &f, &wanted, memory - MARGIN);

	DEVICE_RECORD->count = 0;
	f = row->run(at, &got);
	if (!EXPECT_VECTOR(refused, f) || refused != VECTOR_NONE)
		return;
	for (unsigned int i = 0; i < LOOK; i++)
		after[i] = *device_byte(at + i - MARGIN);
	describe(&have, &f, &got, after);
	EXPECT_EQ(on_memory, on_device);
	check_record(row, at);
}

static unsigned int cases_of(const struct row *row)
{
	return row->flags & ALIGNED ? 1 : row->width == 1 ? 1 : ARRAY_SIZE(places);
}

TEST(instructions_meet_devices,
     "an instruction reads and writes a device's registers as it does memory, wherever its operand lies",
     LAW("SDM vol. 3A, Memory Cache Control (UC memory), and the page of each instruction"),
     NEEDS(SSE2), ACTIONS(MOVE | DEVICE | RETURN_UNEMULATED), CASES(CASES_IN_ALL),
     FIXES(FIX("3098c076c83e", "KVM: x86: Swap the dst and src operand for MOVNTDQA")))
{
	device_begin();
	sync(RETURN_UNEMULATED);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		unsigned int count = cases_of(row);

		if (row->feature && !has_feature(row->feature)) {
			cases_not_covered(ARRAY_SIZE(places), "no %s", row->name);
			continue;
		}
		if (count < ARRAY_SIZE(places))
			cases_not_covered(ARRAY_SIZE(places) - count,
					  "operands that cannot be misaligned");
		for (unsigned int n = 0; n < count; n++)
			CASE("instruction=%s,place=%s", row->name, places[n].name)
				compare(row, &places[n]);
	}
}
