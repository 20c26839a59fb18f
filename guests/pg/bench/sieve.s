; bench/sieve.s: sieve.s, long enough to measure: the primes below 14000, a hundred times.
	.machine pg
	.deposit G2, 14000
	.deposit G3, 800
	.include "../sieve.s"
