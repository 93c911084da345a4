// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_XSAVE, KVM_GET_XSAVE2 and KVM_SET_XSAVE: sizes, contents, and what is
 * refused (Documentation/virt/kvm/api.rst).  An image is what XSAVE writes in the
 * standard format, and one that XRSTOR would not take is refused; but for XSTATE_BV,
 * which may name what the host has and the guest has not.
 */
#include "lib/x86/xstate_image.h"
#include "x86/boot/host.h"
#include "x86/xstate/component.h"

static struct host_image image, other, before, after;
static struct xsave_area wanted, got;

static u64 supported_word(u64 subleaf, u64 reg)
{
	return HOST(HOST_SUPPORTED_CPUID, 0xd, subleaf, reg);
}

/* The size of the standard format for all that the host lets a guest have. */
static u64 size_by_cpuid(void)
{
	u64 xcr0 = supported_word(0, CPUID_EAX) | supported_word(0, CPUID_EDX) << 32;
	u64 size = XSAVE_EXTENDED;

	for (unsigned int n = 2; n < XSTATE_COMPONENTS; n++)
		if (xcr0 >> n & 1)
			size = MAX(size,
				   supported_word(n, CPUID_EAX) + supported_word(n, CPUID_EBX));
	return size;
}

/* Of this guest's. */
static u64 own_size(void)
{
	return cpuid(0xd, 0).reg[CPUID_ECX];
}

TEST(image_size,
     "KVM_CAP_XSAVE2 is the size of all that CPUID allows a guest, at least 4096, and as many "
     "bytes "
     "are given",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_XSAVE2"), NEEDS(XSAVE), ACTIONS(HOST_CALL),
     CASES(3))
{
	u64 size = host_image_size();

	CASE ("size")
		EXPECT_EQ(MAX(XSAVE_IMAGE_BYTES, size_by_cpuid()), size);
	CASE ("call=KVM_GET_XSAVE2") {
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE2, HOST_VCPU, &image));
		/* The reserved bytes of its header are zero, and its last ones are written. */
		EXPECT_EQ(0, image_word(&image, XSAVE_BV + 16));
		if (own_size() == size || size == XSAVE_IMAGE_BYTES)
			EXPECT(image_word(&image, (unsigned int)size - 8) !=
			       HOST_UNTOUCHED * 0x0101010101010101ull);
		expect_untouched(&image, size);
	}
	/* struct kvm_xsave has 4096 bytes, and a guest with tiles has more to give. */
	CASE ("call=KVM_GET_XSAVE") {
		u64 answer = host_get_image(HOST_GET_XSAVE, HOST_VCPU, &image);

		EXPECT_ANSWER(own_size() > XSAVE_IMAGE_BYTES ? REFUSED(HOST_EINVAL) : 0, answer);
		expect_untouched(&image, host_call_failed(answer) ? 0 : XSAVE_IMAGE_BYTES);
	}
}

TEST(images_agree,
     "KVM_GET_XSAVE and KVM_GET_XSAVE2 give the same image, which has the guest's registers",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_XSAVE, KVM_GET_XSAVE2"), NEEDS(XSAVE),
     ACTIONS(HOST_CALL), CASES(2))
{
	fill_legacy(&wanted, 1);
	user_fxrstor(&wanted);
	CASE ("call=KVM_GET_XSAVE2") {
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE2, HOST_VCPU, &image));
		memcpy(&got, &image, sizeof(got));
		expect_legacy(&wanted, &got);
		EXPECT_EQ(XCR0_X87 | XCR0_SSE,
			  image_word(&image, XSAVE_BV) & (XCR0_X87 | XCR0_SSE));
		EXPECT_EQ(0, image_word(&image, XSAVE_XCOMP_BV));
	}
	CASE ("call=KVM_GET_XSAVE") {
		/* All that fits struct kvm_xsave, in a vCPU that has no more. */
		u64 all = components_begin() | XCR0_X87 | XCR0_SSE;

		scratch_cpu(all, CPUID_NO_TILES);
		components_image(&wanted, all & ~(u64)(XCR0_X87 | XCR0_SSE), 2);
		memset(&image, 0, sizeof(image));
		memcpy(&image, &wanted, sizeof(wanted));
		EXPECT_ANSWER(0, host_set_image(SCRATCH_CPU, &image));
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE2, SCRATCH_CPU, &image));
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE, SCRATCH_CPU, &other));
		expect_bytes("image", image.byte, other.byte, XSAVE_IMAGE_BYTES);
	}
}

TEST(set_image_is_loaded, "KVM_SET_XSAVE gives the guest the registers of the image",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE"), NEEDS(XSAVE), ACTIONS(HOST_CALL),
     CASES(4))
{
	for (unsigned int round = 0; round < 4; round++)
		CASE ("round=%u", round) {
			fill_legacy(&wanted, 10 + round);
			fill_legacy(&got, 20 + round);
			user_fxrstor(&got);
			EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE2, HOST_VCPU, &image));
			memcpy(image.byte, wanted.byte, XSAVE_BV);
			image_set_word(&image, XSAVE_BV, XCR0_X87 | XCR0_SSE);
			EXPECT_ANSWER(0, host_set_image(HOST_VCPU, &image));
			user_fxsave(&got);
			expect_legacy(&wanted, &got);
		}
}

TEST(set_image_is_given,
     "KVM_GET_XSAVE2 gives each component as KVM_SET_XSAVE was given it, and what that had initial "
     "as initial",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE; SDM vol. 1, 13.4"), NEEDS(XSAVE),
     ACTIONS(HOST_CALL), CASES(COMPONENTS))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		u64 bit = BIT(component[i].number);

		if (!component_here(&component[i], enabled, 1))
			continue;
		CASE ("component=%s", component[i].name) {
			scratch_cpu(xcr0_supported(), 0);
			components_image(&wanted, enabled, 30 + i);
			memset(&image, 0, sizeof(image));
			memcpy(&image, &wanted, sizeof(wanted));
			EXPECT_ANSWER(0, host_set_image(SCRATCH_CPU, &image));
			components_image(&wanted, bit, 40 + i);
			memcpy(&image, &wanted, sizeof(wanted));
			EXPECT_ANSWER(0, host_set_image(SCRATCH_CPU, &image));
			EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE2, SCRATCH_CPU, &other));
			EXPECT_EQ(bit, image_word(&other, XSAVE_BV) & enabled);
			memcpy(&got, &other, sizeof(got));
			/* KVM leaves PKRU alone that an image has not; of that no law was found. */
			expect_components(&wanted, &got, enabled & (bit | ~(u64)XCR0_PKRU));
		}
	}
}

/* --- what is refused --- */

static const struct {
	const char *name;
	unsigned int at;
	u64 set; /* bits of the eight bytes there */
} bad[] = {
	{ "mxcsr[16]", XSAVE_MXCSR, BIT(16) },
	{ "mxcsr[31]", XSAVE_MXCSR, BIT(31) },
	{ "xstate_bv[8]", XSAVE_BV, BIT(8) }, /* of IA32_XSS */
	{ "xstate_bv[62]", XSAVE_BV, BIT(62) },
	{ "xstate_bv[63]", XSAVE_BV, BIT(63) },
	{ "xcomp_bv[0]", XSAVE_XCOMP_BV, BIT(0) },
	{ "xcomp_bv[63]", XSAVE_XCOMP_BV, XCOMP_BV_COMPACTED },
	{ "compacted", XSAVE_XCOMP_BV, XCOMP_BV_COMPACTED | XCR0_X87 | XCR0_SSE },
	{ "header[23:16]", XSAVE_BV + 16, BIT(0) },
	{ "header[31:24]", XSAVE_BV + 24, BIT(63) },
	{ "header[39:32]", XSAVE_BV + 32, BIT(8) },
	{ "header[47:40]", XSAVE_BV + 40, BIT(31) },
	{ "header[55:48]", XSAVE_BV + 48, BIT(16) },
	{ "header[63:56]", XSAVE_BV + 56, BIT(1) },
};

TEST(bad_images_are_refused,
     "an image that XRSTOR would not take is EINVAL for KVM_SET_XSAVE, and the guest's registers "
     "are as they were",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE; SDM vol. 1, 13.8"), NEEDS(XSAVE),
     ACTIONS(HOST_CALL), CASES(2 * ARRAY_SIZE(bad)))
{
	for (unsigned int guests = 0; guests < 2; guests++)
		for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
			u64 object = guests ? (u64)HOST_VCPU : SCRATCH_CPU;

			CASE ("vcpu=%s,bad=%s", guests ? "guest" : "scratch", bad[i].name) {
				if (!guests)
					scratch_cpu(xcr0_supported(), 0);
				fill_legacy(&wanted, 50 + i);
				if (guests)
					user_fxrstor(&wanted);
				host_get_image(HOST_GET_XSAVE2, object, &before);
				image = before;
				fill_legacy(&got, 70 + i);
				memcpy(image.byte, got.byte, XSAVE_BV);
				image_set_word(&image, XSAVE_BV, XCR0_X87 | XCR0_SSE);
				image_set_word(&image, bad[i].at,
					       image_word(&image, bad[i].at) | bad[i].set);
				EXPECT_ANSWER(REFUSED(HOST_EINVAL), host_set_image(object, &image));
				host_get_image(HOST_GET_XSAVE2, object, &after);
				expect_bytes("image", before.byte, after.byte, sizeof(before));
				if (guests) {
					user_fxsave(&got);
					expect_legacy(&wanted, &got);
				}
			}
		}
}

#define CONSTRAINED                                                                                \
	FIX("8647c52e9504c99752a39f1d44f6268f82c40a5c",                                            \
	    "KVM: x86: Constrain guest-supported xfeatures only at KVM_GET_XSAVE{2}")

TEST(image_may_have_more,
     "an image with a component that the host has and the guest has not is taken, and not given "
     "back",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE"), NEEDS(XSAVE), ACTIONS(HOST_CALL),
     FIXES(CONSTRAINED), CASES(COMPONENTS))
{
	u64 enabled = components_begin();

	for (unsigned int i = 0; i < COMPONENTS; i++) {
		const struct xstate_component *c = &layout[component[i].number];
		u64 bit = BIT(component[i].number);

		if (!component_here(&component[i], enabled, 1))
			continue;
		CASE ("component=%s", component[i].name) {
			scratch_cpu(XCR0_X87 | XCR0_SSE, 0);
			components_image(&wanted, bit, 90 + i);
			fill_legacy(&got, 100 + i);
			memset(&image, 0, sizeof(image));
			memcpy(&image, &wanted, sizeof(wanted));
			memcpy(&image, &got, XSAVE_BV);
			image_set_word(&image, XSAVE_BV, bit | XCR0_X87 | XCR0_SSE);
			EXPECT_ANSWER(0, host_set_image(SCRATCH_CPU, &image));
			EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE2, SCRATCH_CPU, &other));
			EXPECT_EQ(XCR0_X87 | XCR0_SSE, image_word(&other, XSAVE_BV));
			expect_bytes("XMM0 to XMM15", image.byte + XSAVE_XMM0,
				     other.byte + XSAVE_XMM0, 256);
			for (u32 at = 0; at < c->size; at += 8)
				if (!EXPECT_EQ(0, image_word(&other, c->offset + at)))
					break;
		}
	}
}
