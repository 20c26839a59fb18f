#!/bin/bash
# What towers cost, for `make bench`, per virtual system call, per emulated privileged instruction
# and per innocuous instruction, at depths 0 to 4: real instructions under the monitor in assembly;
# under hosted ones, faithful and collapsed, the operations of all of them on their machines
# (vmm/control.h); and the host's time.  Behind a number stands by what it has grown since the level
# before.
#
# Each guest repeats one thing; the same guest with fewer rounds is subtracted, so that the start
# does not count.  Nor do the two instructions of the loop among the real ones; they do in time.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
monitor=$TOP_SRCDIR/guests/pg/monitor.s
own_folder
few=1000

# guest NAME ROUNDS: a program whose loop does the thing once in each round.
guest()
{
	local thing
	case $1 in
	call) thing='SVC 0' ;;
	privileged) thing='RTIM G5' ;;
	innocuous) thing='ADD G5, G5, G5' ;;
	esac
	cat <<END
	.machine pg
	.org	8
	.word	0, trapped, 0, 4096, 0, 0
	.org	16
start:	LPSW	psw(G0)
psw:	.word	$([ "$1" = call ] && echo 1 || echo 0), loop, 0, 4096, 0, 0
loop:	$thing
	ADDI	G3, G3, -1
	BNE	G3, G0, loop
	SVC	1
trapped:
	LD	G6, 7(G0)
	BNE	G6, G0, end
	LPSW	0(G0)
end:	HALT	0
	.deposit G3, $2
END
}

# cost COMMAND...: real steps, operations of hosted monitors, and milliseconds of the host's
# processor, on one line.
cost()
{
	local TIMEFORMAT=%3U
	{ time "$@" --json </dev/null >said; } 2>took
	jq -r '"\(.machines[0].instructions) \([.monitors[].operations[]] | add // 0)"' said |
		paste -d ' ' - <(tr -d . <took | sed 's/^0*\(.\)/\1/')
}

# rounds_of WHAT DEPTH: how many take about as long everywhere.
rounds_of()
{
	[ "$1" != innocuous ] || { echo 100000000; return; }
	[ "$shape" = self ] || { echo 2000000; return; }
	echo $((2000000 / 3 ** $2))
}

# What the level before took, by kind of tower and thing: to tell the growth.
declare -A before

# per WHAT DEPTH COMMAND GUEST-PATTERN: the difference of many and few rounds, for each of them.
per()
{
	local a b many which=0 loop=2 count
	[ "$shape" = self ] || which=1 loop=0
	many=$(rounds_of "$1" "$2")
	guest "$1" "$many" >"$1-$many.s"
	read -r -a a < <(cost "${@:3}" "$(tower "$2" "$1-$few.s:4K" "$shape")")
	read -r -a b < <(cost "${@:3}" "$(tower "$2" "$1-$many.s:4K" "$shape")")
	count=$(awk -v n=$((many - few)) -v s=$((b[which] - a[which])) -v loop=$loop \
		'BEGIN { print s / n - loop }')
	awk -v n=$((many - few)) -v s="$count" -v old="${before[$how $1]-0}" -v t=$((b[2] - a[2])) \
		'BEGIN { printf " %7.1f %5s %6.0f", s, (old > 0.05) ? sprintf("x%.1f", s / old) : "", t / n * 1e6 }'
	before[$how $1]=$count
}

# tower DEPTH GUEST SHAPE: the guest, carried by so many monitors in assembly if they are that.
tower()
{
	local inner=$2
	[ "$3" = hosted ] || for _ in $(seq "$1"); do inner="${monitor}[$inner]"; done
	echo "$inner"
}

for what in call privileged innocuous; do
	guest $what $few >"$what-$few.s"
done
head='count  grew     ns'
printf '%-14s %20s %20s %20s\n' depth 'system call' privileged innocuous
printf '%-14s %20s %20s %20s\n' '' "$head" "$head" "$head"
for depth in 0 1 2 3 4; do
	for how in self-hosted faithful collapsed; do
		[ $depth != 0 ] || [ $how = self-hosted ] || continue
		shape=hosted options=()
		[ $how != self-hosted ] || shape=self
		if [ $shape = hosted ]; then
			options=(--monitor "vmm$(printf '/vmm%.0s' $(seq 2 $depth))")
			[ $depth != 1 ] || options=(--monitor vmm)
			[ $how != collapsed ] || options+=(--collapsed)
		fi
		printf '%-14s' "$depth $how"
		for what in call privileged innocuous; do
			per $what $depth trapeze run "${options[@]}"
		done
		echo
	done
done
