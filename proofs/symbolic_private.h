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
/* ---- symbolic_translation.c ---- */

/* The first trap that translate raises for an access; trap memory if there is none. */
const struct isa_trap *sym_refusal(const struct sym *, enum access);
/* The operand of the trap by which translate refuses an address. */
const struct term *refusal_info(const struct sym *, const struct term *address);
/* Once what translate reads has changed: does an access reach, and which physical place? */
const struct term *moved_reaches(const struct sym *, const struct sym_state *now,
				 const struct term *address, enum access);
const struct term *moved_place(const struct sym *, const struct sym_state *now,
			       const struct term *address);

/* ---- symbolic_state.c ---- */

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

#endif
