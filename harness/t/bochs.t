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
plan $((15 + patches))

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

# Kernels in Bochs, if they are in the cache: this check waits for no mirror.
lab() { # STATUS RELEASE NAME
	spec=debian:$2
	if [ -e "${ASSAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/assay}/specs/$spec" ]; then
		run "$1" "$3" amx/load-while-disabled amx/tiles-survive \
			--target "kvm@lab,machine=bochs,kernel=$spec"
	else
		skip "$3" "no kernel $2 in the cache"
		echo >"$work/run"
	fi
}
lab 0 6.12.69+deb12-cloud-amd64 'a kernel in Bochs keeps the laws of AMX'
lab 1 6.12.57+deb12-cloud-amd64 'one that has the bug of 2025 does not'
if [ "$(wc -l <"$work/run")" -gt 1 ]; then
	has '^# crash: the kernel reported .*exc_device_not_available' 'its oops is a crash of the kernel'
	has '^ok .* amx/tiles-survive' 'and costs no other test its verdict'
else
	skip 'its oops' 'no kernel in the cache'
	skip 'the other test' 'no kernel in the cache'
fi
