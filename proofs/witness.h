/*
 * Witnesses: two small states that show why a monitor must fail at an
 * instruction, replayed on the oracle.
 *
 * The virtual machine's state Sv and its image Sr = f(Sv) on the real machine:
 * the instruction does not trap in Sr, so no monitor sees it, and yet it does
 * something else than in Sv, or changes what only the monitor may change.
 */
#ifndef PROOFS_WITNESS_H
#define PROOFS_WITNESS_H

#include "machine/machine.h"
#include "proofs/classify.h"

enum world_side { SIDE_VIRTUAL, SIDE_REAL, SIDES };

struct witness {
	enum answer found;  /* is there one with storages this small?  ANSWER_NO: none was found */
	bool replayed;      /* the oracle shows the same */
	uint64_t word;      /* the instruction's */
	uint64_t seed;      /* of the values that the architecture leaves open */
	uint64_t region;    /* where the virtual machine's storage lies in the real one */
	unsigned nplaces;   /* by abstract translation, instead: where its cells lie, owned */
	struct place_pair *place;
	struct machine *machine[SIDES]; /* after the instruction; owned */
	struct cpu *before[SIDES];      /* owned */
	uint64_t *storage_before[SIDES]; /* all units; owned */
	bool completed[SIDES];          /* else it trapped: */
	struct trap trap[SIDES];
};

/* For the vmm monitor, or, with hybrid, for a virtual machine in user mode. */
struct witness witness_find(struct classifier *, const struct isa_instr *, bool hybrid);
/* The same, as near to a wished state as it can be, and larger. */
struct witness witness_near(struct classifier *, const struct isa_instr *, bool hybrid,
			    const struct violation_wish *);
/* The place on the other side of the cell in a place of this one; false: it has none there. */
bool witness_place(const struct witness *, enum world_side, uint64_t place, uint64_t *other);
void witness_free(struct witness *); /* what it owns */

#endif
