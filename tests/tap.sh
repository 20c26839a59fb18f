# What the shell tests share, the Test Anything Protocol first.  They source it:
#	. "$(dirname "$0")/tap.sh"
# TOP_SRCDIR is the source tree, for a test that is run by hand, too.

TOP_SRCDIR=$(cd "${TOP_SRCDIR:-$(dirname "${BASH_SOURCE[0]}")/..}" && pwd) || exit 99
n=0
output=

# result STATUS NAME: one test, passed if the status is 0; a failed one shows $output.
result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' <<<"$output"
	fi
}

# ok NAME COMMAND...: one test, passed if the command succeeds.
ok()
{
	local verdict=0
	output=$("${@:2}" 2>&1) || verdict=$?
	result $verdict "$1"
}

# nothing NAME: one test, passed if standard input is empty.
nothing()
{
	output=$(cat)
	[ -z "$output" ] && result 0 "$1" || result 1 "$1"
}

# plan: how many tests there were; fails if there was none.
plan()
{
	echo "1..$n"
	[ $n -gt 0 ]
}

# own_folder: the test goes on in a new folder, $work, which is removed at its end.
own_folder()
{
	work=$(mktemp -d) && cd "$work" || exit 99
	trap 'rm -rf "$work"' EXIT
}
