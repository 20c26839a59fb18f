; hello.s: a kernel, and a program in user mode that prints by traps.
;
; The program has a space of its own.  It prints "hello, world" by TRAP, a character in R0 at a
; time; when it exits the kernel prints "bye" and halts with status 0, or with status 1 if
; another trap comes.  The kernel enters user mode by a store to the PSW, which traps where it is
; not allowed, and keeps away from RTI, RTT, SPL, RESET, WAIT, MFPI and MTPI, which do not: so
; the guest is the same under every monitor.

	.machine pdp11
	.equ	PSW, 0xfffe
	.equ	UISAR, 0xffa0		; the user's segment: where it begins
	.equ	UISDR, 0xff80		; and its size
	.equ	PRINTER_STATUS, 0xff74
	.equ	PRINTER_READY, 0x80
	.equ	PRINTER, 0xff76
	.equ	USER_MODE, 0xf000	; a PSW: user mode, now and before
	.equ	SPACE, 0x800
	.equ	EXIT, 0			; services, in R4
	.equ	PRINT, 1

	.org	4			; vectors: PC and PSW
	.word	wrong, 0
	.word	wrong, 0
	.org	28
	.word	service, 0
	.org	168
	.word	wrong, 0

	.org	0x100
start:	MOV	#SPACE, R0
	MOV	R0, @#UISAR
	MOV	#0x400, R0
	MOV	R0, @#UISDR
	MOV	#program - SPACE, R1
	MOV	#USER_MODE, R2

; Goes on at R1 with the PSW in R2.  The instruction behind this one is fetched in user mode.
go:	MOV	R2, @#PSW

wrong:	MOV	#1, R0
	HALT

service:
	CMP	R4, #EXIT
	BEQ	exit
	CMP	R4, #PRINT
	BNE	wrong
	JSR	PC, putc
	MOV	(SP)+, R1
	MOV	(SP)+, R2
	BR	go

exit:	MOV	#farewell, R3
more:	MOVB	0(R3), R0
	BEQ	stop
	JSR	PC, putc
	ADD	#1, R3
	BR	more
stop:	MOV	#0, R0
	HALT

; Prints the character in R0 when the printer is ready; changes R5.
putc:	MOV	@#PRINTER_STATUS, R5
	BIT	#PRINTER_READY, R5
	BEQ	putc
	MOV	R0, @#PRINTER
	RTS	PC

farewell:
	.asciz	"bye\n"

	.org	SPACE + go + 4		; where the program begins to run
	JMP	0(R1)
program:
	MOV	#PRINT, R4
	MOV	#greeting - SPACE, R3
next:	MOVB	0(R3), R0
	BEQ	done
	TRAP	0
	ADD	#1, R3
	BR	next
done:	MOV	#EXIT, R4
	TRAP	0

greeting:
	.asciz	"hello, world\n"
