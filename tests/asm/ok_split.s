; units 2000: 80 80 20 0  88 80 41 80  80 0 0 80  fc 0 0 7e
; units 2010: 0 81 62 40  78 81 62 3e  f8 81 3 7e  88 81 3 4
; symbol back = 2000 label
	.machine split
	.org 0x2000
back:	BEQ R1, R2, back
	BEQ R3, R4, 0x1006
	BEQ R0, R0, . - 4096
	BEQ R0, R0, . + 4094
	SW R5, -512(R6)
	SW R5, 511(R6)
	LI R7, 0x3ff
	LI R7, 0b0001000010
