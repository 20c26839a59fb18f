; bench/lcg.s: lcg.s, long enough to measure: two million steps.
	.machine pg
	.deposit G2, 16000000
	.include "../lcg.s"
