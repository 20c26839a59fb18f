; bench/matmul.s: matmul.s, long enough to measure: seventy rows.
	.machine pg
	.deposit G2, 70
	.include "../matmul.s"
