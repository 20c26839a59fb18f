; iret.s: IRET from ring 0 to ring 3, on the x86: unprivileged, sensitive, and not on Robin and
; Irvine's list.
;
; Prints CS as a program that was entered by IRET sees it: 1b, RPL 3, on the machine.  Under a
; vmm monitor IRET runs in ring 3 and finds a return to the same ring: it pops no stack and
; leaves virtual ring 0 where it was.  A hybrid monitor interprets it.

	.machine x86
	.include "tables.s"

	.org	0x1000
start:	CALL	set_tables
	MOV	R0, USER_DATA		; what IRET pops: EIP CS EFLAGS ESP SS
	PUSH	R0
	MOV	R0, BOUND
	PUSH	R0
	MOV	R0, 0
	PUSH	R0
	MOV	R1, USER_CODE
	PUSH	R1
	PUSH	R0
	IRET

print:	MOV	R0, 4(R4)		; CS in the program's frame
	CALL	putx
	POWEROFF 0

ended:
wrong:	POWEROFF 1

	.include "print.s"

	.org	BASE
program:
	INT	48
