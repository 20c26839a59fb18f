; mrs.s: a program reads CPSR, on the armv7.
;
; Prints the masks of asynchronous aborts, IRQ and FIQ as MRS shows them in User mode: 1c0, all
; set, on the machine; 0 under either monitor, for the real machine must hear interrupts.

	.machine armv7
	.org	0			; the vectors
start:	B	reset
	B	wrong
	B	call

reset:	MOVW	R0, #0
	MVN	R1, R0
	LRB	R0, R1			; User mode has all of storage
	MOVW	R0, #0x1d0
	MSR	SPSR, R0
	MOVW	R14, #program
	MOVS	PC, R14

call:	AND	R0, R0, #0x1c0
	BL	putx
	HALT	#0

wrong:	HALT	#1

	.include "print.s"

program:
	MRS	R0, CPSR
	SVC	#0
