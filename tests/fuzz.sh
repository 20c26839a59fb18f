#!/bin/bash
# fuzz.sh SECONDS PROGRAM...: runs each libFuzzer program for that long; fails at the
# first input that breaks one, which is left in the current folder as crash-*.
set -euo pipefail
: "${TOP_SRCDIR:=$(cd "$(dirname "$0")/.." && pwd)}"
seconds=$1
shift
[ $# != 0 ] || {
	echo 'fuzz.sh: no fuzzers were built' >&2
	exit 2
}
for program; do
	name=${program##*/fuzz_}
	dictionary=$TOP_SRCDIR/tests/fuzz/$name.dict
	inputs=$TOP_SRCDIR/tests/$name
	arguments=(-max_total_time="$seconds" -timeout=10 -print_final_stats=1)
	[ ! -f "$dictionary" ] || arguments+=(-dict="$dictionary")
	mkdir -p "found-$name"
	arguments+=("found-$name")
	[ ! -d "$inputs" ] || arguments+=("$inputs")
	TRAPEZE_PATH=$inputs:$TOP_SRCDIR/tests/asm:$TOP_SRCDIR/isa/machines "./$program" "${arguments[@]}"
done
