; hello.s: a program that prints by INT 0x21, and the routine that serves it, on the 8086.
;
; Prints "hello, world" and "bye" and halts with status 0.  There is no other mode to run the
; program in: nothing would keep it from the console, or from the routine.

	.machine i8086
	.equ	DATA, 0			; the console's ports
	.equ	STATUS, 1
	.equ	OUTPUT_READY, 2
	.equ	SERVICE, 0x21

	.org	4 * SERVICE		; the vector: IP, then CS
	.word	print

	.org	0x400
start:	MOV	R6, greeting		; SI
next:	MOV	R0, 0			; AX
	LODSB
	CMP	R0, 0
	JE	done
	INT	SERVICE
	JMP	next
done:	MOV	R0, 0
	HLT				; interrupts are disabled: for ever

; Prints the character in AX, when the console is ready.
print:	PUSH	R0
wait:	IN	STATUS
	AND	R0, OUTPUT_READY
	JE	wait
	POP	R0
	OUT	DATA
	IRET

greeting:
	.asciz	"hello, world\nbye\n"
