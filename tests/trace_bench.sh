#!/bin/bash
# What the hooks of traces cost while nothing is recorded, for `make bench`: the program is built once
# more without them, with -DUNTRACED, and both run guests under a monitor by turns.  Behind each guest
# stands how long it takes with them, by that without: the least processor time of each, since others on
# the host only add to it.  1.020 is the most that is wanted.
#
# trace_bench.sh [ROUNDS]
set -euo pipefail

. "$(dirname "$0")/tap.sh"
rounds=${1-15}
with=${TRAPEZE-trapeze}
guests=$TOP_SRCDIR/guests/pg
eval "options=($("$TOP_BUILDDIR/config.status" --config))"
own_folder

if [ -e "$TOP_SRCDIR/config.status" ]; then
	echo 'cost of trace hooks: not measured, as the source folder is a build folder, too'
	exit 0
fi
mkdir without
(cd without && "$TOP_SRCDIR/configure" -q "${options[@]}" CPPFLAGS=-DUNTRACED &&
	make -s trapeze) >built 2>&1 || { cat built >&2; exit 1; }

# once PROGRAM GUEST TIMES: milliseconds of the host's processor.
once()
{
	local TIMEFORMAT=%3U
	{ time for _ in $(seq "$3"); do
		"$1" run --monitor vmm "$guests/$2.s" </dev/null >/dev/null
	done; } 2>&1 | tr -d . | sed 's/^0*\(.\)/\1/'
}

least() { sort -n "$1" | sed -n 1p; }

echo 'cost of trace hooks while nothing is recorded'
while read -r guest times; do
	for _ in $(seq "$rounds"); do
		once "$with" "$guest" "$times" >>with
		once without/trapeze "$guest" "$times" >>without.times
	done
	awk -v guest="$guest" -v a="$(least with)" -v b="$(least without.times)" \
		'BEGIN { printf "%-14s %5.3f  (%d ms, %d ms without)\n", guest, a / b, a, b }'
	rm with without.times
done <<END
bench/traps 1
minios 20
END
