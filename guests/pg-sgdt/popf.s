; popf.s: an instruction that does nothing in user mode instead of trapping, as x86's POPF
; does with the interrupt flag, on pg-sgdt.
;
; Enables interrupts by POPF with one from the timer due, and prints "interrupted" when it
; comes.  Under a vmm monitor POPF finds the real machine in user mode and does nothing:
; "not interrupted".  A hybrid monitor interprets it.

	.machine pg-sgdt
	.org	8			; the new PSW: M, P, L, B, IE, TIMER
	.word	0, handler, 0, 16384, 0, 0
	.org	16

start:	LA	G2, 10(G0)
	STIM	G2
	LA	G2, 2(G0)		; bit 1: IE
	POPF	G2
	LA	G3, 100(G0)
count:	ADDI	G3, G3, -1
	BNE	G3, G0, count
	LA	G2, never(G0)
	CALL	G15, puts
	HALT	0

handler:
	LA	G2, interrupted(G0)
	CALL	G15, puts
	HALT	0

never:	.ascii	"not "
interrupted:
	.asciz	"interrupted\n"

	.include "../pg/lib/print.s"
