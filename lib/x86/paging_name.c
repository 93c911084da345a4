// SPDX-License-Identifier: GPL-2.0-only
/* The names of the paging matrix's cases, written and read; see paging_case.h. */
#include "lib/x86/paging_case.h"

static const char *const level_group[] = { "", "pte", "pde", "pdpte", "pml4e", "pml5e" };

/* Groups that are named only if they have a flag. */
static const char *const other_groups[] = { "cr0", "cr4", "efer", "rflags", "pkru", "pkrs" };

static void add_word(struct text *t, bool *first, const char *word)
{
	text_add(t, "%s%s", *first ? "" : ".", word);
	*first = false;
}

static void add_flags(struct text *t, bool *first, const char *group, u64 c)
{
	for (unsigned int i = 0; i < PAGING_FLAG_COUNT; i++)
		if (c & BIT(i) && text_equal(paging_field[i].group, group))
			add_word(t, first, paging_field[i].word);
}

static void add_level(struct text *t, u64 c, unsigned int level)
{
	const struct paging_extra *extra = &paging_extra[PAGING_EXTRA(c)];
	bool first = true;

	text_add(t, "%s=", level_group[level]);
	add_flags(t, &first, level_group[level], c);
	if (level == PAGING_LEAF(c)) {
		add_flags(t, &first, "leaf", c);
		if (level > 1)
			add_word(t, &first, "PS");
	}
	if (extra->word && extra->level == level)
		add_word(t, &first, extra->word);
	if (first)
		text_add(t, "0");
	text_add(t, ",");
}

void paging_case_name(struct text *t, enum paging_mode mode, u64 c)
{
	for (unsigned int level = PAGING_LEAF(c); level <= paging_levels(mode); level++)
		add_level(t, c, level);
	for (unsigned int i = 0; i < ARRAY_SIZE(other_groups); i++) {
		bool first = true;

		for (unsigned int f = 0; f < PAGING_FLAG_COUNT; f++) {
			if (!(c & BIT(f)) || !text_equal(paging_field[f].group, other_groups[i]))
				continue;
			if (first)
				text_add(t, "%s=", other_groups[i]);
			add_word(t, &first, paging_field[f].word);
		}
		if (!first)
			text_add(t, ",");
	}
	text_add(t, "access=%s", paging_access_info[PAGING_ACCESS(c)].name);
	if (c & PAGING_BIT(TWICE))
		text_add(t, ",repeat=1");
}

/* --- reading --- */

/* A piece of a name. */
struct piece {
	const char *start;
	size_t length;
	bool more; /* ended by the character that promises another */
};

static bool piece_is(struct piece p, const char *word)
{
	for (size_t i = 0; i < p.length; i++)
		if (word[i] == '\0' || word[i] != p.start[i])
			return false;
	return word[p.length] == '\0';
}

/* Cut the next piece, up to `end` (which is stepped over), a comma or the end. */
static struct piece cut(const char **text, char end)
{
	struct piece p = { .start = *text };

	while (**text && **text != end && **text != ',') {
		p.length++;
		(*text)++;
	}
	p.more = **text == end;
	*text += p.more;
	return p;
}

static unsigned int find_level(struct piece group)
{
	for (unsigned int level = 1; level < ARRAY_SIZE(level_group); level++)
		if (piece_is(group, level_group[level]))
			return level;
	return 0;
}

static bool find_access(struct piece word, u64 *c)
{
	for (u64 i = 0; i < PAGING_ACCESS_COUNT; i++) {
		if (!piece_is(word, paging_access_info[i].name))
			continue;
		*c |= i << PAGING_ACCESS_SHIFT;
		return true;
	}
	return false;
}

static bool find_flag(const char *group, struct piece word, u64 *c)
{
	for (unsigned int i = 0; i < PAGING_FLAG_COUNT; i++) {
		if (!text_equal(paging_field[i].group, group) ||
		    !piece_is(word, paging_field[i].word))
			continue;
		*c |= BIT(i);
		return true;
	}
	return false;
}

static bool find_extra(enum paging_mode mode, unsigned int level, struct piece word, u64 *c)
{
	if (PAGING_EXTRA(*c))
		return false;
	for (u64 i = 1; i < PAGING_EXTRA_MAX && paging_extra[i].word; i++) {
		const struct paging_extra *e = &paging_extra[i];

		if (e->level != level || !(e->modes & BIT(mode)) || !piece_is(word, e->word))
			continue;
		if (e->where == EXTRA_IN_TABLE && PAGING_LEAF(*c) == level)
			continue;
		*c |= i << PAGING_EXTRA_SHIFT;
		return true;
	}
	return false;
}

static bool parse_level_word(enum paging_mode mode, unsigned int level, struct piece word, u64 *c)
{
	if (piece_is(word, "0") || find_flag(level_group[level], word, c))
		return true;
	if (level == PAGING_LEAF(*c)) {
		if (find_flag("leaf", word, c))
			return true;
		if (level > 1 && piece_is(word, "PS"))
			return true;
	}
	return find_extra(mode, level, word, c);
}

static bool parse_group(enum paging_mode mode, struct piece group, struct piece word, u64 *c)
{
	unsigned int level = find_level(group);

	if (level)
		return parse_level_word(mode, level, word, c);
	if (piece_is(group, "access"))
		return find_access(word, c);
	if (piece_is(group, "repeat"))
		return find_flag("repeat", word, c);
	for (unsigned int i = 0; i < ARRAY_SIZE(other_groups); i++)
		if (piece_is(group, other_groups[i]))
			return find_flag(other_groups[i], word, c);
	return false;
}

/* The leaf is the lowest level that a name has. */
static unsigned int named_leaf(const char *name)
{
	unsigned int leaf = 7;

	while (*name) {
		unsigned int level = find_level(cut(&name, '='));

		if (level && level < leaf)
			leaf = level;
		while (*name && *name++ != ',')
			;
	}
	return leaf;
}

bool paging_case_parse(enum paging_mode mode, const char *name, u64 *c)
{
	unsigned int leaf = named_leaf(name);
	bool has_access = false;

	if (leaf > 3)
		return false;
	*c = (u64)leaf << PAGING_LEAF_SHIFT;
	for (bool more = true; more;) {
		struct piece word, group = cut(&name, '=');

		has_access |= piece_is(group, "access");
		do {
			word = cut(&name, '.');
			if (!parse_group(mode, group, word, c))
				return false;
		} while (word.more);
		more = *name == ',';
		name += more;
	}
	return has_access && paging_case_legal(mode, *c);
}
