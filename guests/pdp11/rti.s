; rti.s: a return from interrupt that cannot lower the mode outside of kernel mode, and says
; nothing about it.
;
; Enters supervisor mode by RTI and asks, by a trap, what mode the trap found: "supervisor" on the
; machine.  Under a vmm monitor RTI runs directly, and changes no mode, since the real machine is
; in user mode: the virtual machine stays in kernel mode, and the trap finds "kernel".  A hybrid
; monitor interprets it.

	.machine pdp11
	.equ	PSW, 0xfffe
	.equ	PRINTER_STATUS, 0xff74
	.equ	PRINTER_READY, 0x80
	.equ	PRINTER, 0xff76
	.equ	SISDR, 0xf480		; the size of the supervisor's space
	.equ	SUPER_MODE, 0x4000	; a PSW: supervisor mode, from kernel mode
	.equ	PREVIOUS, 0x3000

	.org	28			; the vector of TRAP: PC and PSW
	.word	trapped, 0

	.org	0x100
start:	MOV	#0x400, R0
	MOV	R0, @#SISDR
	MOV	#SUPER_MODE, R0
	MOV	R0, -(SP)
	MOV	#program, R0
	MOV	R0, -(SP)
	RTI
program:
	TRAP	0

trapped:
	MOV	@#PSW, R0
	MOV	#supervisor, R3
	BIT	#PREVIOUS, R0
	BNE	puts
	MOV	#kernel, R3

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

supervisor:
	.asciz	"supervisor\n"
kernel:	.asciz	"kernel\n"
