// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM without a vGIC, whose VMM has the interrupt controller: it is told of each change
 * of the timers' lines, by the end of KVM_RUN, while the vCPU waits too; and KVM_IRQ_LINE
 * ends a wait.  Law: Documentation/virt/kvm/api.rst, KVM_CAP_ARM_USER_IRQ and KVM_IRQ_LINE.
 */
#include "arm64/vgic/scratch.h"

/* A timer that is due in x2 ticks; WFI or a loop; an access, then the timer off, and an access. */
#define TIMER_CODE(timer, wait)                                                                    \
	"msr " timer "_tval_el0, x2; mov x3, #1; msr " timer "_ctl_el0, x3; isb;" wait             \
	"; str w3, [x0, #16]; msr " timer "_ctl_el0, xzr; isb; str w3, [x0, #32]; b ."
SCRATCH_INSTRUCTIONS(virtual_wfi, TIMER_CODE("cntv", "wfi"));
SCRATCH_INSTRUCTIONS(physical_wfi, TIMER_CODE("cntp", "wfi"));
/* Until the timer's condition is met. */
SCRATCH_INSTRUCTIONS(virtual_loop, TIMER_CODE("cntv", "1: mrs x4, cntv_ctl_el0; tbz x4, #2, 1b"));
SCRATCH_INSTRUCTIONS(physical_loop, TIMER_CODE("cntp", "1: mrs x4, cntp_ctl_el0; tbz x4, #2, 1b"));
SCRATCH_INSTRUCTIONS(line_wfi, "wfi; str w3, [x0, #16]; b .");
/* PSCI CPU_SUSPEND, where the processor itself does not look for what is pending. */
SCRATCH_INSTRUCTIONS(line_suspend, "mov x5, x0; mov w0, #1; movk w0, #0xc400, lsl #16;"
				   "mov x1, #0; mov x2, #0; mov x3, #0; hvc #0;"
				   "str w3, [x5, #16]; b .");

enum { BEHIND_WAIT = 16, BEHIND_OFF = 32 };

static const struct wait {
	const char *name;
	const u64 *code, *end;
	u64 level;
	bool waits; /* in WFI */
} waits[] = {
	{ "virtual,wait=WFI", virtual_wfi, virtual_wfi_end, LEVEL_VIRTUAL_TIMER, true },
	{ "physical,wait=WFI", physical_wfi, physical_wfi_end, LEVEL_PHYSICAL_TIMER, true },
	{ "virtual,wait=loop", virtual_loop, virtual_loop_end, LEVEL_VIRTUAL_TIMER, false },
	{ "physical,wait=loop", physical_loop, physical_loop_end, LEVEL_PHYSICAL_TIMER, false },
};

static u64 levels(void)
{
	return HOST(SCRATCH_READ_RUN, 0, RUN_DEVICE_LEVELS) &
	       (LEVEL_VIRTUAL_TIMER | LEVEL_PHYSICAL_TIMER);
}

/* What a VMM does whose interrupt controller passes the timers on. */
static void pass_on(void)
{
	EXPECT_ANSWER(0, HOST(SCRATCH_IRQ_LINE, LINE_OF_VCPU(0), levels() != 0));
}

/* The exits for a line that changed, until another: at most one is due. */
static void expect_access(u64 offset, u64 level)
{
	u64 exit = scratch_run();

	if (exit == REFUSED(HOST_EINTR)) {
		EXPECT_EQ(level, levels());
		pass_on();
		exit = scratch_run();
	}
	EXPECT_ANSWER(EXIT_MMIO, exit);
	EXPECT_EQ(SCRATCH_DEVICE_AT + offset, HOST(SCRATCH_READ_RUN, 0, RUN_MMIO_ADDRESS));
	EXPECT_EQ(level, levels());
}

/* 1 ms to 0.5 s, if the counter has 62.5 MHz. */
static const u32 delays[] = { 62500, 31250000 };

TEST(timer_tells_vmm,
     "without a vGIC a timer that fires ends KVM_RUN, and the wait of a vCPU, and shows its level",
     LAW("Documentation/virt/kvm/api.rst, KVM_CAP_ARM_USER_IRQ"),
     FIXES(FIX("id unknown", "KVM: arm64: Wake-up from WFI when iqrchip is in userspace")),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(waits) * ARRAY_SIZE(delays)))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++)
		for (unsigned int n = 0; n < ARRAY_SIZE(delays); n++)
			CASE ("timer=%s,ticks=%u", waits[i].name, delays[n]) {
				scratch_begin(0);
				scratch_load_words(SCRATCH_CODE, waits[i].code, waits[i].end);
				scratch_set(REGISTER_X(2), delays[n]);
				scratch_start(SCRATCH_CODE);
				if (waits[i].waits) {
					EXPECT_ANSWER(REFUSED(HOST_EINTR), scratch_run());
					EXPECT_EQ(waits[i].level, levels());
					pass_on();
				}
				expect_access(BEHIND_WAIT, waits[i].level);
				expect_access(BEHIND_OFF, 0);
			}
}

TEST(line_ends_wait, "without a vGIC the line that KVM_IRQ_LINE raises ends the wait of a vCPU",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQ_LINE; Arm ARM D1.6; Arm DEN0022, CPU_SUSPEND"),
     ACTIONS(HOST_CALL), CASES(4))
{
	for (unsigned int suspend = 0; suspend < 2; suspend++)
		for (unsigned int fiq = 0; fiq < 2; fiq++)
			CASE ("wait=%s,line=%s", suspend ? "CPU_SUSPEND" : "WFI",
			      fiq ? "FIQ" : "IRQ") {
				u64 line = LINE_OF_VCPU(0) | fiq;

				scratch_begin(FEATURE_PSCI);
				if (suspend)
					SCRATCH_LOAD(SCRATCH_CODE, line_suspend);
				else
					SCRATCH_LOAD(SCRATCH_CODE, line_wfi);
				scratch_start(SCRATCH_CODE);
				EXPECT_ANSWER(0, HOST(SCRATCH_IRQ_LINE, line, 1));
				EXPECT_ANSWER(EXIT_MMIO, scratch_run());
			}
}
