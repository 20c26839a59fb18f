; jrst1.s: JRST 1, Popek and Goldberg's counterexample (1974, section 8), on pg-jrst1.
;
; Enters user mode by JRST1 and asks, by a supervisor call, what mode the trap found.
; Prints "user" on the machine.  Under a vmm monitor JRST1 runs directly, as a plain jump:
; virtual supervisor mode stays, and the trap finds "supervisor".  A hybrid monitor
; interprets virtual supervisor mode, and prints "user" again.

	.machine pg-jrst1
	.org	8			; the new PSW: M, P, L, B, IE, TIMER
	.word	0, handler, 0, 16384, 0, 0
	.org	16

start:	JRST1	program(G0)

program:
	SVC	0

handler:
	LD	G3, 0(G0)		; the old PSW's M: 1 in user mode
	LA	G2, user(G0)
	BNE	G3, G0, answer
	LA	G2, supervisor(G0)
answer:	CALL	G15, puts
	HALT	0

user:	.asciz	"user\n"
supervisor:
	.asciz	"supervisor\n"

	.include "../pg/lib/print.s"
