// SPDX-License-Identifier: GPL-2.0-only
/*
 * System registers over an SMI: in the state-save area, back from it as they were, and back
 * from it as the handler changed them (APM vol. 2, SMRAM State-Save Area, Leaving SMM).
 */
#include "x86/boot/host.h"
#include "x86/boot/smm.h"

/* --- one register each: how to read it, and how it may be changed --- */

static struct table_register table;

#define READER(name, value)                                                                        \
	static u64 name(void)                                                                      \
	{                                                                                          \
		return value;                                                                      \
	}
#define TABLE(name, instruction, member)                                                           \
	static u64 name(void)                                                                      \
	{                                                                                          \
		asm volatile(instruction " %0" : "=m"(table));                                     \
		return table.member;                                                               \
	}
#define SELECTOR(name, instruction)                                                                \
	static u64 name(void)                                                                      \
	{                                                                                          \
		u64 value;                                                                         \
                                                                                                   \
		asm volatile("xor %k0, %k0; " instruction " %w0" : "=r"(value));                   \
		return value;                                                                      \
	}

READER(cr0, read_cr0())
READER(cr3, read_cr3())
READER(cr4, read_cr4())
READER(efer, rdmsr(MSR_EFER))
READER(dr6, read_dr6())
READER(dr7, read_dr7())
READER(fs_base, rdmsr(MSR_FS_BASE))
READER(gs_base, rdmsr(MSR_GS_BASE))
TABLE(gdt_base, "sgdt", base)
TABLE(gdt_limit, "sgdt", limit)
TABLE(idt_base, "sidt", base)
TABLE(idt_limit, "sidt", limit)
SELECTOR(ldt_selector, "sldt")
SELECTOR(tr_selector, "str")
SELECTOR(cs_selector, "mov %%cs,")
SELECTOR(ss_selector, "mov %%ss,")
SELECTOR(ds_selector, "mov %%ds,")
SELECTOR(es_selector, "mov %%es,")
SELECTOR(fs_selector, "mov %%fs,")
SELECTOR(gs_selector, "mov %%gs,")

static u64 other_pml4[512] __attribute__((aligned(4096)));

#define SEGMENT(NAME, part) (SMM_##NAME + SMM_##part)

/* What differs from the value before is `flip`; 0: cannot be changed alone. */
static const struct {
	const char *name;
	u64 (*read)(void);
	u64 flip;
	u16 offset, bytes;
} registers[] = {
	{ "CR0", cr0, CR0_TS | CR0_WP, SMM_CR0, 8 },
	{ "CR3", cr3, 0, SMM_CR3, 8 },
	{ "CR4", cr4, CR4_TSD | CR4_PGE | CR4_DE, SMM_CR4, 8 },
	{ "EFER", efer, EFER_SCE, SMM_EFER, 8 },
	{ "DR6", dr6, BITS(3, 0) | BIT(13) | BIT(14), SMM_DR6, 8 },
	{ "DR7", dr7, BIT(9) | BITS(31, 28), SMM_DR7, 8 },
	{ "GDTR.base", gdt_base, 0x8000, SEGMENT(GDTR, SEGMENT_BASE), 8 },
	{ "GDTR.limit", gdt_limit, 0x8000, SEGMENT(GDTR, LIMIT), 2 },
	{ "IDTR.base", idt_base, 0x8000, SEGMENT(IDTR, SEGMENT_BASE), 8 },
	{ "IDTR.limit", idt_limit, 0x8000, SEGMENT(IDTR, LIMIT), 2 },
	{ "LDTR.selector", ldt_selector, 0x50, SEGMENT(LDTR, SELECTOR), 2 },
	{ "TR.selector", tr_selector, 0x80, SEGMENT(TR, SELECTOR), 2 },
	{ "CS.selector", cs_selector, 0x100, SEGMENT(CS, SELECTOR), 2 },
	{ "SS.selector", ss_selector, 0x100, SEGMENT(SS, SELECTOR), 2 },
	{ "DS.selector", ds_selector, 0x100, SEGMENT(DS, SELECTOR), 2 },
	{ "ES.selector", es_selector, 0x200, SEGMENT(ES, SELECTOR), 2 },
	{ "FS.selector", fs_selector, 0x400, SEGMENT(FS, SELECTOR), 2 },
	{ "GS.selector", gs_selector, 0x800, SEGMENT(GS, SELECTOR), 2 },
	{ "FS.base", fs_base, 0x7f1234567000, SEGMENT(FS, SEGMENT_BASE), 8 },
	{ "GS.base", gs_base, ~0ull << 46, SEGMENT(GS, SEGMENT_BASE), 8 },
};
enum { REGISTERS = ARRAY_SIZE(registers) };

static u64 saved(unsigned int i)
{
	return registers[i].bytes == 8 ? SMM_SAVED(u64, registers[i].offset)
				       : SMM_SAVED(u16, registers[i].offset);
}

static void save(unsigned int i, u64 value)
{
	if (registers[i].bytes == 8)
		SMM_SAVED(u64, registers[i].offset) = value;
	else
		SMM_SAVED(u16, registers[i].offset) = (u16)value;
}

static u64 first_cr0, first_cr4, first_efer;

/* Each another than what it is after a reset, and than the handler's.  No breakpoint is enabled. */
static void set_all(void)
{
	first_cr0 = read_cr0();
	first_cr4 = read_cr4();
	first_efer = rdmsr(MSR_EFER);
	write_cr0(read_cr0() | CR0_TS);
	write_cr4(read_cr4() | CR4_TSD | CR4_DE);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	write_dr6(DR6_FIXED | BIT(1) | BIT(14));
	write_dr7(DR7_FIXED | BIT(8) | BITS(25, 24));
	memcpy(other_pml4, boot_pml4, sizeof(other_pml4));
	write_cr3((u64)other_pml4);
	wrmsr(MSR_FS_BASE, 0x123456789000);
	wrmsr(MSR_GS_BASE, ~0ull << 40);
}

static void set_back(void)
{
	load_gdt(gdt, SELECTOR_LIMIT);
	load_idt(idt, 0xfff);
	/* A TSS that is in use is busy. */
	gdt[SELECTOR_TSS / 8] &= ~BIT(41);
	asm volatile("ltr %w0" ::"r"(SELECTOR_TSS));
	asm volatile("mov %0, %%ss; mov %0, %%ds; mov %0, %%es; mov %1, %%fs; mov %1, %%gs\n\t"
		     "pushq %2; pushq $1f; lretq; 1: lldt %w1" ::"r"(SELECTOR_DATA),
		     "r"(0), "i"(SELECTOR_CODE64)
		     : "memory");
	write_cr3((u64)boot_pml4);
	write_dr7(DR7_FIXED);
	write_dr6(DR6_FIXED);
	write_cr0(first_cr0);
	write_cr4(first_cr4);
	wrmsr(MSR_EFER, first_efer);
}

/* The handler's own, each different again. */
static void clobber(void)
{
	write_cr4(read_cr4() | CR4_PGE);
	write_dr6(DR6_FIXED | BIT(2));
	write_dr7(DR7_FIXED | BITS(21, 20));
	asm volatile("mov %0, %%fs; mov %0, %%gs; mov %1, %%ds; mov %1, %%es" ::"r"(SELECTOR_DATA),
		     "r"(0));
	wrmsr(MSR_FS_BASE, 0x7000);
	wrmsr(MSR_GS_BASE, 0x9000);
	/* A task and an LDT of its own, in a GDT whose others are the runtime's. */
	gdt[SELECTOR_SPARE / 8] = 0x89ull << 40 | 0xe00000ull << 16 | 0x77;
	gdt[SELECTOR_SPARE / 8 + 2] = 0x82ull << 40 | 0xe00000ull << 16 | 0x27;
	load_gdt(gdt, SELECTOR_LIMIT);
	asm volatile("ltr %w0; lldt %w1" ::"r"(SELECTOR_SPARE), "r"(SELECTOR_SPARE + 16));
}

static u64 before[REGISTERS], in_area[REGISTERS], after[REGISTERS];
static unsigned int edited;

static void look(void)
{
	for (unsigned int i = 0; i < REGISTERS; i++)
		in_area[i] = saved(i);
	clobber();
}

static void edit(void)
{
	save(edited, saved(edited) ^ registers[edited].flip);
	clobber();
}

static void read_all(u64 *values)
{
	for (unsigned int i = 0; i < REGISTERS; i++)
		values[i] = registers[i].read();
}

/* An SMI comes while the CPU is halted: nothing but it happens between the readings. */
static void through_smm(void (*handler)(void))
{
	smm_open(handler);
	set_all();
	sync(WAIT_HALTED | INJECT_SMI);
	read_all(before);
	asm volatile("hlt" ::: "memory");
	read_all(after);
	set_back();
	EXPECT_EQ(1, smm.entries);
}

#define WHERE LAW("APM vol. 2, SMRAM State-Save Area, Leaving SMM; SDM vol. 3C, SMRAM")

TEST(save_area_state, "the state-save area holds control, debug, table and segment registers",
     WHERE, ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	smm_need_save_area();
	through_smm(look);
	for (unsigned int i = 0; i < REGISTERS; i++)
		if (in_area[i] != before[i]) {
			note("%s", registers[i].name);
			EXPECT_EQ(before[i], in_area[i]);
		}
}

TEST(rsm_restores,
     "RSM restores control, debug, table and segment registers, whatever the handler did", WHERE,
     ACTIONS(WAIT_HALTED | INJECT_SMI))
{
	through_smm(clobber);
	for (unsigned int i = 0; i < REGISTERS; i++)
		if (after[i] != before[i]) {
			note("%s", registers[i].name);
			EXPECT_EQ(before[i], after[i]);
		}
}

TEST(rsm_loads_edits, "RSM loads registers as the handler changed them in the state-save area",
     WHERE, ACTIONS(WAIT_HALTED | INJECT_SMI), CASES(REGISTERS - 1))
{
	smm_need_save_area();
	for (edited = 0; edited < REGISTERS; edited++) {
		if (!registers[edited].flip)
			continue;
		CASE ("register=%s", registers[edited].name) {
			through_smm(edit);
			for (unsigned int i = 0; i < REGISTERS; i++)
				if (i == edited)
					EXPECT_EQ(before[i] ^ registers[i].flip, after[i]);
				else if (!EXPECT_EQ(before[i], after[i]))
					note("%s", registers[i].name);
		}
	}
}

static struct host_sregs sregs_before, sregs_after;

TEST(hidden_parts_survive,
     "KVM_GET_SREGS gives the same before and behind an SMI, hidden parts included", WHERE,
     ACTIONS(INJECT_SMI | HOST_CALL))
{
	smm_open(clobber);
	set_all();
	HOST(HOST_GET_STATE, HOST_VCPU, (u64)&sregs_before, HOST_STATE_SREGS);
	smm_raise();
	HOST(HOST_GET_STATE, HOST_VCPU, (u64)&sregs_after, HOST_STATE_SREGS);
	set_back();
	EXPECT_EQ(1, smm.entries);
	for (unsigned int i = 0; i < sizeof(sregs_before); i += 8)
		if (memcmp((u8 *)&sregs_before + i, (u8 *)&sregs_after + i, 8)) {
			note("struct kvm_sregs at %#x", i);
			EXPECT_EQ(*(u64 *)((u8 *)&sregs_before + i),
				  *(u64 *)((u8 *)&sregs_after + i));
		}
}
