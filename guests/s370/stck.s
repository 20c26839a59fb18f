; stck.s: the time of day, which STORE CLOCK shows to every program.
;
; The supervisor sets the clock to 0; the program, in the problem state, stores it.  Prints
; "early" on the machine.  Under either monitor the supervisor sets a virtual clock, but the
; program runs directly and stores the real one: "late".  With --map clock, where the real
; clock holds the guest's time, both print "early".

	.machine s370
	.equ	EC, 0x00080000		; extended-control mode
	.equ	PROBLEM, 0x00010000	; PSW bit 15
	.equ	TYPEWRITER, 9
	.equ	BUSY, 2			; the mask for condition code 2
	.equ	EQUAL, 8
	.equ	ALWAYS, 15

	.org	72
	.word	ccw			; the channel address word
	.org	96
	.word	EC, call		; new PSW of SVC
	.org	104
	.word	EC, wrong		; of a program interruption

	.org	0x200
start:	SCK	zero(G0)
	LPSW	program(G0)

task:	STCK	clock(G0)
	SVC	0

call:	LA	G3, early(G0, G0)
	L	G2, clock(G0, G0)
	LTR	G2, G2
	BC	EQUAL, puts(G0, G0)
	LA	G3, late(G0, G0)
puts:	LA	G2, 0(G0, G0)
	IC	G2, 0(G3, G0)
	LTR	G2, G2
	BC	EQUAL, halt(G0, G0)
	STC	G2, byte(G0, G0)
again:	SIO	TYPEWRITER(G0)
	BC	BUSY, again(G0, G0)
	LA	G3, 1(G3, G0)
	BC	ALWAYS, puts(G0, G0)
halt:	DIAG	0(G0)
wrong:	DIAG	1(G0)

	.align	8
zero:	.word	0, 0
clock:	.word	0, 0
program:
	.word	EC | PROBLEM, task
ccw:	.word	0x01000000 | byte, 1	; write one byte
byte:	.byte	0

early:	.asciz	"early\n"
late:	.asciz	"late\n"
