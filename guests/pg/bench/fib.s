; bench/fib.s: fib.s, long enough to measure: fib(33).
	.machine pg
	.deposit G2, 33
	.include "../fib.s"
