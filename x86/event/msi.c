// SPDX-License-Identifier: GPL-2.0-only
/*
 * Message-signalled interrupts from the host: every vector, every way to address
 * this CPU, and those that address another (SDM vol. 3A, 10.6.2, 10.11; APM vol. 2,
 * 16.11).
 */
#include "x86/event/stage.h"

SNIPPET(sti_hlt, "", "sti; hlt", "cli");

enum msi_bits {
	ADDRESS_LOGICAL = BIT(2), ADDRESS_HINT = BIT(3),
	DATA_LOWEST = 1 << 8, DATA_NMI = 4 << 8,
};
#define ADDRESS_TO(id) (APIC_BASE_ADDRESS | (u64)(id) << 12)

static void msi(u64 address, u64 data)
{
	sync(SIGNAL_MSI, .signal_msi = { address, data, 0 });
}

/*
 * The request waits in IRR; HLT is where every host takes it.  The handler does not return:
 * a HLT in front of which the interrupt came nothing would end.
 */
TEST(msi_vectors, "an MSI of every vector from 16 on arrives with its whole frame",
     LAW("SDM vol. 3A, 10.5.2, 10.11, 6.14.2"), NEEDS(APIC), ACTIONS(SIGNAL_MSI), CASES(240),
     FLAGS(TEST_NEEDS_SHADOW))
{
	stage_open();
	memset(stage.returns, false, sizeof(stage.returns));
	for (unsigned int v = 16; v < 256; v++)
		CASE("vector=%u", v)
		{
			stage_gate_bare(v, GATE_INTERRUPT, 0);
			msi(ADDRESS_TO(0), v);
			stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
			apic_eoi();
			stage.cpu.rflags |= RFLAGS_IF;
			EXPECT_EVENT(.kind = EVENT_INTERRUPT, .vector = v);
		}
}

static const struct route {
	const char *name;
	u64 address, data;
	bool arrives;
} routes[] = {
	{ "physical", ADDRESS_TO(0), 0, true },
	{ "physical-lowest-priority", ADDRESS_TO(0), DATA_LOWEST, true },
	{ "physical-with-hint", ADDRESS_TO(0) | ADDRESS_HINT, 0, true },
	{ "physical-broadcast", ADDRESS_TO(0xff), 0, true },
	{ "physical-to-another", ADDRESS_TO(0x55), 0, false },
	/* The flat model: a bit for a bit (10.6.2.2). */
	{ "logical", ADDRESS_TO(0x10) | ADDRESS_LOGICAL, 0, true },
	{ "logical-lowest-priority", ADDRESS_TO(0x10) | ADDRESS_LOGICAL, DATA_LOWEST, true },
	{ "logical-with-hint", ADDRESS_TO(0x10) | ADDRESS_LOGICAL | ADDRESS_HINT, 0, true },
	{ "logical-among-others", ADDRESS_TO(0x31) | ADDRESS_LOGICAL, 0, true },
	{ "logical-broadcast", ADDRESS_TO(0xff) | ADDRESS_LOGICAL, 0, true },
	{ "logical-to-another", ADDRESS_TO(0xef) | ADDRESS_LOGICAL, 0, false },
};

TEST(msi_routes, "an MSI arrives if its address names this CPU, once, and not else",
     LAW("SDM vol. 3A, 10.6.2, 10.11.1"), NEEDS(APIC), ACTIONS(SIGNAL_MSI),
     CASES(ARRAY_SIZE(routes)))
{
	stage_open();
	stage.eoi = true;
	apic_write(APIC_DFR, 0xffffffff);
	apic_write(APIC_LDR, 0x10u << 24);
	for (unsigned int i = 0; i < ARRAY_SIZE(routes); i++)
		CASE("route=%s", routes[i].name)
		{
			stage.count = 0;
			msi(routes[i].address, routes[i].data | 0x65);
			take_all();
			if (routes[i].arrives)
				EXPECT_SEEN(0x65);
			else
				EXPECT_NOTHING_SEEN();
		}
	apic_write(APIC_LDR, 0);
}

TEST(msi_as_nmi, "an MSI of delivery mode NMI is an NMI, whatever its vector, IF and the TPR",
     LAW("SDM vol. 3A, 10.11.2"), NEEDS(APIC), ACTIONS(SIGNAL_MSI))
{
	stage_open();
	apic_write(APIC_TPR, 0xff);
	msi(ADDRESS_TO(0), DATA_NMI | 0x66);
	settle();
	EXPECT_SEEN(VECTOR_NMI);
	EXPECT(!apic_bit(APIC_IRR, 0x66));
	apic_write(APIC_TPR, 0);
}

TEST(msi_waits, "an MSI waits in IRR while IF = 0", LAW("SDM vol. 3A, 6.8.1, 10.8.4"), NEEDS(APIC),
     ACTIONS(SIGNAL_MSI))
{
	stage_open();
	stage.eoi = true;
	msi(ADDRESS_TO(0), 0x67);
	settle();
	EXPECT_NOTHING_SEEN();
	EXPECT(apic_bit(APIC_IRR, 0x67));
	take_all();
	EXPECT_SEEN(0x67);
	EXPECT(!apic_bit(APIC_IRR, 0x67));
}
