#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The host bochs: AMX's laws pass with our patches and fail without; its end, by
# whoever causes it, is told, and nothing stays behind; bad input.
. "$(dirname "$0")/tap.sh"

if ! ci/bochs/build --cached patched >"$work/patched" || ! ci/bochs/build --cached unpatched >/dev/null; then
	echo "1..0 # SKIP no Bochs is built: make bochs"
	exit 0
fi
bochs=$(cat "$work/patched")/bochs
patches=$(ls ci/bochs/*.patch | wc -l)
plan $((11 + patches))

# run STATUS NAME ARGUMENT...
run() {
	status=$1 name=$2
	shift 2
	./assay run --format tap "$@" >"$work/run" 2>&1
	is "$status" $? "$name" || explain "$work/run"
}
has() { # TEXT NAME
	grep -q -e "$1" "$work/run"
	is 0 $? "$2" || explain "$work/run"
}
none_left() {
	for _ in $(seq 30); do
		[ -z "$(ps -eo pid=,sid=,comm= | awk -v s="$1" '$2 == s')" ] && return 0
		sleep 0.1
	done
	return 1
}

run 0 'patched: every law of AMX holds' --target bochs --area amx --area xstate
has '^# [0-9]* pass, [0-9]* skip$' 'and none is known not to'
run 0 'unpatched: what is known to fail' --target bochs,build=unpatched --area amx
tests=$(sed -n '/^Tests: none:/!s/^Tests: //p' ci/bochs/*.patch)
# shellcheck disable=SC2086 # a list of ids
./assay run --format jsonl --no-known --target bochs,build=unpatched $tests >"$work/jsonl" 2>&1
grep -E '"verdict":"(fail|crash|timeout)"' "$work/jsonl" | sed 's/.*"id":"\([^"]*\)".*/\1/' >"$work/failed"
for patch in ci/bochs/*.patch; do
	tests=$(sed -n 's/^Tests: //p;/^$/q' "$patch")
	case $tests in
	none:*)
		skip "$(basename "$patch")" "${tests#none: }"
		continue
		;;
	esac
	seen=
	for id in $tests; do
		! grep -qx "$id" "$work/failed" || seen="$seen $id"
	done
	[ -n "$seen" ]
	ok $? "$(basename "$patch"): unpatched fails${seen:- none of $tests}"
done

# A guest that hangs, one that dies, a Bochs that is killed.
run 1 'a triple fault is a crash of the guest' --target bochs self/triple-fault
has 'Bochs ended: .*no resolution' 'with what Bochs said'
run 1 'a guest that hangs is a timeout' --target bochs self/hangs --deadline 2
has '^# timeout: no message for' 'that says so'
setsid ./assay run --target bochs --area xstate --format jsonl >"$work/run" 2>&1 &
session=$!
sleep 0.7
ps -eo pid=,sid=,comm= | awk -v s="$session" '$2 == s && $3 == "bochs" { print $1 }' | xargs -r kill -9
wait "$session"
blamed=$(grep -cE '"verdict":"(crash|timeout)"' "$work/run")
is 0 "$blamed" 'a Bochs that was killed is nobody'"'"'s fault'
none_left "$session"
ok $? 'no process stays behind'
is "" "$(find /tmp -maxdepth 1 -name 'assay-bochs-*' -newer "$work/patched")" 'and no file'
run 3 'a Bochs that is not there' --target bochs,binary=/nowhere amx/aligned
