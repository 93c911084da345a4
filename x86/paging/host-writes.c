// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page tables are memory: a device, or whoever else has the memory, may write them
 * too.  What it wrote counts from the next invalidation on, whatever an entry was
 * before.  A host with shadow page tables does not see such writes when they
 * happen; it must believe what it walks then, not what it built before.
 *
 * Only accesses are made that the old entry did not allow, or whose translation
 * nobody had asked for: what a shadow still allows its host cannot know, and the
 * manuals let no device change page tables without the guest's part in it.
 *
 * Behind each case the memory that was mapped is moved away and back, so that a
 * host meets what it kept of the old mapping.
 */
#include "x86/boot/x86.h"

enum { PAGE_BYTES = 4096, LARGE_BYTES = 2 << 20 };

/* A slot of the root table for its own; the address under test, and its neighbour. */
#define BASE 0x480000000000ull
#define ROOT_SLOT 144
#define DEVICE_GPA 0xd0000000ull
#define ELSEWHERE 0xc0000000ull
#define DEVICE_RECORD ((volatile struct device_record *)(TEST_MEMORY + 0x20000))

#define PDPT ((u64 *)TEST_MEMORY)
#define DIRECTORY ((u64 *)(TEST_MEMORY + 0x1000))
#define PAGE_A (TEST_MEMORY + 0x10000)
#define PAGE_B (TEST_MEMORY + 0x11000)
/* Two large pages side by side; in the first page of each lies a page table too. */
#define LARGE_L (TEST_MEMORY + 0x400000)
#define LARGE_M (TEST_MEMORY + 0x600000)

/* For CPL 3 too: then a host cannot share what it built for the runtime's own large pages. */
#define SEEN (PTE_A | PTE_D | PTE_U)
#define RO (PTE_P | SEEN)
#define RW (RO | PTE_W)

/* A word of each page says which it is; the next one is written. */
static void stamp(u64 gpa)
{
	((volatile u64 *)gpa)[64] = gpa;
	((volatile u64 *)gpa)[65] = 0;
}

static void begin(void)
{
	sync(DEVICE, .device = { DEVICE_GPA, PAGE_BYTES, (u64)DEVICE_RECORD });
	memset(PDPT, 0, 2 * PAGE_BYTES);
	memset((void *)LARGE_L, 0, PAGE_BYTES);
	memset((void *)LARGE_M, 0, PAGE_BYTES);
	PDPT[0] = (u64)DIRECTORY | RW;
	boot_pml4[ROOT_SLOT] = (u64)PDPT | RW;
}

static void host_writes(u64 *entry, u64 value)
{
	sync(WRITE_MEMORY, .write_memory = { (u64)entry, value });
}

static void move_away_and_back(u64 gpa, u64 bytes)
{
	sync(MOVE, .move = { gpa, bytes, ELSEWHERE });
	sync(MOVE, .move = { ELSEWHERE, bytes, gpa });
}

static struct fault read_word(u64 va, u64 *word)
{
	return TRY("mov (%1), %0", : "=&r"(*word) : "r"(va));
}

static struct fault write_word(u64 va, u64 word)
{
	return TRY("mov %1, (%0)", : : "r"(va), "r"(word));
}

/* The word that `va` maps, in its page or in the device. */
static u64 word_at(u64 gpa)
{
	if (gpa >= DEVICE_GPA && gpa < DEVICE_GPA + PAGE_BYTES)
		return *(volatile u64 *)&DEVICE_RECORD->content[gpa - DEVICE_GPA];
	return *(volatile u64 *)gpa;
}

#define WRITTEN 0x5ca1ab1e0ddba115ull

/* One access to page `page` of what `gpa` and its flags map (0: nothing). */
static void access(u64 va, u64 gpa, u64 flags, bool write)
{
	u64 word = 0;
	struct fault f = write ? write_word(va + 65 * 8, WRITTEN) : read_word(va + 64 * 8, &word);

	if (!(flags & PTE_P) || (write && !(flags & PTE_W))) {
		EXPECT_FAULT(PF, f);
		EXPECT_FLAGS(pf_error_names, (flags & PTE_P) | (write ? PF_W : 0), f.error_code);
		return;
	}
	if (!EXPECT_NO_FAULT(f))
		return;
	if (write)
		EXPECT_EQ(WRITTEN, word_at(gpa + 65 * 8));
	else
		EXPECT_EQ(gpa, word);
}

/* --- the entry of a page --- */

static const struct leaf {
	const char *name;
	u64 gpa, flags;
} leaves[] = {
	{ "absent", 0, 0 },
	{ "page-read-only", PAGE_A, RO },
	{ "page", PAGE_A, RW },
	{ "other-page-read-only", PAGE_B, RO },
	{ "other-page", PAGE_B, RW },
	{ "device-read-only", DEVICE_GPA, RO },
	{ "device", DEVICE_GPA, RW },
};

/* Those that are mapped first do not allow to write. */
static bool comes_first(const struct leaf *leaf)
{
	return !(leaf->flags & PTE_W);
}

static void stamp_all(void)
{
	stamp(PAGE_A);
	stamp(PAGE_B);
	for (unsigned int n = 64; n < 66; n++)
		*(volatile u64 *)&DEVICE_RECORD->content[8 * n] = n == 64 ? DEVICE_GPA : 0;
}

static void change_leaf(const struct leaf *old, const struct leaf *new, bool write)
{
	u64 *table = (u64 *)LARGE_L;

	stamp_all();
	DIRECTORY[0] = (u64)table | RW;
	table[1] = old->gpa | old->flags;
	write_cr3(read_cr3());
	access(BASE + PAGE_BYTES, old->gpa, old->flags, false);
	host_writes(&table[1], new->gpa | new->flags);
	invlpg(BASE + PAGE_BYTES);
	access(BASE + PAGE_BYTES, new->gpa, new->flags, write);
	move_away_and_back(PAGE_A, 2 * PAGE_BYTES);
	/* And what is there now is still right. */
	stamp_all();
	access(BASE + PAGE_BYTES, new->gpa, new->flags, write);
}

enum { LEAVES = ARRAY_SIZE(leaves), FIRST_LEAVES = 4 };

#define WHERE                                                                                      \
	LAW("SDM vol. 3A, 4.10.4.1"), ACTIONS(WRITE_MEMORY | MOVE | DEVICE)

TEST(host_writes_page_entry,
     "an access that an entry refused finds what the host has written into it since",
     WHERE, CASES(FIRST_LEAVES * (LEAVES - 1)),
     FIXES(FIX("aad885e77496",
	       "KVM: x86/mmu: Drop/zap existing present SPTE even when creating an MMIO SPTE")))
{
	begin();
	for (unsigned int i = 0; i < LEAVES; i++)
		for (unsigned int n = 0; n < LEAVES && comes_first(&leaves[i]); n++)
			if (n != i)
				CASE("was=%s,is=%s", leaves[i].name, leaves[n].name)
					change_leaf(&leaves[i], &leaves[n], true);
	boot_pml4[ROOT_SLOT] = 0;
	write_cr3(read_cr3());
}

/* --- the entry of a directory --- */

/* The page that is touched before the change, and one so far that no host fetches it too. */
enum { TOUCHED = 1, UNTOUCHED = 200 };

static const struct upper {
	const char *name;
	u64 gpa, flags;
} uppers[] = {
	{ "absent", 0, 0 },
	{ "table", LARGE_L, RW },
	{ "table-read-only", LARGE_L, RO },
	{ "other-table", LARGE_M, RW },
	{ "large-page", LARGE_L, RW | PTE_PS },
	{ "large-page-read-only", LARGE_L, RO | PTE_PS },
	{ "other-large-page", LARGE_M, RW | PTE_PS },
};

/* What an entry of the directory makes of one of its pages: a page's address and rights. */
static u64 page_of(const struct upper *u, unsigned int page)
{
	if (u->flags & PTE_PS || !u->gpa)
		return u->gpa + page * PAGE_BYTES;
	return ((u64 *)u->gpa)[page] & PTE_ADDRESS;
}

static void stamp_large(void)
{
	stamp_all();
	for (unsigned int page = TOUCHED; page <= UNTOUCHED; page += UNTOUCHED - TOUCHED) {
		stamp(LARGE_L + page * PAGE_BYTES);
		stamp(LARGE_M + page * PAGE_BYTES);
	}
}

static void move_large(void)
{
	move_away_and_back(LARGE_L, 2 * LARGE_BYTES);
}

static void change_upper(const struct upper *old, const struct upper *new, bool write)
{
	u64 touched = BASE + TOUCHED * PAGE_BYTES, untouched = BASE + UNTOUCHED * PAGE_BYTES;

	stamp_large();
	DIRECTORY[0] = old->gpa | old->flags;
	write_cr3(read_cr3());
	access(touched, page_of(old, TOUCHED), old->flags, false);
	host_writes(&DIRECTORY[0], new->gpa | new->flags);
	invlpg(untouched);
	access(untouched, page_of(new, UNTOUCHED), new->flags, write);
	move_away_and_back(PAGE_A, 2 * PAGE_BYTES);
	move_large();
	stamp_large();
	access(untouched, page_of(new, UNTOUCHED), new->flags, write);
	move_large(); /* what was built for this case is not there for the next */
}

enum { UPPERS = ARRAY_SIZE(uppers) };

TEST(host_writes_directory_entry,
     "an access that nobody made before finds what the host has written into a directory entry",
     WHERE, CASES(2 * UPPERS * (UPPERS - 1)),
     FIXES(FIX("81ccda30b4e8", "KVM: x86: Fix shadow paging use-after-free due to unexpected role")))
{
	u64 *in_l = (u64 *)LARGE_L, *in_m = (u64 *)LARGE_M;

	begin();
	in_l[TOUCHED] = in_m[UNTOUCHED] = PAGE_A | RW;
	in_l[UNTOUCHED] = in_m[TOUCHED] = PAGE_B | RW;
	for (unsigned int write = 0; write < 2; write++)
		for (unsigned int i = 0; i < UPPERS; i++)
			for (unsigned int n = 0; n < UPPERS; n++)
				if (n != i)
					CASE("was=%s,is=%s,access=%s", uppers[i].name,
					     uppers[n].name, write ? "write" : "read")
						change_upper(&uppers[i], &uppers[n], write);
	boot_pml4[ROOT_SLOT] = 0;
	write_cr3(read_cr3());
}
