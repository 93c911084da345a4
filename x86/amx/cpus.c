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
			CASE ("way=%s,round=%u", way[i].name, round) {
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

/* --- INIT --- */

static struct tile_config config, found_config;
static u64 wanted_xfd, wanted_xcr0, found_xcr0, found_xfd, found_xfd_err;
static volatile u64 loaded;

static void load_and_spin(void *argument)
{
	(void)argument;
	wanted_xcr0 = amx_begin();
	load_tiles(&tiles);
	wrmsr(MSR_XFD_ERR, XFD_TILEDATA);
	set_xfd(wanted_xfd);
	loaded = 1;
	for (;;)
		cpu_relax();
}

/* The first word after INIT and SIPI: nothing of all that is written before it. */
static void look(void *argument)
{
	u32 low, high;

	(void)argument;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	found_xcr0 = low | (u64)high << 32;
	ASSERT_(EXPECT_NO_FAULT(try_rdmsr(MSR_XFD, &found_xfd)));
	ASSERT_(EXPECT_NO_FAULT(try_rdmsr(MSR_XFD_ERR, &found_xfd_err)));
	if (found_xcr0 != wanted_xcr0)
		return;
	ASSERT_(EXPECT_NO_FAULT(sttilecfg(&found_config)));
	set_xfd(0);
	if (wanted_xfd)
		expect_tiles_or_zero(&tiles);
	else
		expect_tiles(&tiles);
	wrmsr(MSR_XFD_ERR, 0);
}

TEST(init_leaves_tiles,
     "INIT leaves XCR0, the tiles and their configuration, IA32_XFD and IA32_XFD_ERR",
     LAW("SDM vol. 3A, Processor State After Reset"), NEEDS(AMX_TILE | APIC), CPUS(2), CASES(2))
{
	for (unsigned int xfd = 0; xfd < 2; xfd++)
		CASE ("xfd=%u", xfd) {
			wanted_xfd = xfd ? XFD_TILEDATA : 0;
			loaded = found_xcr0 = 0;
			found_xfd = found_xfd_err = ~0ull;
			memset(&found_config, 0, sizeof(found_config));
			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			tiles_fill(&tiles, 200 + xfd);
			ASSERT(cpu_start(1, load_and_spin, NULL));
			cpu_wait_for(&loaded, 1);
			/* Which begins with an INIT. */
			ASSERT(cpu_start(1, look, NULL));
			cpu_wait(1);
			EXPECT_EQ(wanted_xcr0, found_xcr0);
			EXPECT_EQ(wanted_xfd, found_xfd);
			EXPECT_EQ(XFD_TILEDATA, found_xfd_err);
			expect_same("configuration", (u8 *)&config, (u8 *)&found_config,
				    sizeof(config));
		}
}
