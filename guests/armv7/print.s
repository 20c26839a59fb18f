; print.s: printing on the console, in any mode but User.
;
;	putc	prints the byte in R0			changes R3
;	puts	prints the text at R1			changes R0, R1, R3, R12
;	putx	prints the number in R0, to the base 16, and ends the line	changes R0, R1, R2, R3, R12

	.equ	CON_DATA, 0
	.equ	CON_STATUS, 1
	.equ	OUTPUT_READY, 2

; A byte written while the console is busy is lost, so wait.
putc:	IN	R3, #CON_STATUS
	TST	R3, #OUTPUT_READY
	BEQ	putc
	OUT	R0, #CON_DATA
	BX	R14

puts:	MOV	R12, R14
puts_next:
	LDRB	R0, [R1, #0]
	CMP	R0, #0
	BEQ	puts_end
	BL	putc
	ADD	R1, R1, #1
	B	puts_next
puts_end:
	BX	R12

putx:	MOV	R12, R14
	MOV	R1, R0
	MOVW	R2, #8			; digits, the highest first
putx_digit:
	LSR	R0, R1, #28
	LSL	R1, R1, #4
	CMP	R0, #10
	BCC	putx_decimal
	ADD	R0, R0, #'a' - '0' - 10
putx_decimal:
	ADD	R0, R0, #'0'
	BL	putc
	SUB	R2, R2, #1
	CMP	R2, #0
	BNE	putx_digit
	MOVW	R0, #'\n'
	BL	putc
	BX	R12
