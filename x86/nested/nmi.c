// SPDX-License-Identifier: GPL-2.0-only
/*
 * NMIs and L2: whose they are, and whose IRET lets the next one in.
 */
#include "x86/nested/svm.h"

/* An NMI to ourselves by the local APIC, and time for it to arrive. */
#define WAIT "mov $1000, %ecx; 771: pause; dec %ecx; jnz 771b"
/* The shorthand `self` may not send NMIs: to APIC ID 0 in ICR_HIGH, which L1 writes. */
#define RAISE "mov $0xfee00300, %ebx; movl $0x4400, (%rbx)"
L2_CODE(raise_nmi, RAISE, WAIT, "");
L2_CODE(spin, WAIT, "", "");

static unsigned int taken;

static void on_nmi(struct trap_frame *f)
{
	(void)f;
	taken++;
}

static void begin(void)
{
	set_handler(VECTOR_NMI, on_nmi);
	taken = 0;
	l2_begin();
	apic_write(APIC_ICR_HIGH, apic_read(APIC_ID));
}

static void raise_in_l1(void)
{
	apic_write(APIC_ICR, 4 << 8 | BIT(14));
}

static void settle(void)
{
	for (unsigned int i = 0; i < 4; i++)
		inb(0x80);
}

TEST(nmi_exits, "an NMI while L2 runs exits if it is intercepted, and is L2's if not",
     LAW("APM vol. 2, NMI Intercept"), NEEDS(SVM | APIC), CASES(4))
{
	for (unsigned int i = 0; i < 4; i++)
		CASE("intercepted=%u,raised-in=L%u", i & 1, i / 2 + 1)
		{
			begin();
			if (i & 1)
				l2_intercept(SVM_EXIT_NMI);
			clgi();
			if (i / 2 == 0)
				raise_in_l1();
			l2_run_at(i / 2 ? raise_nmi.begin : spin.begin);
			if (!(i & 1)) {
				if (EXPECT_L2_EVENT(VECTOR_NMI))
					l2_continue(); /* to the IRET that lets NMIs in again */
				EXPECT_EQ(0, taken);
				continue;
			}
			/* The intercept leaves it pending: L1 takes it behind STGI, once. */
			EXPECT_EXIT(SVM_EXIT_NMI);
			settle();
			EXPECT_EQ(1, taken);
		}
}

/* A second NMI while L2's handler runs waits for the handler's IRET. */
TEST(nmi_blocked_in_l2, "an NMI that L2 took blocks the next until L2's IRET",
     LAW("APM vol. 2, NMI Intercept; Non-Maskable-Interrupt Exception"),
     NEEDS(SVM | APIC))
{
	begin();
	clgi();
	raise_in_l1();
	l2.keep_gif = true;
	l2_run_at(spin.begin);
	if (EXPECT_L2_EVENT(VECTOR_NMI)) {
		raise_in_l1();
		/* L2 goes on in its handler, up to its IRET; the NMI comes behind that. */
		l2_continue();
		EXPECT_L2_EVENT(VECTOR_NMI);
		EXPECT(l2.event.rip >= (u64)spin.begin && l2.event.rip <= (u64)spin.end);
		l2_continue();
		EXPECT_END(spin);
	}
	stgi();
	settle();
	EXPECT_EQ(0, taken);
}
