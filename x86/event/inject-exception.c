// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions that the host injects (KVM api.rst, KVM_SET_VCPU_EVENTS and
 * KVM_CAP_EXCEPTION_PAYLOAD): already committed to delivery, or pending, when CR2
 * or DR6 travels beside them until then.  They come at the boundary where the
 * guest was stopped, whose RIP the host tells; handlers return there.
 */
#include "x86/event/stage.h"

static const struct exception {
	enum vector vector;
	enum event_kind kind;
	u32 error_code;
	u64 payload; /* CR2, or the bits of DR6 that are set */
} exceptions[] = {
	{ VECTOR_DE, EVENT_FAULT, 0, 0 },
	{ VECTOR_DB, EVENT_TRAP, 0, DR6_BS },
	/* #BP and #OF are software's: what their RIP is depends on an instruction. */
	{ VECTOR_BR, EVENT_FAULT, 0, 0 },
	{ VECTOR_UD, EVENT_FAULT, 0, 0 },
	{ VECTOR_NM, EVENT_FAULT, 0, 0 },
	{ VECTOR_DF, EVENT_ABORT, 0, 0 },
	{ VECTOR_TS, EVENT_FAULT, 0x4b, 0 },
	{ VECTOR_NP, EVENT_FAULT, 0x58, 0 },
	{ VECTOR_SS, EVENT_FAULT, 0x10, 0 },
	{ VECTOR_GP, EVENT_FAULT, 0x7ff8, 0 },
	{ VECTOR_PF, EVENT_FAULT, PF_W | PF_P, 0x123456789abc },
	{ VECTOR_MF, EVENT_FAULT, 0, 0 },
	{ VECTOR_AC, EVENT_FAULT, 0, 0 },
	{ VECTOR_MC, EVENT_ABORT, 0, 0 },
	{ VECTOR_XM, EVENT_FAULT, 0, 0 },
};
enum { EXCEPTIONS_INJECTED = 15 };

static void begin(void)
{
	stage_open();
	memset(stage.returns, true, sizeof(stage.returns));
	stage.cpu.cs = SELECTOR_CODE64;
	stage.cpu.ss = SELECTOR_DATA;
	stage.cpu.cpl = 0;
}

/* Ask for it, with other actions beside; RIP of the boundary, or the end of the test. */
static u64 inject(const struct exception *x, u64 how, u64 actions)
{
	const struct sync_reply *reply;
	u8 status;

	stage.count = 0;
	if (VECTORS_WITH_ERROR_CODE >> x->vector & 1)
		how |= EXCEPTION_HAS_ERROR_CODE;
	reply = sync_try(INJECT_EXCEPTION | GET_REGISTER | actions,
			 .inject_exception = { x->vector, x->error_code, x->payload, how },
			 .get_register = { SYNC_REG_RIP });
	status = reply->status[SYNC_BIT_INJECT_EXCEPTION];
	if (status == SYNC_UNSUPPORTED)
		skip("%s", reply->detail);
	for (unsigned int i = 0; i < SYNC_COUNT; i++)
		if (reply->actions & BIT(i))
			ASSERT_EQ(sync_status_text[SYNC_OK], sync_status_text[reply->status[i]]);
	return sync_value(reply, GET_REGISTER);
}

/* The interrupted code is the sync's: of its stack and flags we know that they were pushed. */
static void expect_exception(const struct exception *x, u64 boundary)
{
	const struct event event = { .kind = x->kind, .vector = x->vector,
				     .error_code = x->error_code };

	if (!EXPECT_SEEN((u16)x->vector))
		return;
	stage.cpu.rip = stage.cpu.next = boundary;
	stage.cpu.rsp = seen_word(0, WORD_RSP);
	stage.cpu.rflags = seen_word(0, WORD_RFLAGS);
	EXPECT_EQ(0, seen_word(0, WORD_RFLAGS) & (RFLAGS_IF | RFLAGS_TF | RFLAGS_NT));
	/* A #PF without payload leaves CR2 alone; with one it is looked at by the caller. */
	stage.seen[0].cr2 = 0;
	stage_expect_only(EXPECTATION_("events"), &event, 0);
}

static void each(u64 how, u64 actions)
{
	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(exceptions); i++)
		CASE("vector=%u", exceptions[i].vector)
			expect_exception(&exceptions[i], inject(&exceptions[i], how, actions));
	write_dr6(DR6_FIXED);
}

#define API "KVM api.rst, KVM_SET_VCPU_EVENTS; SDM vol. 3A, 6.15"

TEST(inject_committed, "an injected exception arrives once, with its frame and error code",
     LAW(API), ACTIONS(INJECT_EXCEPTION | GET_REGISTER), CASES(EXCEPTIONS_INJECTED))
{
	each(0, 0);
}

TEST(inject_pending, "a pending exception arrives once, with its frame and error code",
     LAW(API), ACTIONS(INJECT_EXCEPTION | GET_REGISTER), CASES(EXCEPTIONS_INJECTED))
{
	each(EXCEPTION_PENDING, 0);
}

TEST(inject_committed_across_save, "an injected exception is not lost by a move to a fresh VM",
     LAW(API), ACTIONS(INJECT_EXCEPTION | GET_REGISTER | SAVE | RESTORE),
     CASES(EXCEPTIONS_INJECTED))
{
	each(0, SAVE | RESTORE);
}

TEST(inject_pending_across_save, "a pending exception is not lost by a move to a fresh VM",
     LAW(API), ACTIONS(INJECT_EXCEPTION | GET_REGISTER | SAVE | RESTORE),
     CASES(EXCEPTIONS_INJECTED))
{
	each(EXCEPTION_PENDING, SAVE | RESTORE);
}

/* --- payloads --- */

static const struct exception *find(enum vector vector)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(exceptions); i++)
		if (exceptions[i].vector == vector)
			return &exceptions[i];
	test_error("no such row");
}

static void payloads(u64 actions)
{
	const u64 how = EXCEPTION_PENDING | EXCEPTION_HAS_PAYLOAD;
	const struct exception *pf = find(VECTOR_PF), *db = find(VECTOR_DB);

	begin();
	CASE("register=cr2")
	{
		write_cr2(0x5555);
		inject(pf, how, actions);
		if (EXPECT_SEEN(VECTOR_PF))
			EXPECT_EQ(pf->payload, stage.seen[0].cr2);
	}
	CASE("register=dr6")
	{
		write_dr6(DR6_FIXED);
		inject(db, how, actions);
		if (EXPECT_SEEN(VECTOR_DB))
			EXPECT_EQ(DR6_BS, stage.seen[0].dr6 & (DR6_BS | DR6_BD | 0xf));
	}
	write_dr6(DR6_FIXED);
}

TEST(inject_with_payload, "a pending exception's payload is in CR2 or DR6 in its handler",
     LAW("KVM api.rst, KVM_CAP_EXCEPTION_PAYLOAD"), ACTIONS(INJECT_EXCEPTION | GET_REGISTER),
     CASES(2))
{
	payloads(0);
}

TEST(inject_with_payload_across_save, "a payload is not lost by a move to a fresh VM",
     LAW("KVM api.rst, KVM_CAP_EXCEPTION_PAYLOAD"),
     ACTIONS(INJECT_EXCEPTION | GET_REGISTER | SAVE | RESTORE), CASES(2))
{
	payloads(SAVE | RESTORE);
}

TEST(inject_without_payload, "an injected exception without payload leaves CR2 and DR6 alone",
     LAW("KVM api.rst, KVM_CAP_EXCEPTION_PAYLOAD"), ACTIONS(INJECT_EXCEPTION | GET_REGISTER),
     CASES(2))
{
	begin();
	CASE("register=cr2")
	{
		write_cr2(0x5555);
		inject(find(VECTOR_PF), 0, 0);
		if (EXPECT_SEEN(VECTOR_PF))
			EXPECT_EQ(0x5555, stage.seen[0].cr2);
	}
	CASE("register=dr6")
	{
		write_dr6(DR6_FIXED);
		inject(find(VECTOR_DB), 0, 0);
		if (EXPECT_SEEN(VECTOR_DB))
			EXPECT_EQ(0, stage.seen[0].dr6 & (DR6_BS | DR6_BD | 0xf));
	}
}

/* The serial cells of the double-fault matrix whose second event is benign. */
TEST(inject_with_nmi, "an exception and an NMI that are due together are both handled, once",
     LAW("SDM vol. 3A, 6.15, #DF, table 6-5"),
     ACTIONS(INJECT_EXCEPTION | INJECT_NMI | GET_REGISTER), CASES(3))
{
	static const enum vector vectors[] = { VECTOR_UD, VECTOR_GP, VECTOR_PF };
	bool nmi_first;

	begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(vectors); i++)
		CASE("vector=%u", vectors[i])
		{
			inject(find(vectors[i]), 0, INJECT_NMI);
			settle();
			nmi_first = stage.seen[0].vector == VECTOR_NMI;
			if (nmi_first)
				EXPECT_SEEN(VECTOR_NMI, (u16)vectors[i]);
			else
				EXPECT_SEEN((u16)vectors[i], VECTOR_NMI);
		}
}
