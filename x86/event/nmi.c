// SPDX-License-Identifier: GPL-2.0-only
/*
 * NMIs (SDM vol. 3A, 6.7, 6.7.1; APM vol. 2, 8.2.3): taken whatever IF says, blocked
 * from their delivery to the next IRET, and one, but only one, remembered meanwhile.
 * A handler that syncs is entered from a HLT, where the test itself is in no sync.
 */
#include "x86/event/stage.h"

SNIPPET(hlt, "", "hlt", "nop; in $0x80, %al; in $0x80, %al; in $0x80, %al; in $0x80, %al");

static void halt_for_nmi(void)
{
	sync(WAIT_HALTED | INJECT_NMI);
	stage_run(&hlt, 0, STAGE_RFLAGS, 0);
}

TEST(nmi_frame, "an NMI wakes a halted CPU with IF = 0 and pushes its whole frame",
     LAW("SDM vol. 3A, 6.7, 6.14.2; vol. 2A, HLT"), ACTIONS(WAIT_HALTED | INJECT_NMI), CASES(3))
{
	static const struct {
		const char *name;
		enum gate_type type;
		unsigned int ist;
	} gates[] = { { "interrupt", GATE_INTERRUPT, 0 }, { "trap", GATE_TRAP, 0 },
		      { "ist", GATE_INTERRUPT, 2 } };

	stage_open();
	for (unsigned int i = 0; i < ARRAY_SIZE(gates); i++)
		CASE("gate=%s", gates[i].name)
		{
			set_gate_default(VECTOR_NMI, gates[i].type, gates[i].ist);
			halt_for_nmi();
			EXPECT_EVENT(.kind = EVENT_NMI, .vector = VECTOR_NMI);
		}
}

TEST(nmi_ignores_masks, "an NMI is taken with IF = 0 and the highest TPR, once",
     LAW("SDM vol. 3A, 6.7"), ACTIONS(INJECT_NMI))
{
	bool apic = has_feature(APIC);

	stage_open();
	if (apic)
		apic_write(APIC_TPR, 0xff);
	sync(INJECT_NMI);
	settle();
	EXPECT_SEEN(VECTOR_NMI);
	if (apic)
		apic_write(APIC_TPR, 0);
}

/* --- inside the handler --- */

static unsigned int while_blocked, injections;

static void inject_more(struct trap_frame *f)
{
	(void)f;
	stage.in_handler = NULL;
	for (unsigned int i = 0; i < injections; i++)
		sync(INJECT_NMI);
	settle();
	while_blocked = stage.count - 1;
}

TEST(nmi_blocked_until_iret, "NMIs in an NMI's handler wait for its IRET, and become one",
     LAW("SDM vol. 3A, 6.7.1; APM vol. 2, 8.2.3"), ACTIONS(WAIT_HALTED | INJECT_NMI), CASES(3))
{
	stage_open();
	for (injections = 0; injections < 3; injections++)
		CASE("more=%u", injections)
		{
			stage.in_handler = inject_more;
			while_blocked = 0;
			halt_for_nmi();
			EXPECT_EQ(0, while_blocked);
			if (injections)
				EXPECT_SEEN(VECTOR_NMI, VECTOR_NMI);
			else
				EXPECT_SEEN(VECTOR_NMI);
		}
}

static void save_and_inject(struct trap_frame *f)
{
	(void)f;
	stage.in_handler = NULL;
	sync(SAVE | RESTORE);
	sync(INJECT_NMI);
	settle();
	while_blocked = stage.count - 1;
}

TEST(nmi_blocked_across_save, "an NMI's handler blocks NMIs after it moved to a fresh VM",
     LAW("SDM vol. 3A, 6.7.1"), ACTIONS(WAIT_HALTED | INJECT_NMI | SAVE | RESTORE))
{
	stage_open();
	stage.in_handler = save_and_inject;
	halt_for_nmi();
	EXPECT_EQ(0, while_blocked);
	EXPECT_SEEN(VECTOR_NMI, VECTOR_NMI);
}

static void inject_and_save(struct trap_frame *f)
{
	(void)f;
	stage.in_handler = NULL;
	sync(INJECT_NMI | SAVE | RESTORE);
	settle();
	while_blocked = stage.count - 1;
}

TEST(nmi_latched_across_save, "an NMI that waits behind another moves to a fresh VM with it",
     LAW("SDM vol. 3A, 6.7.1"), ACTIONS(WAIT_HALTED | INJECT_NMI | SAVE | RESTORE))
{
	stage_open();
	stage.in_handler = inject_and_save;
	halt_for_nmi();
	EXPECT_EQ(0, while_blocked);
	EXPECT_SEEN(VECTOR_NMI, VECTOR_NMI);
}
