// SPDX-License-Identifier: GPL-2.0-only
/* SYSCALL at CPL 3: where it arrives, and with what (SDM vol. 2B, SYSCALL). */
#include "x86/boot/x86.h"

extern u8 syscall_entry[], syscall_arrived[], syscall_next[];
u64 syscall_rcx, syscall_r11;

/* On a page that both modes can fetch, so that a wrong CPL shows and does not fault. */
asm(".pushsection .text\n"
    "syscall_entry:\n"
    "	mov %rcx, syscall_rcx(%rip)\n"
    "	mov %r11, syscall_r11(%rip)\n"
    "syscall_arrived: ud2\n"
    ".popsection");

static u64 code(u64 argument)
{
	(void)argument;
	asm volatile("std; stc; syscall\nsyscall_next: cld" ::: "rcx", "r11", "memory", "cc");
	return 0;
}

TEST(syscall_arrives,
     "SYSCALL goes to LSTAR at CPL 0, with the next RIP in RCX and RFLAGS, before FMASK, in R11",
     LAW("SDM vol. 2B, SYSCALL"), NEEDS(SYSCALL))
{
	struct fault f;

	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, (u64)SELECTOR_CODE64 << 32);
	wrmsr(MSR_LSTAR, (u64)USER(syscall_entry));
	wrmsr(MSR_FMASK, RFLAGS_DF | RFLAGS_IF | RFLAGS_TF);
	f = run_user(code, 0, 0, NULL);
	if (!EXPECT_FAULT(UD, f))
		return;
	EXPECT_EQ(USER(syscall_arrived), f.rip);
	EXPECT_EQ(SELECTOR_CODE64, f.cs);
	EXPECT_EQ(SELECTOR_DATA, f.ss);
	EXPECT_EQ(USER(syscall_next), syscall_rcx);
	EXPECT_FLAGS(rflags_names, RFLAGS_DF | RFLAGS_CF, syscall_r11 & (RFLAGS_DF | RFLAGS_CF));
	EXPECT_FLAGS(rflags_names, RFLAGS_CF, f.rflags & (RFLAGS_DF | RFLAGS_CF));
}

TEST(syscall_needs_sce, "SYSCALL with EFER.SCE = 0 is #UD at CPL 3",
     LAW("SDM vol. 2B, SYSCALL"), NEEDS(SYSCALL))
{
	struct fault f;

	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SCE);
	wrmsr(MSR_LSTAR, (u64)USER(syscall_entry));
	f = run_user(code, 0, 0, NULL);
	if (EXPECT_FAULT(UD, f))
		EXPECT_EQ(SELECTOR_USER_CODE64, f.cs);
}
