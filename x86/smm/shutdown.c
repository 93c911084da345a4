// SPDX-License-Identifier: GPL-2.0-only
/*
 * A shutdown in system-management mode, and a reset behind it: the CPU begins outside of SMM,
 * with SMIs and NMIs neither pending nor blocked (SDM vol. 3A, Processor State After Reset;
 * APM vol. 2, Processor Initialization State).
 */
#include "x86/boot/smm.h"

static u64 nmis;

static void on_nmi(struct trap_frame *f)
{
	(void)f;
	nmis++;
}

static bool pending;

static void shut_down(void)
{
	if (pending)
		sync(INJECT_SMI | INJECT_NMI | EXPECT_SHUTDOWN);
	else
		sync(EXPECT_SHUTDOWN);
	load_idt(NULL, 0);
	asm volatile("ud2");
}

static void nothing(void)
{
}

TEST(reset_leaves_smm, "a shutdown in SMM and a reset leave a CPU that is not in SMM",
     LAW("SDM vol. 3A, Processor State After Reset; vol. 3C, SMM"),
     ACTIONS(WAIT_HALTED | INJECT_SMI | INJECT_NMI | EXPECT_SHUTDOWN | RESET), CASES(2))
{
	for (unsigned int i = 0; i < 2; i++)
		CASE ("pending=%u", i) {
			pending = i;
			set_handler(VECTOR_NMI, on_nmi);
			if (!case_was_run()) {
				smm_open(shut_down);
				smm_halt();
				expect_failed(EXPECTATION_("#UD in SMM"), "shutdown", "none");
				break;
			}
			nmis = 0;
			inb(0x80);
			EXPECT_EQ(0, nmis);
			EXPECT_FAULT(UD, TRY("rsm", ::));
			sync(WAIT_HALTED | INJECT_NMI);
			asm volatile("hlt" ::: "memory");
			EXPECT_EQ(1, nmis);
			smm_open(nothing);
			smm_halt();
			EXPECT_EQ(1, smm.entries);
			EXPECT_EQ(SMM_BASE >> 4, smm.found.cs);
		}
}
