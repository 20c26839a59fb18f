#!/bin/bash
# The man page and --help agree on the options of every verb, and on the verbs.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
own_folder
page=$TOP_SRCDIR/doc/trapeze.1

# same WHAT: a file `help` and a file `man` must be equal.
same()
{
	nothing "$1" < <(diff help man | sed 's/^</only in --help: /; s/^>/only in the man page: /')
}

# man_options VERB: the options that stand under headings with its name.
man_options()
{
	awk -v verb="$1" '
		/^\.S[SH]/ {
			gsub(/^\.S[SH] |"|,/, "")
			in_verb = 0
			for (i = 1; i <= NF; i++)
				in_verb = in_verb || $i == verb
		}
		in_verb && after && /^\.B/ { print }
		{ after = /^\.TP/ }' "$page" |
		sed 's/\\-/-/g' | grep -oE '(^|[[:space:]])--?[a-z][a-z-]*' | tr -d ' \t' |
		grep -v '^-[a-z]\{2\}' || true
}

help_options()
{
	trapeze "$1" --help | grep -oE '^ +(-[a-z], +)?--[a-z-]+|^ +-[a-z],' |
		grep -oE -- '--?[a-z][a-z-]*' | grep -vxE -- '--(help|usage|version)' || true
}

trapeze help | awk '/^  [a-z]+ / && $1 != "trapeze" { print $1 }' | sort >help
sed -n '/^\.SH VERBS/,/^\.SH EXIT/s/^\.SS \([a-z]*\)$/\1/p' "$page" | sort -u >man
[ -s help ] || echo 'Bail out! trapeze help lists no verb'
cp help verbs
same 'the verbs'

while read -r verb; do
	help_options "$verb" | sort -u >help
	man_options "$verb" | sort -u >man
	same "the options of $verb"
done <verbs

formatted='the page is formatted without a warning'
if command -v man >/dev/null; then
	nothing "$formatted" < <(man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null ||
		echo "man ends with status $?")
else
	result 0 "$formatted # SKIP no man"
fi
plan
