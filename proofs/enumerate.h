/*
 * Classification of tiny machines by exhaustion: the answers of proofs/classify.h
 * found without a solver and without symbolic execution, for tests to hold the solver's
 * answers to account.
 *
 * States are enumerated lazily: only what a run looks at is chosen, by going back over
 * the choices in the order in which runs come to them.  Each run is done by the oracle,
 * too, with what was not looked at filled in at random, and has to come out the same.
 */
#ifndef PROOFS_ENUMERATE_H
#define PROOFS_ENUMERATE_H

#include "proofs/classify.h"

/* Is the machine small enough, and without devices, bytes and unspecified values?  False with
 * a reason. */
bool enumerate_fit(const struct isa *, char *reason, size_t reason_size);

struct enumeration {
	uint64_t size; /* of the largest storages, in units; 0: as far as addresses reach */
	uint64_t runs; /* after so many a search is given up: ANSWER_UNKNOWN; 0: never */
	uint64_t seed; /* of what is filled in */
};

/* Both not owned.  The lemma of classifier_lemma must hold, as enumerate_lemma finds it. */
struct classification enumerate(const struct isa *, const struct isa_map *, const struct isa_instr *,
				struct enumeration);
bool enumerate_lemma(const struct isa *, uint64_t size);

#endif
