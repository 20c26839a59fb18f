; bench/sieve.s: sieve.s, long enough to measure: the primes below a million, eight times.
	.machine pg
	.deposit G2, 1000000
	.deposit G3, 8
	.include "../sieve.s"
