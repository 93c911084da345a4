#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# arm64: every end of a test gets its right word, by both ways into an image; images
# meet only targets of their architecture.
. "$(dirname "$0")/tap.sh"

ends="
passes:pass
fails:fail
skips:skip
loses-a-case:error
misses-window:error
unexpected-event:fail
faults:pass
irq:pass
hangs:timeout
halts:timeout
powers-off:crash
saves-and-restores:pass
resets:pass
four-cpus:pass
fails-on-cpu:fail
event-on-cpu:fail
sgi-to-cpu:pass
leaves-cpu-running:pass
"
targets="qemu,arch=arm64,boot=image qemu,arch=arm64,boot=elf"
plan $((18 * 2 + 4))
for target in $targets; do
	./assay run --target "$target" --area self-arm64 --deadline 1 --no-known --format jsonl \
		>"$work/run" 2>"$work/errors"
	for end in $ends; do
		got=$(grep "\"id\": *\"self-arm64/${end%%:*}\"" "$work/run" |
			sed -n 's/.*"verdict": *"\([a-z]*\)".*/\1/p')
		is "${end#*:}" "$got" "$target ${end%%:*}"
	done
done

./assay run --target qemu self-arm64/passes >"$work/run" 2>&1
is 2 $? "an arm64 test for an x86 target is bad input"
is 1 "$(wc -l <"$work/run")" "and one line says so" || explain "$work/run"
./assay run --target qemu --target qemu,arch=arm64 self/passes self-arm64/passes \
	--format tap >"$work/run" 2>&1
is 0 $? "two architectures in one run" || explain "$work/run"
is 2 "$(grep -c '^ok' "$work/run")" "each test runs on its own" || explain "$work/run"
