#!/bin/bash
# The engines against each other on machines made to be hard on them (tests/hard): what the
# language allows and no shipped machine does, and mips32 with its TLB in use.
set -uo pipefail

. "$(dirname "$0")/tap.sh"

for machine in "$TOP_SRCDIR"/tests/hard/*.isa; do
	ok "$(basename "$machine" .isa) does the same on both engines" \
		"${TOP_BUILDDIR:-.}/tests/engines" -n 60 "$machine"
done
plan
