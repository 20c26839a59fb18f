/*
 * Equivalence (Popek and Goldberg 1974, section 5): a guest run bare and under a
 * monitor, in lockstep, its states compared through the VM map f.
 */
#ifndef VMM_EQUIV_H
#define VMM_EQUIV_H

#include "machine/machine.h"
#include "vmm/monitor.h"

/*
 * Both runs compared: every register, visible and virtual control; every storage
 * cell written by either since the last comparison (and all of them at the end);
 * devices' variables and output; steps, time and status.
 */
enum depth {
	DEPTH_CAUSE,  /* the first difference in virtual state */
	DEPTH_SEEN,   /* the first difference in visible state: registers or storage */
	DEPTH_OUTPUT, /* the first difference in what the devices put out */
	DEPTHS
};
const char *depth_name(enum depth);

struct difference {
	bool found;
	uint64_t step; /* after which it shows; counted from 1 */
	bool instruction_known;	       /* not when the bare machine has stopped before */
	uint64_t p;		       /* of the instruction that step ran, bare */
	uint64_t word;		       /* and its word */
	const struct isa_instr *instr; /* NULL: illegal */
	char what[64];		       /* "G3", "E[0x20]", "CON output", "status" */
	uint64_t bare, virtual;	       /* the two values */
};

struct equivalence {
	bool holds;
	bool complete;	     /* the guest came to an end (halt, idle, check-stop); else the limit */
	uint64_t steps;	     /* compared */
	enum cpu_status end; /* of the bare run */
	struct difference at[DEPTHS];
	struct cpu *before; /* registers before the causing step, in both; owned; or NULL */
	struct cpu *bare_after, *virtual_after; /* and after it; likewise */
	uint64_t violations;			/* of resource control, see audit_new */
	char violation[128];
	bool by_engine; /* the cause is not the monitor's: the translator differs from the oracle */
	uint64_t sliced, translated; /* instructions run in slices on the translator, both runs
					and neighbours; of these, as translated code */
};

struct equiv_options {
	uint64_t limit;	   /* steps; 0: 100 million */
	uint64_t slice;	   /* steps between comparisons; 0: 1, or 1000 if random.  A slice that ends
			      differently is run again by single steps, on the oracle */
	bool random;	   /* so many at most, as the seed has it */
	uint64_t seed;
	bool each; /* every slice is run again so, and must end in the same state */
	uint64_t patience; /* steps to go on after the cause for the other depths; 0: 1 million */
	bool registers;	   /* keep the states around the cause in before and *_after */
	/* Called now and then with the steps that were compared so far; NULL: nobody is told. */
	void (*progress)(void *context, uint64_t steps);
	void *context;
};

/*
 * What tells most where the translator runs: slices of random lengths, in which code runs
 * translated, and each again by steps on the oracle.
 */
struct equiv_options equiv_thoroughly(uint64_t seed);

/*
 * Runs the bare view and one machine of a monitor together.  Both must hold the same
 * guest, loaded and with input given, before; neither is freed.  Neighbours that the
 * monitor has run as it schedules them.
 */
struct equivalence equiv_run(struct view *bare, struct monitor *, struct vm *,
			     const struct equiv_options *);
void equivalence_free(struct equivalence *); /* what it owns, not itself */

#endif
