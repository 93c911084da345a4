// SPDX-License-Identifier: GPL-2.0-only
/*
 * The XSAVE image of a guest with tiles, as KVM's interface gives and takes it
 * (Documentation/virt/kvm/api.rst).  It is larger than struct kvm_xsave, for which
 * KVM_GET_XSAVE has no room; and it is what XSAVE would write, so that of tiles that
 * IA32_XFD disables it says that they are initial (SDM vol. 1, 13.14).
 */
#include "x86/amx/tile.h"
#include "x86/boot/host.h"

static struct tile_config config, got_config;
static struct tiles tiles, other;
static struct host_image image, after;

#define XFD_FIX                                                                                    \
	FIX("b45f721775947a84996deb5c661602254ce25ce6",                                            \
	    "x86/fpu: Clear XSTATE_BV[i] in guest XSAVE state whenever XFD[i]=1")

static u64 read_msr(u32 msr)
{
	u64 value;

	ASSERT_(EXPECT_NO_FAULT(try_rdmsr(msr, &value)));
	return value;
}

static u64 get_image(struct host_image *to)
{
	return host_get_image(HOST_GET_XSAVE2, HOST_VCPU, to);
}

static u8 *part(struct host_image *i, unsigned int n)
{
	return i->byte + amx_layout[n].offset;
}

static void load(u64 seed)
{
	config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
	tiles_fill(&tiles, seed);
	load_tiles(&tiles);
}

static void expect_config(void)
{
	memset(&got_config, HOST_UNTOUCHED, sizeof(got_config));
	if (EXPECT_NO_FAULT(sttilecfg(&got_config)))
		expect_same("configuration", (const u8 *)&config, (u8 *)&got_config,
			    sizeof(config));
}

TEST(image_size,
     "an image with tiles is as large as CPUID says, KVM_GET_XSAVE2 gives all of it and "
     "KVM_GET_XSAVE is EINVAL",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_XSAVE2, KVM_GET_XSAVE; SDM vol. 1, 13.4.2"),
     NEEDS(AMX_TILE), ACTIONS(HOST_CALL))
{
	u64 xcr0 = amx_begin(), size = xstate_standard_size(amx_layout, xcr0);

	load(1);
	ASSERT(size > XSAVE_IMAGE_BYTES);
	EXPECT_EQ(size, HOST(HOST_CHECK_EXTENSION, HOST_VM, CAPABILITY_XSAVE2));
	EXPECT_ANSWER(0, get_image(&image));
	expect_untouched(&image, size);
	EXPECT_ANSWER(REFUSED(HOST_EINVAL), host_get_image(HOST_GET_XSAVE, HOST_VCPU, &after));
	expect_untouched(&after, 0);
}

TEST(image_has_tiles, "KVM_GET_XSAVE2 gives the guest's tiles and their configuration",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_XSAVE2; SDM vol. 1, 13.4.2"), NEEDS(AMX_TILE),
     ACTIONS(HOST_CALL), CASES(2))
{
	amx_begin();
	for (unsigned int released = 0; released < 2; released++)
		CASE ("released=%u", released) {
			load(10 + released);
			if (released)
				ASSERT_(EXPECT_NO_FAULT(tilerelease()));
			EXPECT_ANSWER(0, get_image(&image));
			EXPECT_EQ(released ? 0 : XTILE, image_word(&image, XSAVE_BV) & XTILE);
			if (released)
				continue;
			expect_same("XTILECFG", (u8 *)&config, part(&image, XTILECFG),
				    XTILECFG_BYTES);
			expect_same("XTILEDATA", tiles.byte[0], part(&image, XTILEDATA),
				    XTILEDATA_BYTES);
		}
}

TEST(image_gives_tiles, "KVM_SET_XSAVE gives the guest the tiles of the image, or none",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE"), NEEDS(AMX_TILE), ACTIONS(HOST_CALL),
     CASES(2))
{
	amx_begin();
	for (unsigned int initial = 0; initial < 2; initial++)
		CASE ("initial=%u", initial) {
			load(20 + initial);
			EXPECT_ANSWER(0, get_image(&image));
			tiles_fill(&tiles, 30 + initial);
			memcpy(part(&image, XTILEDATA), &tiles, XTILEDATA_BYTES);
			if (initial) {
				image_set_word(&image, XSAVE_BV,
					       image_word(&image, XSAVE_BV) & ~BIT(XTILEDATA));
				memset(&tiles, 0, sizeof(tiles));
			}
			EXPECT_ANSWER(0, host_set_image(HOST_VCPU, &image));
			expect_config();
			expect_tiles(&tiles);
		}
}

TEST(disabled_tiles_in_image,
     "of tiles that IA32_XFD[18] disables KVM_GET_XSAVE2 says that they are initial, and the "
     "configuration is there",
     LAW("SDM vol. 1, 13.14; Documentation/virt/kvm/api.rst, KVM_GET_XSAVE2"), NEEDS(AMX_TILE),
     ACTIONS(HOST_CALL), CASES(2))
{
	amx_begin();
	for (unsigned int tried = 0; tried < 2; tried++)
		CASE ("tried=%u", tried) {
			load(40 + tried);
			set_xfd(XFD_TILEDATA);
			if (tried)
				EXPECT_FAULT(NM, tileload(0, tiles.byte, TILE_ROW_BYTES));
			EXPECT_ANSWER(0, get_image(&image));
			EXPECT_EQ(BIT(XTILECFG), image_word(&image, XSAVE_BV) & XTILE);
			expect_same("XTILECFG", (u8 *)&config, part(&image, XTILECFG),
				    XTILECFG_BYTES);
			EXPECT_EQ(XFD_TILEDATA, read_msr(MSR_XFD));
			wrmsr(MSR_XFD_ERR, 0);
			set_xfd(0);
			expect_config();
			expect_tiles_or_zero(&tiles);
		}
}

TEST(image_while_disabled,
     "KVM_SET_XSAVE takes an image with tiles while IA32_XFD[18] = 1, and the guest goes on",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XSAVE; SDM vol. 1, 13.14"), NEEDS(AMX_TILE),
     ACTIONS(HOST_CALL), FIXES(XFD_FIX), CASES(2))
{
	amx_begin();
	for (unsigned int released = 0; released < 2; released++)
		CASE ("released=%u", released) {
			load(50 + released);
			EXPECT_ANSWER(0, get_image(&image));
			if (released)
				ASSERT_(EXPECT_NO_FAULT(tilerelease()));
			set_xfd(XFD_TILEDATA);
			EXPECT_ANSWER(0, host_set_image(HOST_VCPU, &image));
			EXPECT_EQ(XFD_TILEDATA, read_msr(MSR_XFD));
			expect_config();
			EXPECT_FAULT(NM, tileload(0, tiles.byte, TILE_ROW_BYTES));
			wrmsr(MSR_XFD_ERR, 0);
			set_xfd(0);
			expect_tiles_or_zero(&tiles);
			tiles_fill(&other, 60 + released);
			load_tiles(&other);
			expect_tiles(&other);
		}
}

/* --- a vCPU whose CPUID has no tiles, beside one that has --- */

TEST(hidden_tiles_in_image,
     "a vCPU that was given no tiles has a smaller image, and takes no XTILEDATA in it",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_XSAVE, KVM_SET_XSAVE"), NEEDS(AMX_TILE),
     ACTIONS(HOST_CALL), CASES(2))
{
	u64 rest = amx_begin() & ~XTILE;

	CASE ("call=KVM_GET_XSAVE") {
		scratch_cpu(rest, CPUID_NO_TILES);
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE, SCRATCH_CPU, &image));
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE2, SCRATCH_CPU, &after));
		expect_same("image", image.byte, after.byte, XSAVE_IMAGE_BYTES);
		EXPECT_EQ(0, image_word(&after, XSAVE_BV) & XTILE);
	}
	CASE ("call=KVM_SET_XSAVE") {
		scratch_cpu(rest, CPUID_NO_TILES);
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE, SCRATCH_CPU, &image));
		after = image;
		image_set_word(&image, XSAVE_BV, image_word(&image, XSAVE_BV) | BIT(XTILEDATA));
		EXPECT_ANSWER(REFUSED(HOST_EINVAL), host_set_image(SCRATCH_CPU, &image));
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE, SCRATCH_CPU, &image));
		expect_same("image", after.byte, image.byte, XSAVE_IMAGE_BYTES);
	}
}
