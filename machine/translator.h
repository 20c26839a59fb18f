/*
 * The translator: the engine that runs a guest as x86-64 code, for any instruction
 * set (DESIGN section 4).  It knows the micro-operations that the oracle runs, and no
 * instruction by name.
 *
 * One serves the views of one storage.  What it cannot or need not translate it has
 * the oracle run, one instruction at a time, so it gives what the oracle gives.
 */
#ifndef MACHINE_TRANSLATOR_H
#define MACHINE_TRANSLATOR_H

#include "machine/machine.h"

struct translator;

struct translator_options {
	unsigned hot;  /* translate what a jump reached so often; 0: the default; 1: every place */
	size_t memory; /* bytes of code; 0: the default */
	unsigned pool; /* registers of the host to use, plus 1; 0: all */
	unsigned blocks; /* of a region at most; 0: the default */
	unsigned flush;	 /* drop everything at every n-th exit; 0: never */
	unsigned vectors; /* 1: the host's are not used; else they are, where it has them */
};
enum { TRANSLATOR_LEAST_MEMORY = 4096 }; /* less is taken for this much */

/* An engine, and how the translator is to run: tests put it to torture. */
struct engine_choice {
	enum engine engine;
	struct translator_options options;
};
/*
 * As people write it: "oracle", "translator",
 * "translator:flush=3,cache=64K,blocks=1,pool=0,hot=1,vectors=0".  False, with a reason, if it is none.
 */
bool engine_choose(const char *text, struct engine_choice *, char *reason, size_t reason_size);

/*
 * NULL if the host is not x86-64 or has no memory for code, or if the instruction set is one
 * that it does not serve: one whose translate depends on more than scalar control registers and
 * does not go by pages.
 */
struct translator *translator_new(const struct isa *, struct storage *, struct oracle *,
				  const struct translator_options *);
void translator_free(struct translator *);

/* Counted from the beginning. */
struct translator_counts {
	uint64_t translated;		/* instructions that completed as translated code */
	uint64_t oracle;		/* and by the oracle */
	uint64_t trapped;		/* and those whose traps translated code performed */
	uint64_t regions, instructions; /* translated */
	uint64_t bytes;			/* of code */
	uint64_t nanoseconds;		/* of processor time that translating took */
	uint64_t exits;			/* from translated code */
	uint64_t dropped;		/* translations whose storage was written */
	uint64_t flushes;
};
struct translator_counts translator_counts(const struct translator *);

#endif
