#!/bin/bash
# The man page and --help agree on the options of every verb, and on the verbs.
set -euo pipefail

page=$TOP_SRCDIR/doc/trapeze.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

# same WHAT: a file `help` and a file `man` must be equal.
same()
{
	count=$((count + 1))
	if diff "$work/help" "$work/man" >"$work/diff"; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^</# only in --help: /; s/^>/# only in the man page: /' "$work/diff"
	fi
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

trapeze help | awk '/^  [a-z]+ / && $1 != "trapeze" { print $1 }' | sort >"$work/help"
sed -n '/^\.SH VERBS/,/^\.SH EXIT/s/^\.SS \([a-z]*\)$/\1/p' "$page" | sort -u >"$work/man"
[ -s "$work/help" ] || echo 'Bail out! trapeze help lists no verb'
cp "$work/help" "$work/verbs"
same 'the verbs'

while read -r verb; do
	help_options "$verb" | sort -u >"$work/help"
	man_options "$verb" | sort -u >"$work/man"
	same "the options of $verb"
done <"$work/verbs"

count=$((count + 1))
if man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>"$work/warnings" >/dev/null &&
	[ ! -s "$work/warnings" ]; then
	echo "ok $count - the page is formatted without a warning"
elif ! command -v man >/dev/null; then
	echo "ok $count - the page is formatted without a warning # SKIP no man"
else
	echo "not ok $count - the page is formatted without a warning"
	sed 's/^/# /' "$work/warnings"
fi
echo "1..$count"
