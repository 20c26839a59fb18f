/* What symbolic execution and its states share.  Private to proofs/. */
#ifndef PROOFS_SYMBOLIC_PRIVATE_H
#define PROOFS_SYMBOLIC_PRIVATE_H

#include "proofs/symbolic.h"

#include "isa/alloc.h"

#define TS (s->terms)

static inline const struct term *word_const(const struct sym *s, uint64_t value)
{
	return term_const(TS, s->isa->word, value);
}

static inline const struct term *zext(const struct sym *s, const struct term *t, unsigned width)
{
	return term_extend(TS, X_ZEXT, t, width);
}

/* Room for n and one more, cleared. */
static inline void *array_new(size_t n, size_t size)
{
	return xcalloc(n + 1, size);
}

/* A register of a role as a word, 0 where the machine has none. */
const struct term *role_word(const struct sym *, const struct sym_state *, enum isa_role);
/* The virtual address of a place in the bounds. */
const struct term *virtual_of(const struct sym *, const struct sym_state *,
			      const struct term *place);
/* Where in a value the i-th of n units stands, for a little- and a big-endian machine. */
unsigned place_of(const struct isa *, unsigned i, unsigned n, bool big);

/*
 * trapseq on a state.  What it loads from storage is the monitor's to choose, wherever it lies:
 * values of the function VECTORS.
 */
#define VECTORS "$vectors"
struct sym_run *sym_run_trapseq(const struct sym *, const struct sym_state *,
				const struct isa_trap *, const struct term *tpc,
				const struct term *info);
/* Fills in, for each trap of an instruction's run, where it leads. */
void sym_lead(const struct sym *, struct sym_run *);

#endif
