; mfpi.s: MFPI, Popek and Goldberg's example (1974, section 3) of an instruction that forms its
; address by the mode.
;
; The kernel puts a word where the supervisor's space begins, enters user mode by way of
; supervisor mode, so that this is the previous mode, and there reads it by MFPI: "right" on the
; machine.  Under either monitor user mode runs directly, and MFPI reads through the real
; machine's previous mode, which is the monitor's: "wrong".

	.machine pdp11
	.equ	PSW, 0xfffe
	.equ	PRINTER_STATUS, 0xff74
	.equ	PRINTER_READY, 0x80
	.equ	PRINTER, 0xff76
	.equ	SISAR, 0xf4a0		; the supervisor's space: where it begins
	.equ	SISDR, 0xf480		; and its size
	.equ	UISDR, 0xff80		; the user's; it begins at 0
	.equ	SPACE, 0x400
	.equ	USER_MODE, 0xd000	; a PSW: user mode, from supervisor mode

	.org	28			; the vector of TRAP: PC and PSW
	.word	trapped, 0
	.org	168			; of a memory management abort
	.word	aborted, 0

	.org	0x100
start:	MOV	#SPACE, R0
	MOV	R0, @#SISAR
	MOV	#2, R0
	MOV	R0, @#SISDR
	MOV	#0x400, R0
	MOV	R0, @#UISDR
	MOV	#USER_MODE, R0
	MOV	R0, @#PSW
	MOV	#0x200, R6		; in user mode from here on
	MOV	#0, R2
	MFPI	0(R2)
	MOV	(SP)+, R1
	TRAP	0

trapped:
	MOV	#right, R3
	CMP	R1, #1974
	BEQ	puts
aborted:
	MOV	#wrong, R3

; Prints from R3 on, and halts.
puts:	MOVB	0(R3), R0
	BEQ	stop
putc:	MOV	@#PRINTER_STATUS, R5
	BIT	#PRINTER_READY, R5
	BEQ	putc
	MOV	R0, @#PRINTER
	ADD	#1, R3
	BR	puts
stop:	MOV	#0, R0
	HALT

right:	.asciz	"right\n"
wrong:	.asciz	"wrong\n"

	.org	SPACE
	.word	1974
