// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers, from the text of the human monitor's `info registers`: QMP has no
 * other way to them.  Long mode prints RAX and RFL, other modes EAX and EFL.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/qemu.h"

#define MSR_EFER 0xc0000080u

/* As printed in 64-bit mode; what other modes call differently. */
static const struct {
	const char *name;
	const char *name32;
} printed[SYNC_REG_COUNT] = {
	[SYNC_REG_RAX] = { "RAX", "EAX" },
	[SYNC_REG_RBX] = { "RBX", "EBX" },
	[SYNC_REG_RCX] = { "RCX", "ECX" },
	[SYNC_REG_RDX] = { "RDX", "EDX" },
	[SYNC_REG_RSI] = { "RSI", "ESI" },
	[SYNC_REG_RDI] = { "RDI", "EDI" },
	[SYNC_REG_RSP] = { "RSP", "ESP" },
	[SYNC_REG_RBP] = { "RBP", "EBP" },
	[SYNC_REG_R8] = { "R8" },
	[SYNC_REG_R9] = { "R9" },
	[SYNC_REG_R10] = { "R10" },
	[SYNC_REG_R11] = { "R11" },
	[SYNC_REG_R12] = { "R12" },
	[SYNC_REG_R13] = { "R13" },
	[SYNC_REG_R14] = { "R14" },
	[SYNC_REG_R15] = { "R15" },
	[SYNC_REG_RIP] = { "RIP", "EIP" },
	[SYNC_REG_RFLAGS] = { "RFL", "EFL" },
	[SYNC_REG_CR0] = { "CR0" },
	[SYNC_REG_CR2] = { "CR2" },
	[SYNC_REG_CR3] = { "CR3" },
	[SYNC_REG_CR4] = { "CR4" },
	[SYNC_REG_EFER] = { "EFER" },
	[SYNC_REG_DR0] = { "DR0" },
	[SYNC_REG_DR1] = { "DR1" },
	[SYNC_REG_DR2] = { "DR2" },
	[SYNC_REG_DR3] = { "DR3" },
	[SYNC_REG_DR6] = { "DR6" },
	[SYNC_REG_DR7] = { "DR7" },
};

bool registers_find(const char *text, const char *name, u64 *value)
{
	size_t length = strlen(name);

	for (const char *at = text; (at = strstr(at, name)); at++) {
		const char *behind = at + length;
		char *end;

		if (at > text && !isspace((unsigned char)at[-1]))
			continue;
		/* Short names are padded: "R8 =". */
		behind += strspn(behind, " ");
		if (*behind++ != '=' || !isxdigit((unsigned char)*behind))
			continue;
		*value = strtoull(behind, &end, 16);
		return true;
	}
	return false;
}

bool registers_get(const char *text, u64 reg, u64 *value)
{
	if (reg == SYNC_MSR(MSR_EFER))
		reg = SYNC_REG_EFER;
	if (reg >= SYNC_REG_COUNT || !printed[reg].name)
		return false;
	if (registers_find(text, printed[reg].name, value))
		return true;
	return printed[reg].name32 && registers_find(text, printed[reg].name32, value);
}

bool registers_find_cr8(const char *text, u64 *value)
{
	static const char label[] = " TPR 0x";
	const char *at = strstr(text, label);

	if (at)
		*value = strtoull(at + sizeof(label) - 1, NULL, 16) >> 4;
	return at;
}

void registers_describe(const char *text, struct text *words)
{
	u64 pc, halted = 0;

	registers_find(text, "HLT", &halted);
	text_add(words, "vCPU %s", halted ? "halted" : "running");
	if (registers_get(text, SYNC_REG_RIP, &pc))
		text_add(words, " at RIP %#llx", (unsigned long long)pc);
	else if (registers_find(text, "PC", &pc))
		text_add(words, " at PC %#llx", (unsigned long long)pc);
}
