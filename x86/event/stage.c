// SPDX-License-Identifier: GPL-2.0-only
/* Runs snippets and records the events that come; see x86/event/stage.h. */
#include "x86/event/stage.h"

struct stage stage;

extern const u8 bare_stubs[256][16];
extern char stage_leave[];
extern const struct tss64 tss_pristine;
void stage_enter(const u64 frame[5], u64 argument);

/* More events than any snippet has: one comes again and again. */
enum { RUNAWAY = 4 * SEEN_MAX, TAKEN_MAX = 1000 };

static u8 stack[0x4000] __attribute__((aligned(4096)));

/* Which vectors lead to bare_stubs. */
static bool bare[256];
/* 0 when no snippet runs: events then come to the test's own code. */
static u64 end_address;

static void leave(struct trap_frame *f)
{
	f->rip = (u64)stage_leave;
	f->cs = SELECTOR_CODE64;
	f->rflags = RFLAGS_FIXED;
	f->rsp = (u64)(stack + sizeof(stack)); /* stage_leave loads its own */
	f->ss = SELECTOR_DATA;
}

static u64 read_selector_ss(void)
{
	u64 value;

	asm volatile("xor %k0, %k0; mov %%ss, %w0" : "=r"(value));
	return value;
}

static u64 read_selector_cs(void)
{
	u64 value;

	asm volatile("xor %k0, %k0; mov %%cs, %w0" : "=r"(value));
	return value;
}

static void record(const struct trap_frame *f)
{
	bool error_code = !bare[f->vector] && f->vector < 32 &&
			  VECTORS_WITH_ERROR_CODE >> f->vector & 1;
	struct seen *s = &stage.seen[stage.count];

	if (stage.count++ >= SEEN_MAX)
		return;
	s->vector = f->vector;
	s->entry = error_code ? (u64)&f->error_code : (u64)&f->rip;
	memcpy(s->word, (const void *)s->entry, sizeof(s->word));
	s->rflags = read_rflags();
	s->cs = read_selector_cs();
	s->ss = read_selector_ss();
	s->cr2 = read_cr2();
	if (f->vector == VECTOR_DB)
		s->dr6 = read_dr6();
}

/* A fault in the test's own code, or an injected one that nobody awaits. */
static void unexpected(const struct trap_frame *f)
{
	const struct expectation e = { __FILE__, __LINE__, "events outside of the stage" };

	expect_failed(&e, "none", vector_name(f->vector));
	test_abandon();
}

/* Without the error code that its vector has, or with one too many, a frame leads nowhere. */
static bool readable(const struct trap_frame *f)
{
	u16 cs = (u16)f->cs;

	return cs == SELECTOR_CODE64 || cs == SELECTOR_USER_CODE64;
}

static void unreadable(const struct trap_frame *f)
{
	const struct expectation e = { __FILE__, __LINE__, "frame.cs" };

	expect_number(&e, SELECTOR_CODE64, f->cs);
	test_abandon();
}

static void on_event(struct trap_frame *f)
{
	/* The snippet ran to its end. */
	if (f->vector == VECTOR_UD && f->rip == end_address) {
		leave(f);
		return;
	}
	record(f);
	if (!readable(f)) {
		if (!end_address)
			unreadable(f);
		leave(f);
		return;
	}
	if (stage.in_handler)
		stage.in_handler(f);
	if (!stage.returns[f->vector] || (end_address && stage.count > RUNAWAY)) {
		if (!end_address)
			unexpected(f);
		leave(f);
		return;
	}
	if (stage.eoi && f->vector != VECTOR_NMI)
		apic_eoi();
}

/* As the model reads tables: those are ordinary memory to us. */
static u64 read_memory(void *context, u64 address)
{
	(void)context;
	return ((const struct __attribute__((packed)) { u64 word; } *)address)->word;
}

static void touch(const void *address)
{
	volatile u64 *word = (u64 *)address;

	*word = *word;
}

/*
 * A host gives memory at its first use, and a delivery is the first use of stacks
 * and tables: that one alone would be interrupted by the host and made again,
 * whichever case it is in.  After a move to a fresh VM all are.
 */
static void touch_memory(void)
{
	touch(idt);
	touch(gdt);
	touch(&tss);
	touch(stack + sizeof(stack) - sizeof(u64));
	touch((u64 *)tss_pristine.rsp[0] - 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(tss_pristine.ist); i++)
		touch((u64 *)tss_pristine.ist[i] - 1);
}

void stage_open(void)
{
	stage = (struct stage){
		.cpu = {
			.idt = (u64)idt, .idt_limit = 0xfff,
			.gdt = (u64)gdt, .gdt_limit = SELECTOR_LIMIT,
			.tss = (u64)&tss, .tss_limit = 103, .tss_selector = SELECTOR_TSS,
			.read = read_memory,
		},
	};
	memset(bare, 0, sizeof(bare));
	memset(&stage.returns[32], true, 224);
	stage.returns[VECTOR_NMI] = true;
	for (unsigned int i = 0; i < 256; i++)
		set_handler(i, on_event);
	set_gate_default(VECTOR_DF, GATE_INTERRUPT, 4);
	touch_memory();
}

u64 stage_address(const void *pointer, unsigned int cpl)
{
	return (u64)pointer + (cpl ? USER_ALIAS : 0);
}

/* What the model is told of the CPU at the instruction that matters. */
static void describe_cpu(const struct snippet *snippet, unsigned int cpl, u64 rflags)
{
	const void *top = cpl ? user_stack + sizeof(user_stack) - 64 : stack + sizeof(stack) - 64;
	struct event_cpu *cpu = &stage.cpu;

	cpu->cpl = cpl;
	cpu->rip = stage_address(snippet->at, cpl);
	cpu->next = stage_address(snippet->next, cpl);
	cpu->cs = cpl ? SELECTOR_USER_CODE64 : SELECTOR_CODE64;
	cpu->rflags = rflags;
	cpu->rsp = stage_address(top, cpl) + stage.skew;
	cpu->ss = cpl ? SELECTOR_USER_DATA : SELECTOR_DATA;
}

bool stage_shuts_down(const struct snippet *snippet, unsigned int cpl, u64 rflags,
		      const struct event *event)
{
	struct event_frame frame;

	describe_cpu(snippet, cpl, rflags);
	event_deliver(&stage.cpu, event, &frame);
	return frame.shutdown;
}

unsigned int stage_run(const struct snippet *snippet, unsigned int cpl, u64 rflags, u64 argument)
{
	const struct event_cpu *cpu = &stage.cpu;
	u64 frame[5];

	describe_cpu(snippet, cpl, rflags);
	frame[0] = stage_address(snippet->begin, cpl);
	frame[1] = cpu->cs;
	frame[2] = rflags;
	frame[3] = cpu->rsp;
	frame[4] = cpu->ss;
	end_address = stage_address(snippet->end, cpl);
	stage.count = 0;
	stage_enter(frame, argument);
	end_address = 0;
	return stage.count;
}

void stage_gate(unsigned int vector, enum gate_type type, unsigned int ist, bool error_code)
{
	bare[vector] = !error_code;
	if (error_code)
		set_gate_default(vector, type, ist);
	else
		set_gate(vector, bare_stubs[vector], type, ist);
}

u64 seen_word(unsigned int index, unsigned int word)
{
	const struct seen *s = &stage.seen[index];
	bool error_code = !bare[s->vector] && s->vector < 32 &&
			  VECTORS_WITH_ERROR_CODE >> s->vector & 1;

	return s->word[word + error_code];
}

void request_self(unsigned int vector)
{
	apic_self_ipi(vector);
	/* Delivery to the local APIC takes its time (10.6.1, delivery status). */
	for (unsigned int i = 0; i < 1000 && !apic_bit(APIC_IRR, vector); i++)
		;
}

void take_all(void)
{
	unsigned int before;

	do {
		before = stage.count;
		sti();
		settle();
		cli();
	} while (stage.count != before && stage.count < TAKEN_MAX);
}

void settle(void)
{
	for (unsigned int i = 0; i < 4; i++)
		inb(0x80);
}

bool apic_bit(u32 bank, unsigned int vector)
{
	return apic_read(bank + vector / 32 * 0x10) >> (vector & 31) & 1;
}
