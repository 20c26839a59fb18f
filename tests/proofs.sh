#!/bin/bash
# The theory of proofs/coq: it builds, coqchk accepts it, and neither it nor what `trapeze prove`
# makes of the machines of the paper's kind rests on an axiom; the proofs say what `trapeze check`
# says, fail where a description is changed for the worse, and speak of the machine that the
# oracle runs.
set -euo pipefail
. "$(dirname "$0")/tap.sh"

if ! command -v coqc >/dev/null; then
	echo '1..0 # SKIP coqc is not installed; on Debian: apt-get install coq'
	exit 0
fi
STATES=${STATES-10000}
theory=$TOP_BUILDDIR/proofs/theory
own_folder

# ---- the theory

build_theory()
{
	mkdir -p "$theory" && cp -p "$TOP_SRCDIR"/proofs/coq/*.v "$TOP_SRCDIR/proofs/coq/_CoqProject" "$theory" &&
		(cd "$theory" && coq_makefile -f _CoqProject -o Makefile.coq && make -s -f Makefile.coq -j2)
}
# What coqchk lists where nothing is taken on trust.
trusted()
{
	sed -n '/CONTEXT SUMMARY/,$p' | grep -A1 '^\* \(Axioms\|Constants\|Inductives\)' |
		grep -v '<none>$' | grep -v '^--$' | grep -v '^ *$' || true
}
# Names of the theorems that a file proves.
theorems()
{
	sed -nE 's/^ *(Theorem|Corollary) ([A-Za-z_][A-Za-z0-9_]*).*/\2/p' "$1"
}
# What Print Assumptions says of every theorem of a module, if not that there is none.
assumed()
{
	local module=$1 file=$2 name
	{
		echo "Require $module."
		theorems "$file" | while read -r name; do
			echo "Print Assumptions $module.$name."
		done
	} >assumed.v
	coqc -q -R "$theory" Trapeze -R "$work" Machines assumed.v >assumed.out 2>&1 || echo 'coqc fails'
	grep -v '^Closed under the global context$' assumed.out || true
	[ "$(theorems "$file" | grep -c .)" = "$(grep -c ^Closed assumed.out)" ] ||
		echo "$module: not every theorem was asked about"
}

ok 'the theory builds' build_theory
nothing 'the theorems rest on no axiom' < <(assumed Trapeze.Theorems "$TOP_SRCDIR/proofs/coq/Theorems.v")
nothing 'nothing in it is admitted or assumed' < <(cd "$TOP_SRCDIR/proofs/coq" &&
	grep -nE '^ *(Axiom|Axioms|Parameter|Parameters|Conjecture|Admitted|Admit)\b|\badmit\b' ./*.v || true)
nothing 'every file of it is built' < <(cd "$TOP_SRCDIR/proofs/coq" && for f in *.v; do
	grep -qx "$f" _CoqProject || echo "$f is not in _CoqProject"
done)

# The rows of doc/proofs.md: in the paper | definitions | Coq files | C modules | test.
mapped()
{
	local files definitions other name
	grep -E '^(\|[^|]*){5}\|$' "$TOP_SRCDIR/doc/proofs.md" | while IFS='|' read -r _ _ definitions files other; do
		files=$(tr -d '`,' <<<"$files")
		for name in $(grep -o '`[^`]*`' <<<"$definitions" | tr -d '`'); do
			(cd "$TOP_SRCDIR" && grep -qw -- "$name" $files) || echo "$name is not in $files"
		done
		for name in $(grep -o '`[^`]*`' <<<"$other" | tr -d '`'); do
			[ -f "$TOP_SRCDIR/$name" ] || echo "there is no $name"
		done
	done
}
nothing 'what the page names that leads from the paper to the proofs is there' < <(mapped)

# ---- the machines

# What Coq says of each machine with relocation and bounds that is shipped: of monitors, of the
# theorems' conditions only, or nothing, for a reason.  A new one belongs here, too.
cat >expected <<'END'
armv7: conditions
itanium: conditions
ka10: conditions
m68000: conditions
m68010: conditions
pdp11: conditions
pg: monitors
pg-jrst1: monitors
pg-sgdt: monitors
rv32: conditions
s370: conditions
s370-das: conditions
vax: conditions
x86: conditions
x86-umip: conditions
END
machines=
said_of()
{
	local machine=$1
	if ! trapeze prove --claim=1 "$machine" >claimed 2>refused; then
		sed "s/^trapeze prove: error: $machine cannot be exported: /$machine: /" refused
	elif grep -q 'plain_processor' claimed; then
		echo "$machine: conditions"
	else
		echo "$machine: monitors"
	fi
}
for file in "$TOP_SRCDIR"/isa/machines/*.isa; do
	said_of "$(basename "$file" .isa)"
done | sort >said
machines=$(sed -nE 's/^(.*): (conditions|monitors)$/\1/p' said)
only_conditions()
{
	grep -qx "$1: conditions" said
}
nothing 'every machine with base and bounds is proved of, or refused with the reason' < <(
	diff <(sort expected) <(grep -v ': it has no mode, or no relocation-bounds register$' said) || true)
# A machine's name as a Coq module.
module()
{
	tr - _ <<<"$1"
}
compile()
{
	coqc -q -R "$theory" Trapeze -R "$work" Machines "$1"
}
# Two machines at a time, since deciding them takes long; compiling tells what was not printed.
print_all()
{
	for machine in $machines; do
		echo "$machine $(module "$machine")"
	done | xargs -P 2 -L 1 sh -c 'trapeze prove -o "$1.v" "$0" >"printed-$1" 2>&1' || true
}
prove()
{
	cat "printed-$(module "$1")"
	compile "$(module "$1").v"
}
# Theorem 1's and 3's conditions, as check has them: "yes no".
checked()
{
	trapeze check --json "$1" | jq -r '"\(.theorem_1.condition_holds) \(.theorem_3.condition_holds)"'
}
# The same by what Coq has proved.
proved()
{
	local file n verdicts=()
	file=$(module "$1").v
	for n in 1 3; do
		if grep -q "^Theorem condition$n :" "$file"; then
			verdicts+=(yes)
		elif grep -q "^Theorem condition${n}_fails :" "$file"; then
			verdicts+=(no)
		else
			verdicts+=(undecided)
		fi
	done
	echo "${verdicts[*]}"
}

print_all
for machine in $machines; do
	ok "$machine: what is printed of it is proved" prove "$machine"
	nothing "$machine: nothing is assumed" < <(assumed "Machines.$(module "$machine")" "$(module "$machine").v")
	ok "$machine: Coq and check agree" test "$(proved "$machine")" = "$(checked "$machine")"
done
cp "$TOP_SRCDIR"/tests/proofs/*.v .
ok 'pg-jrst1 has no monitor, wherever it is put' compile jrst1.v
nothing 'which rests on no axiom' < <(assumed Machines.jrst1 jrst1.v)
ok 'pg-sgdt has not even a hybrid monitor' compile sgdt.v
nothing 'which rests on no axiom, either' < <(assumed Machines.sgdt sgdt.v)
ok "pg's horizon and skip say of its tick what is so" compile horizon.v
nothing 'and that rests on none' < <(assumed Machines.horizon horizon.v)

# against_oracle MACHINE MODULE COUNT: what Coq extracts of a module, on random states, and the
# oracle's machine.
against_oracle()
{
	local machine=$1 module=$2 count=$3 plain=() folder=$work/against-$2
	only_conditions "$machine" && plain=(--plain)
	rm -rf "$folder" && mkdir "$folder" && cp "$TOP_SRCDIR/tests/proofs/compare.ml" "$folder" &&
		"$TOP_BUILDDIR/tests/oracle_states" "${plain[@]}" "$machine" 1 "$count" >"$folder/found" &&
		"$TOP_BUILDDIR/tests/oracle_states" "${plain[@]}" "$machine" 1 "$count" "$module" >"$folder/against.v" &&
		(cd "$folder" && compile against.v && ocamlopt -o compare states.mli states.ml compare.ml &&
			./compare <found)
}
# On one processor, while descriptions are changed on another.
compare_all()
{
	local machine
	for machine in $machines; do
		against_oracle "$machine" "$(module "$machine")" "$STATES" >"compared-$machine" 2>&1 ||
			echo failed >"failed-$machine"
	done
}
compare_all &
comparison=$!

# ---- descriptions changed for the worse

# changed SED-SCRIPT [MACHINE]: pg, or another machine, changed by it.
changed()
{
	local from=${2-pg}
	rm -f changed.v
	sed -E "$1; s/^machine $from /machine changed /" "$TOP_SRCDIR/isa/machines/$from.isa" >changed.isa
	! cmp -s <(sed "s/^machine $from /machine changed /" "$TOP_SRCDIR/isa/machines/$from.isa") changed.isa
}
# mutate NAME [MACHINE]: pg, in which the privileged instruction NAME does not trap.
mutate()
{
	changed "/^  instr $1 /,/^  (instr|\})/ s/privileged;//" "${2-pg}"
}
refuse()
{
	changed "$1" && ! trapeze prove --claim=1 ./changed.isa >printed 2>refusal && grep -q "$2" refusal
}
for instr in LPSW SPSW LRB SRB STIM RTIM SIE IN OUT WAIT HALT; do
	ok "with $instr not privileged, the machine is still printed" eval \
		"mutate $instr && trapeze prove --claim=1 -o changed.v ./changed.isa"
	ok 'but its proof fails' eval '! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
done
for instr in HALT DISM JEN DATAI DATAO CONO CONI CONSZ; do
	ok "with $instr not privileged, the KA10 is still printed" eval \
		"mutate $instr ka10 && trapeze prove --claim=3 -o changed.v ./changed.isa"
	ok 'but not that it keeps the condition of Theorem 3' eval \
		'! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
done
for instr in MOVEC MOVEC2; do
	ok "with $instr not privileged, the 68010 is still printed" eval \
		"mutate $instr m68010 && trapeze prove --claim=1 -o changed.v ./changed.isa"
	ok 'but not that it keeps the condition of Theorem 1' eval \
		'! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
done
for instr in SPKA SSM STCTL; do
	ok "with $instr not privileged, the System/370 is still printed" eval \
		"mutate $instr s370 && trapeze prove --claim=1 -o changed.v ./changed.isa"
	ok 'but not that it keeps the condition of Theorem 1' eval \
		'! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
done
ok 'with the monitor masks not mirrored, it is still printed' eval \
	'changed "s/MM mirrored;/MM virtual;/" s370 && trapeze prove --claim=1 -o changed.v ./changed.isa'
ok 'but not that monitor calls are harmless' eval \
	'! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
ok 'with extraction authority given, the dual-address-space facility is still printed' eval \
	'changed "s/EXT := 0; SSC/EXT := 1; SSC/" s370-das && trapeze prove --claim=1 -o changed.v ./changed.isa'
ok 'but not that its instructions trap' eval \
	'! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
for line in "POWEROFF" "MRET" "IN "; do
	ok "with $line allowed in user mode, RISC-V is still printed" eval \
		'changed "/^  instr $line/,/^  }/ s/if \(mode != M\) trap illegal;//" rv32 &&
		trapeze prove --claim=1 -o changed.v ./changed.isa'
	ok 'but not that it keeps the condition of Theorem 1' eval \
		'! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
done
ok 'with counters that are readable, it is still printed' eval \
	'changed "s/mode := U; mcounteren := 0; mie/mode := U; mie/" rv32 &&
	trapeze prove --claim=1 -o changed.v ./changed.isa'
ok 'but not that its instructions on control registers trap' eval \
	'! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
mended()
{
	changed 's/^(  instr (PUSHJ|JSR|JSP|JRST1) .*\{)$/\1 privileged;/
		/^  instr (JRSTF|JRSTI) /,/\{$/ s/\{$/{ privileged;/' ka10 &&
		trapeze prove --claim=1 -o changed.v ./changed.isa && compile changed.v
}
ok 'a KA10 whose jumps that show or change the mode are privileged keeps that of Theorem 1' mended

ok 'with a timer that runs while a guest does, the machine is still printed' eval \
	'changed "s/IE := 1; L, B/IE := 1; TIMER := 9; L, B/; s/TIMER virtual;//" &&
	trapeze prove --claim=1 -o changed.v ./changed.isa'
ok 'but not that time leaves the real registers alone' eval \
	'! compile changed.v 2>refusal && grep -q "Unable to unify" refusal'
ok 'a tick that moves the relocation is refused' refuse \
	's/TIMER := TIMER - 1;/TIMER := TIMER - 1; L := L + 1;/' 'cannot be exported: its tick '
ok 'an interrupt that programs can see coming is refused' refuse \
	's/if \(IE\) trap device/if (IE \&\& G[1] == 0) trap device/' 'cannot be exported: its interrupt '

# ---- the program

wait "$comparison"
for machine in $machines; do
	verdict=0
	[ ! -e "failed-$machine" ] || verdict=1
	output=$(cat "compared-$machine")
	result $verdict "$machine: $STATES random states, as the oracle has them"
done

# A machine that is not the oracle's: the test above would tell.
# differ_from MACHINE: in some of 1,000 states, the changed one does.
differ_from()
{
	! against_oracle "$1" changed 1000 >refusal 2>&1 && grep -q '^[1-9][0-9]* of 1000 states differ$' refusal
}
other_timer()
{
	changed 's/TIMER := TIMER - 1;/TIMER := TIMER - 2;/' &&
		trapeze prove --claim=1 -o changed.v ./changed.isa && compile changed.v && differ_from pg
}
ok 'a timer that counts otherwise is not as the oracle has it' other_timer
other_carry()
{
	changed 's/FLAGS\[6\] \| \(carry0 \^/FLAGS[6] | (carry0 \&/' ka10 &&
		trapeze prove --claim=3 -o changed.v ./changed.isa && compile changed.v && differ_from ka10
}
ok "nor is a KA10 with another overflow" other_carry
other_order()
{
	changed 's/^  addressing byte big;/  addressing byte little;/' m68000 &&
		trapeze prove --claim=3 -o changed.v ./changed.isa &&
		sed -i '/^Theorem condition/,/^Proof/d; s/high_first := false/high_first := true/' changed.v &&
		compile changed.v && differ_from m68000
}
ok "nor is a 68000 whose words begin with their low bytes" other_order
other_overflow()
{
	changed 's/if \(PM.FIX\) trap overflow complete;/if (!PM.FIX) trap overflow complete;/' s370 &&
		trapeze prove --claim=1 -o changed.v ./changed.isa && compile changed.v && differ_from s370
}
ok "nor is a System/370 that traps after an overflow where it should not" other_overflow

# ---- all of it, once more by the checker

check_all()
{
	(cd "$theory" && coqchk -silent -o -R . Trapeze -R "$work" Machines \
		$(sed -n 's/^\(.*\)\.v$/Trapeze.\1/p' _CoqProject) \
		$(for machine in $machines jrst1 sgdt horizon; do echo "Machines.$(module $machine)"; done)) >checked.out 2>&1
}
ok 'coqchk accepts it' check_all
nothing 'and lists nothing that it takes on trust' < <(trusted <checked.out)
plan
