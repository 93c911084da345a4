// SPDX-License-Identifier: GPL-2.0-only
#include "x86/hyperv/hyperv.h"

struct hv_message hv_messages[HV_SINTS] __attribute__((aligned(4096)));

/* TLFS, CPUID leaf 40000001H: the interface is "Hv#1". */
enum { LEAF_INTERFACE = 0x40000001, INTERFACE = 0x31237648 };

void hv_open(void)
{
	sync(OFFER_HYPERV | SAVE | RESTORE);
	ASSERT_EQ(INTERFACE, cpuid(LEAF_INTERFACE, 0).reg[CPUID_EAX]);
	memset(hv_messages, 0, sizeof(hv_messages));
	wrmsr(HV_GUEST_OS_ID, 0x8100000000000000);
	wrmsr(HV_SIMP, (u64)hv_messages | 1);
	wrmsr(HV_SCONTROL, 1);
}

void hv_sint(unsigned int sint, unsigned int vector)
{
	wrmsr(HV_SINT0 + sint, vector);
}

u64 hv_now(void)
{
	return rdmsr(HV_TIME_REF_COUNT);
}

void hv_wait(u64 hundred_ns)
{
	u64 begin = hv_now();

	while (hv_now() - begin < hundred_ns)
		asm volatile("pause");
}
