; expect: 18:12: ',' is expected here: ADD {rd}, {rs}, {rt}
; expect: 19:11: a register is expected here, as G0: the operand 'rs' of ADD
; expect: 20:20: the statement should end here
; expect: 21:8: ',' is expected here: LD {rd}, {imm}({rs})
; expect: 22:11: '(' is expected here: LD {rd}, {imm}({rs})
; expect: 23:14: ')' is expected here: LD {rd}, {imm}({rs})
; expect: 24:10: G2 is a register, but a value is expected here
; expect: 25:13: a value is missing here
; expect: 26:13: ']' is missing here
; expect: 27:12: a register is expected here, as G0: the operand 'rs' of ADDI
; expect: 28:12: a register is expected here, as G0: the operand 'rs' of ADDI
; expect: 29:2: 'FOO' is not an instruction of pg
; expect: 30:2: '1:' is not an instruction of pg
; expect: 31:2: '@' is not an instruction of pg
; expect: 32:2: 'ADD.L' is not an instruction of pg
; expect: 33:7: the statement should end here
	.machine pg
	ADD G1, G2
	ADD G1 , 5, G3
	ADD G1, G2, G3    G4
	LD G1 3(G2)
	LD G1, 3 G2
	LD G1, 3( G2
	LD G1, (G2
	ADDI G1,G2,
	ADDI G1,G[2, 5
	ADDI G1,  H2, 5
	ADDI G1,  G2x, 5
	FOO G1
	1:
	@
	ADD.L G1
	WAIT 5
