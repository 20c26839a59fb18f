#!/bin/bash
# The program as its users meet it: verbs, exit statuses, bad input, interrupts.
set -uo pipefail

. "$(dirname "$0")/tap.sh"
guests=$TOP_SRCDIR/guests/pg
own_folder
status=0

# judge NAME TRUTH...: a line of TAP; what the command said, if it is wrong.
judge()
{
	local verdict=0
	"${@:2}" >verdict 2>&1 || verdict=$?
	output=$(
		echo "status $status"
		head -qn 8 out err | cut -c1-200
	)
	result $verdict "$1"
}

# run COMMAND...: keeps status, out and err.
run()
{
	status=0
	timeout 60 "$@" >out 2>err </dev/null || status=$?
}

ended() { [ "$status" = "$1" ]; }
says() { grep -qE -- "$2" "$1"; }

# expect NAME STATUS FILE PATTERN COMMAND...: both the status and a line of out or err.
expect()
{
	local name=$1 wanted=$2 file=$3 pattern=$4
	shift 4
	run "$@"
	both() { ended "$wanted" && says "$file" "$pattern"; }
	judge "$name" both
}

cat >loop.s <<'S'
	.machine pg
start:	BR start
S
cat >spin.s <<'S'
	.machine pg
	.org 16
start:	LA G2, 5(G0)
	HALT 3
S
cat >reads.s <<'S'
	.machine pg
	.org 16
	LD G2, greeting(G0)
greeting: HALT 0
S
cat >storm.s <<'S'
	.machine pg
start:	JMP 100(G0)
S

# ---- verbs
expect 'alone it says what to type first' 0 out 'trapeze tour' trapeze
judge 'in four lines' test "$(wc -l <out)" = 4
expect 'help lists the verbs' 0 out '^  equiv ' trapeze help
expect 'help of a verb is its --help' 0 out 'Usage: trapeze run' trapeze help run
expect 'a version' 0 out '^Trapeze [0-9]' trapeze --version
expect 'a version of a verb' 0 out '^Trapeze [0-9]' trapeze equiv --version
expect 'an unknown verb suggests the nearest' 2 err "did you mean 'equiv'" trapeze equvi
expect 'an unknown verb that is near none' 2 err 'trapeze help' trapeze xyzzyplugh
expect 'help of an unknown verb' 2 err 'did you mean' trapeze help rnu
expect 'an option before the verb' 2 err 'before a verb' trapeze --monitor
wide()
{
	local v
	for v in $(trapeze help | awk '/^  [a-z]+ / && $1 != "trapeze" { print $1 }'); do
		trapeze "$v" --help
	done | awk 'length > 80' >wide
	trapeze doc pg | awk 'length > 80' >>wide
	[ ! -s wide ]
}
judge 'help and manual fit in 80 columns' wide

# ---- run
expect 'a guest runs from its source' 0 out 'hello, world' trapeze run "$guests/hello.s"
expect 'and under a monitor' 0 out 'hello, world' trapeze run --monitor vmm "$guests/hello.s"
expect 'and under the hybrid one, by its alias' 0 out 'hello, world' \
	trapeze run --monitor hvm "$guests/hello.s"
expect 'statistics are about the machine' 0 err 'direct share' \
	trapeze run --stats --monitor vmm "$guests/hello.s"
expect 'several machines have prefixes' 0 out '^vm2: hello, world$' \
	trapeze run --monitor vmm "$guests/fib.s:16K" "$guests/hello.s:16K"
judge 'each its own' says out '^vm1: fib'
expect 'several guests need a monitor' 2 err '--monitor' trapeze run spin.s spin.s
run trapeze run --json --monitor vmm "$guests/hello.s"
judge 'run --json is JSON, with the console' \
	jq -e '.machines[0] | .console == "hello, world\n" and .end == "halted"' out
run trapeze run spin.s
judge "a guest's status is not the program's" ended 0
judge 'but is told' says err 'halted with status 3'
run trapeze run --guest-status spin.s
judge 'unless asked for' ended 3
run trapeze run --guest-status missing.s
judge 'with --guest-status bad input is 125' ended 125
run trapeze run --guest-status --steps x spin.s
judge 'and wrong usage, too' ended 125
expect 'a check-stopped guest fails' 1 err 'check-stopped' trapeze run storm.s:8
expect 'a step limit shows the state' 0 err '^loop.s after 1000 steps' \
	trapeze run --steps 1000 loop.s
judge 'with the registers' says err 'P=0x'
expect 'a run stops at a label' 0 err 'fib.s: break after 5 steps, at P=0x2c .fib.: SLTI' \
	trapeze run --break fib "$guests/fib.s"
expect 'or where it begins' 0 err 'break after 0 steps, at P=0x0 .start.' \
	trapeze run --break 0 --deposit P=0 loop.s
expect 'in one of several machines' 0 err '^vm2: break after 8 steps, at P=0x18' \
	trapeze run --monitor vmm --break 0x18 "$guests/fib.s:16K" "$guests/sieve.s:16K"
expect 'a run stops when storage is written' 0 err \
	'^vm1: write of 0x0 by 0x76 .resume\+2. after 3435 steps, at P=0x77' \
	trapeze run --monitor hybrid --watch 0,8 "$guests/minios.s"
expect 'or read' 0 err 'read of 0x11 .greeting. ' trapeze run --watch greeting:r reads.s
expect 'or a register changes' 0 err '^vm1: G3 from 0x0 to 0x1 by 0x2c .fib. after 132 steps' \
	trapeze run --monitor vmm --watch G3 "$guests/fib.s"
run trapeze run --json --watch G2 --watch 0:w reads.s
judge 'whose values run --json has' \
	jq -e '.stop | .kind == "register" and .register == "G2" and .before == 0 and .by == 16' out
run trapeze run --json --watch greeting:rw reads.s
judge 'run --json says where it stopped' \
	jq -e '.stop == {name: "reads.s", kind: "read", steps: 1, p: 17, address: 17, by: 16}' out
run trapeze run --json --watch greeting reads.s
judge 'if it did' jq -e '.stop == null' out
expect 'a label that is not there' 2 err "no guest has the label.*'nowhere'" \
	trapeze run --break nowhere loop.s
expect 'a range that is none' 2 err 'needs PLACE.,COUNT.' trapeze run --watch 1:x loop.s
expect 'or not in storage' 2 err 'not within the storage' trapeze run --watch 0xffffffff loop.s
expect 'a register can be deposited' 0 err 'G2=0x7' \
	trapeze run --steps 1 --deposit G2=7 loop.s
expect 'by its index, too' 0 err 'G2=0x7' trapeze run --steps 1 --deposit 'G[2]=7' loop.s
expect 'a named value, too' 0 err 'M=u' trapeze run --steps 0x1 --deposit M=u loop.s
expect 'a register that is not there' 2 err "no register 'Q'" trapeze run --deposit Q=1 loop.s
cat >middle.s <<'END'
	.machine vax
	.deposit CM, 3
	.deposit B, 0x1000
	.deposit STK1, 0x400
	.deposit P, 0
	.org 0
	CHME #0
END
expect 'a trap that the monitor is told of is no matter' 0 out '^middle.s under vmm: equivalent' \
	trapeze equiv --monitor vmm --limit 1 --own STK1=0 middle.s:4096
expect 'one that stays in user mode passes it by' 1 out 'CM is exec bare, usr under the monitor' \
	trapeze equiv --monitor vmm --limit 1 --own STK1=0x800 middle.s:4096
expect 'the monitor keeps a value in virtual registers only' 2 err 'does not make it virtual' \
	trapeze equiv --own RL=1 middle.s:4096
expect 'and in real ones' 2 err "no register 'Q'" trapeze equiv --own Q=1 middle.s:4096
expect 'of which a bare machine has none' 2 err 'need --monitor' trapeze run --own STK1=1 middle.s
expect 'a value that does not fit' 2 err 'is no value for IE' trapeze run --deposit IE=2 loop.s

echo 'one two' >input
piped() { [ "$(echo 'one two' | trapeze run "$guests/echo.s")" = 'one two' ]; }
judge 'a pipe is the console' piped
expect 'a file is the console' 0 out '^one two$' trapeze run --input input "$guests/echo.s"
expect 'what came in is recorded' 0 out '^one two$' \
	trapeze run --input input --record record "$guests/echo.s"
expect 'and replayed' 0 out '^one two$' trapeze run --replay record "$guests/echo.s"
judge 'to its end' test ! -s err
slowly() { { printf 'one '; sleep 0.5; echo two; } | trapeze run --json "$@"; }
as_file() { cmp <(slowly "$guests/echo.s") <(trapeze run --json --input input "$guests/echo.s"); }
judge 'what comes slowly comes at the same times' as_file
both_get()
{
	slowly --monitor vmm "$guests"/{echo,echo}.s |
		jq -e '[.machines[].console] == ["one two\n", "one two\n"]'
}
judge 'and to each guest' both_get
mkfifo pipe
exec 9<>pipe # so that it does not end
hello() { [ "$(timeout 20 trapeze run "$guests/hello.s" <pipe)" = 'hello, world' ]; }
judge 'a pipe without an end is no matter to who does not read it' hello
expect 'nor such a file' 0 out 'hello, world' trapeze run --input /dev/zero "$guests/hello.s"

# ---- equiv
expect 'a guest is equivalent under both monitors' 0 out 'under hybrid: equivalent' \
	trapeze equiv "$guests/hello.s"
judge 'the first is vmm' says out 'under vmm: equivalent, [0-9]+ steps compared, guest halted'
expect 'a fault is found' 1 out 'under vmm with fault no-info: not equivalent' \
	trapeze equiv --monitor vmm --fault no-info --limit 200000 "$guests/traps.s"
judge 'with its cause' says out 'cause +step [0-9]+, at 0x'
judge 'and what to do next' says out '^next: trapeze '
run trapeze equiv --json --limit 1000 "$guests/hello.s"
judge 'equiv --json is JSON' jq -e '.runs | length == 2 and all(.equivalent)' out
expect 'neighbours make no difference' 0 out 'equivalent' \
	trapeze equiv --limit 100000 "$guests/hello.s:16K" --neighbours "$guests/fib.s:16K"
expect 'a limit is a limit' 0 out 'as far as it was compared, 100 steps' \
	trapeze equiv --monitor vmm --limit 100 loop.s

# ---- descriptions
expect 'a description is checked' 0 out 'well formed' trapeze check --syntax pg
expect 'an instruction is decided' 0 out 'ADD +user mode: runs +innocuous' \
	trapeze check --no-cache pg ADD
expect 'a privileged one' 0 out 'LRB +user mode: privileged +sensitive: control \(relocation\)' \
	trapeze check pg LRB
expect 'one that breaks a theorem' 1 out "breaks Theorem 1's condition" \
	trapeze check pg-jrst1 JRST1
expect 'one that breaks both' 1 out 'breaks the conditions of Theorems 1 and 3' \
	trapeze check pg-sgdt SGR
run trapeze check --json pg-sgdt SMSW
judge 'a decision as JSON' jq -e '.instructions[0].breaks_theorem_3 == "yes"' out
judge 'some instructions are no machine' jq -e 'has("theorem_1") or has("theorem_3") | not' out
expect 'as a table in Markdown' 1 out '^\| SMSW \| runs \|  \| yes \(mode, IE\) \|  \| yes \| breaks .*Theorems 1 and 3 \|$' \
	trapeze check --markdown pg-sgdt SMSW POPF
judge 'with a row for each' test "$(grep -c '^| [A-Z]' out)" = 2
expect 'as a picture' 1 out '^subgraph cluster' trapeze check --dot pg-sgdt SMSW POPF ADD LRB SVC
drawn() { [ "$(grep -cE '^set[0-9]+ \[' out)" = 5 ]; }
judge 'each in a set of its own' drawn
renders() { dot -Tsvg -o picture out && grep -q 'privileged: 1' picture; }
if command -v dot >/dev/null; then
	judge 'which Graphviz draws' renders
else
	result 0 'which Graphviz draws # SKIP no dot'
fi
expect 'a guard' 0 out '^ +traps: divide when G\[rt\] == 0$' trapeze check pg DIV
run trapeze check --json pg DIV
judge 'a guard as JSON' jq -e '.instructions[0].guard ==
	{"traps": [{"trap": "divide", "when": "G[rt] == 0"}], "depends_on": ["G", "rt"]}' out
cat >codes.isa <<'S'
include "pg.isa"
machine codes {
  format F { op:8, fn:2, rd:4, wide:8, zero:10 = 0 }
  instr CTL F op=0x70 "CTL {fn}, {rd}, {wide}" {
    if (fn == 3) { if (IE && wide == 7) trap divide; M := u; }
    else if (fn == 2 && user) trap svc(0);
    G[rd] := 0;
  }
  instr TWICE F op=0x72 "TWICE {fn}, {rd}, {wide}" {
    if (fn == 1) { if (wide < 5) { if (wide < 9) trap divide; } }
    else if (fn != 1 && rd == 3) trap divide;
    if (fn == 2) trap svc(0);
    else if (rd == 2 && user) trap svc(1);
    else if (!user) trap svc(2);
    G[rd] := 0;
  }
  instr SHOW F op=0x71, rd=0, wide=0 "SHOW {fn}" { if (fn == 1 || fn == 2) G[1] := zext(IE); }
}
S
expect 'bad words by the fields that tell them' 1 out '^ +bad words: those with fn = 3, wide not 7$' \
	trapeze check ./codes.isa CTL
says_all() { grep -qF -- "$1" <<<"$(tr -s ' \n' ' ' <out)"; }
judge 'with a guard of the parts that matter' says_all 'traps: svc when fn == 2; divide when (fn == 3) && IE && (wide == 7)'
run trapeze check ./codes.isa TWICE
judge 'of two ways, each without what follows from the rest' says_all \
	'traps: svc when fn == 2 or rd == 2; divide when (fn == 1) && (wide < 5) or (fn != 1) && (rd == 3)'
expect 'or of two values' 1 out '^ +bad words: those with fn = 1 or 2$' trapeze check ./codes.isa SHOW
run trapeze check --json ./codes.isa CTL
judge 'as JSON' jq -e '.instructions[0].bad_words ==
	{"every": false, "exact": true, "all_but": false, "condition": "fn == 3 && wide != 7",
	 "cases": [[{"field": "fn", "rule": "fn = 3"}, {"field": "wide", "rule": "wide not 7"}]]}' out
expect 'whatever its fields' 1 out '^ +bad words: every one$' trapeze check pg-sgdt SMSW
guilty=$TOP_SRCDIR/tests/proofs/guilty.isa
expect 'by two fields' 1 out '^ +bad words: those with a = 1, w = 5$' trapeze check "$guilty" BOTH
expect 'by one field or another' 1 out '^ +bad words: those with (a = 1 and those with w\[4:3\] = 2|w\[4:3\] = 2 and those with a = 1)$' \
	trapeze check "$guilty" EITHER
run trapeze check "$guilty" PARITY
judge 'what was not found out is said' bash -c "tr -s ' \n' ' ' <out | grep -q 'bad words: .*was not found out for example'"
run trapeze check --json "$guilty" PARITY
judge 'as JSON, too' jq -e '.instructions[0].bad_words | .exact == false and .every == false' out
expect 'and explained' 0 out '^Its bad words: those with a = 1, w = 5\.$' trapeze explain "$guilty" BOTH
expect 'why the sensitive does no harm' 0 out 'Its traps there: .*monitor when \(MM' trapeze explain s370 MC
judge 'nor breaks anything' says out '^But: a monitor is not harmed'
expect 'what the monitor believes' 0 out 'M of the virtual machine should now be u; the monitor believes it is s' \
	trapeze explain pg-jrst1 JRST1
expect 'and what the guest finds' 0 out '^  E\[.*\] holds 0x.*, and should hold 0x' trapeze explain pg-sgdt SGR
expect 'each instruction, and the literal count' 1 out '^ user sensitive: [0-9]+ with both .*; [0-9]+ as printed' \
	trapeze check --all pg-sgdt
expect 'of several, one breaks a theorem' 1 out 'innocuous' trapeze check pg-jrst1 ADD JRST1
expect 'of several, none does' 0 out 'privileged' trapeze check pg-jrst1 ADD LRB
run trapeze check pg ADD LRB ADD
judge 'what is named twice is listed once' test "$(grep -c '^ ADD' out)" = 1
judge 'and counted once' says out '^pg   2 instructions'
expect 'of the mistyped, nothing is decided' 2 err 'has no instruction' trapeze check pg ADD NOPE
expect 'a machine without modes' 2 err 'has no user mode' trapeze check i8086
judge 'has no verdict' test ! -s out
expect 'nor has an instruction of it' 2 err 'has no user mode' trapeze explain i8086 HLT
expect 'a description is not drawn' 2 err '--syntax is told as' trapeze check --syntax --dot pg
syntax_refused() # WHAT OPTION...: it decides nothing, so what is about deciding is refused
{
	local what=$1
	shift
	expect "a description is checked without $what" 2 err '--syntax decides nothing' \
		trapeze check --syntax "$@" pg
	judge 'and nothing is said of it' test ! -s out
}
syntax_refused 'a map' --map paper
syntax_refused 'a solver' --solver cvc5
syntax_refused 'a limit' --time-limit 5
syntax_refused 'queries' --smt-dir kept
syntax_refused 'a cache' --no-cache
syntax_refused 'a list' --all
expect 'a map that is searched is no list' 2 err '--all lists what a report has' \
	trapeze check --all --find-map pg
expect 'one form of report' 2 err 'exclude each other' trapeze check pg ADD --json --dot
expect 'and explained with a witness' 0 out '^Replayed on the oracle' trapeze explain pg-sgdt SMSW
wide() { says out '.{81}'; }
judge 'in lines that a terminal holds' eval '! wide'
expect 'a witness as a guest' 0 out '^next: trapeze equiv --monitor vmm w.s:' \
	trapeze check pg-jrst1 --witness JRST1 -o w.s
run bash -c "$(sed -n 's/^next: //p' out)"
judge 'which shows the divergence' says out '^  cause .*: JRST1 '
expect 'a witness of what is set' 0 out '^next: trapeze equiv' \
	trapeze check "$TOP_SRCDIR/tests/proofs/witness_seen.isa" --witness WX -o seen.s
run bash -c "$(sed -n 's/^next: //p' out) --isa '$TOP_SRCDIR/tests/proofs/witness_seen.isa'"
judge 'shows what its guest set' says out '^  cause .*: WX '
expect 'no monitor is promised where composition is open' 3 out 'condition holds; composition is open' \
	trapeze check "$TOP_SRCDIR/tests/proofs/even_tables.isa"
judge 'and the report says why' says out 'no table of the monitor'
for i in OPEN0 OPEN1; do
	expect "a witness by what is open: $i" 0 out '^next: trapeze equiv' \
		trapeze check "$TOP_SRCDIR/tests/proofs/witness_open.isa" --witness $i -o $i.s
	run bash -c "$(sed -n 's/^next: //p' out)"
	judge 'with the seed by which it shows' says out "^  cause .*: $i"
done
expect 'a witness that lies where it must' 0 out '^next: .*--storage .*--reserve' \
	trapeze check "$TOP_SRCDIR/tests/proofs/pitfalls.isa" --witness LRBSAME -o there.s
run bash -c "$(sed -n 's/^next: //p' out) --isa '$TOP_SRCDIR/tests/proofs/pitfalls.isa'"
judge 'shows what traps only where it would matter' says out '^  cause .*: LRBSAME '
expect 'a witness replaces no file' 2 err 'w.s exists already' \
	trapeze check pg-jrst1 --witness JRST1 -o w.s
expect 'a witness of no known style' 2 err 'plain or detector' \
	trapeze check pg-jrst1 --witness JRST1 --style loud -o v.s
expect 'a style of nothing' 2 err 'is about a --witness' trapeze check pg-jrst1 --style plain
expect 'there is no witness against the innocuous' 2 err 'no witness against ADD' \
	trapeze check pg --witness ADD -o v.s
expect 'no such instruction' 2 err 'has no instruction' trapeze check pg NOPE
cat >odd.isa <<'S'
include "pg.isa"
machine odd {
	map odd { M := u; IE := 1; L, B := 0; TIMER virtual; }
}
S
expect 'a map that does not compose' 2 err 'does not compose' trapeze check ./odd.isa --map odd ADD
expect 'no such map' 2 err "no map 'x'" trapeze check --map x pg ADD
expect 'no such solver' 2 err 'apt-get install' trapeze check --solver ./no-solver pg ADD
mkdir -p smt
expect 'queries are kept' 0 out innocuous trapeze check --no-cache --smt-dir smt pg LD
judge 'and replay' bash -c 'z3 smt/pg.translate.lemma.smt2 | grep -qx unsat'
sed 's/G\[rd\] := G\[rs\] + G\[rt\]/G[rd] := Q/' "$TRAPEZE_PATH/pg.isa" >bad.isa
expect 'a wrong description' 2 err 'bad.isa:[0-9]+:[0-9]+: error' trapeze check --syntax bad.isa
run trapeze check --json --syntax bad.isa
judge 'check --json is JSON' jq -e '.[0].well_formed == false' out
expect 'an unknown machine lists what there is' 2 err 'pg-jrst1' trapeze doc pgg
expect 'the manual of an instruction' 0 out 'privileged +yes' trapeze doc pg lpsw
cat >manual.isa <<'S'
include "pg.isa"
machine manual {
	override instr ADD R op={7'0, 1'1} "ADD {rd}, {rs}, {rt}" "} not what {" {
		G[rd] := G[rs] - G[rt]; // }
	}
}
S
run trapeze doc ./manual.isa add
judge 'of one that was overridden' says out '^    G\[rd\] := G\[rs\] - G\[rt\]; // }$'
run trapeze doc ./manual.isa sub
judge 'of one that was included' says out '^    G\[rd\] := G\[rs\] - G\[rt\];$'
run trapeze new other --from ./manual.isa
judge 'and copied whole' grep -q 'G\[rd\] := G\[rs\] - G\[rt\]; // }$' other.isa
expect 'an unknown instruction' 2 err "did you mean 'LPSW'" trapeze doc pg lpws
expect 'the manual as Markdown' 0 out '^## Registers$' trapeze doc pg --markdown
expect 'a machine of one'"'"'s own' 0 out '^next: ' trapeze new mine --from pg-jrst1
expect 'is well formed' 0 out 'machine mine' trapeze check --syntax mine.isa
cp mine.isa before
expect 'and is not written over' 2 err 'exists already' trapeze new mine
judge 'not a byte' cmp mine.isa before
sed -i 's,^  // override,  override,; s,^  // remove.*,,' mine.isa
expect 'its example can be taken into use' 0 out 'well formed' trapeze check --syntax mine.isa
expect 'a name that is none' 2 err 'no name for a machine' trapeze new a/b
expect 'a device cannot be written as a file' 2 err 'error' trapeze new mine -o /

# ---- asm and disasm
expect 'a guest is assembled' 0 out '^next: trapeze run hello.o' trapeze asm "$guests/hello.s"
expect 'and the object runs' 0 out 'hello, world' trapeze run hello.o
trapeze disasm hello.o >again.s
expect 'and is disassembled' 0 out 'hello, world' trapeze run again.s
expect 'a listing' 0 out 'start' trapeze asm --listing "$guests/hello.s"
expect 'symbols' 0 out 'label start' trapeze asm --symbols "$guests/hello.s"
expect 'words are disassembled' 0 out '^ADD G1, G2, G3$' trapeze disasm --isa pg 0x01123000
expect 'at an address' 0 out '^BR 0x101$|^BR 257$' \
	trapeze disasm --isa pg --at 0x100 0x39000001
expect 'which a guest knows itself' 2 err 'for words' trapeze disasm --at 0x100 hello.o
expect 'junk is no word' 2 err 'no instruction word' trapeze disasm --isa pg 0 12junk
expect 'the source is not written over' 2 err 'the source itself' trapeze asm loop.s -o loop.s

# ---- fuzz
expect 'fuzzing finds nothing where nothing is' 0 out '^50 guests.* 0 failed' \
	trapeze fuzz pg --count 50
expect 'and finds what breaks the condition' 1 out '^pg-jrst1: guest [0-9]+ of seed 1' \
	trapeze fuzz pg-jrst1 --monitor vmm --count 2000 --output found
judge 'made small' says out 'made small: ([1-9]|10) instructions?$'
failing=$(ls found/*.s)
replay=$(sed -n 's/^next: //p' out)
expect 'the file fails again' 1 out 'not equivalent' sh -c "$replay"
cp "$failing" before
expect 'in the same way, the seed being the same' 1 out '^pg-jrst1: guest [0-9]+ of seed 1' \
	trapeze fuzz pg-jrst1 --monitor vmm --count 2000 --output found --jobs 2
judge 'in another file' test "$(ls found/*.s | wc -l)" -gt 1
judge 'the first one is as it was' cmp "$failing" before
expect 'it cannot be written' 1 err '/dev/null' \
	trapeze fuzz pg-jrst1 --monitor vmm --count 2000 --output /dev/null/x
trapeze fuzz pg --count 30 --json >whole
for i in 1 2 3; do
	trapeze fuzz pg --count 30 --json --shard $i/3 >part$i
done
judge 'fuzz --json is JSON' jq -es 'last.guests == 30' whole
expect 'parts add up' 0 out '"guests":30,' trapeze fuzz --merge --json part1 part2 part3
sums() { jq -s 'last | [.guests, .runs, .steps, .ended]' "$@"; }
adds_up() { [ "$(sums whole)" = "$(sums out)" ]; }
judge 'to the whole' adds_up
expect 'a fault is found' 1 out 'failed \(stopped early\)$' \
	trapeze fuzz pg --fault no-clip --output found
tail -n 1 out >before
run trapeze fuzz pg --fault no-clip --output found
counted_again() { tail -n 1 out | cmp - before; }
judge 'and counted in the same way again' counted_again
run trapeze fuzz pg --fault lost-interrupt --output waiting
judge 'a guest that needs a device in some state says so' grep -q 'deposit CON\.' waiting/*.s
replay=$(sed -n 's/^next: //p' out)
expect 'and fails again, too' 1 out 'not equivalent' sh -c "$replay"
printf '\t.machine pg\n\t.deposit CON.nothing, 1\nstart:\tHALT 0\n' >panel.s
expect 'a variable that the device has not' 2 err "no register 'CON.nothing'" trapeze run panel.s
expect 'what is merged must be ours' 2 err 'part4:1:' \
	sh -c 'echo junk >part4; trapeze fuzz --merge part1 part4'
expect 'a part that did not come to its end' 2 err 'empty' \
	sh -c ': >part4; trapeze fuzz --merge part1 part4'
expect 'a part that is added twice' 2 err 'part1:1: these guests are counted already' \
	trapeze fuzz --merge part1 part2 part1
expect 'a shard that is none' 2 err '--shard needs' trapeze fuzz pg --shard 4/3
expect 'no machine to fuzz' 2 err 'no machine is named' trapeze fuzz

# ---- bad input
: >empty.s
expect 'an empty source' 2 err 'no machine is named' trapeze run empty.s
echo '	.machine pg' >empty.s
expect 'an empty guest' 2 err 'the guest is empty' trapeze run empty.s
echo 'start: HALT 0' >nomachine.s
expect 'no .machine lists what there is' 2 err 'nomachine.s.*there are.*pg-jrst1' \
	trapeze run nomachine.s
run trapeze run --isa pg nomachine.s
judge 'unless --isa is given' ended 0
expect 'another machine than the guest says' 0 err 'warning' \
	trapeze run --isa pg-jrst1 "$guests/hello.s"
expect 'a guest larger than storage' 2 err 'reaches up to unit' trapeze run "$guests/minios.s:1K"
judge 'and how it gets more' says err 'give .*minios.s:SIZE$'
expect 'a guest larger than --storage' 2 err 'minios.s:SIZE or a larger --storage$' \
	trapeze run --storage 1K "$guests/minios.s"
expect 'a virtual machine larger than storage' 2 err 'SIZE' \
	trapeze run --monitor vmm --storage 8K "$guests/hello.s:64K"
head -c 100 hello.o >cut.o
expect 'a truncated object' 2 err 'cut.o' trapeze run cut.o
head -c 400 hello.o >cut.o
expect 'one that is cut later' 2 err 'cut.o' trapeze run cut.o
mkdir changed
sed 's/"add" /"sum" /; s/trap svc(zext(imm)) next/trap svc(0) next/' "$TRAPEZE_PATH/pg.isa" >changed/pg.isa
expect 'an object whose description has changed' 2 err 'assemble it again, or give --isa' \
	env TRAPEZE_PATH="$work/changed" trapeze run hello.o
hashes() { [ "$(grep -oE '[0-9a-f]{16}' err | sort -u | wc -l)" = 2 ]; }
judge 'names both' hashes
expect 'and runs with --isa, with a warning' 0 err 'warning' \
	env TRAPEZE_PATH="$work/changed" trapeze run --isa pg hello.o
expect 'a missing guest' 2 err 'missing.s' trapeze run missing.s
expect 'a directory as a guest' 2 err 'changed' trapeze run changed
expect 'a directory as a description' 2 err 'changed' trapeze check --syntax ./changed
expect 'a size that is none' 2 err 'is no size' trapeze run loop.s:12Q
expect 'a size of nothing' 2 err 'is no size' trapeze run loop.s:0
expect 'a size past all bounds' 2 err 'error' trapeze run loop.s:99999999999999999999
expect 'a storage that no host has' 2 err 'error' trapeze run --steps 1 loop.s:0xffffffffffffffff
expect 'a map that is not there' 2 err "no map 'nomap'" \
	trapeze run --monitor vmm --map nomap loop.s
expect 'a fault that is not there' 2 err "did you mean 'no-clip'" \
	trapeze run --monitor vmm --fault no-clp loop.s
expect 'the faults are listed' 0 out '^no-clip ' trapeze run --fault list
expect 'a fault without a monitor' 2 err 'need --monitor' trapeze run --fault no-clip loop.s
expect 'a monitor that is none' 2 err 'vmm or hybrid' trapeze run --monitor xen loop.s
expect 'junk after a number' 2 err '--steps needs' trapeze run --steps 12x loop.s
expect 'a number out of range' 2 err '--steps needs' trapeze run --steps 0 loop.s
expect 'a negative number' 2 err '--steps needs' trapeze run --steps=-1 loop.s
expect 'an unknown option' 2 err 'unrecognized option' trapeze run --frobnicate loop.s
expect 'no guest' 2 err 'no guest is named' trapeze run
expect 'two guests to compare' 2 err '--neighbours' trapeze equiv loop.s spin.s
expect 'a missing drum' 2 err 'drum.img' trapeze run --drum drum.img loop.s
: >drum.img
expect 'a drum that is there' 0 err 'after 1 step,' trapeze run --steps 1 --drum drum.img loop.s
# A program that runs cannot be written, not even by the superuser.
cp "$(command -v sleep)" busy
./busy 60 &
busy=$!
until [ "/proc/$busy/exe" -ef busy ]; do
	sleep 0.05
done
expect 'a drum that cannot be written' 2 err 'busy' trapeze run --drum busy loop.s
expect 'but read' 0 err 'after 1 step,' trapeze run --steps 1 --drum busy:ro loop.s
kill "$busy"
wait "$busy" 2>/dev/null
expect 'unless only read' 0 err 'after 1 step,' trapeze run --steps 1 --drum drum.img:ro loop.s
expect 'a directory as a drum' 2 err 'changed' trapeze run --drum changed loop.s
expect 'a missing input' 2 err 'nothere' trapeze run --input nothere loop.s
echo '12 junk' >bad.record
expect 'a record that is none' 2 err 'bad.record' trapeze run --replay bad.record loop.s
expect 'a record that cannot be written' 2 err '/nowhere/r' \
	trapeze run --record /nowhere/r --steps 1 loop.s
truncate -s 70M endless
expect 'too much input' 2 err 'more than' trapeze run --input endless --steps 1 loop.s
expect 'a directory as input' 2 err 'changed' trapeze run --input changed loop.s
expect 'an object that cannot be written' 2 err '/nowhere/x.o' trapeze asm loop.s -o /nowhere/x.o
truncate -s 3G huge.s
expect 'a huge source' 2 err 'huge.s' trapeze run huge.s
full() { trapeze doc pg >/dev/full 2>err; status=$?; [ "$status" = 2 ] && says err 'cannot be written'; }
judge 'a full disk' full
full_run() { trapeze run "$guests/hello.s" >/dev/full 2>err </dev/null; status=$?; ended 2 && says err 'cannot be written'; }
judge 'a full disk in a run' full_run
# The reader is gone before the first byte.
unread()
{
	{
		sleep 0.3
		exec timeout 20 "$@" </dev/null 2>err
	} | true
	status=${PIPESTATUS[0]}
}
: >out
cat >chatter.s <<'S'
	.machine pg
start:	LA G1, 'x'(G0)
again:	IN G2, 1
	ANDI G2, G2, 2
	BEQ G2, G0, again
	OUT G1, 0
	BR start
S
unread trapeze run chatter.s
judge 'a guest that prints for ever ends when nobody reads' ended 141
judge 'without a word' cmp err /dev/null
unread trapeze run "$guests/hello.s"
judge 'a closed output pipe ends a run as it ends others' ended 141
unread trapeze doc pg
judge 'and a manual' ended 141
unread trapeze trace "$guests/traps.s"
judge 'and a trace' ended 141
judge 'without a word, too' cmp err /dev/null

# ---- engines
expect 'an engine that is none' 2 err "translator or oracle, not 'simulator'" \
	trapeze run --engine simulator spin.s
expect 'torture that is none' 2 err "'speed=3' is none of flush=" \
	trapeze equiv --engine translator:speed=3 spin.s
expect 'torture with a number that is none' 2 err "pool= needs a number .*, not 'pool=x'" \
	trapeze fuzz --engine translator:flush=2,pool=x pg
expect 'the oracle is not put to torture' 2 err "not 'oracle:flush=1'" \
	trapeze run --engine oracle:flush=1 spin.s
for engine in flush=1 cache=4K blocks=1 pool=0 pool=3,flush=5,cache=8K,blocks=2; do
	expect "guests run the same with $engine" 0 out '^180 words sorted by 8292 exchanges' \
		trapeze run --engine "translator:hot=1,$engine" "$guests/bubble.s"
	expect "random guests cannot tell with $engine" 0 out ' 0 failed' \
		trapeze fuzz --count 20 --engine "translator:$engine" pg
done
expect 'the environment names an engine' 0 out '^hello' \
	env TRAPEZE_ENGINE=translator:flush=1 trapeze run "$guests/hello.s"
expect 'which must be one' 2 err "TRAPEZE_ENGINE: 'flash=1' is none of" \
	env TRAPEZE_ENGINE=translator:flash=1 trapeze run "$guests/hello.s"
expect 'and which --engine overrides' 0 out '^hello' \
	env TRAPEZE_ENGINE=translator trapeze run --engine oracle "$guests/hello.s"

# ---- trace, repl
expect 'one form of trace' 2 err '--flow and --dot exclude each other' \
	trapeze trace --flow --dot "$guests/hello.s"
expect 'a trace into a folder that is not there' 2 err 'No such file' \
	trapeze trace -o none/trace "$guests/hello.s"
expect 'a script that is not there' 2 err 'none.tz: No such file' \
	trapeze repl -x none.tz "$guests/hello.s"

# ---- signals
# after SIGNAL COMMAND...: the status after a signal in the middle of the run.
after()
{
	local signal=$1 pid
	shift
	set -m # else a shell's children in the background ignore SIGINT
	"$@" >out 2>err <"${stdin-/dev/null}" &
	pid=$!
	set +m
	sleep 0.7
	kill "-$signal" "$pid"
	status=0
	wait "$pid" || status=$?
}
after INT trapeze run loop.s
judge 'Ctrl-C in the middle is 130' ended 130
judge 'and says so' says err 'interrupted'
judge 'and where' says err 'P=0x'
after INT trapeze run --monitor vmm loop.s loop.s
judge 'Ctrl-C under a monitor is 130' ended 130
judge 'and shows each machine' says err '^vm2 after'
after INT trapeze run --monitor hybrid loop.s
judge 'Ctrl-C under the hybrid monitor is 130' ended 130
after INT trapeze equiv --limit 1000000000 loop.s
judge 'Ctrl-C while comparing is 130' ended 130
after INT trapeze fuzz pg --count 1000000
judge 'Ctrl-C in a campaign is 130' ended 130
judge 'with what was done so far' says out '^[0-9]+ guests.*stopped early'
after INT trapeze fuzz pg --count 1000000 --jobs 2
judge 'in several processes, too' says out '^[0-9]+ guests.*stopped early'
after INT trapeze fuzz pg --score
judge 'and while scoring' ended 130
after HUP nohup trapeze run --steps 40000000 loop.s
judge 'nohup keeps a run going when the terminal is closed' ended 0
stdin=pipe after INT trapeze run "$guests/echo.s"
judge 'Ctrl-C while a guest waits for a pipe is 130' ended 130
judge 'and shows the state' says err 'P=0x'
after TERM trapeze run loop.s
judge 'SIGTERM ends as it ends others' ended 143
after INT trapeze run --json loop.s
judge 'with --json the interrupted run is JSON' jq -e .interrupted out

# A description being edited: each change is answered, until the interrupt.
answered() # N: so many answers and separators
{
	for _ in $(seq 600); do
		[ "$(grep -c '^----' out)" -ge "$1" ] && [ "$(cat out err | grep -cE "$2")" -ge "$3" ] && return
		sleep 0.1
	done
	return 1
}
mkdir edited
sed 's/^machine pg/machine edited/' "$TOP_SRCDIR/isa/machines/pg.isa" >edited/m.isa
set -m
XDG_CACHE_HOME=$work timeout --foreground 300 trapeze check edited/m.isa ADD --watch >out 2>err </dev/null &
watching=$!
set +m
judge 'a description being edited is answered' answered 0 'ADD .*innocuous' 1
sed 's/G\[rd\] := G\[ra\] + G\[rb\]/G[rd] := G[ra] + B/; s/{ G\[rd\] := G\[rs\] + G\[rt\]; }/{ G[rd] := B; }/' edited/m.isa >edited/new
mv edited/new edited/m.isa
judge 'again when another takes its place' answered 1 'ADD .*behaviour' 1
echo nonsense >>edited/m.isa
judge 'with its errors' answered 2 'error: nothing may follow' 1
rm edited/m.isa
judge 'and when it is gone' answered 3 'error: .*No such file' 1
cp "$TOP_SRCDIR/isa/machines/pg.isa" edited/m.isa
judge 'until it is back' answered 4 'ADD .*innocuous' 2
kill -INT -- -$watching
status=0
wait $watching || status=$?
judge 'Ctrl-C ends it' test $status = 130
expect 'what is watched must be there' 2 err 'nosuch.isa' trapeze check ./nosuch.isa --watch
expect 'a witness is written once' 2 err 'writes no witness' \
	trapeze check pg-jrst1 --watch --witness JRST1 -o x.s

run trapeze tour
judge 'the tour works without a terminal' ended 0
judge 'and ends with what to do next' says out '^next: '

plan
