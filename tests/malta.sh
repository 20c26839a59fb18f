# Debian's kernel for the Malta board, unmodified, and its busybox as initial disk, for who sources it.
#
# The packages are those of mipsel in bookworm, the last release with it, fetched with a list of
# sources and a state of apt's own, or taken from the folder MALTA_PACKAGES.  They are kept in
# TEST_CACHE, if that is set, for the next who want them.

# ---- packages ----

malta_keys=/usr/share/keyrings/debian-archive-keyring.gpg

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
		echo "deb [signed-by=$malta_keys] http://$1/debian bookworm main" >apt/sources &&
		apt get update &&
		kernel=$(apt cache depends linux-image-4kc-malta |
			sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1) &&
		[ -n "$kernel" ] && apt get download "$kernel" busybox-static
}

# get_packages: into this folder; false, with the reason in $missing, if they are not to be had.
get_packages()
{
	local command from=${MALTA_PACKAGES:-${TEST_CACHE:+$TEST_CACHE/malta}}
	missing=
	for command in apt-get apt-cache dpkg-deb; do
		command -v $command >/dev/null || missing="there is no $command"
	done
	[ -z "$missing" ] || return 1
	if [ -n "$from" ] && cp "$from"/*.deb . 2>/dev/null; then
		return
	fi
	[ -z "${MALTA_PACKAGES-}" ] || missing="there are no packages in $MALTA_PACKAGES"
	[ -r $malta_keys ] || missing="there is no $malta_keys"
	[ -z "$missing" ] || return 1
	timeout 300 bash -c "malta_keys=$malta_keys; $(declare -f apt fetch)
		fetch deb.debian.org || fetch archive.debian.org" >fetched 2>&1 || {
		missing="Debian's packages cannot be fetched"
		return 1
	}
	[ -z "$from" ] || { mkdir -p "$from.new" && cp ./*.deb "$from.new" && mv "$from.new" "$from"; } || :
}

# unpack_packages: $vmlinuz, and busybox/bin/busybox
unpack_packages()
{
	dpkg-deb -x linux-image-*.deb kernel && dpkg-deb -x busybox-static*.deb busybox &&
		vmlinuz=$(echo kernel/boot/vmlinuz-*-4kc-malta) && [ -s "$vmlinuz" ]
}

# unpack_image: vmlinux, which vmlinuz unpacks, and $entry, to which it jumps at its end: lui t9,
# ori t9, jalr t9.
unpack_image()
{
	local at
	at=$(LC_ALL=C grep -abo $'\xfd7zXZ' "$vmlinuz" | tail -n 1 | cut -d: -f1)
	tail -c +$((at + 1)) "$vmlinuz" | xz -dcq >vmlinux 2>/dev/null
	entry=$(od -An -v -tx4 -w4 -j65536 -N256 "$vmlinuz" |
		awk '/3c19/ { high = substr($1, 5) } /3739/ { print "0x" high substr($1, 5) }')
	[ -s vmlinux ] && [ -n "$entry" ]
}

# ---- the initial disk: an archive as cpio makes it, "newc", which needs no rights ----

# pad N: zeros after N bytes, up to a multiple of 4.
pad()
{
	head -c $((-$1 & 3)) /dev/zero
}

# entry NAME MODE [FILE] [MAJOR MINOR]
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

# make_disk INIT: what is in an initial disk, whose first program is the file INIT.
make_disk()
{
	local folder
	inode=0
	for folder in bin dev proc; do
		entry $folder 040755
	done
	entry dev/console 020600 '' 5 1
	entry dev/ttyS0 020600 '' 4 64
	entry bin/busybox 0100755 busybox/bin/busybox
	entry init 0100755 "$1"
	entry 'TRAILER!!!' 0
}
