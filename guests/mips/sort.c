/* Quicksort of pseudo-random words; order and sum are checked. */
#include "bench.h"

enum { COUNT = 1000 };
static int word[COUNT];

void exception(struct frame *f)
{
	switch_off(2 + f->cause);
}

static void sort(int *a, int n)
{
	while (n > 1) {
		int pivot = a[n / 2], i = 0, k = n - 1;

		while (i <= k) {
			while (a[i] < pivot)
				i++;
			while (a[k] > pivot)
				k--;
			if (i <= k) {
				int t = a[i];

				a[i++] = a[k];
				a[k--] = t;
			}
		}
		sort(a, k + 1);
		a += i;
		n -= i;
	}
}

int main(void)
{
	unsigned seed = 1, sum = 0, bad = 0;

	for (int i = 0; i < COUNT; i++) {
		seed = seed * 1664525 + 1013904223;
		word[i] = (int)seed;
		sum += seed;
	}
	sort(word, COUNT);
	for (int i = 0; i < COUNT; i++) {
		sum -= (unsigned)word[i];
		bad += i && word[i - 1] > word[i];
	}
	put_number(COUNT);
	puts_(bad || sum ? " words, not sorted\n" : " words sorted\n");
	return bad || sum;
}
