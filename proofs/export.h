/*
 * A description as data for Coq: DESIGN "One description, five readings", the fifth.
 *
 * What is printed of a machine of the paper's kind is a value of type isa of
 * proofs/coq/Tree.v: one bit of mode, a relocation-bounds register, storage in words, a
 * trap sequence that stores one PSW and loads another, time that works on control
 * registers.  Of it, the monitors of the theorems are proved.  With relocation and bounds,
 * but bytes, or a P, a user mode or a trap sequence of its own, a machine is printed as a
 * value of type plain of proofs/coq/Plain.v: its instructions without its traps.  Of it, the
 * theorems' conditions are proved, or refuted.  Others cannot be exported.
 */
#ifndef PROOFS_EXPORT_H
#define PROOFS_EXPORT_H

#include "isa/isa.h"
#include "proofs/witness.h"

#include <stdio.h>

/* What is to be proved; of a theorem's condition that fails, by the witness. */
enum claim { CLAIM_NOTHING, CLAIM_HOLDS, CLAIM_FAILS };
struct claims {
	enum claim one, three;
	const struct witness *against_one, *against_three; /* where it fails */
};

/* Can the machine be exported under that map?  False with a reason. */
bool export_fit(const struct isa *, const struct isa_map *, char *reason, size_t reason_size);
/* Prints a Coq file: the description, and proofs of what is claimed.  Of a machine that fits. */
void export_print(const struct isa *, const struct isa_map *, const struct claims *, FILE *);

#endif
