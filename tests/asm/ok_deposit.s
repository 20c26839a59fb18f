; deposit G3 = 5
; deposit TIMER = ffffffff
; deposit G0 = 10
; deposit M = 1
; deposit CON.status = 2
; symbol place = 10
	.machine pg
	.deposit G3, 5
	.deposit timer, -1
	.deposit g[0], place
	.deposit M, 1
	.deposit CON.status, 2
place = 16
