#!/bin/bash
# doc/zoo.md is what `trapeze check` finds: the verdicts of each machine under each map named, and,
# for the first of them, the instructions, of which each that breaks a theorem's condition stands
# in the machine's table and no other.  MACHINES: which; all for every one of the document.
set -uo pipefail

. "$(dirname "$0")/tap.sh"
: "${MACHINES:=pg-sgdt ka10 s370 mipscp0 i8086}"
zoo=$TOP_SRCDIR/doc/zoo.md
own_folder
export XDG_CACHE_HOME=${TEST_CACHE:-$work}

# rows HEADING: the cells of the tables under it, a row a line, separated by '|'.
rows()
{
	awk -v heading="$1" '
		/^#/ { inside = $0 == heading; next }
		inside && /^\|/ && !/^\|-/ { gsub(/^\| *| *\|$/, ""); gsub(/ *\| */, "|"); print }
	' "$zoo" | tail -n +2
}

# answer WORD: of the document, as JSON has it.
answer()
{
	case $1 in
	holds) echo yes ;;
	fails) echo no ;;
	*) echo "$1" ;;
	esac
}

# expect WHAT WANTED FOUND
expect()
{
	[ "$2" = "$3" ] || echo "$1: the document has '$2', found '$3'" >>wrong
}

# instructions FILTER: their names, sorted.
instructions()
{
	jq -r ".instructions[] | select($1) | .instruction" found | sort
}

# named COLUMN WORD: those that the machine's table has with this word in a column.
named()
{
	awk -F'|' -v c="$1" -v w="$2" '$c == w { print $1 }' list | tr -d ' ' | tr , '\n' | sort
}

# compare WHAT COLUMN WORD FILTER: the document's are those of the filter, and no others.
compare()
{
	named "$2" "$3" >wanted
	instructions "$4" >those
	diff wanted those | sed -n "s/^</$1, but not found:/p; s/^>/found, but not in the document: $1:/p" \
		>>wrong
}

# within WHAT COLUMN WORD FILTER: the document's are among those of the filter.
within()
{
	named "$2" "$3" >wanted
	instructions "$4" >those
	comm -23 wanted those | sed "s/^/$1, but not found: /" >>wrong
}

# covered WORD FILTER: those of the filter are in the document with this word.
covered()
{
	named 3 "$1" >wanted
	instructions "$2" >those
	comm -13 wanted those | sed "s/^/found, but not in the document: $1: /" >>wrong
}

decided='.condition_holds != "undecided" and .equivalence != "undecided"'
runs='(.trapping == "runs" or .trapping == "traps conditionally")'
noticed='([.control_sensitive, .behaviour_sensitive, .trap_sensitive] | any(. == "yes")) or .efficient == "no"'

check_lists()
{
	rows "### $1" >list
	[ -s list ] || echo "no table" >>wrong
	compare 'breaks Theorem 1' 3 breaks '.breaks_theorem_1 == "yes"'
	compare 'breaks Theorem 3' 4 breaks '.breaks_theorem_3 == "yes"'
	within traps 3 traps "($runs | not)"
	within 'traps for Theorem 3' 4 traps "($runs | not)"
	within 'harmless for Theorem 3' 4 harmless '.breaks_theorem_3 == "no"'
	compare harmless 3 harmless "$runs and ($noticed) and .breaks_theorem_1 == \"no\""
	covered traps '.trapping == "always traps"'
}

seen=' '
while IFS='|' read -r machine map one three _; do
	[[ $MACHINES = all || " $MACHINES " = *" $machine "* ]] || continue
	: >wrong
	if [ "$map" = - ]; then
		trapeze check "$machine" >found 2>said </dev/null
		expect 'exit status' 2 $?
		[ ! -s found ] || echo 'there is a verdict' >>wrong
		nothing "$machine: no verdict" <wrong
		continue
	fi
	trapeze check "$machine" --map "$map" --json >found 2>said </dev/null
	[ $? -le 1 ] || cat said >>wrong
	expect 'Theorem 1' "$(answer "$one")" "$(jq -r .theorem_1.condition_holds found)"
	expect 'Theorem 3' "$(answer "$three")" "$(jq -r .theorem_3.condition_holds found)"
	expect decided true "$(jq "[.theorem_1, .theorem_3 | $decided] | all" found)"
	nothing "$machine under $map: verdicts" <wrong
	case $seen in *" $machine "*) continue ;; esac
	seen+="$machine "
	: >wrong
	check_lists "$machine"
	nothing "$machine: its list, instruction by instruction" <wrong
done < <(rows '## Verdicts')
plan
