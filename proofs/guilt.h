/*
 * The bad words of an instruction, those that break a theorem's condition or answer the direct
 * question wrongly, told by the fields that its encoding leaves open.
 */
#ifndef PROOFS_GUILT_H
#define PROOFS_GUILT_H

#include "proofs/classify.h"

/* Values of a field: of at most 4 bits, any set of them; of a wider one, those that have some bits
 * like `match`, or those that have not. */
struct field_set {
	const struct isa_field *field;
	bool narrow;
	uint64_t values, of; /* narrow: bit v is set: v is among them; v is a value at all */
	uint64_t mask, match;
	bool negated;
};
/* Is any value among them?  Is this one? */
bool field_set_any(const struct field_set *);
bool field_set_has(const struct field_set *, uint64_t value);

enum { MAX_GUILTY_FIELDS = 16, MAX_GUILTY_CASES = 6 };
struct word_set { /* the words that have, in each of these fields, one of these values */
	unsigned n;
	struct field_set of[MAX_GUILTY_FIELDS];
};

struct guilt {
	bool exact;   /* the words described are bad, each one; else all that is known is that the
			 others are not */
	bool but;     /* described are all words but those of the cases; none: every one */
	unsigned n;
	struct word_set of[MAX_GUILTY_CASES]; /* together */
};

/* Of an instruction that breaks Theorem 1 in one of the two ways, or else Theorem 3. */
struct guilt guilt_of(struct classifier *, const struct classification *);
/* Does the description say that every word is bad?  That it knows of none that is not? */
bool guilt_every(const struct guilt *);
bool guilt_nothing(const struct guilt *);
/* Is the word among those described? */
bool guilt_has(const struct guilt *, uint64_t word);
/* "fn == 1 || imm[6] == 1", true of the words described, as the language has it; "" where that is
 * each of the instruction's; to free. */
char *guilt_condition(const struct guilt *);

#endif
