/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Expectations.  EXPECT reports and goes on, ASSERT reports and ends the test.
 * What the law wants stands left, what the subject gave stands right.
 */
#ifndef ASSAY_GUEST_EXPECT_H
#define ASSAY_GUEST_EXPECT_H

#include "lib/base.h"
#include "lib/text.h"

struct expectation {
	const char *file;
	u32 line;
	const char *expression;
};

#define EXPECTATION_(text)                                                                         \
	(&(const struct expectation){ .file = __FILE__, .line = __LINE__, .expression = (text) })

/* Each returns whether the expectation held. */
bool expect_number(const struct expectation *e, u64 wanted, u64 got);
bool expect_bool(const struct expectation *e, bool wanted, bool got);
bool expect_string(const struct expectation *e, const char *wanted, const char *got);
bool expect_flags(const struct expectation *e, const struct flag_name *names, size_t count,
		  u64 wanted, u64 got);
/* A failure whose two sides are already text: for whole records. */
bool expect_failed(const struct expectation *e, const char *wanted, const char *got);

/*
 * An expectation that fails on another CPU than the boot CPU is kept until the boot
 * CPU calls this, which sends it (a few of each CPU, the others are only counted)
 * or forgets it.  The CPU must have stopped.  True if something was sent.
 */
bool expect_report_cpu(unsigned int cpu, bool send);
/* Keep one in the name of a CPU. */
void expect_keep(unsigned int cpu, const struct expectation *e, const char *wanted,
		 const char *got);

#define EXPECT_TEXT_(text, wanted, got)                                                            \
	_Generic((got), bool: expect_bool, char *: expect_string, const char *: expect_string,     \
		 default: expect_number)(EXPECTATION_(text), EXPECT_CAST_(wanted, got),            \
					 EXPECT_CAST_(got, got))
/* Pointers and integers of all sizes compare as 64-bit numbers, strings as strings. */
#define EXPECT_CAST_(value, as)                                                                    \
	_Generic((as), bool: (value), char *: (value), const char *: (value),                      \
		 default: EXPECT_NUMBER_(value))
#define EXPECT_NUMBER_(value) ((u64)(value))

#define EXPECT_EQ(wanted, got) EXPECT_TEXT_(#got, wanted, got)
#define EXPECT(condition) expect_bool(EXPECTATION_(#condition), true, (condition))
/* Flags by name: EXPECT_FLAGS(pf_error_names, PF_P | PF_W, fault.error_code). */
#define EXPECT_FLAGS(names, wanted, got)                                                           \
	expect_flags(EXPECTATION_(#got), names, ARRAY_SIZE(names), wanted, got)

#define ASSERT_(held)                                                                              \
	do {                                                                                       \
		if (!(held))                                                                       \
			test_abandon();                                                            \
	} while (0)
#define ASSERT_EQ(wanted, got) ASSERT_(EXPECT_EQ(wanted, got))
#define ASSERT(condition) ASSERT_(EXPECT(condition))

#endif
