// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYSRET (SDM vol. 2B; APM vol. 3): from CPL 0 to 64-bit or compatibility mode
 * at CPL 3, with RIP from RCX, RFLAGS from R11 and selectors from STAR.  Where
 * it arrives stands a UD2, whose frame shows all that it did.
 */
#include "x86/instruction/user-mode.h"

/* STAR[63:48]: 32-bit code; the stack is 8 behind it, 64-bit code 16. */
#define STAR_USER ((u64)SELECTOR_USER_CODE32 << 48)

extern const u8 sysret_at[], sysretl_at[];

/* Not inline: their labels stand once. */
__attribute__((noinline)) static struct fault to_64bit(u64 rip, u64 rflags)
{
	return TRY("mov %[flags], %%r11\n"
		   "sysret_at: sysretq",
		   : : "c"(rip), [flags] "r"(rflags));
}

__attribute__((noinline)) static struct fault to_compatibility_mode(u64 rip,
								      u64 rflags)
{
	return TRY("mov %[flags], %%r11\n"
		   "sysretl_at: sysretl",
		   : : "c"(rip), [flags] "r"(rflags));
}

static void begin(u64 star)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, star);
}

/* What SYSRET loads, and what it must not. */
static const struct {
	const char *name;
	u64 r11, wanted;
} flags[] = {
	{ "none", 0, RFLAGS_FIXED },
	{ "status", STATUS_FLAGS, STATUS_FLAGS | RFLAGS_FIXED },
	{ "if", RFLAGS_IF, RFLAGS_IF | RFLAGS_FIXED },
	{ "df", RFLAGS_DF, RFLAGS_DF | RFLAGS_FIXED },
	{ "iopl", RFLAGS_IOPL, RFLAGS_IOPL | RFLAGS_FIXED },
	{ "nt", RFLAGS_NT, RFLAGS_NT | RFLAGS_FIXED },
	{ "ac", RFLAGS_AC, RFLAGS_AC | RFLAGS_FIXED },
	{ "id", RFLAGS_ID, RFLAGS_ID | RFLAGS_FIXED },
	{ "rf", RFLAGS_RF, RFLAGS_FIXED },
	{ "reserved", BIT(3) | BIT(5) | BIT(15), RFLAGS_FIXED },
};
enum { FLAGS_ROWS = ARRAY_SIZE(flags) };

/* The fault of the UD2 itself sets RF in what it pushes. */
#define COMPARED (~(u64)RFLAGS_RF)

TEST(sysret_to_64bit, "SYSRET with 64-bit operands goes to RCX at CPL 3 with the RFLAGS of R11",
     LAW("SDM vol. 2B, SYSRET; APM vol. 3, SYSRET"), NEEDS(SYSCALL), CASES(FLAGS_ROWS))
{
	begin(STAR_USER);
	for (unsigned int i = 0; i < FLAGS_ROWS; i++)
		CASE("r11=%s", flags[i].name) {
			struct fault f = to_64bit((u64)USER(user_arrives), flags[i].r11);

			if (!EXPECT_FAULT(UD, f))
				continue;
			EXPECT_EQ(USER(user_arrives), f.rip);
			EXPECT_EQ(SELECTOR_USER_CODE64, f.cs);
			EXPECT_EQ(SELECTOR_USER_DATA, f.ss);
			EXPECT_FLAGS(rflags_names, flags[i].wanted, f.rflags & COMPARED);
		}
}

/* A test of its own: a subject that loads it is nowhere afterwards. */
TEST(sysret_clears_vm, "SYSRET does not load RFLAGS.VM from R11",
     LAW("SDM vol. 2B, SYSRET; APM vol. 3, SYSRET"), NEEDS(SYSCALL))
{
	struct fault f;

	begin(STAR_USER);
	f = to_64bit((u64)USER(user_arrives), RFLAGS_VM);
	if (EXPECT_FAULT(UD, f))
		EXPECT_FLAGS(rflags_names, RFLAGS_FIXED, f.rflags & COMPARED);
}

TEST(sysret_to_compatibility, "SYSRET with 32-bit operands goes to ECX in compatibility mode at CPL 3",
     LAW("SDM vol. 2B, SYSRET; APM vol. 3, SYSRET"), NEEDS(SYSCALL), CASES(FLAGS_ROWS))
{
	begin(STAR_USER);
	for (unsigned int i = 0; i < FLAGS_ROWS; i++)
		CASE("r11=%s", flags[i].name) {
			struct fault f;

			use_low_user_memory();
			f = to_compatibility_mode(BIT(32) | (u64)user_arrives, flags[i].r11);
			write_cr3((u64)boot_pml4);
			if (!EXPECT_FAULT(UD, f))
				continue;
			EXPECT_EQ(user_arrives, f.rip);
			EXPECT_EQ(SELECTOR_USER_CODE32, f.cs);
			EXPECT_EQ(SELECTOR_USER_DATA, f.ss);
			EXPECT_FLAGS(rflags_names, flags[i].wanted, f.rflags & COMPARED);
		}
}

/* The SDM sets the RPL of both selectors; the APM that of CS. */
TEST(sysret_sets_rpl, "SYSRET makes the RPL of CS 3, whatever STAR says",
     LAW("SDM vol. 2B, SYSRET; APM vol. 3, SYSRET"), NEEDS(SYSCALL), CASES(3))
{
	for (u64 rpl = 0; rpl < 3; rpl++)
		CASE("star-rpl=%u", (unsigned int)rpl) {
			struct fault f;

			begin((STAR_USER & ~(3ull << 48)) | rpl << 48);
			f = to_64bit((u64)USER(user_arrives), 0);
			if (!EXPECT_FAULT(UD, f))
				continue;
			EXPECT_EQ(SELECTOR_USER_CODE64, f.cs);
			EXPECT_EQ(SELECTOR_USER_DATA | 3, f.ss | (vendor_is_intel() ? 0 : 3));
		}
}

static const u64 bad[] = NOT_CANONICAL;

static void expect_refused_by_intel(const struct fault *f)
{
	EXPECT_EQ(sysret_at, f->rip);
	EXPECT_EQ(SELECTOR_CODE64, f->cs);
}

static void expect_refused_at_cpl3(const struct fault *f, u64 rip)
{
	EXPECT_EQ(rip, f->rip);
	EXPECT_EQ(SELECTOR_USER_CODE64, f->cs);
}

/* Intel's checks RCX while it is at CPL 0; AMD's faults when it fetches there, at CPL 3. */
TEST(sysret_not_canonical, "SYSRET to an address that is not canonical is #GP(0), at its vendor's CPL",
     LAW("SDM vol. 2B, SYSRET: #GP(0); APM vol. 3, SYSRET"), NEEDS(SYSCALL), CASES(ARRAY_SIZE(bad)))
{
	if (!vendor_is_intel() && !vendor_is_amd())
		skip("CPUID.0: neither Intel nor AMD, whose laws differ");
	begin(STAR_USER);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		CASE("rcx=%#llx", (unsigned long long)bad[i]) {
			struct fault f = to_64bit(bad[i], 0);

			if (!EXPECT_FAULT(GP, f))
				continue;
			EXPECT_EQ(0, f.error_code);
			if (vendor_is_intel())
				expect_refused_by_intel(&f);
			else
				expect_refused_at_cpl3(&f, bad[i]);
		}
}

TEST(sysret_needs_sce, "SYSRET with EFER.SCE = 0 is #UD, at CPL 0 and at CPL 3",
     LAW("SDM vol. 2B, SYSRET; APM vol. 3, SYSRET"), NEEDS(SYSCALL), CASES(4))
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SCE);
	CASE("bits=64,cpl=0") {
		struct fault f = to_64bit((u64)USER(user_arrives), 0);

		if (EXPECT_FAULT(UD, f))
			EXPECT_EQ(sysret_at, f.rip);
	}
	CASE("bits=32,cpl=0") {
		struct fault f = to_compatibility_mode((u64)user_arrives, 0);

		if (EXPECT_FAULT(UD, f))
			EXPECT_EQ(sysretl_at, f.rip);
	}
	CASE("bits=64,cpl=3")
		EXPECT_FAULT(UD, run_user(user_sysretq, (u64)USER(user_arrives), 0, NULL));
	CASE("bits=32,cpl=3")
		EXPECT_FAULT(UD, run_user(user_sysretl, (u64)user_arrives, 0, NULL));
}

TEST(sysret_is_privileged, "SYSRET is #GP(0) at CPL 3",
     LAW("SDM vol. 2B, SYSRET; APM vol. 3, SYSRET"), NEEDS(SYSCALL), CASES(2))
{
	begin(STAR_USER);
	for (unsigned int wide = 0; wide < 2; wide++)
		CASE("bits=%u", wide ? 64 : 32) {
			struct fault f = run_user(wide ? user_sysretq : user_sysretl,
						  (u64)USER(user_arrives), 0, NULL);

			if (!EXPECT_FAULT(GP, f))
				continue;
			EXPECT_EQ(0, f.error_code);
			EXPECT_EQ(SELECTOR_USER_CODE64, f.cs);
		}
}
