; expect: 11:11: the value is out of range: 5000, but it can be -4096 to 4095
; expect: 12:11: there is no register S18 here: S10 to S17
; expect: 13:11: R1 is a register, but a value is expected here
; expect: 14:17: the value is out of range: 8192, but it can be 0 to 8191
; expect: 15:16: ']' is expected here: MOV {a}, [{b} + {imm}]
; expect: 16:12: the value must be a multiple of 4: the field 'imm' has no place for the lower bits
; expect: 17:12: the value is out of range: 0x10000, but it can be -32768 to 65528
; expect: 18:9: the distance must be a multiple of 2: the field 'imm' has no place for the lower bits
; expect: 19:10: ',' is expected here: PLAIN {a}, {b}, {imm}
	.machine bytes
	MOV R1,  5000
	MOV R1,  S18
	MOV R1,  R1
	MOV R1, [S1[1]+8192]
	MOV R1, [S11+5
	STEP R1,  6
	PAGE R1,  0x10000
	FAR.L  . + 1
	PLAIN R1
