#!/bin/bash
# coverage.sh BUILD-FOLDER: the share of lines that the tests have executed, per file,
# lowest first; for a build with --enable-coverage after make check.
set -euo pipefail
cd "${1:-.}"
[ -n "$(find isa machine vmm cli -name '*.gcda' -print -quit)" ] || {
	echo 'coverage.sh: configure --enable-coverage and make check first' >&2
	exit 2
}
find isa machine vmm cli -name '*.gcda' -print0 | xargs -0 gcov -n 2>/dev/null |
	awk '
		/^File/ { file = $2; gsub(/\x27/, "", file) }
		/^Lines executed/ && file ~ /\.c$/ {
			split($0, part, /[:% ]+/)
			printf "%6.2f%% of %5d %s\n", part[3], part[5], file
			covered += part[3] * part[5] / 100; all += part[5]; file = ""
		}
		END { printf "%6.2f%% of %5d in all\n", 100 * covered / all, all }' | sort -n
