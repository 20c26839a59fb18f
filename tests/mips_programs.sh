#!/bin/bash
# The programs of guests/mips, built by Debian's cross compiler for either byte order, run on the bench
# on either engine, and say what they should; and so does the kernel in guests/mips/kernel.
set -euo pipefail
. "$(dirname "$0")/tap.sh"
tool=mipsel-linux-gnu
if ! command -v $tool-gcc >/dev/null; then
	echo "1..0 # SKIP there is no $tool-gcc"
	exit
fi
own_folder

# build NAME OPTION...: NAME, by guests/mips/build.sh
build()
{
	local name=$1
	shift
	sh "$TOP_SRCDIR/guests/mips/build.sh" "$@" "$name" program
}

# runs ENGINE FILE: what it says, and its status if that is not 0
runs()
{
	timeout 300 trapeze run --guest-status --board bench --engine "$1" "$2" 2>&1 <"${3-/dev/null}" ||
		echo "status $?"
}

# says NAME OPTIONS TEXT [INPUT]
says()
{
	local engine
	build "$1" $2 || return 1
	for engine in oracle translator; do
		diff <(echo "$3") <(runs $engine program "${4-/dev/null}") || return 1
	done
}

printf 'hello, world\nLine 2\n\nthe end\n' >typed
for options in -O0 '-EB -O2'; do
	ok "sieve, $options" says sieve "$options" '2262 primes below 20000'
	ok "sort, $options" says sort "$options" '1000 words sorted'
	ok "arithmetic, $options" says arithmetic "$options" '1604718898 3903996406 2063317141'
	ok "page tables, $options" says walker "$options" '133 tables, 5307 misses, sum 3827753744'
	ok "system calls, $options" says syscall "$options" '2000 system calls; ended by exceptions 91104'
	ok "TLB refills, $options" says refill "$options" '22560 by many refills'
	ok "a console by interrupts, $options" says console "$options" \
		$'HELLO, WORLD\nLINE 2\n\nTHE END' typed
done

run_kernel() { runs translator program >kernel.out && cat kernel.out && [ -s kernel.out ]; }
# Is what a process says whole and in order?
of_process() { diff <(printf "$2") <(grep "^$1: " kernel.out); }
# How often is the next line another process's than the one before?
turns() { grep -o '^[1-3]: ' kernel.out | uniq | wc -l; }
interleaved() { [ "$(turns)" -ge 6 ]; }
last_lines() { tail -n 1 kernel.out | grep -qE '^kernel: all have ended; switches [0-9]{2,}, page faults [0-9]+$'; }
same_on_both()
{
	local engine
	for engine in oracle translator; do
		trapeze run --board bench --engine $engine --steps 400000 program >$engine.out 2>&1
	done
	grep -q '^kernel: storage' oracle.out && cmp oracle.out translator.out
}
same_again() { runs translator program | cmp - kernel.out; }

for options in -O0 -O2 '-EB -O2'; do
	ok "the kernel is built, $options" build kernel $options
	ok 'it runs to its end' run_kernel
	ok 'its first process has its say' of_process 1 '1: prime 200 is 1223
1: prime 400 is 2741
1: prime 600 is 4409
1: prime 800 is 6133
1: prime 1000 is 7919
'
	ok 'the second, too' of_process 2 '2: round 1, sum 465824
2: round 2, sum 939720
2: round 3, sum 1413336
2: round 4, sum 1886320
2: round 5, sum 2359320
'
	ok 'and the third' of_process 3 '3: depth 200, sum 20100
3: depth 400, sum 80200
3: depth 600, sum 180300
3: depth 800, sum 320400
3: depth 1000, sum 500500
'
	ok 'that is ended when it touches the kernel' \
		grep -qx 'kernel: process 3 is ended by exception 5 at address 80000000' kernel.out
	ok 'the others end by themselves' grep -qx 'kernel: process 2 ends with status 2' kernel.out
	ok 'the timer lets them run in turn' interleaved
	ok 'the end comes when all have ended' last_lines
	ok 'twice it is the same' same_again
	ok 'both engines come to the same state' same_on_both
done
plan
