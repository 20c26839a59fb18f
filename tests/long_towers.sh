#!/bin/bash
# Many random guests in towers: of hosted monitors, of all kinds, and of the monitor in assembly.
#
#	SEED=5 COUNT=20000 make check TESTS=tests/long_towers.sh
set -euo pipefail
. "$(dirname "$0")/tap.sh"
own_folder
seed=${SEED:-1} count=${COUNT:-600}

for below in 1 2; do
	for engine in oracle translator; do
		ok "pg at depth $((below + 1)), seed $seed, on the $engine" \
			trapeze fuzz --below $below --seed "$seed" --count "$count" --engine $engine pg
	done
done
for depth in 1 3; do
	ok "the monitor in assembly to depth $depth, seed $seed" \
		"${TOP_BUILDDIR:-.}/tests/towers" -s "$seed" -n $((count / depth)) -d $depth
done
plan
