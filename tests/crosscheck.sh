#!/bin/bash
# Another solver is asked every query again: each is kept as a file with z3's answer, and cvc5
# must say the same of all of them.  One that either leaves undecided is a failure, too: on these
# machines both decide them all.  MACHINES: which; all for every one on which that is so.
set -uo pipefail

: "${MACHINES:=pg pg-sgdt ka10 vax s370 m68000 mipscp0}"
[ "$MACHINES" != all ] ||
	MACHINES='pg pg-jrst1 pg-sgdt ka10 pdp11 vax s370 s370-das m68000 m68010 x86 x86-umip armv7 itanium mipscp0 rv32'
if ! command -v cvc5 >/dev/null; then
	echo '1..0 # SKIP cvc5 is not installed'
	exit 0
fi
. "$(dirname "$0")/tap.sh"
own_folder

# keep MACHINE: its queries in a folder of its name; beside it what was said, and the status.
keep()
{
	local folder=${1##*/}
	trapeze check --no-cache --solver z3 --smt-dir "$folder" "$1" >"$folder.said" 2>&1 </dev/null
	echo $? >"$folder.status"
}

# again FILE: a line with its name, the answer recorded, and cvc5's.
again()
{
	local answer
	answer=$(timeout 600 cvc5 --bool-to-bv=all "$1" 2>/dev/null </dev/null | head -n 1)
	[[ $answer = sat || $answer = unsat ]] || answer=unknown
	echo "$1 $(sed -n 's/^(set-info :status \(.*\))$/\1/p' "$1") $answer"
}
export -f keep again

# each COMMAND: of each line of input, two at a time.
each()
{
	xargs -r -d '\n' -P 2 -I '{}' bash -c "$1 \"\$1\"" "$1" '{}'
}

# agreed FOLDER: one test.
agreed()
{
	local asked undecided different verdict=0
	find "$1" -name '*.smt2' | sort | each again >answers
	asked=$(find "$1" -type f | wc -l)
	undecided=$(awk '$2 == "unknown" || $3 == "unknown"' answers | wc -l)
	different=$(awk '$2 != "unknown" && $3 != "unknown" && $2 != $3' answers | wc -l)
	[ "$(<"$1.status")" -le 1 ] && [ "$asked" -gt 0 ] && [ "$(wc -l <answers)" = "$asked" ] &&
		[ "$undecided" = 0 ] && [ "$different" = 0 ] || verdict=1
	output=$(
		cat "$1.said"
		echo 'query, recorded answer, answer of cvc5:'
		awk '$2 != $3 || $2 == "unknown"' answers
	)
	result $verdict "$1: cvc5 agrees with z3 on every query"
	echo "# $asked queries, $different answered differently, $undecided undecided"
}

printf '%s\n' $MACHINES | each keep
for machine in $MACHINES; do
	mkdir -p "${machine##*/}" # no query, no folder
	agreed "${machine##*/}"
done
plan
