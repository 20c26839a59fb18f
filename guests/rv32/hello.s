; hello.s: firmware, a supervisor and a program, one in each mode of the rv32.
;
; The program, in U mode, prints "hello from user mode" by ECALL for each character, and ends by
; another.  The calls are delegated to the supervisor in S mode, which passes them on to the
; firmware in M mode by ECALL: only there is the console.  Then the firmware prints "bye" and
; halts with status 0.  Any other trap halts with status 1.
;
; Registers, as by the calling convention: x1 ra, x2 sp, x5 t0, x6 t1, x10 a0, x17 a7.

	.machine rv32
	.equ	CON_DATA, 0
	.equ	CON_STATUS, 1
	.equ	OUTPUT_READY, 2
	.equ	SSTATUS, 0x100
	.equ	STVEC, 0x105
	.equ	SEPC, 0x141
	.equ	SCAUSE, 0x142
	.equ	MSTATUS, 0x300
	.equ	MEDELEG, 0x302
	.equ	MTVEC, 0x305
	.equ	MEPC, 0x341
	.equ	MCAUSE, 0x342
	.equ	MBASE, 0x7c0
	.equ	MBOUND, 0x7c1
	.equ	ECALL_U, 8		; causes
	.equ	ECALL_S, 9
	.equ	PUT, 1			; what a7 asks for
	.equ	BASE, 0x1000		; what S and U mode have of storage
	.equ	BOUND, 0x1000

	; ---- the firmware, in M mode
start:	addi	x5, x0, firmware
	csrrw	x0, MTVEC, x5
	addi	x5, x0, 1 << ECALL_U
	csrrw	x0, MEDELEG, x5
	lui	x5, BASE >> 12
	csrrw	x0, MBASE, x5
	lui	x5, BOUND >> 12
	csrrw	x0, MBOUND, x5
	lui	x5, 1			; MPP: S mode
	srli	x5, x5, 1
	csrrw	x0, MSTATUS, x5
	csrrw	x0, MEPC, x0		; 0 of its storage
	mret

firmware:
	csrrs	x5, MCAUSE, x0
	addi	x6, x0, ECALL_S
	bne	x5, x6, wrong
	addi	x6, x0, PUT
	bne	x17, x6, finish
	jal	x1, putc
	csrrs	x5, MEPC, x0
	addi	x5, x5, 4
	csrrw	x0, MEPC, x5
	mret

finish:	addi	x11, x0, bye
next_of_bye:
	lbu	x10, 0(x11)
	beq	x10, x0, end
	jal	x1, putc
	addi	x11, x11, 1
	jal	x0, next_of_bye
end:	poweroff 0
wrong:	poweroff 1

; A byte written while the console is busy is lost, so wait.  Prints a0, changes t0.
putc:	in	x5, CON_STATUS
	andi	x5, x5, OUTPUT_READY
	beq	x5, x0, putc
	out	x10, CON_DATA
	jalr	x0, 0(x1)

bye:	.asciz	"bye\n"

	; ---- the supervisor, in S mode, and the program, in U mode
	.org	BASE
kernel:	addi	x5, x0, calls - kernel
	csrrw	x0, STVEC, x5
	addi	x5, x0, program - kernel
	csrrw	x0, SEPC, x5
	sret				; SPP is 0 after a reset: U mode

calls:	ecall				; the program's registers are as they should be
	csrrs	x5, SEPC, x0
	addi	x5, x5, 4
	csrrw	x0, SEPC, x5
	sret

program:
	addi	x11, x0, hello - kernel
	addi	x17, x0, PUT
next:	lbu	x10, 0(x11)
	beq	x10, x0, done
	ecall
	addi	x11, x11, 1
	jal	x0, next
done:	addi	x17, x0, 0
	ecall

hello:	.asciz	"hello from user mode\n"
