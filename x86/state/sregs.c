// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_SET_SREGS: a state that no processor with this CPUID can be in is refused and changes
 * nothing; every other is taken and reads back (SDM vol. 3A, Control Registers, IA-32e
 * Mode, Local APIC Status and Location; APM vol. 2, Extended Feature Enable Register; KVM
 * api.rst).
 */
#include "x86/boot/host.h"

#define SREGS_LAW "Documentation/virt/kvm/api.rst, KVM_SET_SREGS; "

enum { CR0_LEGAL = CR0_PE | CR0_ET | CR0_PG };
enum { APIC_BASE_BSP = BIT(8), APIC_BASE_X2 = BIT(10), APIC_BASE_ON = BIT(11) };
/* The vCPU is number 0, and so the bootstrap processor. */
#define XAPIC (APIC_BASE_ADDRESS | APIC_BASE_ON | APIC_BASE_BSP)
#define LONG_MODE_ON (EFER_LME | EFER_LMA)
#define EFER_FFXSR BIT(14)

/* Of the vCPU of a scratch VM: after its reset, as it was last found, and what is given to it. */
static struct host_sregs reset, now, set;
static u64 has_less; /* features that its CPUID has not */

static void get_sregs(struct host_sregs *to)
{
	ASSERT_(EXPECT_ANSWER(0, HOST(HOST_GET_STATE, SCRATCH_CPU, (u64)to, HOST_STATE_SREGS)));
}

static u64 set_sregs(const struct host_sregs *from)
{
	return HOST(HOST_SET_STATE, SCRATCH_CPU, (u64)from, HOST_STATE_SREGS);
}

/* The guest's CPUID less these features. */
static void give_cpuid(u64 less)
{
	u64 xcr0 = cpuid(0xd, 0).reg[CPUID_EAX];

	ASSERT_(EXPECT_ANSWER(0, HOST(HOST_SET_CPUID, SCRATCH_CPU, xcr0, 0, less)));
	has_less = less;
}

static void fresh_cpu(void)
{
	ASSERT_(EXPECT_ANSWER(0, HOST(SCRATCH_VM, 0, 0x100000)));
	ASSERT_(EXPECT_ANSWER(0, HOST(SCRATCH_VCPU, 0)));
	give_cpuid(0);
	get_sregs(&reset);
	now = reset;
}

/* Another CPUID, to a vCPU that uses nothing of it. */
static void change_cpuid(u64 less)
{
	if (less == has_less)
		return;
	ASSERT_(EXPECT_ANSWER(0, set_sregs(&reset)));
	give_cpuid(less);
	now = reset;
}

/* --- what the tables vary, from 64-bit mode on --- */

struct state {
	const char *name;
	u64 cr0, cr3, cr4, efer, apic_base;
	bool l, db; /* of CS */
	bool refused;
	u64 less; /* features that the vCPU's CPUID has not */
	u64 needs; /* and those that the host must have */
};

#define IN_64BIT                                                                                   \
	.cr0 = CR0_LEGAL, .cr3 = 0x1000, .cr4 = CR4_PAE, .efer = LONG_MODE_ON, .apic_base = XAPIC, \
	.l = true
#define IN_COMPATIBILITY                                                                           \
	.cr0 = CR0_LEGAL, .cr3 = 0x1000, .cr4 = CR4_PAE, .efer = LONG_MODE_ON, .apic_base = XAPIC, \
	.db = true
#define IN_PAE .cr0 = CR0_LEGAL, .cr3 = 0x1000, .cr4 = CR4_PAE, .apic_base = XAPIC, .db = true
#define IN_32BIT .cr0 = CR0_LEGAL, .cr3 = 0x1000, .apic_base = XAPIC, .db = true
#define UNPAGED .cr0 = CR0_ET | CR0_PE, .cr4 = CR4_PAE, .apic_base = XAPIC, .db = true

static void make_sregs(struct host_sregs *s, const struct state *state)
{
	const struct host_segment data = {
		.limit = ~0u,
		.selector = 16,
		.type = 3,
		.present = 1,
		.s = 1,
		.db = 1,
		.g = 1,
	};

	s->cs = (struct host_segment){
		.limit = ~0u,
		.selector = 8,
		.type = 11,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = state->l,
		.db = state->db,
	};
	s->ds = s->es = s->fs = s->gs = s->ss = data;
	s->cr0 = state->cr0;
	s->cr3 = state->cr3;
	s->cr4 = state->cr4;
	s->efer = state->efer;
	s->apic_base = state->apic_base;
}

static void expect_same(const struct host_sregs *wanted, const struct host_sregs *got)
{
	EXPECT_EQ(wanted->cr0, got->cr0);
	EXPECT_EQ(wanted->cr3, got->cr3);
	EXPECT_EQ(wanted->cr4, got->cr4);
	EXPECT_EQ(wanted->efer, got->efer);
	EXPECT_EQ(wanted->apic_base, got->apic_base);
	EXPECT_EQ(wanted->cs.selector, got->cs.selector);
	EXPECT_EQ(wanted->cs.l, got->cs.l);
	EXPECT_EQ(wanted->cs.db, got->cs.db);
}

static void try_state(const struct state *state)
{
	if (!has_feature(state->needs)) {
		char fact[128];
		struct text t = text_into(fact, sizeof(fact));

		machine_missing(&t, state->needs & ~machine_features(state->needs));
		cases_not_covered(1, "%s", fact);
		return;
	}
	CASE ("state=%s", state->name) {
		struct host_sregs before;

		change_cpuid(state->less);
		before = now;
		set = now;
		make_sregs(&set, state);
		if (EXPECT_ANSWER(state->refused ? REFUSED(HOST_EINVAL) : 0, set_sregs(&set))) {
			get_sregs(&now);
			expect_same(state->refused ? &before : &set, &now);
		} else {
			fresh_cpu();
		}
	}
}

static const struct state modes[] = {
	{ "64-bit", IN_64BIT },
	{ "compatibility", IN_COMPATIBILITY },
	{ "pae", IN_PAE },
	{ "32-bit", IN_32BIT },
	{ "no-paging", UNPAGED },
	{ "real", .cr0 = CR0_ET, .apic_base = XAPIC },
	{ "LME-before-paging", UNPAGED, .efer = EFER_LME },
	{ "LME-without-PAE-before-paging", .cr0 = CR0_ET | CR0_PE, .apic_base = XAPIC, .db = true,
	  .efer = EFER_LME },
	{ "LMA-before-paging", UNPAGED, .efer = LONG_MODE_ON, .refused = true },
	{ "LMA-before-paging-64-bit", .cr0 = CR0_ET | CR0_PE, .cr4 = CR4_PAE, .apic_base = XAPIC,
	  .efer = LONG_MODE_ON, .l = true, .refused = true },
	{ "LMA-without-LME", IN_PAE, .efer = EFER_LMA, .refused = true },
	{ "LMA-without-LME-32-bit", IN_32BIT, .efer = EFER_LMA, .refused = true },
	{ "LMA-without-LME-no-paging", UNPAGED, .efer = EFER_LMA, .refused = true },
	{ "LME-without-LMA", IN_PAE, .efer = EFER_LME, .refused = true },
	{ "long-mode-without-PAE", IN_32BIT, .efer = LONG_MODE_ON, .refused = true },
	{ "CS.L-without-long-mode", .cr0 = CR0_LEGAL, .cr3 = 0x1000, .cr4 = CR4_PAE,
	  .apic_base = XAPIC, .l = true, .refused = true },
	{ "CS.L-without-paging", .cr0 = CR0_ET | CR0_PE, .cr4 = CR4_PAE, .apic_base = XAPIC,
	  .efer = EFER_LME, .l = true, .refused = true },
};

TEST(sregs_modes, "KVM_SET_SREGS takes every operating mode and refuses what is none",
     LAW(SREGS_LAW "SDM vol. 3A, Initializing IA-32e Mode"), ACTIONS(HOST_CALL),
     CASES(ARRAY_SIZE(modes)))
{
	fresh_cpu();
	for (unsigned int i = 0; i < ARRAY_SIZE(modes); i++)
		try_state(&modes[i]);
}

/* Without a bit of CPUID, and with it, which a 32-bit VMM's guest may well have. */
static const struct state efers[] = {
	{ "LM=0,64-bit", IN_64BIT, .refused = true, .less = LONG_MODE },
	{ "LM=0,compatibility", IN_COMPATIBILITY, .refused = true, .less = LONG_MODE },
	{ "LM=0,LME-before-paging", UNPAGED, .efer = EFER_LME, .refused = true, .less = LONG_MODE },
	{ "LM=0,pae", IN_PAE, .less = LONG_MODE },
	{ "LM=0,32-bit", IN_32BIT, .less = LONG_MODE },
	{ "LM=0,no-paging", UNPAGED, .less = LONG_MODE },
	{ "NX=1,NXE", UNPAGED, .efer = EFER_NXE, .needs = NX },
	{ "NX=0,NXE", UNPAGED, .efer = EFER_NXE, .refused = true, .less = NX },
	{ "NX=0,64-bit", IN_64BIT, .less = NX },
	{ "SVM=1,SVME", UNPAGED, .efer = EFER_SVME, .needs = SVM },
	{ "SVM=0,SVME", UNPAGED, .efer = EFER_SVME, .refused = true, .less = SVM },
	{ "FXSR_OPT=1,FFXSR", UNPAGED, .efer = EFER_FFXSR, .needs = FXSR_OPT },
	{ "FXSR_OPT=0,FFXSR", UNPAGED, .efer = EFER_FFXSR, .refused = true, .less = FXSR_OPT },
	{ "SCE", UNPAGED, .efer = EFER_SCE },
	{ "bit-1", UNPAGED, .efer = BIT(1), .refused = true },
	{ "bit-7", UNPAGED, .efer = BIT(7), .refused = true },
	{ "bit-9", UNPAGED, .efer = BIT(9), .refused = true },
	{ "bit-16", UNPAGED, .efer = BIT(16), .refused = true },
	{ "bit-31", UNPAGED, .efer = BIT(31), .refused = true },
	{ "bit-32", UNPAGED, .efer = BIT(32), .refused = true },
	{ "bit-63", UNPAGED, .efer = BIT(63), .refused = true },
};

TEST(sregs_efer, "KVM_SET_SREGS refuses in EFER what the CPUID has not and what is reserved",
     LAW(SREGS_LAW "APM vol. 2, Extended Feature Enable Register (EFER)"), ACTIONS(HOST_CALL),
     CASES(ARRAY_SIZE(efers)))
{
	fresh_cpu();
	for (unsigned int i = 0; i < ARRAY_SIZE(efers); i++)
		try_state(&efers[i]);
}

/* --- one bit of a register beside those of 64-bit mode --- */

static const struct bit {
	const char *name;
	enum { SREGS_CR0, SREGS_CR3, SREGS_CR4, SREGS_APIC_BASE } reg;
	u64 flip;
	bool refused;
	u64 less, needs;
} bits[] = {
	{ "CR0.WP", SREGS_CR0, CR0_WP, false, 0, 0 },
	{ "CR0.TS", SREGS_CR0, CR0_TS, false, 0, 0 },
	{ "CR0.CD", SREGS_CR0, CR0_CD, false, 0, 0 },
	{ "CR0.CD,NW", SREGS_CR0, CR0_CD | CR0_NW, false, 0, 0 },
	{ "CR0.NW", SREGS_CR0, CR0_NW, true, 0, 0 },
	{ "CR0.PE=0", SREGS_CR0, CR0_PE, true, 0, 0 },
	{ "CR0[32]", SREGS_CR0, BIT(32), true, 0, 0 },
	{ "CR0[63]", SREGS_CR0, BIT(63), true, 0, 0 },
	{ "CR3.PWT,PCD", SREGS_CR3, PTE_PWT | PTE_PCD, false, 0, 0 },
	{ "CR3[31:12]", SREGS_CR3, 0xffffe000, false, 0, 0 },
	{ "CR3[52]", SREGS_CR3, BIT(52), true, 0, 0 },
	{ "CR3[60]", SREGS_CR3, BIT(60), true, 0, 0 },
	{ "CR3[63]", SREGS_CR3, BIT(63), true, 0, 0 },
	{ "CR4.PGE", SREGS_CR4, CR4_PGE, false, 0, PGE },
	{ "CR4.OSFXSR", SREGS_CR4, CR4_OSFXSR, false, 0, SSE2 },
	{ "SMEP=1,CR4.SMEP", SREGS_CR4, CR4_SMEP, false, 0, SMEP },
	{ "SMEP=0,CR4.SMEP", SREGS_CR4, CR4_SMEP, true, SMEP, 0 },
	{ "SMAP=1,CR4.SMAP", SREGS_CR4, CR4_SMAP, false, 0, SMAP },
	{ "SMAP=0,CR4.SMAP", SREGS_CR4, CR4_SMAP, true, SMAP, 0 },
	{ "UMIP=1,CR4.UMIP", SREGS_CR4, CR4_UMIP, false, 0, UMIP },
	{ "UMIP=0,CR4.UMIP", SREGS_CR4, CR4_UMIP, true, UMIP, 0 },
	{ "FSGSBASE=1,CR4.FSGSBASE", SREGS_CR4, CR4_FSGSBASE, false, 0, FSGSBASE },
	{ "FSGSBASE=0,CR4.FSGSBASE", SREGS_CR4, CR4_FSGSBASE, true, FSGSBASE, 0 },
	{ "XSAVE=1,CR4.OSXSAVE", SREGS_CR4, CR4_OSXSAVE, false, 0, XSAVE },
	{ "XSAVE=0,CR4.OSXSAVE", SREGS_CR4, CR4_OSXSAVE, true, XSAVE, 0 },
	{ "PKU=1,CR4.PKE", SREGS_CR4, CR4_PKE, false, 0, PKU },
	{ "PKU=0,CR4.PKE", SREGS_CR4, CR4_PKE, true, PKU, 0 },
	{ "PCID=1,CR4.PCIDE", SREGS_CR4, CR4_PCIDE, false, 0, PCID },
	{ "PCID=0,CR4.PCIDE", SREGS_CR4, CR4_PCIDE, true, PCID, 0 },
	{ "LA57=1,CR4.LA57", SREGS_CR4, CR4_LA57, false, 0, LA57 },
	{ "LA57=0,CR4.LA57", SREGS_CR4, CR4_LA57, true, LA57, 0 },
	{ "CR4[15]", SREGS_CR4, BIT(15), true, 0, 0 },
	{ "CR4[31]", SREGS_CR4, BIT(31), true, 0, 0 },
	{ "CR4[32]", SREGS_CR4, BIT(32), true, 0, 0 },
	{ "CR4[63]", SREGS_CR4, BIT(63), true, 0, 0 },
	{ "APIC_BASE.EN=0", SREGS_APIC_BASE, APIC_BASE_ON, false, 0, 0 },
	{ "APIC_BASE[12]", SREGS_APIC_BASE, BIT(12), false, 0, 0 },
	{ "X2APIC=1,APIC_BASE.EXTD", SREGS_APIC_BASE, APIC_BASE_X2, false, 0, X2APIC },
	{ "X2APIC=0,APIC_BASE.EXTD", SREGS_APIC_BASE, APIC_BASE_X2, true, X2APIC, 0 },
	{ "APIC_BASE.EXTD,EN=0", SREGS_APIC_BASE, APIC_BASE_X2 | APIC_BASE_ON, true, 0, 0 },
	{ "APIC_BASE[0]", SREGS_APIC_BASE, BIT(0), true, 0, 0 },
	{ "APIC_BASE[7]", SREGS_APIC_BASE, BIT(7), true, 0, 0 },
	{ "APIC_BASE[9]", SREGS_APIC_BASE, BIT(9), true, 0, 0 },
	{ "APIC_BASE[52]", SREGS_APIC_BASE, BIT(52), true, 0, 0 },
	{ "APIC_BASE[63]", SREGS_APIC_BASE, BIT(63), true, 0, 0 },
};

TEST(sregs_bits, "KVM_SET_SREGS refuses reserved bits of CR0, CR3, CR4 and the APIC's base",
     LAW(SREGS_LAW "SDM vol. 3A, Control Registers, Local APIC Status and Location"),
     ACTIONS(HOST_CALL), CASES(ARRAY_SIZE(bits)))
{
	fresh_cpu();
	for (unsigned int i = 0; i < ARRAY_SIZE(bits); i++) {
		struct state state = { .name = bits[i].name,
				       IN_64BIT,
				       .refused = bits[i].refused,
				       .less = bits[i].less,
				       .needs = bits[i].needs };
		u64 *reg[] = { &state.cr0, &state.cr3, &state.cr4, &state.apic_base };

		*reg[bits[i].reg] ^= bits[i].flip;
		try_state(&state);
	}
}

/* The first address that the processor has not, in 64-bit mode. */
TEST(sregs_address_width, "KVM_SET_SREGS takes CR3 and the APIC's base up to MAXPHYADDR",
     LAW(SREGS_LAW "SDM vol. 2A, CPUID, leaf 80000008H"), ACTIONS(HOST_CALL), CASES(4))
{
	unsigned int width = cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff;

	fresh_cpu();
	for (unsigned int i = 0; i < 4; i++) {
		char name[32];
		struct text t = text_into(name, sizeof(name));
		struct state state = { .name = name, IN_64BIT, .refused = i & 1 };

		text_add(&t, "%s[MAXPHYADDR%s]", i & 2 ? "APIC_BASE" : "CR3", i & 1 ? "" : "-1");
		*(i & 2 ? &state.apic_base : &state.cr3) |= BIT(width - !(i & 1));
		try_state(&state);
	}
}
