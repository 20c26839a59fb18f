/*
 * What a classification leaves out: under what an instruction traps, and which of its
 * words are the bad ones.
 */
#ifndef PROOFS_GUARD_H
#define PROOFS_GUARD_H

#include "proofs/classify.h"

enum { MAX_GUARDS = 8, GUARD_TEXT = 100 };

/* Of an instruction that traps conditionally: its traps in user mode, less those for an address. */
struct guard {
	unsigned n;
	struct {
		const struct isa_trap *trap;
		char when[GUARD_TEXT]; /* the condition, as the description has it; "": too long */
	} of[MAX_GUARDS];
	struct parts on; /* registers, their fields, the instruction's, that it depends on */
};
struct guard guard_of(struct classifier *, const struct isa_instr *);

/* What the bad words of an instruction have in a field. */
enum field_rule {
	FIELD_ANY,     /* each value that was asked for; wide fields: more than one, and 0 */
	FIELD_ONE_OF,  /* of at most 4 bits: the values in the set `values`, not those in `others` */
	FIELD_VALUE,   /* match alone */
	FIELD_NOT_ZERO,
	FIELD_UNKNOWN, /* undecided */
};
struct field_guilt {
	const struct isa_field *field;
	enum field_rule rule;
	uint64_t values, others, match;
};
enum { MAX_GUILTY_FIELDS = 16 };
struct guilt {
	bool every; /* each word of the instruction, one by one, is bad */
	unsigned n; /* else by field: those that are free */
	struct field_guilt of[MAX_GUILTY_FIELDS];
};
/* Of an instruction that breaks a theorem's condition (Theorem 1's, if both), or the direct
 * question only. */
struct guilt guilt_of(struct classifier *, const struct classification *);

#endif
