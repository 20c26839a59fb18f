/* For the suites of terms: some to begin with, and short words to make more. */
#ifndef TESTS_TERM_RIG_H
#define TESTS_TERM_RIG_H

#include "proofs/term.h"
#include "tests/rig.h"

static struct terms *ts;
static const struct term *x, *y, *z; /* 8 bits */
static const struct term *p, *q, *r; /* truth values */

static void set_up(void)
{
	ts = terms_new();
	x = term_variable(ts, "x", 8);
	y = term_variable(ts, "y", 8);
	z = term_variable(ts, "z", 8);
	p = term_variable(ts, "p", 1);
	q = term_variable(ts, "q", 1);
	r = term_variable(ts, "r", 1);
}

static void tear_down(void)
{
	terms_free(ts);
}

static inline const struct term *k(uint64_t value)
{
	return term_const(ts, 8, value);
}

static inline const struct term *two(enum expr_op op, const struct term *a, const struct term *b)
{
	return term_binary(ts, op, a, b);
}

static inline const struct term *bits(const struct term *a, unsigned hi, unsigned lo)
{
	return term_slice(ts, a, hi, lo);
}

static inline const struct term *zeros(const struct term *a, unsigned width)
{
	return term_extend(ts, X_ZEXT, a, width);
}

static inline const struct term *signs(const struct term *a, unsigned width)
{
	return term_extend(ts, X_SEXT, a, width);
}

static inline const struct term * not(const struct term *a)
{
	return term_not(ts, a);
}

static inline const struct term *ite(const struct term *c, const struct term *a,
				     const struct term *b)
{
	return term_ite(ts, c, a, b);
}

#endif
