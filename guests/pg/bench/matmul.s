; bench/matmul.s: matmul.s, long enough to measure: 256 rows.
	.machine pg
	.deposit G2, 256
	.include "../matmul.s"
