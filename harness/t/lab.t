#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A kernel in a lab: verdicts of a real one, from a snapshot and from a cold boot;
# whose fault it is when the lab, its QEMU or the kernel dies; bad input.
. "$(dirname "$0")/tap.sh"

# The newest small kernel of 6.12 that the mirror has.
release=$(./assay kernels '6.12.*-cloud-amd64' --format jsonl 2>"$work/err" |
	sed -n 's/.*"release": *"\([^"]*\)".*/\1/p' | sort -V | tail -n 1)
if [ -z "$release" ]; then
	echo "1..0 # SKIP no kernel to judge: $(tail -n 1 "$work/err")"
	exit 0
fi
kernel=debian:$release
plan 33

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

run 0 "Linux $release is judged, with NPT and with shadow paging" 'state/*' --kernel "$kernel"
has "kvm,npt=0.*@lab,kernel=$kernel: Linux $release kvm_amd npt=0 .*on QEMU" 'the subject is named'
has 'kvm_amd.npt=N' 'the parameter is the kernel'"'"'s'
has '^# infrastructure failures: 0' 'the lab did not fail'
cp "$work/run" "$work/warm"
run 0 'the same, each image from a cold boot' 'state/*' --kernel "$kernel" --cold
grep -E '^(not )?ok' "$work/run" | sed 's/,cold=1//' >"$work/cold-verdicts"
grep -E '^(not )?ok' "$work/warm" >"$work/warm-verdicts"
cmp -s "$work/cold-verdicts" "$work/warm-verdicts"
is 0 $? 'a cold boot gives the same verdicts'

# What nobody used for longest goes, but not from under a run.
cache=${ASSAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/assay}
mkdir -p "$work/cache/labs"
ln -s "$cache/apt" "$cache/kernels" "$cache/specs" "$work/cache/"
for i in $(seq 30); do
	mkdir "$work/cache/labs/newer$i"
	touch -d tomorrow "$work/cache/labs/newer$i"
done
ASSAY_CACHE=$work/cache run 0 'a lab in use stays, though many are newer' state/reset-clears \
	--target "kvm,npt=1@lab,kernel=$kernel"
is 25 "$(find "$work/cache/labs" -mindepth 1 -maxdepth 1 -type d | wc -l)" 'others are taken away'

# A kernel that does not come up is nobody's failure, and says what it printed.
run 3 'a machine with too little memory' state/reset-clears --target "kvm@lab,memory=20,kernel=$kernel"
has 'did not come up in' 'it is said that the kernel did not come up'
has '# infrastructure failures: [1-9]' 'the boots that failed are counted'

# A boot that has lost its timer serves nobody: one by ticks alone, then a good one.
cat >"$work/qemu" <<'EOF'
#!/bin/bash
first=$(dirname "$0")/first
for ((i = 1; i < $#; i++)); do
	if [ "${!i}" = -append ] && mkdir "$first" 2>/dev/null; then
		append=$((i + 1))
		set -- "${@:1:i}" "${!append} highres=off" "${@:i+2}"
		break
	fi
done
exec qemu-system-x86_64 "$@"
EOF
chmod +x "$work/qemu"
run 0 'a boot without fine timers is not used' event/timer-one-shot \
	--target "kvm,npt=1@lab,qemu=$work/qemu,kernel=$kernel"
has 'boot 1 of Linux .* failed: its timers' 'it is counted, with its reason'

run 0 'a lab spares no kernel' self/ends-host --kernel "$kernel"
has '^ok 2 .*self/ends-host$' 'there it runs'

# TCG forgets interrupt shadows: what one may have cost is believed the third time.
run 1 'a lost wake-up behind STI is a timeout' self/halts-behind-sti --deadline 2 --kernel "$kernel"
has '^not ok 2 .*self/halts-behind-sti' 'in either target'
has '^# infrastructure failures: 4' 'only when it comes the third time'
run 1 'so is a failure of a test that rests on a shadow' self/fails-by-shadow --kernel "$kernel"
has '^not ok 2 .*self/fails-by-shadow' 'in either target'
has '^# infrastructure failures: 4' 'only when it comes the third time'

# kill -9 of QEMU while a test runs: an error of that test, none lost.
./assay run --format tap 'state/*' --repeat 3 --target "kvm,npt=1@lab,kernel=$kernel" >"$work/run" 2>&1 &
assay=$!
for _ in $(seq 100); do
	[ "$(grep -c '^ok' "$work/run")" -ge 5 ] && break
	sleep 0.1
done
pkill -9 -P "$(pgrep -P $assay assay-lab)" qemu-system
is 0 $? 'there is a QEMU to kill'
wait $assay
status=$?
has '^1\.\.[0-9]*$' 'a killed QEMU: the plan stands'
is "$(sed -n 's/^1\.\.//p' "$work/run")" "$(grep -cE '^(not )?ok ' "$work/run")" 'no verdict is lost'
[ $status = 0 ] || [ $status = 3 ]
is 0 $? 'the subject is not blamed' || explain "$work/run"
sleep 0.2
is 0 "$(pgrep -c -f 'assay-lab.*memory=20' || true)" 'nothing is left running'

# Bad input: one line, exit status 2.
one_line() { # TEXT NAME ARGUMENT...
	text=$1 name=$2
	shift 2
	./assay run state/reset-clears "$@" >"$work/run" 2>&1
	status=$?
	[ $status = 2 ] && [ "$(wc -l <"$work/run")" = 1 ] && grep -q -e "$text" "$work/run"
	is 0 $? "$name" || explain "$work/run"
}
one_line 'no module of Linux' 'a parameter that no module has' --target "kvm,nppt=1@lab,kernel=$kernel"
one_line 'is an option of the place' 'an option on the wrong side' --target "kvm,la57=1@lab,kernel=$kernel"
one_line 'needs a kernel' 'a lab without a kernel' --target kvm@lab
one_line 'takes microvm|pc' 'an unknown machine' --target "kvm@lab,machine=moon,kernel=$kernel"
one_line 'release' 'an unknown release' --target kvm@lab,kernel=debian:6.12.0-none
one_line 'does not run in a lab' 'another host' --target "qemu@lab,kernel=$kernel"
head -c 100000 /dev/urandom >"$work/broken.deb"
one_line 'broken.deb' 'a broken package' --target "kvm@lab,kernel=$work/broken.deb"
