/* What a classification leaves out: under what an instruction traps. */
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

#endif
