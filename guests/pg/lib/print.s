; lib/print.s: printing on the operator's console, for programs in supervisor mode.
;
;	putc	prints the byte in G2					link G13
;	puts	prints the characters from G2 on, up to a zero word	link G15
;	putn	prints the number in G2, signed, in decimal		link G15
;	putu	prints the number in G2, unsigned, in decimal		link G15
;
; To use it, .include this file behind the program's own code and say, for example
;
;	LA	G2, text(G0)
;	CALL	G15, puts
;
; The link is the register that the routine returns by; that of putc is another one, so
; that the others can call it.  They change G2, G3, G4, G5 and the links, and expect 0 in
; G0, as it is after a reset: G0 counts as 0 in an address only, elsewhere its content does.

; The console's registers, as IN and OUT know them.
	.equ	CON_DATA, 0x00
	.equ	CON_STATUS, 0x01
	.equ	CON_CONTROL, 0x02
	.equ	CON_PRINTER, 0x03
	; Bits of the status; the printer has the second one.
	.equ	INPUT_READY, 1
	.equ	OUTPUT_READY, 2
	.equ	INPUT_END, 4
	; Bits of the control register: when to interrupt.
	.equ	ON_INPUT, 1
	.equ	ON_OUTPUT, 2

; A byte written while the printer is busy with the last one is lost, so wait.  The status
; would tell of the input, too, which may not be there yet: whoever asks waits for it.
putc:	IN	G3, CON_PRINTER
	ANDI	G3, G3, OUTPUT_READY
	BEQ	G3, G0, putc
	OUT	G2, CON_DATA
	RET	G13

putn:	BGE	G2, G0, putu
	ADDI	G5, G2, 0		; negative: a minus sign, then what is left of it
	LA	G2, '-'(G0)
	CALL	G13, putc
	SUB	G2, G0, G5

; The digits come out last one first; they are stored from the end of a buffer downwards.
putu:	LA	G4, putu_end(G0)
	LA	G5, 10(G0)
putu_digit:
	REMU	G3, G2, G5
	ADDI	G3, G3, '0'
	ADDI	G4, G4, -1
	ST	G3, 0(G4)
	DIVU	G2, G2, G5
	BNE	G2, G0, putu_digit
	ADDI	G2, G4, 0		; and on to puts, from the first digit

puts:	ADDI	G4, G2, 0
puts_next:
	LD	G2, 0(G4)
	BEQ	G2, G0, puts_end
	CALL	G13, putc
	ADDI	G4, G4, 1
	BR	puts_next
puts_end:
	RET	G15

	.space	10			; 4294967295 has ten digits
putu_end:
	.word	0
