; echo.s: prints back what it reads, driven by interrupts.
;
; Input: any bytes.  Prints the same bytes; halts with status 0 at the end of input.
;
; Between two bytes there is nothing to do, so the program waits, with interrupts enabled.
; An interrupt may come at any moment from SIE on: also just before WAIT, and who then
; returned to WAIT would sleep with that byte already dealt with, and perhaps for ever.  So
; the handler never returns to where the trap came from; it takes one byte and starts to wait
; anew.

	.machine pg

; The new PSW, loaded by every trap: M, P, L, B, IE, TIMER.
	.org	8
	.word	0, trapped, 0		; supervisor mode, at `trapped`, not relocated
new_bound:
	.word	0			; the storage's size: filled in at the start
	.word	0, 0			; interrupts disabled, timer off

; A trap stores the old one in storage at 0 to 7, with the trap's number in OLD_KIND.
	.equ	OLD_KIND, 6
	.equ	DEVICE_TRAP, 5

	.org	16
start:	ST	G1, new_bound(G0)	; after a reset G1 holds the storage's size
	LA	G2, ON_INPUT(G0)
	OUT	G2, CON_CONTROL		; interrupt when a byte is ready, or none will come
sleep:	SIE	1
wait:	WAIT
	BR	wait

trapped:
	LD	G2, OLD_KIND(G0)
	LA	G3, DEVICE_TRAP(G0)
	BNE	G2, G3, wrong		; nothing else may trap here
	IN	G4, CON_STATUS
	ANDI	G5, G4, INPUT_READY
	BEQ	G5, G0, no_byte
	IN	G2, CON_DATA
	CALL	G13, putc
	BR	sleep
no_byte:
	ANDI	G5, G4, INPUT_END
	BEQ	G5, G0, sleep
	HALT	0

wrong:	HALT	1

	.include "lib/print.s"
