; mc.s: MONITOR CALL, which interrupts or does nothing as control register 8 says.
;
; The supervisor masks class 3 in and calls; prints "event" on the machine.  A monitor that
; keeps control register 8 to itself (--map paper) lets MC run directly, and the real register
; decides: "no event" if its mask is 0.  With the first map the guest's masks are the real ones.

	.machine s370
	.equ	EC, 0x00080000		; extended-control mode
	.equ	PROBLEM, 0x00010000	; PSW bit 15
	.equ	TYPEWRITER, 9
	.equ	BUSY, 2			; the mask for condition code 2
	.equ	EQUAL, 8
	.equ	ALWAYS, 15
	.equ	MONITOR_EVENT, 0x40
	.equ	PROGRAM_CODE, 143

	.org	72
	.word	ccw			; the channel address word
	.org	96
	.word	EC, none		; new PSW of SVC
	.org	104
	.word	EC, program_check	; of a program interruption

	.org	0x200
start:	LCTL	8, 8, masks(G0)
	LPSW	program(G0)

task:	MC	0(G0), 3
	SVC	0

program_check:
	LA	G3, event(G0, G0)
	CLI	PROGRAM_CODE(G0), MONITOR_EVENT
	BC	EQUAL, puts(G0, G0)
	DIAG	1(G0)
none:	LA	G3, no_event(G0, G0)
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

	.align	8
masks:	.word	1 << 15 - 3, 0
program:
	.word	EC | PROBLEM, task
ccw:	.word	0x01000000 | byte, 1	; write one byte
byte:	.byte	0

no_event:
	.ascii	"no "
event:	.asciz	"event\n"
