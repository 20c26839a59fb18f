; movs.s: MOVS to PC, an exception return, on the armv7.
;
; Enters User mode and calls the supervisor, which prints the SPSR that it finds: 10, User mode,
; on the machine.  Under a vmm monitor the real machine is in User mode, where MOVS to PC is
; unpredictable and does not trap: virtual Supervisor mode stays, and SPSR is 13 in its lower
; bits.  A hybrid monitor interprets it.

	.machine armv7
	.org	0			; the vectors
start:	B	reset
	B	wrong
	B	call

reset:	MOVW	R0, #0
	MVN	R1, R0
	LRB	R0, R1			; User mode has all of storage
	MOVW	R0, #0x10
	MSR	SPSR, R0
	MOVW	R14, #program
	MOVS	PC, R14

call:	MRS	R0, SPSR
	AND	R0, R0, #0x1f
	BL	putx
	HALT	#0

wrong:	HALT	#1

	.include "print.s"

program:
	SVC	#0
