/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test body may call, on every architecture.  A test file includes this
 * (through its architecture's header) and nothing of any host.
 */
#ifndef ASSAY_GUEST_RUNTIME_H
#define ASSAY_GUEST_RUNTIME_H

#include "lib/base.h"
#include "lib/sync.h"
#include "lib/test.h"
#include "lib/text.h"
#include "lib/wire.h"
#include "lib/guest/expect.h"

/*
 * Cases.  A test with CASES(n) runs its n cases by
 *
 *	CASE("vector=%u,route=%s", vector, route->name) { ... }
 *
 * The name is the case's identity: made of its values, stable, without blanks.
 * The body runs unless another case was asked for alone.  A break or return
 * out of the body is an error that the loop reports.
 */
#define CASE(...)                                                                                  \
	for (bool case_on_ = case_begin(__VA_ARGS__); case_on_; case_on_ = false, case_end())
bool case_begin(const char *format, ...) printf_like(1, 2);
void case_end(void);

/*
 * The same for millions of cases: the name is written only when it is needed.
 * `number` is the case's place in the whole matrix, for sharding.
 */
bool case_begin_numbered(u64 number, void (*name)(struct text *t, const void *context),
			 const void *context);

/* The one case asked for, or NULL; a matrix parses it instead of walking to it. */
const char *case_alone(void);

/* Cases that cannot be expressed here, by missing fact. They count as planned, not as run. */
void cases_not_covered(u64 count, const char *format, ...) printf_like(2, 3);

/* For matrices: how many cases this walk plans, where it is not all CASES(n). */
void cases_planned(u64 count);

/* What the plan asked for: enum wire_matrix, its count, the seed, the shard. */
const struct wire_run *run_request(void);

/* A random number from *state (seed it from run_request()->seed); xorshift64*. */
u64 random_next(u64 *state);

/* How often the situation that the test exists for was reached. */
void window(const char *name, u64 hits);

/* A line in the output. */
void note(const char *format, ...) printf_like(1, 2);

/* Still working: call it in loops that have no cases. */
void heartbeat(void);

/* End the test: it cannot run here, because; it is itself at fault, because. */
_Noreturn void skip(const char *format, ...) printf_like(1, 2);
_Noreturn void test_error(const char *format, ...) printf_like(1, 2);
/* End the test where it is; failures that were reported stay. */
_Noreturn void test_abandon(void);

/*
 * Ask the host for actions, as in
 *
 *	sync(SAVE | RESTORE);
 *	sync(INJECT_IRQ, .inject_irq = { .vector = 0x41 });
 *
 * An action that did not succeed ends the test with the right word: skip where
 * the host has none, fail where its interface broke, error where it was misused.
 * sync_try() leaves the judgement to the caller.  The reply is valid until the
 * next sync.
 */
#define sync(set, ...) sync_judged(&(struct sync){ .actions = (set), ##__VA_ARGS__ })
#define sync_try(set, ...) sync_perform(&(struct sync){ .actions = (set), ##__VA_ARGS__ })
const struct sync_reply *sync_judged(const struct sync *request);
const struct sync_reply *sync_perform(const struct sync *request);

/* Value of an action in a reply: sync_value(sync(GET_REGISTER, ...), GET_REGISTER). */
u64 sync_value(const struct sync_reply *reply, u64 action);

/* How often this run of the test was started again by RESET or a shutdown. */
u64 resets(void);
/*
 * Where every case ends the machine and the test starts again behind it: has
 * this case been run already?
 */
bool case_was_run(void);

/* --- the architecture provides --- */

/*
 * The machine's defined state, in two parts: the CPUs and all that a message needs, after
 * the boot and behind every test; and the interrupt controllers, which are slow to reach,
 * before every test, so that a VM that ends with its test resets them no second time.
 */
void machine_reset(void);
void machine_reset_interrupts(void);
/* Those of these (enum cpu_feature) that this CPU has, and the fact for one that it has not. */
u64 machine_features(u64 among);
void machine_missing(struct text *t, u64 feature);
/* Wires: send a message; for those that have a reply, wait for it in the same place. */
void wire_init(void);
void wire_send(const struct message *m);
void wire_call(const struct message *m, struct message *reply);
/* A counter that grows by roughly 10^8 to 10^10 a second. */
u64 machine_ticks(void);
_Noreturn void machine_power_off(void);
/*
 * CPUs.  The boot CPU is number 0 and alone talks to the host; a CPU that is another
 * ends by leave().  machine_reset() stops them.
 */
unsigned int machine_cpu(void);
_Noreturn void machine_leave(void);
/* Run body() on a stack of its own; unwind() leaves it from wherever it is. */
void machine_run(void (*body)(void));
_Noreturn void machine_unwind(void);

/* The loop: called once by the boot code. */
_Noreturn void payload_main(void);

/* For code without libc. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
