// SPDX-License-Identifier: GPL-2.0-only
/*
 * INIT leaves XCR0 and what it enables: only MPX is made initial (SDM vol. 3A,
 * Processor State After Reset).  x87, XMM and MXCSR: event/init-leaves.
 */
#include "x86/xstate/component.h"

static struct xsave_area wanted, got;
static volatile u64 loaded, stop;
static u64 enabled, found_xcr0;

static void load_and_spin(void *argument)
{
	(void)argument;
	enable_xsave(enabled);
	user_xrstor(&wanted, enabled);
	loaded = 1;
	while (!stop)
		cpu_relax();
}

/* The first word after INIT and SIPI: no XSETBV comes before it. */
static void look(void *argument)
{
	(void)argument;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	EXPECT_NO_FAULT(try_user_xgetbv(0, &found_xcr0));
	user_xsave(&got, enabled);
}

static void init_cpu_1(void)
{
	memset(&got, 0, sizeof(got));
	loaded = stop = found_xcr0 = 0;
	ASSERT(cpu_start(1, load_and_spin, NULL));
	cpu_wait_for(&loaded, 1);
	/* Which begins with an INIT. */
	ASSERT(cpu_start(1, look, NULL));
	cpu_wait(1);
}

TEST(init_leaves_xcr0, "INIT leaves XCR0 as it is", LAW("SDM vol. 3A, Processor State After Reset"),
     NEEDS(APIC | XSAVE), CPUS(2), CASES(2))
{
	static const u64 values[] = { XCR0_X87, XCR0_X87 | XCR0_SSE };

	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		CASE ("xcr0=%#llx", (unsigned long long)values[i]) {
			enabled = values[i];
			fill_legacy(&wanted, i);
			/* Which any XCR0 has: the register alone is judged. */
			wanted.byte[XSAVE_BV] = XCR0_X87;
			init_cpu_1();
			EXPECT_EQ(values[i], found_xcr0);
		}
}

TEST(init_leaves_components,
     "INIT leaves every component of XCR0 behind SSE as it is, but makes those of MPX initial",
     LAW("SDM vol. 3A, Processor State After Reset"), NEEDS(APIC | XSAVE | AVX), CPUS(2),
     CASES(COMPONENTS))
{
	u64 all = components_begin(), mpx = XCR0_BNDREGS | XCR0_BNDCSR;

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		u64 bit = BIT(component[i].number);

		if (!component_here(&component[i], all, 1))
			continue;
		CASE ("component=%s", component[i].name) {
			enabled = all | XCR0_X87 | XCR0_SSE;
			components_image(&wanted, bit, 200 + i);
			init_cpu_1();
			EXPECT_EQ(enabled, found_xcr0);
			/* XINUSE of what is initial may be 1: the bytes tell. */
			if (bit & mpx)
				components_image(&wanted, 0, 0);
			expect_components(&wanted, &got, bit);
		}
	}
}
