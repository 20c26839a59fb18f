; rei.s: REI changes the mode without a trap.
;
; Goes to user mode by REI and asks, by CHMK, what mode the exception found: "user" on the
; machine.  Under a vmm monitor REI goes from the real machine's user mode to user mode; the
; virtual machine stays in kernel mode, and the exception finds "kernel".  A hybrid monitor
; interprets it.

	.machine vax
	.equ	TXCS, 34		; processor registers
	.equ	TXDB, 35
	.equ	READY, 0x80		; of TXCS

	.org	0x40			; the vector of CHMK
	.word	service

	.org	0x200
start:	MOVAL	@#user_mode, R2
	MOVL	0(R2), R1
	PUSHL	R1
	MOVAL	@#program, R1
	PUSHL	R1
	REI
program:
	CHMK	#0

service:
	MOVAL	@#mode_bits, R2
	MOVL	0(R2), R1
	MOVAL	@#user, R3
	MOVL	8(R14), R0		; the PSL that the exception pushed
	BITL	R0, R1
	BNEQ	puts
	MOVAL	@#kernel, R3

; Prints from R3 on, and halts.
puts:	MOVL	#READY, R2
next:	MOVZBL	0(R3), R0
	BEQL	stop
wait:	MFPR	#TXCS, R1
	BITL	R2, R1
	BEQL	wait
	MTPR	R0, #TXDB
	ADDL	#1, R3
	BRB	next
stop:	MOVL	#0, R0
	HALT

	.align	4
user_mode:
	.word	3 << 24 | 3 << 22	; a PSL: user mode, and before
mode_bits:
	.word	3 << 24
kernel:	.asciz	"kernel\n"
user:	.asciz	"user\n"
