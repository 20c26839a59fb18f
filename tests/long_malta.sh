#!/bin/bash
# Debian's kernel for the Malta board, unmodified, and its busybox as initial disk: from the packages
# to a shell on which somebody types, and off again; and the same from what was typed.
#
# The packages are those of mipsel in bookworm, the last release with it, fetched with a list of
# sources and a state of apt's own.  MALTA_PACKAGES names a folder that has them already.
set -uo pipefail
. "$(dirname "$0")/tap.sh"
: "${MALTA_PACKAGES:=}"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
typed=${TOP_BUILDDIR:-.}/tests/typed

skip()
{
	echo "1..0 # SKIP $1"
	exit
}

for command in apt-get apt-cache dpkg-deb; do
	command -v $command >/dev/null || skip "there is no $command"
done
"$typed" 2>/dev/null || skip 'there are no pseudo-terminals'
typed=$(realpath "$typed")
own_folder

# ---- packages ----

# apt TOOL ARGUMENT...: for mipsel, from ./apt alone.
apt()
{
	"apt-$1" -qq -o Dir::State="$PWD/apt/state" -o Dir::State::status="$PWD/apt/status" -o Dir::Cache="$PWD/apt/cache" \
		-o Dir::Etc::SourceList="$PWD/apt/sources" -o Dir::Etc::SourceParts=/dev/null \
		-o APT::Architecture=mipsel -o APT::Architectures::=mipsel -o APT::Sandbox::User= \
		-o Acquire::Languages=none -o Acquire::Check-Valid-Until=false \
		-o Acquire::Retries=1 -o Acquire::http::Timeout=30 "${@:2}"
}

# fetch HOST: the newest kernel and busybox.
fetch()
{
	local kernel
	rm -rf apt && mkdir -p apt/state/lists/partial apt/cache/archives/partial && : >apt/status &&
		echo "deb [signed-by=$keys] http://$1/debian bookworm main" >apt/sources &&
		apt get update &&
		kernel=$(apt cache depends linux-image-4kc-malta |
			sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1) &&
		[ -n "$kernel" ] && apt get download "$kernel" busybox-static
}

if [ -n "$MALTA_PACKAGES" ]; then
	cp "$MALTA_PACKAGES"/*.deb . || skip "there are no packages in $MALTA_PACKAGES"
else
	[ -r $keys ] || skip "there is no $keys"
	timeout 300 bash -c "keys=$keys; $(declare -f apt fetch); fetch deb.debian.org ||
		fetch archive.debian.org" >fetched 2>&1 || skip "Debian's packages cannot be fetched"
fi
ok 'the packages have a kernel' dpkg-deb -x linux-image-*.deb kernel
ok 'and a busybox' dpkg-deb -x busybox-static*.deb busybox
vmlinuz=$(echo kernel/boot/vmlinuz-*-4kc-malta)

# ---- the initial disk: an archive as cpio makes it, "newc", which needs no rights ----

# pad N: zeros after N bytes, up to a multiple of 4.
pad()
{
	head -c $((-$1 & 3)) /dev/zero
}

# entry NAME MODE [FILE] [MAJOR MINOR]
inode=0
entry()
{
	local size=0
	[ -z "${3-}" ] || size=$(stat -c %s "$3")
	printf '070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\0' $((++inode)) $(($2)) 0 0 1 \
		0 "$size" 0 0 $((${4-0})) $((${5-0})) $((${#1} + 1)) 0 "$1"
	pad $((110 + ${#1} + 1))
	[ -z "${3-}" ] || cat "$3"
	pad "$size"
}

cat >init <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
exec setsid cttyhack sh
END
{
	for folder in bin dev proc; do
		entry $folder 040755
	done
	entry dev/console 020600 '' 5 1
	entry dev/ttyS0 020600 '' 4 64
	entry bin/busybox 0100755 busybox/bin/busybox
	entry init 0100755 init
	entry 'TRAILER!!!' 0
} >disk

# ---- the boot ----

# Without the self-tests of the kernel's ciphers, which are most of what it would do.
boot="trapeze run --board malta $vmlinuz:64M --initrd disk"
arguments='console=ttyS0 rdinit=/init cryptomgr.notests'

somebody_types()
{
	TYPED_PATIENCE=600 timeout 900 "$typed" $boot --append "$arguments" --record record <<'END' >typed
see / # 
type echo $((6 * 7)) and more >answer\n
see / # 
type cat answer answer | wc -c\n
see 24
see / # 
type uname -sm; grep -c . /proc/cpuinfo; ls -d /pro*\n
see Linux mips
see /proc
see / # 
type sleep 5; poweroff -f\n
see reboot: Power down
END
}

ok 'the kernel comes to a shell, on which commands work, and switches off' somebody_types
ok 'it found the board' grep -q 'MIPS: machine is mti,malta' typed
ok 'its serial line' grep -q 'ttyS0 at I/O 0x3f8 (irq = 4.*is a 16550A' typed
ok 'its south bridge' grep -q '0000:00:0a.3: .*claimed by PIIX4 ACPI' typed
ok 'its clock' grep -q 'rtc_cmos.*setting system clock to 2026-01-01T00:0' typed

again()
{
	timeout 900 $boot --append "$arguments" --replay record >again </dev/null &&
		cmp <(tr -d '\r' <typed) <(tr -d '\r' <again)
}

ok 'from what was typed, all is the same, byte for byte' again

# ---- the oracle ----

# What vmlinuz unpacks, and jumps to at its end: lui t9, ori t9, jalr t9.
unpack()
{
	local at
	at=$(LC_ALL=C grep -abo $'\xfd7zXZ' "$vmlinuz" | tail -n 1 | cut -d: -f1)
	tail -c +$((at + 1)) "$vmlinuz" | xz -dcq >vmlinux 2>/dev/null
	entry=$(od -An -v -tx4 -w4 -j65536 -N256 "$vmlinuz" |
		awk '/3c19/ { high = substr($1, 5) } /3739/ { print "0x" high substr($1, 5) }')
	[ -s vmlinux ] && [ -n "$entry" ]
}

# begins ENGINE: its log and the state after so many steps, which the oracle takes seconds for.
begins()
{
	timeout 600 trapeze run --board malta --isa mips32 --raw "0x80100000,$entry" vmlinux:64M \
		--initrd disk --append "$arguments" --steps 40000000 --engine "$1" </dev/null >"$1" 2>&1
	grep -q 'stopped after 40000000 steps' "$1" && grep -q 'Dentry cache hash table' "$1"
}

if command -v xz >/dev/null && unpack; then
	ok 'the kernel unpacked elsewhere begins on the oracle' begins oracle
	ok 'and on the translator' begins translator
	ok 'with the same log, to the same state' cmp oracle translator
else
	echo "ok $((++n)) - the kernel unpacked elsewhere # SKIP this vmlinuz is of another kind"
fi
plan
