; expect: 15:15: the value is out of range: 32768, but it can be -32768 to 32767
; expect: 16:15: the value is out of range: -32769, but it can be -32768 to 32767
; expect: 17:6: the value is out of range: -1, but it can be 0 to 65535
; expect: 18:6: the value is out of range: 0x10000, but it can be 0 to 65535
; expect: 19:10: there is no register G16 here: G0 to G15
; expect: 20:6: there is no register G-1 here: G0 to G15
; expect: 21:14: the distance is out of range: 32768, but it can be -32768 to 32767
; expect: 22:5: the distance is out of range: 0x80000, but it can be -0x80000 to 0x7ffff
; expect: 23:14: -1 is not an address of this machine
; expect: 24:8: 0x100000000 does not fit 32 bits: -0x80000000 to 0xffffffff
; expect: 25:11: -0x80000001 does not fit 32 bits: -0x80000000 to 0xffffffff
; expect: 26:8: 256 does not fit 8 bits: -128 to 255
; expect: 27:15: 0x100000000 does not fit 32 bits: -0x80000000 to 0xffffffff
	.machine pg
	ADDI G1, G2, 32768
	ADDI G1, G2, -32769
	SVC -1
	SVC 65536
	ADDI G1,G16, 0
	RET G[-1]
	BEQ G1, G2, . + 32768
	BR . + 0x80000
	BEQ G1, G2, -1
	.word 0x100000000
	.word 1, -0x80000001
	.byte 256
	.deposit G1, 0x100000000
