#!/bin/bash
# trapeze check --find-map and --fix: what is advised is what was known, and holds when it is done:
# each map found is pasted into its machine, and each mended description is checked as it stands.
set -uo pipefail

. "$(dirname "$0")/tap.sh"
own_folder
export XDG_CACHE_HOME=$work # of this run alone, and shared by its checks

machine() # NAME: a path for those of tests/proofs
{
	[ -f "$TOP_SRCDIR/tests/proofs/$1.isa" ] && echo "$TOP_SRCDIR/tests/proofs/$1.isa" || echo "$1"
}

# found MACHINE STATUS PATTERN...: the map has these lines, and the search ends so.
found()
{
	local name=$1 wanted=$2 status=0 pattern missing=0
	shift 2
	output=$(trapeze check "$(machine "$name")" --find-map 2>err </dev/null) || status=$?
	for pattern in "$@"; do
		grep -qE "$pattern" <<<"$(tr '\n' ' ' <<<"$output" | sed 's: // : :g')" || missing=1
	done
	[ $status = "$wanted" ] && [ $missing = 0 ]
	result $? "$name: $*"
}

# pasted MACHINE THEOREM: under the map found, all obligations hold.
pasted()
{
	local path=$(machine "$1")
	[ -f "$path" ] || path=$1.isa
	{
		echo "include \"$path\""
		echo "machine pasted {"
		echo "$output"
		echo "}"
	} >pasted.isa
	output=$(trapeze check "$work/pasted.isa" --map found --json 2>&1 </dev/null)
	grep -q "\"theorem_$2\":{\"condition_holds\":\"yes\",\"equivalence\":\"yes\"" <<<"$(tr -d ' \n' <<<"$output")"
	result $? "$1: its map, pasted, serves Theorem $2"
}

found pg 0 'M := u;' 'IE virtual;' 'TIMER virtual;' 'L composed;'
pasted pg 1
found advice_pinned 0 'UMIP := 1; +SGR fails, were it virtual or mirrored'
pasted advice_pinned 1
found advice_mirrored 0 'KEY mirrored; +GETKEY fails, were it virtual'
grep -q '^map' <<<"$output" && ! grep -q warning <<<"$output"
result $? "advice_mirrored: without a warning"
pasted advice_mirrored 1
found advice_unsafe 0 'IE mirrored;' 'warning: mirroring IE lets a guest hold off the trap timer.*IE = 0'
pasted advice_unsafe 1
found advice_two 0 'KEY mirrored;' 'UMIP := 3;' 'OTHER virtual;'
pasted advice_two 1
found advice_modes 0 'M := u; '
pasted advice_modes 1
found advice_wide 0 "ST := 0x[0-9a-f]+; +user mode"
pasted advice_wide 1
found advice_none 1 "Theorem 1's monitor: under every map tried for it fails SGR " \
	"Theorem 3's hybrid monitor: under every map tried for it fails SGR "
grep -q 'no map serves' <<<"$output" && ! grep -q '^map' <<<"$output"
result $? "advice_none: no map is printed"
found advice_clash 1 'some map serves each, and none tried serves all, of SGR, GETU'
found advice_ticks 1 "Theorem 1's monitor: some map serves each, and none tried serves all, of SGR "
found advice_four 1 'fails GETALL ' 'not tried: more than 3 registers moved at once for an instruction'
found pg-jrst1 1 "Theorem 1's monitor: under every map tried for it fails JRST1" "for Theorem 3's hybrid"
pasted pg-jrst1 3
found pg-sgdt 1 "Theorem 1's monitor: under every map tried for it fails SGR, SMSW, POPF"
found ka10 1 'fails PUSHJ, JSR, JSP, JRST1, JRSTF, JRSTI' 'M := usr;' 'UIO := 0;'
pasted ka10 3
found m68000 1 'fails MOVESR' 'T mirrored;' 'IM mirrored;' 'DUE virtual;' 'hold off the trap autovector.*IM = 7'
pasted m68000 3
found mipscp0 0 'KUc := u;' 'STATUS := 0xff01;' 'TLB virtual;'
pasted mipscp0 1

output=$(trapeze check "$(machine advice_two)" --find-map --json 2>&1 </dev/null)
jsoned=$(tr -d ' \n' <<<"$output")
grep -q '"theorem":1' <<<"$jsoned" && grep -q '"register":"UMIP","kind":"value","value":"3"' <<<"$jsoned" &&
	grep -q '"fails_if_virtual":"SGR","fails_if_mirrored":"SGR"' <<<"$jsoned"
result $? "advice_two: the same as JSON"

# fixes PATTERN... -- ARGUMENT...: the advice has these, in this order.
fixes()
{
	local pattern=
	while [ "$1" != -- ]; do
		pattern="$pattern.*$1"
		shift
	done
	shift
	output=$(trapeze check "$@" --fix 2>err </dev/null)
	[ $? = 1 ] && grep -qE "$pattern" <<<"$(tr -s '\n ' ' ' <<<"$output")"
	result $? "$*: ${pattern:2}"
}

# mended THEOREM: the description that mends all at once, as printed, is checked.
mended()
{
	sed -n '/^include/,/^}/p' <<<"$output" >"$work/mended.isa"
	output=$(trapeze check "$work/mended.isa" --json 2>&1 </dev/null)
	grep -q "\"theorem_$1\":{\"condition_holds\":\"yes\",\"equivalence\":\"yes\"" <<<"$(tr -d ' \n' <<<"$output")"
	result $? "and mended, all of it holds for Theorem $1"
}

fixes 'JRST1, ' ' privileged;' "Theorem 1's condition holds; equivalence proved for every guest: checked, [1-9]" \
	'if \(user\) trap illegal;' "Theorem 1's condition holds" 'hybrid monitor serves' -- pg-jrst1
fixes 'SGR, ' 'privileged;' "SGR breaks neither" 'SMSW, ' 'POPF, ' 'machine pg-sgdt-fixed' \
	"Theorem 1's condition holds" 'hybrid monitor does not serve' 'puts SVC' -- pg-sgdt
mended 1
fixes 'POPF, ' 'privileged;' 'POPF breaks neither' 'hybrid monitor serves what is named' -- pg-sgdt POPF
grep -q '^ POPF, ' <<<"$output" && ! grep -qE '^ (SGR|SMSW), ' <<<"$output"
result $? "POPF alone"
fixes "Theorem 1's condition holds" 'T mirrored; IM mirrored; TRACING virtual;' "Theorem 3's condition holds" \
	'warning: so the trap autovector' -- m68000
fixes 'PUSHJ, ' 'JRSTI, ' 'machine ka10-fixed' "Theorem 1's condition holds" -- ka10
mended 1
fixes 'FN, ' 'if \(fn == 5\) privileged;' \
	'FN2, ' 'if \(fn == 1 \|\| fn == 6\) privileged;' 'FN7, ' 'if \(fn != 2\) privileged;' 'BIT, ' 'if \(imm\[6\] == 1\) privileged;' \
	'TWO, ' 'if \(fn == 3 && imm\[1:0\] == 2\) privileged;' \
	"Theorem 1's condition holds" -- "$(machine advice_words)"
mended 1
fixes 'SMSW, ' 'if \(user\) trap gp;' 'if \(user\) trap illegal;' 'CR0 mirrored;' -- x86 SMSW
fixes 'GETALL, ' 'no other map was found; not tried: more than 3 registers' -- "$(machine advice_four)"
fixes 'SGR, ' 'another map' 'UMIP := 1;' "Theorem 1's condition holds" -- "$(machine advice_pinned)"
fixes 'GETKEY, ' 'another map' 'KEY mirrored;' "Theorem 1's condition holds" -- "$(machine advice_mirrored)"

output=$(trapeze check pg-sgdt SMSW --fix --json 2>&1 </dev/null)
jsoned=$(tr -d ' \n' <<<"$output")
grep -q '"remedy":"trapallofitinusermode","text":"privileged;","item":"overrideinstrSMSW' <<<"$jsoned" &&
	grep -q '"mended_for_theorem_1":"yes","mended_for_theorem_3":"yes","theorem_1_holds":"undecided"' <<<"$jsoned" &&
	grep -q '"hybridmonitor":"doesnotserve' <<<"$jsoned"
result $? "pg-sgdt SMSW: the same as JSON"
output=$(trapeze check pg --fix 2>&1 </dev/null)
[ $? = 0 ] && grep -q 'Nothing to mend' <<<"$output"
result $? "pg: nothing to mend"

# refused MESSAGE ARGUMENT...
refused()
{
	local message=$1
	shift
	output=$(trapeze check "$@" 2>&1 </dev/null)
	[ $? = 2 ] && grep -q -- "$message" <<<"$output"
	result $? "refused: $*"
}
refused 'no user mode' i8086 --find-map
refused 'exclude each other' pg --find-map --fix
refused 'no --map' pg --find-map --map paper
refused 'one machine' pg ADD --find-map
refused 'as text or as JSON' pg --fix --dot
refused 'no instruction' pg NONE --fix
plan
