// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults of delivery itself: in the IDT, the GDT, the TSS and the stack, at
 * each byte where an entry crosses into a page that is not there.  The access is
 * the CPU's own: supervisor-mode whatever the CPL (SDM vol. 3A, 4.6.1, 4.7;
 * 6.12.1; vol. 2A, INT n).  The first event is a #UD; RSP, RIP and flags of the
 * frame are still those of its instruction.
 */
#include "x86/event/stage.h"

SNIPPET(undefined, "", "ud2", "");
SNIPPET(undefined_on_stack, "mov %rdi, %rsp", "ud2", "");

/* The page behind the one where a structure begins. */
#define SECOND 3

static void begin(void)
{
	stage_open();
	window_open();
}

static void run(unsigned int cpl)
{
	stage_run(&undefined, cpl, STAGE_RFLAGS | RFLAGS_IF, 0);
	EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_UD);
}

/*
 * The gate of #UD begins `bytes` before a page boundary.  The first page goes
 * away, with gates 0 to 5, and that of #PF lies in the second.
 */
static void idt_fault(unsigned int cpl)
{
	begin();
	for (unsigned int bytes = 1; bytes <= 16; bytes++)
		CASE("bytes-absent=%u", bytes)
		{
			window_set(SECOND - 1, WINDOW_WRITE);
			window_idt(window_page(SECOND) - 16 * VECTOR_UD - bytes, 0xfff);
			window_set(SECOND - 1, WINDOW_NONE);
			run(cpl);
		}
	load_idt(idt, 0xfff);
}

TEST(idt_fault_at_cpl0, "a page fault on the IDT comes before the event, at each byte, CPL 0",
     LAW("SDM vol. 3A, 4.6.1, 6.12.1"), CASES(16))
{
	idt_fault(0);
}

TEST(idt_fault_at_cpl3, "a page fault on the IDT comes before the event, at each byte, CPL 3",
     LAW("SDM vol. 3A, 4.6.1, 6.12.1"), CASES(16))
{
	idt_fault(3);
}

/* The gate's own code segment is the last descriptor, in the page that goes away. */
static void gdt_fault(unsigned int cpl)
{
	begin();
	gdt[SELECTOR_SPARE / 8] = gdt[SELECTOR_CODE64 / 8];
	idt[VECTOR_UD].selector = SELECTOR_SPARE;
	for (unsigned int bytes = 0; bytes < 8; bytes++)
		CASE("bytes-present=%u", bytes)
		{
			window_set(SECOND, WINDOW_WRITE);
			window_gdt(window_page(SECOND) - SELECTOR_SPARE - bytes,
				   SELECTOR_SPARE + 7);
			window_set(SECOND, WINDOW_NONE);
			run(cpl);
		}
	load_gdt(gdt, SELECTOR_LIMIT);
}

TEST(gdt_fault_at_cpl0, "a page fault on the GDT comes before the event, at each byte, CPL 0",
     LAW("SDM vol. 3A, 4.6.1, 6.12.1"), CASES(8))
{
	gdt_fault(0);
}

TEST(gdt_fault_at_cpl3, "a page fault on the GDT comes before the event, at each byte, CPL 3",
     LAW("SDM vol. 3A, 4.6.1, 6.12.1"), CASES(8))
{
	gdt_fault(3);
}

/* IST5 lies across the boundary; RSP0, which the #PF from CPL 3 needs, before it. */
static void ist_fault(unsigned int cpl)
{
	begin();
	set_gate_default(VECTOR_UD, GATE_INTERRUPT, 5);
	for (unsigned int bytes = 0; bytes < 8; bytes++)
		CASE("bytes-present=%u", bytes)
		{
			window_set(SECOND, WINDOW_WRITE);
			window_tss(window_page(SECOND) - (28 + 8 * 5) - bytes, 103);
			window_set(SECOND, WINDOW_NONE);
			run(cpl);
		}
}

TEST(ist_fault_at_cpl0, "a page fault on IST in the TSS comes before the event, each byte, CPL 0",
     LAW("SDM vol. 3A, 4.6.1, 6.14.5"), CASES(8))
{
	ist_fault(0);
}

TEST(ist_fault_at_cpl3, "a page fault on IST in the TSS comes before the event, each byte, CPL 3",
     LAW("SDM vol. 3A, 4.6.1, 6.14.5"), CASES(8))
{
	ist_fault(3);
}

TEST(rsp0_fault, "a page fault on RSP0 in the TSS comes before the event, at each byte",
     LAW("SDM vol. 3A, 4.6.1, 6.14.4"), CASES(8))
{
	begin();
	/* Behind RSP0, in the page that stays. */
	set_gate_default(VECTOR_PF, GATE_INTERRUPT, 5);
	for (unsigned int bytes = 1; bytes <= 8; bytes++)
		CASE("bytes-absent=%u", bytes)
		{
			window_set(SECOND - 1, WINDOW_WRITE);
			window_tss(window_page(SECOND) - 4 - bytes, 103);
			window_set(SECOND - 1, WINDOW_NONE);
			run(3);
		}
}

static void run_on_stack(u64 stack, unsigned int cpl)
{
	stage_run(&undefined_on_stack, cpl, STAGE_RFLAGS | RFLAGS_IF, stack);
	stage.cpu.rsp = stack;
	EXPECT_EVENT(.kind = EVENT_FAULT, .vector = VECTOR_UD);
}

static void run_with_ist(u64 stack, unsigned int cpl)
{
	tss.ist[4] = stack;
	run(cpl);
}

static void run_with_rsp0(u64 stack, unsigned int cpl)
{
	tss.rsp[0] = stack;
	run(cpl);
}

/* Where the words of a frame lie: `above` of its bytes in the second page. */
static void stack_pages(void (*run_with)(u64 stack, unsigned int cpl), unsigned int cpl)
{
	static const struct {
		const char *name;
		unsigned int page;
		enum window_access access;
	} rows[] = {
		{ "page=low,access=none", SECOND - 1, WINDOW_NONE },
		{ "page=low,access=read-only", SECOND - 1, WINDOW_READ },
		{ "page=high,access=none", SECOND, WINDOW_NONE },
		{ "page=high,access=read-only", SECOND, WINDOW_READ },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		for (unsigned int above = 0; above <= 48; above += 16) {
			/* A page with no word of the frame. */
			if (above == (rows[i].page == SECOND ? 0 : 48))
				continue;
			CASE("%s,above=%u", rows[i].name, above)
			{
				window_set(rows[i].page, rows[i].access);
				run_with((u64)window_page(SECOND) + above, cpl);
				window_set(rows[i].page, WINDOW_WRITE);
			}
		}
}
enum { STACK_CASES = 12 };

TEST(stack_fault_at_cpl0, "a page fault on the interrupted stack comes before the event",
     LAW("SDM vol. 3A, 4.7, 6.12.1"), CASES(STACK_CASES))
{
	begin();
	set_gate_default(VECTOR_PF, GATE_INTERRUPT, 6);
	stack_pages(run_on_stack, 0);
}

TEST(ist_stack_fault_at_cpl0, "a page fault on the stack of IST comes before the event, CPL 0",
     LAW("SDM vol. 3A, 4.7, 6.14.5"), CASES(STACK_CASES))
{
	begin();
	set_gate_default(VECTOR_UD, GATE_INTERRUPT, 5);
	stack_pages(run_with_ist, 0);
}

TEST(ist_stack_fault_at_cpl3, "a page fault on the stack of IST comes before the event, CPL 3",
     LAW("SDM vol. 3A, 4.7, 6.14.5"), CASES(STACK_CASES))
{
	begin();
	set_gate_default(VECTOR_UD, GATE_INTERRUPT, 5);
	stack_pages(run_with_ist, 3);
}

TEST(rsp0_stack_fault, "a page fault on the stack of RSP0 comes before the event",
     LAW("SDM vol. 3A, 4.7, 6.14.4"), CASES(STACK_CASES))
{
	begin();
	set_gate_default(VECTOR_PF, GATE_INTERRUPT, 6);
	stack_pages(run_with_rsp0, 3);
}
