// SPDX-License-Identifier: GPL-2.0-only
/* Large pages of the host's: mapped, merged and counted; see host-large.h. */
#include "x86/paging/host-large.h"

#define PROBE 20 /* behind those of all cases */

static u64 mapped; /* large pages that the host had mapped, in all cases */

void large_end(void)
{
	boot_pml4[ROOT_SLOT] = 0;
	write_cr3(read_cr3());
	window("large pages that the host had mapped", mapped);
}

/* LARGE_BYTES from BASE on, by one entry or by as many as there are pages. */
void large_map(u64 gpa, bool large)
{
	for (unsigned int i = 0; i < PAGES; i++)
		TABLE[i] = (gpa + i * PAGE_BYTES) | RW;
	DIRECTORY[0] = large ? gpa | PTE_PS | RW : (u64)TABLE | RW;
	write_cr3(read_cr3());
}

volatile u64 *large_word(unsigned int page)
{
	return (volatile u64 *)(BASE + page * (u64)PAGE_BYTES + page % PAGES * 8);
}

/*
 * The pages that have a mark: all near an edge and near the page that is changed, and
 * between them one of every eight, each time another of the eight.  What is wrong with
 * part of a large page is wrong for a run of pages, or at its ends.
 */
static bool has_mark(unsigned int page)
{
	unsigned int group = page / 8;

	return group == 0 || group == MIDDLE / 8 || group == PAGES / 8 - 1 || page % 8 == group % 8;
}

void large_stamp(u64 mark)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (has_mark(i))
			*large_word(i) = mark + i;
}

/* Every page but `except` has the mark it was given; the first that has not is the one to name. */
void expect_large_stamps(u64 mark, unsigned int except)
{
	for (unsigned int i = 0; i < PAGES; i++)
		if (has_mark(i) && i != except && *large_word(i) != mark + i) {
			note("page %u of %u", i, PAGES);
			EXPECT_EQ(mark + i, *large_word(i));
			return;
		}
}

static u64 large_pages(void)
{
	return sync_value(sync(COUNT_LARGE_PAGES), COUNT_LARGE_PAGES);
}

void large_read(void)
{
	for (unsigned int i = 0; i < PAGES; i++)
		(void)*large_word(i);
}

/* What its memory cannot give is no fault of KVM's. */
void large_merge(u64 gpa)
{
	u64 before = large_pages(), after;
	const struct sync_reply *reply = sync_try(MERGE_PAGES, .merge_pages = { gpa, LARGE_BYTES });

	if (reply->status[SYNC_BIT_MERGE_PAGES] != SYNC_OK)
		skip("the host makes no large page of the memory: %s", reply->detail);
	large_read();
	*large_word(0) = *large_word(0);
	after = large_pages();
	mapped += after > before ? after - before : 0;
}

/* A host that maps none even here maps none. */
void large_begin(void)
{
	memset(PDPT, 0, 3 * PAGE_BYTES);
	PDPT[0] = (u64)DIRECTORY | RW;
	boot_pml4[ROOT_SLOT] = (u64)PDPT | RW;
	mapped = 0;
	large_map(LARGE(PROBE), true);
	large_stamp(0);
	large_merge(LARGE(PROBE));
	if (!mapped)
		skip("the host maps no large page for the guest");
	mapped = 0;
}

void large_move(u64 gpa)
{
	sync(MOVE, .move = { gpa, LARGE_BYTES, HOLE(gpa) });
	sync(MOVE, .move = { HOLE(gpa), LARGE_BYTES, gpa });
}
