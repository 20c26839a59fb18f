; jrst1.s: JRST 1, Popek and Goldberg's own counterexample (1974, section 8).
;
; Enters user mode by JRST 1 and asks, by a monitor call, what mode the trap found.  Prints
; "user" on the machine.  Under a vmm monitor JRST 1 runs directly, as a plain jump: the
; virtual machine's executive mode stays, and the trap finds "executive".  A hybrid monitor
; interprets it, and prints "user" again.

	.machine ka10
	.equ	APR, 0
	.equ	TTY, 0x50		; 0120
	.equ	TTY_READY, 8		; 010
	.equ	TRAP_PC, 0x21		; 041: the old PC word
	.equ	USER, 1 << 12		; in its left half

	.org	0x23			; 043: where a trap goes
	.word	trap
	.org	0x30

start:	DATAO	APR, protection(AC0)
	JRST1	program(AC0)

protection:
	.word	1024 << 18 | 0		; 1024 words from 0 on
program:
	UUO	0, AC0, 0(AC0)

trap:	HLRZ	AC3, TRAP_PC(AC0)
	MOVEI	AC2, in_user(AC0)
	ANDI	AC3, USER(AC0)
	JUMPN	AC3, puts(AC0)
	MOVEI	AC2, in_exec(AC0)

; Prints the characters from AC2 on, and halts.
puts:	MOVE	AC1, 0(AC2)
	JUMPE	AC1, exit(AC0)
wait:	CONSZ	TTY, TTY_READY(AC0)
	JRST	ready(AC0)
	JRST	wait(AC0)
ready:	DATAO	TTY, 1(AC0)
	ADDI	AC2, 1(AC0)
	JRST	puts(AC0)
exit:	HALT	0(AC0)

in_user:
	.asciz	"user\n"
in_exec:
	.asciz	"executive\n"
