#!/bin/bash
# Debian's kernel for the Malta board, unmodified, and its busybox as initial disk: from the packages
# to a shell on which somebody types, and off again; the same from what was typed; and gdb at it.
set -uo pipefail
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/malta.sh"
typed=${TOP_BUILDDIR:-.}/tests/typed

skip()
{
	echo "1..0 # SKIP $1"
	exit
}

"$typed" 2>/dev/null || skip 'there are no pseudo-terminals'
typed=$(realpath "$typed")
own_folder

get_packages || skip "$missing"
unpack_packages
result $? 'the packages have a kernel and a busybox'

cat >init <<'END'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
exec setsid cttyhack sh
END
make_disk init >disk

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
type grep -A1 -E ' (kernel_entry|start_kernel|_printk|do_sys_openat2|sys_openat)$' /proc/kallsyms; echo $((5 * 5)) functions\n
see 25 functions
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

# begins ENGINE: its log and the state after so many steps, which the oracle takes seconds for.
begins()
{
	timeout 600 trapeze run --board malta --isa mips32 --raw "0x80100000,$entry" vmlinux:64M \
		--initrd disk --append "$arguments" --steps 40000000 --engine "$1" </dev/null >"$1" 2>&1
	grep -q 'stopped after 40000000 steps' "$1" && grep -q 'Dentry cache hash table' "$1"
}

unpacked=
if command -v xz >/dev/null && unpack_image; then
	unpacked=yes
	ok 'the kernel unpacked elsewhere begins on the oracle' begins oracle
	ok 'and on the translator' begins translator
	ok 'with the same log, to the same state' cmp oracle translator
else
	echo "ok $((++n)) - the kernel unpacked elsewhere # SKIP this vmlinuz is of another kind"
fi

# ---- gdb ----

tool=mipsel-linux-gnu

# The kernel has no symbols.  From what it has itself said of its functions, and which come behind
# them: kernel.elf, with these, to be run as it is.  It had moved itself to a random place; if it is
# told nokaslr, its entry is at $entry.
link_kernel()
{
	local moved
	tr -d '\r' <typed | sed -n 's/^\(8[0-9a-f]\{7\}\) [tT] \([A-Za-z_][A-Za-z0-9_]*\)$/\1 \2/p' |
		sort -u >functions
	moved=$(sed -n 's/ kernel_entry$//p' functions)
	[ -n "$moved" ] || return 1
	{
		printf '\t.section .text, "ax"\nkernel:\t.incbin "vmlinux"\n'
		awk -v moved="0x$moved" -v entry="$entry" '{
			printf "\t.globl %s\n\t.type %s, @function\n", $2, $2
			printf "\t.set %s, kernel + 0x%s - %s + %s - 0x80100000\n", $2, $1, moved, entry
		}' functions
	} >kernel.s
	echo 'SECTIONS { .text 0x80100000 : { *(.text) } /DISCARD/ : { *(*) } }' >kernel.ld
	$tool-as -EL -march=mips32r2 -o kernel.o kernel.s &&
		$tool-ld -EL -T kernel.ld -e "$entry" -o kernel.elf kernel.o
}

# What is piped in waits until the shell reads it.
with_gdb()
{
	local port= server status=0
	printf 'echo $((6 * 7)) piped\npoweroff -f\n' >keys
	timeout 900 trapeze run --gdb 0 --board malta kernel.elf:64M --initrd disk --append "$arguments nokaslr" \
		<keys >debugged 2>said &
	server=$!
	while [ -z "$port" ] && kill -0 $server 2>/dev/null; do
		sleep 0.1
		port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\)$/\1/p' said)
	done
	cat >commands <<END
set pagination off
set confirm off
set height 0
target remote 127.0.0.1:$port
$(cat asked)
END
	timeout 900 gdb-multiarch -nx -batch -x commands kernel.elf >told 2>&1 || status=$?
	cat told
	wait $server && [ $status = 0 ]
}

cat >asked <<'END'
break *start_kernel
continue
x/2i $pc
stepi
printf "stepped to %d\n", $pc - (int)start_kernel
info registers pc ra
reverse-stepi
printf "back at %d\n", $pc - (int)start_kernel
break *_printk
continue
x/s $a1
backtrace 2
stepi
stepi
reverse-continue
printf "back at %d\n", $pc - (int)_printk
reverse-continue
printf "back at %d\n", $pc - (int)start_kernel
delete
break *do_sys_openat2
continue
backtrace 2
print $KSU
info registers pc sp a0
stepi
stepi
reverse-continue
printf "back at %d\n", $pc - (int)do_sys_openat2
monitor explain
delete
detach
END

# tells TEXT...: gdb has told these, in this order; a text is a pattern.
tells()
{
	local line
	while read -r line; do
		# shellcheck disable=SC2053
		[[ $# = 0 || $line != $1 ]] || shift
	done <told
	[ $# = 0 ] || { echo "not told: $1"; return 1; }
}

missing=
command -v $tool-ld >/dev/null || missing="there is no $tool-ld"
command -v gdb-multiarch >/dev/null || missing='there is no gdb-multiarch'
[ -n "$unpacked" ] || missing='the kernel is not unpacked'
if [ -z "$missing" ] && link_kernel; then
	ok 'gdb goes through the kernel, and leaves it' with_gdb
	ok 'it stops where it begins, steps and goes back' tells 'Breakpoint 1, *start_kernel ()' \
		'=> 0x* <start_kernel>:*' '* in start_kernel ()' 'stepped to 4' 'ra: 0x8*' 'back at 0'
	ok 'it reads what is printed, and who prints it' tells 'Breakpoint 2, *_printk ()' '*Linux version *' \
		'#0 *_printk ()' '#1 *start_kernel ()' 'back at 0' 'back at 0'
	ok 'it stops at a call of a program' tells 'Breakpoint 3, *do_sys_openat2 ()' \
		'#0 *do_sys_openat2 ()' '#1 *sys_openat ()' '*= 0' 'sp: 0x8*' 'back at 0'
	ok 'what was piped in has reached the shell' grep -q '^42 piped' debugged
	ok 'which has switched off' grep -q 'reboot: Power down' debugged
else
	echo "ok $((++n)) - gdb # SKIP ${missing:-the kernel does not say where its functions are}"
fi
plan
