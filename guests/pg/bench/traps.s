; bench/traps.s: traps.s, long enough to measure: fifty thousand rounds.
	.machine pg
	.deposit G2, 50000
	.include "../traps.s"
