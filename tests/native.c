/* The benchmark's guests as programs of the host: see tests/native.h. */
#include "tests/native.h"

#include <string.h>

#define NATIVE(name) name##_vectorised
#include "tests/native.def"
#undef NATIVE

#ifndef __clang__ /* which knows no such pragma */
#pragma GCC push_options
#pragma GCC optimize("no-tree-vectorize")
#endif
#define NATIVE(name) name##_plain
#include "tests/native.def"
#undef NATIVE
#ifndef __clang__
#pragma GCC pop_options
#endif

/* The numbers are those that the guests of that name are started with. */
static const struct {
	const char *name;
	uint32_t (*run[2])(uint32_t *words, uint32_t a, uint32_t b);
	uint32_t a, b;
} guests[] = {
	{ "sieve.s", { sieve_vectorised, sieve_plain }, 1000000, 8 },
	{ "lcg.s", { lcg_vectorised, lcg_plain }, 16000000, 0 },
	{ "bubble.s", { bubble_vectorised, bubble_plain }, 6000, 0 },
	{ "matmul.s", { matmul_vectorised, matmul_plain }, 256, 0 },
	{ "fib.s", { fib_vectorised, fib_plain }, 33, 0 },
};

bool native_run(const char *name, bool vectorised)
{
	static uint32_t words[1000000];
	static volatile uint32_t result __attribute__((unused));

	for (unsigned i = 0; i < sizeof guests / sizeof *guests; i++)
		if (strcmp(guests[i].name, name) == 0) {
			result = guests[i].run[!vectorised](words, guests[i].a, guests[i].b);
			return true;
		}
	return false;
}
