/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages between a payload and its driver: one encoding for both wires.
 *
 * A message is a type, up to WIRE_WORDS_MAX 64-bit words and up to
 * WIRE_STRINGS_MAX strings; WIRE_MESSAGES says how many of each a type has.
 * Encoded it is a 16-byte header, the words, the strings one after the other
 * with their terminators, zeros up to a multiple of eight; all little endian.
 * Words at the end that are zero are left out, and read as zero.
 *
 * Over the doorbell the encoding lies in guest memory: the guest fills a
 * page-aligned buffer and writes its guest-physical address to the doorbell,
 * the host puts its reply there.  Over a serial port the same bytes go one
 * after the other.  The reader trusts nothing: it hunts for the magic number,
 * checks lengths before it uses them, and the sum before it believes any of it.
 */
#ifndef ASSAY_WIRE_H
#define ASSAY_WIRE_H

#include "lib/base.h"
#include "lib/sync.h"

/* Raise the last digit with every change of a table or layout: "ASY4" in memory. */
#define WIRE_MAGIC 0x34595341u

#define WIRE_WORDS_MAX 96
#define WIRE_STRINGS_MAX 5
#define WIRE_TEXT_MAX 1024
#define WIRE_BYTES_MAX (16 + 8 * WIRE_WORDS_MAX + WIRE_TEXT_MAX)

/*
 * The doorbell: a 32-bit I/O port.  Reading it gives WIRE_MAGIC where there is
 * one (an absent port reads as all ones); writing the guest-physical address
 * of a message sends it.  When the write completes the reply is in its place.
 */
#define WIRE_DOORBELL_PORT 0x0a50

/* MESSAGE(NAME, words that are always there, strings, meaning) */
#define WIRE_MESSAGES(MESSAGE)                                                                     \
	/* Guest to host.  Those marked (reply) wait for one. */                                   \
	MESSAGE(HELLO, 1, 1, "(reply) up and ready for a test: number of tests; area")             \
	MESSAGE(SYNC, 1, 0, "(reply) perform actions: the set, then their arguments")              \
	MESSAGE(FAIL, 1, 5, "an expectation failed: line; file, expression, wanted, got, case")    \
	MESSAGE(NOT_COVERED, 1, 1, "cases that cannot run here: how many; the missing fact")       \
	MESSAGE(WINDOW, 1, 1, "how often the window was reached; its name")                        \
	MESSAGE(HEARTBEAT, 2, 0, "still working: cases run, cases planned (0: unknown)")           \
	MESSAGE(LOG, 0, 1, "a line for the reader")                                                \
	MESSAGE(SKIP, 1, 1, "(reply) cannot run here: 1 if its code did not begin; missing fact")  \
	MESSAGE(ERROR, 0, 1, "(reply) the test itself is at fault: why")                           \
	MESSAGE(DONE, 4, 0, "(reply) ended: cases planned, run, failed, not covered")              \
	/* Host to guest: RUN or EXIT in reply to HELLO, SKIP, ERROR and DONE. */                  \
	MESSAGE(SYNC_REPLY, 1, 1, "the set, then (status, value) per action; detail")              \
	MESSAGE(RUN, 1, 1, "run a test: see struct wire_run; the case to run alone, or empty")     \
	MESSAGE(EXIT, 0, 0, "no more tests: power off")

enum wire_type {
#define MESSAGE(NAME, words, strings, meaning) WIRE_##NAME,
	WIRE_MESSAGES(MESSAGE)
#undef MESSAGE
	WIRE_TYPE_COUNT
};

struct wire_type_info {
	const char *name;
	u8 words;
	u8 strings;
};

extern const struct wire_type_info wire_type_info[WIRE_TYPE_COUNT];

/* How a matrix is walked. */
enum wire_matrix {
	MATRIX_PAIRWISE, /* every pair of deviations from a permissive case */
	MATRIX_SAMPLE,   /* matrix_count random cases from the seed */
	MATRIX_FULL,     /* every legal case */
};

/* The words of RUN, in this order. */
struct wire_run {
	u64 index;  /* of the test in the image */
	u64 seed;
	u64 matrix; /* enum wire_matrix */
	u64 matrix_count;
	u64 shard; /* run the cases whose number modulo shards is shard */
	u64 shards; /* 0 or 1: all cases */
	u64 at_every_sync; /* actions added to each sync; the guest syncs at some cases too */
	u64 resets; /* how often RESET was done in this run */
	u64 cpus; /* of the VM; 0 from a host that does not say: one */
};

struct message {
	u32 type; /* enum wire_type */
	u32 words;
	u64 word[WIRE_WORDS_MAX];
	u32 text_length; /* with all terminators */
	char text[WIRE_TEXT_MAX];
};

/* Start a message; then add words and strings in order. */
void message_start(struct message *m, enum wire_type type);
void message_word(struct message *m, u64 word);
/* A string that does not fit is cut; the message stays well formed. */
void message_string(struct message *m, const char *string);
/* String number n of a decoded message, "" if there is none. */
const char *message_get_string(const struct message *m, unsigned int n);

/* Encode into at least WIRE_BYTES_MAX bytes; returns how many were used. */
size_t wire_encode(const struct message *m, u8 *bytes);

enum wire_result {
	WIRE_OK,
	WIRE_SHORT, /* more bytes are needed */
	WIRE_BAD,   /* not a message; *used bytes can be thrown away */
};

/*
 * Decode one message from the first `size` bytes.  *used is set for OK and
 * BAD; after BAD it is at least 1, so that hunting for the next one ends.
 */
enum wire_result wire_decode(struct message *m, const u8 *bytes, size_t size, size_t *used);

/* SYNC and SYNC_REPLY, which depend on the action table. */
void message_put_sync(struct message *m, const struct sync *sync);
bool message_get_sync(const struct message *m, struct sync *sync);
void message_put_reply(struct message *m, const struct sync_reply *reply);
bool message_get_reply(const struct message *m, struct sync_reply *reply);

void message_put_run(struct message *m, const struct wire_run *run, const char *only_case);
bool message_get_run(const struct message *m, struct wire_run *run);

#endif
