; bench/calls.s: supervisor calls and nothing else: each takes a trap, a handler of twenty
; instructions and the load of the old PSW.
;
; The operator may set before the start: G2 the number of calls.  Halts with status 1 if the
; handler counted another number.

	.machine pg
	.deposit G2, 3000000

	.org	8			; the PSW that a trap loads: M, P, L, B, IE, TIMER
	.word	0, handler, 0
new_bound:
	.word	0, 0, 0

	.org	16
start:	ST	G1, new_bound(G0)
	ST	G1, user_bound(G0)
	ADDI	G3, G2, 0
	LPSW	user_psw(G0)

user_psw:
	.word	1, user, 0
user_bound:
	.word	0, 1, 0

user:	SVC	7
	ADDI	G3, G3, -1
	BNE	G3, G0, user
	SVC	0

; Twenty instructions up to the LPSW: counts, keeps a checksum of the operands and of where
; the calls came from.
handler:
	ST	G4, save4(G0)
	ST	G5, save5(G0)
	LD	G4, 6(G0)		; kind
	LA	G5, 3(G0)
	BNE	G4, G5, wrong
	LD	G4, 7(G0)		; operand
	BEQ	G4, G0, done
	LD	G5, sum(G0)
	ADD	G5, G5, G4
	SLLI	G4, G5, 1
	XOR	G5, G5, G4
	LD	G4, 1(G0)		; old P
	ADD	G5, G5, G4
	ST	G5, sum(G0)
	LD	G4, count(G0)
	ADDI	G4, G4, 1
	ST	G4, count(G0)
	LD	G4, save4(G0)
	LD	G5, save5(G0)
	LPSW	0(G0)

done:	LD	G4, count(G0)
	BNE	G4, G2, wrong
	HALT	0
wrong:	HALT	1

save4:	.word	0
save5:	.word	0
sum:	.word	0
count:	.word	0
