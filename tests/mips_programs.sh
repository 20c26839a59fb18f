#!/bin/bash
# The programs of guests/mips, built by Debian's cross compiler, run on the mips32-bench, on either
# engine, and say what they should.
set -euo pipefail
. "$(dirname "$0")/tap.sh"
tool=mipsel-linux-gnu
if ! command -v $tool-gcc >/dev/null; then
	echo "1..0 # SKIP there is no $tool-gcc"
	exit
fi
own_folder
sources=$TOP_SRCDIR/guests/mips

# build NAME LEVEL: NAME.s, the words of a guest.
build()
{
	$tool-gcc -EL -march=mips32r2 -msoft-float -mno-abicalls -fno-pic -G0 -ffreestanding -nostdlib \
		-static "$2" -Wall -Wextra -Werror -Wl,--build-id=none -T "$sources/bench.ld" -o "$1" \
		"$sources/start.S" "$sources/$1.c" &&
		$tool-objcopy -O binary -j .text "$1" "$1.bin" &&
		{
			printf '\t.machine mips32-bench\n'
			od -An -v -tx4 -w16 "$1.bin" | sed -E 's/ +/, 0x/g; s/^,/\t.word/'
		} >"$1.s"
}

# says NAME LEVEL TEXT
says()
{
	local engine
	build "$1" "$2" || return 1
	for engine in oracle translator; do
		diff <(echo "$3") <(trapeze run --guest-status --engine $engine "$1.s:1M" 2>&1 ||
			echo "status $?") || return 1
	done
}

for level in -O0 -O2; do
	ok "sieve, $level" says sieve $level '2262 primes below 20000'
	ok "sort, $level" says sort $level '1000 words sorted'
	ok "system calls, $level" says syscall $level '2000 system calls; ended by exceptions 91104'
	ok "TLB refills, $level" says refill $level '22560 by many refills'
done
plan
