// SPDX-License-Identifier: GPL-2.0-only
/*
 * General registers, flags, segment bases and control registers: the same after
 * the host captured the vCPU and loaded the capture into a fresh VM; and what
 * the host reads and writes is what the guest has.
 */
#include "x86/boot/x86.h"

/* SF ZF AF PF CF, DF, OF, AC, ID: what a guest may set freely and a sync must keep. */
static const u64 flag_patterns[] = {
	RFLAGS_CF | RFLAGS_AF | RFLAGS_SF,
	RFLAGS_PF | RFLAGS_ZF | RFLAGS_OF | RFLAGS_AC,
	RFLAGS_ID | RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF,
	0,
};

/*
 * The runtime's own sync() runs C code around the stop, so registers are given
 * at the doorbell of an action that the host performs while the guest spins:
 * WAIT_HALTED lets the guest go on to the HLT below with its registers loaded,
 * and the NMI brings it back.
 */
struct loaded {
	u64 reg[14]; /* rax rbx rcx rdx rsi rdi rbp r8 to r14 */
	u64 rflags;
};

static struct loaded wanted, got;

/* r15 holds the pointer, and is compared as such. */
static void halt_with_registers(struct loaded *r)
{
	asm volatile("push %%rbp; push %%rbx\n\t"
		     "mov %0, %%r15\n\t"
		     "pushq 112(%%r15)\n\t"
		     "mov (%%r15), %%rax; mov 8(%%r15), %%rbx; mov 16(%%r15), %%rcx\n\t"
		     "mov 24(%%r15), %%rdx; mov 32(%%r15), %%rsi; mov 40(%%r15), %%rdi\n\t"
		     "mov 48(%%r15), %%rbp; mov 56(%%r15), %%r8; mov 64(%%r15), %%r9\n\t"
		     "mov 72(%%r15), %%r10; mov 80(%%r15), %%r11; mov 88(%%r15), %%r12\n\t"
		     "mov 96(%%r15), %%r13; mov 104(%%r15), %%r14\n\t"
		     "popfq\n\t"
		     "hlt\n\t"
		     "pushfq\n\t"
		     "mov %%rax, (%%r15); mov %%rbx, 8(%%r15); mov %%rcx, 16(%%r15)\n\t"
		     "mov %%rdx, 24(%%r15); mov %%rsi, 32(%%r15); mov %%rdi, 40(%%r15)\n\t"
		     "mov %%rbp, 48(%%r15); mov %%r8, 56(%%r15); mov %%r9, 64(%%r15)\n\t"
		     "mov %%r10, 72(%%r15); mov %%r11, 80(%%r15); mov %%r12, 88(%%r15)\n\t"
		     "mov %%r13, 96(%%r15); mov %%r14, 104(%%r15)\n\t"
		     "popq 112(%%r15)\n\t"
		     "cld\n\t"
		     "pop %%rbx; pop %%rbp" ::"r"(r)
		     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
		       "r14", "r15", "memory", "cc");
}

static void ignore_nmi(struct trap_frame *frame)
{
	(void)frame;
}

TEST(general_registers_survive,
     "general registers and RFLAGS are the same after the host saved and moved a halted vCPU",
     LAW("SDM vol. 1, 3.4"), ACTIONS(WAIT_HALTED | SAVE | RESTORE | INJECT_NMI),
     CASES(ARRAY_SIZE(flag_patterns)))
{
	static const char *const name[] = { "RAX", "RBX", "RCX", "RDX", "RSI", "RDI", "RBP",
					    "R8",  "R9",  "R10", "R11", "R12", "R13", "R14" };
	u64 random = run_request()->seed;

	set_handler(VECTOR_NMI, ignore_nmi);
	for (unsigned int i = 0; i < ARRAY_SIZE(flag_patterns); i++)
		CASE("rflags=%#llx", (unsigned long long)flag_patterns[i]) {
			for (unsigned int n = 0; n < ARRAY_SIZE(name); n++)
				wanted.reg[n] = random_next(&random);
			wanted.rflags = flag_patterns[i] | RFLAGS_FIXED;
			got = wanted;
			sync(WAIT_HALTED | SAVE | RESTORE | INJECT_NMI);
			halt_with_registers(&got);
			for (unsigned int n = 0; n < ARRAY_SIZE(name); n++)
				if (wanted.reg[n] != got.reg[n])
					expect_number(EXPECTATION_(name[n]), wanted.reg[n],
						      got.reg[n]);
			EXPECT_FLAGS(rflags_names, wanted.rflags, got.rflags);
		}
}

TEST(host_reads_the_guests_registers,
     "a register that the host reads is the one that the guest has",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_REGS, KVM_GET_SREGS"),
     ACTIONS(GET_REGISTER), CASES(5))
{
	static const struct {
		const char *name;
		enum sync_register reg;
	} row[] = {
		{ "CR0", SYNC_REG_CR0 },   { "CR3", SYNC_REG_CR3 }, { "CR4", SYNC_REG_CR4 },
		{ "EFER", SYNC_REG_EFER }, { "CR2", SYNC_REG_CR2 },
	};

	write_cr2(0x123456789000);
	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++)
		CASE("register=%s", row[i].name) {
			const u64 own[] = { read_cr0(), read_cr3(), read_cr4(), rdmsr(MSR_EFER),
					    read_cr2() };

			EXPECT_EQ(own[i], sync_value(sync(GET_REGISTER, .get_register = { row[i].reg }),
						     GET_REGISTER));
		}
}

TEST(guest_sees_the_hosts_write, "a register that the host writes is what the guest reads",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_SREGS, KVM_SET_DEBUGREGS"),
     ACTIONS(SET_REGISTER), CASES(4))
{
	static const struct {
		const char *name;
		enum sync_register reg;
		u64 value;
	} row[] = {
		{ "CR2", SYNC_REG_CR2, 0xfedcba987000 },
		{ "CR8", SYNC_REG_CR8, 5 },
		{ "DR0", SYNC_REG_DR0, 0x1122334455 },
		{ "DR3", SYNC_REG_DR3, 0x5544332211 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++)
		CASE("register=%s", row[i].name) {
			u64 now[ARRAY_SIZE(row)];

			sync(SET_REGISTER, .set_register = { row[i].reg, row[i].value });
			now[0] = read_cr2();
			now[1] = read_cr8();
			now[2] = read_dr0();
			now[3] = read_dr3();
			EXPECT_EQ(row[i].value, now[i]);
		}
}
