/* What the parts of term*.c share. */
#ifndef PROOFS_TERM_PRIVATE_H
#define PROOFS_TERM_PRIVATE_H

#include "proofs/term.h"

/* The term as it is, without simplification; b may be NULL. */
const struct term *term_make(struct terms *, unsigned op, unsigned width, const struct term *a,
			     const struct term *b);

static inline bool is_const(const struct term *t)
{
	return t->op == X_CONST;
}

static inline bool is_value(const struct term *t, uint64_t value)
{
	return t->op == X_CONST && t->value == value;
}

/* Is one the complement of the other? */
static inline bool opposite(const struct term *a, const struct term *b)
{
	return (a->op == X_NOT && a->arg[0] == b) || (b->op == X_NOT && b->arg[0] == a);
}

#endif
