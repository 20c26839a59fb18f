#!/bin/bash
# The manual is true: every example in README.md, guests/README.md, doc/*.md and the sessions of
# examples/ is run and compared.
#
# A fenced block with the info string `console` holds commands and what they print:
#
#     $ trapeze run guests/pg/hello.s
#     hello, world
#
# * A line "$ COMMAND" is run by bash, standard input empty, with trapeze in PATH.
#   "> " lines directly under it continue it.
# * The lines up to the next "$ " are its output and errors together.  `...` alone on
#   a line stands for any number of lines, within a line for any text; empty lines at
#   the end do not count, nor do lines on how far long work has come.
# * The line `[status N]` says that the exit status is N; without it, it is 0.
# * Each file of the manual has its own new folder, with links to guests, isa and
#   examples; what its blocks create there is seen by its later blocks.
#
# A block `isa file=NAME` or `asm file=NAME` is written to NAME in that folder.
#
# docs.sh FILE.md ... runs the examples of these files only.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
[ $# != 0 ] || set -- "$TOP_SRCDIR"/{README,guests/README,doc/*,examples/sessions/*}.md
mapfile -t manuals < <(realpath -s -- "$@")
own_folder

# Does line $1 match pattern line $2, with ... for any text?
line_matches()
{
	local pattern=${2//\\/\\\\}
	pattern=${pattern//\[/\\[}
	pattern=${pattern//\*/\\*}
	pattern=${pattern//\?/\\?}
	pattern=${pattern//.../*}
	# shellcheck disable=SC2053  # a pattern is meant
	[[ $1 == $pattern ]]
}

# Do the lines of array actual match those of expected?  After a `...`, the earliest
# match is tried first and moved on when what follows fails.
output_matches()
{
	local a=0 e=0 wild=-1 mark=0
	while [ $a -lt ${#actual[@]} ]; do
		if [ $e -lt ${#expected[@]} ] && [ "${expected[e]}" = ... ]; then
			e=$((e + 1)) wild=$e mark=$a
		elif [ $e -lt ${#expected[@]} ] && line_matches "${actual[a]}" "${expected[e]}"; then
			a=$((a + 1)) e=$((e + 1))
		elif [ $wild -ge 0 ]; then
			mark=$((mark + 1)) a=$mark e=$wild
		else
			return 1
		fi
	done
	while [ $e -lt ${#expected[@]} ] && [ "${expected[e]}" = ... ]; do
		e=$((e + 1))
	done
	[ $e = ${#expected[@]} ]
}

# How lines end that tell how far long work has come: no part of an example.
progress='question [0-9]+|[0-9] of [0-9].*|steps compared|what would mend .*|a detector by .*'

# Runs $command, found at $where, and reports whether it printed $expected.
run_example()
{
	local status=0 verdict=0 actual
	output=$(cd "$folder" && timeout 120 bash -c "$command" </dev/null 2>&1 |
		sed -E "/^trapeze [a-z]+: .*($progress)\$/d") || status=$?
	[ -z "$output" ] || mapfile -t actual <<<"$output"
	[ -n "$output" ] || actual=()
	while [ ${#expected[@]} != 0 ] && [ -z "${expected[-1]}" ]; do
		unset 'expected[-1]'
	done
	[ $status = "$wanted" ] && output_matches || verdict=1
	output=$(diff <(printf '%s\n' "${expected[@]}" "[status $wanted]") \
		<(printf '%s\n' "${actual[@]}" "[status $status]")) || true
	result $verdict "$where ${command//[#$'\n']/ }"
}

finish_example()
{
	[ -z "$command" ] || run_example
	command='' expected=() wanted=0 continued=false
}

# One line within a console block.
console_line()
{
	case $1 in
	'$ '*)
		finish_example
		command=${1#'$ '} where=$name:$number: continued=true
		;;
	'> '*)
		if $continued; then
			command+=$'\n'${1#'> '}
		else
			expected+=("$1")
		fi
		;;
	'[status '*']')
		wanted=${1//[^0-9]/} continued=false
		;;
	*)
		expected+=("$1") continued=false
		;;
	esac
}

# The examples of one file of the manual.
run_file()
{
	local line number=0 block='' indent='' command='' expected=() wanted=0 continued=false where=''
	local name=${1#"$TOP_SRCDIR"/} folder
	local fence='^([[:space:]]*)```(.*)$' file='^(isa|asm) file=([^[:space:]]+)$'

	folder=$(mktemp -d "$work/XXXXXX")
	ln -s "$TOP_SRCDIR"/{guests,isa,examples} "$folder"
	while IFS= read -r line || [ -n "$line" ]; do
		number=$((number + 1))
		if [[ $line =~ $fence ]]; then
			if [ -n "$block" ]; then
				finish_example
				block=''
				continue
			fi
			indent=${BASH_REMATCH[1]} block=${BASH_REMATCH[2]:-text}
			[[ ! $block =~ $file ]] || : >"$folder/${BASH_REMATCH[2]}"
		elif [ "$block" = console ]; then
			console_line "${line#"$indent"}"
		elif [[ $block =~ $file ]]; then
			printf '%s\n' "${line#"$indent"}" >>"$folder/${BASH_REMATCH[2]}"
		fi
	done <"$1"
	[ -z "$block" ] || echo "Bail out! $name: a block does not end"
}

for manual in "${manuals[@]}"; do
	run_file "$manual"
done
plan
