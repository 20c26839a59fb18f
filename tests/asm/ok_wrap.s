; units 0: 390ffffe
; units fffffffe: 39000002 39000000
; symbol top = fffffffe label
	.machine pg
	BR top ; two back, around the end of the addresses
	.org 0xfffffffe
top:	BR 0
	BR .
