; hello.s: a kernel in kseg0 that runs one user program in kuseg, on the mips32-bench.
;
; The program, in user mode at the virtual address 0, prints "hello from user mode" by SYSCALL
; for each character, and ends by another.  Its page comes into the TLB when it is first missed.
; Then the kernel prints "bye" and halts with status 0.  Any other exception halts with status 1.
;
; Registers, as by custom: R2 v0, R4 a0, R26 and R27 the kernel's, R31 ra.  Labels count places in
; storage; the kernel finds them from 0x80000000 on.  After a reset execution begins at 0x80000400.

	.machine mips32-bench
	.equ	DEVICES, 0xbf00		; in kseg1: the high half of their address
	.equ	CON_DATA, 0
	.equ	CON_PRINTER, 12
	.equ	POWER, 0x200
	.equ	OUTPUT_READY, 2
	.equ	ENTRYLO0, 2		; registers of CP0
	.equ	ENTRYLO1, 3
	.equ	STATUS, 12
	.equ	CAUSE, 13
	.equ	EPC, 14
	.equ	SYSCALL, 8		; a cause
	.equ	PUT, 1			; what v0 asks for
	.equ	PAGE, 0x1000		; where the program's page is in storage

	.org	0			; no entry in the TLB: a global page that may be written, and none
	addiu	R26, R0, PAGE >> 6 | 0x1f
	mtc0	R26, ENTRYLO0, 0
	addiu	R26, R0, 1
	mtc0	R26, ENTRYLO1, 0
	tlbwr
	eret

	.org	0x180			; any other exception
	mfc0	R26, CAUSE, 0
	andi	R26, R26, 0x7c
	addiu	R26, R26, -4 * SYSCALL
	bne	R26, R0, wrong
	addiu	R27, R0, PUT
	bne	R2, R27, ended
	sll	R0, R0, 0
	jal	putc
	sll	R0, R0, 0
	mfc0	R27, EPC, 0
	addiu	R27, R27, 4
	mtc0	R27, EPC, 0
	eret

	.org	0x400
	mtc0	R0, EPC, 0
	addiu	R26, R0, 0x12		; EXL, and below it user mode
	mtc0	R26, STATUS, 0
	eret

ended:	lui	R5, 0x8000
	ori	R5, R5, bye
puts:	lbu	R4, 0(R5)
	beq	R4, R0, end
	addiu	R5, R5, 1
	jal	putc
	sll	R0, R0, 0
	beq	R0, R0, puts
end:	sll	R0, R0, 0
	lui	R27, DEVICES
	sw	R0, POWER(R27)
wrong:	lui	R27, DEVICES
	addiu	R26, R0, 1
	sw	R26, POWER(R27)

; A byte written while the console is busy is lost, so wait.  Prints a0, changes R26 and R27.
putc:	lui	R27, DEVICES
busy:	lw	R26, CON_PRINTER(R27)
	andi	R26, R26, OUTPUT_READY
	beq	R26, R0, busy
	sll	R0, R0, 0
	jr	R31
	sw	R4, CON_DATA(R27)

bye:	.asciz	"bye\n"

	.org	PAGE
program:
	addiu	R16, R0, hello - program
	addiu	R2, R0, PUT
next:	lbu	R4, 0(R16)
	beq	R4, R0, done
	addiu	R16, R16, 1
	syscall	0
	beq	R0, R0, next
	sll	R0, R0, 0
done:	addiu	R2, R0, 0
	syscall	0

hello:	.asciz	"hello from user mode\n"
