; hello.s: a supervisor, and a program in the problem state that may ask for the number of its
; address space.
;
; The supervisor gives extraction authority and makes 'A' the number.  The program, which has 2048
; bytes of its own, by DAT, extracts it and prints "hello, space A" by SVC 1, a character in register
; 2 at a time; when it exits by SVC 0 the supervisor prints "bye" and halts with status 0, or with
; status 1 if another interruption comes.  Under a monitor that gives no authority in the real
; control registers the extraction traps, and nothing differs.  With --map given it runs directly,
; and extracts the number of the monitor's own address space.

	.machine s370-das
	.equ	EC, 0x00080000		; extended-control mode
	.equ	PROBLEM, 0x00010000	; PSW bit 15
	.equ	DAT, 0x04000000		; PSW bit 5
	.equ	TYPEWRITER, 9
	.equ	BUSY, 2			; the mask for condition code 2
	.equ	EQUAL, 8
	.equ	ALWAYS, 15

	; Where the channel and the interruptions look.
	.org	72
	.word	ccw			; the channel address word
	.org	96
	.word	EC, call		; new PSW of SVC
	.org	104
	.word	EC, wrong		; of a program interruption
	.equ	OLD_SVC, 32
	.equ	SVC_CODE, 139

	.org	0x200
start:	LCTL	0, 0, authority(G0)
	LCTL	1, 1, table(G0)
	LCTL	4, 4, space(G0)
	LPSW	program(G0)

	.align	8
program:
	.word	DAT | EC | PROBLEM, 0
authority:
	.word	1 << 31 - 4		; extraction authority
space:	.word	'A'
table:	.word	0 << 24 | task		; one block of 2048 bytes

call:	CLI	SVC_CODE(G0), 1
	BC	EQUAL, print(G0, G0)
	CLI	SVC_CODE(G0), 0
	BC	EQUAL, exit(G0, G0)
wrong:	DIAG	1(G0)

print:	BAL	G14, putc(G0, G0)
	LPSW	OLD_SVC(G0)

exit:	LA	G3, farewell(G0, G0)
more:	LA	G2, 0(G0, G0)
	IC	G2, 0(G3, G0)
	LTR	G2, G2
	BC	EQUAL, halt(G0, G0)
	BAL	G14, putc(G0, G0)
	LA	G3, 1(G3, G0)
	BC	ALWAYS, more(G0, G0)
halt:	DIAG	0(G0)

; Prints the character in register 2, and returns to register 14.
putc:	STC	G2, byte(G0, G0)
again:	SIO	TYPEWRITER(G0)
	BC	BUSY, again(G0, G0)
	BCR	ALWAYS, G14

	.align	8
ccw:	.word	0x01000000 | byte, 1	; write one byte
byte:	.byte	0

farewell:
	.asciz	"bye\n"

	.org	0x800
task:	EPAR	G4
	STC	G4, number - task(G0, G0)
	LA	G3, greeting - task(G0, G0)
next:	LA	G2, 0(G0, G0)
	IC	G2, 0(G3, G0)
	LTR	G2, G2
	BC	EQUAL, done - task(G0, G0)
	SVC	1
	LA	G3, 1(G3, G0)
	BC	ALWAYS, next - task(G0, G0)
done:	SVC	0

greeting:
	.ascii	"hello, space "
number:	.byte	0
	.asciz	"\n"
