; units 0: 2 ffffffff ffffffff 61 2c 9
; units 8: 68 69 a 0 ff 80 7f 0
; units 10: 41 42 22 0
; units 14: 7 7 7 0 0 0 0 0 0 0 0 0
; units 20: 5 fffffffb 20
; symbol end = 23 label
; symbol five = 5
; symbol minus = fffffffb
; symbol here = 21
	.machine pg
	.word 2, -1, 0xffffffff, 'a', ',', 0b1001
	.ORG 8
	.ascii "hi", "\n\0" // two texts
	.byte 255, -128, 127
	.align 16
	.org 16
	.asciz "\x41\102\""
	.space 3, 7
	.align 0x10
	.align 1
	.word five, minus, .
end:
five = 5
	.equ minus, -five
	.equ here, 0x21
