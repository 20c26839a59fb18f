; smsw.s: a program reads the machine status word, as x86's SMSW does, on pg-sgdt.
;
; Prints the mode that SMSW shows in supervisor mode: 0 on the machine, 1 under a vmm monitor,
; for the real machine is in user mode then.  A hybrid monitor interprets it: 0.

	.machine pg-sgdt
	.org	8			; no trap is expected: halt with status 1
	.word	0, unexpected, 0, 16384, 0, 0
	.org	16

start:	SMSW	G2
	ANDI	G2, G2, 1
	CALL	G15, putn
	LA	G2, newline(G0)
	CALL	G15, puts
	HALT	0

unexpected:
	HALT	1

newline:
	.asciz	"\n"

	.include "../pg/lib/print.s"
