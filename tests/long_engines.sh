#!/bin/bash
# The engines against each other on many random guests of every machine (tests/engines.c), and of
# those that are made to be hard on them, some machines at a time.  Of a campaign of a million, this
# runs the first part; the rest is run by hand in shards, such as
#
#	FIRST=400 COUNT=50000 make check TESTS=tests/long_engines.sh
#
# SEED chooses another campaign, COUNT how many guests of each machine, FIRST from which on, and
# JOBS how many processes there are.
set -euo pipefail
cd "${TOP_BUILDDIR:-.}"

seed=${SEED:-1} first=${FIRST:-0} count=${COUNT:-400} jobs=${JOBS:-2}
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT

machines=("$TOP_SRCDIR"/isa/machines/*.isa "$TOP_SRCDIR"/tests/hard/*.isa)
echo "1..${#machines[@]}"
echo "# seed $seed, guests $first to $((first + count - 1)) of each machine, $jobs processes"
export said
printf '%s\0' "${machines[@]}" | xargs -0 -P "$jobs" -I{} sh -c '
	name=$(basename "$1" .isa)
	tests/engines -s "$2" -f "$3" -n "$4" "$1" >"$said/$name" 2>&1
	echo $? >"$said/$name.status"' sh {} "$seed" "$first" "$count"

n=0
for machine in "${machines[@]}"; do
	machine=$(basename "$machine" .isa)
	n=$((n + 1))
	if [ "$(cat "$said/$machine.status")" = 0 ]; then
		echo "ok $n - $machine"
	else
		echo "not ok $n - $machine"
	fi
	sed 's/^/# /' "$said/$machine"
done
echo "# $(awk '$3 == "guests" { n += $2 } END { print n + 0 }' "$said"/*) programs in all"
