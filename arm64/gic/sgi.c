// SPDX-License-Identifier: GPL-2.0-only
/*
 * SGIs: whom ICC_SGI1R_EL1 reaches, that an SGI wakes a halted CPU, and that in a
 * storm over four CPUs none is lost or doubled.  Law: IHI 0069H, 12.2.20.
 */
#include "arm64/boot/arm64.h"
#include "lib/arm64/gic_model.h"

enum { ALL = 4, SGI = 7 };

static volatile u64 ready, stop;
/* Questions asked of all CPUs, and what each answered. */
static volatile u64 asked, answered[ALL], pending[ALL];

/* Only its own bank tells a CPU surely what is pending: interrupts stay masked. */
static void look(unsigned int cpu)
{
	pending[cpu] = gic_bit(GICD_ISPENDR, SGI);
	gic_write_bit(GICD_ICPENDR, SGI);
	barrier();
	answered[cpu] = asked;
}

static void answer_masked(void *argument)
{
	unsigned int cpu = (unsigned int)(u64)argument;

	gic_enable(SGI);
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	while (!stop) {
		if (answered[cpu] != asked)
			look(cpu);
		cpu_relax();
	}
}

static void start_others(void (*function)(void *argument))
{
	ready = stop = asked = 0;
	memset((void *)answered, 0, sizeof(answered));
	for (u64 cpu = 1; cpu < ALL; cpu++)
		ASSERT(cpu_start((unsigned int)cpu, function, (void *)cpu));
	cpu_wait_for(&ready, ALL - 1);
}

static void stop_others(void)
{
	stop = 1;
	barrier();
	for (unsigned int cpu = 1; cpu < ALL; cpu++)
		cpu_wait(cpu);
}

/* The CPUs on which it is pending, and no more afterwards. */
static u64 pending_on(void)
{
	u64 set = 0;

	asked++;
	barrier();
	look(0);
	for (unsigned int cpu = 0; cpu < ALL; cpu++) {
		cpu_wait_for(&answered[cpu], asked);
		set |= pending[cpu] ? BIT(cpu) : 0;
	}
	return set;
}

static const struct target {
	const char *name;
	u64 sgi1r;
} targets[] = {
	{ "self", SGI1R(SGI, 1) },
	{ "one", SGI1R(SGI, 4) },
	{ "two", SGI1R(SGI, 0xa) },
	{ "all-by-list", SGI1R(SGI, 0xf) },
	{ "none", SGI1R(SGI, 0) },
	{ "absent", SGI1R(SGI, 0xfff0) },
	{ "present-and-absent", SGI1R(SGI, 0xfffc) },
	{ "aff1", SGI1R(SGI, 0xf) | SGI1R_AFF1(1) },
	{ "aff2", SGI1R(SGI, 0xf) | BIT(32) },
	{ "aff3", SGI1R(SGI, 0xf) | BIT(48) },
	{ "range", SGI1R(SGI, 0xf) | SGI1R_RS(1) },
	{ "irm", SGI1R(SGI, 0) | SGI1R_IRM },
	{ "irm-and-list", SGI1R(SGI, 1) | SGI1R_IRM },
};

TEST(sgi_targets, "ICC_SGI1R_EL1 makes the SGI pending on the CPUs that it names and no other",
     LAW("IHI 0069H, 12.2.20"), NEEDS(GICV3 | PSCI), CPUS(ALL), CASES(ARRAY_SIZE(targets)))
{
	static const u64 affinity[ALL] = { 0, 1, 2, 3 };
	bool has_ranges = READ_REGISTER(ICC_CTLR_EL1) & ICC_CTLR_RSS;

	start_others(answer_masked);
	gic_enable(SGI);
	for (unsigned int i = 0; i < ARRAY_SIZE(targets); i++) {
		if (targets[i].sgi1r & SGI1R_RS(1) && !has_ranges) {
			cases_not_covered(1, "the CPU has no range selector: ICC_CTLR_EL1.RSS = 0");
			continue;
		}
		CASE ("target=%s", targets[i].name) {
			gic_send_sgi(targets[i].sgi1r);
			EXPECT_EQ(gic_model_sgi_targets(targets[i].sgi1r, affinity, ALL, 0),
				  pending_on());
		}
	}
	stop_others();
}

TEST(sgi_intids, "each of the sixteen SGIs is taken as itself", LAW("IHI 0069H, 2.2.1"),
     NEEDS(GICV3), CASES(16))
{
	for (u32 sgi = 0; sgi < 16; sgi++)
		CASE ("sgi=%u", sgi) {
			irq_log_clear();
			gic_enable(sgi);
			gic_send_sgi(SGI1R(sgi, 1));
			take_interrupts();
			EXPECT_EQ(1, irq_log_count(0, sgi));
			EXPECT_EQ(1, irq_log[0].count);
		}
}

/* --- ping-pong --- */

enum { ROUNDS = 200 };

static void answer(void *argument)
{
	unsigned int cpu = (unsigned int)(u64)argument;

	gic_enable(SGI);
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	for (u64 n = 1; n <= ROUNDS; n++) {
		while (irq_log[cpu].count < n && !stop)
			wait_for_interrupt();
		gic_send_sgi(SGI1R(SGI + cpu, 1));
	}
}

TEST(sgi_ping_pong, "an SGI wakes a CPU that waits in WFI, two hundred times each way",
     LAW("Arm ARM D1.6; IHI 0069H, 12.2.20"), NEEDS(GICV3 | PSCI), CPUS(ALL), CASES(ALL - 1))
{
	start_others(answer);
	for (u32 sgi = SGI; sgi < SGI + ALL; sgi++)
		gic_enable(sgi);
	for (unsigned int cpu = 1; cpu < ALL; cpu++)
		CASE ("cpu=%u", cpu) {
			for (u64 n = 1; n <= ROUNDS; n++) {
				u64 before = irq_log[0].count;

				gic_send_sgi(SGI1R(SGI, 1u << cpu));
				while (irq_log[0].count == before)
					wait_for_interrupt();
				if (!(n % 32))
					heartbeat();
			}
			EXPECT_EQ(ROUNDS, irq_log[cpu].count);
		}
	EXPECT_EQ(ROUNDS * (ALL - 1), irq_log[0].count);
	stop_others();
}

/* --- a storm --- */

enum { STORM = 64 };

/* Each CPU sends its own SGI to CPU 0, one after the other was counted. */
static volatile u64 taken_from[ALL];

static void count_senders(struct trap_frame *frame)
{
	u32 intid = gic_acknowledge();

	(void)frame;
	if (intid >= 8 && intid < 8 + ALL)
		taken_from[intid - 8]++;
	gic_end(intid);
}

static void send_many(void *argument)
{
	u64 cpu = (u64)argument;

	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	for (u64 n = 0; n < STORM; n++) {
		gic_send_sgi(SGI1R(8 + cpu, 1));
		while (taken_from[cpu] <= n)
			cpu_relax();
	}
}

TEST(sgi_storm, "of SGIs that three CPUs send to one none is lost and none is doubled",
     LAW("IHI 0069H, 4.1.2"), NEEDS(GICV3 | PSCI), CPUS(ALL))
{
	memset((void *)taken_from, 0, sizeof(taken_from));
	set_irq_handler(count_senders);
	for (u32 cpu = 1; cpu < ALL; cpu++)
		gic_enable(8 + cpu);
	irq_unmask();
	start_others(send_many);
	for (unsigned int cpu = 1; cpu < ALL; cpu++)
		cpu_wait(cpu);
	irq_mask();
	take_interrupts();
	for (unsigned int cpu = 1; cpu < ALL; cpu++)
		EXPECT_EQ(STORM, taken_from[cpu]);
}
