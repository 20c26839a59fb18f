/* A mix of integer arithmetic: a generator of numbers, of which sums, products, quotients, shifts and
 * counts of bits are taken. */
#include "bench.h"

static unsigned state = 1;

static unsigned draw(void) /* xorshift32: Marsaglia 2003 */
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static unsigned rotate(unsigned x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static unsigned bits(unsigned x)
{
	unsigned n = 0;

	for (; x; x &= x - 1)
		n++;
	return n;
}

void exception(struct frame *f)
{
	switch_off(100 + (f->cause >> 2 & 31));
}

int main(void)
{
	unsigned sum = 0;
	unsigned long long product = 0;

	for (unsigned i = 0; i < 20000; i++) {
		unsigned a = draw(), b = draw() | 1;
		int c = (int)a >> 3, d = (int)b;

		product += (unsigned long long)((long long)c * d);
		sum += a / b + a % b;
		sum ^= (unsigned)(c / 7) + (unsigned)(c % 7);
		sum = rotate(sum, i % 31 + 1) + (unsigned)__builtin_clz(b);
		sum += (c < d) + 2 * (a < b) + bits(a);
	}
	put_number(sum);
	put(' ');
	put_number((unsigned)(product >> 32));
	put(' ');
	put_number((unsigned)product);
	put('\n');
	return 0;
}
