; hello.s: a supervisor that runs one user program and serves its calls, on the x86.
;
; The program, in ring 3 at 0 of its own storage, prints "hello from user mode" by INT 48 for
; each character in EAX, and ends by INT 49.  Then the supervisor prints "bye" and halts with
; status 0.  Any other interrupt halts with the status 1.
;
; It enters ring 3 by SYSEXIT, which traps outside of ring 0; IRET and RETF do not, and would go
; wrong under a vmm monitor: iret.s.

	.machine x86
	.include "tables.s"

	.org	0x1000
start:	CALL	set_tables
	MOV	R1, 0x174		; SYSENTER_CS_MSR: 8, so that ring 3 has 0x18 and 0x20
	MOV	R0, 8
	WRMSR
	MOV	R2, 0
	MOV	R1, BOUND
enter:	SYSEXIT

wrong:	POWEROFF 1

print:	CALL	putc
	MOV	R2, 0(R4)		; EIP and ESP of the program, from its frame
	MOV	R1, 12(R4)
	ADD	R4, 20
	JMP	enter

ended:	ADD	R4, 20
	MOV	R6, bye
	CALL	puts
	POWEROFF 0

bye:	.asciz	"bye\n"

	.include "print.s"

	.org	BASE
program:
	MOV	R6, hello - program
next:	MOVZX	R0, 0(R6)
	CMP	R0, 0
	JE	done
	INT	48
	ADD	R6, 1
	JMP	next
done:	INT	49

hello:	.asciz	"hello from user mode\n"
