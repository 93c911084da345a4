// SPDX-License-Identifier: GPL-2.0-only
/*
 * L2 outside long mode.  EFER.LMA is what the processor makes of EFER.LME and CR0.PG:
 * VMRUN ignores the VMCB's where EFER.LME is 0, so that such an L2 is in legacy mode
 * whatever stands there (APM vol. 2, Canonicalization and Consistency Checks).
 */
#include "x86/nested/npt.h"

enum { ATTRIB_L = BIT(9), ATTRIB_DB = BIT(10) };

/* The same bytes in all modes; 4AH is DEC EDX, and in 64-bit mode a prefix of the NOP. */
L2_CODE(look, "mov $5, %edx; .byte 0x4a; nop; mov %edx, %esi; mov $0xc0000080, %ecx", "rdmsr", "");

/* The first 4 GiB onto themselves, for 32-bit and for PAE paging. */
static u32 directory[1024] __attribute__((aligned(4096)));
static u64 pointers[4] __attribute__((aligned(32)));

static void make_tables(void)
{
	const u64 *pdpt = (const u64 *)(boot_pml4[0] & PTE_ADDRESS);

	for (unsigned int i = 0; i < ARRAY_SIZE(directory); i++)
		directory[i] = i << 22 | PTE_P | PTE_W | PTE_PS;
	for (unsigned int i = 0; i < ARRAY_SIZE(pointers); i++)
		pointers[i] = (pdpt[i] & PTE_ADDRESS) | PTE_P;
}

static const struct mode {
	const char *name;
	u64 cr0, cr4;
	const void *tables;
} modes[] = {
	{ "none", 0, 0, NULL },
	{ "none,CR4.PAE=1", 0, CR4_PAE, NULL },
	{ "32-bit", CR0_PG, CR4_PSE, directory },
	{ "pae", CR0_PG, CR4_PAE, pointers },
};

static void begin(const struct mode *mode, u64 efer)
{
	struct vmcb_save *s = &l2.vmcb->save;

	make_tables();
	s->cr0 = (s->cr0 & ~(u64)CR0_PG) | mode->cr0;
	s->cr4 = (s->cr4 & ~(u64)(CR4_PAE | CR4_PSE)) | mode->cr4;
	if (mode->tables)
		s->cr3 = (u64)mode->tables;
	s->efer = (s->efer & ~(u64)(EFER_LME | EFER_LMA)) | efer;
	s->cs.attrib = (u16)((s->cs.attrib & ~ATTRIB_L) | ATTRIB_DB);
}

#define VECTOR 0x72
enum { LVT_MASKED = BIT(16), WHILE = 50000000, LOOKS = 4 };

static void on_timer(struct trap_frame *f)
{
	(void)f;
	apic_eoi();
}

/* An L2 whose mode is not what the host takes it for may hang in the host: L1's timer ends it. */
static void run_for_a_while(const void *code)
{
	set_handler(VECTOR, on_timer);
	l2_intercept(SVM_EXIT_INTR);
	l2.vmcb->control.v_intr = V_INTR_MASKING;
	l2.vmcb->save.rip = (u64)code;
	for (unsigned int i = 0; i < LOOKS; i++) {
		apic_write(APIC_TIMER_DIVIDE, 0xb);
		apic_write(APIC_LVT_TIMER, VECTOR);
		apic_write(APIC_TIMER_INITIAL, WHILE);
		sti();
		l2_run();
		cli();
		heartbeat();
		if (l2.vmcb->control.exitcode != SVM_EXIT_INTR)
			break;
	}
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR);
	apic_write(APIC_TIMER_INITIAL, 0);
}

/* Where L2 is in the wrong mode nothing more is asked: its next paging may take the host down. */
static void look_at_mode(const struct mode *mode, bool lma)
{
	begin(mode, lma ? EFER_LMA : 0);
	run_for_a_while(look.begin);
	ASSERT_(EXPECT_END(look));
	ASSERT_EQ(4, (u32)l2.regs.rsi);
	ASSERT_EQ(0, l2.vmcb->save.rax & (EFER_LME | EFER_LMA));
	ASSERT_EQ(0, l2.vmcb->save.efer & (EFER_LME | EFER_LMA));
}

#define WHERE "APM vol. 2, Canonicalization and Consistency Checks; VMRUN Instruction"

TEST(legacy_modes, "L2 with EFER.LME = 0 is in legacy mode, whatever EFER.LMA in its VMCB says",
     LAW(WHERE), NEEDS(SVM | PSE | APIC), CASES(2 * ARRAY_SIZE(modes)))
{
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(modes); i++)
		CASE ("paging=%s,EFER.LMA=%u", modes[i / 2].name, i & 1) {
			l2_begin();
			look_at_mode(&modes[i / 2], i & 1);
		}
}

TEST(npt_legacy_modes, "the same under nested paging: EFER.LME = 0 is legacy mode for L2",
     LAW(WHERE "; Nested Paging"), NEEDS(SVM | NPT | PSE | APIC), CASES(2 * ARRAY_SIZE(modes)))
{
	struct npt n;

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(modes); i++)
		CASE ("paging=%s,EFER.LMA=%u", modes[i / 2].name, i & 1) {
			npt_begin(&n);
			look_at_mode(&modes[i / 2], i & 1);
		}
}
