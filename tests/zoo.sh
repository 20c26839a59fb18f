#!/bin/bash
# The machines of the zoo can be programmed: guests/MACHINE/hello.s says bye and halts with
# status 0, bare and, where the machine's relocation composes, under both monitors, and cannot
# tell them apart; where it has none, a monitor is refused.
set -uo pipefail

. "$(dirname "$0")/tap.sh"
steps=1000000 # more than any of them needs

# relocates MACHINE: does it, or the one that it includes, have a base?
relocates()
{
	local description=$TOP_SRCDIR/isa/machines/$1.isa base

	! grep -q 'role base' "$description" || return 0
	base=$(sed -n 's/^include "\(.*\)\.isa"$/\1/p' "$description")
	[ -n "$base" ] && relocates "$base"
}

for guest in "$TOP_SRCDIR"/guests/*/hello.s; do
	name=$(basename "$(dirname "$guest")")
	[ "$name" != pg ] || continue
	output=$(trapeze run --guest-status --steps $steps "$guest" 2>&1 </dev/null) &&
		grep -qx bye <<<"$output"
	result $? "$name says bye"
	if ! relocates "$name"; then
		output=$(trapeze run --monitor vmm "$guest" 2>&1 </dev/null)
		[ $? = 2 ] && grep -q 'cannot be given a vmm monitor' <<<"$output"
		result $? "$name is refused a monitor"
		continue
	fi
	monitors='vmm hybrid'
	[ "$name" != armv7 ] || monitors=hybrid # no way into user mode traps: movs.s
	for monitor in $monitors; do
		output=$(trapeze equiv --monitor $monitor --limit $steps "$guest" 2>&1 </dev/null)
		result $? "$name cannot tell $monitor from the machine"
	done
done
output=$(trapeze run --guest-status --steps $steps "$TOP_SRCDIR/guests/s370-das/call.s" 2>&1 </dev/null)
result $? "s370-das calls a program by number, which returns, and moves between its spaces"
plan
