/* SPDX-License-Identifier: GPL-2.0-only */
/* For init-in-l2.c and init-page.S: where what lies in the page. */
#ifndef ASSAY_X86_NESTED_INIT_PAGE_H
#define ASSAY_X86_NESTED_INIT_PAGE_H

#define PORT 0x21 /* the first 8259's mask */
#define HALT 0x100 /* the end, and where a fault leads */
#define DONE 0x800
#define BYTES 0x808
#define EFER_FOUND 0x810

#endif
