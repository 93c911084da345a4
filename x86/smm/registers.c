// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an SMI keeps and RSM gives back: the general registers, RIP and RFLAGS, in the
 * state-save area and by it (APM vol. 2, SMRAM State-Save Area; SDM vol. 3C, SMRAM State
 * Save Map and Intel 64 Architecture).
 */
#include "x86/boot/smm.h"

enum { RSP = 4, REGISTERS = 16 };

u64 registers_in[REGISTERS], registers_out[REGISTERS], registers_rflags, registers_landed;
extern const u8 registers_behind_halt[], registers_elsewhere[];
void registers_halt(void);

static const char *const names[REGISTERS] = { "RAX", "RCX", "RDX", "RBX", "RSP", "RBP",
					      "RSI", "RDI", "R8",  "R9",  "R10", "R11",
					      "R12", "R13", "R14", "R15" };

#define SAVED(number) SMM_SAVED(u64, SMM_RAX - 8 * (number))
#define OTHER_RFLAGS (RFLAGS_FIXED | RFLAGS_CF | RFLAGS_SF | RFLAGS_OF | RFLAGS_DF | RFLAGS_ID)

/* What the handler saw, for the test to judge. */
static u64 saved[REGISTERS], saved_rip, saved_rflags;
/* What it writes there: register number, or none. */
static int edited;
static u64 new_value;

static void look_and_edit(void)
{
	for (unsigned int i = 0; i < REGISTERS; i++)
		saved[i] = SAVED(i);
	saved_rip = SMM_SAVED(u64, SMM_RIP);
	saved_rflags = SMM_SAVED(u64, SMM_RFLAGS);
	if (edited >= 0)
		SAVED(edited) = new_value;
}

static void halt_with_values(void)
{
	for (unsigned int i = 0; i < REGISTERS; i++)
		registers_in[i] = 0x8001020304050607ull * (i + 1) ^ 0xa5a5ull << 16;
	registers_landed = 2;
	sync(WAIT_HALTED | INJECT_SMI);
	write_rflags(RFLAGS_FIXED | RFLAGS_CF | RFLAGS_AF | RFLAGS_ID);
	registers_halt();
}

static bool all_but_edited(void)
{
	bool good = true;

	for (unsigned int i = 0; i < REGISTERS; i++) {
		u64 wanted = (int)i == edited ? new_value : registers_in[i];

		if (registers_out[i] != wanted) {
			note("%s: %#llx became %#llx", names[i], (unsigned long long)wanted,
			     (unsigned long long)registers_out[i]);
			good = false;
		}
	}
	return good;
}

static void clobber(void)
{
	asm volatile("mov $-1, %%rax; mov %%rax, %%r8; mov %%rax, %%r9; mov %%rax, %%r10;"
		     "mov %%rax, %%r11; mov %%rax, %%rcx; mov %%rax, %%rdx; std; cld" ::
			     : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "cc");
}

TEST(registers_survive,
     "general registers, RIP and RFLAGS come through an SMI, whatever its handler does",
     LAW("SDM vol. 3C, SMM, RSM; APM vol. 2, Leaving SMM"), ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	smm_open(clobber);
	edited = -1;
	halt_with_values();
	EXPECT_EQ(1, smm.entries);
	EXPECT_EQ(0, registers_landed);
	EXPECT(all_but_edited());
	EXPECT_FLAGS(rflags_names, RFLAGS_FIXED | RFLAGS_CF | RFLAGS_AF | RFLAGS_ID,
		     registers_rflags);
}

TEST(save_area_registers, "the state-save area holds the general registers, RIP and RFLAGS",
     LAW("APM vol. 2, SMRAM State-Save Area"), ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	smm_need_save_area();
	smm_open(look_and_edit);
	edited = -1;
	halt_with_values();
	for (unsigned int i = 0; i < REGISTERS; i++)
		EXPECT_EQ(registers_in[i], saved[i]);
	EXPECT_EQ((u64)registers_behind_halt, saved_rip);
	EXPECT_FLAGS(rflags_names, RFLAGS_FIXED | RFLAGS_CF | RFLAGS_AF | RFLAGS_ID, saved_rflags);
}

TEST(edited_registers, "RSM loads the general registers that the handler wrote to the save area",
     LAW("APM vol. 2, SMRAM State-Save Area, Leaving SMM"), ACTIONS(WAIT_HALTED | INJECT_SMI),
     CASES(REGISTERS))
{
	smm_need_save_area();
	for (unsigned int i = 0; i < REGISTERS; i++)
		CASE ("register=%s", names[i]) {
			smm_open(look_and_edit);
			edited = (int)i;
			new_value = i == RSP ? (u64)&user_stack[0x2000] : 0xfedcba9876543210ull + i;
			halt_with_values();
			EXPECT_EQ(1, smm.entries);
			EXPECT(all_but_edited());
		}
}

static void edit_rip_and_rflags(void)
{
	SMM_SAVED(u64, SMM_RIP) = (u64)registers_elsewhere;
	SMM_SAVED(u64, SMM_RFLAGS) = OTHER_RFLAGS;
}

TEST(edited_rip, "RSM goes on at the RIP, with the RFLAGS, that the handler wrote to the save area",
     LAW("APM vol. 2, SMRAM State-Save Area, Leaving SMM"), ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	smm_need_save_area();
	smm_open(edit_rip_and_rflags);
	edited = -1;
	halt_with_values();
	EXPECT_EQ(1, registers_landed);
	EXPECT(all_but_edited());
	EXPECT_FLAGS(rflags_names, OTHER_RFLAGS, registers_rflags);
}
