// SPDX-License-Identifier: GPL-2.0-only
/*
 * SPIs that an event of the host's raises, as those of a device that another process or
 * the kernel drives (Documentation/virt/kvm/api.rst, KVM_IRQFD).  The host's kernel may
 * deliver them a moment later, and in a thread of its own.
 */
#include "arm64/boot/arm64.h"

enum { LEVEL = 80, EDGE = 81, EVENTS = 3 };

/* How long what must come may take on a busy machine, in ticks of the counter. */
#define PATIENCE (1ull << 31)

static void begin(u32 intid)
{
	if (run_request()->at_every_sync & RESTORE)
		skip("the host's kernel delivers in a thread of its own, which a SAVE may outrun");
	gic_set_edge(intid, intid == EDGE);
	gic_enable(intid);
}

static u64 irqfd(u32 intid, bool resamples)
{
	return sync_value(sync(IRQFD, .irqfd = { intid, resamples }), IRQFD);
}

static void raise(u64 event)
{
	sync(RAISE_IRQFD, .raise_irqfd = { event });
}

static u64 resampled(u64 event)
{
	return sync_value(sync(READ_RESAMPLED, .read_resampled = { event }), READ_RESAMPLED);
}

static u32 acknowledge_soon(void)
{
	u64 begin = machine_ticks();
	u32 intid = gic_acknowledge();

	while (intid == INTID_SPURIOUS && machine_ticks() - begin < PATIENCE)
		intid = gic_acknowledge();
	return intid;
}

TEST(edges_by_irqfd, "an eventfd that is bound to an edge-triggered SPI raises it once each time",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD"), NEEDS(GICV3), ACTIONS(IRQFD | RAISE_IRQFD),
     CASES(4))
{
	for (u32 intid = EDGE; intid < EDGE + 4; intid++)
		CASE ("intid=%u", intid) {
			u64 event;

			begin(EDGE);
			gic_set_edge(intid, true);
			gic_enable(intid);
			event = irqfd(intid, false);
			for (u64 n = 1; n <= 4; n++) {
				raise(event);
				EXPECT_EQ(intid, acknowledge_soon());
				gic_end(intid);
				sync(0);
				EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
			}
			gic_disable(intid);
		}
}

TEST(irqfd_ended,
     "an eventfd that was taken from its SPI raises it no more, and another still does",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_DEASSIGN"), NEEDS(GICV3),
     ACTIONS(IRQFD | END_IRQFD | RAISE_IRQFD))
{
	u64 first, second;

	begin(EDGE);
	first = irqfd(EDGE, false);
	second = irqfd(EDGE, false);
	sync(END_IRQFD, .end_irqfd = { first });
	raise(second);
	EXPECT_EQ(EDGE, acknowledge_soon());
	gic_end(EDGE);
	raise(first);
	sync(0);
	EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
	raise(second);
	EXPECT_EQ(EDGE, acknowledge_soon());
	gic_end(EDGE);
	gic_disable(EDGE);
}

/* --- levels --- */

/* Taken and ended; on the way nobody is told before the end. */
static void take_level(u64 event)
{
	EXPECT_EQ(LEVEL, acknowledge_soon());
	EXPECT(gic_bit(GICD_ISPENDR, LEVEL));
	EXPECT_EQ(0, resampled(event));
	gic_end(LEVEL);
}

static void expect_lowered(void)
{
	EXPECT(!gic_bit(GICD_ISPENDR, LEVEL));
	EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
}

TEST(irqfd_resamples, "a level that an event raised stays until its end, which lowers it and tells",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_RESAMPLE"), NEEDS(GICV3),
     ACTIONS(IRQFD | RAISE_IRQFD | READ_RESAMPLED), CASES(3))
{
	u64 event;

	begin(LEVEL);
	event = irqfd(LEVEL, true);
	for (unsigned int round = 1; round <= 3; round++)
		CASE ("round=%u", round) {
			raise(event);
			take_level(event);
			EXPECT_EQ(1, resampled(event));
			EXPECT_EQ(0, resampled(event));
			expect_lowered();
		}
	gic_disable(LEVEL);
}

TEST(irqfd_resamples_all, "every event of a level is told of its end, whichever raised it",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_RESAMPLE"), NEEDS(GICV3),
     ACTIONS(IRQFD | END_IRQFD | RAISE_IRQFD | READ_RESAMPLED), CASES(EVENTS + 1))
{
	u64 event[EVENTS];

	begin(LEVEL);
	for (unsigned int i = 0; i < EVENTS; i++)
		event[i] = irqfd(LEVEL, true);
	for (unsigned int raised = 0; raised < EVENTS; raised++)
		CASE ("raised=%u", raised) {
			raise(event[raised]);
			take_level(event[0]);
			for (unsigned int i = 0; i < EVENTS; i++)
				EXPECT_EQ(1, resampled(event[i]));
			expect_lowered();
		}
	CASE ("raised=2,ended=0") {
		sync(END_IRQFD, .end_irqfd = { event[0] });
		raise(event[2]);
		take_level(event[0]);
		EXPECT_EQ(0, resampled(event[0]));
		EXPECT_EQ(1, resampled(event[1]));
		EXPECT_EQ(1, resampled(event[2]));
	}
	gic_disable(LEVEL);
}

TEST(irqfd_disabled,
     "a level that an event raised while its SPI was disabled is taken when it is enabled",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_RESAMPLE; IHI 0069H, 4.1.2"), NEEDS(GICV3),
     ACTIONS(IRQFD | RAISE_IRQFD | READ_RESAMPLED))
{
	u64 event;

	begin(LEVEL);
	event = irqfd(LEVEL, true);
	gic_disable(LEVEL);
	raise(event);
	EXPECT_EQ(INTID_SPURIOUS, gic_acknowledge());
	EXPECT_EQ(0, resampled(event));
	gic_enable(LEVEL);
	take_level(event);
	EXPECT_EQ(1, resampled(event));
	expect_lowered();
	gic_disable(LEVEL);
}

TEST(irqfd_across_save, "a level that an event raised is taken, ended and told behind a move",
     LAW("Documentation/virt/kvm/api.rst, KVM_IRQFD_FLAG_RESAMPLE; devices/arm-vgic-v3.rst"),
     NEEDS(GICV3), ACTIONS(IRQFD | RAISE_IRQFD | READ_RESAMPLED | SAVE | RESTORE), CASES(2))
{
	u64 event;

	begin(LEVEL);
	event = irqfd(LEVEL, true);
	for (unsigned int active = 0; active < 2; active++)
		CASE ("moved=%s", active ? "active" : "pending") {
			raise(event);
			if (active)
				EXPECT_EQ(LEVEL, acknowledge_soon());
			else
				EXPECT(gic_bit(GICD_ISPENDR, LEVEL));
			sync(SAVE | RESTORE);
			if (!active)
				EXPECT_EQ(LEVEL, acknowledge_soon());
			EXPECT_EQ(0, resampled(event));
			gic_end(LEVEL);
			EXPECT_EQ(1, resampled(event));
			expect_lowered();
		}
	gic_disable(LEVEL);
}
