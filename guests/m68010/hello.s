; hello.s: a supervisor that runs one user program and serves its calls, on the m68010.
;
; As guests/m68000/hello.s, with the vectors moved by VBR.  The program begins with MOVE from
; SR, which the MC68010 traps: the supervisor prints "MOVE from SR trapped" and skips it.

	.machine m68010
	.equ	BASE, 0x1000		; the program's storage
	.equ	BOUND, 0x400
	.equ	CON_DATA, 0		; the console's registers
	.equ	CON_STATUS, 1
	.equ	OUTPUT_READY, 2
	.equ	USP, 0x800		; control registers, as MOVEC knows them
	.equ	VBR, 0x801

	.org	0x400
start:	MOVE.W	#vectors, D0		; D0 is 0 after a reset
	MOVEC	D0, #VBR
	MOVE.W	#BASE, D0
	MOVE.W	#BOUND, D1
	LRB	D0, D1
	MOVEC	D1, #USP
	CLR.L	D0
	MOVE.L	D0, -(A7)		; what RTE pops: the format, PC 0 and SR 0, user mode
	MOVE.L	D0, -(A7)
	RTE

	.equ	SAVED, 12		; the bytes of D0, D1 and A0 on the stack
skip:
	MOVE.L	D0, -(A7)
	MOVE.L	D1, -(A7)
	MOVE.L	A0, -(A7)
	LEA	trapped, A0
	BSR	puts
	MOVE.L	SAVED + 2(A7), D0	; the saved PC: behind the instruction
	ADDI.L	#4, D0
	MOVE.L	D0, SAVED + 2(A7)
	MOVEA.L	(A7)+, A0
	MOVE.L	(A7)+, D1
	MOVE.L	(A7)+, D0
	RTE

print:	BSR	putc
	RTE

ended:	LEA	8(A7), A7		; the program's frame
	LEA	bye, A0
	BSR	puts
	HALT	#0

wrong:	HALT	#1

puts:	MOVE.B	(A0)+, D0
	BEQ	puts_end
	BSR	putc
	BRA	puts
puts_end:
	RTS

; A byte written while the console is busy is lost, so wait.  Prints D0, changes D1.
putc:	IN	#CON_STATUS, D1
	ANDI.L	#OUTPUT_READY, D1
	BEQ	putc
	OUT	D0, #CON_DATA
	RTS

trapped:
	.asciz	"MOVE from SR trapped\n"
bye:	.asciz	"bye\n"

	.align	0x400
vectors:
	.word	wrong, wrong, wrong, wrong, wrong, wrong, wrong, wrong, skip, wrong
	.org	vectors + 4 * 14
	.word	wrong			; RTE's format error
	.org	vectors + 4 * 32
	.word	ended, print

	.org	BASE
program:
	MOVE	SR, D2
	LEA	hello - program, A0
next:	MOVE.B	(A0)+, D0
	BEQ	done
	TRAP	#1
	BRA	next
done:	TRAP	#0

hello:	.asciz	"hello from user mode\n"
