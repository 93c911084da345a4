// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDTSC, RDTSCP and RDPID (SDM vol. 2B): what they read, where they write, and
 * who may execute them under CR4.TSD.
 */
#include "x86/instruction/perform.h"

INSTRUCTION(read_tsc, "rdtsc");
INSTRUCTION(read_tscp, "rdtscp");
INSTRUCTION(read_pid, "rdpid %rax");

static const u32 aux[] = { 0, 1, 0x12345678, 0xffffffff };
enum { AUX = ARRAY_SIZE(aux) };

#define ONES (~0ull)

static u64 tsc_of(const struct registers *r)
{
	/* Upper halves are cleared. */
	EXPECT_EQ(0, r->rax >> 32);
	EXPECT_EQ(0, r->rdx >> 32);
	return r->rax | r->rdx << 32;
}

static void rdtscp_reads(unsigned int cpl)
{
	for (unsigned int i = 0; i < AUX; i++)
		CASE("aux=%#x", aux[i]) {
			struct registers r = { ONES, ONES, ONES, ONES, ONES, STATUS_FLAGS };
			u64 before, tsc, after;

			wrmsr(MSR_TSC_AUX, aux[i]);
			before = rdtsc();
			if (!EXPECT_NO_FAULT(perform(&read_tscp, cpl, &r)))
				continue;
			tsc = tsc_of(&r);
			after = rdtsc();
			EXPECT_EQ(aux[i], r.rcx);
			EXPECT(before <= tsc && tsc <= after);
			EXPECT_FLAGS(rflags_names, STATUS_FLAGS, r.rflags & STATUS_FLAGS);
		}
	wrmsr(MSR_TSC_AUX, 0);
}

#define RDTSCP_LAW LAW("SDM vol. 2B, RDTSCP"), NEEDS(RDTSCP), CASES(AUX)

TEST(rdtscp_at_cpl0, "RDTSCP gives the time-stamp counter and TSC_AUX at CPL 0", RDTSCP_LAW)
{
	rdtscp_reads(0);
}

TEST(rdtscp_at_cpl3, "RDTSCP gives the time-stamp counter and TSC_AUX at CPL 3", RDTSCP_LAW)
{
	rdtscp_reads(3);
}

static void rdpid_reads(unsigned int cpl)
{
	for (unsigned int i = 0; i < AUX; i++)
		CASE("aux=%#x", aux[i]) {
			struct registers r = { ONES, ONES, ONES, ONES, ONES, STATUS_FLAGS };

			wrmsr(MSR_TSC_AUX, aux[i]);
			if (!EXPECT_NO_FAULT(perform(&read_pid, cpl, &r)))
				continue;
			EXPECT_EQ(aux[i], r.rax);
			EXPECT_EQ(ONES, r.rcx);
			EXPECT_FLAGS(rflags_names, STATUS_FLAGS, r.rflags & STATUS_FLAGS);
		}
	wrmsr(MSR_TSC_AUX, 0);
}

#define RDPID_LAW LAW("SDM vol. 2B, RDPID"), NEEDS(RDPID), CASES(AUX)

TEST(rdpid_at_cpl0, "RDPID gives TSC_AUX at CPL 0", RDPID_LAW)
{
	rdpid_reads(0);
}

TEST(rdpid_at_cpl3, "RDPID gives TSC_AUX at CPL 3", RDPID_LAW)
{
	rdpid_reads(3);
}

TEST(tsc_aux_survives, "RDTSCP at CPL 3 gives the guest's TSC_AUX after a save and restore",
     LAW("SDM vol. 2B, RDTSCP"), NEEDS(RDTSCP), ACTIONS(SAVE | RESTORE))
{
	struct registers r = { 0 };

	wrmsr(MSR_TSC_AUX, 0x7654321);
	sync(SAVE | RESTORE);
	EXPECT_NO_FAULT(perform(&read_tscp, 3, &r));
	EXPECT_EQ(0x7654321, r.rcx);
	wrmsr(MSR_TSC_AUX, 0);
}

static const struct row {
	const char *name;
	const struct instruction *instruction;
	u64 needs;
} rows[] = { { "rdtsc", &read_tsc, 0 }, { "rdtscp", &read_tscp, RDTSCP } };

static void time_stamp_disable(unsigned int cpl)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct instruction *instruction = rows[i].instruction;

		if (!has_feature(rows[i].needs)) {
			cases_not_covered(2, "no RDTSCP");
			continue;
		}
		for (unsigned int tsd = 0; tsd < 2; tsd++)
			CASE("instruction=%s,tsd=%u", rows[i].name, tsd) {
				struct registers r = { 0 };
				struct fault f;

				write_cr4((read_cr4() & ~(u64)CR4_TSD) | (tsd ? CR4_TSD : 0));
				f = perform(instruction, cpl, &r);
				if (tsd && cpl)
					EXPECT_REFUSED(GP, instruction, cpl, f);
				else
					EXPECT_NO_FAULT(f);
			}
	}
	write_cr4(read_cr4() & ~(u64)CR4_TSD);
}

#define TSD_LAW LAW("SDM vol. 2B, RDTSC, RDTSCP; vol. 3A, Control Registers"), CASES(4)

TEST(tsd_at_cpl0, "CR4.TSD says nothing of RDTSC and RDTSCP at CPL 0", TSD_LAW)
{
	time_stamp_disable(0);
}

TEST(tsd_at_cpl3, "with CR4.TSD = 1 RDTSC and RDTSCP are #GP(0) at CPL 3", TSD_LAW)
{
	time_stamp_disable(3);
}
