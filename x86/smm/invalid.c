// SPDX-License-Identifier: GPL-2.0-only
/*
 * RSM with a state in the save area that no CPU can have is a shutdown (SDM vol. 3C, Exiting
 * From SMM; APM vol. 2, Leaving SMM); its neighbours, which differ in a bit, are not.
 */
#include "x86/boot/smm.h"

static const struct invalid {
	const char *name;
	u16 offset;
	u64 clear, set;
	bool shutdown;
} states[] = {
	{ "CR0.PG-without-PE", SMM_CR0, CR0_PE, 0, true },
	{ "CR0.NW-without-CD", SMM_CR0, CR0_CD, CR0_NW, true },
	{ "CR0.NW-and-CD", SMM_CR0, 0, CR0_NW | CR0_CD, false },
	{ "CR0.CD", SMM_CR0, 0, CR0_CD, false },
	{ "CR0[32]", SMM_CR0, 0, BIT(32), true },
	{ "CR4[15]", SMM_CR4, 0, BIT(15), true },
	{ "CR4[63]", SMM_CR4, 0, BIT(63), true },
	{ "CR4-without-PAE", SMM_CR4, CR4_PAE, 0, true },
	{ "CR4.TSD", SMM_CR4, 0, CR4_TSD, false },
	{ "CR3[62]", SMM_CR3, 0, BIT(62), true },
	{ "EFER[1]", SMM_EFER, 0, BIT(1), true },
	{ "EFER[63]", SMM_EFER, 0, BIT(63), true },
	{ "EFER.SCE", SMM_EFER, 0, EFER_SCE, false },
	{ "DR6[32]", SMM_DR6, 0, BIT(32), true },
	{ "DR7[32]", SMM_DR7, 0, BIT(32), true },
	{ "DR7.L0-and-G0", SMM_DR7, 0, BITS(1, 0), false },
};
enum { STATES = ARRAY_SIZE(states) };

static const struct invalid *state;

static void spoil(void)
{
	u64 value = SMM_SAVED(u64, state->offset);

	SMM_SAVED(u64, state->offset) = (value & ~state->clear) | state->set;
}

TEST(rsm_refuses, "RSM with an impossible state is a shutdown, and with a possible one is not",
     LAW("SDM vol. 3C, Exiting From SMM; APM vol. 2, Leaving SMM"),
     ACTIONS(INJECT_SMI | EXPECT_SHUTDOWN | RESET), CASES(STATES))
{
	smm_need_save_area();
	for (state = states; state < states + STATES; state++)
		CASE ("state=%s", state->name) {
			if (case_was_run())
				continue;
			smm_open(spoil);
			sync(state->shutdown ? INJECT_SMI | EXPECT_SHUTDOWN : INJECT_SMI);
			inb(0x80);
			EXPECT_EQ(1, smm.entries);
			if (state->shutdown)
				expect_failed(EXPECTATION_("RSM"), "shutdown", "none");
			sync(RESET);
		}
}
