/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One sector that loads the flat payload behind it to 1 MiB and enters it in
 * 32-bit protected mode: for any machine with a BIOS and a disk.  Reads 32 KiB
 * at a time below 1 MiB (INT 13h, AH=42h, the extended read) and copies upwards
 * with a 4 GiB segment limit set in protected mode.
 */
	.code16
	.globl _start
#define BUFFER 0x10000
#define CHUNK_SECTORS 64
#define IMAGE 0x100000
#define HEADER_LOADED_END 20
#define HEADER_ENTRY 28

_start:
	ljmp $0, $1f
1:	cli
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %ss
	mov $0x7c00, %sp
	mov %dl, drive
	in $0x92, %al			/* A20 on */
	or $2, %al
	and $0xfe, %al
	out %al, $0x92

next_chunk:
	mov $packet, %si
	mov drive, %dl
	mov $0x42, %ah
	sti
	int $0x13
	cli
	jc failed

	lgdt gdt_register
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	mov $0x08, %bx
	mov %bx, %ds			/* the limit stays when we leave */
	mov %bx, %es
	and $0xfe, %al
	mov %eax, %cr0
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %es

	mov $BUFFER, %esi
	mov destination, %edi
	mov $CHUNK_SECTORS * 512 / 4, %ecx
	addr32 rep movsl
	mov %edi, destination
	addl $CHUNK_SECTORS, block
	mov $IMAGE, %esi
	addr32 cmpl %edi, HEADER_LOADED_END(%esi)
	ja next_chunk

	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmp $0x10, $protected

failed:				/* '!' on the screen: the disk could not be read */
	mov $0x0e21, %ax
	mov $7, %bx
	int $0x10
	hlt
	jmp failed

	.code32
protected:
	mov $0x08, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	jmp *IMAGE + HEADER_ENTRY

	.balign 8
gdt:	.quad 0
	.quad 0x00cf93000000ffff	/* 08 data */
	.quad 0x00cf9b000000ffff	/* 10 code */
gdt_register: .word gdt_register - gdt - 1
	.long gdt
packet:	.byte 16, 0
	.word CHUNK_SECTORS, 0, BUFFER >> 4
block:	.long 1, 0
destination: .long IMAGE
drive:	.byte 0
	.org 510
	.word 0xaa55
