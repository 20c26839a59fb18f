; units 4: 9
; symbol n = 4
; symbol m = 3
	.machine pg
m = 3
n = m + 1       ; known already, so .org may use it
	.org n
	.word 9
