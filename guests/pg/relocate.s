; relocate.s: does the relocation-bounds register do what it says?
;
; Moves its own base, so that the next instruction comes from elsewhere, and the word that it loads,
; too; asks SRB where it is; and reaches just behind its bound, which must trap.  Then it sets the
; bound to more than there is and reaches just behind the end of storage: a monitor that does not
; clip the bound gives it a neighbour's.  Halts with status 0 if all is as it should be.

	.machine pg
	.equ	BASE, 0x200
	.equ	BOUND, 0x100

	.org	8
	.word	0, trapped, 0
new_bound:
	.word	0			; the storage's size: filled in at the start
	.word	0, 0

	.equ	OLD_L, 2
	.equ	OLD_B, 3
	.equ	OLD_KIND, 6
	.equ	OLD_INFO, 7
	.equ	MEMORY_TRAP, 1

	.org	16
start:	ST	G1, new_bound(G0)
	LA	G10, BASE(G0)
	LA	G11, BOUND(G0)
	LA	G12, on_bound(G0)	; what the trap leads to
	LRB	G10, G11		; and on at `moved`
here:	HALT	2

; The address that the trap tells must be the one behind the end.
trapped:
	LD	G2, OLD_KIND(G0)
	ADDI	G2, G2, -MEMORY_TRAP
	BNE	G2, G0, wrong
	JMP	0(G12)

on_bound:
	LD	G2, OLD_INFO(G0)
	BNE	G2, G11, wrong
	LD	G2, OLD_L(G0)
	BNE	G2, G10, wrong
	LD	G2, OLD_B(G0)
	BNE	G2, G11, wrong
	ADDI	G6, G6, -0x5a5a
	BNE	G6, G0, wrong
	BNE	G7, G10, wrong
	BNE	G8, G11, wrong

	LA	G10, 0(G0)
	LA	G11, -1(G0)
	LA	G12, on_end(G0)
	LRB	G10, G11
	SRB	G7, G8
	LD	G9, 0(G1)
	BR	wrong

on_end:	LD	G2, OLD_INFO(G0)
	BNE	G2, G1, wrong
	BNE	G7, G10, wrong
	BNE	G8, G11, wrong
	LA	G2, right_text(G0)
	CALL	G15, puts
	HALT	0
wrong:	LA	G2, wrong_text(G0)
	CALL	G15, puts
	HALT	1

word:	.word	0
right_text:
	.asciz	"my base is my base, and my bound is my bound\n"
wrong_text:
	.asciz	"R does not do what it says\n"

	.include "lib/print.s"

	.org	BASE + here
moved:	LD	G6, word(G0)
	SRB	G7, G8
	LD	G9, BOUND(G0)
	HALT	3
	.org	BASE + word
	.word	0x5a5a
