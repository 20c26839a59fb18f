; units 0: 0 0 6  ff 1f 8  ff f 9  5 60 e  3 e0 e  b 80 10
; units 12: fd 1f 15  ff f 15  e7 ff 1b  f7 ff 1b  0 10 1f  2 0 1f
; units 24: ff 1f 23  f0 1f 24  0 0 29  3 40 2d  0 0 0
; units 33: 34 12 ff ff 61 0 62
; symbol back = 12 label
	.machine bytes
	MOV R2, S10             ; the first form that fits
	MOV R0, -1
	mov r1, 4095
	MOV R2, [S13 + 5]
	MOV R2, [ s1[7] + 2+1 ]
	MOV [0xa+1 +  S14], R0  ; text that could continue the expression
back:	B R1, back
	B R1, . + 3 + 4095
	JMP 0xffff
	JMP back
	STEP R3, -16384
	STEP R3, 8
	PAGE R3, 65528
	FAR.L . - 0x20
	SWAP R1
	PLAIN R1, 2, 3
	NOP
	.word 0x1234, -1
	.asciz "a"
	.ascii "b"
