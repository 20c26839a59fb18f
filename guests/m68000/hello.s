; hello.s: a supervisor that runs one user program and serves its calls, on the m68000.
;
; The program, in user mode at 0 of its own storage, prints "hello from user mode" by TRAP #1
; for each character, and ends by TRAP #0.  Then the supervisor prints "bye" and halts with
; status 0.  Any other exception halts with the status 1.

	.machine m68000
	.equ	BASE, 0x1000		; the program's storage
	.equ	BOUND, 0x400
	.equ	CON_DATA, 0		; the console's registers
	.equ	CON_STATUS, 1
	.equ	OUTPUT_READY, 2

	.org	0x08			; vectors 2 to 9
	.word	wrong, wrong, wrong, wrong, wrong, wrong, wrong, wrong
	.org	0x80			; vectors 32 and 33: TRAP #0 and #1
	.word	ended, print

	.org	0x400
start:	MOVE.W	#BASE, D0		; D0 is 0 after a reset
	MOVE.W	#BOUND, D1
	LRB	D0, D1
	LEA	BOUND, A0
	MOVE	A0, USP
	CLR.L	D0
	MOVE.L	D0, -(A7)		; what RTE pops: PC 0 and SR 0, user mode
	MOVE.W	D0, -2(A7)
	LEA	-2(A7), A7
	RTE

print:	BSR	putc
	RTE

ended:	LEA	6(A7), A7		; the program's SR and PC
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

bye:	.asciz	"bye\n"

	.org	BASE
program:
	LEA	hello - program, A0
next:	MOVE.B	(A0)+, D0
	BEQ	done
	TRAP	#1
	BRA	next
done:	TRAP	#0

hello:	.asciz	"hello from user mode\n"
