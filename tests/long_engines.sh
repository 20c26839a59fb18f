#!/bin/bash
# The engines against each other on many random guests of every machine (tests/engines.c): 60,000
# of each, which is a million and more.  SEED and COUNT choose others.
set -euo pipefail
cd "${TOP_BUILDDIR:-.}"

machines=$(cd "$TOP_SRCDIR/isa/machines" && ls -- *.isa)
echo "1..$(wc -l <<<"$machines")"
n=0
while IFS= read -r machine; do
	n=$((n + 1))
	if said=$(tests/engines -s "${SEED:-1}" -n "${COUNT:-60000}" "${machine%.isa}"); then
		echo "ok $n - ${machine%.isa}"
	else
		echo "not ok $n - ${machine%.isa}"
	fi
	sed 's/^/# /' <<<"$said"
done <<<"$machines"
