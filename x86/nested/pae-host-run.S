/* SPDX-License-Identifier: GPL-2.0-only */
/* L1 in PAE paging around one VMRUN, and back in 64-bit mode; see pae-host.c. */
#include "x86/boot/callee.h"

#define CR0_PG 0x80000000
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define EFER_LMA 0x400
#define SELECTOR_CODE32 0x18
#define SELECTOR_DATA 0x10

	.text
	.code64

/*
 * void pae_host_run(u64 vmcb, const u64 *pdpt, u64 *entry, u64 value)
 *
 * L2 finds the entry's address in EDI and the value in ESI and EBX; behind the #VMEXIT
 * the entry is what it was before.
 */
	.globl pae_host_run
pae_host_run:
	save_callee
	mov %rcx, %rbx
	shr $32, %rbx
	mov %ecx, %ebp
	mov %cr3, %rax
	mov %eax, long_cr3
	mov %edx, entry_address
	pushq $SELECTOR_CODE32
	pushq $1f
	lretq

	.code32
1:	mov %cr0, %eax
	and $~CR0_PG, %eax
	mov %eax, %cr0
	mov $MSR_EFER, %ecx
	rdmsr
	and $~EFER_LME, %eax
	wrmsr
	mov %esi, %cr3
	mov %cr0, %eax
	or $CR0_PG, %eax
	mov %eax, %cr0			/* loads the PDPTEs */
	mov $SELECTOR_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov %edi, %eax
	mov %ebp, %esi
	mov entry_address, %edi
	pushl 4(%edi)
	pushl (%edi)
	vmrun %eax			/* and the #VMEXIT loads them again */
	mov entry_address, %edi
	popl (%edi)
	popl 4(%edi)
	stgi
	mov %cr0, %eax
	and $~CR0_PG, %eax
	mov %eax, %cr0
	mov long_cr3, %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_LME, %eax
	and $~EFER_LMA, %eax
	wrmsr
	mov %cr0, %eax
	or $CR0_PG, %eax
	mov %eax, %cr0
	ljmp $0x08, $2f

	.code64
2:	mov %esp, %esp
	restore_callee
	ret

	.bss
	.balign 4
long_cr3:
	.long 0
entry_address:
	.long 0
