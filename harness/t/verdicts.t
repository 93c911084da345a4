#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every way in which a test can end gets its right word, on every host.
. "$(dirname "$0")/tap.sh"

ends="
passes:pass
fails:fail
fails-in-cases:fail
skips:skip
ends-host:skip
skips-after-failure:fail
loses-a-case:error
misses-window:error
unexpected-event:fail
triple-fault:crash
shutdown-expected:pass
shutdown-missing:fail
shutdown-not-announced:crash
hangs:timeout
beats:timeout
halts:timeout
halts-behind-sti:timeout
fails-by-shadow:fail
tries:pass
user:pass
saves-and-restores:pass
faults:pass
second-cpu:pass
four-cpus:pass
tries-on-cpu:pass
fails-on-cpu:fail
asserts-on-cpu:fail
event-on-cpu:fail
leaves-cpu-running:pass
triple-fault-on-cpu:crash
hangs-beside-cpu:timeout
cpus-save-and-restore:pass
"
targets="kvm qemu,machine=microvm qemu,machine=pc qemu,machine=q35"

# A second is enough where nothing comes, and may be too short for who is about to.
judge() { # TARGET SECONDS TEST-OPTION...
	target=$1 deadline=$2
	shift 2
	./assay run --target "$target" --deadline "$deadline" --no-known --format jsonl "$@" \
		>"$work/run" 2>"$work/errors"
}

verdict() { # TEST
	grep "\"id\": *\"self/$1\"" "$work/run" | sed -n 's/.*"verdict": *"\([a-z]*\)".*/\1/p'
}

plan $((32 * 4 + 4))
for target in $targets; do
	if [ "$target" = kvm ] && ! have_kvm; then
		skip "$target host-call-refuses" "no usable /dev/kvm"
		for end in $ends; do skip "$target ${end%%:*}" "no usable /dev/kvm"; done
		continue
	fi
	judge "$target" 1 --area self
	host_call=$(verdict host-call-refuses)
	cp "$work/run" "$work/all"
	for end in $ends; do
		cp "$work/all" "$work/run"
		got=$(verdict "${end%%:*}")
		if [ "$got" = timeout ] && [ "${end#*:}" != timeout ]; then
			judge "$target" 30 "self/${end%%:*}"
			got=$(verdict "${end%%:*}")
		fi
		is "${end#*:}" "$got" "$target ${end%%:*}"
	done
	# Whose fault a call of the host's interface is; QEMU has none.
	want=skip
	[ "$target" != kvm ] || want=pass
	is "$want" "$host_call" "$target host-call-refuses"
done
