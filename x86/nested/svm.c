// SPDX-License-Identifier: GPL-2.0-only
/* L2 made and run; see svm.h. */
#include "x86/nested/svm.h"

extern const u8 l2_stubs[256][16], l2_stubs_end[], l2_return[];
void svm_run(struct l2_registers *regs, struct l1_around *l1, u64 vmcb);

#define PAGE __attribute__((aligned(4096)))

struct l2 l2;
u8 l2_iopm[0x3000] PAGE;
u8 l2_msrpm[0x2000] PAGE;
u8 l2_stack[STACK_BYTES] PAGE;
struct idt_gate l2_idt[256] PAGE;
static struct vmcb l2_vmcb PAGE, l1_state PAGE;
static u8 host_save_area[0x1000] PAGE;

enum { VMMCALL_BYTES = 3 };

void l2_intercept(unsigned int exit)
{
	l2.vmcb->control.intercept[exit / 32] |= 1u << exit % 32;
}

void l2_pass(unsigned int exit)
{
	l2.vmcb->control.intercept[exit / 32] &= ~(1u << exit % 32);
}

static void make_idt(void)
{
	for (unsigned int i = 0; i < 256; i++) {
		u64 offset = (u64)l2_stubs[i];

		l2_idt[i] = (struct idt_gate){
			.offset_low = (u16)offset,
			.selector = SELECTOR_CODE64,
			.type = GATE_INTERRUPT | GATE_DPL3,
			.offset_middle = (u16)(offset >> 16),
			.offset_high = (u32)(offset >> 32),
		};
	}
}

/* As the selector's descriptor in the runtime's GDT says (15.5.1, segment attributes). */
static struct vmcb_segment segment(u16 selector)
{
	u64 d = gdt[selector / 8];

	return (struct vmcb_segment){
		.selector = selector,
		.attrib = (u16)((d >> 40 & 0xff) | (d >> 52 & 0xf) << 8),
		.limit = ~0u,
	};
}

void l2_set_cpl(unsigned int cpl)
{
	struct vmcb_save *s = &l2.vmcb->save;

	s->cpl = (u8)cpl;
	s->cs = segment(cpl ? SELECTOR_USER_CODE64 : SELECTOR_CODE64);
	s->ss = segment(cpl ? SELECTOR_USER_DATA : SELECTOR_DATA);
	s->ds = s->es = s->ss;
	s->rsp = cpl ? (u64)USER(user_stack + sizeof(user_stack) - 64)
		     : (u64)(l2_stack + sizeof(l2_stack) - 64);
}

u64 l2_address(const void *pointer)
{
	return (u64)pointer + (l2.vmcb->save.cpl ? USER_ALIAS : 0);
}

static void fill_save_area(struct vmcb_save *s)
{
	s->gdtr = (struct vmcb_segment){ .limit = SELECTOR_LIMIT, .base = (u64)gdt };
	s->idtr = (struct vmcb_segment){ .limit = 0xfff, .base = (u64)l2_idt };
	s->efer = rdmsr(MSR_EFER);
	s->cr4 = read_cr4();
	s->cr3 = read_cr3();
	s->cr0 = read_cr0();
	s->dr7 = DR7_FIXED;
	s->dr6 = DR6_FIXED;
	s->rflags = RFLAGS_FIXED;
	s->g_pat = 0x0007040600070406;
	l2_set_cpl(0);
}

void l2_begin(void)
{
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		skip("SVM is disabled: VM_CR.SVMDIS = 1");
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, (u64)host_save_area);
	make_idt();
	memset(l2_iopm, 0, sizeof(l2_iopm));
	memset(l2_msrpm, 0, sizeof(l2_msrpm));
	memset(&l2_vmcb, 0, sizeof(l2_vmcb));
	l2 = (struct l2){ .vmcb = &l2_vmcb, .stale_exitcode = 0xa5a5a5a5 };
	/* TR, LDTR, FS, GS and the MSRs of 15.5.2 are L1's in L2 too. */
	vmsave(&l2_vmcb);
	fill_save_area(&l2_vmcb.save);
	l2_vmcb.control.guest_asid = 1;
	l2_vmcb.control.iopm_base_pa = (u64)l2_iopm;
	l2_vmcb.control.msrpm_base_pa = (u64)l2_msrpm;
	l2_intercept(SVM_EXIT_VMRUN);
	l2_intercept(SVM_EXIT_VMMCALL);
	l2_intercept(SVM_EXIT_SHUTDOWN);
}

/* What a gate of L2's IDT found on its stack (x86/nested/svm-run.S). */
static void read_event(void)
{
	const struct {
		u64 vector, error_code, rip, cs, rflags, rsp, ss;
	} *f = (const void *)l2.vmcb->save.rsp;

	l2.event = (struct fault){
		.vector = f->vector,
		.error_code = f->error_code,
		.rip = f->rip,
		.cs = f->cs,
		.rflags = f->rflags,
		.rsp = f->rsp,
		.ss = f->ss,
		.cr2 = l2.vmcb->save.cr2,
		.dr6 = l2.vmcb->save.dr6,
		.frame = (u64)&f->rip,
	};
}

static void classify(void)
{
	u64 rip = l2.vmcb->save.rip;

	l2.event = (struct fault){ .vector = VECTOR_NONE };
	l2.ran = false;
	if (l2.fault.vector != VECTOR_NONE || l2.vmcb->control.exitcode != SVM_EXIT_VMMCALL)
		return;
	if (rip >= (u64)l2_stubs && rip < (u64)l2_stubs_end)
		read_event();
	else
		l2.ran = true;
}

void l2_run(void)
{
	l2.vmcb->control.exitcode = l2.stale_exitcode;
	if (l2.whole_state) {
		vmsave(&l1_state);
		vmload(l2.vmcb);
	}
	try_begin();
	svm_run(&l2.regs, &l2.l1, (u64)l2.vmcb);
	l2.fault = try_end();
	if (l2.whole_state) {
		vmsave(l2.vmcb);
		vmload(&l1_state);
	}
	/* A VMRUN that faulted has left GIF as it was. */
	if (!l2.keep_gif && l2.fault.vector == VECTOR_NONE)
		stgi();
	classify();
}

void l2_run_at(const void *code)
{
	l2.vmcb->save.rip = l2_address(code);
	l2_run();
}

void l2_continue(void)
{
	l2.vmcb->save.rip += VMMCALL_BYTES;
	l2_run();
}

u64 l2_call(u64 (*function)(u64 argument), u64 argument)
{
	u64 *top = (u64 *)(l2_stack + sizeof(l2_stack) - 64);

	/* As after a call: the return address, and the stack as the ABI wants it. */
	top[-1] = (u64)l2_return;
	l2.vmcb->save.rsp = (u64)&top[-1];
	l2.regs.rdi = argument;
	l2_run_at((const void *)function);
	return l2.vmcb->save.rax;
}
