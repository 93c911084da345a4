// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two CPUs, one with its tiles disabled: each has its own XFD and its own tiles,
 * on as few processors of the host as there are.  And INIT.
 */
#include "x86/amx/tile.h"

enum { ROUNDS = 4 };

static struct tiles tiles, there;
static volatile u64 looked, stop;

/* The other CPU: tiles disabled, and #NM every time. */
static void disabled(void *argument)
{
	(void)argument;
	amx_begin();
	load_config();
	set_xfd(XFD_TILEDATA);
	while (!stop) {
		u64 value;

		EXPECT_FAULT(NM, tileload(0, there.byte, TILE_ROW_BYTES));
		ASSERT_(EXPECT_NO_FAULT(try_rdmsr(MSR_XFD, &value)));
		ASSERT_EQ(XFD_TILEDATA, value);
		looked++;
	}
	set_xfd(0);
}

TEST(cpus_keep_xfd, "a CPU keeps its tiles while another on the same processor has XFD set",
     LAW("SDM vol. 1, 13.14"), NEEDS(AMX_TILE), CPUS(2), CASES(3 * ROUNDS))
{
	static const struct {
		const char *name;
		u64 actions;
	} way[] = { { "preempt", PREEMPT },
		    { "migrate", MIGRATE_VCPU },
		    { "save+restore", SAVE | RESTORE } };

	amx_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(way); i++)
		for (unsigned int round = 0; round < ROUNDS; round++)
			CASE("way=%s,round=%u", way[i].name, round) {
				u64 value;

				stop = looked = 0;
				tiles_fill(&tiles, 10 * i + round);
				load_tiles(&tiles);
				ASSERT(cpu_start(1, disabled, NULL));
				cpu_wait_for(&looked, 2);
				sync_try(way[i].actions);
				cpu_wait_for(&looked, looked + 2);
				expect_tiles(&tiles);
				ASSERT_(EXPECT_NO_FAULT(try_rdmsr(MSR_XFD, &value)));
				EXPECT_EQ(0, value);
				stop = 1;
				cpu_wait(1);
			}
}
