; matmul.s: multiplies two square matrices.
;
; The numbers of A and B are pseudo-random, from -32 to 31.  Prints the size, the sum of the
; diagonal of C = A B, and the last number of C.  Checks C by Freivalds' method, which takes
; far fewer multiplications: for a random vector x, is A (B x) = C x?  Halts with status 1 if not.
;
; The operator may set before the start: G2 the number of rows (0: 24).

	.machine pg
	.equ	DEFAULT_ROWS, 24

; G6 rows, G7 A, G8 B, G9 C (row by row, each behind the other), G1 behind C
; Behind C: the vectors x, B x, A (B x) and C x.
	.org	16
start:	BNE	G2, G0, rows_given
	LA	G2, DEFAULT_ROWS(G0)
rows_given:
	ADDI	G6, G2, 0
	LUI	G3, 8			; 2^15: with less, the products below do not overflow
	BGEU	G6, G3, too_large
	MUL	G2, G6, G6		; words of a matrix
	LA	G7, matrices(G0)
	ADD	G8, G7, G2
	ADD	G9, G8, G2
	ADD	G12, G9, G2
	SLLI	G3, G6, 2
	ADD	G3, G12, G3		; four vectors
	BLTU	G1, G3, too_large	; G1: size of the storage
	ADDI	G1, G12, 0

	; Fill A and B from the numbers of lcg.s, and x too.
	LA	G11, 1(G0)
	ADDI	G2, G7, 0
	ADDI	G3, G9, 0
	CALL	G15, fill
	ADDI	G2, G1, 0
	ADD	G3, G1, G6
	CALL	G15, fill

	; C = A B.  G2 in a row of A, G3 down a column of B, G4 in C, G5 products' sum
	; G10 row of A, G11 column of B, G12 end of the row of A, G13 end of B's first row
	ADDI	G4, G9, 0
	ADDI	G10, G7, 0
row:	ADD	G12, G10, G6
	ADDI	G11, G8, 0
	ADD	G13, G8, G6
column:	ADDI	G2, G10, 0
	ADDI	G3, G11, 0
	LA	G5, 0(G0)
product:
	LD	G14, 0(G2)
	LD	G15, 0(G3)
	MUL	G14, G14, G15
	ADD	G5, G5, G14
	ADDI	G2, G2, 1
	ADD	G3, G3, G6
	BLTU	G2, G12, product
	ST	G5, 0(G4)
	ADDI	G4, G4, 1
	ADDI	G11, G11, 1
	BLTU	G11, G13, column
	ADDI	G10, G12, 0
	BLTU	G10, G8, row

	; The sum of the diagonal: each step is a row and one.
	LA	G10, 0(G0)
	ADDI	G4, G9, 0
diagonal:
	LD	G2, 0(G4)
	ADD	G10, G10, G2
	ADD	G4, G4, G6
	ADDI	G4, G4, 1
	BLTU	G4, G1, diagonal

	ADDI	G2, G6, 0
	CALL	G15, putu
	LA	G2, rows_text(G0)
	CALL	G15, puts
	ADDI	G2, G10, 0
	CALL	G15, putn
	LA	G2, last_text(G0)
	CALL	G15, puts
	LD	G2, -1(G1)
	CALL	G15, putn
	LA	G2, '\n'(G0)
	CALL	G13, putc

	; y = B x, z = A y, w = C x; is z = w?
	ADDI	G2, G8, 0
	ADDI	G3, G1, 0
	ADD	G4, G1, G6
	CALL	G15, apply		; y
	ADDI	G2, G7, 0
	ADD	G3, G1, G6
	ADD	G4, G3, G6
	CALL	G15, apply		; z
	ADDI	G2, G9, 0
	ADDI	G3, G1, 0
	ADD	G4, G4, G6
	CALL	G15, apply		; w
	SUB	G3, G4, G6		; z lies before it
	ADD	G5, G4, G6
check:	LD	G2, 0(G3)
	LD	G10, 0(G4)
	BNE	G2, G10, differs
	ADDI	G3, G3, 1
	ADDI	G4, G4, 1
	BLTU	G4, G5, check
	HALT	0

differs:
	LA	G2, wrong(G0)
	CALL	G15, puts
	HALT	1

too_large:
	LA	G2, no_room(G0)
	CALL	G15, puts
	HALT	1

; fill: random words from -32 to 31 into storage from G2 up to G3.  G11 is the generator's
; state.  Changes G2, G4, G5, G10; link G15.
fill:	LD	G4, factor(G0)
	LD	G5, addend(G0)
fill_next:
	MUL	G11, G11, G4
	ADD	G11, G11, G5
	SRAI	G10, G11, 26
	ST	G10, 0(G2)
	ADDI	G2, G2, 1
	BLTU	G2, G3, fill_next
	RET	G15

; apply: the matrix at G2 times the vector at G3 gives the vector at G4.
; Changes G2, G5, G10, G11, G12, G13, G14; link G15.
apply:	ADD	G5, G4, G6		; end of the result
	ADD	G13, G3, G6		; end of the vector
apply_row:
	LA	G11, 0(G0)
	ADDI	G12, G3, 0
apply_product:
	LD	G14, 0(G2)
	LD	G10, 0(G12)
	MUL	G14, G14, G10
	ADD	G11, G11, G14
	ADDI	G2, G2, 1
	ADDI	G12, G12, 1
	BLTU	G12, G13, apply_product
	ST	G11, 0(G4)
	ADDI	G4, G4, 1
	BLTU	G4, G5, apply_row
	SUB	G4, G4, G6
	RET	G15

factor:	.word	1664525
addend:	.word	1013904223
rows_text:
	.asciz	" rows, diagonal sum "
last_text:
	.asciz	", last "
wrong:	.asciz	"that is wrong\n"
no_room:
	.asciz	"not enough storage\n"

	.include "lib/print.s"

matrices:				; and the vectors; nothing may stand behind
