#!/bin/bash
# The mips32-bench beside qemu-system-mipsel's malta board, for `make bench`: the same image on both.  It
# runs in user mode, by a TLB; where the boards differ, how they are switched off, it does either.
#
# How often a second each repeats its thing, medians of BENCH_ROUNDS rounds in turn, by processor time
# less that of the same image with few repetitions; and how many times qemu's rate that is.
#
# Then how long Debian's kernel takes from its vmlinuz to a program that switches off, if the packages
# can be had (tests/malta.sh), and how many times as fast as qemu that is: by processor time, and by
# the clock, which has qemu wait where Trapeze skips to the next event.
#
# Refills are not global and the address space alternates, since qemu keeps what TLBWR overwrites
# until that changes.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/malta.sh"
tool=mipsel-linux-gnu
if ! command -v $tool-gcc >/dev/null; then
	echo "no MIPS bench: there is no $tool-gcc"
	exit
fi
qemu=qemu-system-mipsel
command -v $qemu >/dev/null || { echo "MIPS alone: there is no $qemu"; qemu=; }
rounds=${BENCH_ROUNDS:-3}
linker=$TOP_SRCDIR/guests/mips/bench.ld
own_folder

# Vectors, an empty TLB, and user mode at `user`, with how often in $2; a call with $2 = 0 ends.
cat >start.S <<'END'
	.set	noreorder
	.set	noat
	.section .refill, "ax"
	mfc0	$26, $10
	srl	$26, $26, 13
	sll	$26, $26, 7
	ori	$26, $26, 0x1e
	mtc0	$26, $2
	addiu	$26, $26, 0x40
	mtc0	$26, $3
	ehb
	tlbwr
	eret
	.section .general, "ax"
	beqz	$2, off
	mfc0	$26, $14
	addiu	$26, $26, 4
	mtc0	$26, $14
	beqz	$25, 1f			# another address space?
	mfc0	$26, $10
	andi	$26, $26, 1
	xori	$26, $26, 1
	mtc0	$26, $10
1:	ehb
	eret
off:	lui	$8, 0xbf00
	sw	$0, 0x200($8)		# the bench
	addiu	$9, $0, 0x42
	sw	$9, 0x500($8)		# malta
1:	b	1b
	nop
	.section .start, "ax"
	.globl	_start
_start:	lui	$8, 0x8000
	move	$9, $0
	addiu	$10, $0, 16
	mtc0	$0, $2
	mtc0	$0, $3
	mtc0	$0, $5
1:	mtc0	$8, $10
	mtc0	$9, $0
	addiu	$8, $8, 0x2000
	ehb
	tlbwi
	addiu	$9, $9, 1
	bne	$9, $10, 1b
	nop
	mtc0	$0, $10
	lui	$4, %hi(user)
	addiu	$4, $4, %lo(user)
	sll	$4, $4, 3
	srl	$4, $4, 3
	mtc0	$4, $14
	addiu	$8, $0, 0x12
	mtc0	$8, $12
	move	$25, $0
	lui	$29, 0xf
	lui	$2, TIMES >> 16
	ori	$2, $2, TIMES & 0xffff
	ehb
	eret
	.text
	.globl	user
user:
END

# Loops of user mode; what is in C is called with how often, and returns 0.
cat >arithmetic.S <<'END'
1:	addu	$3, $3, $2
	xor	$4, $3, $2
	sll	$5, $4, 3
	subu	$3, $5, $4
	srl	$6, $3, 7
	addu	$7, $7, $6
	addiu	$2, $2, -1
	bnez	$2, 1b
	or	$4, $4, $7
	syscall
END
cat >calls.S <<'END'
1:	addiu	$2, $2, -1
	syscall
	b	1b
	nop
END
cat >refills.S <<'END'
	addiu	$25, $0, 1
1:	lui	$3, 2
	addiu	$5, $0, 64
2:	lw	$6, 0($3)
	addiu	$5, $5, -1
	addiu	$3, $3, 0x2000
	bnez	$5, 2b
	addiu	$2, $2, -1
	bgtz	$2, 3f
	nop
	move	$2, $0
3:	syscall
	b	1b
	nop
END
cat >in_c.S <<'END'
	jal	work
	move	$4, $2
	move	$2, $0
	syscall
END
cat >sieve.c <<'END'
void work(unsigned times)
{
	enum { LIMIT = 20000 };
	volatile unsigned char *composite = (unsigned char *)0x40000;

	while (times--) {
		for (unsigned i = 2; i < LIMIT; i++)
			composite[i] = 0;
		for (unsigned i = 2; i < LIMIT; i++)
			for (unsigned k = 2 * i; !composite[i] && k < LIMIT; k += i)
				composite[k] = 1;
	}
}
END
cat >sort.c <<'END'
void work(unsigned times)
{
	enum { COUNT = 1000 };
	int *word = (int *)0x40000;
	unsigned seed = 1;

	while (times--) {
		for (unsigned i = 0; i < COUNT; i++)
			word[i] = (int)(seed = seed * 1103515245 + 12345);
		for (unsigned i = 1; i < COUNT; i++) {
			unsigned k = i;
			int w = word[i];

			for (; k && word[k - 1] > w; k--)
				word[k] = word[k - 1];
			word[k] = w;
		}
	}
}
END
cat >mixed.c <<'END'
/* A hash of bytes, divisions, a table, calls. */
static __attribute__((noinline)) unsigned step(unsigned h, unsigned i)
{
	return (h ^ (i & 255)) * 16777619u;
}

void work(unsigned times)
{
	volatile unsigned *table = (unsigned *)0x40000;
	unsigned h = 2166136261u;

	while (times--)
		for (unsigned i = 1; i < 1000; i++) {
			h = step(h, i);
			table[h % 1021] += h / i;
			h += table[i] >> 3;
		}
}
END

# build NAME TIMES: NAME-TIMES, an image, and NAME-TIMES.s, its words for the mips32-bench.
build()
{
	local more=()
	[ ! -e "$1.c" ] || more=("$1.c")
	cat start.S "$([ -e "$1.S" ] && echo "$1.S" || echo in_c.S)" >all.S
	$tool-gcc -EL -march=mips32r2 -msoft-float -mno-abicalls -fno-pic -G0 -ffreestanding -nostdlib -static \
		-O2 -fno-tree-loop-distribute-patterns -Wa,--defsym,TIMES="$2" -Wl,--build-id=none \
		-T "$linker" -o "$1-$2" all.S "${more[@]}"
	$tool-objcopy -O binary -j .text "$1-$2" "$1-$2.bin"
	{
		printf '\t.machine mips32-bench\n'
		od -An -v -tx4 -w16 "$1-$2.bin" | sed -E 's/ +/, 0x/g; s/^,/\t.word/'
	} >"$1-$2.s"
}

trapeze_runs() { trapeze run --guest-status "$1.s:1M" </dev/null >/dev/null; }
qemu_runs()
{
	$qemu -M malta -cpu 24Kc -m 16 -kernel "$1" -display none -monitor none -serial none -nic none -vga none \
		-no-reboot
}

# took WHO IMAGE [FORMAT]: milliseconds of processor time, or as `time` has them by that format.
took()
{
	local TIMEFORMAT=${3-%3U}
	{ time "$1" "$2"; } 2>took.txt
	tail -n 1 took.txt | tr -d . | sed 's/\(^\| \)0*\([0-9]\)/\1\2/g'
}

# rate WHO NAME MANY FEW: a second.
rate()
{
	awk -v a="$(took "$1" "$2-$4")" -v b="$(took "$1" "$2-$3")" -v n=$(($3 - $4)) \
		'BEGIN { printf "%.0f\n", n / ((b > a ? b - a : 1) / 1000) }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# row NAME MANY FEW
row()
{
	build "$1" "$2"
	build "$1" "$3"
	: >ours
	: >theirs
	for _ in $(seq "$rounds"); do
		rate trapeze_runs "$1" "$2" "$3" >>ours
		[ -z "$qemu" ] || rate qemu_runs "$1" "$2" "$3" >>theirs
	done
	awk -v name="$1" -v a="$(median <ours)" -v b="$(median <theirs)" 'BEGIN {
		printf "%-12s %12d", name, a
		if (b) printf " %12d %8.2f", b, a / b
		print "" }'
}

printf '%-12s %12s' 'a second' mips32-bench
[ -z "$qemu" ] || printf ' %12s %8s' qemu ratio
echo
row arithmetic 200000000 1000
row sieve 3000 10
row sort 600 10
row mixed 20000 10
row calls 4000000 1000
row refills 3200000 640

# ---- the kernel

arguments='console=ttyS0 rdinit=/init cryptomgr.notests'
trapeze_boots() { trapeze run --board malta "$1:64M" --initrd disk --append "$arguments" </dev/null >booted; }
qemu_boots()
{
	$qemu -M malta -cpu 24Kc -m 64 -kernel "$1" -initrd disk -append "$arguments" -display none \
		-monitor none -serial stdio -nic none -vga none -no-reboot </dev/null >booted
}

# boot WHO: milliseconds of processor time and by the clock; it must have come to the program, and off.
boot()
{
	took "$1" "$vmlinuz" '%3U %3R'
	grep -q '^the program' booted && grep -q 'reboot: Power down' booted
}

# boot_row NAME FIELD
boot_row()
{
	awk -v name="$1" -v a="$(cut -d' ' -f"$2" ours | median)" -v b="$(cut -d' ' -f"$2" theirs | median)" 'BEGIN {
		printf "%-12s %12.1f", name, a / 1000
		if (b) printf " %12.1f %8.2f", b / 1000, b / a
		print "" }'
}

if ! get_packages || ! unpack_packages; then
	echo "no boot: ${missing:-the packages are of another kind}"
	exit
fi
cat >init <<'END'
#!/bin/busybox sh
/bin/busybox echo the program
/bin/busybox poweroff -f
END
make_disk init >disk
: >ours
: >theirs
for _ in $(seq "$rounds"); do
	boot trapeze_boots >>ours || { tail -n 3 booted; exit 1; }
	[ -z "$qemu" ] || boot qemu_boots >>theirs || { tail -n 3 booted; exit 1; }
done
echo
echo "Debian's kernel, from vmlinuz to a program and off, seconds"
boot_row 'processor' 1
boot_row 'clock' 2
