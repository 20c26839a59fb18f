; spl.s: an instruction that does nothing outside of kernel mode instead of trapping.
;
; Sets the priority to 5 by SPL and looks into the PSW; prints "priority 5" on the machine.
; Under a vmm monitor SPL finds the real machine in user mode and does nothing: "priority 0".
; A hybrid monitor interprets it.

	.machine pdp11
	.equ	PSW, 0xfffe
	.equ	PRINTER_STATUS, 0xff74
	.equ	PRINTER_READY, 0x80
	.equ	PRINTER, 0xff76
	.equ	PRIORITY, 7 << 5

	.org	0x100
start:	SPL	5
	MOV	@#PSW, R0
	MOV	#five, R3
	BIT	#PRIORITY, R0
	BNE	puts
	MOV	#zero, R3

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

five:	.asciz	"priority 5\n"
zero:	.asciz	"priority 0\n"
