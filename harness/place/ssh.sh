#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# assay-ssh: takes a driver's place, and runs that driver on another machine.  The driver
# is static, so that nothing need be there but a shell and tar; both files lie in a folder
# of their own that goes when the driver ends.  If the connection ends, so does the
# driver's standard input, and it ends itself: its deadline bounds a guest that runs.
#
# Usage: assay-ssh DRIVER IMAGE|--probe [option=value]... -- HOST
#   ASSAY_SSH   the command to connect by, words as a shell splits them; "ssh" if not given
set -eu

driver=$1 image=$2
shift 2
arguments=
while [ "$1" != -- ]; do
	# In quotes for the other shell, each ' in it as '\''.
	arguments="$arguments '$(printf %s "$1" | sed "s/'/'\\\\''/g")'"
	shift
done
host=$2

say() {
	echo "assay-ssh: $host: $*" >&2
	exit 3
}
remote() { # COMMAND
	${ASSAY_SSH:-ssh} -T -oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=10 \
		-oServerAliveCountMax=3 -- "$host" "$1"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/files"
cp -L "$driver" "$work/files"
what=--probe
if [ "$image" != --probe ]; then
	cp -L "$image" "$work/files"
	what=./$(basename "$image")
fi
folder=$(tar -cf - -C "$work/files" . | remote 'umask 077
	d=$(mktemp -d "${TMPDIR:-/tmp}/assay.XXXXXX") && tar -xf - -C "$d" && echo "$d"' 2>"$work/err") || {
	words=$(tail -n 1 "$work/err")
	say "${words:-cannot be reached}"
}
case $folder in
/*/assay.*) ;;
*) say "its shell answered '$folder', wanted a folder" ;;
esac
[ "$(printf %s "$folder" | tr -d 'A-Za-z0-9/._-')" = "" ] || say "odd folder '$folder'"
status=0
remote "cd $folder || exit 3; trap 'rm -rf $folder' EXIT; trap 'exit 3' HUP INT TERM PIPE
	./$(basename "$driver") $what$arguments" || status=$?
[ "$status" -ne 255 ] || say 'the connection ended'
exit "$status"
