// SPDX-License-Identifier: GPL-2.0-only
/* See user-mode.h. */
#include "x86/instruction/user-mode.h"

asm(".pushsection .text\n"
    ".globl user_arrives\n"
    "user_arrives: ud2\n"
    ".popsection");

u64 user_sysretq(u64 argument)
{
	asm volatile("sysretq" ::"c"(argument) : "r11", "memory");
	return 0;
}

u64 user_sysretl(u64 argument)
{
	asm volatile("sysretl" ::"c"(argument) : "r11", "memory");
	return 0;
}

u64 user_sysexitq(u64 argument)
{
	asm volatile("sysexitq" ::"d"(argument), "c"(argument) : "memory");
	return 0;
}
