/*
 * A machine with what pg has not: bytes, instructions of half a word, a delay slot,
 * a visible register that ticks, a mirrored flag on which the timer depends, a trap
 * that comes after its instruction has completed, unspecified values, and, for those
 * who want to see it fail, an unprivileged HALT and WAIT.
 */
#ifndef TESTS_ODD_H
#define TESTS_ODD_H

#define ODD_HEAD										   \
	"machine odd {\n"									   \
	"  word 32; addressing byte big; enum Mode { s, u }\n"					   \
	"  control M : Mode role mode, L : word role base, B : word role bound,\n"		   \
	"          GO : 1, TIMER : word;\n"							   \
	"  visible P : word role pc, NPC : word, R[8] : word, COUNT : word;\n"			   \
	"  user = M == u;\n"									   \
	"  device CON : console(line = 0);\n"							   \
	"  traps illegal = 0, memory = 1, priv = 2, svc = 3, timer = 4, device = 5, step = 6;\n"   \
	"  translate(a, access) { if (a >= B) memtrap; let p = zext(a, 33) + zext(L, 33);\n"       \
	"    if (p >= size) memtrap; return p[31:0]; }\n"					   \
	"  trapseq(kind, tpc, info) {\n"							   \
	"    phys[0] := {7'0, M, 7'0, GO, kind[15:0]}; phys[4] := tpc; phys[8] := NPC;\n"          \
	"    phys[12] := info; phys[16] := L; phys[20] := B; phys[24] := TIMER;\n"		   \
	"    let w = phys[32]; M := w[24]; GO := w[16]; P := phys[36]; NPC := phys[40];\n"         \
	"    L := phys[44]; B := phys[48]; TIMER := phys[52]; }\n"				   \
	"  tick() { COUNT := COUNT + 1;\n"							   \
	"    if (GO && TIMER != 0) { TIMER := TIMER - 1; if (TIMER == 0) trap timer complete; } }\n" \
	"  horizon() { return GO && TIMER != 0 ? TIMER - 1 : never; }\n"			   \
	"  skip(n) { COUNT := COUNT + n; if (GO && TIMER != 0) TIMER := TIMER - n; }\n"		   \
	"  interrupt(n) { if (GO) trap device(n) complete; }\n"					   \
	"  reset(size) { M := s; B := size; P := 64; NPC := 66; }\n"				   \
	"  advance() { P := NPC; NPC := NPC + 2; }\n"						   \
	"  map m { M := u; GO mirrored; L, B composed; TIMER virtual; }\n"			   \
	"  format R { op:6, rd:3, rs:3, rt:3, z:1 = 0 }\n"					   \
	"  format I { op:6, rd:3, imm:7 }\n"							   \
	"  instr ADD  R op=1 \"ADD {rd}, {rs}, {rt}\" { R[rd] := R[rs] + R[rt]; }\n"		   \
	"  instr LI   I op=2 \"LI {rd}, {imm:s}\" { R[rd] := sext(imm); }\n"			   \
	"  instr LD   R op=3, rt=0 \"LD {rd}, {rs}\" { R[rd] := mem[R[rs]]; }\n"		   \
	"  instr ST   R op=4, rt=0 \"ST {rd}, {rs}\" { mem[R[rs]] := R[rd]; }\n"		   \
	"  instr STB  R op=5, rt=0 \"STB {rd}, {rs}\" { mem8[R[rs]] := R[rd][7:0]; }\n"		   \
	"  instr BNZ  I op=6 \"BNZ {rd}, {imm:pc+2}\" { if (R[rd] != 0) NPC := P + sext(imm); }\n" \
	"  instr GO   I op=7, rd=0 \"GO {imm}\" { GO := imm[0]; }\n"				   \
	"  instr STEP R op=8, rs=0, rt=0 \"STEP {rd}\" { R[rd] := R[rd] + 1; trap step complete; }\n" \
	"  instr ANY  R op=9, rs=0, rt=0 \"ANY {rd}\" { R[rd] := unspecified(32); }\n"		   \
	"  instr SVC  I op=10, rd=0 \"SVC {imm}\" { trap svc(zext(imm)) next; }\n"		   \
	"  instr TIM  I op=11, rd=0 \"TIM {imm}\" { privileged; TIMER := zext(imm); }\n"	   \
	"  instr PSW  R op=12, rd=0, rt=0 \"PSW {rs}\" { privileged; let a = R[rs];\n"		   \
	"    let w = mem[a]; let p = mem[a + 4]; let q = mem[a + 8];\n"				   \
	"    let l = mem[a + 16]; let b = mem[a + 20];\n"					   \
	"    M := w[24]; GO := w[16]; P := p; NPC := q; L := l; B := b; }\n"			   \
	"  instr OUT  R op=13, rd=0, rt=0 \"OUT {rs}\" { privileged; out(CON, 0, R[rs]); }\n"      \
	"  instr IRQ  I op=14, rd=0 \"IRQ {imm}\" { privileged; out(CON, 2, zext(imm)); }\n"       \
	"  instr GET  R op=15, rs=0, rt=0 \"GET {rd}\" { privileged; R[rd] := in(CON, 0); }\n"     \
	"  instr WAIT I op=16, rd=0, imm=0 \"WAIT\" { privileged; wait; }\n"			   \
	"  instr HALT I op=17, rd=0 \"HALT {imm}\" { privileged; halt(zext(imm)); }\n"
#define ODD ODD_HEAD "}\n"
#define ODD_LOOSE										   \
	ODD_HEAD "  instr STOP I op=18, rd=0 \"STOP {imm}\" { halt(zext(imm)); }\n"		   \
		 "  instr DOZE I op=19, rd=0, imm=0 \"DOZE\" { wait; }\n"			   \
		 "}\n"

#endif
