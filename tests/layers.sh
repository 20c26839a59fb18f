#!/bin/bash
# The layers point one way (isa < machine < vmm < cli, machine < proofs < cli), only
# cli/ prints, reads a terminal or exits, and no header depends on the configuration.
set -euo pipefail
. "$(dirname "$0")/tap.sh"
cd "$TOP_SRCDIR"

declare -A below=(
	[isa]='isa'
	[machine]='isa machine'
	[vmm]='isa machine vmm'
	[vmm/disco]='isa machine vmm vmm/disco'
	[proofs]='isa machine proofs'
	[cli]='isa machine vmm vmm/disco proofs cli'
)

# The C files of a layer; a layer within it (vmm/disco) is its own.
files_of()
{
	find "$1" -name '*.[ch]' | if [ "$1" = vmm ]; then grep -v '^vmm/disco/' || true; else cat; fi
}

# Project includes of a layer, as "file:layer"; a name without a folder is its own folder's.
includes_of()
{
	files_of "$1" | xargs -r grep -HoP '^\s*#\s*include\s*"\K[^"]+' |
		while IFS=: read -r file name; do
			case $name in
			config.h) continue ;;
			vmm/disco/*) echo "$file:vmm/disco" ;;
			machine/* | isa/* | vmm/* | proofs/* | cli/* | tests/*) echo "$file:${name%%/*}" ;;
			*) echo "$file:${file%/*} by the bare name $name" ;;
			esac
		done
}

for layer in isa machine vmm vmm/disco proofs cli; do
	[ -d "$layer" ] || continue
	nothing "$layer includes only: ${below[$layer]}" < <(includes_of "$layer" |
		while IFS=: read -r file used; do
			[[ " ${below[$layer]} " = *" $used "* ]] || echo "$file includes $used"
		done)
done

# Code without its comments and what its strings and characters hold, as file:line:text.
code_of()
{
	for layer; do
		[ ! -d "$layer" ] || files_of "$layer"
	done | sort | xargs -r awk '
		FNR == 1 { comment = 0 }
		{
			line = $0; out = ""
			while (line != "")
				if (comment) {
					comment = !match(line, /\*\//)
					line = comment ? "" : substr(line, RSTART + 2)
				} else if (match(line, /^("([^"\\]|\\.)*"|\x27([^\x27\\]|\\.)*\x27)/)) {
					out = out "\"\""
					line = substr(line, RLENGTH + 1)
				} else if (line ~ /^\/\//) {
					line = ""
				} else if (line ~ /^\/\*/) {
					comment = 1
					line = substr(line, 3)
				} else {
					out = out substr(line, 1, 1)
					line = substr(line, 2)
				}
			print FILENAME ":" FNR ":" out
		}'
}

code=$(mktemp)
trap 'rm -f "$code"' EXIT
code_of isa machine vmm vmm/disco proofs >"$code"
nothing 'only cli/ prints' < <(grep -E \
	'\b(v?printf|puts|putchar|perror)\s*\(|\b(stdout|stderr)\b' "$code")
nothing 'only cli/ exits' < <(grep -E '\b(_?exit|_Exit|quick_exit|errx)\s*\(' "$code")
nothing 'only cli/ reads a terminal' < <(grep -E \
	'\b(isatty|tcgetattr|tcsetattr|readline|getchar|scanf)\s*\(|\bstdin\b|STDIN_FILENO' \
	"$code")

nothing 'no header includes config.h' < <(find isa machine vmm proofs cli tests -name '*.h' \
	2>/dev/null | xargs -r grep -l 'config\.h"' )
nothing 'no header lacks a guard' < <(find isa machine vmm proofs cli tests -name '*.h' \
	2>/dev/null | xargs -r grep -L '^#ifndef [A-Z_]*_H$')
plan
