; units 0: e 14 1 ffffffff 3 2 fffffffe fffffffe 18 6 1
; units b: 1 e f d 55 ff ffffffff f 7 5c 27 21 80000000
; symbol later = 7
; symbol x = 8
	.machine pg
	.word 2 + 3 * 4, (2 + 3) * 4, 7 / 4, -(7 / 4), 7 % 4, 8 / (1 + 3)
	.word -5 / 2, -9 / 4 , 3 << 3, 0xff & 6, 12 >> 3
	.word 0x9 & 5 | 0, 6 | 8, 9 ^ 6, 1 | 2 << 2 ^ 5
	.word 0x55, ~0 & 0xff, ~0, ., later, '\\', '\'', ' ' | 1, 1 << 31
later = x - 1
x = 2 * 4
