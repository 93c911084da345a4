#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The laws that have no action to sabotage are judged by models: with each wrong
# model of ci/mutants.txt a payload must fail where it passed before.
. "$(dirname "$0")/tap.sh"

tree=$work/tree
mkdir -p "$tree/build"
cp -r Makefile lib x86 arm64 harness ci "$tree/"
# Objects with their times: only what a mutant touches is built again.
cp -a build/guest build/host build/x86 build/arm64 build/assay-driver-qemu build/assay-driver-bochs "$tree/build/"
bochs=$(ci/bochs/build --cached patched) && mkdir "$tree/build/bochs" && ln -s "$bochs" "$tree/build/bochs/patched"
cp -a assay "$tree/assay"
find "$tree/build/guest" "$tree/build/host" -name '*.o' -exec touch {} +

rows=$(grep -v '^#' ci/mutants.txt | grep -c .)
plan "$rows"

ids() {
	grep '"record":"verdict"' "$1" | grep -E "\"verdict\":\"($2)\"" |
		sed 's/.*"id":"\([^"]*\)".*/\1/' | sort -u
}

judge() { # BUILD TESTS >jsonl
	set -f
	# shellcheck disable=SC2086 # several globs
	ASSAY_BUILD_DIR=$1 ./assay run --target "$host" --deadline 2 --format jsonl $2
	set +f
}

grep -v '^#' ci/mutants.txt | grep . | sed 's/ *| */\t/g' >"$work/rows"
while IFS='	' read -r name file from to tests; do
	area=${tests%%/*}
	arch=x86 form=img host=qemu
	[ -d "arm64/$area" ] && arch=arm64 form=bin host=qemu,arch=arm64
	# QEMU has no tiles.
	if [ "$area" = amx ]; then
		host=bochs
		[ -n "$bochs" ] || { skip "$name" "no Bochs is built: make bochs" && continue; }
	fi
	judge build "$tests" >"$work/before" 2>&1
	cp "$file" "$tree/$file"
	FROM=$from TO=$to perl -0pi -e '
		$to = $ENV{TO} =~ s/\\n/\n/gr;
		$found = s/$ENV{FROM}/$to/;
		END { exit !$found }' "$tree/$file"
	if [ $? -ne 0 ]; then
		ok 1 "$name: the pattern is in $file"
		continue
	fi
	if ! make -C "$tree" "build/$arch/$area" "build/$arch/$area.$form" >"$work/make" 2>&1; then
		ok 1 "$name: builds"
		explain "$work/make"
	else
		judge "$tree/build" "$tests" >"$work/after" 2>&1
		ids "$work/before" "pass|known" >"$work/passed"
		ids "$work/after" "fail|crash|timeout" >"$work/failed"
		noticed=$(comm -12 "$work/passed" "$work/failed" | head -n 3 | tr '\n' ' ')
		[ -n "$noticed" ]
		ok $? "$name: noticed by ${noticed:-none of $tests}"
	fi
	cp "$file" "$tree/$file"
done <"$work/rows"
