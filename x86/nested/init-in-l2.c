// SPDX-License-Identifier: GPL-2.0-only
/*
 * INIT while a CPU is in L2 ends L2: the CPU waits for a SIPI and then runs in real mode,
 * with nothing of L2's or L1's paging left, in the host's walks neither (APM vol. 2, INIT
 * Intercept; Processor Initialization State).
 */
#include "x86/nested/init-page.h"
#include "x86/nested/npt.h"

#define PAGE 0x20000ull
#define WORD(offset) (*(volatile u32 *)(PAGE + (offset)))
#define BYTE(offset) (*(volatile u8 *)(PAGE + (offset)))

enum { ATTRIB_L = BIT(9), ATTRIB_DB = BIT(10) };

/* The same bytes in 32-bit and in 64-bit mode. */
L2_CODE(count, "", "1: incl (%rdi); pause; jmp 1b", "");

extern const u8 nested_init_begin[], nested_init_end[];

static u8 save_area[0x1000] __attribute__((aligned(4096)));
static volatile u32 counter;
static volatile u64 exits;

/* On the other CPU, whose INIT does not let it return. */
static void enter_l2(void *vmcb)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, (u64)save_area);
	asm volatile("vmrun %%rax" ::"a"(vmcb), "D"(&counter) : "memory");
	exits++;
	stgi();
	for (;;)
		asm volatile("pause");
}

static void begin(bool nested, bool paged, bool intercepted)
{
	struct vmcb_save *s;
	struct npt n;

	if (nested)
		npt_begin(&n);
	else
		l2_begin();
	s = &l2.vmcb->save;
	if (!paged) {
		s->cr0 &= ~(u64)CR0_PG;
		s->efer &= ~(u64)(EFER_LME | EFER_LMA);
		s->cs.attrib = (u16)((s->cs.attrib & ~ATTRIB_L) | ATTRIB_DB);
	}
	if (intercepted)
		l2_intercept(SVM_EXIT_INIT);
	s->rip = (u64)count.begin;
	l2.vmcb->control.exitcode = l2.stale_exitcode;
	counter = 0;
	exits = 0;
}

/*
 * SIPIs to our page; false if nobody came to its end.  One that comes before the INIT is
 * taken is lost, and to a CPU that runs they are nothing.
 */
static bool real_mode_runs(void)
{
	enum { SIPIS = 64 };
	u64 real_mode_vectors = 0;

	/* Or the compiler warns of a pointer that is almost NULL. */
	asm("" : "+r"(real_mode_vectors));
	for (unsigned int v = VECTOR_UD; v <= VECTOR_PF; v++)
		((volatile u32 *)real_mode_vectors)[v] = HALT | (u32)(PAGE >> 4) << 16;
	memset((void *)PAGE, 0, 0x1000);
	memcpy((void *)PAGE, nested_init_begin, (size_t)(nested_init_end - nested_init_begin));
	BYTE(BYTES) = 0x11;
	BYTE(BYTES + 1) = 0x22;
	for (unsigned int i = 0; i < SIPIS && !WORD(DONE); i++) {
		u64 start = machine_ticks();

		cpu_ipi(1, IPI_STARTUP | (u32)(PAGE >> 12));
		while (!WORD(DONE) && machine_ticks() - start < 1ull << 25)
			cpu_relax();
	}
	return WORD(DONE);
}

TEST(init_in_l2, "INIT ends L2, and the CPU begins in real mode after a SIPI, whatever L2 was",
     LAW("APM vol. 2, INIT Intercept; Processor Initialization State"), NEEDS(SVM | APIC), CPUS(2),
     CASES(8))
{
	for (unsigned int i = 0; i < 8; i++) {
		bool nested = i & 4, paged = i & 2, intercepted = i & 1;

		if (nested && !has_feature(NPT)) {
			cases_not_covered(1, "the CPU has no NPT");
			continue;
		}
		CASE ("nested=%u,paged=%u,intercepted=%u", nested, paged, intercepted) {
			begin(nested, paged, intercepted);
			ASSERT(cpu_start(1, enter_l2, l2.vmcb));
			while (counter < 2)
				cpu_relax();
			cpu_ipi(1, IPI_INIT);
			/* A CPU that did not come is lost to the other cases. */
			ASSERT(real_mode_runs());
			EXPECT_EQ(BYTE(BYTES), BYTE(BYTES + 1));
			EXPECT_EQ(0, WORD(EFER_FOUND));
			EXPECT_EQ(intercepted, exits);
			EXPECT_EQ(intercepted ? SVM_EXIT_INIT : l2.stale_exitcode,
				  l2.vmcb->control.exitcode);
		}
	}
}
