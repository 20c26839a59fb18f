; expect: 7:9: 0xffffffff is too large: a program has at most 16777216 units
; expect: 8:9: -1 is too small: at least 0
; expect: 9:9: 0 is too small: at least 1
; expect: 10:9: 0x1000001 is too large: a program has at most 16777216 units
; expect: 12:8: the program is too large: it can have 16777216 units
	.machine pg
	.space 0xffffffff
	.space -1
	.align 0
	.align 16777217
	.space 0x800000
	.space 0x800001
	.space 1        ; told once
