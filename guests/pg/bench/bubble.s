; bench/bubble.s: bubble.s, long enough to measure: two thousand words.
	.machine pg
	.deposit G2, 2000
	.include "../bubble.s"
