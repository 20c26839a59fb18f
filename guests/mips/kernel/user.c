/* What the processes do.  Linked for USER_TEXT, on its own: all it has of the kernel are its calls. */
#include "kernel.h"

static unsigned call(unsigned number, unsigned a, unsigned b)
{
	register unsigned v0 __asm__("$2") = number;
	register unsigned a0 __asm__("$4") = a;
	register unsigned a1 __asm__("$5") = b;

	__asm__ volatile("syscall" : "+r"(v0) : "r"(a0), "r"(a1) : "memory");
	return v0;
}

/* ---- lines ---- */

static char line[64]; /* each process has its own: it is in the data */
static unsigned length;

static void text(const char *s)
{
	while (*s)
		line[length++] = *s++;
}

static void number(unsigned n)
{
	if (n >= 10)
		number(n / 10);
	line[length++] = (char)('0' + n % 10);
}

static void print(void)
{
	line[length++] = '\n';
	call(SYS_WRITE, (unsigned)line, length);
	length = 0;
}

/* ---- three programs ---- */

static unsigned is_prime(unsigned n)
{
	for (unsigned i = 2; i * i <= n; i++)
		if (n % i == 0)
			return 0;
	return 1;
}

static void primes(void)
{
	unsigned found = 0;

	for (unsigned n = 2; found < 1000; n++) {
		if (!is_prime(n) || ++found % 200 != 0)
			continue;
		text("1: prime ");
		number(found);
		text(" is ");
		number(n);
		print();
	}
}

/* Squares in the heap, whose pages come as they are touched. */
static void squares(void)
{
	unsigned *square = (unsigned *)USER_HEAP, sum = 0;

	for (unsigned round = 1; round <= 5; round++) {
		for (unsigned i = 0; i < 1024 * round; i++)
			square[i] = i * i;
		sum = 0;
		for (unsigned i = 0; i < 1024 * round; i++)
			sum += square[i] % 1000;
		text("2: round ");
		number(round);
		text(", sum ");
		number(sum);
		print();
	}
}

/* Deep into the stack, then where it may not. */
static unsigned depth_sum(unsigned n)
{
	volatile unsigned here = n;

	return n ? here + depth_sum(n - 1) : 0;
}

static void wild(void)
{
	for (unsigned round = 1; round <= 5; round++) {
		for (unsigned i = 0; i < 20; i++)
			length = 0 * depth_sum(200 * round);
		text("3: depth ");
		number(200 * round);
		text(", sum ");
		number(depth_sum(200 * round));
		print();
	}
	*(volatile unsigned *)0x80000000 = 0; /* the kernel's */
}

void user(void);

void user(void)
{
	static void (*const program[])(void) = { primes, squares, wild };
	unsigned me = call(SYS_NUMBER, 0, 0);

	program[me - 1]();
	call(SYS_EXIT, me, 0);
}
