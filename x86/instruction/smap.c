// SPDX-License-Identifier: GPL-2.0-only
/* STAC and CLAC (SDM vol. 2): they set and clear AC at CPL 0, whatever CR4.SMAP is, and only there. */
#include "x86/instruction/perform.h"

INSTRUCTION(set_ac, "stac; pushfq; pop %rax");
INSTRUCTION(clear_ac, "clac; pushfq; pop %rax");

static const struct {
	const char *name;
	const struct instruction *instruction;
	u64 ac;
} rows[] = { { "stac", &set_ac, RFLAGS_AC }, { "clac", &clear_ac, 0 } };

static void use_smap(bool on)
{
	write_cr4((read_cr4() & ~(u64)CR4_SMAP) | (on ? CR4_SMAP : 0));
}

static void each(unsigned int cpl)
{
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int row = i & 1;
		bool smap = i & 2, ac = i & 4;

		CASE("instruction=%s,smap=%u,ac=%u", rows[row].name, smap, ac) {
			struct registers r = { .rflags = STATUS_FLAGS | (ac ? RFLAGS_AC : 0) };
			struct fault f;

			use_smap(smap);
			f = perform(rows[row].instruction, cpl, &r);
			use_smap(false);
			if (cpl)
				EXPECT_REFUSED(UD, rows[row].instruction, cpl, f);
			else if (EXPECT_NO_FAULT(f))
				EXPECT_FLAGS(rflags_names, STATUS_FLAGS | rows[row].ac,
					     r.rax & (STATUS_FLAGS | RFLAGS_AC));
		}
	}
}

TEST(stac_clac_at_cpl0, "STAC sets AC and CLAC clears it at CPL 0, whatever CR4.SMAP is",
     LAW("SDM vol. 2B, STAC; vol. 2A, CLAC"), NEEDS(SMAP), CASES(8))
{
	each(0);
}

TEST(stac_clac_at_cpl3, "STAC and CLAC are #UD at CPL 3, whatever CR4.SMAP is",
     LAW("SDM vol. 2B, STAC; vol. 2A, CLAC"), NEEDS(SMAP), CASES(8))
{
	each(3);
}
