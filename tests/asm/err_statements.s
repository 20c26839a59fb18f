; expect: 13:2: there is no directive '.foo'
; expect: 14:2: there is no directive '.'
; expect: 15:2: 'FOO' is not an instruction of pg
; expect: 16:2: '1:' is not an instruction of pg
; expect: 17:2: '@' is not an instruction of pg
; expect: 18:2: 'ADD.L' is not an instruction of pg
; expect: 19:11: '12' is not a register of pg
; expect: 20:11: 'G16' is not a register of pg
; expect: 21:14: ',' and a value are expected here
; expect: 22:14: 'later' is not defined
; expect: 23:7: the statement should end here
	.machine pg
	.foo 1
	.
	FOO G1
	1:
	@
	ADD.L G1
	.deposit 12, 1
	.deposit G16, 1
	.deposit G1 1
	.deposit G1,later
	WAIT 5
