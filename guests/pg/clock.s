; clock.s: does time pass while I do not run?
;
; Sets the interval timer so that it runs out after so many rounds of a loop, and counts
; how many rounds there are until it does.  On the machine, and wherever time is virtual, the
; number is exact.  Under a monitor that lets real time into the virtual timer it is too small,
; since each RTIM costs the monitor many instructions.  Prints what it found; halts with status 0 if
; the number is right.

	.machine pg
	.equ	ROUNDS, 1000
	.equ	ROUND, 3		; instructions

	.org	8
	.word	0, trapped, 0
new_bound:
	.word	0			; the storage's size: filled in at the start
	.word	0, 0

	.equ	OLD_KIND, 6
	.equ	TIMER_TRAP, 4

	.org	16
start:	ST	G1, new_bound(G0)
	LA	G6, 0(G0)
	LA	G2, ROUNDS * ROUND + 1(G0)	; SIE counts, too
	STIM	G2
	SIE	1
round:	ADDI	G6, G6, 1
	RTIM	G7
	BR	round

trapped:
	LD	G2, OLD_KIND(G0)
	ADDI	G2, G2, -TIMER_TRAP
	BNE	G2, G0, wrong
	ADDI	G2, G6, 0
	CALL	G15, putu
	LA	G2, rounds_text(G0)
	CALL	G15, puts
	ADDI	G2, G6, -ROUNDS
	BNE	G2, G0, told
	LA	G2, mine_text(G0)
	CALL	G15, puts
	HALT	0
told:	LA	G2, told_text(G0)
	CALL	G15, puts
wrong:	HALT	1

rounds_text:
	.asciz	" rounds until the timer ran out: "
mine_text:
	.asciz	"my time is my own\n"
told_text:
	.asciz	"time passes while I do not run\n"

	.include "lib/print.s"
