#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Ids and sentences are unique or nothing is built, and the documents say what the tables say.
. "$(dirname "$0")/tap.sh"

plan 6

two_tests() { # ID SENTENCE ID SENTENCE
	printf '#include "x86/boot/x86.h"\nTEST(%s, "%s")\n{\n}\nTEST(%s, "%s")\n{\n}\n' "$@"
}

compile() {
	gcc -std=gnu11 -I. -ffreestanding -mgeneral-regs-only -DASSAY_GUEST -DASSAY_AREA='"t"' \
		-c -o "$work/two.o" -x c - 2>"$work/errors"
}

two_tests one "first" two "second" | compile
ok $? "two tests of two names compile"
! two_tests one "first" one "second" | compile
ok $? "two tests of one name do not"

mkdir -p "$work/build/x86"
cp build/x86/self "$work/build/x86/self"
ASSAY_BUILD_DIR=$work/build ./assay list --count >/dev/null 2>"$work/errors"
is 0 $? "one image lists"
cp build/x86/self "$work/build/x86/copy"
ASSAY_BUILD_DIR=$work/build ./assay list --count >/dev/null 2>"$work/errors"
is 2 $? "two images with the same ids and sentences do not"
is 1 "$(wc -l <"$work/errors")" "and say so in one line" || explain "$work/errors"

{
	sed '/^```/,$d' doc/actions.md
	echo '```'
	./assay actions
	echo '```'
} | cmp -s - doc/actions.md
ok $? "doc/actions.md is the table of lib/sync.h (else: make doc/actions.md)"
