; sgdt.s: a user program reads the relocation-bounds register, as x86's SGDT reads the
; descriptor table register (Robin and Irvine 2000), on pg-sgdt.
;
; Prints where the program's storage begins, 4096 on the machine.  Under either monitor user
; mode runs directly, and SGR stores the real register: the region's place is in it.

	.machine pg-sgdt
	.equ	BASE, 4096
	.org	8			; the new PSW: M, P, L, B, IE, TIMER
	.word	0, handler, 0, 16384, 0, 0
	.org	16

start:	LPSW	program(G0)

program:				; user mode, at 0 of its own storage
	.word	1, 0, BASE, 64, 0, 0

handler:
	LD	G2, BASE + 32(G0)	; what SGR has stored
	CALL	G15, putn
	LA	G2, newline(G0)
	CALL	G15, puts
	HALT	0

newline:
	.asciz	"\n"

	.include "../pg/lib/print.s"

	.org	BASE
	SGR	32(G0)
	SVC	0
