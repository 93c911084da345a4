#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Whoever is killed, whenever: every planned test has one verdict, the verdicts
# of the others stand, and no process stays behind.
. "$(dirname "$0")/tap.sh"

rounds=4
plan $((rounds * 3 + 2))

# All processes of a session of ours, by its number.
session_processes() {
	ps -o pid=,sid=,comm= -e | awk -v s="$1" '$2 == s'
}

# Wait until there is none, for at most three seconds.
none_left() {
	for _ in $(seq 30); do
		[ -z "$(session_processes "$1")" ] && return 0
		sleep 0.1
	done
	session_processes "$1" >&2
	return 1
}

# The victim of this name in the session; it may have ended by itself.
kill_in() {
	session_processes "$1" | awk -v n="$2" 'index($3, n) == 1 { print $1 }' | xargs -r kill -9
}

start() {
	setsid ./assay run --target qemu --area state --format jsonl \
		>"$work/run" 2>"$work/errors" &
	session=$!
}

planned=$(./assay list --area state --format jsonl | wc -l)
for round in $(seq $rounds); do
	case $((round % 2)) in
	0) victim=qemu-system ;;
	1) victim=assay-driver ;;
	esac
	start
	sleep "0.$((round * 3 % 10))"
	kill_in "$session" "$victim"
	wait "$session"
	got=$(grep -c '"record":"verdict"' "$work/run")
	is "$planned" "$got" "round $round: every test has a verdict though $victim was killed"
	blamed=$(grep -cE '"verdict":"(fail|crash|timeout)"' "$work/run")
	[ "$blamed" -eq 0 ]
	ok $? "round $round: nobody is blamed for it ($blamed)"
	none_left "$session"
	ok $? "round $round: no process is left"
done

start
sleep 0.5
kill -9 "$session"
none_left "$session"
ok $? "no process is left when the command itself is killed"

start
sleep 0.5
kill -INT "$session"
wait "$session"
got=$(grep -c '"record":"verdict"' "$work/run")
is "$planned" "$got" "an interrupted run still has a verdict for every test"
