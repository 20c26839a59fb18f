#!/bin/bash
# Random guests find what is there to be found, and nothing else: pg is equivalent under
# both monitors; pg-jrst1 under hybrid only, pg-sgdt under neither; every seeded fault shows.
# CAMPAIGN is the number of guests for a machine on which nothing is to be found.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
own_folder

finds_nothing()
{
	trapeze fuzz --jobs 2 --count "${CAMPAIGN-300}" "$@"
}

# A failing guest of at most ten instructions, and the command that fails with it.
finds_something()
{
	local status=0
	trapeze fuzz --count 10000 "$@" >found || status=$?
	cat found
	[ $status = 1 ] && [ "$(sed -nE 's/.*made small: ([0-9]+) instructions?$/\1/p' found)" -le 10 ]
}

fails_again()
{
	local status=0
	bash -c "$(sed -n 's/^next: //p' found)" || status=$?
	[ $status = 1 ]
}

every_fault_shows()
{
	local faults
	trapeze fuzz --score pg >score
	cat score
	faults=$(grep -c '^FAULT(' "$TOP_SRCDIR/vmm/fault.def")
	[ "$faults" -ge 12 ] && grep -q "^# $faults of $faults faults found" score
}

ok 'nothing on pg' finds_nothing pg
ok 'nothing on pg-jrst1 under hybrid' finds_nothing --monitor hybrid pg-jrst1
while read -r monitor isa; do
	ok "a guest on $isa that can tell $monitor, made small" \
		finds_something --monitor "$monitor" "$isa"
	ok "that guest again, on $isa under $monitor" fails_again
done <<'END'
vmm pg-jrst1
vmm pg-sgdt
hybrid pg-sgdt
END
ok 'every seeded fault shows' every_fault_shows
[ ! -s score ] || sed 's/^/# /' score
plan
