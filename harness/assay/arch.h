/* SPDX-License-Identifier: GPL-2.0-only */
/* Architectures of guests: payloads are built for one, and targets run those of one. */
#ifndef ASSAY_ARCH_H
#define ASSAY_ARCH_H

enum arch { ARCH_X86, ARCH_ARM64, ARCH_COUNT };

/* As their folders are called: build/x86, build/arm64. */
extern const char *const arch_name[ARCH_COUNT];

#endif
