; movpsl.s: MOVPSL shows the mode to everybody.
;
; Prints the mode that it shows in kernel mode: "kernel" on the machine.  Under a vmm monitor it
; is the real machine's: "user".  A hybrid monitor interprets it; but see prober.s.

	.machine vax
	.equ	TXCS, 34		; processor registers
	.equ	TXDB, 35
	.equ	READY, 0x80		; of TXCS

	.org	0x200
start:	MOVPSL	R0
	MOVAL	@#mode_bits, R2
	MOVL	0(R2), R1
	MOVAL	@#kernel, R3
	BITL	R0, R1
	BEQL	puts
	MOVAL	@#user, R3

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
mode_bits:
	.word	3 << 24
kernel:	.asciz	"kernel\n"
user:	.asciz	"user\n"
