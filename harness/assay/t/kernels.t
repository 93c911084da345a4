#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# assay kernels, and kernels out of an archive: one of our own making, signed
# with a key of our own, in file: addresses; no network.
# Usage: kernels.t [ASSAY]; TAP on standard output.

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
assay=${1:-$root/assay}
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gpg" --kill gpg-agent 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1
APT_CONFIG=$work/apt.conf ASSAY_CACHE=$work/cache
export APT_CONFIG ASSAY_CACHE
unset http_proxy https_proxy

n=0
ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/#   out: /' out 2>/dev/null | head -20
		sed 's/^/#   err: /' err 2>/dev/null | head -10
	fi
}

# expect NAME STATUS ARGUMENT...: run it, keep out and err, check the exit status
expect() {
	name=$1 wanted=$2
	shift 2
	"$assay" kernels "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$wanted" ] || echo "#   wanted exit status $wanted, got $got"
	[ $got = "$wanted" ]
	ok $? "$name"
}

has() { # FILE PATTERN NAME
	grep -q -- "$2" "$1"
	ok $? "$3"
}

sources() { # URI: the machine's apt sources, as far as Assay sees
	mkdir -p "$work/parts"
	printf 'Dir::Etc::sourcelist "%s/none.list";\nDir::Etc::sourceparts "%s/parts";\n' \
		"$work" "$work" >"$APT_CONFIG"
	printf 'Types: deb\nURIs: %s\nSuites: x\nComponents: main\nSigned-By: %s\n' \
		"$1" "$work/key.gpg" >"$work/parts/one.sources"
}

# package NAME VERSION DEPENDS: a .deb in the pool of what lies in deb, and its paragraph
package() {
	case $1 in
	linux-modules-*) file=pool/main/l/linux/$1_$2_amd64.deb ;;
	*) file=pool/main/l/linux-signed-amd64/$1_$2_amd64.deb ;;
	esac
	mkdir -p "debian/${file%/*}" deb/DEBIAN
	printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nDepends: %s\nMaintainer: x <x>\nDescription: x\n' \
		"$1" "$2" "$3" >deb/DEBIAN/control
	dpkg-deb -b deb "debian/$file" >/dev/null
	rm -rf deb
	{
		printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nDepends: %s\n' "$1" "$2" "$3"
		printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "debian/$file")" \
			"$(sha256sum "debian/$file" | cut -d' ' -f1)"
	} >>packages
}

# A made-up kernel is a vmlinux whose only words are its banner.
vmlinux() { # RELEASE FILE
	mkdir -p "$(dirname "$2")"
	printf 'const char s[] = "Linux version %s (x)"; void _start(void) {}' "$1" |
		gcc -nostdlib -static -x c -o "$2" -
}

suite() { # NAME: the packages so far are its own
	folder=debian/dists/$1/main/binary-amd64
	mkdir -p "$folder"
	mv packages "$folder/Packages"
	{
		printf 'Origin: Debian\nSuite: %s\nCodename: %s\nComponents: main\nArchitectures: amd64\n' \
			"$1" "$1"
		printf 'Date: %s\nSHA256:\n %s %s main/binary-amd64/Packages\n' "$(date -Ru)" \
			"$(sha256sum "$folder/Packages" | cut -d' ' -f1)" "$(stat -c %s "$folder/Packages")"
	} >"debian/dists/$1/Release"
	sign "$1"
}

sign() {
	gpg --batch --yes --homedir "$work/gpg" --clearsign -o "debian/dists/$1/InRelease" \
		"debian/dists/$1/Release" 2>/dev/null
}

# --- no archive ---

sources https://vendor.example/apt
expect "no mirror of Debian is the lab's fault" 3
has err "name no mirror of Debian" "and says so"
sources "file:$work/nothing/debian"
expect "nor is one that does not answer" 3
[ "$(wc -l <err)" = 1 ]
ok $? "in one line"
expect "--get wants to know what" 2 --get
expect "an architecture that is none" 2 --arch riscv64
expect "a release of another architecture" 2 --get ./debian:x
has err "no such file" "a path is a path"

if ! command -v gpg >/dev/null; then
	echo "1..$n"
	exit 0
fi

# --- an archive ---

mkdir -m 700 gpg
gpg --batch --quiet --homedir gpg --passphrase '' --quick-gen-key x default sign never 2>/dev/null
gpg --batch --homedir gpg --export >key.gpg
sources "file:$work/debian"
vmlinux 6.1.0-9-amd64 deb/boot/vmlinuz-6.1.0-9-amd64
package linux-image-6.1.0-9-amd64 6.1.9-1 kmod
vmlinux 6.1.0-10-amd64 deb/boot/vmlinuz-6.1.0-10-amd64
package linux-image-6.1.0-10-amd64 6.1.10-1 kmod
package linux-image-6.1-amd64 6.1.10-1 "linux-image-6.1.0-10-amd64 (= 6.1.10-1)"
suite stable
vmlinux 7.2-amd64 deb/usr/lib/modules/7.2-amd64/vmlinuz
package linux-binary-7.2-amd64 7.2-1 linux-base-7.2-amd64
package linux-modules-7.2-amd64 7.2-1 kmod
package linux-image-7.2-amd64 7.2-1 "linux-binary-7.2-amd64, linux-modules-7.2-amd64"
vmlinux 7.1-amd64 deb/usr/lib/modules/7.1-amd64/vmlinuz
package linux-binary-7.1-amd64 7.1-1 linux-base-7.1-amd64
mv packages indexed
package linux-modules-7.1-amd64 7.1-1 kmod
package linux-image-7.1-amd64 7.1-1 "linux-binary-7.1-amd64, linux-modules-7.1-amd64"
vmlinux 6.1.0-8-amd64 deb/boot/vmlinuz-6.1.0-8-amd64
package linux-image-6.1.0-8-amd64 6.1.8-1 kmod
mv indexed packages # these three are in the pool alone
suite stable-backports

expect "an archive is listed" 0
[ "$(cut -d' ' -f1 out | tr '\n' ' ')" = "6.1.0-9-amd64 6.1.0-10-amd64 7.1-amd64 7.2-amd64 " ]
ok $? "by version, without metapackages"
has out "^7.1-amd64.*incomplete.*linux-modules-7.1-amd64" "what is incomplete is said"
expect "between two" 0 --between 6.1.0-10-amd64 7.1-amd64
[ "$(cut -d' ' -f1 out | tr '\n' ' ')" = "6.1.0-10-amd64 7.1-amd64 " ]
ok $? "both ends included"
expect "one is fetched" 0 --get debian:6.1.0-9-amd64
has out "cached  stable" "into the cache"
has cache/kernels/*/kernel.json '"verified": "yes' "verified"
expect "a split one too" 0 --get 7.2-amd64 --format jsonl
has out '"cached":true' "into the cache"
expect "not one that is incomplete" 2 --get 7.1-amd64
has err "linux-modules-7.1-amd64" "and says what is missing"
expect "unless the pool's file is accepted" 0 --get 7.1-amd64 --unsigned --format jsonl
grep -l '"verified": "no, pool file without index"' cache/kernels/*/kernel.json >out
ok $? "and it is said that nobody signed it"
expect "next time it must be accepted again" 2 --get 7.1-amd64
expect "a version that no index has" 2 --get debian:6.1.0-8-amd64=6.1.8-1
has err "which nobody signed" "wants the same word"
expect "and comes with it" 0 --get debian:6.1.0-8-amd64=6.1.8-1 --unsigned
expect "if the pool has it" 3 --get debian:6.1.0-8-amd64=6.1.8-2 --unsigned
expect "nor one that is not there" 2 --get 6.1.0-11-amd64
has err "near are 6.1.0-10-amd64" "but names one that is near"

# --- an archive that lies, and one that is gone ---

printf x >>debian/pool/main/l/linux-signed-amd64/linux-image-6.1.0-10-amd64_6.1.10-1_amd64.deb
expect "a package that was changed is refused" 3 --get 6.1.0-10-amd64
[ "$(ls cache/kernels | wc -l)" = 4 ] && [ ! -e cache/work ]
ok $? "and leaves nothing"
sed -i 's/6.1.0-9/6.1.0-7/' debian/dists/stable/main/binary-amd64/Packages
expect "an index that was changed is not believed" 0 --refresh
! grep -q 6.1.0-7 out
ok $? "nothing of it is listed"
mv debian gone
expect "an archive that is gone leaves the old index" 0 --refresh
has err "using the old one" "and says so"
expect "what is in the cache needs no archive" 0 --get 6.1.0-9-amd64
mv gone debian
rm -rf cache
gpg --batch --quiet --homedir gpg --passphrase '' --quick-gen-key y default sign never 2>/dev/null
printf 'default-key y\n' >gpg/gpg.conf
sign stable
sign stable-backports
expect "an archive signed by a stranger is not believed" 3
[ "$(wc -l <err)" -le 2 ]
ok $? "nothing of it is listed"
echo "1..$n"
