// SPDX-License-Identifier: GPL-2.0-only
#include "x86/xstate/user.h"

/* What user code gets: everything it touches must lie where CPL 3 can reach it. */
struct parameters {
	struct xsave_area *area; /* at its USER_ALIAS */
	u64 rfbm;
};

static struct parameters parameters[CPUS_MAX];

#define USER_CODE(name, instruction)                                                               \
	static u64 name(u64 argument)                                                              \
	{                                                                                          \
		const struct parameters *p = (const struct parameters *)argument;                  \
		asm volatile(instruction::"r"(p->area), "a"((u32)p->rfbm),                         \
			     "d"((u32)(p->rfbm >> 32))                                             \
			     : "memory");                                                          \
		return 0;                                                                          \
	}
USER_CODE(code_fxsave, "fxsave64 (%0)")
USER_CODE(code_fxrstor, "fxrstor64 (%0)")
USER_CODE(code_xsave, "xsave64 (%0)")
USER_CODE(code_xrstor, "xrstor64 (%0)")
USER_CODE(code_xsavec, "xsavec64 (%0)")
#undef USER_CODE

static u64 code_xgetbv(u64 argument)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"((u32)argument));
	return low | (u64)high << 32;
}

static struct fault run(u64 (*code)(u64), const struct xsave_area *area, u64 rfbm)
{
	struct parameters *p = &parameters[cpu_number()];

	p->area = USER((struct xsave_area *)area);
	p->rfbm = rfbm;
	return run_user(code, (u64)USER(p), 0, NULL);
}

void user_fxrstor(const struct xsave_area *area)
{
	ASSERT_(EXPECT_NO_FAULT(run(code_fxrstor, area, 0)));
}

void user_fxsave(struct xsave_area *area)
{
	ASSERT_(EXPECT_NO_FAULT(run(code_fxsave, area, 0)));
}

struct fault try_user_xsave(struct xsave_area *area, u64 rfbm)
{
	return run(code_xsave, area, rfbm);
}

struct fault try_user_xrstor(const struct xsave_area *area, u64 rfbm)
{
	return run(code_xrstor, area, rfbm);
}

void user_xsave(struct xsave_area *area, u64 rfbm)
{
	ASSERT_(EXPECT_NO_FAULT(try_user_xsave(area, rfbm)));
}

void user_xsavec(struct xsave_area *area, u64 rfbm)
{
	ASSERT_(EXPECT_NO_FAULT(run(code_xsavec, area, rfbm)));
}

void user_xrstor(const struct xsave_area *area, u64 rfbm)
{
	ASSERT_(EXPECT_NO_FAULT(try_user_xrstor(area, rfbm)));
}

struct fault try_user_xgetbv(u64 index, u64 *value)
{
	return run_user(code_xgetbv, index, 0, value);
}

struct fault try_xsetbv(u32 index, u64 value)
{
	return TRY("xsetbv", ::"c"(index), "a"((u32)value), "d"((u32)(value >> 32)));
}

u64 xcr0_supported(void)
{
	struct cpuid_result r = cpuid(0xd, 0);

	return r.reg[CPUID_EAX] | (u64)r.reg[CPUID_EDX] << 32;
}

u64 xcr0_combination(unsigned int i)
{
	if (i < 1 << XCR0_LOW_BITS)
		return i;
	i -= 1 << XCR0_LOW_BITS;
	return XCR0_X87 |
	       (i < XCR0_SINGLE ? BIT(XCR0_LOW_BITS + i) : XCR0_XTILECFG | XCR0_XTILEDATA);
}

void enable_xsave(u64 xcr0)
{
	write_cr4(read_cr4() | CR4_OSXSAVE);
	ASSERT_(EXPECT_NO_FAULT(try_xsetbv(0, xcr0)));
}

/* By words, all different, in few instructions: on some hosts each costs microseconds. */
void fill_bytes(u8 *to, size_t n, u64 seed)
{
	u64 state = seed + 1, word = random_next(&state);
	size_t i;

	for (i = 0; i + 8 <= n; i += 8, word += 0x9e3779b97f4a7c15ull)
		memcpy(to + i, &word, 8);
	memcpy(to + i, &word, n - i);
}

/*
 * Values that a load and a store keep as they are: control words with all
 * exceptions masked and no reserved bit, registers of any content (SDM vol. 1,
 * 10.5.1; the six bytes behind each x87 register are reserved).
 */
void fill_legacy(struct xsave_area *area, u64 seed)
{
	u16 fcw = (u16)(0x037f | (seed & 3) << 10), fsw = (u16)((seed & 7) << 11);
	u32 mxcsr = (u32)(0x1f80 | (seed & 3) << 13);

	memset(area, 0, XSAVE_EXTENDED);
	memcpy(area->byte + XSAVE_FCW, &fcw, sizeof(fcw));
	memcpy(area->byte + XSAVE_FSW, &fsw, sizeof(fsw));
	area->byte[4] = 0xff; /* abridged tag word: no register empty */
	memcpy(area->byte + XSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
	for (unsigned int i = 0; i < 8; i++)
		fill_bytes(area->byte + XSAVE_ST0 + 16 * i, 10, seed * 8 + i);
	fill_bytes(area->byte + XSAVE_XMM0, 256, ~seed);
}

bool expect_bytes(const char *what, const u8 *wanted, const u8 *got, size_t n)
{
	char w[48], g[48];
	struct text tw = text_into(w, sizeof(w)), tg = text_into(g, sizeof(g));

	if (!memcmp(wanted, got, n))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (wanted[i] == got[i])
			continue;
		text_add(&tw, "byte %llu = %#02x", (unsigned long long)i, wanted[i]);
		text_add(&tg, "byte %llu = %#02x", (unsigned long long)i, got[i]);
		return expect_failed(EXPECTATION_(what), w, g);
	}
	return true;
}

bool expect_legacy(const struct xsave_area *wanted, const struct xsave_area *got)
{
	bool same = expect_bytes("FCW and FSW", wanted->byte, got->byte, 4);

	same &= expect_bytes("abridged FTW", wanted->byte + 4, got->byte + 4, 1);
	same &= expect_bytes("MXCSR", wanted->byte + XSAVE_MXCSR, got->byte + XSAVE_MXCSR, 4);
	for (unsigned int i = 0; i < 8; i++) {
		static const char *const st[] = { "ST0", "ST1", "ST2", "ST3",
						  "ST4", "ST5", "ST6", "ST7" };
		size_t at = XSAVE_ST0 + 16 * i;

		same &= expect_bytes(st[i], wanted->byte + at, got->byte + at, 10);
	}
	return same & expect_bytes("XMM0 to XMM15", wanted->byte + XSAVE_XMM0,
				   got->byte + XSAVE_XMM0, 256);
}
