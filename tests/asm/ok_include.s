; units 0: 1 7 2 7 3
; symbol SEVEN = 7
	.machine pg
	.word 1
	.include "inc/seven.s"
	.word 2
	.include "inc/again.s"
	.word 3
