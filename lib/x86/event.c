// SPDX-License-Identifier: GPL-2.0-only
/* The model of event delivery; see lib/x86/event.h. */
#include "lib/x86/event.h"

/* One delivery: what is being delivered, and what it raised. */
struct delivery {
	const struct event_cpu *cpu;
	struct event event;
	struct event_frame *frame;
	struct event raised;
	u64 cr2_last;
	u32 error_open;
};

static bool canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

/* --- what can go wrong; each returns false, for the caller to return --- */

static u32 ext(const struct delivery *d)
{
	return event_rule[d->event.kind].software ? 0 : ERROR_EXT;
}

static bool raise(struct delivery *d, enum vector vector, u32 error_code)
{
	d->raised = (struct event){
		.kind = EVENT_FAULT, .vector = vector, .error_code = error_code | ext(d),
	};
	/* That INT1 is an event external to the program is said by one vendor only. */
	d->error_open = d->event.kind == EVENT_ICEBP ? ERROR_EXT : 0;
	return false;
}

/* An error code that names no descriptor: (EXT) in the SDM's newer editions, (0) else. */
static bool raise_nameless(struct delivery *d, enum vector vector)
{
	raise(d, vector, 0);
	d->error_open = ERROR_EXT;
	return false;
}

/* An access of the CPU's own: always supervisor-mode (4.6.1). */
static bool touch(struct delivery *d, u64 address, u64 bytes, bool write)
{
	for (unsigned int i = 0; i < d->cpu->holes; i++) {
		const struct event_hole *hole = &d->cpu->hole[i];
		u64 first = MAX(address, hole->start);
		u64 end = MIN(address + bytes, hole->start + hole->bytes);

		if (first >= end || (hole->read_only && !write))
			continue;
		d->raised = (struct event){
			.kind = EVENT_FAULT,
			.vector = VECTOR_PF,
			.error_code = (write ? PF_W : 0) | (hole->read_only ? PF_P : 0),
			.cr2 = first,
		};
		/* In how many accesses, and in which order, is the processor's choice. */
		d->cr2_last = end - 1;
		d->error_open = 0;
		return false;
	}
	return true;
}

static u64 read8(const struct delivery *d, u64 address)
{
	return d->cpu->read(d->cpu->context, address);
}

/* --- the steps of delivery, in the order of vol. 2A, INT n --- */

enum gate_bits {
	GATE_TYPE = 0xf, GATE_TYPE_INTERRUPT = 14, GATE_TYPE_TRAP = 15, GATE_SYSTEM = BIT(4),
	GATE_PRESENT = BIT(7),
};

struct gate {
	u16 selector;
	unsigned int ist, type, dpl;
	u64 offset;
};

static bool read_gate(struct delivery *d, struct gate *gate)
{
	const struct event_cpu *cpu = d->cpu;
	u64 address = cpu->idt + 16ull * d->event.vector;
	u64 low, high;
	u8 flags;

	if (16 * d->event.vector + 15 > cpu->idt_limit)
		return raise(d, VECTOR_GP, ERROR_GATE(d->event.vector));
	if (!touch(d, address, 16, false))
		return false;
	low = read8(d, address);
	high = read8(d, address + 8);
	flags = (u8)(low >> 40);
	*gate = (struct gate){
		.selector = (u16)(low >> 16),
		.ist = low >> 32 & 7,
		.type = flags & GATE_TYPE,
		.dpl = flags >> 5 & 3,
		.offset = (low & 0xffff) | (low >> 32 & 0xffff0000) | high << 32,
	};
	if (flags & GATE_SYSTEM ||
	    (gate->type != GATE_TYPE_INTERRUPT && gate->type != GATE_TYPE_TRAP))
		return raise(d, VECTOR_GP, ERROR_GATE(d->event.vector));
	if (event_rule[d->event.kind].software && gate->dpl < cpu->cpl)
		return raise(d, VECTOR_GP, ERROR_GATE(d->event.vector));
	if (!(flags & GATE_PRESENT))
		return raise(d, VECTOR_NP, ERROR_GATE(d->event.vector));
	return true;
}

enum descriptor_bits {
	DESCRIPTOR_CONFORMING = BIT(42), DESCRIPTOR_CODE = BIT(43), DESCRIPTOR_S = BIT(44),
	DESCRIPTOR_P = BIT(47), DESCRIPTOR_L = BIT(53), DESCRIPTOR_D = BIT(54),
};

static bool read_code_segment(struct delivery *d, const struct gate *gate, unsigned int *new_cpl)
{
	const struct event_cpu *cpu = d->cpu;
	u32 error = gate->selector & ~3u;
	u64 descriptor;
	unsigned int dpl;

	if (!error)
		return raise_nameless(d, VECTOR_GP);
	/* There is no LDT in our machine. */
	if (error & ERROR_TI || (error | 7) > cpu->gdt_limit)
		return raise(d, VECTOR_GP, error);
	if (!touch(d, cpu->gdt + error, 8, false))
		return false;
	descriptor = read8(d, cpu->gdt + error);
	dpl = descriptor >> 45 & 3;
	if (!(descriptor & DESCRIPTOR_S) || !(descriptor & DESCRIPTOR_CODE) || dpl > cpu->cpl ||
	    !(descriptor & DESCRIPTOR_L) || descriptor & DESCRIPTOR_D)
		return raise(d, VECTOR_GP, error);
	if (!(descriptor & DESCRIPTOR_P))
		return raise(d, VECTOR_NP, error);
	*new_cpl = descriptor & DESCRIPTOR_CONFORMING ? cpu->cpl : dpl;
	return true;
}

/* The stack is switched by IST or a change of privilege (6.14.4, 6.14.5). */
static bool find_stack(struct delivery *d, const struct gate *gate, unsigned int new_cpl,
		       u64 *stack)
{
	const struct event_cpu *cpu = d->cpu;
	u64 offset = gate->ist ? 28 + 8 * gate->ist : 4 + 8 * new_cpl;

	*stack = cpu->rsp;
	if (!gate->ist && new_cpl == cpu->cpl)
		return true;
	if (offset + 7 > cpu->tss_limit)
		return raise(d, VECTOR_TS, cpu->tss_selector);
	if (!touch(d, cpu->tss + offset, 8, false))
		return false;
	*stack = read8(d, cpu->tss + offset);
	return true;
}

static void push_words(struct delivery *d, const struct gate *gate, unsigned int new_cpl)
{
	const struct event_cpu *cpu = d->cpu;
	const struct event_rule *rule = &event_rule[d->event.kind];
	struct event_frame *f = d->frame;
	u64 cleared = RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM;

	f->vector = d->event.vector;
	f->undefined = rule->exception && f->vector == VECTOR_DF;
	f->has_error_code = event_has_error_code(&d->event);
	f->error_code = f->has_error_code ? d->event.error_code : 0;
	f->rip = rule->pushes_next ? cpu->next : cpu->rip;
	f->cs = cpu->cs;
	f->rflags = cpu->rflags | (rule->sets_rf ? RFLAGS_RF : 0);
	f->rsp = cpu->rsp;
	f->ss = cpu->ss;
	f->handler = gate->offset;
	f->handler_cs = (gate->selector & ~3u) | new_cpl;
	f->handler_ss = new_cpl == cpu->cpl ? cpu->ss : new_cpl;
	/* With IST and no change of privilege SS is NULL by the SDM, untouched by the APM. */
	f->handler_ss_open = gate->ist && new_cpl == cpu->cpl;
	if (gate->type == GATE_TYPE_INTERRUPT)
		cleared |= RFLAGS_IF;
	f->handler_rflags = cpu->rflags & ~cleared & EVENT_FLAGS_KNOWN;
	if (f->vector == VECTOR_PF && rule->exception)
		f->cr2_first = d->event.cr2;
	f->cr2_last = d->cr2_last;
}

/* True if a handler was reached; else `raised` is set. */
static bool deliver_one(struct delivery *d)
{
	unsigned int new_cpl;
	struct gate gate;
	u64 stack, bytes;

	if (!read_gate(d, &gate) || !read_code_segment(d, &gate, &new_cpl) ||
	    !find_stack(d, &gate, new_cpl, &stack))
		return false;
	bytes = event_has_error_code(&d->event) ? 48 : 40;
	/* Aligned before the first push (6.14.2). */
	d->frame->entry = (stack & ~15ull) - bytes;
	if (!canonical(stack) || !canonical(d->frame->entry))
		return raise_nameless(d, VECTOR_SS);
	if (!canonical(gate.offset))
		return raise_nameless(d, VECTOR_GP);
	if (!touch(d, d->frame->entry, bytes, true))
		return false;
	push_words(d, &gate, new_cpl);
	return true;
}

/*
 * A second event is reported at the place where the first was: at the boundary
 * behind it for traps and interrupts, whose instruction is finished, but at the
 * instruction itself for INT n, which did not happen.  What RF is then pushed
 * is said for faults of instructions only.
 */
static struct event_cpu cpu_after(const struct event_cpu *cpu, enum event_kind kind)
{
	struct event_cpu after = *cpu;

	if (event_rule[kind].pushes_next && !event_rule[kind].software)
		after.rip = cpu->next;
	return after;
}

void event_deliver(const struct event_cpu *cpu, const struct event *event,
		   struct event_frame *frame)
{
	struct event_cpu now = *cpu;
	struct delivery d = { .cpu = &now, .event = *event, .frame = frame,
			      .cr2_last = event->cr2 };
	u64 cr2_last;
	u32 open = 0;

	*frame = (struct event_frame){ .rflags_open = 0 };
	while (!deliver_one(&d)) {
		cr2_last = d.raised.vector == VECTOR_PF ? d.cr2_last : 0;
		now = cpu_after(&now, d.event.kind);
		switch (event_meet(&d.event, &d.raised)) {
		case EVENT_SHUTDOWN:
			*frame = (struct event_frame){ .shutdown = true };
			return;
		case EVENT_DOUBLE_FAULT:
			d.event = (struct event){ .kind = EVENT_ABORT, .vector = VECTOR_DF };
			open = 0;
			break;
		case EVENT_SERIAL:
			frame->rflags_open = event_rule[d.event.kind].pushes_next ? RFLAGS_RF : 0;
			d.event = d.raised;
			d.cr2_last = cr2_last;
			open = d.error_open;
		}
	}
	frame->error_open = open;
	if (frame->undefined)
		frame->rflags_open = ~0ull;
}
