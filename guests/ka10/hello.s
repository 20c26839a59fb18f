; hello.s: an executive, and a program in user mode that prints by monitor calls.
;
; The program prints "hello, world"; when it exits the executive prints "bye" and halts with
; status 0, or with status 1 if another trap comes.  The executive enters user mode by JEN,
; which traps in user mode, and keeps away from JRST 1, JRSTF, JSR, JSP and PUSHJ, which do not:
; so the guest is the same under every monitor.

	.machine ka10
	; The devices.
	.equ	APR, 0
	.equ	TTY, 0x50		; 0120
	.equ	TTY_READY, 8		; 010
	; The monitor calls.
	.equ	EXIT, 0
	.equ	PRINT, 1
	; Where a trap leaves what, 040 to 042, and where it goes, 043.
	.equ	TRAP_CALL, 0x20
	.equ	TRAP_PC, 0x21
	.equ	TRAP_KIND, 0x22
	.equ	KIND_UUO, 3
	.equ	USER_BASE, 1024

	.org	0x23
	.word	trap
	.org	0x30

start:	DATAO	APR, protection(AC0)
	JEN	@user_pc(AC0)		; the flags of that word: user mode

protection:
	.word	128 << 18 | USER_BASE	; its size, and where it begins
user_pc:
	.word	1 << 30 | 16		; USER, and where the program starts; 0 to 15 are accumulators

trap:	MOVE	AC2, TRAP_KIND(AC0)
	CAIE	AC2, KIND_UUO(AC0)
	HALT	1(AC0)
	HLRZ	AC2, TRAP_CALL(AC0)	; the call's operation and accumulator
	ANDI	AC2, 31 << 9(AC0)
	JUMPE	AC2, exit(AC0)
	CAIE	AC2, PRINT << 9(AC0)
	HALT	1(AC0)

; PRINT: the character in AC1.
	MOVEI	AC4, back(AC0)
	JRST	putc(AC0)
back:	JEN	@TRAP_PC(AC0)

exit:	MOVEI	AC3, farewell(AC0)
more:	MOVE	AC1, 0(AC3)
	JUMPE	AC1, halt(AC0)
	MOVEI	AC4, printed(AC0)
	JRST	putc(AC0)
printed:
	ADDI	AC3, 1(AC0)
	JRST	more(AC0)
halt:	HALT	0(AC0)

; Prints the character in AC1 when the teletype is ready, and returns to AC4.
putc:	CONSZ	TTY, TTY_READY(AC0)
	JRST	ready(AC0)
	JRST	putc(AC0)
ready:	DATAO	TTY, 1(AC0)
	JRST	0(AC4)

farewell:
	.asciz	"bye\n"

	.org	USER_BASE + 16
	MOVEI	AC3, greeting - USER_BASE(AC0)
next:	MOVE	AC1, 0(AC3)
	JUMPE	AC1, done - USER_BASE(AC0)
	UUO	PRINT, AC1, 0(AC0)
	ADDI	AC3, 1(AC0)
	JRST	next - USER_BASE(AC0)
done:	UUO	EXIT, AC0, 0(AC0)

greeting:
	.asciz	"hello, world\n"
