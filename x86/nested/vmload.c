// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMLOAD and VMSAVE in L2 that L1 does not intercept: they move the part of the
 * state that VMRUN leaves alone between the processor and the VMCB in RAX, a
 * physical address of L1's.  And the same state stays as it is over a #VMEXIT.
 */
#include "x86/nested/svm.h"

/* FIELD(NAME, field, MSR, value): canonical, and no wider than SYSENTER's can be. */
#define FIELDS(FIELD)                                                                              \
	FIELD(FS.base, fs.base, MSR_FS_BASE, 0x00007123456789a0)                                   \
	FIELD(GS.base, gs.base, MSR_GS_BASE, 0xffff812345678910)                                   \
	FIELD(KERNEL_GS_BASE, kernel_gs_base, MSR_KERNEL_GS_BASE, 0xffff923456789120)              \
	FIELD(STAR, star, MSR_STAR, 0x0013000800112233)                                            \
	FIELD(LSTAR, lstar, MSR_LSTAR, 0xffffa34567891230)                                         \
	FIELD(CSTAR, cstar, MSR_CSTAR, 0xffffb45678912340)                                         \
	FIELD(SFMASK, sfmask, MSR_FMASK, 0x00000000000c7654)                                       \
	FIELD(SYSENTER_CS, sysenter_cs, MSR_SYSENTER_CS, 0x00000000000008b0)                       \
	FIELD(SYSENTER_ESP, sysenter_esp, MSR_SYSENTER_ESP, 0x0000000012345670)                    \
	FIELD(SYSENTER_EIP, sysenter_eip, MSR_SYSENTER_EIP, 0x0000000076543210)

static const struct {
	const char *name;
	size_t offset; /* in struct vmcb */
	u32 msr;
	u64 value;
} fields[] = {
#define FIELD(name, field, msr, value) { #name, offsetof(struct vmcb, save.field), msr, value },
	FIELDS(FIELD)
#undef FIELD
};
enum { COUNT = ARRAY_SIZE(fields) };

static struct vmcb page __attribute__((aligned(4096))), l1 __attribute__((aligned(4096)));
static u64 msr[COUNT];

static u64 *in_page(unsigned int field)
{
	return (u64 *)((u8 *)&page + fields[field].offset);
}

static void begin(void)
{
	l2_begin();
	/* Segments that can be loaded, and L1's own state to go back to. */
	vmsave(&l1);
	memset(&page, 0, sizeof(page));
	vmsave(&page);
	memset(msr, 0, sizeof(msr));
}

static void put_values(void)
{
	for (unsigned int i = 0; i < COUNT; i++)
		*in_page(i) = fields[i].value;
}

static void write_msrs(void)
{
	for (unsigned int i = 0; i < COUNT; i++)
		wrmsr(fields[i].msr, fields[i].value);
}

static void read_msrs(void)
{
	for (unsigned int i = 0; i < COUNT; i++)
		msr[i] = rdmsr(fields[i].msr);
}

/* --- in L2 --- */

static u64 load_and_read(u64 argument)
{
	vmload((struct vmcb *)argument);
	read_msrs();
	return 0;
}

static u64 write_and_save(u64 argument)
{
	write_msrs();
	vmsave((struct vmcb *)argument);
	return 0;
}

static u64 only_load(u64 argument)
{
	vmload((struct vmcb *)argument);
	return 0;
}

static u64 only_save(u64 argument)
{
	vmsave((struct vmcb *)argument);
	return 0;
}

static u64 only_read(u64 argument)
{
	(void)argument;
	read_msrs();
	return 0;
}

static u64 only_write(u64 argument)
{
	(void)argument;
	write_msrs();
	return 0;
}

static u64 load_and_save(u64 argument)
{
	struct vmcb *to = (struct vmcb *)argument;

	vmload(&page);
	vmsave(to);
	return 0;
}

/* --- */

/* Runs `function` in L2 between L1's `before` and `after`; values must arrive in msr[] or page. */
static const struct way {
	const char *name;
	void (*before)(void);
	u64 (*function)(u64 argument);
	void (*after)(void);
	bool saves;
} ways[] = {
	{ "vmload-in-L2,rdmsr-in-L2", put_values, load_and_read, NULL, false },
	{ "vmload-in-L2,rdmsr-in-L1", put_values, only_load, read_msrs, false },
	{ "wrmsr-in-L2,vmsave-in-L2", NULL, write_and_save, NULL, true },
	{ "wrmsr-in-L1,vmsave-in-L2", write_msrs, only_save, NULL, true },
	{ "wrmsr-in-L1,rdmsr-in-L2", write_msrs, only_read, NULL, false },
	{ "wrmsr-in-L2,rdmsr-in-L1", NULL, only_write, read_msrs, false },
};

static void run_way(const struct way *way)
{
	begin();
	if (way->before)
		way->before();
	l2_call(way->function, (u64)&page);
	if (way->after)
		way->after();
	vmload(&l1);
}

TEST(vmload_in_l2, "VMLOAD and VMSAVE in L2 move the state between the CPU and the VMCB in RAX",
     LAW("APM vol. 2, VMSAVE and VMLOAD Instructions; APM vol. 3, VMLOAD, VMSAVE"), NEEDS(SVM),
     FIXES(FIX("127ccae2c185", "KVM: nSVM: Always use vmcb01 in VMLOAD/VMSAVE emulation")),
     CASES(ARRAY_SIZE(ways) * COUNT))
{
	for (unsigned int w = 0; w < ARRAY_SIZE(ways); w++)
		for (unsigned int i = 0; i < COUNT; i++)
			CASE("way=%s,field=%s", ways[w].name, fields[i].name)
			{
				run_way(&ways[w]);
				if (!EXPECT_RETURN())
					continue;
				EXPECT_EQ(fields[i].value, ways[w].saves ? *in_page(i) : msr[i]);
			}
}

/* The hidden part of FS, GS, LDTR and TR: as it is in the page, whatever the GDT says. */
TEST(vmload_segments, "VMLOAD in L2 loads FS, GS, LDTR and TR whole, and VMSAVE stores them",
     LAW("APM vol. 2, VMSAVE and VMLOAD Instructions"), NEEDS(SVM), CASES(4))
{
	static const struct {
		const char *name;
		size_t offset;
		struct vmcb_segment value;
	} rows[] = {
		{ "FS", offsetof(struct vmcb, save.fs), { SELECTOR_DATA, 0xc93, 0xfff12fff, 0x123456000 } },
		{ "GS", offsetof(struct vmcb, save.gs), { SELECTOR_DATA, 0xc93, 0xffabcfff, 0x654321000 } },
		{ "LDTR", offsetof(struct vmcb, save.ldtr), { SELECTOR_SPARE, 0x82, 0x77, 0x987654000 } },
		{ "TR", offsetof(struct vmcb, save.tr), { SELECTOR_TSS, 0x8b, 0x1067, 0x456789000 } },
	};
	static struct vmcb copy __attribute__((aligned(4096)));

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		CASE("segment=%s", rows[i].name)
		{
			const struct vmcb_segment *got = (const void *)((u8 *)&copy + rows[i].offset);

			begin();
			memcpy((u8 *)&page + rows[i].offset, &rows[i].value, sizeof(*got));
			l2_call(load_and_save, (u64)&copy);
			vmload(&l1);
			if (!EXPECT_RETURN())
				continue;
			EXPECT_EQ(rows[i].value.selector, got->selector);
			EXPECT_EQ(rows[i].value.attrib, got->attrib);
			EXPECT_EQ(rows[i].value.limit, got->limit);
			EXPECT_EQ(rows[i].value.base, got->base);
		}
}

L2_CODE(load_rdi, "mov %rdi, %rax", "vmload %rax", "");
L2_CODE(save_rdi, "mov %rdi, %rax", "vmsave %rax", "");

static const struct {
	const char *name;
	const struct l2_code *code;
	unsigned int exit;
} instructions[] = {
	{ "VMLOAD", &load_rdi, SVM_EXIT_VMLOAD },
	{ "VMSAVE", &save_rdi, SVM_EXIT_VMSAVE },
};

TEST(vmload_intercepted, "an intercepted VMLOAD or VMSAVE in L2 exits and moves nothing",
     LAW("APM vol. 2, Instruction Intercepts"), NEEDS(SVM), CASES(2))
{
	for (unsigned int i = 0; i < 2; i++)
		CASE("instruction=%s", instructions[i].name)
		{
			begin();
			put_values();
			l2_intercept(instructions[i].exit);
			l2.regs.rdi = (u64)&page;
			l2_run_at(instructions[i].code->begin);
			EXPECT_EXIT_AT(instructions[i].exit, *instructions[i].code);
			EXPECT_EQ(fields[2].value, *in_page(2));
			EXPECT_EQ(l1.save.kernel_gs_base, rdmsr(MSR_KERNEL_GS_BASE));
			vmload(&l1);
		}
}

TEST(vmload_faults, "VMLOAD and VMSAVE in L2 of no page's address, or at CPL 3, are #GP(0)",
     LAW("APM vol. 3, VMLOAD, VMSAVE"), NEEDS(SVM), CASES(2 * 4))
{
	static const struct {
		const char *name;
		bool above;
		u64 offset;
		unsigned int cpl;
	} rows[] = {
		{ "address=unaligned", false, 0x800, 0 },
		{ "address=odd", false, 1, 0 },
		{ "address=above-memory", true, 0, 0 },
		{ "cpl=3", false, 0, 3 },
	};

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(rows); i++)
		CASE("instruction=%s,%s", instructions[i & 1].name, rows[i / 2].name)
		{
			begin();
			l2_set_cpl(rows[i / 2].cpl);
			l2.regs.rdi = rows[i / 2].offset +
				      (rows[i / 2].above ?
					       BIT(cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff) :
					       (u64)&page);
			l2_run_at(instructions[i & 1].code->begin);
			vmload(&l1);
			EXPECT_L2_EVENT(VECTOR_GP);
			EXPECT_EQ(0, l2.event.error_code);
			EXPECT_EQ(l2_address(instructions[i & 1].code->at) +
					  (rows[i / 2].cpl ? USER_ALIAS : 0), l2.event.rip);
		}
}
