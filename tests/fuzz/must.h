/* What a fuzzer finds to be wrong. */
#ifndef TESTS_FUZZ_MUST_H
#define TESTS_FUZZ_MUST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void must_hold(bool fact, const char *text)
{
	if (fact)
		return;
	fprintf(stderr, "this does not hold: %s\n", text);
	abort();
}

#endif
