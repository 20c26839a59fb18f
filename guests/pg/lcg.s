; lcg.s: a linear congruential generator of pseudo-random numbers.
;
; x' = 1664525 x + 1013904223 modulo 2^32, from x = 1.  Prints how many steps were made,
; the last x, and how many x fell into each eighth of the range.  Checks the last x by
; another way, and halts with status 1 if the two differ.
;
; The operator may set before the start: G2 the number of steps (0: 20000).

	.machine pg
	.equ	DEFAULT_STEPS, 20000

; G6 x, G7 factor, G8 addend, G9 steps, G10 steps left
	.org	16
start:	BNE	G2, G0, steps_given
	LA	G2, DEFAULT_STEPS(G0)
steps_given:
	ADDI	G9, G2, 0
	ADDI	G10, G2, 0
	LA	G6, 1(G0)
	LD	G7, factor(G0)
	LD	G8, addend(G0)

step:	MUL	G6, G6, G7
	ADD	G6, G6, G8
	SRLI	G2, G6, 29		; the highest three bits: which eighth?
	LD	G3, eighth(G2)
	ADDI	G3, G3, 1
	ST	G3, eighth(G2)
	ADDI	G10, G10, -1
	BNE	G10, G0, step

	ADDI	G2, G9, 0
	CALL	G15, putu
	LA	G2, steps_text(G0)
	CALL	G15, puts
	ADDI	G2, G6, 0
	CALL	G15, putu
	LA	G2, eighths_text(G0)
	CALL	G15, puts
	LA	G10, 0(G0)
print_eighth:
	LA	G2, ' '(G0)
	CALL	G13, putc
	LD	G2, eighth(G10)
	CALL	G15, putu
	ADDI	G10, G10, 1
	SLTI	G2, G10, 8
	BNE	G2, G0, print_eighth
	LA	G2, '\n'(G0)
	CALL	G13, putc

	; One step maps x to f x + a, and so do n of them, with another f and a.  Those of
	; 1, 2, 4, 8 ... steps come from doubling; the bits of n say which to combine.
	; G10 bits of n left, G11 f and G12 a so far, G7 and G8 those of the power of 2
	ADDI	G10, G9, 0
	LA	G11, 1(G0)
	LA	G12, 0(G0)
bit:	ANDI	G2, G10, 1
	BEQ	G2, G0, double
	MUL	G11, G7, G11
	MUL	G12, G7, G12
	ADD	G12, G12, G8
double:	MUL	G2, G7, G8
	ADD	G8, G2, G8
	MUL	G7, G7, G7
	SRLI	G10, G10, 1
	BNE	G10, G0, bit
	ADD	G2, G11, G12		; from x = 1
	BNE	G2, G6, differs
	HALT	0

differs:
	LA	G2, wrong(G0)
	CALL	G15, puts
	HALT	1

factor:	.word	1664525
addend:	.word	1013904223
eighth:	.space	8
steps_text:
	.asciz	" steps, last number "
eighths_text:
	.asciz	"\neighths"
wrong:	.asciz	"that is wrong\n"

	.include "lib/print.s"
