; jsp.s: a jump to a subroutine stores the flags of the PC word, and USER is one of them.
;
; Asks by JSP what mode it is in, and prints "executive" on the machine.  Under a vmm monitor
; JSP runs directly, in the real machine's user mode: "user".  A hybrid monitor interprets it.
; JSR and PUSHJ store the same word.

	.machine ka10
	.equ	TTY, 0x50		; 0120
	.equ	TTY_READY, 8		; 010
	.equ	USER, 1 << 12		; in the left half of a PC word

	.org	0x23			; 043: no trap is expected
	.word	trap
	.org	0x30

start:	JSP	AC4, here(AC0)
here:	HLRZ	AC3, 4(AC0)
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

trap:	HALT	1(AC0)

in_user:
	.asciz	"user\n"
in_exec:
	.asciz	"executive\n"
