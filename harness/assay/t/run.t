#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The command from outside, with a driver that misbehaves (fake-driver) and an
# image made here.  Usage: run.t [ASSAY]; TAP on standard output.

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
assay=${1:-$root/assay}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
ASSAY_BUILD_DIR=$work/build
FAKE_STATE=$work/state
export ASSAY_BUILD_DIR FAKE_STATE
mkdir -p "$work/build/x86" "$work/state" "$work/known"
cd "$work" || exit 1

n=0
ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/#   out: /' out 2>/dev/null | head -40
		sed 's/^/#   err: /' err 2>/dev/null | head -10
	fi
}

# expect NAME STATUS ARGUMENT...: run it, keep out and err, check the exit status
expect() {
	name=$1 wanted=$2
	shift 2
	"$assay" "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$wanted" ] || echo "#   wanted exit status $wanted, got $got"
	[ $got = "$wanted" ]
	ok $? "$name"
}

has() { # FILE TEXT NAME
	grep -qF -- "$2" "$1"
	ok $? "$3"
}

hasnt() {
	! grep -qF -- "$2" "$1"
	ok $? "$3"
}

# complains NAME STATUS TEXT ARGUMENT...: one line, with this text, nothing else
complains() {
	name=$1 wanted=$2 text=$3
	shift 3
	"$assay" "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$wanted" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		grep -q '^assay: ' err && grep -qF -- "$text" err
	ok $? "$name"
}

gone() { # PIDFILE NAME
	i=0
	while kill -0 "$(cat "$1")" 2>/dev/null && [ $i -lt 50 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	! kill -0 "$(cat "$1")" 2>/dev/null
	ok $? "$2"
}

# --- a build: one image, one driver ---

names='passes covers covers_nothing lacks_window fails fails_often known_fails half_known
hides_failures known_crash is_fixed flaky_passes skips errs crashes times_out segfaults is_killed
exits ends writes_garbage writes_other_event writes_half_event writes_other_test writes_much
is_cut_off contradicts invents is_silent leaves_child beats one_case alternates dies_early
dies_early_once boots_never needs_restore varies stalls_once sours'

toy() { # AREA; the declarations are in a file
	cat >"$1.c" <<'EOF'
#include "lib/sync.h"
#include "lib/test.h"
asm(".pushsection .note.assay,\"a\",@note\n.long 6,24,1\n.asciz \"Assay\"\n"
    ".balign 4\n.quad entry,0,0\n.popsection\n.globl entry\nentry:");
EOF
	cat declarations >>"$1.c"
	gcc -std=gnu11 -O0 -fno-toplevel-reorder -fno-pie -ffreestanding -mcmodel=large \
		-I"$root" -DASSAY_AREA="\"$1\"" -c -o "$1.o" "$1.c" &&
		ld -nostdlib -static -z noexecstack --build-id=none -e entry -o "build/x86/$1" "$1.o"
}

for name in $names; do
	extra=
	case $name in
	covers) extra=', LAW("SDM vol. 3A, 4.6"), CASES(10)' ;;
	fails) extra=', FIXES(FIX("b321c31c9b7b", "KVM: x: a subject"))' ;;
	lacks_window) extra=', FLAGS(TEST_HAS_WINDOW)' ;;
	one_case) extra=', CASES(3)' ;;
	varies) extra=', CASES(9)' ;;
	needs_restore) extra=', ACTIONS(SAVE | RESTORE)' ;;
	esac
	echo "TEST($name, \"The test $name.\"$extra) {}"
	echo "$name" | tr _ - >>state/names
done >declarations
toy toy
echo 'TEST(inner, "A test of Assay itself.", .flags = TEST_INTERNAL) {}' >declarations
toy self
cp "$here/fake-driver" build/assay-driver-fake

cat >known/fake.txt <<EOF
# what the fake does wrong
subject: Fake 1.*
test: toy/known-fails
case: case=1
signature: value wanted=P|W got=U
what: the first case
 is wrong
why: the driver says so
since: 2026-01-02

subject: Fake *
test: toy/half-known
case: case=1
what: half
why: the driver says so
since: 2026-01-02

subject: Fake *
test: toy/hides-failures
what: hidden
why: the driver says so
since: 2026-01-02

subject: Fake *
option: flavour=plain
test: toy/known-crash
signature: *KVM_EXIT_INTERNAL_ERROR*
verdict: crash
what: emulation
why: the driver says so
since: 2026-01-02

subject: Fake *
test: toy/is-fixed
what: was wrong once
why: the driver says so
since: 2026-01-02

subject: Fake *
test: toy/flaky-passes
what: sometimes wrong
why: the driver says so
since: 2026-01-02
flaky: yes
EOF

# run NAME STATUS ARGUMENT...: against the fake
run() {
	label=$1 status=$2
	shift 2
	expect "$label" "$status" run --target fake --known known "$@"
}

# --- verbs that boot nothing ---

expect 'list' 0 list
has out 'toy/fails  The test fails.' 'list prints id and sentence'
has out 'fixes b321c31c9b7b KVM: x: a subject' 'list prints fixes'
hasnt out 'self/inner' 'internal tests are not listed unless named'
expect 'list --area self' 0 list --area self
has out 'self/inner' 'an area names its internal tests'
expect 'list self/*' 0 list 'self/*'
expect 'list --count' 0 list --count
has out 'toy              40 tests' 'list --count counts tests'
expect 'list --format jsonl' 0 list 'toy/covers' --format jsonl
has out '"id":"toy/covers","sentence":"The test covers.","law":"SDM vol. 3A, 4.6"' 'jsonl of a test'
expect 'list --fixes, abbreviated' 0 list --fixes B321C31
has out 'toy/fails' '--fixes finds by the beginning of the id'
expect 'list --fixes, longer than listed' 0 list --fixes b321c31c9b7b0123456789
expect 'actions' 0 actions
has out 'SIGNAL_MSI(address, data, device_id)' 'actions have their arguments'
expect 'actions --format jsonl' 0 actions --format jsonl
has out '{"name":"SAVE","arguments":[],"meaning":' 'jsonl of an action'
expect 'targets' 0 targets
has out 'fake: Fake 1.0 plain' 'targets say what they judge'
has out 'option flavour=plain' 'targets say their options'
FAKE_MODE=missing expect 'targets, none usable' 3 targets
has out 'cannot run here: /dev/fake is not there' 'targets name the missing fact'
expect 'known' 0 known --known known
has out 'toy/known-fails: the first case is wrong' 'known lists what is wrong'
expect 'known --check' 0 known --known known --check
expect '--version' 0 --version
for verb in run list actions targets known diff baseline bugs; do
	"$assay" $verb --help >out 2>err </dev/null && [ "$(wc -l <out)" -le 24 ] &&
		[ "$(wc -L <out)" -le 100 ] && grep -q '^Example: assay ' out
	ok $? "$verb --help fits one screen, with an example"
done

# --- bugs ---

mkdir -p bugs
bug() { # NAME TEST BAD GOOD SIGNATURE
	cat >"bugs/$1.txt" <<EOF
title: the fake
 turns $1
fix: id unknown
bad: $3
good: $4
target: fake,flavour={}
test: toy/$2
signature: $5
runs: bad 1 of 1 failed, good 1 of 1 passed
seen: 2026-01-02
EOF
}
bug sour sours sour plain 'value wanted=P|W got=U'
expect 'bugs' 0 bugs --folder bugs
has out 'sour: the fake turns sour' 'bugs lists what is wrong'
expect 'a bug that is there' 0 bugs --folder bugs --run sour
has out '  reproduced: the fake turns sour (bad kernels failed 1 of 1, good ones passed 1 of 1)' \
	'it is reproduced'
expect 'each twice' 0 bugs --folder bugs --run --repeat 2 'so*'
has out 'failed 2 of 2, good ones passed 2 of 2' 'and counted twice'
bug sweet passes sour plain '*'
expect 'a bug that is not there' 1 bugs --folder bugs --run sweet
has out '  not reproduced: ' 'it is not reproduced'
bug half sours 'sour plain' plain 'value wanted=P|W got=U'
expect 'a bug that one of two bad kernels has' 1 bugs --folder bugs --run half
has out '  not reproduced: ' 'it is not reproduced either'
bug other sours sour plain 'value wanted=P got=*'
expect 'another failure' 1 bugs --folder bugs --run other
has out '  not reproduced: ' 'another failure is not the bug'
bug stays fails sour plain '*'
expect 'a bug that stayed' 1 bugs --folder bugs --run stays
has out '  not fixed: ' 'it is not fixed'
bug lost errs sour plain '*'
expect 'a bug whose test breaks' 3 bugs --folder bugs --run lost
has out '  error: ' 'that is an error'
bug nowhere sours salty plain '*'
expect 'a kernel that cannot be had' 3 bugs --folder bugs --run nowhere
has out "has no option 'flavour=salty'" 'the reason is said'
complains 'no such bug' 2 "no bug matches 'none'" bugs --folder bugs none
echo 'titel: x' >bugs/wrong.txt
complains 'a malformed bug' 2 "bugs/wrong.txt:1: unknown field 'titel'" bugs --folder bugs
complains 'no folder of bugs' 2 'bugs in nothing' bugs --folder nothing

# --- bad input: one line, exit 2 ---

complains 'unknown verb' 2 "unknown verb 'rnu'; did you mean 'run'?" rnu
complains 'unknown option' 2 "unknown option '--taget'; did you mean '--target'?" run --taget x
complains 'unknown host' 2 "unknown host 'bochs'; there are: fake" run --target bochs
complains 'unknown option of a target' 2 "has no option 'colour=red'" run --target fake,colour=red
complains 'malformed target' 2 "'flavour' is not option=value" run --target fake,flavour
complains 'unknown place' 2 "place 'moon' is not there" run --target fake@moon
complains 'glob that matches nothing' 2 "did you mean 'toy/passes'?" run 'toy/pases'
complains 'area written as a glob' 2 "write 'toy/*'" run toy
complains 'unknown area' 2 "unknown area 'tay'; did you mean 'toy'?" run --area tay
complains 'unknown fix' 2 'no test guards the fix 0123456789ab' run --fixes 0123456789ab
complains 'malformed fix' 2 "'xyz' is not a commit id" run --fixes xyz
complains 'unknown action' 2 "unknown action 'sav'" run --at-every-sync=sav
complains 'action with arguments' 2 'INJECT_IRQ cannot be added' run --at-every-sync=inject-irq
complains 'restore without save' 2 'a restore needs a save' run --at-every-sync=restore
complains 'unknown matrix' 2 "unknown matrix 'half'" run --matrix half
complains 'malformed shard' 2 "'4/4' is not I/N" run --shard 4/4
complains 'unknown format' 2 "unknown format 'xml'" run --format xml
complains 'number out of range' 2 'is not a number from 1' run --repeat 0
complains 'value missing' 2 '--seed needs a value' run --seed
complains 'case of several tests' 2 '--case is for one test' run --case x
complains 'case of a test without cases' 2 'has no cases' run --case x toy/passes
complains 'a target twice' 2 'stands twice' run --target fake --target fake
complains 'known folder not there' 2 'No such file' run --known nowhere
complains 'output in a file' 2 'Not a directory' run --target fake --output known/fake.txt/x
complains 'output not empty' 2 'is not empty' run --target fake --output known
complains 'superfluous word' 2 "'x' is one word too many" actions x
printf 'subject: x\ntest: y\n' >bad.known && mkdir -p bad && mv bad.known bad/a.txt
complains 'malformed known deviations' 2 'bad/a.txt:1: this entry has no field what' \
	run --known bad
mkdir -p short/x86 && cp build/assay-driver-fake short/ && head -c 700 build/x86/toy >short/x86/toy
ASSAY_BUILD_DIR=short complains 'truncated image' 2 'short/x86/toy: ' list
mkdir -p twice/x86 && cp build/x86/toy twice/x86/
echo 'TEST(passes, "The test passes.") {}' >declarations
toy other && mv build/x86/other twice/x86/
ASSAY_BUILD_DIR=twice complains 'a sentence twice' 2 'have the same sentence' list --count
ASSAY_BUILD_DIR=nowhere complains 'no build' 3 'build them with: make' list

# --- verdicts ---

run 'a pass' 0 toy/passes
[ "$(head -2 out)" = "TAP version 13
1..1" ] && grep -q '^ok 1 - fake toy/passes$' out
ok $? 'TAP begins with its version and its plan'
run 'a failure' 1 toy/fails
has out 'not ok 1 - fake toy/fails' 'a failure is not ok'
has out "#     case   vector=4,route='int n'" 'its case'
has out '#     wanted P|W' 'what was wanted'
has out '#     got    U' 'what was got'
has out 'toy.c:7: value' 'where'
has out 'a note # with \x1b[31m colour' 'what a guest wrote cannot command a terminal'
has out "reproduce: ./assay run --target fake toy/fails --case 'vector=4,route='\\''int n'\\''' --seed 1" \
	'the command that reproduces it'
run 'many failures' 1 toy/fails-often --seed 7 --matrix sample=9 --at-every-sync=save
has out 'and 15 more' 'ten failures are shown'
has out '--case case=0 --seed 7 --matrix sample=9 --at-every-sync=save' 'the command is complete'
grep -q 'seed=7 matrix=sample:9 sync=save$' state/requests
ok $? 'the request has it all'
run 'skip' 0 toy/skips
has out 'ok 1 - fake toy/skips # SKIP the CPU has no \# AMX' 'a skip has its reason, escaped'
run 'an action that the host lacks' 0 toy/needs-restore
has out '# SKIP host fake has no RESTORE' 'the action is named'
! grep -q "index=36 " state/requests
ok $? 'it was not even asked for'
run 'error' 3 toy/errs
run 'crash' 1 toy/crashes
run 'timeout' 1 toy/times-out
run 'both: the subject goes first' 1 toy/errs toy/crashes
run 'cases not covered' 0 toy/covers
has out 'not covered: 3 cases: no PKU' 'the fact is named'
has out 'window hit 5 times: between, # and \' 'windows are reported'
run 'nothing ran: no pass' 0 toy/covers-nothing
has out '# SKIP none of 3 cases ran: no LA57' 'it is a skip'
run 'no window: no pass' 3 toy/lacks-window
has out '# error: window not reached' 'it is an error'

# --- known deviations ---

run 'known failure' 0 toy/known-fails
has out 'not ok 1 - fake toy/known-fails # TODO known: the first case is wrong' 'TODO'
run 'known only in part' 1 toy/half-known
run 'failures that were not reported are not known' 1 toy/hides-failures
run 'known crash' 0 toy/known-crash
has out '# TODO known: emulation' 'TODO'
expect 'another option: not known' 1 run --target fake,flavour=sour --known known toy/known-crash
run 'fixed' 1 toy/is-fixed
has out '# fixed: was wrong once' 'a deviation that passes is loud'
run 'with actions that the entry does not name it is another test' 0 toy/is-fixed --at-every-sync save
run 'a flaky one may pass' 0 toy/flaky-passes
expect 'without the list' 1 run --target fake --no-known toy/known-fails

# --- drivers that misbehave; each costs its own test ---

lives() { # TEST STATUS TEXT NAME [ARGUMENT...]: between two that pass
	name=$4 test=$1 status=$2 text=$3
	shift 4
	run "$name" "$status" toy/passes "toy/$test" toy/covers "$@"
	[ "$(grep -c '^ok ' out)" = 2 ] && [ "$(grep -c '^not ok ' out)" = 1 ] &&
		grep -qF -- "$text" out
	ok $? "$name: the others pass"
}
lives segfaults 1 '# crash: the driver ended: killed by signal 11 (Segmentation fault): assay-driver-fake: something broke' 'driver dies after hello'
lives is-killed 3 '# error: the driver ended: killed by signal 9 (Killed)' 'driver is killed after hello'
lives exits 1 '# crash: the driver ended: exit status 1' 'driver exits after hello'
lives ends 3 '# error: the driver ended: exit status 0' 'driver ends of its own will'
lives writes-garbage 3 'the driver wrote a line that is not JSON' 'garbage'
lives writes-other-event 3 "the driver wrote an unknown event 'confetti'" 'unknown event'
lives writes-half-event 3 "the driver wrote an event 'check' without 'case'" 'incomplete event'
lives writes-other-test 3 'the driver wrote an event of test 99999 while test' 'event of another test'
lives writes-much 3 'the driver wrote a line of more than 65536 bytes' 'endless line'
lives is-cut-off 3 'exit status 1, in the middle of a line' 'line cut off'
lives contradicts 3 'the driver wrote the verdict pass after 1 failed expectations' 'contradiction'
lives invents 3 "the driver wrote a verdict 'fixed', which drivers cannot give" 'invented verdict'
lives dies-early 3 'killed by signal 9 (Killed) (tried 3 times)' 'driver dies before hello'
has out '# infrastructure failures: 3' 'each time is counted'
run 'driver dies before hello once' 0 toy/dies-early-once
has out '# infrastructure failures: 1' 'it is counted'
run 'no first word' 3 toy/boots-never
has out 'nothing came (tried 3 times)' 'it was tried again'
ASSAY_SILENCE_SECONDS=1
export ASSAY_SILENCE_SECONDS
lives is-silent 1 '# timeout: the driver said nothing for 1 s and was killed' 'silent driver'
gone state/sleeper 'nothing of it is left'
run 'a slow test with heartbeats is not silent' 0 toy/beats
unset ASSAY_SILENCE_SECONDS
run 'driver leaves a child behind' 3 toy/leaves-child
gone state/orphan 'the child is gone'

# --- a driver that does not even begin ---

begins() { # MODE STATUS TEXT NAME
	FAKE_MODE=$1
	export FAKE_MODE
	run "$4" "$2" toy/passes
	has out "$3" "$4: it says why"
	unset FAKE_MODE
}
begins version 3 'version 2 of the stream, wanted 1' 'unknown version'
begins garbage 3 'a line that is not JSON' 'garbage first'
begins die 3 'killed by signal 9' 'killed first'
begins empty 3 'exit status 0' 'empty stream'
begins missing 3 'ok 1 - fake toy/passes # SKIP /dev/fake is not there' 'a missing fact'
FAKE_MODE=die run 'giving up' 3
has out 'not run: the driver failed' 'a dead driver is not asked for ever'

# --- default targets ---

complains 'no default target can run' 3 'no target can run here: qemu,machine=microvm: its driver is not built' run
cp build/assay-driver-fake build/assay-driver-kvm
expect 'one default target' 0 run toy/passes --no-known
has out '# not run: qemu,machine=microvm: its driver is not built' 'the other is said'
rm build/assay-driver-kvm

# --- plan ---

run 'repeat' 1 toy/alternates --repeat 4 --format summary
has out 'flaky   toy/alternates: 2 pass, 2 fail' 'flaky tests are found'
run 'repeat, tap' 1 toy/alternates --repeat 4 --format tap
has out '# flaky   toy/alternates: 2 pass, 2 fail' 'and in TAP'
run 'one case' 0 toy/one-case --case two
grep -q 'case=two$' state/requests
ok $? 'the driver gets the case'
run 'a case that is not there' 3 toy/one-case --case three
for i in 0 1 2; do
	"$assay" run --target fake --no-known 'toy/pass*' 'toy/skip*' 'toy/errs' 'toy/crash*' toy/covers \
		--shard $i/3 2>/dev/null | sed -n 's/.*ok [0-9]* - fake \([^ ]*\).*/\1/p'
done | sort >out
printf 'toy/covers\ntoy/crashes\ntoy/errs\ntoy/passes\ntoy/skips\n' | diff - out >err
ok $? 'shards have every test once'

# --- formats ---

run 'TAP for prove' 0 toy/passes toy/covers toy/skips toy/known-fails toy/known-crash --format tap
prove -e cat out >prove.out 2>&1
ok $? 'prove accepts it, skips and known deviations included'
run 'TAP for prove, with failures' 1 toy/passes toy/fails toy/is-fixed --format tap
! prove -e cat out >prove.out 2>&1 && grep -q 'Failed 2/3' prove.out
ok $? 'prove counts two of three'
run 'ktap' 1 toy/passes toy/fails toy/skips toy/known-fails toy/times-out --format ktap
cat >wanted <<'EOF'
KTAP version 1
1..1
  KTAP version 1
  # Subtest: fake
  1..1
    KTAP version 1
    # Subtest: toy
    1..5
    ok 1 passes
    not ok 2 fails
    ok 3 known-fails # XFAIL known: the first case is wrong
    ok 4 skips # SKIP the CPU has no \# AMX
    not ok 5 times-out # TIMEOUT no progress for 10 s
  not ok 1 toy
not ok 1 fake
EOF
grep -v '^ *# [^S]' out | diff wanted - >err
ok $? 'ktap is nested'
run 'jsonl' 1 toy/passes toy/fails --format jsonl
[ "$(wc -l <out)" = 4 ] && head -1 out | grep -q '^{"record":"run","version":1,' &&
	sed -n 3p out | grep -q '"checks":\[{"case":"vector=4' && tail -1 out | grep -q '"status":1}$'
ok $? 'jsonl: run, verdicts, end'
run 'summary' 1 toy/passes toy/fails toy/covers --format summary
has out 'target fake: Fake 1.0 plain, cpu=none' 'summary: the subject'
has out '2 pass, 1 fail' 'summary: counts'
has out 'cases not covered 3: no PKU' 'summary: what was not tested'
has out 'reproduce: ' 'summary: how to reproduce'

run 'junit' 1 'toy/p*' toy/fails toy/skips toy/known-fails toy/errs toy/crashes --format junit
xmllint --noout out 2>err && [ ! -s err ]
ok $? 'junit is well-formed'
value() { # XPATH WANTED NAME
	got=$(xmllint --xpath "$1" out 2>err)
	[ "$got" = "$2" ] || echo "#   wanted $2, got $got"
	[ "$got" = "$2" ]
	ok $? "$3"
}
value 'string(/testsuites/testsuite/@name)' 'fake toy' 'junit: a suite for the area of the target'
value 'concat(/testsuites/@tests," ",//testsuite/@tests," ",//@failures," ",//@errors," ",//@skipped)' \
	'6 6 2 1 2' 'junit: counts'
value 'string(//testcase[1]/@classname)' 'fake.toy' 'junit: the class is target and area'
value 'string(//testcase[1]/@name)' 'passes' 'junit: the name is the test'
value 'string(//testcase[@name="fails"]/failure/@message)' '1 of 4 cases failed' 'junit: a failure'
value 'string(//testcase[@name="skips"]/skipped/@message)' 'the CPU has no # AMX' 'junit: a skip'
value 'string(//testcase[@name="known-fails"]/skipped/@message)' 'known: the first case is wrong' \
	'junit: a known deviation'
value 'string(//testcase[@name="errs"]/error/@type)' 'error' 'junit: an error'
value 'string(//property[@name="subject"]/@value)' 'Fake 1.0 plain' 'junit: the subject'
value 'string(//property[@name="fact.cpu"]/@value)' 'none' 'junit: facts'
has out 'a note # with \x1b[31m colour' 'junit: no control characters'
has out 'reproduce: ./assay run --target fake toy/fails' 'junit: how to reproduce'

# --- several targets at a time ---

both() { # FILE ARGUMENT...: on two targets, without what takes time
	file=$1
	shift
	"$assay" run --target fake --target fake,flavour=sour --known known "$@" 2>err </dev/null |
		sed 's/,"seconds":[0-9.e-]*//; s/,"date":"[^"]*"//; s/ --jobs 2//; s/,"--jobs","2"//' >"$file"
}
many='toy/passes toy/fails toy/covers toy/known-crash toy/segfaults toy/dies-early toy/skips'
for format in tap ktap jsonl; do
	# shellcheck disable=SC2086 # several words
	both one $many --format $format
	# shellcheck disable=SC2086
	both two-jobs $many --format $format --jobs 2
	diff one two-jobs >err
	ok $? "$format is the same with --jobs 2"
done
both out toy/passes toy/fails toy/known-crash toy/skips --format summary
cat >wanted <<'EOF'
targets side by side, where they differ or fail:
  fake#1   fake
  fake#2   fake,flavour=sour
                   fake#1   fake#2
  toy/fails        fail     fail
  toy/known-crash  known    crash
EOF
sed -n '/^targets side/,/^  toy.known-crash  /p' out | diff wanted - >err
ok $? 'several targets: a matrix of what differs or fails'
both out toy/passes toy/fails toy/known-crash --format tap
has out '#   toy/known-crash  known    crash' 'in TAP too'
both out toy/passes toy/skips
has out '# all 2 targets agree, and nothing failed' 'nothing differs: it says so'
began=$(date +%s%N)
both out toy/beats
middle=$(date +%s%N)
both out toy/beats --jobs 2
ended=$(date +%s%N)
echo "# two targets of 2 s: $(((middle - began) / 1000000)) ms, with --jobs 2 $(((ended - middle) / 1000000)) ms"
[ $((2 * (ended - middle))) -lt $((3 * (middle - began))) ] && [ "$(grep -c '^ok' out)" = 2 ]
ok $? 'two targets at a time take less than one after the other'
rm -f state/orphan
both out toy/passes toy/leaves-child toy/covers --jobs 2
[ "$(grep -c '^ok' out)" = 4 ]
ok $? 'drivers that die side by side take nobody along'
gone state/orphan 'and leave nobody behind'
expect 'a refused target, of several at a time' 2 run --target fake --target fake,colour=red --jobs 2

# --- results ---

run 'output' 1 toy/passes toy/fails-often --output result
[ "$(ls result)" = "report.tap
report.xml
run.jsonl
summary.txt" ] && ! ls -d result.partial* >/dev/null 2>&1
ok $? 'four files, nothing half'
[ "$(grep -o '"got":"U"' result/run.jsonl | wc -l)" = 25 ]
ok $? 'run.jsonl has every failed expectation'
diff out result/report.tap >err
ok $? 'report.tap is what was printed'
xmllint --noout result/report.xml 2>err
ok $? 'report.xml is well-formed'
complains 'output twice' 2 'holds the result of an earlier run' run --target fake --output result
mkdir empty
run 'output into an empty folder' 0 toy/passes --output empty/
[ -e empty/run.jsonl ]
ok $? 'it is filled'

# --- diff ---

keep() { # DIR VERDICT CASES ARGUMENT...: a result in which toy/varies ended so
	dir=$1 FAKE_VERDICT=$2 FAKE_CASES=$3
	shift 3
	export FAKE_VERDICT FAKE_CASES
	"$assay" run --target fake --no-known --output "$dir" toy/passes toy/varies "$@" \
		>out 2>err </dev/null
	unset FAKE_VERDICT FAKE_CASES
}
keep good pass ''
keep broken fail '1 2'
keep worse fail '1 2 3'
keep dead crash ''
keep more pass '' toy/skips
expect 'diff: nothing changed' 0 diff good good
has out '2 same' 'diff: it says so'
expect 'diff: a regression' 1 diff good broken
has out 'A  good: fake (Fake 1.0 plain)' 'diff: which side is which'
has out '  regression      toy/varies  pass -> fail: case=1 case=2' 'diff: test, verdicts, cases'
has out '1 regression, 1 same' 'diff: counts'
expect 'diff: fixed' 0 diff broken good
has out '  fixed           toy/varies  fail -> pass' 'diff: fixed'
expect 'diff: more cases fail' 1 diff broken worse
has out 'fail -> fail: 1 more case fails: case=3' 'diff: which one'
expect 'diff: fewer cases fail' 0 diff worse broken
expect 'diff: it dies' 1 diff broken dead
expect 'diff: a new test' 0 diff good more
has out '  new             toy/skips  skip: the CPU has no # AMX' 'diff: new'
expect 'diff: a test is gone' 0 diff more good
has out '  gone            toy/skips  skip' 'diff: gone'
expect 'diff of a file' 0 diff good/run.jsonl good
expect 'diff, jsonl' 1 diff good broken --format jsonl
[ "$(wc -l <out)" = 2 ] && grep -q '"class":"regression","id":"toy/varies"' out &&
	tail -1 out | grep -q '"status":1}$'
ok $? 'diff: jsonl'
expect 'diff, tap' 0 diff broken good --format tap
prove -e cat out >prove.out 2>&1
ok $? 'prove accepts it'
expect 'diff, tap of a regression' 1 diff more broken --format tap
! prove -e cat out >prove.out 2>&1 && grep -q 'Failed 1/3' prove.out
ok $? 'prove counts one of three'
expect 'diff, markdown' 1 diff good broken --format markdown
has out '| regression | fake | toy/varies | pass | fail |' 'diff: a row of the table'
"$assay" run --target fake --target fake,flavour=sour --known known toy/passes toy/known-crash \
	--output two >out 2>err </dev/null
expect 'diff within one result' 0 diff two --by flavour
has out 'B  two: fake,flavour=sour (Fake 1.0 sour)' 'diff: the sides are targets'
has out 'known -> crash: no known deviation now' 'diff: known on one of them only'
complains 'diff of one kernel' 2 'differ only in kernel' diff two
complains 'diff of nothing' 2 'diff takes two results' diff
complains 'diff with a result that is not there' 2 'nowhere: No such file' diff good nowhere
complains 'diff with another folder' 2 'known: holds no result of a run' diff good known
complains 'diff with another file' 2 'known/fake.txt:1: not a line of JSON' diff good known/fake.txt
sed 's/"version":1/"version":9/' good/run.jsonl >other.jsonl
complains 'diff with another version' 2 'version 9 of the format' diff good other.jsonl
head -2 good/run.jsonl >other.jsonl
complains 'diff with half a result' 2 'not whole: 1 of 2 verdicts' diff good other.jsonl
: >other.jsonl
complains 'diff with an empty file' 2 'is empty' diff good other.jsonl

for run in good broken worse dead; do
	"$assay" baseline $run >$run.baseline 2>err </dev/null
done
[ "$(wc -l <broken.baseline)" = 3 ] && head -1 broken.baseline | grep -q '"record":"baseline","version":1' &&
	grep -q '"id":"toy/varies","verdict":"fail","run":9,"failed":2,.*"failing":\["case=1","case=2"\]}' \
		broken.baseline
ok $? 'a baseline has a line for each test'
"$assay" baseline broken | diff - broken.baseline >err
ok $? 'its bytes are the same each time'
expect 'diff with a baseline' 1 diff broken.baseline worse
has out '1 more case fails: case=3' 'diff with a baseline: which one'
expect 'diff of two baselines' 1 diff broken.baseline dead.baseline
expect 'diff with a baseline, unchanged' 0 diff worse.baseline worse
complains 'baseline of nothing' 2 'baseline takes one result' baseline
complains 'baseline of what is none' 2 'not a line of JSON' baseline known/fake.txt

# against NAME STATUS BASELINE VERDICT CASES ARGUMENT...: a run in which toy/varies ends so
against() {
	label=$1 status=$2 file=$3 FAKE_VERDICT=$4 FAKE_CASES=$5
	shift 5
	export FAKE_VERDICT FAKE_CASES
	expect "$label" "$status" run --target fake --no-known --baseline "$file" toy/passes toy/varies "$@"
	unset FAKE_VERDICT FAKE_CASES
}
against 'baseline: what failed before is as expected' 0 broken.baseline fail '1 2'
has out '# compared with the baseline:' 'baseline: TAP says so'
has out '# A  broken.baseline: fake (Fake 1.0 plain)' 'baseline: which one'
has out '# 2 same' 'baseline: counts'
against 'baseline: a case more' 1 broken.baseline fail '1 2 3' --format summary
has out '  regression      toy/varies  fail -> fail: 1 more case fails: case=3' 'baseline: which case'
against 'baseline: fixed' 0 broken.baseline pass '' --format jsonl
tail -1 out | grep -q '"status":0,"baseline":{"path":"broken.baseline","counts":{"regression":0,"fixed":1,'
ok $? 'baseline: the end of jsonl has the counts'
against 'baseline: an error of our own' 3 good error ''
against 'baseline: an error and a regression' 1 good crash '' toy/errs
against 'baseline: a new test that fails' 0 good pass '' toy/fails
has out '  new             toy/fails' 'baseline: it is said'
against 'baseline: of part of the tests' 0 more pass ''
hasnt out 'gone' 'baseline: what was not asked for is not gone'
FAKE_CASES='1 2 3' FAKE_VERDICT=fail expect 'baseline, with --output' 1 run --target fake --no-known \
	--baseline broken toy/varies --output compared
has compared/summary.txt '1 more case fails: case=3' 'baseline: the summary has it'
complains 'baseline that is not there' 2 'nowhere: No such file' run --baseline nowhere
complains 'baseline that is none' 2 'not a line of JSON' run --baseline known/fake.txt
complains 'baseline of another target' 2 'has none of the targets of this run; it has: fake' \
	run --target fake,flavour=sour --baseline good.baseline

# --- interruption ---

interrupt() { # SIGNAL
	rm -f state/sleeper
	# A background job of a shell ignores SIGINT otherwise, and under nohup all do SIGHUP.
	env --default-signal=INT,HUP "$assay" run --target fake --no-known toy/passes toy/is-silent \
		toy/one-case --output "cut-$1" \
		>out 2>err </dev/null &
	pid=$!
	i=0
	while [ ! -s state/sleeper ] && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	kill -"$1" $pid
	wait $pid
	got=$?
	[ $got = 3 ] && [ "$(grep -c '# error: interrupted' out)" = 2 ] && grep -q '^ok 1 ' out
	ok $? "SIG$1: what is known is reported, exit 3"
	[ "$(grep -c '"reason":"interrupted"' "cut-$1/run.jsonl")" = 2 ]
	ok $? "SIG$1: the result is whole"
	gone state/sleeper "SIG$1: nothing is left running"
}
interrupt INT
interrupt TERM
interrupt HUP
rm -f state/sleeper
"$assay" run --target fake --target fake,flavour=sour --no-known toy/passes toy/is-silent \
	toy/one-case --jobs 2 >out 2>err </dev/null &
pid=$!
i=0
while [ ! -s state/sleeper ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
sleep 0.5
kill -TERM $pid
wait $pid
[ $? = 3 ] && [ "$(grep -c '# error: interrupted' out)" = 4 ] && [ "$(grep -c '^ok ' out)" = 2 ]
ok $? 'an interruption ends all targets, each test has its verdict'
gone state/sleeper 'nothing of them is left running'
rm -f state/sleeper
"$assay" run --target fake --no-known toy/is-silent --output shot >out 2>err </dev/null &
pid=$!
i=0
while [ ! -s state/sleeper ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
driver=$(ps -o ppid= -p "$(cat state/sleeper)" | tr -d ' ')
kill -KILL $pid
wait $pid 2>/dev/null
echo "$driver" >state/driver
gone state/driver 'SIGKILL of assay takes the driver along'
kill -KILL "$(cat state/sleeper)" 2>/dev/null
[ ! -e shot ]
ok $? 'there is no half result'
"$assay" run --target fake --no-known toy/passes toy/covers --repeat 50 2>err | head -1 >out
[ "$(cat out)" = 'TAP version 13' ] && [ ! -s err ]
ok $? 'a reader that goes away ends the run, without noise'

# --- going on with a run that was cut off ---

# cut_off DIR ARGUMENT...: a run into DIR that is killed in its test stalls-once
cut_off() {
	rm -f state/stalled
	"$assay" run --target fake --known known --output "$@" >out 2>err </dev/null &
	pid=$!
	i=0
	while [ ! -s state/stalled ] && [ ! -e state/stalled ] && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	sleep 0.3
	kill -KILL $pid
	wait $pid 2>/dev/null
}
verdicts() { # FILE
	grep -c '"record":"verdict"' "$1"
}
tests='toy/passes toy/fails toy/known-fails toy/covers toy/dies-early toy/stalls-once toy/skips'
# shellcheck disable=SC2086 # several words
cut_off long $tests
partial=$(ls -d long.partial-*)
[ ! -e long ] && [ "$(verdicts "$partial/run.jsonl")" = 6 ]
ok $? 'what is killed leaves the verdicts that it has'
cp -r "$partial" kept
complains 'diff of half a result' 2 'not whole: 6 of 7 verdicts; go on with: assay run --resume' \
	diff "$partial" good
FAKE_VERSION=2.0 complains 'resume on another subject' 2 \
	'target fake (Fake 2.0 plain) is not what it was (Fake 1.0 plain) now' run --resume long
mv build/x86/toy toy.kept
(cat toy.kept; echo) >build/x86/toy
complains 'resume with another payload' 2 'the payloads are others now' run --resume long
mv toy.kept build/x86/toy
cp known/fake.txt fake.txt
echo '# another line' | cat - fake.txt >known/fake.txt
complains 'resume with other known deviations' 2 'the known deviations have changed since' \
	run --resume long
mv fake.txt known/fake.txt
complains 'resume with another command' 2 'that run was: assay run toy/passes' \
	run --resume long --seed 9
complains 'resume of nothing' 2 'no run that was cut off is there' run --resume nowhere
complains 'resume of what has ended' 2 'that run has ended' run --resume result
expect 'resume' 1 run --resume long
has out '# resumed: 6 of 7 verdicts were there already' 'resume: it says how many were taken over'
[ "$(verdicts long/run.jsonl)" = 7 ] && [ ! -e "$partial" ] &&
	tail -1 long/run.jsonl | grep -q '"taken_over":6}$'
ok $? 'resume: the result is whole'
# shellcheck disable=SC2086
run 'the same, not cut off' 1 $tests --output fresh
clean() {
	sed '/^# resumed/d; / times before it was resumed$/d; /^#   fake: /d' "$1/report.tap"
}
clean fresh >wanted
clean long | diff wanted - >err
ok $? 'resume: the report is that of a run that was not cut off'
expect 'resume: so is the result' 0 diff fresh long
has out '6 same' 'resume: diff says so'

again() { # NAME: the journal of the killed run, to be changed
	rm -rf again again.partial-*
	cp -r kept again.partial-abc123
}
again
head -c -40 kept/run.jsonl >again.partial-abc123/run.jsonl
expect 'resume, the last line cut off' 1 run --resume again.partial-abc123
has out '# resumed: 5 of 7' 'resume: what was cut off runs again'
again
head -c 5000 /dev/zero >>again.partial-abc123/run.jsonl
expect 'resume, zeros behind the last line' 1 run --resume again
has out '# resumed: 6 of 7' 'resume: they count for nothing'
again
sed -i '3s/^/x/' again.partial-abc123/run.jsonl
complains 'resume, a bad line in the middle' 2 'run.jsonl:3: not a line of JSON' run --resume again
again
sed -i '2s/toy.passes/toy\/other/' again.partial-abc123/run.jsonl
complains 'resume, a verdict of another plan' 2 'a verdict of another plan' run --resume again
again
sed -i 's/"version":1/"version":7/' again.partial-abc123/run.jsonl
complains 'resume, another version' 2 'version 7 of the format' run --resume again
again
: >again.partial-abc123/run.jsonl
complains 'resume, killed before it began' 2 'cut off before its first line' run --resume again
again
cp -r kept again.partial-def456
complains 'resume, two of them' 2 '2 runs that were cut off are there' run --resume again

# shellcheck disable=SC2086
cut_off pair --target fake,flavour=sour toy/beats toy/stalls-once toy/passes --jobs 2
expect 'resume, several targets at a time' 0 run --resume pair
[ "$(verdicts pair/run.jsonl)" = 6 ] &&
	sed -n 's/.*"number":\([0-9]*\).*/\1/p' pair/run.jsonl | sort -nc 2>err
ok $? 'resume: the result has the order of the plan'
ASSAY_SILENCE_SECONDS=1 expect 'resume of what was interrupted' 1 run --resume cut-INT
[ "$(verdicts cut-INT/run.jsonl)" = 3 ] && ! grep -q '"reason":"interrupted"' cut-INT/run.jsonl &&
	grep -q '"cut_short":false.*"taken_over":1}' cut-INT/run.jsonl
ok $? 'resume: what did not run has run'
rm -f state/sleeper
"$assay" run --target fake --no-known toy/is-silent --output busy >out 2>err </dev/null &
pid=$!
i=0
while [ ! -s state/sleeper ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
complains 'resume of a run that goes on' 2 'still goes on' run --resume busy
kill -TERM $pid
wait $pid
(
	trap '' XFSZ
	ulimit -f 4
	"$assay" run --target fake --no-known toy/fails-often toy/fails --repeat 3 --output full \
		>/dev/null 2>err </dev/null
	echo $? >status
)
[ "$(cat status)" != 0 ] && [ ! -e full ] && [ "$(wc -l <err)" = 1 ] &&
	grep -q 'could not be written: .*; go on with: assay run --resume full.partial-' err
ok $? 'a full disk: no result, and how to go on'
expect 'resume after a full disk' 1 run --resume full
[ "$(verdicts full/run.jsonl)" = 6 ]
ok $? 'every test has its verdict'

echo "1..$n"
