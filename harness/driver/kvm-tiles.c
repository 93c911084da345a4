// SPDX-License-Identifier: GPL-2.0-only
/*
 * AMX in guests and in the driver itself (Documentation/arch/x86/xstate.rst).
 *
 * XTILEDATA is a dynamic component: a guest has it only if its process asked for
 * permission before the first vCPU is made.  Without, KVM takes it out of CPUID's
 * leaf 0DH but leaves the feature bits, which a VMM must take out itself.
 */
#include "harness/driver/kvm.h"

#include <sys/syscall.h>

enum { REQ_XCOMP_PERM = 0x1023, REQ_XCOMP_GUEST_PERM = 0x1025, XTILEDATA = 18 };

bool kvm_ask_tiles(void)
{
	return option_is(&kvm_ops, "tiles", "on") &&
	       !syscall(SYS_arch_prctl, REQ_XCOMP_GUEST_PERM, XTILEDATA);
}

static bool has_tiledata(void)
{
	for (u32 i = 0; i < kvm.cpuid->nent; i++)
		if (kvm.cpuid->entries[i].function == 0xd && !kvm.cpuid->entries[i].index)
			return kvm.cpuid->entries[i].eax >> XTILEDATA & 1;
	return false;
}

/* Every bit of AMX: SDM vol. 2A, CPUID leaves 7, 1DH and 1EH. */
void kvm_take_tiles(struct kvm_cpuid2 *cpuid)
{
	for (u32 i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		if (e->function == 7 && !e->index)
			e->edx &= ~(1u << 22 | 1u << 24 | 1u << 25);
		if (e->function == 7 && e->index == 1) {
			e->eax &= ~(1u << 21);
			e->edx &= ~(1u << 8);
		}
		if (e->function == 0xd && e->index == 1)
			e->eax &= ~(1u << 4);
		if (e->function == 0x1d || e->function == 0x1e)
			e->eax = e->ebx = e->ecx = e->edx = 0;
	}
}

void kvm_hide_tiles(void)
{
	if (!has_tiledata())
		kvm_take_tiles(kvm.cpuid);
}

/* --- tiles of the driver's own thread --- */

static struct {
	u8 palette, start_row, reserved[14];
	u16 bytes[16];
	u8 rows[16];
} config __attribute__((aligned(64)));
static u8 mine[1024] __attribute__((aligned(64))), found[1024] __attribute__((aligned(64)));

/* The permission is the whole process's, and stays. */
static bool ask_own_tiles(void)
{
	if (syscall(SYS_arch_prctl, REQ_XCOMP_PERM, XTILEDATA))
		return false;
	config.palette = 1;
	config.rows[0] = 16;
	config.bytes[0] = 64;
	for (size_t i = 0; i < sizeof(mine); i++)
		mine[i] = (u8)(i * 7 + 1);
	return true;
}

bool kvm_own_tiles_begin(struct text *missing)
{
	if (!option_is(&kvm_ops, "own_tiles", "on"))
		return true;
	kvm.own_tiles = ask_own_tiles();
	if (!kvm.own_tiles)
		text_add(missing, "own_tiles=on: ARCH_REQ_XCOMP_PERM: %s", strerrorname_np(errno));
	return kvm.own_tiles;
}

static void load_own_tiles(void)
{
	asm volatile("ldtilecfg (%0)\n\ttileloadd (%1,%2,1), %%tmm0" ::"r"(&config), "r"(mine),
		     "r"(64l)
		     : "memory");
}

bool kvm_use_tiles(void)
{
	if (!ask_own_tiles())
		return false;
	load_own_tiles();
	return true;
}

void kvm_own_tiles_load(void)
{
	enum { BEFORE_THE_FIRST_WORD = 8 };
	static unsigned int runs;

	if (!kvm.own_tiles)
		return;
	load_own_tiles();
	if (sabotaged("lose-own-tiles") && ++runs > BEFORE_THE_FIRST_WORD)
		asm volatile("tilezero %%tmm0" ::: "memory");
}

bool kvm_own_tiles_kept(struct text *why)
{
	if (!kvm.own_tiles)
		return true;
	memset(found, 0, sizeof(found));
	asm volatile("tilestored %%tmm0, (%0,%1,1)\n\ttilerelease" ::"r"(found), "r"(64l)
		     : "memory");
	if (!memcmp(mine, found, sizeof(mine)))
		return true;
	text_add(why, "KVM_RUN changed the tiles of the thread that called it");
	return false;
}
