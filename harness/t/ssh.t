#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The place ssh:HOST: a driver on another machine, here this one by an sshd of its own.
. "$(dirname "$0")/tap.sh"

for program in ssh sshd ssh-keygen; do
	PATH=$PATH:/usr/sbin command -v $program >/dev/null && continue
	echo "1..0 # SKIP no $program is installed"
	exit 0
done
sshd=$(PATH=$PATH:/usr/sbin command -v sshd)
plan 13

# A server and a client with keys and settings of their own, on a port that is free.
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t ed25519 -N '' -f "$work/user"
mkdir -p "$work/remote"
chmod 700 "$work"
[ -d /run/sshd ] || mkdir -p /run/sshd 2>/dev/null || :
server() { # PORT
	cat >"$work/sshd" <<-EOF
		Port $1
		ListenAddress 127.0.0.1
		HostKey $work/host
		AuthorizedKeysFile $work/user.pub
		PidFile $work/pid
		StrictModes no
		UsePAM no
		PasswordAuthentication no
		SetEnv TMPDIR=$work/remote
	EOF
	rm -f "$work/sshd.log"
	"$sshd" -f "$work/sshd" -E "$work/sshd.log"
	# It is a daemon before it listens; when it does it writes its number.
	until [ -s "$work/pid" ] || grep -q -e 'Cannot bind' -e fatal "$work/sshd.log"; do
		sleep 0.1
	done
	[ -s "$work/pid" ]
}
port=20000
until server $port || [ $port -ge 20040 ]; do
	port=$((port + 1))
done
trap '[ ! -e "$work/pid" ] || kill "$(cat "$work/pid")"; rm -rf "$work"' EXIT
cat >"$work/ssh" <<EOF
Host machine
	HostName 127.0.0.1
	Port $port
	User $(id -un)
	IdentityFile $work/user
	StrictHostKeyChecking no
	UserKnownHostsFile $work/known
EOF
ASSAY_SSH="ssh -F $work/ssh"
export ASSAY_SSH

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
left() {
	ls "$work/remote"
}

ssh -F "$work/ssh" -oBatchMode=yes machine true 2>"$work/err"
is 0 $? 'there is a server' || explain "$work/sshd.log"

if [ -c /dev/kvm ]; then
	run 0 'a driver runs on another machine' instruction/xgetbv-at-cpl0 'paging/host-walk*' --target kvm@ssh:machine
	has '^ok .*paging/host-walk-agrees' 'its verdicts come'
else
	run 3 'a machine without /dev/kvm is a skip' 'paging/host-walk*' --target kvm@ssh:machine
	has 'SKIP .*/dev/kvm' 'which names the fact'
fi
is '' "$(left)" 'nothing is left there'

# The driver there ends itself when nobody listens any more.
if [ -c /dev/kvm ]; then
	env --default-signal=INT ./assay run --area paging --target kvm@ssh:machine --output "$work/cut" \
		>"$work/run" 2>&1 </dev/null &
	pid=$!
	until grep -qs '"record":"verdict"' "$work"/cut*/run.jsonl || ! kill -0 $pid; do sleep 0.1; done
	kill -INT $pid
	wait $pid
	is 3 $? 'an interrupted run says so' || explain "$work/run"
	i=0
	while [ -n "$(left)" ] && [ $i -lt 600 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	is '' "$(left)" 'and nothing is left there'
else
	skip 'an interrupted run says so' 'no /dev/kvm'
	skip 'and nothing is left there' 'no /dev/kvm'
fi
run 2 'what the driver refuses is bad input' 'paging/host-walk*' --target kvm,irqchip=odd@ssh:machine
has 'irqchip' 'in its words'
run 2 'so is a host whose driver is not static' 'paging/host-walk*' --target qemu@ssh:machine
run 2 'so is an option that ssh has not' 'paging/host-walk*' --target kvm@ssh:machine,kernel=x
kill "$(cat "$work/pid")"
while kill -0 "$(cat "$work/pid" 2>/dev/null)" 2>/dev/null; do sleep 0.1; done
run 3 'a machine that does not answer is nobody'"'"'s failure' 'paging/host-walk*' --target kvm@ssh:machine
has 'machine: .*refused' 'and the line says why'
is '' "$(left)" 'nothing is left there either'
