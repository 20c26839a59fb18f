; hello.s: a kernel, and a program in supervisor mode that prints by CHMK.
;
; The program prints "hello, world", a character in R0 at a time; when it exits the kernel prints
; "bye" and halts with status 0, or with status 1 if another exception comes.  It cannot read or
; write what lies from LIMIT on, where the kernel is.
;
; It runs in supervisor mode for a reason.  REI to user mode does not trap, and a monitor that
; runs the kernel in user mode would never know.  REI to any other mode does, there: user mode
; may not go inward.  So the guest is the same under every monitor.

	.machine vax
	.equ	SSP, 2			; processor registers
	.equ	TXCS, 34
	.equ	TXDB, 35
	.equ	READ_LIMIT, 64 + 2
	.equ	WRITE_LIMIT, 68 + 2
	.equ	READY, 0x80		; of TXCS
	.equ	EXIT, 0			; services
	.equ	PRINT, 1
	.equ	LIMIT, 0x800

	.org	0x10			; the system control block
	.word	wrong, wrong, wrong
	.org	0x20
	.word	wrong
	.org	0x40
	.word	service

	.org	LIMIT
start:	MOVAL	@#LIMIT, R1
	MTPR	R1, #SSP
	MTPR	R1, #READ_LIMIT
	MTPR	R1, #WRITE_LIMIT
	MOVAL	@#supervisor_mode, R2
	MOVL	0(R2), R1
	PUSHL	R1
	MOVAL	@#program, R1
	PUSHL	R1
	REI

supervisor_mode:
	.word	2 << 24 | 2 << 22	; a PSL: supervisor mode, and before

service:
	POPL	R1			; what CHMK said
	CMPL	R1, #EXIT
	BEQL	exit
	CMPL	R1, #PRINT
	BNEQ	wrong
	BSBB	putc
	REI

exit:	MOVAL	@#farewell, R3
more:	MOVZBL	0(R3), R0
	BEQL	stop
	BSBB	putc
	ADDL	#1, R3
	BRB	more
stop:	MOVL	#0, R0
	HALT

wrong:	MOVL	#1, R0
	HALT

; Prints the character in R0 when the transmitter is ready; changes R1 and R2.
putc:	MOVL	#READY, R2
wait:	MFPR	#TXCS, R1
	BITL	R2, R1
	BEQL	wait
	MTPR	R0, #TXDB
	RSB

farewell:
	.asciz	"bye\n"

	.org	0x400
program:
	MOVAL	@#greeting, R3
next:	MOVZBL	0(R3), R0
	BEQL	done
	CHMK	#PRINT
	ADDL	#1, R3
	BRB	next
done:	CHMK	#EXIT

greeting:
	.asciz	"hello, world\n"
