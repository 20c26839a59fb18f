; sieve.s: the sieve of Eratosthenes.
;
; Counts the primes below a limit and prints, say, "1229 primes below 10000".  Halts with
; status 1 if it knows better, or if there is not a word of storage for each number.
;
; The operator may set before the start: G2 the limit (0: 10000), G3 how often to do it
; all (0: once).  See bench/sieve.s.

	.machine pg
	.equ	DEFAULT_LIMIT, 10000

; G6 limit, G7 address of the flags, G8 their end, G9 rounds left
; G10 a number, G11 its flag or a multiple's address, G12 primes
	.org	16
start:	BNE	G2, G0, limit_given
	LA	G2, DEFAULT_LIMIT(G0)
limit_given:
	BNE	G3, G0, rounds_given
	LA	G3, 1(G0)
rounds_given:
	ADDI	G6, G2, 0
	ADDI	G9, G3, 0
	LA	G7, flags(G0)
	SUB	G2, G1, G7		; G1: size of the storage; behind the program is room
	BLTU	G2, G6, too_large	; for so many flags
	ADD	G8, G7, G6

round:	; One word for each number; 0: perhaps a prime.
	ADDI	G11, G7, 0
clear:	ST	G0, 0(G11)
	ADDI	G11, G11, 1
	BLTU	G11, G8, clear

	; Strike the multiples of each prime p, from p*p on: smaller ones are struck already.
	LA	G10, 2(G0)
candidate:
	MUL	G11, G10, G10
	BGEU	G11, G6, struck		; past the root of the limit
	ADD	G12, G7, G10
	LD	G12, 0(G12)
	BNE	G12, G0, next
	ADD	G11, G11, G7
strike:	ST	G10, 0(G11)		; any word but 0 will do
	ADD	G11, G11, G10
	BLTU	G11, G8, strike
next:	ADDI	G10, G10, 1
	BR	candidate
struck:
	ADDI	G9, G9, -1
	BNE	G9, G0, round

	; What is not struck is prime.
	LA	G12, 0(G0)
	ADDI	G10, G7, 2
count:	BGEU	G10, G8, counted
	LD	G11, 0(G10)
	ADDI	G10, G10, 1
	BNE	G11, G0, count
	ADDI	G12, G12, 1
	BR	count

counted:
	ADDI	G2, G12, 0
	CALL	G15, putu
	LA	G2, primes_below(G0)
	CALL	G15, puts
	ADDI	G2, G6, 0
	CALL	G15, putu
	LA	G2, newline(G0)
	CALL	G15, puts

	; Is it so?  For powers of ten the number is known.
	LA	G7, known(G0)
look_up:
	LD	G2, 0(G7)
	BEQ	G2, G0, done		; the end of the table: this limit is not in it
	LD	G3, 1(G7)
	ADDI	G7, G7, 2
	BNE	G2, G6, look_up
	BEQ	G3, G12, done
	LA	G2, wrong(G0)
	CALL	G15, puts
	HALT	1
done:	HALT	0

too_large:
	LA	G2, no_room(G0)
	CALL	G15, puts
	HALT	1

known:	.word	10, 4
	.word	100, 25
	.word	1000, 168
	.word	10000, 1229
	.word	100000, 9592
	.word	1000000, 78498
	.word	0
primes_below:
	.asciz	" primes below "
newline:
	.asciz	"\n"
wrong:	.asciz	"that is wrong\n"
no_room:
	.asciz	"not enough storage\n"

	.include "lib/print.s"

flags:					; up to the limit; nothing may stand behind
