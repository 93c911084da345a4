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

plan $((32 * 4 + 4))
for target in $targets; do
	if [ "$target" = kvm ] && ! have_kvm; then
		skip "$target host-call-refuses" "no usable /dev/kvm"
		for end in $ends; do skip "$target ${end%%:*}" "no usable /dev/kvm"; done
		continue
	fi
	./assay run --target "$target" --area self --deadline 1 --no-known --format jsonl \
		>"$work/run" 2>"$work/errors"
	for end in $ends; do
		got=$(grep "\"id\": *\"self/${end%%:*}\"" "$work/run" |
			sed -n 's/.*"verdict": *"\([a-z]*\)".*/\1/p')
		is "${end#*:}" "$got" "$target ${end%%:*}"
	done
	# Whose fault a call of the host's interface is; QEMU has none.
	want=skip
	[ "$target" != kvm ] || want=pass
	got=$(grep '"id": *"self/host-call-refuses"' "$work/run" |
		sed -n 's/.*"verdict": *"\([a-z]*\)".*/\1/p')
	is "$want" "$got" "$target host-call-refuses"
done
