/* The sieve of Eratosthenes, a byte for each number. */
#include "bench.h"

enum { LIMIT = 20000 };
static unsigned char composite[LIMIT];

void exception(struct frame *f)
{
	switch_off(2 + f->cause);
}

int main(void)
{
	unsigned primes = 0;

	for (unsigned i = 2; i < LIMIT; i++) {
		if (composite[i])
			continue;
		primes++;
		for (unsigned k = 2 * i; k < LIMIT; k += i)
			composite[k] = 1;
	}
	put_number(primes);
	puts_(" primes below ");
	put_number(LIMIT);
	put('\n');
	return primes != 2262;
}
