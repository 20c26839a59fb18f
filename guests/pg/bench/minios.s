; bench/minios.s: minios.s with processes that compute for longer.  bench/minios.in is typed again
; and again.
	.machine pg
	.deposit G2, 10000
	.include "../minios.s"
