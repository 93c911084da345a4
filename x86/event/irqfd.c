// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines that an event of the host's raises, as those of a device that another process or
 * the kernel drives (Documentation/virt/kvm/api.rst, KVM_IRQFD, KVM_SET_GSI_ROUTING).
 * The host's kernel may deliver them a moment later, and in a thread of its own.
 */
#include "x86/event/ioapic.h"
#include "x86/event/stage.h"

#define VECTOR 0x68
#define LINE 20
#define MSI_LINE 24 /* the first that no IOAPIC has */
#define APIC_ID_ABSENT 0x55

/* How long what must come may take on a busy machine: seconds, in ticks of the TSC. */
static const u64 patience = 1ull << 34;

static void begin(void)
{
	if (run_request()->at_every_sync & RESTORE)
		skip("the host's kernel delivers in a thread of its own, which a SAVE may outrun");
	stage_open();
	stage.eoi = true;
}

static u64 irqfd(unsigned int line, bool resamples)
{
	const struct sync_reply *r = sync(IRQFD, .irqfd = { line, resamples });

	return sync_value(r, IRQFD);
}

static void end_irqfd(u64 number)
{
	sync(END_IRQFD, .end_irqfd = { number });
}

static u64 resampled(u64 number)
{
	const struct sync_reply *r = sync(READ_RESAMPLED, .read_resampled = { number });

	return sync_value(r, READ_RESAMPLED);
}

/* Take what comes: until something did, if something must. */
static void take(bool must_come)
{
	u64 begin = machine_ticks();

	do
		take_all();
	while (must_come && !stage.count && machine_ticks() - begin < patience);
	take_all();
}

static void raise_and_take(u64 number, bool must_come)
{
	stage.count = 0;
	sync(RAISE_IRQFD, .raise_irqfd = { number });
	take(must_come);
}

TEST(irqfd_edge, "an event interrupts once each time it raises an edge-triggered line",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD"), NEEDS(APIC),
     ACTIONS(IRQFD | RAISE_IRQFD | SET_IRQ_LINE), CASES(9))
{
	static const u8 lines[] = { 5, 11, LINE };

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		u64 event = irqfd(lines[i], false);

		route(lines[i], VECTOR);
		for (unsigned int round = 1; round <= 3; round++)
			CASE ("line=%u,round=%u", lines[i], round) {
				raise_and_take(event, true);
				EXPECT_SEEN(VECTOR);
			}
		route(lines[i], RTE_MASKED);
	}
}

TEST(irqfd_ended, "an event that was taken from its line raises it no more, and another still does",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_DEASSIGN"), NEEDS(APIC),
     ACTIONS(IRQFD | END_IRQFD | RAISE_IRQFD | SET_IRQ_LINE))
{
	u64 first, second;

	begin();
	route(LINE, VECTOR);
	first = irqfd(LINE, false);
	second = irqfd(LINE, false);
	end_irqfd(first);
	raise_and_take(first, false);
	EXPECT_NOTHING_SEEN();
	raise_and_take(second, true);
	EXPECT_SEEN(VECTOR);
	end_irqfd(second);
	raise_and_take(second, false);
	EXPECT_NOTHING_SEEN();
	route(LINE, RTE_MASKED);
}

/* --- levels --- */

/* What the handler finds before its EOI. */
static struct {
	u64 event;
	u64 resampled;
	bool remote_irr;
} before_eoi;

static void look(struct trap_frame *f)
{
	(void)f;
	before_eoi.remote_irr = ioapic_read(rte(LINE)) & RTE_REMOTE_IRR;
	before_eoi.resampled = resampled(before_eoi.event);
}

static void begin_level(u32 masked)
{
	begin();
	stage.in_handler = look;
	route(LINE, VECTOR | RTE_LEVEL | masked);
}

TEST(irqfd_resamples, "a level that an event raised stays until the EOI, which lowers it and tells",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_RESAMPLE"), NEEDS(APIC),
     ACTIONS(IRQFD | RAISE_IRQFD | READ_RESAMPLED | SET_IRQ_LINE), CASES(3))
{
	begin_level(0);
	before_eoi.event = irqfd(LINE, true);
	for (unsigned int round = 1; round <= 3; round++)
		CASE ("round=%u", round) {
			raise_and_take(before_eoi.event, true);
			EXPECT_SEEN(VECTOR);
			EXPECT_EQ(true, before_eoi.remote_irr);
			EXPECT_EQ(0, before_eoi.resampled);
			EXPECT_EQ(1, resampled(before_eoi.event));
			EXPECT_EQ(0, ioapic_read(rte(LINE)) & RTE_REMOTE_IRR);
		}
	route(LINE, RTE_MASKED);
}

TEST(irqfd_resamples_all, "every event of a line is told of its EOI, whichever raised it",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_RESAMPLE"), NEEDS(APIC),
     ACTIONS(IRQFD | END_IRQFD | RAISE_IRQFD | READ_RESAMPLED | SET_IRQ_LINE), CASES(4))
{
	u64 event[3];

	begin_level(0);
	for (unsigned int i = 0; i < ARRAY_SIZE(event); i++)
		event[i] = irqfd(LINE, true);
	before_eoi.event = event[0];
	for (unsigned int raised = 0; raised < ARRAY_SIZE(event); raised++)
		CASE ("raised=%u", raised) {
			raise_and_take(event[raised], true);
			EXPECT_SEEN(VECTOR);
			for (unsigned int i = 0; i < ARRAY_SIZE(event); i++)
				EXPECT_EQ(1, resampled(event[i]));
		}
	CASE ("raised=2,ended=0") {
		end_irqfd(event[0]);
		raise_and_take(event[2], true);
		EXPECT_SEEN(VECTOR);
		EXPECT_EQ(0, resampled(event[0]));
		EXPECT_EQ(1, resampled(event[1]));
		EXPECT_EQ(1, resampled(event[2]));
	}
	route(LINE, RTE_MASKED);
}

/*
 * A host cannot see whether a device still holds its line.  It may say at once that the
 * interrupt is done, for the device to raise it again.
 */
TEST(irqfd_masked, "a level raised at a masked entry interrupts when unmasked, or its host is told",
     LAW("82093AA, 3.2.4; Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_RESAMPLE"), NEEDS(APIC),
     ACTIONS(IRQFD | RAISE_IRQFD | READ_RESAMPLED | SET_IRQ_LINE))
{
	u64 told, begin = machine_ticks();

	begin_level(RTE_MASKED);
	before_eoi.event = irqfd(LINE, true);
	raise_and_take(before_eoi.event, false);
	EXPECT_NOTHING_SEEN();
	EXPECT_EQ(0, resampled(before_eoi.event));
	route(LINE, VECTOR | RTE_LEVEL);
	do {
		take_all();
		told = resampled(before_eoi.event);
	} while (!stage.count && !told && machine_ticks() - begin < patience);
	EXPECT_EQ(1, told);
	if (!stage.count) {
		raise_and_take(before_eoi.event, told);
		EXPECT_EQ(1, resampled(before_eoi.event));
	}
	EXPECT_SEEN(VECTOR);
	route(LINE, RTE_MASKED);
}

/* --- messages --- */

static void route_msi(unsigned int line, unsigned int apic_id, unsigned int vector)
{
	sync(ROUTE_MSI, .route_msi = { line, APIC_BASE_ADDRESS | (u64)apic_id << 12, vector, 0 });
}

TEST(irqfd_msi, "an event sends the message that its line has when it is raised",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_GSI_ROUTING, KVM_IRQFD; SDM vol. 3A, 10.11"),
     NEEDS(APIC), ACTIONS(ROUTE_MSI | IRQFD | RAISE_IRQFD), CASES(5))
{
	u64 event, other;

	begin();
	route_msi(MSI_LINE, 0, VECTOR);
	route_msi(MSI_LINE + 1, 0, VECTOR + 0x20);
	event = irqfd(MSI_LINE, false);
	other = irqfd(MSI_LINE + 1, false);
	CASE ("route=first") {
		raise_and_take(event, true);
		EXPECT_SEEN(VECTOR);
	}
	CASE ("route=another-line's") {
		raise_and_take(other, true);
		EXPECT_SEEN(VECTOR + 0x20);
	}
	CASE ("route=new-vector") {
		route_msi(MSI_LINE, 0, VECTOR + 0x11);
		raise_and_take(event, true);
		EXPECT_SEEN(VECTOR + 0x11);
	}
	CASE ("route=to-another-cpu") {
		route_msi(MSI_LINE, APIC_ID_ABSENT, VECTOR);
		raise_and_take(event, false);
		EXPECT_NOTHING_SEEN();
	}
	CASE ("route=back") {
		route_msi(MSI_LINE, 0, VECTOR);
		raise_and_take(event, true);
		EXPECT_SEEN(VECTOR);
	}
}
