; sr.s: MOVE from SR, which the MC68000 does not trap in user mode, on the m68000.
;
; Prints the S bit that MOVE from SR shows in supervisor mode: 1 on the machine, 0 under a vmm
; monitor, for the real machine is in user mode then.  Then it enters user mode with the
; interrupt mask at 5, and prints the mask that a user program sees: 5 on the machine, the
; monitor's own under either monitor, unless the VM map mirrors it (--map mirrored).

	.machine m68000
	.equ	CON_DATA, 0
	.equ	CON_STATUS, 1
	.equ	OUTPUT_READY, 2

	.org	0x80			; vector 32: TRAP #0
	.word	ended

	.org	0x400
start:	MOVE	SR, D2
	MOVEQ	#13, D3
	BSR	show
	MOVEQ	#-1, D1			; user mode: all of storage
	CLR.L	D0
	LRB	D0, D1
	LEA	program, A0
	MOVE.L	A0, -(A7)
	MOVE.W	#0x500, D0
	MOVE.W	D0, -2(A7)
	LEA	-2(A7), A7
	RTE

ended:	MOVEQ	#8, D3
	BSR	show
	HALT	#0

program:
	MOVE	SR, D2
	TRAP	#0

; Prints the octal digit at bit D3 of D2, and the end of a line.  Bit 13, S, has zeros above.
show:	LSR.L	D3, D2
	ANDI.L	#7, D2
	ADDI.L	#'0', D2
	BSR	putc
	MOVEQ	#'\n', D2
putc:	IN	#CON_STATUS, D1
	ANDI.L	#OUTPUT_READY, D1
	BEQ	putc
	OUT	D2, #CON_DATA
	RTS
