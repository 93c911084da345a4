// SPDX-License-Identifier: GPL-2.0-only
/*
 * An ioeventfd is raised by exactly the writes it was asked for: at its address, of
 * its length (any, if that is 0), with its data (any, if it was not told which).
 * Everything else goes to the device, and so does nothing that raised it.
 *
 * A store that crosses into the page where the ioeventfd lies is cut by the host.
 * Where it is cut beyond that is the host's matter, so what is wanted there is less:
 * it is raised only if the bytes at its address are its data, and every byte of the
 * store that is the device's either came to the device or raised it.
 */
#include "x86/mmio/device.h"

/* What is stored; each byte differs. */
#define DATA 0x8877665544332211ull

static const unsigned int lengths[] = { 0, 1, 2, 4, 8 };
enum match { ANY_DATA, DATA_FITS, DATA_DIFFERS, MATCHES };
static const char *const match_name[] = { "any", "fits", "differs" };

static void store_1(u64 at)
{
	asm volatile("movb %b0, (%1)" ::"r"(DATA), "r"(at) : "memory");
}

static void store_2(u64 at)
{
	asm volatile("movw %w0, (%1)" ::"r"(DATA), "r"(at) : "memory");
}

static void store_4(u64 at)
{
	asm volatile("movl %k0, (%1)" ::"r"(DATA), "r"(at) : "memory");
}

static void store_8(u64 at)
{
	asm volatile("movq %0, (%1)" ::"r"(DATA), "r"(at) : "memory");
}

static void load_8(u64 at)
{
	u64 value;

	asm volatile("movq (%1), %0" : "=r"(value) : "r"(at) : "memory");
}

static const struct access {
	const char *name;
	void (*run)(u64 at);
	unsigned int width; /* of a store; a load has none */
	unsigned int offset;
} accesses[] = {
	{ "store-1", store_1, 1, 0 },	{ "store-2", store_2, 2, 0 },
	{ "store-4", store_4, 4, 0 },	{ "store-8", store_8, 8, 0 },
	{ "store-8-at-8", store_8, 8, 8 }, { "store-4-at-4", store_4, 4, 4 },
	{ "load-8", load_8, 0, 0 },
};

static u64 low_bytes(u64 value, unsigned int bytes)
{
	return bytes < 8 ? value & (BIT(8 * bytes) - 1) : value;
}

static u64 data_for(enum match match, unsigned int length)
{
	return low_bytes(match == DATA_DIFFERS ? DATA ^ 0x40 : DATA, length);
}

/* Its number, or ~0 where a host has none of that kind. */
static u64 ioeventfd(u64 gpa, unsigned int length, enum match match, u64 data)
{
	const struct sync_reply *reply =
		sync(IOEVENTFD, .ioeventfd = { gpa, length, match == ANY_DATA ? 0 : data,
					       match == ANY_DATA ? 0 : IOEVENT_DATA_MATCHES });

	return sync_value(reply, IOEVENTFD);
}

static u64 raised(u64 number)
{
	return sync_value(sync(READ_IOEVENTFD, .read_ioeventfd = { number }), READ_IOEVENTFD);
}

static bool raises(const struct access *a, unsigned int length, enum match match)
{
	return a->width && !a->offset && (!length || length == a->width) && match != DATA_DIFFERS;
}

static void one_access(const struct access *a, u64 at, u64 number, bool wanted)
{
	unsigned int writes;
	u64 bytes;

	DEVICE_RECORD->count = 0;
	a->run(at + a->offset);
	EXPECT_EQ(wanted, raised(number));
	bytes = device_bytes_accessed(at, true, &writes);
	EXPECT_EQ(!wanted && a->width ? BITS(a->width - 1, 0) << a->offset : 0, bytes);
}

/* Length 0 has no data to match: two kinds less. */
#define KINDS (ARRAY_SIZE(lengths) * MATCHES - 2)

TEST(ioeventfd_is_exact,
     "an ioeventfd is raised by the writes of its address, length and data, and by no other access",
     LAW("Documentation/virt/kvm/api.rst, KVM_IOEVENTFD"), NEEDS(SSE2),
     ACTIONS(MOVE | DEVICE | IOEVENTFD | READ_IOEVENTFD), CASES(KINDS *ARRAY_SIZE(accesses)))
{
	u64 at = DEVICE_GPA + 0x40;

	device_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (enum match m = ANY_DATA; m < (lengths[i] ? MATCHES : DATA_FITS); m++) {
			u64 number = ioeventfd(at, lengths[i], m, data_for(m, lengths[i]));

			for (unsigned int n = 0; n < ARRAY_SIZE(accesses); n++)
				CASE("length=%u,data=%s,access=%s", lengths[i], match_name[m],
				     accesses[n].name)
					one_access(&accesses[n], at, number,
						   raises(&accesses[n], lengths[i], m));
			at += 64;
		}
	}
}

/* --- stores that cross into its page --- */

/* The bytes of the store before the page and behind its beginning: 2, 4, 8 or 16 in all. */
static const struct crossing {
	unsigned int before, behind;
} crossings[] = {
	{ 1, 1 }, { 1, 3 }, { 2, 2 }, { 3, 1 }, { 4, 4 },  { 6, 2 },  { 1, 7 },
	{ 7, 1 }, { 1, 15 }, { 4, 12 }, { 7, 9 }, { 8, 8 }, { 12, 4 }, { 14, 2 },
};

static const struct {
	const char *name;
	u64 page;
} befores[] = { { "memory", DEVICE_GPA }, { "device", DEVICE_GPA + PAGE_BYTES } };

/* On each page one of each length with the data that comes, and one with other data. */
enum { POWERS = 4 };
static u64 numbers[ARRAY_SIZE(befores)][POWERS][2];

/* Behind the beginning of the page always the bytes 11 22 33 ... */
static u8 source[32] __attribute__((aligned(16)));

static void make_source(void)
{
	for (unsigned int i = 0; i < 16; i++) {
		source[i] = (u8)(0xe0 + i);
		source[16 + i] = (u8)(0x11 * (i + 1) - (i > 7));
	}
}

static void store(unsigned int width, const u8 *from, u64 to)
{
	switch (width) {
	case 2:
		asm volatile("movw (%0), %%ax; movw %%ax, (%1)" ::"r"(from), "r"(to) : "rax", "memory");
		break;
	case 4:
		asm volatile("movl (%0), %%eax; movl %%eax, (%1)" ::"r"(from), "r"(to) : "rax", "memory");
		break;
	case 8:
		asm volatile("movq (%0), %%rax; movq %%rax, (%1)" ::"r"(from), "r"(to) : "rax", "memory");
		break;
	default:
		asm volatile("movdqu (%0), %%xmm0; movups %%xmm0, (%1)" ::"r"(from), "r"(to) : "memory");
	}
}

/* The bytes behind the beginning of the page that raised something. */
static u64 bytes_raised(unsigned int before, unsigned int behind)
{
	u64 bytes = 0;

	for (unsigned int n = 0; n < POWERS; n++) {
		u64 fits = raised(numbers[before][n][0]), differs = raised(numbers[before][n][1]);
		u64 own = BITS((1u << n) - 1, 0);

		EXPECT_EQ(0, differs);
		EXPECT(fits <= (behind >= 1u << n));
		EXPECT(!fits || !(bytes & own));
		bytes |= fits ? own : 0;
	}
	return bytes;
}

static void cross(unsigned int before, const struct crossing *c)
{
	u64 page = befores[before].page, at = page - c->before, taken, came;
	unsigned int writes, width = c->before + c->behind;

	DEVICE_RECORD->count = 0;
	for (unsigned int i = 0; i < width; i++)
		*device_byte(at + i) = 0;
	store(width, source + 16 - c->before, at);
	taken = bytes_raised(before, c->behind);
	came = device_bytes_accessed(page, true, &writes);
	EXPECT_EQ(0, taken & came);
	EXPECT_EQ(BITS(c->behind - 1, 0), taken | came);
	for (unsigned int i = 0; i < width; i++)
		if (i < c->before || came & BIT(i - c->before))
			EXPECT_EQ(source[16 - c->before + i], *device_byte(at + i));
	EXPECT(!device_accessed_outside(at, width));
}

TEST(ioeventfd_at_crossing_stores,
     "a store that crosses into the page of an ioeventfd raises it or reaches the device, byte by byte",
     LAW("Documentation/virt/kvm/api.rst, KVM_IOEVENTFD"), NEEDS(SSE2),
     ACTIONS(MOVE | DEVICE | IOEVENTFD | READ_IOEVENTFD),
     CASES(ARRAY_SIZE(befores) * ARRAY_SIZE(crossings)),
     FIXES(FIX("f1edbed787ba",
	       "KVM: Replace guest-triggerable BUG_ON() in ioeventfd datamatch with get_unaligned()")))
{
	device_begin();
	make_source();
	for (unsigned int b = 0; b < ARRAY_SIZE(befores); b++)
		for (unsigned int n = 0; n < POWERS; n++)
			for (unsigned int other = 0; other < 2; other++)
				numbers[b][n][other] = ioeventfd(
					befores[b].page, 1u << n, DATA_FITS,
					data_for(other ? DATA_DIFFERS : DATA_FITS, 1u << n));
	for (unsigned int b = 0; b < ARRAY_SIZE(befores); b++)
		for (unsigned int i = 0; i < ARRAY_SIZE(crossings); i++)
			CASE("page-before=%s,bytes=%u+%u", befores[b].name, crossings[i].before,
			     crossings[i].behind)
				cross(b, &crossings[i]);
}
