// SPDX-License-Identifier: GPL-2.0-only
/* The machine's defined state, what it can do, and PSCI. */
#include "arm64/boot/machine.h"

#define SCTLR_DEFAULT 0x30d01805ull /* as start.S sets it */
#define NANOSECONDS 1000000000ull

void boot_main(void);
void boot_main(void)
{
	payload_main();
}

void machine_reset(void)
{
	asm volatile("msr daifset, #0xf" ::: "memory");
	WRITE_REGISTER(sctlr_el1, SCTLR_DEFAULT);
	WRITE_REGISTER(cntv_ctl_el0, 0);
	WRITE_REGISTER(cntp_ctl_el0, 0);
	asm volatile("isb" ::: "memory");
	trap_reset();
	cpus_stop();
}

void machine_reset_interrupts(void)
{
	if (!gic_present())
		return;
	its_reset();
	gic_reset();
}

s64 psci(u64 function, u64 a, u64 b, u64 c)
{
	register u64 x0 asm("x0") = function;
	register u64 x1 asm("x1") = a;
	register u64 x2 asm("x2") = b;
	register u64 x3 asm("x3") = c;

	/* The SMC calling convention (DEN 0028) keeps the rest from version 1.1 on only. */
	asm volatile("hvc #0"
		     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
		     :
		     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
		       "x16", "x17", "memory");
	return function >> 30 & 1 ? (s64)x0 : (s64)(int32_t)x0;
}

/* --- features --- */

bool gic_present(void)
{
	/* ID_AA64PFR0_EL1.GIC */
	return READ_REGISTER(id_aa64pfr0_el1) >> 24 & 0xf;
}

/* PIDR2.ArchRev: 3 or 4; a bus without a device gives an abort. */
static bool answers(u64 pidr2)
{
	u32 value = 0;
	struct fault f = TRY("ldr %w0, [%1]", : "+&r"(value) : "r"(pidr2));

	return f.class == EC_NONE && (value >> 4 & 0xf) >= 3;
}

u64 machine_features(u64 among)
{
	u64 features = 0;

	if (gic_present() && answers(PLATFORM_GICD + GICD_PIDR2)) {
		features |= GICV3;
		if (read64(PLATFORM_GICR + GICR_TYPER) & GICR_TYPER_PLPIS)
			features |= LPIS;
		if (answers(PLATFORM_ITS + GITS_PIDR2))
			features |= ITS;
	}
	if (psci(PSCI_VERSION, 0, 0, 0) >= 0x10000)
		features |= PSCI;
	return features & among;
}

bool has_feature(u64 features)
{
	return !(features & ~machine_features(features));
}

void machine_missing(struct text *t, u64 features)
{
	text_add(t, "%s", machine_feature_info[__builtin_ctzll(features)].fact);
}

/* In nanoseconds. */
u64 machine_ticks(void)
{
	u64 frequency = READ_REGISTER(cntfrq_el0);

	asm volatile("isb" ::: "memory");
	return READ_REGISTER(cntvct_el0) * (NANOSECONDS / MAX(frequency, 1ull));
}

_Noreturn void machine_power_off(void)
{
	psci(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		asm volatile("wfi");
}
