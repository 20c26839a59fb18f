#!/bin/bash
# The monitor in assembly with one mistake at a time: the comparison from outside finds each, with a
# guest that is for it or with random ones.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
guests=$TOP_SRCDIR/guests/pg
own_folder

# An interrupt is pending when a trap's new PSW enables it, and so after each instruction.
cat >pending.s <<'END'
	.machine pg
	.org	8
	.word	0, trapped, 0, 64, 1, 0
	.org	16
start:	LA	G2, 2(G0)
	OUT	G2, 2
	.word	0
trapped:
	ADDI	G3, G3, 1
	ADDI	G4, G4, 1
	BR	trapped
END

# faulty FILE COMMAND: the monitor, of which sed has changed this file.
faulty()
{
	rm -rf faulty && mkdir faulty && cp -r "$guests"/monitor* "$guests/lib" faulty &&
		chmod -R u+w faulty && sed -i "$2" "faulty/monitor/$1" &&
		! cmp "faulty/monitor/$1" "$guests/monitor/$1"
}

# compared MONITOR DEPTH GUEST: with the bare machine, under so many of these monitors.
compared()
{
	local guest=$3
	for _ in $(seq "$2"); do guest="$1[$guest]"; done
	timeout 60 trapeze equiv --innermost --limit 100000 "$guest"
}

# found DEPTH GUEST: can the guest tell?
found()
{
	local told=0
	compared faulty/monitor.s "$@" || told=$?
	[ $told = 1 ]
}

# by_chance: can one of some random guests?
by_chance()
{
	local told=0
	timeout 60 "${TOP_BUILDDIR:-.}/tests/towers" -n 50 -d 1 faulty/monitor.s || told=$?
	[ $told = 1 ]
}

# told WHAT FILE COMMAND FINDER...: is the fault found?
told()
{
	faulty "$2" "$3" >/dev/null || { result 1 "$1: nothing was changed"; return; }
	ok "$1" "${@:4}"
}

for depth in 1 2 3; do
	ok "a pending interrupt comes as soon as it is enabled, at depth $depth" \
		compared "$guests/monitor.s" $depth pending.s:64
done
for depth in 1 2; do
	told "a pending interrupt waits for the end of the quantum, at depth $depth" \
		dispatcher.s '/an interrupt is pending/d' found $depth pending.s:64
	told "time does not pass with a system call, at depth $depth" \
		dispatcher.s '/^on_call:/,/^	BR/{/unit/d}' found $depth "$guests/minios.s:16K"
done
told 'the operand of a trap is lost' \
	map.s '/ST	G3, vm_INFO(G1)/d' found 1 "$guests/traps.s:1K"
told 'a timer trap is taken for an interrupt' \
	time.s 's/TIMER_TRAP(G0)/DEVICE_TRAP(G0)/' found 1 "$guests/minios.s:16K"
told 'a device is late' \
	dispatcher.s '/^event_ahead:/,/^no_event/{/LA	G10/d}' found 1 "$guests/minios.s:16K"
told 'the bound is not clipped, beside a neighbour' \
	map.s 's/BGEU	G2, G4, compose_bound/BR	compose_bound/' \
	found 1 "$guests/relocate.s:1K,$guests/hello.s:1K"
told 'LRB changes nothing' routines.s '/^v_lrb/,/^; SRB/{/ST	G[34]/d}' \
	found 1 "$guests/relocate.s:1K"
told 'SRB gives one register only, and a guest asks' \
	routines.s '/^v_srb/,/^v_stim/s/field_rs/field_rd/' found 1 "$guests/relocate.s:1K"
told 'the bound is not clipped' \
	map.s 's/BGEU	G2, G4, compose_bound/BR	compose_bound/' by_chance
told 'the bound is not 0 where the base is outside' map.s '/BGEU	G3, G2, compose_none/d' by_chance
told 'SRB gives one register only' routines.s '/^v_srb/,/^v_stim/s/field_rs/field_rd/' by_chance
told 'LPSW and SPSW reach outside the bounds' operands.s '/memory_trap$/d' by_chance

plan
