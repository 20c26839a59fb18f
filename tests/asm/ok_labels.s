; units 3: 3 3 4
; symbol _a.b$ = 3 label
; symbol b = 3 label
; symbol c = 4 label
; symbol C = 5 label
; symbol unit = 10 label
	.machine pg
	.org 3
_a.b$: b : .word b
c:
	.word _a.b$
C : .word c
	.org 16
unit: ; nothing stands here
