; prober.s: PROBER asks whether the previous mode may read, which takes the mode and the
; protection: control state, both.
;
; The kernel lets user mode read 1024 bytes, and a program in user mode asks about byte 2048: "no"
; on the machine.  Under either monitor user mode runs directly, and what PROBER is told are the
; monitor's own read limits, not the guest's.

	.machine vax
	.equ	TXCS, 34		; processor registers
	.equ	TXDB, 35
	.equ	READY, 0x80		; of TXCS
	.equ	READ_LIMIT, 64 + 3	; of user mode

	.org	0x40			; the vector of CHMK
	.word	service

	.org	0x200
start:	MOVL	#1024, R1
	MTPR	R1, #READ_LIMIT
	MOVAL	@#user_mode, R2
	MOVL	0(R2), R1
	PUSHL	R1
	MOVAL	@#program, R1
	PUSHL	R1
	REI
program:
	MOVL	#2048, R1
	MOVL	#1, R2
	MOVL	#0, R4
	PROBER	#3, R2, R1
	BEQL	no
	MOVL	#1, R4
no:	CHMK	#0

service:
	MOVAL	@#readable, R3
	CMPL	R4, #1
	BEQL	puts
	MOVAL	@#unreadable, R3

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
readable:
	.asciz	"yes\n"
unreadable:
	.asciz	"no\n"
