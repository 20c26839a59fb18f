/* A walk through more pages than the TLB holds, in kuseg, again and again. */
#include "bench.h"

enum { PAGE = 4096, FIRST = 16, PAGES = 48, ROUNDS = 20 };

void exception(struct frame *f)
{
	switch_off(2 + f->cause);
}

static volatile unsigned *word(unsigned page)
{
	return (volatile unsigned *)((FIRST + page) * PAGE + 4 * page);
}

int main(void)
{
	unsigned sum = 0;

	for (unsigned page = 0; page < PAGES; page++)
		*word(page) = page;
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned page = 0; page < PAGES; page++)
			sum += *word(page);
	put_number(sum);
	puts_(refills > ROUNDS ? " by many refills\n" : " by few refills\n");
	return sum != ROUNDS * PAGES * (PAGES - 1) / 2;
}
