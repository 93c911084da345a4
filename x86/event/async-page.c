// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asynchronous page faults (Documentation/virt/kvm/x86/msr.rst, MSR_KVM_ASYNC_PF_EN): where
 * the host has not a page, the guest is told by a #PF with a token, may do something else,
 * and is told by an interrupt with the same token when it is there; whatever came between.
 */
#include "x86/boot/smm.h"
#include "x86/event/stage.h"

enum {
	LEAF_FEATURES = 0x40000001,
	FEATURE_ASYNC_PF = BIT(4),
	FEATURE_ASYNC_PF_INT = BIT(14),
	MSR_ASYNC_PF_EN = 0x4b564d02,
	MSR_ASYNC_PF_INT = 0x4b564d06,
	MSR_ASYNC_PF_ACK = 0x4b564d07,
	PF_EN_ENABLED = BIT(0),
	PF_EN_ALWAYS = BIT(1),
	PF_EN_BY_INTERRUPT = BIT(3),
	NOT_PRESENT = BIT(0),
	READY_VECTOR = 0x5a,
};

/* struct kvm_vcpu_pv_apf_data. */
static struct {
	volatile u32 flags, token;
	u32 reserved[14];
} shared __attribute__((aligned(64)));

/* Who enables it is told that every earlier page is there. */
#define ALL_TOKENS ~0u

static u64 page[512] __attribute__((aligned(4096)));
static volatile u64 asked, answered, token_asked, token_answered;

static const struct between {
	const char *name;
	u64 actions; /* a sync while the page is away */
	void (*act)(void);
} * between;

static void on_ready(struct trap_frame *f)
{
	(void)f;
	if (shared.token != ALL_TOKENS) {
		answered++;
		token_answered = shared.token;
	} else if (asked) { /* a move to a fresh VM enables it anew */
		answered = asked;
		token_answered = token_asked;
	}
	shared.token = 0;
	wrmsr(MSR_ASYNC_PF_ACK, 1);
	apic_eoi();
}

/* Interrupts on, with exits, until it came; or some time. */
static void let_in(void)
{
	for (unsigned int i = 0; i < 20000 && !answered; i++) {
		sti();
		inb(0x80);
		cli();
	}
}

static void on_fault(struct trap_frame *f)
{
	(void)f;
	/* One of its own would come again and again. */
	if (!EXPECT_EQ(NOT_PRESENT, shared.flags & NOT_PRESENT))
		test_abandon();
	token_asked = read_cr2();
	shared.flags = 0;
	asked++;
	if (between->act)
		between->act();
	if (between->actions)
		sync(between->actions);
	sync(PAGE_OUT);
	let_in();
}

static void toggle_paging_bits(void)
{
	u64 cr0 = read_cr0(), cr4 = read_cr4();

	write_cr0(cr0 & ~(u64)CR0_WP);
	write_cr0(cr0);
	write_cr4(cr4 ^ CR4_PGE);
	write_cr4(cr4);
	write_cr3(read_cr3());
}

static const struct between betweens[] = {
	{ "nothing", 0, NULL },
	{ "flushes", 0, toggle_paging_bits },
	{ "nmi", INJECT_NMI, NULL },
};
static const struct between with_smi = { "smi", INJECT_SMI, NULL };

static void ignore(struct trap_frame *f)
{
	(void)f;
}

static void meet(const struct between *b)
{
	between = b;
	asked = answered = 0;
	token_asked = token_answered = ~0ull;
	page[7] = 0x600d600d;
	set_handler(VECTOR_PF, on_fault);
	set_handler(VECTOR_NMI, ignore);
	set_handler(READY_VECTOR, on_ready);
	wrmsr(MSR_ASYNC_PF_INT, READY_VECTOR);
	wrmsr(MSR_ASYNC_PF_EN, (u64)&shared | PF_EN_ENABLED | PF_EN_ALWAYS | PF_EN_BY_INTERRUPT);
	sync(PAGE_OUT, .page_out = { (u64)page, 0, 0, true });
	sti();
	EXPECT_EQ(0x600d600d, *(volatile u64 *)&page[7]);
	cli();
	wrmsr(MSR_ASYNC_PF_EN, 0);
	window("asked", asked);
	if (!asked) /* it may */
		skip("the host waits for its pages itself and raises no asynchronous page fault");
	EXPECT_EQ(1, asked);
	EXPECT_EQ(asked, answered);
	EXPECT_EQ(token_asked, token_answered);
}

static void need_async_faults(void)
{
	const u32 wanted = FEATURE_ASYNC_PF | FEATURE_ASYNC_PF_INT;

	if (!hypervisor_is_kvm() || (cpuid(LEAF_FEATURES, 0).reg[CPUID_EAX] & wanted) != wanted)
		skip("no asynchronous page faults by interrupt: CPUID.40000001H:EAX[4], EAX[14]");
}

#define WHERE LAW("Documentation/virt/kvm/x86/msr.rst, MSR_KVM_ASYNC_PF_EN, MSR_KVM_ASYNC_PF_INT")

TEST(page_not_present, "an asynchronous page fault is followed by one interrupt with its token",
     WHERE, NEEDS(APIC), ACTIONS(PAGE_OUT | INJECT_NMI), FLAGS(TEST_HAS_WINDOW),
     CASES(ARRAY_SIZE(betweens)))
{
	need_async_faults();
	for (unsigned int i = 0; i < ARRAY_SIZE(betweens); i++)
		CASE ("between=%s", betweens[i].name)
			meet(&betweens[i]);
}

TEST(page_not_present_and_smi,
     "an SMI between an asynchronous page fault and its interrupt loses neither", WHERE,
     NEEDS(APIC), ACTIONS(PAGE_OUT | INJECT_SMI), FLAGS(TEST_HAS_WINDOW))
{
	need_async_faults();
	smm_open(NULL);
	meet(&with_smi);
	EXPECT_EQ(1, smm.entries);
}
