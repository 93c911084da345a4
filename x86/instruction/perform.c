// SPDX-License-Identifier: GPL-2.0-only
/* See perform.h. */
#include "x86/instruction/perform.h"

/* In the image, so that CPL 3 finds it at its alias. */
static struct registers exchanged;

u64 address_at(unsigned int cpl, const void *pointer)
{
	return (u64)pointer + (cpl ? USER_ALIAS : 0);
}

/* A fault leaves the registers as they were at it: all that the instruction has are outputs. */
static struct fault perform_here(const struct instruction *i)
{
	struct registers *r = &exchanged;
	u64 a, b, c, d, s;

	return TRY("call *%[code]",
		   : "=a"(a), "=&b"(b), "=c"(c), "=d"(d), "=S"(s), "+D"(r)
		   : [code] "r"(i->begin));
}

struct fault perform(const struct instruction *i, unsigned int cpl, struct registers *r)
{
	struct fault f;

	exchanged = *r;
	exchanged.rflags |= RFLAGS_FIXED;
	if (cpl)
		f = run_user((u64(*)(u64))i->begin, (u64)USER(&exchanged),
			     exchanged.rflags & RFLAGS_IF, NULL);
	else
		f = perform_here(i);
	if (f.vector == VECTOR_NONE)
		*r = exchanged;
	return f;
}

bool expect_refused(const struct expectation *e, u64 vector, const struct instruction *i,
		    unsigned int cpl, struct fault got)
{
	bool ok;

	if (!expect_vector(e, vector, got))
		return false;
	ok = expect_number(&(struct expectation){ e->file, e->line, "rip of the fault" },
			   address_at(cpl, i->at), got.rip);
	ok &= expect_number(&(struct expectation){ e->file, e->line, "error code" }, 0,
			    got.error_code);
	return ok & expect_number(&(struct expectation){ e->file, e->line, "cpl of the fault" },
				  cpl, got.cs & 3);
}
