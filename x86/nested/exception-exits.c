// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exception intercepts: an exception exits with its vector and error code before
 * it is delivered; an INT n of the same vector does not; without the intercept L2
 * takes it.
 */
#include "x86/nested/svm.h"

/* No paging structure maps it. */
#define UNMAPPED 0x411000000000ull
#define NON_CANONICAL 0x8000010000001000ull

L2_CODE(divide, "xor %ecx, %ecx", "div %ecx", "");
L2_CODE(step, "pushfq; orq $0x100, (%rsp); popfq", "nop", "");
L2_CODE(int3, "", "int3", "");
L2_CODE(undefined, "", "ud2", "");
L2_CODE(no_fpu, "", "fnop", "");
L2_CODE(load_es, "", "mov %edi, %es", "");
L2_CODE(load_ss, "", "mov %edi, %ss", "");
L2_CODE(read_rdi, "", "mov (%rdi), %rax", "");
L2_CODE(write_rdi, "", "mov %rax, (%rdi)", "");
L2_CODE(jump_rdi, "", "jmp *%rdi", "");
L2_CODE(push_rdi, "mov %rdi, %rax; xchg %rax, %rsp", "push %rdx", "");
L2_CODE(halt_at_3, "", "hlt", "");

enum { TRAP = BIT(0), OPEN_RIP = BIT(1), USER_MODE = BIT(2), AT_RDI = BIT(3), DELIVER_ON_IST = BIT(4) };

static const struct row {
	const char *name;
	unsigned int vector;
	const struct l2_code *code;
	u64 rdi;
	u32 error_code;
	unsigned int flags;
} rows[] = {
	{ "DE", VECTOR_DE, &divide, 0, 0, 0 },
	{ "DB", VECTOR_DB, &step, 0, 0, TRAP },
	/* The manual does not say whether RIP is of INT3 or behind it. */
	{ "BP", VECTOR_BP, &int3, 0, 0, OPEN_RIP },
	{ "UD", VECTOR_UD, &undefined, 0, 0, 0 },
	{ "NM", VECTOR_NM, &no_fpu, 0, 0, 0 },
	{ "NP", VECTOR_NP, &load_es, SELECTOR_SPARE, SELECTOR_SPARE, 0 },
	{ "SS,segment", VECTOR_SS, &load_ss, SELECTOR_SPARE, SELECTOR_SPARE, 0 },
	{ "SS,stack", VECTOR_SS, &push_rdi, NON_CANONICAL, 0, DELIVER_ON_IST },
	{ "GP,selector", VECTOR_GP, &load_es, 0x1238, 0x1238, 0 },
	{ "GP,address", VECTOR_GP, &read_rdi, NON_CANONICAL, 0, 0 },
	{ "GP,privilege", VECTOR_GP, &halt_at_3, 0, 0, USER_MODE },
	{ "PF,read", VECTOR_PF, &read_rdi, UNMAPPED + 0x123, 0, 0 },
	{ "PF,write", VECTOR_PF, &write_rdi, UNMAPPED + 0x456, PF_W, 0 },
	{ "PF,read-at-cpl3", VECTOR_PF, &read_rdi, UNMAPPED + 0x789, PF_U, USER_MODE },
	{ "PF,supervisor-page", VECTOR_PF, &write_rdi, TEST_MEMORY + 0xabc, PF_P | PF_W | PF_U,
	  USER_MODE },
	{ "PF,fetch", VECTOR_PF, &jump_rdi, UNMAPPED + 0xdef, PF_I, AT_RDI },
	{ "AC", VECTOR_AC, &read_rdi, USER_ALIAS + TEST_MEMORY + 1, 0, USER_MODE },
};
enum { ROWS = ARRAY_SIZE(rows) };
#define OLD_CR2 0x5550123ull

static void begin(const struct row *r)
{
	struct vmcb_save *s;

	l2_begin();
	s = &l2.vmcb->save;
	gdt[SELECTOR_SPARE / 8] = 0x00cf13000000ffff; /* data, not present */
	l2_set_cpl(r->flags & USER_MODE ? 3 : 0);
	s->cr2 = OLD_CR2;
	if (r->vector == VECTOR_NM)
		s->cr0 |= CR0_TS;
	if (r->vector == VECTOR_AC)
		s->rflags |= RFLAGS_AC;
	if (r->flags & DELIVER_ON_IST)
		l2_idt[VECTOR_SS].ist = l2_idt[VECTOR_GP].ist = l2_idt[VECTOR_DF].ist = 1;
	l2.regs.rdi = r->rdi;
}

static u32 error_code(const struct row *r)
{
	/* I/D only where the processor has it switched on (5.6). */
	return r->error_code & PF_I && r->vector == VECTOR_PF && !(rdmsr(MSR_EFER) & EFER_NXE) ?
		       r->error_code & ~(u32)PF_I : r->error_code;
}

static bool has_error(const struct row *r)
{
	return VECTORS_WITH_ERROR_CODE >> r->vector & 1;
}

static u64 rip(const struct row *r)
{
	if (r->flags & AT_RDI)
		return r->rdi;
	return (u64)(r->flags & TRAP ? r->code->next : r->code->at) +
	       (r->flags & USER_MODE ? USER_ALIAS : 0);
}

static void expect_details(const struct row *r)
{
	if (!(r->flags & OPEN_RIP))
		EXPECT_EQ(rip(r), l2.vmcb->save.rip);
	if (has_error(r))
		EXPECT_EQ(error_code(r), l2.vmcb->control.exitinfo1);
	if (r->vector == VECTOR_PF)
		EXPECT_EQ(r->rdi, l2.vmcb->control.exitinfo2);
	if (r->vector == VECTOR_DB)
		EXPECT_EQ(DR6_BS, l2.vmcb->save.dr6 & DR6_BS);
	EXPECT_EQ(OLD_CR2, l2.vmcb->save.cr2);
	EXPECT_EQ(0, l2.vmcb->control.exitintinfo & EVENT_VALID);
}

TEST(exception_exits, "an intercepted exception exits with vector, error code and address, undelivered",
     LAW("APM vol. 2, Exception Intercepts"), NEEDS(SVM), CASES(ROWS))
{
	for (unsigned int i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		CASE("exception=%s", r->name)
		{
			begin(r);
			l2_intercept(SVM_EXIT_EXCEPTION + r->vector);
			l2_run_at(r->code->begin);
			if (EXPECT_EXIT(SVM_EXIT_EXCEPTION + r->vector))
				expect_details(r);
		}
	}
}

TEST(exception_stays, "an exception that is not intercepted is L2's, while all others are intercepted",
     LAW("APM vol. 2, Exception Intercepts"), NEEDS(SVM), CASES(ROWS))
{
	for (unsigned int i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		CASE("exception=%s", r->name)
		{
			begin(r);
			l2.vmcb->control.intercept[2] = ~(1u << r->vector);
			l2_run_at(r->code->begin);
			if (!EXPECT_L2_EVENT(r->vector))
				continue;
			EXPECT_EQ(r->vector == VECTOR_BP ? (u64)r->code->next : rip(r),
				  l2.event.rip);
			EXPECT_EQ(has_error(r) ? error_code(r) : 0, l2.event.error_code);
			EXPECT_EQ(r->vector == VECTOR_PF ? r->rdi : OLD_CR2, l2.vmcb->save.cr2);
		}
	}
}

#define INT(n) L2_CODE(int_##n, "", "int $" #n, "");
INT(0) INT(1) INT(6) INT(13) INT(14)
L2_CODE(int_3_long, "", ".byte 0xcd, 3", "");

TEST(int_n_is_no_exception, "INT n of an exception's vector is delivered, whatever exceptions exit",
     LAW("APM vol. 2, Exception Intercepts; Instruction Intercepts"), NEEDS(SVM), CASES(6))
{
	static const struct {
		unsigned int vector;
		const struct l2_code *code;
	} software[] = { { 0, &int_0 }, { 1, &int_1 }, { 3, &int_3_long },
			 { 6, &int_6 }, { 13, &int_13 }, { 14, &int_14 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(software); i++)
		CASE("vector=%u", software[i].vector)
		{
			bool error = VECTORS_WITH_ERROR_CODE >> software[i].vector & 1;

			l2_begin();
			l2.vmcb->control.intercept[2] = ~0u;
			l2_run_at(software[i].code->begin);
			EXPECT_L2_EVENT(software[i].vector);
			/* INT n pushes none: what the gate takes for one is RIP. */
			EXPECT_EQ((u64)software[i].code->next,
				  error ? l2.event.error_code : l2.event.rip);
		}
}
