#!/bin/bash
# Detectors that `trapeze check --style detector` writes, run in each world: bare they print BARE,
# under each monitor that their instruction is condemned for VIRTUAL; and none is written where
# the machine has no way to.
set -uo pipefail

. "$(dirname "$0")/tap.sh"
own_folder
export XDG_CACHE_HOME=$work TRAPEZE_PATH=${TRAPEZE_PATH:+$TRAPEZE_PATH:}$work

# prints TEXT INSTRUCTION SIZE [OPTION...]: its detector does, and no more, and halts.
prints()
{
	output=$(timeout 60 trapeze run --guest-status "${@:4}" "$2.s:$3" 2>&1 </dev/null) &&
		[ "$output" = "$1" ]
}

# detector MACHINE INSTRUCTION MONITOR...: is written, and tells the truth.
detector()
{
	local size m
	output=$(timeout 300 trapeze check "$1" --witness "$2" --style detector -o "$2.s" 2>&1 </dev/null)
	result $? "$1: a detector by $2 is written"
	size=$(sed -n 's/^next: trapeze run [^-].*:\([0-9]*\)$/\1/p' <<<"$output")
	prints BARE "$2" "$size"
	result $? "$1: $2 bare"
	for m in "${@:3}"; do
		prints VIRTUAL "$2" "$size" --monitor "$m"
		result $? "$1: $2 under $m"
		prints VIRTUAL "$2" "$size" --monitor "$m" --reserve 77 --quantum 3
		result $? "$1: $2 under $m, elsewhere in storage and by small quanta"
	done
}

# refused STATUS TEXT MACHINE INSTRUCTION NAME: no detector is written, for a reason.
refused()
{
	local status=0
	output=$(timeout 300 trapeze check "$3" --witness "$4" --style detector -o no.s 2>&1 </dev/null) ||
		status=$?
	[ $status = "$1" ] && grep -q -- "$2" <<<"$output" && [ ! -e no.s ]
	result $? "$5"
}

# Conditions and constants are as scarce here as on the first machines, traps lead to where a
# control register says, and the console is slow.
cat >acc.isa <<'S'
machine acc "an accumulator machine: LDM shows the mode, DROP leaves supervisor mode" {
  word 16;
  enum Mode { s "supervisor", u "user" }
  control M : Mode role mode "mode",
          L : word role base "relocation",
          B : word role bound "bound",
          V : word "where traps go";
  visible P : word role pc "program counter",
          A : word "accumulator",
          X : word "index",
          Z : 1 "the last comparison was equal";
  user = M == u;
  device CON : console(line = 0, delay = 7) "console";
  traps illegal = 0 "illegal", memory = 1 "memory", priv = 2 "privileged", call = 3 "call";
  translate(a, access) {
    if (a >= B) memtrap;
    let p = zext(a, 17) + zext(L, 17);
    if (p >= size) memtrap;
    return p[15:0];
  }
  trapseq(kind, tpc, info) {
    phys[0] := zext(M);
    phys[1] := tpc;
    phys[2] := L;
    phys[3] := B;
    phys[4] := kind;
    M := s; L := 0; B := 0xffff; P := V;
  }
  reset(size) { M := s; L := 0; B := size; P := 32; }
  map paper "the paper's" { M := u; L, B composed; V virtual; }
  format F { op:6, n:10 }
  instr LDI  F op=1 "LDI {n:s}"  "load a number"      { A := sext(n); }
  instr LDA  F op=2 "LDA {n:x}"  "load"               { A := mem[zext(n)]; }
  instr STA  F op=3 "STA {n:x}"  "store"              { mem[zext(n)] := A; }
  instr TAX  F op=4, n=0 "TAX"   "A to X"             { X := A; }
  instr CMP  F op=5, n=0 "CMP"   "compare A and X"    { Z := A == X; }
  instr BZ   F op=6 "BZ {n:pc}"  "branch if equal"    { if (Z == 1) P := P + sext(n); }
  instr CALL F op=7 "CALL {n}"   "supervisor call"    { trap call(zext(n)) next; }
  instr LDM  F op=8, n=0 "LDM"   "load the mode"      { A := zext(M); }
  instr DROP F op=9, n=0 "DROP"  "to user mode"       { M := u; }
  instr OUT  F op=10 "OUT {n}"   "print A"            { privileged; if (n == 5) out(CON, 0, A); }
  instr HALT F op=11 "HALT {n}"  "halt"               { privileged; halt(zext(n)); }
}
S
cat >mute.isa <<'S'
include "acc.isa"
machine mute "it has a console, and prints nothing" {
  override instr OUT F op=10 "OUT {n}" "look at the console" { privileged; A := in(CON, 1); }
}
S

detector pg-jrst1 JRST1 vmm
detector pg-sgdt SMSW vmm hybrid
detector pg-sgdt SGR vmm hybrid
detector pg-sgdt POPF vmm
detector m68000 MOVESR vmm hybrid
detector acc LDM vmm
detector acc DROP vmm
refused 3 'no detector by LDM' mute LDM 'nothing prints, and there is no detector'
refused 2 'no witness against LDI' acc LDI 'the innocuous detects nothing'
plan
