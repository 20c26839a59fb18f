; clock.s: a program in U mode reads the time, on the rv32.
;
; Prints the time in units, to the base 16: the same on the machine and under both monitors, as the
; real mcounteren is 0 and the reading traps.  With --map clock the real machine lets user mode
; read its counters where the guest's mcounteren does, and under either monitor the program sees
; the real machine's time.

	.machine rv32
	.equ	CON_DATA, 0
	.equ	CON_STATUS, 1
	.equ	OUTPUT_READY, 2
	.equ	SCOUNTEREN, 0x106
	.equ	MTVEC, 0x305
	.equ	MCOUNTEREN, 0x306
	.equ	MEPC, 0x341
	.equ	MBOUND, 0x7c1
	.equ	TIME, 0xc01

start:	addi	x5, x0, firmware
	csrrw	x0, MTVEC, x5
	addi	x5, x0, -1
	csrrw	x0, MBOUND, x5		; U mode has all of storage
	csrrw	x0, MCOUNTEREN, x5
	csrrw	x0, SCOUNTEREN, x5
	addi	x5, x0, program
	csrrw	x0, MEPC, x5
	mret				; MPP is 0 after a reset: U mode

program:
	csrrs	x10, TIME, x0
	ecall

firmware:				; a0 in hexadecimal, the end of the line, and halt
	addi	x12, x0, 28
digit:	srl	x11, x10, x12
	andi	x11, x11, 15
	addi	x5, x0, 10
	blt	x11, x5, decimal
	addi	x11, x11, 'a' - '0' - 10
decimal:
	addi	x11, x11, '0'
	jal	x1, putc
	addi	x12, x12, -4
	bge	x12, x0, digit
	addi	x11, x0, '\n'
	jal	x1, putc
	poweroff 0

; A byte written while the console is busy is lost, so wait.  Prints a1, changes t0.
putc:	in	x5, CON_STATUS
	andi	x5, x5, OUTPUT_READY
	beq	x5, x0, putc
	out	x11, CON_DATA
	jalr	x0, 0(x1)
