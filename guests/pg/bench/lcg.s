; bench/lcg.s: lcg.s, long enough to measure: sixteen million steps.
	.machine pg
	.deposit G2, 16000000
	.include "../lcg.s"
