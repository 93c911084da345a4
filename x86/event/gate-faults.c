// SPDX-License-Identifier: GPL-2.0-only
/*
 * Delivery that fails by what stands in the gate, the code segment or the TSS: the
 * second event, its error code and its frame (SDM vol. 2A, INT n, the steps of
 * delivery; vol. 3A, 6.13; APM vol. 2, 8.7).  The first event is always a #UD, a
 * benign one, so that the two are handled one after the other.
 */
#include "x86/event/stage.h"

SNIPPET(undefined, "", "ud2", "");
SNIPPET(sti_hlt, "", "sti; hlt", "cli");

#define FIRST_GATE(field) (idt[VECTOR_UD].field)
#define SPARE_CODE(value)                                                                          \
	(gdt[SELECTOR_SPARE / 8] = (value), FIRST_GATE(selector) = SELECTOR_SPARE)

/* ROW(name, group, the CPLs that it runs at, what it does to a gate that is otherwise in order) */
enum { CPL0 = BIT(0), CPL3 = BIT(3), BOTH = CPL0 | CPL3 };
enum { GATE, SEGMENT };
#define ROWS(ROW)                                                                                  \
	ROW(gate_not_present, GATE, BOTH, FIRST_GATE(type) = 0x0e)                                 \
	ROW(gate_of_type_0, GATE, BOTH, FIRST_GATE(type) = 0x80)                                   \
	ROW(call_gate, GATE, BOTH, FIRST_GATE(type) = 0x8c)                                        \
	ROW(task_gate, GATE, BOTH, FIRST_GATE(type) = 0x85)                                        \
	ROW(interrupt_gate_16, GATE, BOTH, FIRST_GATE(type) = 0x86)                                \
	ROW(trap_gate_16, GATE, BOTH, FIRST_GATE(type) = 0x87)                                     \
	ROW(code_segment_in_idt, GATE, BOTH, FIRST_GATE(type) = 0x9e)                              \
	ROW(null, SEGMENT, BOTH, FIRST_GATE(selector) = 0)                                         \
	ROW(null_with_rpl, SEGMENT, BOTH, FIRST_GATE(selector) = 3)                                \
	ROW(beyond_limit, SEGMENT, BOTH, FIRST_GATE(selector) = 0x80)                              \
	ROW(in_ldt, SEGMENT, BOTH, FIRST_GATE(selector) = SELECTOR_CODE64 | 4)                     \
	ROW(not_present, SEGMENT, BOTH, SPARE_CODE(0x00af1b000000ffff))                            \
	ROW(with_l_and_d, SEGMENT, BOTH, SPARE_CODE(0x00ef9b000000ffff))                           \
	ROW(data, SEGMENT, BOTH, FIRST_GATE(selector) = SELECTOR_DATA)                             \
	ROW(tss_segment, SEGMENT, BOTH, FIRST_GATE(selector) = SELECTOR_TSS)                       \
	ROW(code32, SEGMENT, BOTH, FIRST_GATE(selector) = SELECTOR_CODE32)                         \
	ROW(user_code, SEGMENT, CPL0, FIRST_GATE(selector) = SELECTOR_USER_CODE64)

#define ROW(name, group, cpls, what)                                                               \
	static void name(void)                                                                     \
	{                                                                                          \
		what;                                                                              \
	}
ROWS(ROW)
#undef ROW

static const struct {
	const char *name;
	void (*spoil)(void);
	unsigned int group, cpls;
} rows[] = {
#define ROW(name, group, cpls, what) { #name, name, group, cpls },
	ROWS(ROW)
#undef ROW
};
enum { GATE_ROWS = 7, SEGMENT_ROWS_CPL0 = 10, SEGMENT_ROWS_CPL3 = 9 };

static void expect(bool whole_frame)
{
	static const struct event event = { .kind = EVENT_FAULT, .vector = VECTOR_UD };

	if (whole_frame)
		stage_expect_only(EXPECTATION_("events"), &event, 0);
	else
		stage_expect_error_code(EXPECTATION_("frame.error_code"), &event);
}

/* Without INT n: software interrupts have tests of their own. */
static void each_row(unsigned int group, unsigned int cpl, bool whole_frame)
{
	stage_open();
	stage.error_open = whole_frame;
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].group != group || !(rows[i].cpls & BIT(cpl)))
			continue;
		CASE("with=%s", rows[i].name)
		{
			rows[i].spoil();
			stage_run(&undefined, cpl, STAGE_RFLAGS | RFLAGS_IF, 0);
			expect(whole_frame);
			set_gate_default(VECTOR_UD, GATE_INTERRUPT, 0);
		}
	}
}

#define WHERE "SDM vol. 2A, INT n; vol. 3A, 6.13, 6.14.1"

TEST(gate_faults_at_cpl0, "delivery through a descriptor that is no gate faults, at CPL 0",
     LAW(WHERE), CASES(GATE_ROWS))
{
	each_row(GATE, 0, true);
}

TEST(gate_faults_at_cpl3, "delivery through a descriptor that is no gate faults, at CPL 3",
     LAW(WHERE), CASES(GATE_ROWS))
{
	each_row(GATE, 3, true);
}

TEST(handler_segment_faults_at_cpl0, "delivery into a segment that is no 64-bit code faults, CPL 0",
     LAW(WHERE), CASES(SEGMENT_ROWS_CPL0))
{
	each_row(SEGMENT, 0, true);
}

TEST(handler_segment_faults_at_cpl3, "delivery into a segment that is no 64-bit code faults, CPL 3",
     LAW(WHERE), CASES(SEGMENT_ROWS_CPL3))
{
	each_row(SEGMENT, 3, true);
}

TEST(gate_error_codes, "the error code of a bad gate is 8 times the vector, with IDT and EXT",
     LAW("SDM vol. 3A, 6.13"), CASES(GATE_ROWS))
{
	each_row(GATE, 3, false);
}

TEST(handler_segment_error_codes, "the error code of a bad code segment is its selector, with EXT",
     LAW("SDM vol. 3A, 6.13"), CASES(SEGMENT_ROWS_CPL3))
{
	each_row(SEGMENT, 3, false);
}

/* The interrupt was acknowledged and its handler never ran: it is still in service. */
static void end_service(unsigned int vector)
{
	if (apic_bit(APIC_ISR, vector))
		apic_eoi();
}

TEST(interrupt_faults, "an interrupt whose gate or stack is bad raises the event of the defect",
     LAW(WHERE), NEEDS(APIC), CASES(3),
     FLAGS(TEST_NEEDS_SHADOW))
{
	static const struct {
		const char *name;
		unsigned int type, ist;
	} defects[] = {
		{ "gate-not-present", 0x0e, 0 },
		{ "gate-of-type-0", 0x80, 0 },
		{ "stack-not-canonical", 0x8e, 6 },
	};

	stage_open();
	stage.error_open = true;
	tss.ist[5] = NON_CANONICAL;
	for (unsigned int i = 0; i < ARRAY_SIZE(defects); i++)
		CASE("defect=%s", defects[i].name)
		{
			request_self(0x69);
			stage_gate(0x69, defects[i].type, defects[i].ist, false);
			stage_run(&sti_hlt, 0, STAGE_RFLAGS, 0);
			stage.cpu.rflags |= RFLAGS_IF;
			EXPECT_EVENT(.kind = EVENT_INTERRUPT, .vector = 0x69);
			end_service(0x69);
			stage_gate_default(0x69);
		}
}
