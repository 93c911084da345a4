/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few words that guest and host code share.  Everything in lib/ builds
 * freestanding and hosted alike, so nothing here may need an operating system.
 */
#ifndef ASSAY_BASE_H
#define ASSAY_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define BIT(n) (1ull << (n))
/* The bits high..low of a 64-bit word, both ends included. */
#define BITS(high, low) ((~0ull >> (63 - (high))) & (~0ull << (low)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define ALIGN_UP(x, to) (((x) + (to) - 1) & ~((u64)(to) - 1))

#define STRING_(x) #x
#define STRING(x) STRING_(x)

#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

#endif
