#!/bin/bash
# Every guest of guests/pg prints what it should and halts with status 0, bare and under
# both monitors, and cannot tell them apart.
#
# The expectations stand in tests/expected: NAME.expected, or NAME-CASE.expected for several
# runs of one guest, is what NAME.s prints; .input beside it the console's input, if any.
# A guest without an expectation fails.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
guests=$TOP_SRCDIR/guests/pg
cases=$TOP_SRCDIR/tests/expected
steps=5000000 # more than any of them needs
own_folder

# prints STATUS EXPECTED INPUT ARGUMENT...: does a run print this and end with that status?
prints()
{
	local wanted=$1 expected=$2 input=$3 status=0
	shift 3
	trapeze run --guest-status --steps $steps "$@" <"$input" >said || status=$?
	diff -u "$expected" said && [ $status = "$wanted" ] && return
	echo "status $status, $wanted is wanted"
	return 1
}

# cannot_tell ARGUMENT...: is it equivalent, and was it translated code that was compared?
cannot_tell()
{
	trapeze equiv --limit $steps --engine "${TRAPEZE_ENGINE:-translator}" "$@" | tee said &&
		translated <said
}

# At least half of what ran in slices, where the translator runs anything.
translated()
{
	[ "$(uname -m)" = x86_64 ] && [[ ${TRAPEZE_ENGINE-} != oracle ]] || return 0
	awk '/^  in slices / { n++; few = few || $3 + 0 < 50 } END { exit few || !n }'
}

# One expectation: four runs, six comparisons.
run_case()
{
	local expected=$1 name guest input=/dev/null
	name=$(basename "$expected" .expected)
	guest=$guests/$name.s
	[ -f "$guest" ] || guest=$guests/${name%-*}.s
	[ ! -f "${expected%.expected}.input" ] || input=${expected%.expected}.input
	ok "$name bare" prints 0 "$expected" "$input" "$guest":16K
	ok "$name on the oracle" \
		prints 0 "$expected" "$input" --engine oracle "$guest":16K
	for monitor in vmm hybrid; do
		ok "$name under $monitor" \
			prints 0 "$expected" "$input" --monitor $monitor "$guest":16K
		ok "$name cannot tell $monitor from the machine" \
			cannot_tell --monitor $monitor --input "$input" "$guest":16K
		ok "$name cannot tell $monitor in long slices" \
			cannot_tell --slice 9973 --monitor $monitor --input "$input" "$guest":16K
		ok "$name cannot tell $monitor in random slices" \
			cannot_tell --slice random --seed 5 --monitor $monitor --input "$input" \
			"$guest":16K
	done
}

has_expectation()
{
	compgen -G "$cases/$1.expected" || compgen -G "$cases/$1-*.expected"
}

# what TEXT COMMAND...: does a command print exactly this line?
says()
{
	local text=$1
	shift
	diff <(echo "$text") <("$@" </dev/null)
}

primes_below()
{
	trapeze run --deposit "G2=$1" "$guests/minios.s" </dev/null | grep -x "primes: $2 below $1" >/dev/null
}

# refuses SIZE GUEST: too little storage is said, and is status 1.
refuses()
{
	local status=0
	trapeze run --guest-status "$2:$1" </dev/null >said || status=$?
	cat said
	[ $status = 1 ] && grep -q 'not enough storage$' said
}

# What block 0 of the drum holds, minios prints when it starts again.
keeps_its_drum()
{
	: >drum
	trapeze run --drum drum "$guests/minios.s" <<<'write 0 kept for later' &&
		trapeze run --drum drum "$guests/minios.s" </dev/null | grep -x 'kept for later' >/dev/null
}

for guest in "$guests"/*.s; do
	name=$(basename "$guest" .s)
	[[ $name != monitor* ]] || continue # prints what its guests do: tests/tower.sh
	ok "$name has an expectation" has_expectation "$name"
done
for expected in "$cases"/*.expected; do
	run_case "$expected"
done

ok 'sieve takes its limit from G2' \
	says '25 primes below 100' trapeze run --deposit G2=100 "$guests/sieve.s"
ok 'fib takes its number from G2' \
	says 'fib(10) = 55' trapeze run --deposit G2=10 "$guests/fib.s"
ok 'minios takes from G2 how far primes goes' primes_below 1000 168
ok 'sieve says when storage is too small' refuses 4K "$guests/sieve.s"
ok 'bubble says when storage is too small' refuses 320 "$guests/bubble.s"
ok 'matmul says when storage is too small' refuses 1K "$guests/matmul.s"
ok 'minios says when storage is too small' refuses 8K "$guests/minios.s"
ok 'minios keeps its drum' keeps_its_drum
for monitor in vmm hybrid; do
	ok "minios does not notice two neighbours under $monitor, with a short quantum" \
		cannot_tell --monitor $monitor --quantum 53 --input "$cases/minios-shell.input" \
		--neighbours "$guests/minios.s:16K" --neighbours "$guests/traps.s:2K" \
		"$guests/minios.s:16K"
done
for bench in "$guests"/bench/*.s; do
	ok "bench/$(basename "$bench") begins" trapeze run --steps 1000 "$bench"
done
plan
