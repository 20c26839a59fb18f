; units 10: 1112ffff 1112000a 20107fff 20108000 201ffffd 21450006 2012000c 37010000
; units 18: 3012fffd 390ffffc 36f00001 1b1fffff 3f00ffff 3a010000 4a000000 15120000
; symbol loop = 15 label
; symbol start = 10 label
; symbol N = 5
; entry 10
	.machine pg
N = 5
	.org 16
start: ADDI G1, G2, -1
	addi g1 ,g2,N*2     ; blanks and case do not matter
	LD G1, 32767(G0)
	LD G[1],-32768(G[N - 5])
	LD G1 , - 3 ( G15 )
loop:	ST G4, (N)+1(G5)
	LD G1, 4*(3)(G2)
	JMP 0(G1)
	BEQ G1, G2, loop
	BR loop
	CALL G15, . + 1
	LUI G1, 0xfffff
	SVC 65535
	RET G1
	WAIT
	SLLI G1, G2, 0
