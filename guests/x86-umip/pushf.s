; pushf.s: a program in ring 3 reads EFLAGS, on the x86-umip: UMIP does not cover PUSHF.
;
; Prints IF and IOPL as PUSHF shows them: 0, interrupts disabled, on the machine; under either
; monitor 200, for the real machine must keep interrupts enabled.

	.machine x86-umip
	.include "../x86/tables.s"

	.org	0x1000
start:	CALL	set_tables
	MOV	R1, 0x174		; SYSENTER_CS_MSR: 8, so that ring 3 has 0x18 and 0x20
	MOV	R0, 8
	WRMSR
	MOV	R2, 0
	MOV	R1, BOUND
	SYSEXIT

print:	AND	R0, 0x3200
	CALL	putx
	POWEROFF 0

ended:
wrong:	POWEROFF 1

	.include "../x86/print.s"

	.org	BASE
program:
	PUSHF
	POP	R0
	INT	48
