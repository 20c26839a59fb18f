; bench/fib.s: fib.s, long enough to measure: fib(28).
	.machine pg
	.deposit G2, 33
	.include "../fib.s"
