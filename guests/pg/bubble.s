; bubble.s: bubble sort.
;
; Sorts pseudo-random words, as signed numbers; prints how many there were, how many exchanges
; it took, and the least and the greatest.  Checks that they ascend and that their sum is what
; it was before, and halts with status 1 if not.
;
; The operator may set before the start: G2 how many words (0: 180).

	.machine pg
	.equ	DEFAULT_COUNT, 180

; G6 count, G7 first word, G8 behind the last, G9 sum, G10 exchanges
	.org	16
start:	BNE	G2, G0, count_given
	LA	G2, DEFAULT_COUNT(G0)
count_given:
	ADDI	G6, G2, 0
	LA	G7, words(G0)
	SUB	G2, G1, G7		; G1: size of the storage
	BLTU	G2, G6, too_many
	ADD	G8, G7, G6

	; Fill with the numbers of lcg.s, and add them up.
	LD	G2, factor(G0)
	LD	G3, addend(G0)
	LA	G4, 1(G0)
	LA	G9, 0(G0)
	ADDI	G5, G7, 0
fill:	MUL	G4, G4, G2
	ADD	G4, G4, G3
	ST	G4, 0(G5)
	ADD	G9, G9, G4
	ADDI	G5, G5, 1
	BLTU	G5, G8, fill

	; Each pass carries the greatest word to the end; from where its last exchange was
	; all is in order.  G11 end of what may be out of order, G12 last exchange
	LA	G10, 0(G0)
	ADDI	G11, G8, -1
pass:	ADDI	G12, G7, 0
	ADDI	G5, G7, 0
	BGEU	G5, G11, sorted
compare:
	LD	G2, 0(G5)
	LD	G3, 1(G5)
	BGE	G3, G2, in_order
	ST	G3, 0(G5)
	ST	G2, 1(G5)
	ADDI	G10, G10, 1
	ADDI	G12, G5, 0
in_order:
	ADDI	G5, G5, 1
	BLTU	G5, G11, compare
	ADDI	G11, G12, 0
	BR	pass

sorted:	ADDI	G2, G6, 0
	CALL	G15, putu
	LA	G2, words_text(G0)
	CALL	G15, puts
	ADDI	G2, G10, 0
	CALL	G15, putu
	LA	G2, exchanges_text(G0)
	CALL	G15, puts
	LD	G2, 0(G7)
	CALL	G15, putn
	LA	G2, to_text(G0)
	CALL	G15, puts
	LD	G2, -1(G8)
	CALL	G15, putn
	LA	G2, '\n'(G0)
	CALL	G13, putc

	; Check: take each from the sum, and compare it with the one before it.
	LD	G3, 0(G7)
	ADDI	G5, G7, 0
check:	LD	G2, 0(G5)
	BLT	G2, G3, differs
	SUB	G9, G9, G2
	ADDI	G3, G2, 0
	ADDI	G5, G5, 1
	BLTU	G5, G8, check
	BNE	G9, G0, differs
	HALT	0

differs:
	LA	G2, wrong(G0)
	CALL	G15, puts
	HALT	1

too_many:
	LA	G2, no_room(G0)
	CALL	G15, puts
	HALT	1

factor:	.word	1664525
addend:	.word	1013904223
words_text:
	.asciz	" words sorted by "
exchanges_text:
	.asciz	" exchanges, from "
to_text:
	.asciz	" to "
wrong:	.asciz	"that is wrong\n"
no_room:
	.asciz	"not enough storage\n"

	.include "lib/print.s"

words:					; as many as asked for; nothing may stand behind
