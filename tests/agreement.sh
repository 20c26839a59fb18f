#!/bin/bash
# Check and fuzz agree on each machine of the zoo that monitors run on: what `trapeze check`
# condemns has a witness, which breaks as a guest; and whatever random guests break under a
# monitor, check names for it.  Two kinds are left to the second part: an instruction that only uses a
# device, whose witness no storage and no register shows; and one that traps into another of the
# user modes, which the real machine would not report, and these monitors are told of.
set -uo pipefail

: "${TOP_SRCDIR:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${MACHINES:=pg pg-jrst1 pg-sgdt ka10 pdp11 vax s370 s370-das m68000 m68010 x86 x86-umip armv7 itanium rv32}"
: "${GUESTS:=100}"
work=$(mktemp -d) && cd "$work" || exit 99
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work
n=0

# result STATUS NAME: one test; a failed one shows what was said.
result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' said
	fi
}

# condemned MONITOR: the instructions with a wrong answer to the direct question.
condemned()
{
	jq -r ".instructions[] | select(.differs_$1 == \"yes\") | .instruction" decided
}

# shown MACHINE INSTRUCTION: its witness as a guest breaks, with one of the values that the monitor's
# own registers can have.
shown()
{
	local command seed
	trapeze check "$1" --witness "$2" -o "$2.s" >said 2>&1 </dev/null || return 1
	command=$(sed -n 's/^next: //p' said)
	for seed in 0 1 2 3 4 5 6 7; do
		bash -c "$command --seed $seed --patience 100 --limit 1000" >said 2>&1 </dev/null
		[ $? = 1 ] && return
	done
	return 1
}

# unseen INSTRUCTION: of control state it changes a device, and no more, or it traps unseen.
unseen()
{
	jq -e ".instructions[] | select(.instruction == \"$1\") |
		.control == [\"device\"] and .behaviour_sensitive == \"no\" or
		(.control | index(\"trap\"))" decided >/dev/null
}

witnesses()
{
	local i
	for i in $(condemned vmm); do
		unseen "$i" && continue
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
		comm -23 <(broken "$1" $monitor) <(condemned $monitor | sort) >said
		[ ! -s said ]
		result $? "$1: what breaks under $monitor is named"
	done
}

for machine in $MACHINES; do
	trapeze check "$machine" --json >decided 2>said </dev/null
	[ $? -le 1 ]
	result $? "$machine is decided"
	witnesses "$machine"
	named "$machine"
	rm -f -- *.s
done
echo "1..$n"
[ $n -gt 0 ]
