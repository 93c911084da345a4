// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a host carries out itself, because it must (INS, OUTS) or because it was
 * asked to (FORCED), is checked as the processor checks it: addresses that are not
 * canonical, the x87's and SSE's enables, and that a locked access is one.
 */
#include "x86/instruction/perform.h"

enum { PORT = 0xe6c };

/* --- addresses --- */

static const u64 not_canonical[] = NOT_CANONICAL;

#define OPERAND(name, text)                                                                        \
	static struct fault name(u64 at)                                                           \
	{                                                                                          \
		u64 from = at, to = at;                                                            \
                                                                                                   \
		return TRY(text, : "+S"(from), "+D"(to) : "a"(0), "d"(PORT));                      \
	}

OPERAND(outs, "outsb")
OPERAND(ins, "insb")
OPERAND(load, FORCED "; mov (%%rsi), %%eax")
OPERAND(store, FORCED "; mov %%eax, (%%rdi)")
OPERAND(locked_add, FORCED "; lock addl %%eax, (%%rdi)")
OPERAND(movs_from, "lea saved_word(%%rip), %%rdi; " FORCED "; movsl")
OPERAND(movs_to, "lea saved_word(%%rip), %%rsi; " FORCED "; movsl")

static u32 saved_word[4] asm("saved_word") __attribute__((used));

static const struct access {
	const char *name;
	struct fault (*run)(u64 at);
	bool forced;
} accesses[] = {
	{ "outs", outs, false },
	{ "ins", ins, false },
	{ "load", load, true },
	{ "store", store, true },
	{ "locked-add", locked_add, true },
	{ "movs-from", movs_from, true },
	{ "movs-to", movs_to, true },
};

TEST(emulated_not_canonical, "an emulated access of an address that is not canonical is #GP(0)",
     LAW("SDM vol. 1, Canonical Addressing; vol. 2A, the instructions"),
     CASES(ARRAY_SIZE(accesses) * ARRAY_SIZE(not_canonical)))
{
	bool forced = forced_emulation_offered();

	for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++) {
		if (accesses[i].forced && !forced) {
			cases_not_covered(ARRAY_SIZE(not_canonical),
					  "the host does not emulate on demand");
			continue;
		}
		for (unsigned int n = 0; n < ARRAY_SIZE(not_canonical); n++)
			CASE ("access=%s,address=%#llx", accesses[i].name,
			      (unsigned long long)not_canonical[n]) {
				struct fault f = accesses[i].run(not_canonical[n]);

				if (EXPECT_FAULT(GP, f))
					EXPECT_EQ(0, f.error_code);
			}
	}
}

/* --- reads that are to be written --- */

OPERAND(add_to, FORCED "; addl %%eax, (%%rdi)")
OPERAND(exchange, FORCED "; xchg %%eax, (%%rdi)")
OPERAND(not_it, FORCED "; notl (%%rdi)")
OPERAND(shift_it, FORCED "; shll $3, (%%rdi)")
OPERAND(compare, FORCED "; cmpl %%eax, (%%rdi)")
OPERAND(test_it, FORCED "; testl %%eax, (%%rdi)")

static const struct {
	const char *name;
	struct fault (*run)(u64 at);
	u64 error;
} updates[] = {
	{ "mov-from", load, 0 },	  { "mov-to", store, PF_W },  { "add", add_to, PF_W },
	{ "lock-add", locked_add, PF_W }, { "xchg", exchange, PF_W }, { "not", not_it, PF_W },
	{ "shl", shift_it, PF_W },	  { "cmp", compare, 0 },      { "test", test_it, 0 },
};

TEST(emulated_update, "an emulated instruction that reads and writes its operand faults as a write",
     LAW("SDM vol. 3A, 4.7, the W/R flag"), CASES(ARRAY_SIZE(updates)))
{
	const u64 nowhere = USER_ALIAS * 3 / 2 + 0x345678;

	need_forced_emulation();
	for (unsigned int i = 0; i < ARRAY_SIZE(updates); i++)
		CASE ("instruction=%s", updates[i].name) {
			struct fault f = updates[i].run(nowhere);

			if (!EXPECT_FAULT(PF, f))
				continue;
			EXPECT_FLAGS(pf_error_names, updates[i].error, f.error_code);
			EXPECT_EQ(nowhere, f.cr2);
		}
}

/* --- enables --- */

static u8 operand[64] __attribute__((aligned(64)));

#define UNIT(name, text)                                                                           \
	static struct fault name(void)                                                             \
	{                                                                                          \
		return TRY(FORCED "; " text, : : "S"(operand));                                    \
	}
UNIT(movups_load, "movups (%%rsi), %%xmm1")
UNIT(movups_store, "movups %%xmm1, (%%rsi)")
UNIT(movdqa_load, "movdqa (%%rsi), %%xmm1")
UNIT(movntps, "movntps %%xmm1, (%%rsi)")
UNIT(movq_load, "movq (%%rsi), %%mm1")
UNIT(movq_store, "movq %%mm1, (%%rsi)")

static const struct unit {
	const char *name;
	struct fault (*run)(void);
	bool sse;
} units[] = {
	{ "movups-load", movups_load, true }, { "movups-store", movups_store, true },
	{ "movdqa-load", movdqa_load, true }, { "movntps", movntps, true },
	{ "movq-mm-load", movq_load, false }, { "movq-mm-store", movq_store, false },
};

static const struct enable {
	const char *name;
	u64 cr0; /* set */
	u64 cr4; /* cleared */
	u64 sse, mmx; /* what comes of it */
} enables[] = {
	{ "all", 0, 0, VECTOR_NONE, VECTOR_NONE },
	{ "cr0.TS=1", CR0_TS, 0, VECTOR_NM, VECTOR_NM },
	{ "cr0.EM=1", CR0_EM, 0, VECTOR_UD, VECTOR_UD },
	{ "cr0.EM=1,TS=1", CR0_EM | CR0_TS, 0, VECTOR_UD, VECTOR_UD },
	{ "cr4.OSFXSR=0", 0, CR4_OSFXSR, VECTOR_UD, VECTOR_NONE },
	{ "cr4.OSFXSR=0,cr0.TS=1", CR0_TS, CR4_OSFXSR, VECTOR_UD, VECTOR_NM },
};

TEST(emulated_units,
     "an emulated SSE or MMX instruction is #NM or #UD by CR0.TS, CR0.EM and CR4.OSFXSR",
     LAW("SDM vol. 3A, 2.5, CR0.TS and CR0.EM, tables of Exception Conditions in vol. 2"),
     CASES(ARRAY_SIZE(units) * ARRAY_SIZE(enables)))
{
	u64 cr0 = read_cr0(), cr4 = read_cr4();

	need_forced_emulation();
	for (unsigned int i = 0; i < ARRAY_SIZE(units); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(enables); n++)
			CASE ("instruction=%s,%s", units[i].name, enables[n].name) {
				const struct enable *e = &enables[n];
				struct fault f;

				write_cr4((cr4 | CR4_OSFXSR) & ~e->cr4);
				write_cr0((cr0 & ~(u64)(CR0_TS | CR0_EM)) | e->cr0);
				f = units[i].run();
				write_cr0(cr0 & ~(u64)(CR0_TS | CR0_EM));
				write_cr4(cr4);
				asm volatile("emms");
				EXPECT_VECTOR(units[i].sse ? e->sse : e->mmx, f);
				write_cr0(cr0);
			}
}

/* --- one access --- */

/* At least so many, and until the other CPU ran beside some, but not for ever. */
enum { ROUNDS_LEAST = 300, ROUNDS_MOST = 20000, HITS_ENOUGH = 20 };

static struct {
	volatile u64 sum, rounds, stop;
} shared __attribute__((aligned(64)));

static void add_on(void *argument)
{
	(void)argument;
	while (!shared.stop) {
		asm volatile("lock addq $1, %0" : "+m"(shared.sum)::"memory", "cc");
		shared.rounds++;
	}
}

#define LOCKED(name, text)                                                                         \
	static void name(void)                                                                     \
	{                                                                                          \
		asm volatile(text : "+m"(shared.sum)::"memory", "cc");                             \
	}
LOCKED(add, FORCED "; lock addq $1, %0")
LOCKED(increment, FORCED "; lock incq %0")
LOCKED(subtract, FORCED "; lock subq $-1, %0")

static const struct {
	const char *name;
	void (*run)(void);
} locked[] = { { "add", add }, { "inc", increment }, { "sub", subtract } };

TEST(emulated_locked, "nothing that another CPU adds is lost beside emulated locked instructions",
     LAW("SDM vol. 3A, Locked Atomic Operations; vol. 2, LOCK"), NEEDS(APIC), CPUS(2),
     CASES(ARRAY_SIZE(locked)), FLAGS(TEST_HAS_WINDOW))
{
	need_forced_emulation();
	for (unsigned int i = 0; i < ARRAY_SIZE(locked); i++)
		CASE ("instruction=%s", locked[i].name) {
			u64 n = 0, hits = 0;

			shared.sum = shared.rounds = shared.stop = 0;
			ASSERT(cpu_start(1, add_on, NULL));
			cpu_wait_for(&shared.rounds, 1);
			for (; n < ROUNDS_LEAST || (hits < HITS_ENOUGH && n < ROUNDS_MOST); n++) {
				u64 before = shared.rounds;

				locked[i].run();
				hits += shared.rounds != before;
			}
			shared.stop = 1;
			cpu_wait(1);
			EXPECT_EQ(shared.rounds + n, shared.sum);
			window("instructions beside which the other CPU added", hits);
		}
}
