// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that CPUID tells of no tiles has nothing of them, whatever the processor
 * under it has: on KVM because nobody asked for the permission (the option
 * tiles=off), or because there are none.
 */
#include "x86/boot/host.h"
#include "x86/xstate/user.h"

#define XTILE ((u64)(XCR0_XTILECFG | XCR0_XTILEDATA))

static void needs_no_tiles(void)
{
	if (cpuid(7, 0).reg[CPUID_EDX] >> 24 & 1)
		skip("the CPU has tiles: CPUID.(EAX=0x7,ECX=0):EDX[24] = 1");
}

static u32 cpuid_word(u32 leaf, u32 subleaf, unsigned int reg)
{
	return cpuid(0, 0).reg[CPUID_EAX] < leaf ? 0 : cpuid(leaf, subleaf).reg[reg];
}

TEST(no_tiles_cpuid, "a CPU without AMX-TILE has no other bit of AMX in CPUID, nor a palette",
     LAW("SDM vol. 2A, CPUID leaves 7, 0DH, 1DH, 1EH; vol. 1, 13.2"), NEEDS(XSAVE), CASES(8))
{
	static const struct {
		const char *name;
		u32 leaf, subleaf, reg, bits;
	} word[] = {
		{ "amx", 7, 0, CPUID_EDX, BIT(22) | BIT(24) | BIT(25) },
		{ "amx-fp16", 7, 1, CPUID_EAX, BIT(21) },
		{ "amx-complex", 7, 1, CPUID_EDX, BIT(8) },
		{ "xcr0", 0xd, 0, CPUID_EAX, XTILE },
		{ "xtilecfg", 0xd, 17, CPUID_EAX, ~0u },
		{ "xtiledata", 0xd, 18, CPUID_EAX, ~0u },
		{ "palettes", 0x1d, 0, CPUID_EAX, ~0u },
		{ "tmul", 0x1e, 0, CPUID_EBX, ~0u },
	};

	needs_no_tiles();
	for (unsigned int i = 0; i < ARRAY_SIZE(word); i++)
		CASE ("bits=%s", word[i].name)
			EXPECT_EQ(0, cpuid_word(word[i].leaf, word[i].subleaf, word[i].reg) &
					     word[i].bits);
}

TEST(no_tiles_xcr0, "without tiles XSETBV of XTILECFG, XTILEDATA or both is #GP(0)",
     LAW("SDM vol. 1, 13.3"), NEEDS(XSAVE), CASES(3))
{
	static const u64 values[] = { XCR0_XTILECFG, XCR0_XTILEDATA, XTILE };

	needs_no_tiles();
	enable_xsave(XCR0_X87);
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		CASE ("xcr0=%#llx", (unsigned long long)values[i]) {
			u64 value = values[i] | XCR0_X87 | XCR0_SSE, now = 0;
			struct fault f = try_xsetbv(0, value);

			if (EXPECT_FAULT(GP, f))
				EXPECT_EQ(0, f.error_code);
			EXPECT_NO_FAULT(try_user_xgetbv(0, &now));
			EXPECT_EQ(XCR0_X87, now);
		}
}

TEST(no_tiles_registers, "without XFD in CPUID IA32_XFD and IA32_XFD_ERR are #GP(0)",
     LAW("SDM vol. 4, table 2-2, IA32_XFD, IA32_XFD_ERR; vol. 2B, RDMSR, WRMSR"), NEEDS(XSAVE),
     CASES(4))
{
	needs_no_tiles();
	if (cpuid(0xd, 1).reg[CPUID_EAX] >> 4 & 1)
		skip("the CPU has XFD: CPUID.(EAX=0xd,ECX=1):EAX[4] = 1");
	for (unsigned int n = 0; n < 4; n++)
		CASE ("register=%s,access=%s", n & 1 ? "xfd_err" : "xfd",
		      n & 2 ? "write" : "read") {
			u32 msr = n & 1 ? MSR_XFD_ERR : MSR_XFD;
			u32 low = 0, high = 0;
			struct fault f;

			if (n & 2)
				f = TRY("wrmsr", ::"c"(msr), "a"(0), "d"(0));
			else
				f = TRY("rdmsr", : "+a"(low), "+d"(high) : "c"(msr));
			if (EXPECT_FAULT(GP, f))
				EXPECT_EQ(0, f.error_code);
		}
}

/* --- instructions, at CPL 3 --- */

#define USER_CODE(name, instruction)                                                               \
	static u64 name(u64 at)                                                                    \
	{                                                                                          \
		asm volatile(instruction ::"r"(at), "r"(64ull) : "memory");                        \
		return at;                                                                         \
	}
USER_CODE(code_ldtilecfg, "ldtilecfg (%0)")
USER_CODE(code_sttilecfg, "sttilecfg (%0)")
USER_CODE(code_tileloadd, "tileloadd (%0,%1,1), %%tmm0")
USER_CODE(code_tilestored, "tilestored %%tmm0, (%0,%1,1)")
USER_CODE(code_tilezero, "tilezero %%tmm0")
USER_CODE(code_tilerelease, "tilerelease")
USER_CODE(code_tdpbssd, "tdpbssd %%tmm2, %%tmm1, %%tmm0")
#undef USER_CODE

TEST(no_tiles_instructions, "without tiles every instruction of AMX is #UD",
     LAW("SDM vol. 2A, LDTILECFG; vol. 2B, STTILECFG, TILELOADD, TILERELEASE"), NEEDS(XSAVE),
     CASES(7))
{
	static const struct {
		const char *name;
		u64 (*code)(u64);
	} instruction[] = {
		{ "ldtilecfg", code_ldtilecfg }, { "sttilecfg", code_sttilecfg },
		{ "tileloadd", code_tileloadd }, { "tilestored", code_tilestored },
		{ "tilezero", code_tilezero },	 { "tilerelease", code_tilerelease },
		{ "tdpbssd", code_tdpbssd },
	};
	static u8 operand[64] __attribute__((aligned(64)));

	needs_no_tiles();
	enable_xsave(XCR0_X87 | XCR0_SSE);
	for (unsigned int i = 0; i < ARRAY_SIZE(instruction); i++)
		CASE ("instruction=%s", instruction[i].name)
			EXPECT_FAULT(UD,
				     run_user(instruction[i].code, (u64)USER(operand), 0, NULL));
}

/* --- the host's side --- */

TEST(no_permission_no_tiles,
     "who did not ask for the guest's tiles is told of none, and can give a vCPU none",
     LAW("Documentation/virt/kvm/api.rst, KVM_GET_SUPPORTED_CPUID; "
	 "Documentation/arch/x86/xstate.rst, Dynamic features for virtual machines"),
     NEEDS(XSAVE), ACTIONS(HOST_CALL), CASES(4))
{
	u64 all = xcr0_supported() & ~XTILE;

	needs_no_tiles();
	CASE ("told")
		EXPECT_EQ(0, HOST(HOST_SUPPORTED_CPUID, 0xd, 0, CPUID_EAX) & XTILE);
	CASE ("size")
		EXPECT_EQ(XSAVE_IMAGE_BYTES, host_image_size());
	/* A permission for what the host has not is no harm: that CPUID may be taken. */
	CASE ("cpuid") {
		u64 answer;

		scratch_cpu(all, 0);
		answer = HOST(HOST_SET_CPUID, SCRATCH_CPU, all | XTILE, 0);
		if (host_call_failed(answer))
			EXPECT_ANSWER(REFUSED(HOST_EPERM), answer);
		EXPECT_ANSWER(REFUSED(HOST_EINVAL),
			      HOST(HOST_SET_XCR, SCRATCH_CPU, 0, XCR0_X87 | XTILE));
	}
	CASE ("image") {
		static struct host_image image;

		scratch_cpu(all, 0);
		EXPECT_ANSWER(0, host_get_image(HOST_GET_XSAVE2, SCRATCH_CPU, &image));
		image_set_word(&image, XSAVE_BV, image_word(&image, XSAVE_BV) | XCR0_XTILEDATA);
		EXPECT_ANSWER(REFUSED(HOST_EINVAL), host_set_image(SCRATCH_CPU, &image));
	}
}
