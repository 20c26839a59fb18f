; bench/matmul.s: matmul.s, long enough to measure: seventy rows.
	.machine pg
	.deposit G2, 140
	.include "../matmul.s"
