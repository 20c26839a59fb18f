#!/bin/bash
# Random user-mode programs on mips32 and on qemu-mipsel end with the same registers and data.  They
# run in kuseg as it is after a reset, while ERL is set: not mapped.  SEED and COUNT choose which.
set -uo pipefail
. "$(dirname "$0")/tap.sh"
: "${SEED:=1}" "${COUNT:=80}" "${LENGTH:=400}"
tool=mipsel-linux-gnu
for command in $tool-as qemu-mipsel; do
	if ! command -v $command >/dev/null; then
		echo "1..0 # SKIP there is no $command"
		exit
	fi
done
own_folder

build()
{
	awk -v seed="$1" -v count="$LENGTH" -f "$TOP_SRCDIR/tests/mips/random.awk" >p.s </dev/null &&
		$tool-as -EL -mips32r2 -mno-fix-loongson3-llsc -o p.o p.s &&
		$tool-ld -EL -Ttext 0x10000 -Tdata 0x20000 -o p p.o &&
		$tool-objcopy -O binary -j .text -j .data p p.bin
}

# As a guest: its words, where it is linked to, and where its results will be.
as_guest()
{
	printf '\t.machine mips32\n\t.deposit P, 0x10000\n\t.deposit NP, 0x10004\n\t.org 0x10000\n'
	od -An -v -tx4 -w16 p.bin | sed -E 's/ +/, 0x/g; s/^,/\t.word/'
}

on_trapeze()
{
	local result
	as_guest >guest.s
	result=$($tool-nm p | awk '$3 == "result" { print $1 }')
	printf 'break trap syscall\ncontinue\nx/100wx 0x%s\n' "$result" |
		trapeze repl --isa=mips32 guest.s:256K | sed -n "s/^0x[^:]*: 0x/0x/p" | tr ' ' '\n'
}

on_qemu()
{
	qemu-mipsel -cpu 24Kc ./p | od -An -v -tx4 -w4 | sed 's/^ */0x/'
}

for seed in $(seq "$SEED" $((SEED + COUNT - 1))); do
	build "$seed" >said 2>&1 || cat said
	on_trapeze | sed 's/0x0*\(.\)/0x\1/' >ours
	on_qemu | sed 's/0x0*\(.\)/0x\1/' >theirs
	[ "$(wc -l <theirs)" = 100 ] || echo "$(wc -l <theirs) words" >>ours
	nothing "the program of seed $seed" < <(diff ours theirs | head -20)
done
plan
