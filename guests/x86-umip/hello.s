; hello.s: a supervisor and a program that reads where the descriptor table is, on the x86-umip.
;
; The supervisor leaves UMIP off, so that the program may use SGDT.  It passes what it has read by
; INT 48, and ends by INT 49.  On the machine the supervisor prints 100 and "bye", and under a
; monitor, too: the monitor runs ring 3 with UMIP on, and SGDT comes to it.

	.machine x86-umip
	.include "../x86/tables.s"

	.org	0x1000
start:	CALL	set_tables
	MOV	R1, 0x174		; SYSENTER_CS_MSR: 8, so that ring 3 has 0x18 and 0x20
	MOV	R0, 8
	WRMSR
	MOV	R2, 0
	MOV	R1, BOUND
enter:	SYSEXIT

wrong:	POWEROFF 1

print:	CALL	putx
	MOV	R2, 0(R4)		; EIP and ESP of the program, from its frame
	MOV	R1, 12(R4)
	ADD	R4, 20
	JMP	enter

ended:	ADD	R4, 20
	MOV	R6, bye
	CALL	puts
	POWEROFF 0

bye:	.asciz	"bye\n"

	.include "../x86/print.s"

	.org	BASE
program:
	SUB	R4, 8
	SGDT	0(R4)
	MOV	R0, 2(R4)
	INT	48
	INT	49
