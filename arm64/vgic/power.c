// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU that turns itself off and is turned on again begins where PSCI says, whichever
 * instruction carried the call.  Law: Arm DEN0022 (PSCI), 5.5 and 5.6; DEN0028 (SMCCC).
 */
#include "arm64/boot/arm64.h"

enum { ROUNDS = 8 };

/* What the other CPU reads and writes with its MMU off. */
static volatile u64 record[2] __attribute__((aligned(128)));
enum { NOT_YET = 0x77 };

/*
 * Its whole program: x1 is 0 after a reset, and stays so if the first instruction is left
 * out.  record[0] = x1, then off by HVC (record[1] = 0) or SMC.
 */
extern void power_entry(void);
asm(".pushsection .text\n"
    "power_entry:\n\t"
    "mov x1, #1\n\t"
    "str x1, [x0]\n\t"
    "ldr x2, [x0, #8]\n\t"
    "dsb sy\n\t"
    "mov w0, #2\n\t"
    "movk w0, #0x8400, lsl #16\n\t"
    "cbz x2, 1f\n\t"
    "smc #0\n\t"
    "b .\n"
    "1:\thvc #0\n\t"
    "b .\n\t"
    ".popsection");

static void share(void)
{
	asm volatile("dsb sy; dc civac, %0; dsb sy" ::"r"(record) : "memory");
}

/* SMC may trap to nobody, or to a host that has no calls there. */
static bool smc_carries_psci(void)
{
	register u64 x0 asm("x0"), x1 asm("x1"), x2 asm("x2"), x3 asm("x3");
	u64 answer = 0;
	struct fault f = TRY("mov w0, #0x84000000\n\tsmc #0\n\tmov %0, x0",
			     : "+&r"(answer), "=&r"(x0), "=&r"(x1), "=&r"(x2), "=&r"(x3)
			     :);

	return f.class == EC_NONE && answer && !(answer & BIT(31));
}

static void on_and_off(bool by_smc)
{
	u64 begin = machine_ticks();

	record[0] = NOT_YET;
	record[1] = by_smc;
	share();
	ASSERT_EQ(0, (u64)psci(PSCI_CPU_ON, cpu_affinity(1), (u64)power_entry, (u64)record));
	/* It has begun: QEMU calls a CPU off that it is about to turn on. */
	do
		share();
	while (record[0] == NOT_YET && machine_ticks() - begin < 1ull << 31);
	while (psci(PSCI_AFFINITY_INFO, cpu_affinity(1), 0, 0) != AFFINITY_OFF)
		ASSERT(machine_ticks() - begin < 1ull << 31);
	EXPECT_EQ(1, record[0]);
}

TEST(on_begins_at_entry,
     "a CPU that turned itself off, by HVC or SMC, begins exactly at the entry of CPU_ON",
     LAW("Arm DEN0022, 5.5 (CPU_OFF) and 5.6 (CPU_ON)"),
     FIXES(FIX("id unknown", "KVM: arm64: Discard PC update state on vcpu reset")), NEEDS(PSCI),
     CPUS(2), CASES(2))
{
	CASE ("off=HVC")
		for (unsigned int n = 0; n < ROUNDS; n++)
			on_and_off(false);
	CASE ("off=SMC") {
		if (!smc_carries_psci())
			note("the host takes no PSCI calls by SMC");
		else
			for (unsigned int n = 0; n < ROUNDS; n++)
				on_and_off(true);
	}
}
