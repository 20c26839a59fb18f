#!/bin/bash
# The suites that make machines, and the shell tests that run guests, on either engine whatever is
# usual, and on the translator put to torture (TRAPEZE_ENGINE).
set -uo pipefail

. "$(dirname "$0")/tap.sh"
cd "${TOP_BUILDDIR:-.}" || exit 99

suites='clock device direct drum equiv fuzz history hosted machine map monitor operators oracle sharing stops translator'

# script NAME: a test that prints TAP; its failed tests are shown.
script()
{
	local said status=0
	said=$(bash "$TOP_SRCDIR/tests/$1.sh" 2>&1) || status=$?
	grep -A 9 '^not ok' <<<"$said" && return 1
	return $status
}

# on ENGINE SCRIPT...
on()
{
	export TRAPEZE_ENGINE=$1
	for suite in $suites; do
		ok "check_$suite on $1" tests/check_$suite
	done
	for script in "${@:2}"; do
		ok "$script on $1" script $script
	done
}

# What runs guests runs them on the translator by default, and fuzz on the oracle.
on oracle counterexamples guests tower zoo
on translator campaign cli
on translator:hot=1,flush=40,blocks=1,pool=0 counterexamples
on translator:hot=1,cache=16K,pool=3 counterexamples
plan
