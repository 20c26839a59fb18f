; sgdt.s: a program in ring 3 reads where the descriptor table is, on the x86.
;
; Prints the base that SGDT stores: 100 on the machine.  Under either monitor ring 3 runs
; directly, and SGDT stores the register of the real machine, which is the monitor's.

	.machine x86
	.include "tables.s"

	.org	0x1000
start:	CALL	set_tables
	MOV	R1, 0x174		; SYSENTER_CS_MSR: 8, so that ring 3 has 0x18 and 0x20
	MOV	R0, 8
	WRMSR
	MOV	R2, 0
	MOV	R1, BOUND
	SYSEXIT

print:	CALL	putx			; what the program has in R0
	POWEROFF 0

ended:
wrong:	POWEROFF 1

	.include "print.s"

	.org	BASE
program:
	SUB	R4, 8
	SGDT	0(R4)
	MOV	R0, 2(R4)
	INT	48
