// SPDX-License-Identifier: GPL-2.0-only
/*
 * Large pages of the host's behind guest memory.  KVM may map one for the guest in one
 * piece, and must give that up for each part that is not like the rest: a page that is
 * taken away, protected, moved, watched, or that holds a page table which it shadows.
 * To the guest all of this is invisible: every page keeps what was written to it.
 *
 * A test that never had a large page mapped has shown nothing; the host's own count of
 * them is the window.
 */
#include "x86/boot/x86.h"

enum { PAGE_BYTES = 4096, LARGE_BYTES = 2 << 20, PAGES = LARGE_BYTES / PAGE_BYTES };

/* A slot of the root table for its own, and a large page of memory for each case. */
#define BASE 0x490000000000ull
#define ROOT_SLOT 146
#define PDPT ((u64 *)TEST_MEMORY)
#define DIRECTORY ((u64 *)(TEST_MEMORY + 0x1000))
#define TABLE ((u64 *)(TEST_MEMORY + 0x2000))
#define LARGE(n) (TEST_MEMORY + 0x400000 + (u64)(n)*LARGE_BYTES)
/* Where memory is moved to, with the same place in a large page. */
#define HOLE(gpa) (0x70000000ull + (gpa))
#define MIDDLE 200
#define PROBE 20 /* behind those of all cases */
#define RW (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

static u64 mapped; /* large pages that the host had mapped, in all cases */

static void end(void)
{
	boot_pml4[ROOT_SLOT] = 0;
	write_cr3(read_cr3());
	window("large pages that the host had mapped", mapped);
}

/* LARGE_BYTES from BASE on, by one entry or by as many as there are pages. */
static void map(u64 gpa, bool large)
{
	for (unsigned int i = 0; i < PAGES; i++)
		TABLE[i] = (gpa + i * PAGE_BYTES) | RW;
	DIRECTORY[0] = large ? gpa | PTE_PS | RW : (u64)TABLE | RW;
	write_cr3(read_cr3());
}

static volatile u64 *word(unsigned int page)
{
	return (volatile u64 *)(BASE + page * (u64)PAGE_BYTES + page % PAGES * 8);
}

static void stamp(u64 mark)
{
	for (unsigned int i = 0; i < PAGES; i++)
		*word(i) = mark + i;
}

/* Every page but `except` has its mark; the first that has not is the one to name. */
static void expect_stamps(u64 mark, unsigned int except)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (i != except && *word(i) != mark + i) {
			note("page %u of %u", i, PAGES);
			EXPECT_EQ(mark + i, *word(i));
			return;
		}
}

static u64 large_pages(void)
{
	return sync_value(sync(COUNT_LARGE_PAGES), COUNT_LARGE_PAGES);
}

static void read_all(void)
{
	for (unsigned int i = 0; i < PAGES; i++)
		(void)*word(i);
}

/* What its memory cannot give is no fault of KVM's. */
static void merge(u64 gpa)
{
	u64 before = large_pages(), after;
	const struct sync_reply *reply = sync_try(MERGE_PAGES, .merge_pages = { gpa, LARGE_BYTES });

	if (reply->status[SYNC_BIT_MERGE_PAGES] != SYNC_OK)
		skip("the host makes no large page of the memory: %s", reply->detail);
	read_all();
	*word(0) = *word(0);
	after = large_pages();
	mapped += after > before ? after - before : 0;
}

/* A host that maps none even here maps none. */
static void begin(void)
{
	memset(PDPT, 0, 3 * PAGE_BYTES);
	PDPT[0] = (u64)DIRECTORY | RW;
	boot_pml4[ROOT_SLOT] = (u64)PDPT | RW;
	mapped = 0;
	map(LARGE(PROBE), true);
	stamp(0);
	merge(LARGE(PROBE));
	if (!mapped)
		skip("the host maps no large page for the guest");
	mapped = 0;
}

/* --- changed by the host --- */

static void protect(u64 gpa)
{
	sync(PROTECT, .protect = { gpa + MIDDLE * PAGE_BYTES, PAGE_BYTES });
}

static void unmap(u64 gpa)
{
	sync(UNMAP, .unmap = { gpa + MIDDLE * PAGE_BYTES, PAGE_BYTES });
}

static void move_middle(u64 gpa)
{
	sync(MOVE, .move = { gpa + MIDDLE * PAGE_BYTES, PAGE_BYTES, HOLE(gpa) });
}

static void move_back(u64 gpa)
{
	move_middle(gpa);
	sync(MOVE, .move = { HOLE(gpa), PAGE_BYTES, gpa + MIDDLE * PAGE_BYTES });
}

static void move_all(u64 gpa)
{
	sync(MOVE, .move = { gpa, LARGE_BYTES, HOLE(gpa) });
	sync(MOVE, .move = { HOLE(gpa), LARGE_BYTES, gpa });
}

static void write_middle(u64 gpa)
{
	u64 at = gpa + MIDDLE * PAGE_BYTES + MIDDLE * 8;

	sync(WRITE_MEMORY, .write_memory = { at, *word(MIDDLE) });
}

static void nothing(u64 gpa)
{
	(void)gpa;
}

static void log_writes(u64 gpa)
{
	sync(READ_DIRTY_LOG, .read_dirty_log = { gpa, LARGE_BYTES });
}

static void log_and_end(u64 gpa)
{
	log_writes(gpa);
	read_all();
	sync(END_DIRTY_LOG, .end_dirty_log = { gpa, LARGE_BYTES });
}

static void save(u64 gpa)
{
	(void)gpa;
	sync(SAVE | RESTORE);
}

/* The page in the middle afterwards. */
enum middle { IS_MEMORY, IS_READ_ONLY, IS_ABSENT };

static const struct change {
	const char *name;
	void (*make)(u64 gpa);
	enum middle middle;
} changes[] = {
	{ "none", nothing, IS_MEMORY },
	{ "protect", protect, IS_READ_ONLY },
	{ "unmap", unmap, IS_ABSENT },
	{ "move-page", move_middle, IS_ABSENT },
	{ "move-page-and-back", move_back, IS_MEMORY },
	{ "move-all-and-back", move_all, IS_MEMORY },
	{ "write", write_middle, IS_MEMORY },
	{ "log", log_writes, IS_MEMORY },
	{ "log-and-end", log_and_end, IS_MEMORY },
	{ "save", save, IS_MEMORY },
};

static void expect_middle(enum middle middle, u64 old, u64 written)
{
	static const u64 absent = ~0ull;

	EXPECT_EQ(middle == IS_MEMORY	   ? written
		  : middle == IS_READ_ONLY ? old
					   : absent,
		  *word(MIDDLE));
}

static void one_change(u64 gpa, bool large, const struct change *c)
{
	u64 mark = gpa << 8, next = mark + LARGE_BYTES;

	map(gpa, large);
	stamp(mark);
	merge(gpa);
	expect_stamps(mark, PAGES);
	c->make(gpa);
	map(gpa, large);
	expect_stamps(mark, c->middle == IS_ABSENT ? MIDDLE : PAGES);
	stamp(next);
	expect_stamps(next, MIDDLE);
	expect_middle(c->middle, mark + MIDDLE, next + MIDDLE);
	/* Once more, for what was built since. */
	merge(gpa);
	expect_stamps(next, MIDDLE);
	expect_middle(c->middle, mark + MIDDLE, next + MIDDLE);
}

TEST(host_large_pages,
     "memory behind which the host has a large page keeps each page's contents when one is changed",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION, KVM_MEM_READONLY"),
     ACTIONS(MERGE_PAGES | COUNT_LARGE_PAGES | PROTECT | UNMAP | MOVE | WRITE_MEMORY |
	     READ_DIRTY_LOG | END_DIRTY_LOG | SAVE | RESTORE),
     CASES(2 * ARRAY_SIZE(changes)), FLAGS(TEST_HAS_WINDOW))
{
	begin();
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(changes); i++) {
		const struct change *c = &changes[i / 2];

		CASE ("mapped=%s,change=%s", i % 2 ? "2m" : "4k", c->name)
			one_change(LARGE(i), i % 2, c);
	}
	end();
}

/* --- askew --- */

/* So many large pages of the host's that some of the guest's lie within them and not at their edge. */
enum { ASKEW = 4 };
#define ASKEW_HOLE (HOLE(LARGE(0)) + PAGE_BYTES)
#define INNER (ALIGN_UP(ASKEW_HOLE, LARGE_BYTES))

static volatile u64 *first_word(u64 at, unsigned int page)
{
	return (volatile u64 *)(at + page * (u64)PAGE_BYTES);
}

TEST(host_large_pages_askew,
     "memory that begins elsewhere in a large page for the host than for the guest is all there",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_USER_MEMORY_REGION"),
     ACTIONS(MERGE_PAGES | COUNT_LARGE_PAGES | MOVE), CASES(2), FLAGS(TEST_HAS_WINDOW))
{
	unsigned int outside = (INNER - ASKEW_HOLE) / PAGE_BYTES;

	begin();
	for (unsigned int i = 0; i < ASKEW * PAGES; i++)
		*first_word(LARGE(0), i) = i;
	for (unsigned int i = 0; i < ASKEW; i++) {
		map(LARGE(i), true);
		merge(LARGE(i));
	}
	sync(MOVE, .move = { LARGE(0), ASKEW * LARGE_BYTES, ASKEW_HOLE });
	for (unsigned int large = 0; large < 2; large++)
		CASE ("mapped=%s", large ? "2m" : "4k") {
			map(INNER, large);
			for (unsigned int i = 0; i < PAGES; i++)
				if (!EXPECT_EQ((u64)outside + i, *first_word(BASE, i)))
					break;
		}
	end();
}

/* --- watched --- */

/* Which 64ths one round writes: in the first of its pages, in the last, in all. */
static const struct round {
	u64 groups;
	unsigned int first, last;
} rounds[] = {
	{ 0x0000000000000001, 0, 0 }, { 0x8000000000000000, 7, 7 }, { 0, 0, 0 },
	{ 0x00f0000000000a50, 3, 3 }, { 0xffffffffffffffff, 7, 7 }, { 0x0000000000000002, 0, 7 },
};
enum { GROUP_PAGES = PAGES / 64 };

static u64 read_log(u64 gpa)
{
	return sync_value(sync(READ_DIRTY_LOG, .read_dirty_log = { gpa, LARGE_BYTES }),
			  READ_DIRTY_LOG);
}

static void write_round(const struct round *r, u64 value)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (r->groups >> i / GROUP_PAGES & 1 && i % GROUP_PAGES >= r->first &&
		    i % GROUP_PAGES <= r->last)
			*word(i) = value + i;
}

TEST(host_large_pages_log,
     "the dirty log of memory behind which the host has a large page holds what was written alone",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_DIRTY_LOG"),
     ACTIONS(MERGE_PAGES | COUNT_LARGE_PAGES | READ_DIRTY_LOG), CASES(2 * ARRAY_SIZE(rounds)),
     FLAGS(TEST_HAS_WINDOW))
{
	begin();
	for (unsigned int large = 0; large < 2; large++) {
		u64 gpa = LARGE(large), mark = 0x1000;

		map(gpa, large);
		stamp(mark);
		move_all(gpa); /* a slot of its own: the log begins where large pages are mapped */
		merge(gpa);
		read_log(gpa);
		/* A page that is mapped anew may be told as written: a host may map it writable. */
		read_all();
		read_log(gpa);
		for (unsigned int i = 0; i < ARRAY_SIZE(rounds); i++)
			CASE ("mapped=%s,round=%u", large ? "2m" : "4k", i) {
				expect_stamps(mark, PAGES); /* by reading every page */
				write_round(&rounds[i], mark);
				EXPECT_EQ(rounds[i].groups, read_log(gpa));
				/* Whatever a log has taken away comes again. */
				write_round(&rounds[i], mark);
				EXPECT_EQ(rounds[i].groups, read_log(gpa));
				EXPECT_EQ(0, read_log(gpa));
				/* Large once more, in front of the next round. */
				merge(gpa);
				read_log(gpa);
			}
	}
	end();
}

/* --- a page table inside --- */

#define SECOND (BASE + LARGE_BYTES) /* what that table maps */
#define PAGE_A (TEST_MEMORY + 0x10000)
#define PAGE_B (TEST_MEMORY + 0x11000)

static u64 second_word(void)
{
	u64 got = 0;
	struct fault f = TRY("mov (%1), %0", : "+&r"(got) : "r"(SECOND));

	return EXPECT_NO_FAULT(f) ? got : 0;
}

static bool second_writes(void)
{
	struct fault f = TRY("movq %0, (%1)", : : "r"(*(volatile u64 *)PAGE_A), "r"(SECOND));

	return f.vector != VECTOR_PF;
}

/* The entry as the large mapping sees it: no host knows it for a page table's by its address. */
static void edit(unsigned int page, u64 entry)
{
	*(volatile u64 *)(BASE + page * (u64)PAGE_BYTES) = entry;
}

static void table_inside(u64 gpa, unsigned int page, bool used_first, bool large)
{
	volatile u64 *a = (u64 *)PAGE_A, *b = (u64 *)PAGE_B;

	*a = 0xaaaa;
	*b = 0xbbbb;
	memset((void *)gpa, 0, LARGE_BYTES);
	map(gpa, large);
	DIRECTORY[1] = (gpa + page * (u64)PAGE_BYTES) | RW;
	edit(page, PAGE_A | RW);
	if (used_first)
		EXPECT_EQ(0xaaaa, second_word());
	merge(gpa);
	EXPECT_EQ(0xaaaa, second_word());
	edit(page, PAGE_B | RW);
	invlpg(SECOND);
	EXPECT_EQ(0xbbbb, second_word());
	edit(page, PAGE_A | (RW & ~(u64)PTE_W));
	invlpg(SECOND);
	EXPECT(!second_writes());
	edit(page, PAGE_A | RW);
	EXPECT(second_writes()); /* more rights need no invalidation */
	edit(page, 0);
	invlpg(SECOND);
	EXPECT_FAULT(PF, TRY("testb $1, (%0)", : : "r"(SECOND)));
	edit(page, PAGE_B | RW);
	EXPECT_EQ(0xbbbb, second_word());
	DIRECTORY[1] = 0;
	invlpg(SECOND);
	merge(gpa);
}

TEST(host_large_pages_hold_tables,
     "a page table in memory behind which the host has a large page is edited through any mapping",
     LAW("SDM vol. 3A, Paging; Invalidation of TLBs and Paging-Structure Caches"),
     ACTIONS(MERGE_PAGES | COUNT_LARGE_PAGES), CASES(3 * 2 * 2), FLAGS(TEST_HAS_WINDOW))
{
	static const unsigned int pages[] = { 0, MIDDLE, PAGES - 1 };

	begin();
	for (unsigned int i = 0; i < 3 * 2 * 2; i++) {
		unsigned int page = pages[i / 4];
		bool used_first = i / 2 % 2, large = i % 2;

		CASE ("table=%u,used=%s,mapped=%s", page, used_first ? "before" : "after",
		      large ? "2m" : "4k")
			table_inside(LARGE(i), page, used_first, large);
	}
	end();
}
