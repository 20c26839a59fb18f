; expect: 7:7: what begins here takes the addresses 0 to 0, which are in use
; expect: 11:7: what begins here takes the addresses 10 to 13, which are in use
	.machine pg
	.word 1, 2
	.org 12
	.word 0
	.org 0
	.word 1
	.org 13
	.word 1, 2, 3
	.org 10
	.word 1, 2, 3, 4
	.org 11
	.space 0        ; takes nothing
