# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the .t scripts beside it: TAP 13 from a shell.  Each script states
# its plan first, runs at the repository's root and cleans up its own folder.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0

plan() {
	echo "TAP version 13"
	echo "1..$1"
}

# ok STATUS NAME: 0 is ok.
ok() {
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
	fi
}

skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# is WANTED GOT NAME
is() {
	[ "$1" = "$2" ]
	ok $? "$3"
	[ "$1" = "$2" ] || printf '# wanted: %s\n# got:    %s\n' "$1" "$2"
}

# Lines of a file as diagnostics.
explain() {
	sed 's/^/# /' "$1"
}

have_kvm() {
	build/assay-driver-kvm --probe >/dev/null 2>&1
}
