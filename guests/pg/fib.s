; fib.s: Fibonacci numbers, by recursion: calls, returns and a stack.
;
; Prints "fib(19) = 4181".  Adds up the same number in a loop, and halts with status 1 if
; the two differ.
;
; The operator may set before the start: G2 which number (0: 19).

	.machine pg
	.equ	DEFAULT_N, 19

; G14 is the stack's top; the stack grows from the end of the storage downwards.
	.org	16
start:	BNE	G2, G0, n_given
	LA	G2, DEFAULT_N(G0)
n_given:
	ADDI	G6, G2, 0
	ADDI	G14, G1, 0		; G1: size of the storage
	CALL	G15, fib
	ADDI	G7, G2, 0

	LA	G2, fib_text(G0)
	CALL	G15, puts
	ADDI	G2, G6, 0
	CALL	G15, putu
	LA	G2, is_text(G0)
	CALL	G15, puts
	ADDI	G2, G7, 0
	CALL	G15, putu
	LA	G2, '\n'(G0)
	CALL	G13, putc

	LA	G2, 0(G0)		; fib(0), fib(1)
	LA	G3, 1(G0)
add:	ADD	G4, G2, G3
	ADDI	G2, G3, 0
	ADDI	G3, G4, 0
	ADDI	G6, G6, -1
	BNE	G6, G0, add
	BNE	G2, G7, differs
	HALT	0

differs:
	LA	G2, wrong(G0)
	CALL	G15, puts
	HALT	1

; fib: G2 becomes fib(G2).  Changes G3; link G15.
; On the stack: the link at 0, n and later fib(n - 1) at 1.
fib:	SLTI	G3, G2, 2
	BNE	G3, G0, fib_end		; fib(0) = 0, fib(1) = 1
	ADDI	G14, G14, -2
	ST	G15, 0(G14)
	ST	G2, 1(G14)
	ADDI	G2, G2, -1
	CALL	G15, fib
	XCHG	G2, 1(G14)		; leaves fib(n - 1), takes n
	ADDI	G2, G2, -2
	CALL	G15, fib
	LD	G3, 1(G14)
	ADD	G2, G2, G3
	LD	G15, 0(G14)
	ADDI	G14, G14, 2
fib_end:
	RET	G15

fib_text:
	.asciz	"fib("
is_text:
	.asciz	") = "
wrong:	.asciz	"that is wrong\n"

	.include "lib/print.s"
