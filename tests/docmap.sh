#!/bin/bash
# doc/paper-map.md and doc/reading-guide.md name what exists: each `path/file.c` is a file,
# each `function()` or `some_name` occurs in the file named last before it on its line, each link
# of the manual leads somewhere, and the reading guide leaves no source out of the folders that
# it speaks of.
set -euo pipefail
. "$(dirname "$0")/tap.sh"
cd "$TOP_SRCDIR"

sources()
{
	local folder
	for folder in isa machine vmm proofs cli; do
		! grep -qF "\`$folder/" doc/reading-guide.md ||
			find "$folder" -name '*.[ch]' -o -name '*.def'
	done | sort
}

# What stands in backquotes on a line, one a line.
quoted()
{
	grep -oP '`[^`]+`' <<<"$1" | tr -d '`' || true
}

# The names in a map that do not exist.
missing()
{
	local line word file number=0
	local is_file='^[^ ]+/[^ ]*\.[a-z]+$' is_name='^[A-Za-z0-9_]+(\(\)|_[A-Za-z0-9_]*)$'

	while IFS= read -r line; do
		number=$((number + 1)) file=''
		while IFS= read -r word; do
			if [[ $word =~ $is_file ]]; then
				file=$word
				[ -e "$file" ] || echo "$1:$number: there is no $file"
			elif [[ $word =~ $is_name ]]; then
				grep -rqsw -- "${word%'()'}" "${file:-.}" ||
					echo "$1:$number: ${file:-the project} has no $word"
			fi
		done < <(quoted "$line")
	done <"$1"
}

for map in doc/paper-map.md doc/reading-guide.md; do
	nothing "what $map names exists" < <(missing "$map")
done

nothing 'the reading guide names every source' < <(sources | while read -r file; do
	grep -qF "\`$file\`" doc/reading-guide.md || echo "doc/reading-guide.md does not name $file"
done)

# Anchors as the usual renderers make them of headings.
anchors()
{
	grep '^#' "$1" | sed -E 's/^#+ //' | tr '[:upper:]' '[:lower:]' |
		sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

for file in README.md doc/*.md; do
	[ -e "$file" ] || continue
	nothing "the links of $file lead somewhere" < <(grep -oP '\]\(\K[^)\s]+' "$file" |
		grep -v '^[a-z]*:' | sort -u | while IFS='#' read -r path anchor; do
		target=$file
		[ -z "$path" ] || target=$(dirname "$file")/$path
		if [ ! -e "$target" ]; then
			echo "$file: there is no $path"
		elif [ -n "$anchor" ] && ! grep -qxF -- "$anchor" <<<"$(anchors "$target")"; then
			echo "$file: $target has no heading for #$anchor"
		fi
	done || true)
done
plan
