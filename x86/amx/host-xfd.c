// SPDX-License-Identifier: GPL-2.0-only
/*
 * IA32_XFD, IA32_XFD_ERR and XCR0 of a guest with tiles, read and written by the host
 * (KVM_GET_MSRS, KVM_SET_MSRS, KVM_SET_XCRS): the same rules as for the guest's own
 * WRMSR and XSETBV (SDM vol. 1, 13.3 and 13.14).
 */
#include "x86/amx/tile.h"
#include "x86/boot/host.h"

static struct tile_config config, got_config;
static struct tiles tiles;

static u64 read_msr(u32 msr)
{
	u64 value;

	ASSERT_(EXPECT_NO_FAULT(try_rdmsr(msr, &value)));
	return value;
}

static u64 host_msr(u64 object, u32 msr)
{
	static u64 word __attribute__((aligned(8)));

	word = ~0ull;
	EXPECT_ANSWER(1, HOST(HOST_GET_MSR, object, msr, (u64)&word));
	return word;
}

static const u32 registers[] = { MSR_XFD, MSR_XFD_ERR };
static const char *const register_name[] = { "xfd", "xfd_err" };

TEST(host_sees_xfd,
     "the host reads IA32_XFD and IA32_XFD_ERR as the guest has them, and writes them",
     LAW("SDM vol. 1, 13.14; Documentation/virt/kvm/api.rst, KVM_GET_MSRS, KVM_SET_MSRS"),
     NEEDS(AMX_TILE), ACTIONS(HOST_CALL), CASES(8))
{
	amx_begin();
	for (unsigned int n = 0; n < 8; n++)
		CASE ("register=%s,value=%u,written-by=%s", register_name[n & 1], n >> 1 & 1,
		      n & 4 ? "host" : "guest") {
			u32 msr = registers[n & 1];
			u64 value = n & 2 ? XFD_TILEDATA : 0;

			wrmsr(msr, value ^ XFD_TILEDATA);
			if (n & 4)
				EXPECT_ANSWER(1, HOST(HOST_SET_MSR, HOST_VCPU, msr, value));
			else
				wrmsr(msr, value);
			EXPECT_EQ(value, host_msr(HOST_VCPU, msr));
			EXPECT_EQ(value, read_msr(msr));
			/* It holds, too, and the other register is as it was. */
			EXPECT_EQ(0, read_msr(registers[~n & 1]));
			wrmsr(msr, 0);
		}
}

TEST(host_xfd_bits,
     "KVM_SET_MSRS writes the bits of IA32_XFD and IA32_XFD_ERR that CPUID allows, and no other",
     LAW("SDM vol. 1, 13.14; Documentation/virt/kvm/api.rst, KVM_SET_MSRS"), NEEDS(AMX_TILE),
     ACTIONS(HOST_CALL), CASES(2 * 64))
{
	scratch_cpu(amx_begin(), 0);
	for (unsigned int err = 0; err < 2; err++)
		for (unsigned int bit = 0; bit < 64; bit++)
			CASE ("register=%s,bit=%u", register_name[err], bit) {
				bool valid = xfd_valid(BIT(bit), XFD_TILEDATA);

				EXPECT_ANSWER(1, HOST(HOST_SET_MSR, SCRATCH_CPU, registers[err],
						      XFD_TILEDATA));
				EXPECT_ANSWER(valid, HOST(HOST_SET_MSR, SCRATCH_CPU, registers[err],
							  BIT(bit)));
				EXPECT_EQ(XFD_TILEDATA, host_msr(SCRATCH_CPU, registers[err]));
			}
}

/* The guest's own, that it may find again. */
TEST(host_refused_xfd, "what KVM_SET_MSRS refuses of IA32_XFD changes nothing for the guest",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_MSRS"), NEEDS(AMX_TILE), ACTIONS(HOST_CALL),
     CASES(4))
{
	amx_begin();
	for (unsigned int n = 0; n < 4; n++)
		CASE ("register=%s,was=%u", register_name[n & 1], n >> 1) {
			u32 msr = registers[n & 1];
			u64 was = n & 2 ? XFD_TILEDATA : 0;

			wrmsr(msr, was);
			EXPECT_ANSWER(0, HOST(HOST_SET_MSR, HOST_VCPU, msr,
					      XFD_TILEDATA | BIT(XTILECFG)));
			EXPECT_EQ(was, read_msr(msr));
			wrmsr(msr, 0);
		}
}

/*
 * The guest's registers lie in memory while the host writes, and are loaded with the
 * new XFD: the host must not take the #NM itself.
 */
TEST(host_disables_tiles,
     "tiles that the host disables by KVM_SET_MSRS are #NM for the guest, which goes on",
     LAW("SDM vol. 1, 13.14; Documentation/virt/kvm/api.rst, KVM_SET_MSRS"), NEEDS(AMX_TILE),
     ACTIONS(HOST_CALL), FLAGS(TEST_ENDS_HOST), CASES(2))
{
	amx_begin();
	for (unsigned int again = 0; again < 2; again++)
		CASE ("enabled-by=%s", again ? "host" : "guest") {
			config_fill(&config, TILE_ROWS, TILE_ROW_BYTES);
			tiles_fill(&tiles, 70 + again);
			load_tiles(&tiles);
			EXPECT_ANSWER(1, HOST(HOST_SET_MSR, HOST_VCPU, MSR_XFD, XFD_TILEDATA));
			EXPECT_EQ(XFD_TILEDATA, read_msr(MSR_XFD));
			EXPECT_FAULT(NM, tileload(0, tiles.byte, TILE_ROW_BYTES));
			EXPECT_EQ(XFD_TILEDATA, read_msr(MSR_XFD_ERR));
			wrmsr(MSR_XFD_ERR, 0);
			if (again)
				EXPECT_ANSWER(1, HOST(HOST_SET_MSR, HOST_VCPU, MSR_XFD, 0));
			else
				set_xfd(0);
			if (EXPECT_NO_FAULT(sttilecfg(&got_config)))
				expect_same("configuration", (u8 *)&config, (u8 *)&got_config,
					    sizeof(config));
			expect_tiles_or_zero(&tiles);
		}
}

TEST(hidden_tiles_xcr0,
     "KVM_SET_XCRS enables no tiles of a vCPU that was given none, nor half of them",
     LAW("Documentation/virt/kvm/api.rst, KVM_SET_XCRS; SDM vol. 1, 13.3"), NEEDS(AMX_TILE),
     ACTIONS(HOST_CALL), CASES(6))
{
	static const u64 bits[] = { BIT(XTILECFG), BIT(XTILEDATA), XTILE };
	u64 all = amx_begin(), rest = all & ~XTILE;

	for (unsigned int n = 0; n < 6; n++)
		CASE ("hidden=%u,xcr0=%#llx", n & 1, (unsigned long long)bits[n >> 1]) {
			bool valid = !(n & 1) && bits[n >> 1] == XTILE;
			u64 value = rest | bits[n >> 1];

			scratch_cpu(n & 1 ? rest : all, n & 1 ? CPUID_NO_TILES : 0);
			EXPECT_ANSWER(0, HOST(HOST_SET_XCR, SCRATCH_CPU, 0, rest));
			EXPECT_ANSWER(valid ? 0 : REFUSED(HOST_EINVAL),
				      HOST(HOST_SET_XCR, SCRATCH_CPU, 0, value));
			EXPECT_EQ(valid ? value : rest, HOST(HOST_GET_XCR, SCRATCH_CPU, 0));
		}
}
