#!/bin/bash
# Check and fuzz agree on each machine of the zoo that monitors run on: what `trapeze check`
# condemns has a witness, which breaks as a guest; and whatever random guests break under a
# monitor, check names for it.
set -uo pipefail

. "$(dirname "$0")/tap.sh"
: "${MACHINES:=pg pg-jrst1 pg-sgdt ka10 pdp11 vax s370 s370-das m68000 m68010 x86 x86-umip armv7 itanium rv32}"
: "${GUESTS:=40}"
own_folder
export XDG_CACHE_HOME=${TEST_CACHE:-$work}

# condemned MONITOR: the instructions with a wrong answer to the direct question.
condemned()
{
	jq -r ".instructions[] | select(.differs_$1 == \"yes\") | .instruction" decided
}

# shown MACHINE INSTRUCTION: its witness as a guest breaks.
shown()
{
	output=$(trapeze check "$1" --witness "$2" -o "$2.s" 2>&1 </dev/null) || return 1
	output=$(bash -c "$(sed -n 's/^next: //p' <<<"$output") --patience 100 --limit 1000" 2>&1 </dev/null)
	[ $? = 1 ]
}

witnesses()
{
	local i
	for i in $(condemned vmm); do
		shown "$1" "$i"
		result $? "$1: the witness against $i breaks as a guest"
	done
}

# broken MACHINE MONITOR: the instructions that random guests broke there; where one took the real
# processor away, there is no step to compare.
broken()
{
	trapeze fuzz "$1" --monitor "$2" --count "$GUESTS" --enough 0 --json --output . \
		>campaign 2>/dev/null </dev/null
	[ $? -le 1 ] || echo "fuzz failed"
	jq -r 'select(.kind == "failure") |
			if .name then .name elif .violation then empty else "?" end' campaign | sort -u
}

named()
{
	local monitor
	for monitor in vmm hybrid; do
		nothing "$1: what breaks under $monitor is named" \
			< <(comm -23 <(broken "$1" $monitor) <(condemned $monitor | sort))
	done
}

for machine in $MACHINES; do
	output=$(trapeze check "$machine" --json 2>&1 >decided </dev/null)
	[ $? -le 1 ]
	result $? "$machine is decided"
	witnesses "$machine"
	named "$machine"
	rm -f -- *.s
done
plan
