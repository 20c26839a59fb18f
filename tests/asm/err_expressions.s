; expect: 20:7: a value is missing here
; expect: 21:10: a value is missing here
; expect: 22:12: ')' is missing here
; expect: 23:10: the statement should end here
; expect: 24:8: this is not a number: 10, 0x1f and 0b101 are
; expect: 25:8: this is not a number: 10, 0x1f and 0b101 are
; expect: 26:8: this is not a number: 10, 0x1f and 0b101 are
; expect: 27:8: the number does not fit 64 bits
; expect: 28:27: the value does not fit 64 bits
; expect: 29:10: a shift is by 0 to 64 bits
; expect: 30:10: a shift is by 0 to 64 bits
; expect: 31:10: division by zero
; expect: 32:10: division by zero
; expect: 33:8: one character is expected between apostrophes: 'a'
; expect: 34:8: one character is expected between apostrophes: 'a'
; expect: 35:9: there is no escape '\q'
; expect: 36:9: this escape is not a character: \x41 or \101 is
; expect: 37:8: a value is missing here
	.machine pg
	.word
	.word 1,
	.word (1+2
	.word 1 2
	.word 12ab
	.word 0x
	.word 0b2
	.word 99999999999999999999
	.word 0xffffffffffffffff + 1
	.word 1 << 65
	.word 1 >> -1
	.word 1 / 0
	.word 1 % (2 - 2), 3 % (1-1)
	.word 'ab'
	.word ''
	.word '\q'
	.word '\777'
	.word "text"
