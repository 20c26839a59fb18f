; units 5: 0 0
; symbol _start = 5 label
; symbol start = 6 label
; entry 6
	.machine pg
	.org 5
_start:	.word 0
start:	.word 0
