; expect: 13:1: 'a' is defined a second time
; expect: 14:1: 'a' is defined a second time
; expect: 15:7: 'b' is defined a second time
; expect: 16:7: a name is expected here
; expect: 17:8: ',' and a value are expected here
; expect: 18:8: 'nowhere' is not defined
; expect: 19:8: 'gone' is not defined
; expect: 22:7: 'q' is defined by means of itself
; expect: 24:7: a value is missing here
	.machine pg
a:
b = 1
a:	.word 1
a = 2
	.equ b, 2
	.equ 5, 2
	.equ c
	.word nowhere
d =  1+gone
e = d + 1       ; told once
q =  p
p =   q + p
	.word d, p
v =   
