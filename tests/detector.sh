#!/bin/bash
# Detectors that `trapeze check --style detector` writes, run in each world: bare they print BARE,
# under each monitor that their instruction is condemned for VIRTUAL; and none is written where
# the machine has no way to.  MACHINES=all: by every offender of the zoo (long_detector.sh).
set -uo pipefail

. "$(dirname "$0")/tap.sh"
own_folder
export XDG_CACHE_HOME=${TEST_CACHE:-$work} TRAPEZE_PATH=${TRAPEZE_PATH:+$TRAPEZE_PATH:}$work

# prints TEXT GUEST SIZE [OPTION...]: it does, and no more, and halts.
prints()
{
	output=$(timeout 60 trapeze run --guest-status "${@:4}" "$2:$3" 2>&1 </dev/null) &&
		[ "$output" = "$1" ]
}

# detector MACHINE INSTRUCTION MONITOR...: is written, and tells the truth.
detector()
{
	local size m g=$1-$2.s
	output=$(timeout 300 trapeze check "$1" --witness "$2" --style detector -o "$g" 2>&1 </dev/null)
	result $? "$1: a detector by $2 is written"
	size=$(sed -n 's/^next: trapeze run [^-].*:\([0-9]*\)$/\1/p' <<<"$output")
	prints BARE "$g" "$size"
	result $? "$1: $2 bare"
	for m in "${@:3}"; do
		prints VIRTUAL "$g" "$size" --monitor "$m"
		result $? "$1: $2 under $m"
		prints VIRTUAL "$g" "$size" --monitor "$m" --reserve 77 --quantum 3 --seed 9
		result $? "$1: $2 under $m, elsewhere in storage, by small quanta, with another seed"
	done
	[[ "$*" == *hybrid* ]] && return
	grep -q '^; Under the hybrid monitor it cannot tell, and prints BARE' "$g" &&
		prints BARE "$g" "$size" --monitor hybrid
	result $? "$1: $2 under hybrid, where it says that it cannot tell"
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

# What they show: the mode, the bound, flags, a priority, where the storage lies.
some_offenders()
{
	detector pg-jrst1 JRST1 vmm
	detector pg-sgdt SGR vmm hybrid
	detector pg-sgdt POPF vmm
	detector ka10 JSP vmm
	detector ka10 JRSTF vmm
	detector pdp11 SPL vmm
	detector pdp11 RTI vmm hybrid
	detector x86 POPF vmm hybrid
	detector acc LDM vmm
	detector acc DROP vmm
	detector mem3 MODE vmm
	detector mem3 SIZE vmm hybrid
	detector nibble RDB vmm hybrid
	detector stack DI vmm
	refused 3 'no words were found that print' mute LDM \
		'nothing prints, and there is no detector'
	refused 3 'one of the machines stops' pdp11 WAIT 'what stops the processor tells nobody'
	refused 3 'registers of their own' pdp11 MFPI 'what rests on the monitor alone tells nobody'
	refused 3 'all that it shows is the time' s370 STCK 'the time does not tell'
	refused 2 'no witness against LDI' acc LDI 'the innocuous detects nothing'
}

# On every machine by base and bounds, by each instruction that the direct question condemns.
every_offender()
{
	local machine name monitors
	for machine in pg-jrst1 pg-sgdt ka10 pdp11 vax m68000 m68010 x86 x86-umip armv7 itanium; do
		while read -r name monitors; do
			case $machine-$name in
			pdp11-WAIT) refused 3 'one of the machines stops' $machine $name \
				"$machine: nothing by $name" ;;
			pdp11-RESET) refused 3 'no detector by RESET' $machine $name \
				"$machine: nothing by $name" ;;
			pdp11-M[FT]PI | vax-CHM[ES]) refused 3 'registers of their own' $machine $name \
				"$machine: $name rests on what the monitor keeps for itself" ;;
			# it tells both, in principle; none that does is found
			pdp11-MTPIR | vax-PROBER) detector $machine $name vmm ;;
			*) detector $machine "$name" $monitors ;;
			esac
		done < <(trapeze check "$machine" --json 2>/dev/null </dev/null |
			jq -r '.instructions[] | select(.differs_vmm == "yes") |
				.instruction + " vmm" + if .differs_hybrid == "yes" then " hybrid" else "" end')
	done
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

# No register but P: what is compared and printed lies in storage; the console is very slow.
cat >mem3.isa <<'S'
machine mem3 "no registers: three addresses; MODE stores the mode, PUT prints what a cell holds" {
  word 32;
  enum Mode { boss "supervisor", guest "user" }
  control M : Mode role mode "mode",
          L : word role base "relocation",
          B : word role bound "bound";
  visible P : word role pc "program counter";
  user = M == guest;
  device TTY : console(line = 0, delay = 20) "console";
  traps illegal = 0 "illegal", memory = 1 "memory", priv = 2 "privileged", ask = 3 "ask";
  translate(a, access) {
    if (a >= B) memtrap;
    let p = zext(a, 33) + zext(L, 33);
    if (p >= size) memtrap;
    return p[31:0];
  }
  trapseq(kind, tpc, info) {
    phys[1] := zext(M);
    phys[2] := tpc;
    phys[3] := L;
    phys[4] := B;
    phys[5] := kind;
    M := boss; L := 0; B := phys[7]; P := phys[6];
  }
  reset(size) { M := boss; L := 0; B := size; P := 16; }
  map paper "the paper's" { M := guest; L, B composed; }
  format F { op:5, a:9, b:9, c:9 }
  fn at(a : 9) { return zext(a, 32); }
  instr MOVE F op=1, c=0 "MOVE {a:x}, {b:x}"      "copy" { mem[at(b)] := mem[at(a)]; }
  instr SUBL F op=2 "SUB {a:x}, {b:x}, {c:x}"     "subtract" { mem[at(c)] := mem[at(a)] - mem[at(b)]; }
  instr BEQ  F op=3 "BEQ {a:x}, {b:x}, {c:x}"     "branch if two cells are equal" { if (mem[at(a)] == mem[at(b)]) P := at(c); }
  instr MODE F op=4, b=0, c=0 "MODE {a:x}"        "store the mode" { mem[at(a)] := zext(M); }
  instr ASK  F op=5, b=0, c=0 "ASK {a:x}"         "trap" { trap ask(at(a)) next; }
  instr PUT  F op=6, b=0, c=0 "PUT {a:x}"         "print a cell" { privileged; out(TTY, 0, mem[at(a)]); }
  instr STOP F op=7, b=0, c=0 "STOP {a:x}"        "halt with a cell's number" { privileged; halt(mem[at(a)]); }
  instr DOWN F op=8, a=0, b=0 "DOWN {c:x}"        "to user mode, and go on elsewhere" { M := guest; P := at(c); }
  instr SIZE F op=9, b=0, c=0 "SIZE {a:x}"        "store the relocation" { mem[at(a)] := L; }
}
S
# All values lie on a stack, and branches are short.
cat >stack.isa <<'S'
machine stack "a stack machine: short branches, and PSW pushes the mode" {
  word 16;
  addressing byte big;
  enum Mode { sup "supervisor", usr "user" }
  control M : Mode role mode "mode",
          IE : 1 "interrupts enabled",
          L : word role base "relocation",
          B : word role bound "bound",
          VEC : word "where traps go",
          KSP : word "the supervisor's stack";
  visible P : word role pc "program counter",
          SP : word "stack pointer";
  user = M == usr;
  device TTY : console(line = 2) "console";
  traps illegal = 1 "illegal", memory = 2 "memory", priv = 3 "privileged", sys = 4 "system call", irq = 5 "interrupt";
  translate(a, access) {
    if (a >= B) memtrap;
    let p = zext(a, 17) + zext(L, 17);
    if (p >= size) memtrap;
    return p[15:0];
  }
  trapseq(kind, tpc, info) {
    let sp = M == sup ? SP : KSP;
    phys16[sp - 2] := {12'0, IE, M, 2'0};
    phys16[sp - 4] := tpc;
    phys16[sp - 6] := SP;
    phys16[sp - 8] := kind;
    SP := sp - 8;
    M := sup; IE := 0; L := 0; B := 0xffff; P := VEC;
  }
  interrupt(n) { if (IE) trap irq(n) complete; }
  reset(size) { M := sup; L := 0; B := size; P := 64; SP := 0x300; }
  map paper "the paper's" { M := usr; IE := 1; L, B composed; VEC, KSP virtual; }
  fn push(v : 16) { mem16[SP - 2] := v; SP := SP - 2; }
  fn pop() { let v = mem16[SP]; SP := SP + 2; return v; }
  format F { op:8, n:8 }
  instr LIT  F op=0x81 "LIT {n:s}"       "push a number" { push(sext(n)); }
  instr DUP  F op=0x82, n=0 "DUP"        "duplicate" { let v = mem16[SP]; push(v); }
  instr DROP F op=0x83, n=0 "DROP"       "drop" { let v = pop(); }
  instr SUB  F op=0x84, n=0 "SUB"        "subtract" { let b = pop(); let a = pop(); push(a - b); }
  instr AND  F op=0x85, n=0 "AND"        "and" { let b = pop(); let a = pop(); push(a & b); }
  instr FET  F op=0x86, n=0 "FET"        "load" { let a = pop(); let v = mem16[a]; push(v); }
  instr STO  F op=0x87, n=0 "STO"        "store" { let a = pop(); let v = pop(); mem16[a] := v; }
  instr JZ   F op=0x88 "JZ {n:pc+2}"     "jump if zero" { let v = pop(); P := v == 0 ? P + 2 + sext(n) : P + 2; }
  instr JMP  F op=0x89, n=0 "JMP"        "jump to what is on the stack" { P := pop(); }
  instr HI   F op=0x8a "HI {n}"          "put a byte above the lower one" { let v = pop(); push({n, v[7:0]}); }
  instr SYS  F op=0x8b "SYS {n}"         "system call" { trap sys(zext(n)) next; }
  instr PSW  F op=0x8c, n=0 "PSW"        "push the status" { push({12'0, IE, M, 2'0}); }
  instr DI   F op=0x8d, n=0 "DI"         "disable interrupts; in user mode nothing" { if (M == sup) IE := 0; }
  instr EI   F op=0x8e, n=0 "EI"         "enable interrupts; in user mode nothing" { if (M == sup) IE := 1; }
  instr EMIT F op=0x90, n=0 "EMIT"       "print" { privileged; let v = pop(); out(TTY, 0, zext(v[7:0])); }
  instr BYE  F op=0x91, n=0 "BYE"        "halt" { privileged; halt(0); }
  instr RTI  F op=0x92, n=0 "RTI"        "return from a trap" {
    privileged;
    let v = pop(); let sp = pop(); let to = pop(); let s = pop();
    M := s[2]; IE := s[3]; SP := sp; P := to;
  }
}
S
# Constants take several words, conditions are skips, jumps go where a register says.
cat >nibble.isa <<'S'
machine nibble "constants come by four bits, conditions are skips; RDB reads the bound, and what cannot be done in user mode is not done" {
  word 24;
  control PRIV : 1 role mode "1: supervisor",
          L : word role base "relocation",
          B : word role bound "bound",
          SAVEP : word "P at the trap",
          SAVEM : 1 "PRIV at the trap";
  visible P : word role pc "program counter",
          R[8] : word "registers";
  user = PRIV == 0;
  device TTY : console(line = 1) "console";
  traps illegal = 0 "illegal", memory = 1 "memory", priv = 2 "privileged", call = 3 "call";
  translate(a, access) {
    if (a >= B) memtrap;
    let p = zext(a, 25) + zext(L, 25);
    if (p >= size) memtrap;
    return p[23:0];
  }
  trapseq(kind, tpc, info) {
    SAVEP := tpc;
    SAVEM := PRIV;
    PRIV := 1; L := 0; B := never;
    P := 16 + kind * 2;
  }
  reset(size) { PRIV := 1; L := 0; B := size; P := 128; }
  map paper "the paper's" { PRIV := 0; L, B composed; SAVEP, SAVEM virtual; }
  format F { op:6, d:3, s:3, n:4, pad:8 = 0 }
  instr SETN F op=1, s=0 "SETN {d:R}, {n}"   "set to four bits" { R[d] := zext(n); }
  instr SHN  F op=2, s=0 "SHN {d:R}, {n}"    "shift left by four, four more bits" { R[d] := {R[d][19:0], n}; }
  instr MOV  F op=3, n=0 "MOV {d:R}, {s:R}"  "move" { R[d] := R[s]; }
  instr SUB  F op=4, n=0 "SUB {d:R}, {s:R}"  "subtract" { R[d] := R[d] - R[s]; }
  instr AND  F op=5, n=0 "AND {d:R}, {s:R}"  "and" { R[d] := R[d] & R[s]; }
  instr SKE  F op=6, n=0 "SKE {d:R}, {s:R}"  "skip if equal" { if (R[d] == R[s]) P := P + 2; }
  instr JR   F op=7, s=0, n=0 "JR {d:R}"     "jump" { P := R[d]; }
  instr LD   F op=8, n=0 "LD {d:R}, {s:R}"   "load" { R[d] := mem[R[s]]; }
  instr ST   F op=9, n=0 "ST {d:R}, {s:R}"   "store" { mem[R[s]] := R[d]; }
  instr CALL F op=10, d=0, s=0 "CALL {n}"    "call" { trap call(zext(n)) next; }
  instr RDB  F op=11, s=0, n=0 "RDB {d:R}"   "read the bound" { R[d] := B; }
  instr RDS  F op=12, s=0, n=0 "RDS {d:R}"   "read P at the trap; in user mode nothing" { if (PRIV == 1) R[d] := SAVEP; }
  instr TTYO F op=13, d=0, n=0 "TTYO {s:R}"  "print; in user mode a trap" { privileged; out(TTY, 0, R[s]); }
  instr OFF  F op=14, d=0, s=0 "OFF {n}"     "halt" { privileged; halt(zext(n)); }
  instr DROP F op=15, s=0, n=0 "DROP {d:R}"  "to user mode" { privileged; PRIV := 0; P := R[d]; }
}
S

if [ "${MACHINES:-}" = all ]; then
	every_offender
else
	some_offenders
fi
echo "1..$n"
