// SPDX-License-Identifier: GPL-2.0-only
/*
 * The four functions that a freestanding compiler may call.  On x86 they are
 * one string instruction each: where CPL 0 is emulated, an iteration of `rep`
 * costs far less than an instruction of a loop.
 */
#include "lib/guest/runtime.h"

#if defined(__x86_64__)
void *memcpy(void *to, const void *from, size_t n)
{
	void *start = to;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)::"memory");
	return start;
}

void *memset(void *to, int byte, size_t n)
{
	void *start = to;

	asm volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(byte) : "memory");
	return start;
}

int memcmp(const void *a, const void *b, size_t n)
{
	bool same, below;

	/* The comparison of a byte with itself sets ZF for n = 0. */
	asm volatile("cmp %%al, %%al; repe cmpsb"
		     : "+S"(a), "+D"(b), "+c"(n), "=@cce"(same), "=@ccb"(below)
		     :
		     : "memory");
	return same ? 0 : below ? -1 : 1;
}
#else
void *memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((u8 *)to)[i] = ((const u8 *)from)[i];
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((u8 *)to)[i] = (u8)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}
#endif

void *memmove(void *to, const void *from, size_t n)
{
	u8 *t = to;
	const u8 *f = from;

	if (t <= f)
		return memcpy(to, from, n);
	while (n--)
		t[n] = f[n];
	return to;
}
