/*
 * Equivalence through a tower of monitors that are guests themselves (Popek and Goldberg 1974,
 * Theorem 2): each in the machine's own code, on the machine of the one before.
 *
 * Seen from outside, such a monitor is a program like any other.  It publishes where the control
 * blocks of its machines are and what stands in them; from those of all levels follows whether
 * the real machine runs the innermost one at a moment, and what that one's state is.  Whenever it
 * is about to, a bare machine is taken as many steps on as the innermost one has done, and the two
 * are compared.
 */
#ifndef VMM_TOWER_H
#define VMM_TOWER_H

#include "vmm/equiv.h"

enum { TOWER_NOWHERE = -1 }; /* of a field: the monitor does not publish it */

struct tower_level {	     /* one monitor; addresses are those of its own machine */
	uint64_t machine;    /* the control block of the machine that leads inwards */
	uint64_t running;    /* the word that holds the block of the machine that runs */
	uint64_t base, size; /* offsets in a block: where the machine's storage is */
	int64_t *field;	     /* offset of each entry of the state table, or TOWER_NOWHERE; owned */
	int64_t printed, last; /* so many bytes has it printed, and the last of them; or nowhere */
	int64_t status;	       /* that it halted with; or nowhere */
};

struct tower_options {
	uint64_t limit;	   /* steps of the innermost machine; 0: 100 million */
	uint64_t patience; /* real steps in which it must get on; 0: 1000 million */
	bool alone;	   /* no monitor has other machines: what the real one prints is compared */
	void (*progress)(void *context, uint64_t steps); /* as in equiv_options */
	void *context;
};

struct tower_run {
	struct equivalence result; /* its steps are those of the innermost machine */
	uint64_t points;	   /* moments at which they were compared */
	uint64_t timed;	  /* and these had time, what it changes, and devices compared, too */
	uint64_t entries; /* how often the real machine was about to run the innermost one */
	uint64_t real;	  /* steps of the real machine */
	bool by_time;	  /* the first difference is in what time changes by itself */
};

/*
 * The bare view holds the innermost guest, the real one the outermost monitor with all that
 * it carries; level[0] is the outermost.  The bare console's input must be asked for
 * (console_ask), since that is when monitors look at theirs.
 */
struct tower_run tower_run(struct view *bare, struct view *real, const struct tower_level *level,
			   unsigned nlevels, const struct tower_options *);

#endif
