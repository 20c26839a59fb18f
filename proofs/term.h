/*
 * Terms: hash-consed bit vectors over variables and uninterpreted functions, the
 * language of the queries (SMT-LIB's QF_UFBV).
 *
 * Equal terms are the same pointer.  Building simplifies, so that much is decided
 * without a solver.  A width of 1 is a truth value.
 */
#ifndef PROOFS_TERM_H
#define PROOFS_TERM_H

#include "isa/isa.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Operators are those of isa/tree.h from X_NOT on and X_CONST; and besides: */
enum term_op {
	T_VARIABLE = X_OPS, /* name */
	T_APPLY,	    /* the uninterpreted function `name` of arg[0] */
	T_OPS
};

struct term {
	unsigned op; /* enum expr_op or term_op */
	uint8_t width;
	uint64_t value;	  /* X_CONST; X_SLICE: the low bit */
	const char *name; /* T_VARIABLE, T_APPLY; interned: equal names are the same pointer */
	const struct term *arg[3];
	unsigned id;   /* in order of making, from 0; below those of terms that use it */
	uint64_t hash; /* of what it says; the same in every run */
};

struct terms; /* owns them */

struct terms *terms_new(void);
void terms_free(struct terms *);
/* A name, interned: as terms have it, and living as long as they do. */
const char *terms_name(struct terms *, const char *text);
/* How many were made. */
unsigned terms_count(const struct terms *);

const struct term *term_const(struct terms *, unsigned width, uint64_t value);
/* One name has one width, and is a variable or a function, not both; without | and \. */
const struct term *term_variable(struct terms *, const char *name, unsigned width);
const struct term *term_apply(struct terms *, const char *function, unsigned width,
			      const struct term *argument);
const struct term *term_unary(struct terms *, enum expr_op, const struct term *);
/* Operands of one width, but a shift's right one; X_CONCAT too. */
const struct term *term_binary(struct terms *, enum expr_op, const struct term *,
			       const struct term *);
const struct term *term_slice(struct terms *, const struct term *, unsigned hi, unsigned lo);
/* X_ZEXT or X_SEXT, to at least the present width. */
const struct term *term_extend(struct terms *, enum expr_op, const struct term *, unsigned width);
const struct term *term_ite(struct terms *, const struct term *condition, const struct term *,
			    const struct term *);

/* The same operator on other operands, of the same widths. */
const struct term *term_with(struct terms *, const struct term *, const struct term *const arg[3]);

/* Truth values. */
const struct term *term_true(struct terms *);
const struct term *term_false(struct terms *);
const struct term *term_not(struct terms *, const struct term *);
const struct term *term_and(struct terms *, const struct term *, const struct term *);
const struct term *term_or(struct terms *, const struct term *, const struct term *);
const struct term *term_eq(struct terms *, const struct term *, const struct term *);
bool term_is_true(const struct term *);
bool term_is_false(const struct term *);

/*
 * The value of a term, given those of its variables and of the applications that
 * occur in it (looked up by name, and argument value); width is that of the result.
 * Decides on what the solver said without it.
 */
typedef uint64_t term_lookup(void *context, const char *name, const uint64_t *argument,
			     unsigned width);
uint64_t term_value(struct terms *, const struct term *, term_lookup *, void *context);

/* In SMT-LIB's prefix form, shared subterms written out each time: for messages and tests. */
void term_print(const struct term *, FILE *);

#endif
