; expect: 5:11: cannot read '
; expect: 1:11: 
; expect: 7:10: a text in quotes is expected here
	.machine pg
	.include "inc/none.s"
	.include "inc/loop.s"
	.include
