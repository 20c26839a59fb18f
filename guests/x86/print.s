; print.s: printing on the console, in a ring that IOPL allows.
;
;	putc	prints the byte in R0		changes R3
;	puts	prints the text at R6		changes R0, R3, R6
;	putx	prints the number in R0, to the base 16, and ends the line	changes R0, R3, R5, R6

	.equ	CON_DATA, 0
	.equ	CON_STATUS, 1
	.equ	OUTPUT_READY, 2

; A byte written while the console is busy is lost, so wait.
putc:	IN	R3, CON_STATUS
	AND	R3, OUTPUT_READY
	JE	putc
	OUT	CON_DATA, R0
	RET

puts:	MOVZX	R0, 0(R6)
	CMP	R0, 0
	JE	puts_end
	CALL	putc
	ADD	R6, 1
	JMP	puts
puts_end:
	RET

putx:	MOV	R5, R0
	MOV	R6, 8			; digits, the highest first
putx_digit:
	MOV	R0, R5
	SHR	R0, 28
	SHL	R5, 4
	CMP	R0, 10
	JB	putx_decimal
	ADD	R0, 'a' - '0' - 10
putx_decimal:
	ADD	R0, '0'
	CALL	putc
	SUB	R6, 1
	JNE	putx_digit
	MOV	R0, '\n'
	JMP	putc
