/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words for what became of a test, and whose matter each is.  Used by
 * drivers, by the command and in result files; nothing else may invent one.
 */
#ifndef ASSAY_VERDICT_H
#define ASSAY_VERDICT_H

/* VERDICT(NAME, word, counts as a failure of the subject, of Assay, meaning) */
#define VERDICTS(VERDICT)                                                                          \
	VERDICT(PASS, "pass", 0, 0, "the law held in every case that ran")                         \
	VERDICT(FAIL, "fail", 1, 0, "the subject broke the law")                                   \
	VERDICT(SKIP, "skip", 0, 0, "cannot run here; the missing fact is named")                  \
	VERDICT(ERROR, "error", 0, 1, "Assay, the lab or the test itself is at fault")             \
	VERDICT(CRASH, "crash", 1, 0, "the subject died")                                          \
	VERDICT(TIMEOUT, "timeout", 1, 0, "no progress until the deadline")                        \
	VERDICT(KNOWN, "known", 0, 0, "failed only as the known-deviations file says")             \
	VERDICT(FIXED, "fixed", 1, 0, "a known deviation passed: take it off the list")

enum verdict {
#define VERDICT(NAME, word, subject, own, meaning) VERDICT_##NAME,
	VERDICTS(VERDICT)
#undef VERDICT
	VERDICT_COUNT
};

#endif
