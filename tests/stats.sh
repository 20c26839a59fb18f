#!/bin/bash
# stats.sh [SOURCE-FOLDER]: lengths of functions and files and the share of comments.
# A function is what stands between a brace in the first column and the next one.
set -euo pipefail
cd "${1:-.}"

for folder in isa machine vmm proofs cli tests; do
	[ -d "$folder" ] || continue
	find "$folder" -name '*.[ch]' | sort | xargs -r awk -v folder="$folder" '
		FNR == 1 { files++; in_comment = 0 }
		{ lines++; if (FNR > longest_file) { longest_file = FNR; file = FILENAME } }
		/^[ \t]*\/\*/ { in_comment = 1 }
		in_comment || /^[ \t]*\/\// { comments++ }
		/\*\// { in_comment = 0 }
		/^[a-zA-Z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
		/^\{/ { start = FNR }
		/^\}/ && start { print FNR - start - 1, FILENAME ":" name > "/dev/stderr"; start = 0 }
		END { printf "%-8s %3d files %6d lines %3d%% comments, longest file %d (%s)\n",
			folder, files, lines, 100 * comments / lines, longest_file, file }' \
		2> >(sort -n | awk -v folder="$folder" '
			{ length_of[NR] = $1; name[NR] = $2 }
			END { if (NR) printf "%-8s %3d functions: median %d, 90th percentile %d, longest %d (%s)\n",
				folder, NR, length_of[int((NR + 1) / 2)], length_of[int(NR * 0.9 + 0.5)],
				length_of[NR], name[NR] }')
	wait
done
