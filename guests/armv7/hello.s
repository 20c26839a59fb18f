; hello.s: a supervisor that runs one user program and serves its calls, on the armv7.
;
; The program, in User mode at 0 of its own storage, prints "hello from user mode" by SVC with 1
; in R7 for each character, and ends by SVC with 0 in R7.  Then the supervisor prints "bye" and
; halts with status 0.  Any other exception halts with status 1.
;
; None of the ways into User mode traps outside of the privileged modes: under a vmm monitor the
; first MOVS goes wrong, as in movs.s.

	.machine armv7
	.equ	BASE, 0x1000		; the program's storage
	.equ	BOUND, 0x400
	.equ	USER, 0x10		; CPSR of User mode

	.org	0			; the vectors
start:	B	reset
	B	wrong
	B	call
	B	wrong
	B	wrong
	B	wrong
	B	wrong

reset:	MOVW	R0, #BASE
	MOVW	R1, #BOUND
	LRB	R0, R1
	MOVW	R0, #USER
	MSR	SPSR, R0
	MOVW	R14, #0
	MOVS	PC, R14

call:	CMP	R7, #1
	BNE	ended
	MOV	R6, R14
	BL	putc
	MOVS	PC, R6

ended:	MOVW	R1, #bye
	BL	puts
	HALT	#0

wrong:	HALT	#1

	.include "print.s"

bye:	.asciz	"bye\n"

	.org	BASE
program:
	MOVW	R8, #hello - program
	MOVW	R7, #1
next:	LDRB	R0, [R8, #0]
	CMP	R0, #0
	BEQ	done
	SVC	#0
	ADD	R8, R8, #1
	B	next
done:	MOVW	R7, #0
	SVC	#0

hello:	.asciz	"hello from user mode\n"
