; hello.s: the least that a program can do.
;
; Prints "hello, world" and halts with status 0.

	.machine pg
	.org	16			; 0 to 15 are for traps: old PSW and new PSW

start:	LA	G2, greeting(G0)	; 0 + greeting: how an address gets into a register
	CALL	G15, puts
	HALT	0

greeting:
	.asciz	"hello, world\n"

	.include "lib/print.s"
