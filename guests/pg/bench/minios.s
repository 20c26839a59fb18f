; bench/minios.s: minios.s, long enough to measure: bench/minios.in is typed again and again.
	.machine pg
	.include "../minios.s"
