#!/bin/bash
# The suites with searches of TLBs, where these are looked at one entry at a time, as on a host
# without AVX2; tests/engines draws at random whether they are.
set -uo pipefail

. "$(dirname "$0")/tap.sh"
cd "${TOP_BUILDDIR:-.}" || exit 99

for suite in pages page_tables missing refills mapped rounds; do
	ok "check_$suite without vectors" env TRAPEZE_ENGINE=translator:vectors=0 tests/check_$suite
done
plan
