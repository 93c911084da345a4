// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM's paravirtual EOI: a word of guest memory in which the host says that the
 * interrupt in service needs no EOI to the local APIC.  The word is memory like any
 * other: the host may take it away or move it while an interrupt is in service.  The
 * CPU then gives its EOI to the local APIC, disables the word or names another one,
 * and takes the next interrupt.
 */
#include "x86/boot/x86.h"

enum { PAGE_BYTES = 4096, VECTOR_PV_EOI = 0x61, TRIES = 4 };
#define ELSEWHERE 0xc0000000ull

/* Documentation/virt/kvm/x86/msr.rst and cpuid.rst. */
#define MSR_KVM_PV_EOI_EN 0x4b564d04
#define KVM_FEATURE_PV_EOI BIT(6)

enum fate { STAYS, GOES, MOVES_AND_RETURNS, FATES };
static const char *const fate_name[] = { "stays", "goes", "moves-and-returns" };
enum then { DISABLED, KEPT, ANOTHER, THENS };
static const char *const then_name[] = { "disabled", "kept", "another" };

static volatile u64 ready, in_service, go_on, taken;
/* Had the host said that no EOI is needed, when the last interrupt came? */
static volatile bool said;
static u64 word, after; /* the MSR's values: of the word, and behind the first interrupt */
static bool change;

static void *page(unsigned int n)
{
	return (void *)(TEST_MEMORY + n * PAGE_BYTES);
}

/*
 * The first interrupt only touches all that the second one will, so that no exit for
 * memory comes between.  The second one stays in service until the boot CPU has
 * done its part.
 */
static void on_interrupt(struct trap_frame *f)
{
	(void)f;
	said = *(volatile u64 *)(word & ~1ull) & 1;
	if (taken == 1) {
		in_service = 1;
		while (!go_on)
			asm volatile("pause");
		if (change)
			wrmsr(MSR_KVM_PV_EOI_EN, after);
	}
	apic_eoi();
	taken++;
}

static void worker(void *argument)
{
	(void)argument;
	wrmsr(MSR_KVM_PV_EOI_EN, word);
	ready = 1;
	sti();
	while (taken < 3)
		asm volatile("pause");
	cli();
	wrmsr(MSR_KVM_PV_EOI_EN, 0);
}

static bool has_pv_eoi(void)
{
	return hypervisor_is_kvm() && cpuid(0x40000001, 0).reg[CPUID_EAX] & KVM_FEATURE_PV_EOI;
}

static bool one_interrupt(enum fate fate, enum then then, u64 gpa)
{
	bool had;

	ready = in_service = go_on = taken = 0;
	word = gpa | 1;
	change = then != KEPT;
	after = then == ANOTHER ? (gpa + PAGE_BYTES) | 1 : 0;
	*(volatile u64 *)gpa = 0;
	/* A piece of its own, so that the other CPU runs on when it goes. */
	sync(MOVE, .move = { gpa, PAGE_BYTES, ELSEWHERE });
	sync(MOVE, .move = { ELSEWHERE, PAGE_BYTES, gpa });
	ASSERT(cpu_start(1, worker, NULL));
	cpu_wait_for(&ready, 1);
	cpu_ipi(1, IPI_FIXED | VECTOR_PV_EOI);
	cpu_wait_for(&taken, 1);
	cpu_ipi(1, IPI_FIXED | VECTOR_PV_EOI);
	cpu_wait_for(&in_service, 1);
	had = said;
	if (fate == GOES)
		sync(UNMAP, .unmap = { gpa, PAGE_BYTES });
	if (fate == MOVES_AND_RETURNS) {
		sync(MOVE, .move = { gpa, PAGE_BYTES, ELSEWHERE });
		sync(MOVE, .move = { ELSEWHERE, PAGE_BYTES, gpa });
	}
	go_on = 1;
	cpu_wait_for(&taken, 2);
	cpu_ipi(1, IPI_FIXED | VECTOR_PV_EOI);
	cpu_wait_for(&taken, 3);
	cpu_wait(1);
	EXPECT_EQ(3, taken);
	return had;
}

TEST(pv_eoi_word_taken_away,
     "a CPU whose paravirtual EOI word is taken away in service disables it and takes interrupts "
     "as before",
     LAW("Documentation/virt/kvm/x86/msr.rst, MSR_KVM_PV_EOI_EN"), NEEDS(APIC), CPUS(2),
     ACTIONS(MOVE | UNMAP), CASES(FATES *THENS), FLAGS(TEST_HAS_WINDOW))
{
	bool says = false;
	u64 hits = 0;

	if (!has_pv_eoi())
		skip("the host offers no KVM_FEATURE_PV_EOI");
	set_handler(VECTOR_PV_EOI, on_interrupt);
	for (unsigned int try = 0; try < TRIES && !says; try++)
		says = one_interrupt(STAYS, DISABLED, (u64)page(0));
	if (!says)
		skip("the host never says that no EOI is needed");
	for (enum fate f = STAYS; f < FATES; f++)
		for (enum then t = DISABLED; t < THENS; t++)
			CASE ("word=%s,then=%s", fate_name[f], then_name[t])
				hits += one_interrupt(f, t, (u64)page(2 * (f * THENS + t)));
	window("the host said that no EOI is needed", hits);
}
