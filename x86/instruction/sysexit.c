// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYSENTER and SYSEXIT in IA-32e mode (SDM vol. 2B): Intel's processors have
 * them in 64-bit mode, on AMD's they are #UD there (APM vol. 3, SYSENTER).
 */
#include "x86/instruction/user-mode.h"

/* The four user segments lie behind this one: +16 32-bit code, +24 stack, +32 64-bit code. */
enum { SYSENTER_CS = SELECTOR_CODE32 - 8 };

extern const u8 sysexit_at[], sysexitl_at[], sysenter_at[], sysenter_arrives[];

/* Not inline: their labels stand once. */
__attribute__((noinline)) static struct fault to_64bit(u64 rip, u64 rsp)
{
	return TRY("sysexit_at: sysexitq", : : "d"(rip), "c"(rsp));
}

__attribute__((noinline)) static struct fault to_compatibility_mode(u64 rip,
								      u64 rsp)
{
	return TRY("sysexitl_at: sysexitl", : : "d"(rip), "c"(rsp));
}

__attribute__((noinline)) static u64 user_sysenter(u64 argument)
{
	asm volatile("stc; sysenter_at: sysenter" ::"a"(argument) : "memory");
	return 0;
}

/* On a page that both modes can fetch, so that a wrong CPL shows and does not fault. */
asm(".pushsection .text\n"
    "sysenter_arrives: ud2\n"
    ".popsection");

#define STACK 0x00005555aaaa5550ull

static void expect_arrived(const struct fault *f, u64 rip, u64 rsp, u64 cs, u64 ss)
{
	if (!expect_vector(EXPECTATION_("event"), VECTOR_UD, *f))
		return;
	EXPECT_EQ(rip, f->rip);
	EXPECT_EQ(rsp, f->rsp);
	EXPECT_EQ(cs, f->cs);
	EXPECT_EQ(ss, f->ss);
}

static void needs_intel(void)
{
	if (!vendor_is_intel())
		skip("a law for Intel's processors; CPUID.0:EBX is another vendor's");
	wrmsr(MSR_SYSENTER_CS, SYSENTER_CS);
}

TEST(sysexit_to_64bit, "SYSEXIT with 64-bit operands goes to RDX with the stack RCX, at CPL 3",
     LAW("SDM vol. 2B, SYSEXIT"), NEEDS(SEP))
{
	struct fault f;

	needs_intel();
	f = to_64bit((u64)USER(user_arrives), STACK);
	expect_arrived(&f, (u64)USER(user_arrives), STACK, (SYSENTER_CS + 32) | 3,
		       (SYSENTER_CS + 40) | 3);
	wrmsr(MSR_SYSENTER_CS, 0);
}

TEST(sysexit_to_compatibility,
     "SYSEXIT with 32-bit operands goes to EDX with the stack ECX, in compatibility mode at CPL 3",
     LAW("SDM vol. 2B, SYSEXIT"), NEEDS(SEP))
{
	struct fault f;

	needs_intel();
	use_low_user_memory();
	f = to_compatibility_mode(BIT(32) | (u64)user_arrives, STACK);
	write_cr3((u64)boot_pml4);
	expect_arrived(&f, (u64)user_arrives, (u32)STACK, (SYSENTER_CS + 16) | 3,
		       (SYSENTER_CS + 24) | 3);
	wrmsr(MSR_SYSENTER_CS, 0);
}

static const struct {
	const char *name;
	u64 cs, rip, rsp;
} refused[] = {
	{ "cs=0", 0, 0, 0 },
	{ "cs=3", 3, 0, 0 },
	{ "rip=not-canonical", SYSENTER_CS, 0x0100000000000000, 0 },
	{ "rsp=not-canonical", SYSENTER_CS, 0, 0xfeffffffffffffff },
};

TEST(sysexit_refuses, "SYSEXIT without IA32_SYSENTER_CS or to addresses not canonical is #GP(0)",
     LAW("SDM vol. 2B, SYSEXIT"), NEEDS(SEP), CASES(ARRAY_SIZE(refused)))
{
	needs_intel();
	for (unsigned int i = 0; i < ARRAY_SIZE(refused); i++)
		CASE("%s", refused[i].name) {
			u64 rip = refused[i].rip ? refused[i].rip : (u64)USER(user_arrives);
			struct fault f;

			wrmsr(MSR_SYSENTER_CS, refused[i].cs);
			f = to_64bit(rip, refused[i].rsp ? refused[i].rsp : STACK);
			if (!EXPECT_FAULT(GP, f))
				continue;
			EXPECT_EQ(0, f.error_code);
			EXPECT_EQ(sysexit_at, f.rip);
		}
	wrmsr(MSR_SYSENTER_CS, 0);
}

TEST(sysexit_is_privileged, "SYSEXIT is #GP(0) at CPL 3", LAW("SDM vol. 2B, SYSEXIT"), NEEDS(SEP))
{
	struct fault f;

	needs_intel();
	f = run_user(user_sysexitq, (u64)USER(user_arrives), 0, NULL);
	if (EXPECT_FAULT(GP, f))
		EXPECT_EQ(0, f.error_code);
	wrmsr(MSR_SYSENTER_CS, 0);
}

TEST(sysenter_arrives, "SYSENTER at CPL 3 goes to IA32_SYSENTER_EIP and _ESP at CPL 0, with IF = 0",
     LAW("SDM vol. 2B, SYSENTER"), NEEDS(SEP))
{
	u64 stack = (u64)(ist_stack[6] + STACK_BYTES);
	struct fault f;

	needs_intel();
	/* The segments of CPL 0 are the fixed ones, whatever lies at the selectors. */
	wrmsr(MSR_SYSENTER_CS, SELECTOR_CODE64);
	wrmsr(MSR_SYSENTER_EIP, (u64)USER(sysenter_arrives));
	wrmsr(MSR_SYSENTER_ESP, stack);
	f = run_user(user_sysenter, 0, RFLAGS_IF, NULL);
	expect_arrived(&f, (u64)USER(sysenter_arrives), stack, SELECTOR_CODE64, SELECTOR_DATA);
	EXPECT_FLAGS(rflags_names, RFLAGS_CF, f.rflags & (RFLAGS_CF | RFLAGS_IF));
	wrmsr(MSR_SYSENTER_CS, 0);
}

TEST(sysenter_needs_cs, "SYSENTER without IA32_SYSENTER_CS is #GP(0), at CPL 3",
     LAW("SDM vol. 2B, SYSENTER"), NEEDS(SEP))
{
	struct fault f;

	needs_intel();
	wrmsr(MSR_SYSENTER_CS, 0);
	f = run_user(user_sysenter, 0, 0, NULL);
	if (!EXPECT_FAULT(GP, f))
		return;
	EXPECT_EQ(0, f.error_code);
	EXPECT_EQ(USER(sysenter_at), f.rip);
}

TEST(sysenter_is_undefined, "on AMD's processors SYSENTER and SYSEXIT are #UD in 64-bit mode",
     LAW("APM vol. 3, SYSENTER, SYSEXIT"), CASES(3))
{
	if (!vendor_is_amd())
		skip("a law for AMD's processors; CPUID.0:EBX is another vendor's");
	wrmsr(MSR_SYSENTER_CS, SYSENTER_CS);
	CASE("instruction=sysenter,cpl=3") {
		struct fault f = run_user(user_sysenter, 0, 0, NULL);

		if (EXPECT_FAULT(UD, f))
			EXPECT_EQ(USER(sysenter_at), f.rip);
	}
	CASE("instruction=sysexit,cpl=0") {
		struct fault f = to_64bit((u64)USER(user_arrives), STACK);

		if (EXPECT_FAULT(UD, f))
			EXPECT_EQ(sysexit_at, f.rip);
	}
	CASE("instruction=sysexit,cpl=3")
		EXPECT_FAULT(UD, run_user(user_sysexitq, (u64)USER(user_arrives), 0, NULL));
	wrmsr(MSR_SYSENTER_CS, 0);
}
