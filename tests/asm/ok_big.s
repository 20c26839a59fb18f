; units 0: 7 e0 ff ff  8 22 80 0  c 22 0 4  c 22 ff fc  10 60 ff fb  17 ff ff ff  18 22 0 0
; units 1c: ff ff ff ff ff ff ff ff  80 0 0 0 0 0 0 0  1 23 45 67 89 ab cd ef
; units 34: 1 0 0 0 61 62
; units ffffffffffffffff: 7
; symbol top = ffffffffffffffff label
; symbol all = ffffffffffffffff
	.machine big
	LI X31, 65535
	ADDI X1, X2, -32768
	LD X1, 4 (X2)
	LD X1,-4(X2)
	BZ X3, 0
	J 0x0ffffffc
	SUB X1-=X2
	.word all, 0x8000000000000000, 0x0123456789abcdef
	.byte 1
	.align 4
	.ascii "ab"
	.org 0xffffffffffffffff
top:	.byte 7
all = -1
