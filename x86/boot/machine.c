// SPDX-License-Identifier: GPL-2.0-only
/* The machine's defined state, and what the CPU can do. */
#include "x86/boot/machine.h"
#include "lib/guest/run.h"

extern const struct idt_gate idt_pristine[256];
extern const u64 gdt_pristine[16];
extern const struct tss64 tss_pristine;

/* The first test after a boot needs no repair, only what firmware may have left. */
static bool booted;

void boot_main(void);
void boot_main(void)
{
	payload_main();
}

void load_gdt(const void *base, u16 limit)
{
	struct table_register r = { limit, (u64)base };

	asm volatile("lgdt %0" ::"m"(r) : "memory");
}

void load_idt(const void *base, u16 limit)
{
	struct table_register r = { limit, (u64)base };

	asm volatile("lidt %0" ::"m"(r) : "memory");
}

void set_gate(unsigned int vector, const void *code, enum gate_type type, unsigned int ist)
{
	u64 offset = (u64)code;

	idt[vector] = (struct idt_gate){
		.offset_low = (u16)offset,
		.selector = SELECTOR_CODE64,
		.ist = (u8)ist,
		.type = (u8)type,
		.offset_middle = (u16)(offset >> 16),
		.offset_high = (u32)(offset >> 32),
	};
}

void set_gate_default(unsigned int vector, enum gate_type type, unsigned int ist)
{
	set_gate(vector, trap_stubs + vector * STUB_BYTES, type, ist);
}

static void reload_segments(void)
{
	asm volatile("mov %0, %%ss; mov %0, %%ds; mov %0, %%es\n\t"
		     "pushq %1; pushq $1f; lretq; 1:" ::"r"(SELECTOR_DATA),
		     "i"(SELECTOR_CODE64)
		     : "memory");
}

static void restore_tables(void)
{
	memcpy(gdt, gdt_pristine, sizeof(gdt));
	memcpy(idt, idt_pristine, sizeof(idt));
	memcpy(&tss, &tss_pristine, sizeof(tss));
	load_gdt(gdt, sizeof(gdt) - 1);
	load_idt(idt, sizeof(idt) - 1);
	reload_segments();
	asm volatile("lldt %w0" ::"r"(0));
	asm volatile("ltr %w0" ::"r"(SELECTOR_TSS));
}

static u64 efer_default(void)
{
	return EFER_LME | EFER_LMA | (has_feature(NX) ? EFER_NXE : 0);
}

#define CR0_DEFAULT (CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG)
#define CR4_DEFAULT (CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT)

void control_registers_reset(void)
{
	write_cr4(CR4_DEFAULT);
	write_cr0(CR0_DEFAULT);
	wrmsr(MSR_EFER, efer_default());
}

void machine_reset(void)
{
	cli();
	if (booted) {
		/* PCIDE can only be cleared, and CR3 loaded, in this order (SDM vol. 3A, Process-Context Identifiers). */
		write_cr4(CR4_DEFAULT | (read_cr4() & CR4_LA57));
		write_cr3((u64)boot_pml4);
		write_cr0(CR0_DEFAULT);
		wrmsr(MSR_EFER, efer_default());
		memset(&boot_pml4[129], 0, 127 * sizeof(u64));
		write_cr3((u64)boot_pml4);
		write_dr7(DR7_FIXED);
		write_dr6(DR6_FIXED);
		restore_tables();
		write_rflags(RFLAGS_FIXED);
	} else {
		control_registers_reset();
	}
	trap_reset();
	cpus_stop();
	booted = true;
}

static bool has_bit(const struct cpu_feature_info *f)
{
	struct cpuid_result r = cpuid(f->leaf & 0x80000000, 0);

	/* Above the largest leaf CPUID returns something else's data (SDM vol. 2A, CPUID). */
	if (r.reg[CPUID_EAX] < f->leaf)
		return false;
	r = cpuid(f->leaf, f->subleaf);
	return r.reg[f->reg] >> f->bit & 1;
}

bool has_feature(u64 features)
{
	return machine_features(features) == features;
}

bool vendor_is_intel(void)
{
	return cpuid(0, 0).reg[CPUID_EBX] == 0x756e6547; /* "Genu" */
}

bool vendor_is_amd(void)
{
	u32 name = cpuid(0, 0).reg[CPUID_EBX];

	return name == 0x68747541 || name == 0x6f677948; /* "Auth", and "Hygo", whose core is AMD's */
}

void need_forced_emulation(void)
{
	if (!forced_emulation_offered())
		skip("the host offers no forced emulation: the prefix ud2, 'kvm' is #UD");
}

/* Documentation/virt/kvm/x86/cpuid.rst: "KVMKVMKVM". */
bool hypervisor_is_kvm(void)
{
	struct cpuid_result r = cpuid(0x40000000, 0);

	return r.reg[CPUID_EBX] == 0x4b4d564b && r.reg[CPUID_ECX] == 0x564b4d56 &&
	       r.reg[CPUID_EDX] == 0x4d;
}

u64 machine_features(u64 among)
{
	u64 features = 0;

	for (unsigned int i = 0; i < CPU_FEATURE_COUNT; i++)
		if (among & BIT(i) && has_bit(&cpu_feature_info[i]))
			features |= BIT(i);
	return features;
}

void machine_missing(struct text *t, u64 features)
{
	static const char *const reg_name[] = { "EAX", "EBX", "ECX", "EDX" };
	const struct cpu_feature_info *f = &cpu_feature_info[__builtin_ctzll(features)];

	text_add(t, "the CPU has no %s: CPUID.(EAX=%#x,ECX=%u):%s[%u] = 0", f->name, f->leaf,
		 f->subleaf, reg_name[f->reg], f->bit);
}

u64 machine_ticks(void)
{
	return rdtsc();
}

/* The ways of several machines; those that are absent ignore the write. */
_Noreturn void machine_power_off(void)
{
	static const char bochs[] = "Shutdown";

	outl(0xf4, 0); /* QEMU's isa-debug-exit */
	for (unsigned int i = 0; i + 1 < sizeof(bochs); i++)
		outb(0x8900, (u8)bochs[i]);
	outw(0x604, 0x2000); /* ACPI PM1a_CNT of QEMU's machines: SLP_EN, type 0 */
	for (;;)
		asm volatile("cli; hlt");
}
