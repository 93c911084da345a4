/* SPDX-License-Identifier: GPL-2.0-only */
/* For init.c and init-page.S: where what lies in the page. */
#ifndef ASSAY_X86_EVENT_INIT_H
#define ASSAY_X86_EVENT_INIT_H

#define INIT_NMI 0x200   /* the handler */
#define RECORD 0x800     /* 32-bit words */
#define INIT_STACK 0x1000

#define INIT_DONE 0
#define INIT_NMIS 4      /* how often the handler ran */
#define INIT_WAKEUPS 8   /* and found a CPU that should have been waiting */
#define INIT_CS 12
#define INIT_EBX 16
#define INIT_ECX 20
#define INIT_ESI 24
#define INIT_EDI 28
#define INIT_EBP 32
#define INIT_ESP 36
#define INIT_EFLAGS 40
#define INIT_CR0 44
#define INIT_CR2 48
#define INIT_CR3 52
#define INIT_CR4 56
#define INIT_DR0 60
#define INIT_DR6 64
#define INIT_DR7 68
#define INIT_EFER 72
#define INIT_BYTES 76

#endif
