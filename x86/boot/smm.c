// SPDX-License-Identifier: GPL-2.0-only
#include "x86/boot/smm.h"
#include "x86/boot/machine.h"

extern const u8 smm_entry_begin[], smm_entry_end[];
extern const struct smm_found smm_found;

_Static_assert(offsetof(struct smm_found, efer) == FOUND_EFER, "as smm-entry.S knows it");

struct smm smm;

void smm_open_at(u32 smbase)
{
	memcpy((void *)(u64)(smbase + SMM_ENTRY), smm_entry_begin,
	       (size_t)(smm_entry_end - smm_entry_begin));
}

void smm_open(void (*handler)(void))
{
	smm = (struct smm){ .handler = handler };
	smm_open_at(SMM_BASE);
}

void smm_main(void);
void smm_main(void)
{
	control_registers_reset();
	smm.entries++;
	smm.found = smm_found;
	if (smm.handler)
		smm.handler();
}

void smm_raise(void)
{
	sync(INJECT_SMI);
}

void smm_halt(void)
{
	sync(WAIT_HALTED | INJECT_SMI);
	asm volatile("hlt" ::: "memory");
}

void smm_need_save_area(void)
{
	if (!hypervisor_is_kvm() && !vendor_is_amd())
		skip("the layout of the state-save area is not known: neither KVM nor AMD");
	if (!has_feature(LONG_MODE))
		skip("the CPU has no long mode");
}
