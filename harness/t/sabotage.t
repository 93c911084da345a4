#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A check that nothing can make fail is no check: every fault of ci/sabotage.txt
# must be noticed, and every fault that a driver knows must stand there.  SABOTAGE in
# the environment names another list, KERNEL a kernel that stands for KERNEL in it.
. "$(dirname "$0")/tap.sh"

list=${SABOTAGE:-ci/sabotage.txt}

# The ids that have this verdict in a run.
ids() {
	grep '"record":"verdict"' "$1" | grep -E "\"verdict\":\"($2)\"" |
		sed 's/.*"id":"\([^"]*\)".*/\1/' | sort -u
}

# The fault is an option of the host, not of the place.
played() {
	echo "$1" | sed "s/@\|\$/,sabotage=$2&/"
}

# Only what is in the cache: this check waits for no mirror.
have_kernel() {
	[ -e "${ASSAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/assay}/specs/$1" ]
}

grep -v '^#' "$list" | grep . | sed "s|KERNEL|${KERNEL:-}|" >"$work/rows"
rows=$(wc -l <"$work/rows")
hosts="kvm qemu arm64/driver/assay-driver-kvm"
plan $((rows + 3))

# The names of the faults that a driver knows; one for another processor cannot be asked.
faults() {
	case $1 in
	arm64/*)
		sed -n '/sabotages\[\]/,/^};/s/^\t{ "\([a-z0-9-]*\)".*/\1/p' \
			harness/driver/kvm-arm64-options.c
		;;
	*)
		"build/assay-driver-$1" --probe 2>/dev/null |
			sed -n 's/.*"sabotage":{\([^}]*\)}.*/\1/p' | tr ',' '\n' |
			sed -n 's/^"\([a-z0-9-]*\)":.*/\1/p'
		;;
	esac
}
while read -r target fault tests; do
	case $target in
	*machine=bochs*) ci/bochs/build --cached patched >/dev/null || {
		skip "$target $fault" "no Bochs is built: make bochs"
		continue
	} ;;
	esac
	case $target in
	*@lab*) have_kernel "${target#*kernel=}" || {
		skip "$target $fault" "no such kernel here"
		continue
	} ;;
	kvm*) have_kvm || { skip "$target $fault" "no usable /dev/kvm"; continue; } ;;
	esac
	key=$(echo "$target $tests" | tr -c 'a-z0-9\n' _)
	# shellcheck disable=SC2086 # several globs
	{
		set -f
		[ -f "$work/$key" ] || ./assay run --target "$target" --no-known --deadline 2 \
			--format jsonl $tests >"$work/$key" 2>&1
		./assay run --target "$(played "$target" "$fault")" --no-known --deadline 2 \
			--format jsonl $tests >"$work/played" 2>&1
		set +f
	}
	ids "$work/$key" pass >"$work/passed"
	ids "$work/played" "fail|crash|timeout" >"$work/noticed"
	noticed=$(comm -12 "$work/passed" "$work/noticed" | head -n 3 | tr '\n' ' ')
	[ -n "$noticed" ]
	ok $? "$target $fault: noticed by ${noticed:-none of $tests}"
done <"$work/rows"

number=$rows
for host in $hosts; do
	unlisted=
	for fault in $(faults "$host"); do
		grep -qE "^[a-z].*[[:space:]]$fault[[:space:]]" ci/sabotage*.txt ||
			unlisted="$unlisted $fault"
	done
	is "" "$unlisted" "every fault of driver $host is listed"
done
