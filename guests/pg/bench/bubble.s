; bench/bubble.s: bubble.s, long enough to measure: six thousand words.
	.machine pg
	.deposit G2, 6000
	.include "../bubble.s"
