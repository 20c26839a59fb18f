#!/bin/bash
# The bench: each script tests/repl/NAME.tz is run, on either engine, and must print what NAME.out
# has, errors included.  Its first line may be "# arguments: ...", which are given behind the script.  In a
# pipe no escape code is printed.
#
# repl.sh -u writes the transcripts anew, to be looked at.
set -euo pipefail
. "$(dirname "$0")/tap.sh"
own_folder
ln -s "$TOP_SRCDIR/guests" "$TOP_SRCDIR/tests/repl" .
export NO_COLOR=1

transcript()
{
	local arguments
	arguments=$(sed -n '1s/^# arguments: //p' "$1")
	# shellcheck disable=SC2086  # words are meant
	timeout 60 trapeze repl -x "$1" $arguments </dev/null 2>&1 || echo "[status $?]"
}

for script in repl/*.tz; do
	name=$(basename "$script" .tz)
	[ "${1-}" != -u ] || transcript "$script" >"$TOP_SRCDIR/tests/repl/$name.out"
	for engine in oracle translator translator:hot=1,flush=40,blocks=1,pool=0; do
		nothing "the transcript of $name, on $engine" < <(
			TRAPEZE_ENGINE=$engine transcript "$script" | diff "repl/$name.out" - 2>&1)
	done
done

piped=$(grep -v '^# arguments' repl/first.tz | trapeze repl guests/pg/hello.s 2>&1) || true
nothing 'commands from a pipe do the same' < <(
	diff <(grep -v '\[status\|^.*> # arguments' repl/first.out) <(echo "$piped"))
nothing 'no escape code is printed in a pipe' < <(TERM=xterm trapeze repl guests/pg/hello.s \
	< <(echo help) 2>&1 | grep -aP '\x1b' || true)

nothing 'help is no wider than 80 columns' < <(trapeze repl < <(echo help
	trapeze repl < <(echo help) | sed -n 's/^  \([a-z-]*\) .*/help \1/p') 2>&1 |
	awk 'length > 80')

# A signal ends a session that nobody types at, whatever else its script has.
printf '\t.machine pg\n\t.org 16\nspin:\tBR spin\n' >spin.s
printf 'continue\nprint 1 + 1\n' >spin.tz
: >said
trapeze repl -x spin.tz spin.s >said 2>&1 &
session=$!
for _ in {1..600}; do
	[[ $(<said) != *'> continue'* ]] || break
	sleep 0.1
done
kill -TERM "$session"
status=0
wait "$session" || status=$?
nothing 'SIGTERM ends a script' < <(
	grep 'print' said || true
	[ "$status" = 143 ] || echo "status $status"
)

# Rendered by Graphviz, where it is installed.
if command -v dot >/dev/null; then
	trapeze repl --monitor vmm/hybrid guests/pg/minios.s >/dev/null < <(printf '%s\n' 'trace on' \
		'goto 9000' 'draw map map.svg' 'draw tower tower.svg' 'draw square square.svg' \
		'trace dot traps.svg' 'draw tower tower.png')
	nothing 'pictures are rendered, each with a legend' < <(
		grep -L 'id="[a-z0-9]*" class="graph"' {map,tower,square,traps}.svg
		grep -L '<title>legend</title>' {map,tower,square,traps}.svg
		head -c 4 tower.png | grep -q PNG || echo 'tower.png is none'
	)
fi
nothing 'without Graphviz there is a message, and no file' < <(
	mkdir bin
	ln -s "$(command -v trapeze)" bin
	said=$(PATH=$PWD/bin trapeze repl guests/pg/hello.s < <(echo 'draw tower none.svg') 2>&1) ||
		true
	[[ $said = *'Graphviz cannot be run'* ]] || echo "$said"
	[ ! -e none.svg ] || echo 'none.svg is there'
)

# Every command of the table occurs in a transcript.
nothing 'every command has a transcript' < <(trapeze repl < <(echo help) |
	awk '/^  [a-z]/ { print $1 }' | while read -r command; do
	grep -qE "^$command\b" repl/*.tz || echo "$command"
done)

# The guide to the commands has what the table has, in its order: groups, names, short forms.
headings()
{
	local line
	trapeze repl < <(echo help) | sed -n 's/^\([A-Z][A-Za-z ]*\)$/## \1/p; s/^  \([a-z-]*\) .*/\1/p' |
		while read -r line; do
			case $line in
			'## '*) echo "$line" ;;
			*) trapeze repl < <(echo "help $line") |
				awk -v name="$line" '$0 ~ /^  or, for short: / { short = ", " $NF }
					END { print "### " name short }' ;;
			esac
		done
}
nothing 'the guide covers every command' < <(
	diff <(grep '^##' "$TOP_SRCDIR/doc/commands.md") <(headings))
plan
