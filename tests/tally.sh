#!/bin/bash
# tally.sh [-s] FOLDER...: adds up what the tests of some build folders reported, prints
# "N passed, N failed", and succeeds if something passed and nothing failed.
# -s: a skipped test is a failed one.
#
# A suite's log ends with Check's own count; a TAP test has a result for each line in
# its .trs.  A test that died before it could count is one failure.
set -euo pipefail

passed=0 failed=0 skipped=0 strict=false
if [ "$1" = -s ]; then
	strict=true
	shift
fi

count()
{
	grep -cE "^:test-result: ($1)\b" "$2" || true
}

# Check's "75%: Checks: 8, Failures: 1, Errors: 1"
tally_suite()
{
	local line checks bad
	line=$(grep -aoE 'Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+' "$1.log" || true)
	read -r checks bad < <(awk -F'[ ,]+' '{ c += $2; b += $4 + $6 } END { print c + 0, b + 0 }' \
		<<<"$line")
	if [ "$bad" = 0 ] && ! grep -q '^:test-result: PASS' "$1.trs"; then
		bad=1 checks=$((checks + 1))
	elif [ "$checks" = 0 ]; then
		bad=1 checks=1
	fi
	passed=$((passed + checks - bad))
	failed=$((failed + bad))
}

for trs in $(find "$@" -name '*.trs' | sort); do
	if [[ ${trs##*/} = check_* ]]; then
		tally_suite "${trs%.trs}"
	else
		passed=$((passed + $(count 'PASS|XFAIL' "$trs")))
		failed=$((failed + $(count 'FAIL|XPASS|ERROR' "$trs")))
		skipped=$((skipped + $(count 'SKIP' "$trs")))
	fi
done

[ "$skipped" = 0 ] || echo "$skipped skipped"
! $strict || failed=$((failed + skipped))
echo "$passed passed, $failed failed"
[ "$passed" -gt 0 ] && [ "$failed" = 0 ]
