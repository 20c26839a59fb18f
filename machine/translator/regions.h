/*
 * From instructions to regions: what the parts that translate them share, before there is code of the
 * host.
 */
#ifndef MACHINE_TRANSLATOR_REGIONS_H
#define MACHINE_TRANSLATOR_REGIONS_H

#include "machine/translator/contexts.h"
#include "machine/translator/ir.h"

/* What the values of a register can be. */
struct range {
	uint64_t lo, hi;
};

/* ---- instructions: simplify.c ---- */

struct instruction {
	uint64_t p, next; /* its position, and what follows it */
	struct ops ops;
	bool clock;	/* it must find the clock settled */
	bool alone;	/* the oracle runs it */
	const struct isa_instr *instr;
	bool calls;	/* it leaves the address of what follows it in a register */
	uint64_t back;	/* this address */
	bool traps;	/* surely */
	bool repages;	/* it may change what pages depend on */
	bool informs;	/* execution may go on right behind it, and what is told holds there: */
	unsigned told, ntold; /* of the registers that it looked at; carry_told */
	bool retried;	/* which these are, is not all known */
	bool bound;	/* what was made of it holds at its place only */
	uint64_t place; /* of its units, in the window; unless alone */
};

enum simplify {
	SIMPLIFY_FREE,	  /* an instruction like others */
	SIMPLIFY_SETTLED, /* one that finds the clock settled, and may change the context */
	SIMPLIFY_CODE,	  /* other code of the description */
	SIMPLIFY_ROUND,	  /* round_program */
	SIMPLIFY_MISSING, /* round_missing: p is not known */
};
struct simplifier_storage *simplifier_storage_new(const struct translator *);
void simplifier_storage_free(struct simplifier_storage *);
static inline bool is_round(enum simplify how)
{
	return how == SIMPLIFY_ROUND || how == SIMPLIFY_MISSING;
}
static inline bool knows_position(enum simplify how)
{
	return how != SIMPLIFY_CODE && how != SIMPLIFY_MISSING;
}
/* At p, in a context. */
void simplify(const struct translator *, const struct context *, const struct program *,
	      enum simplify, uint64_t p, struct instruction *);
/* Does code of the description, of a first parameter in a range, do nothing but give that and so much,
 * modulo 2^64? */
bool simplify_shifts(const struct translator *, const struct context *, const struct program *,
		     struct range parameter, uint64_t *by);
/* Does it leave the address of what follows in a register?  With delay slots, that of what follows
 * these. */
bool simplify_calls(const struct translator *, struct instruction *);

/* ---- within a block: carry.c ---- */

/* Of a register that an instruction looked at: what it can be when the next one begins. */
struct told {
	uint32_t slot;
	struct range range;
};
/* These of an instruction; they stay until carry_begin, or until another is simplified. */
const struct told *carry_told(const struct translator *, const struct instruction *);
/* Another one is noted. */
void carry_tell(const struct translator *, const struct told *);
void carry_begin(struct translator *);
/* Nothing is known, but how wide registers are. */
void carry_nothing(struct translator *);
/* What is known after an instruction is known before the next. */
void carry_on(struct translator *, const struct instruction *);
/* Is something known of what an instruction looks at, that was simplified when nothing was? */
bool carry_concerns(const struct translator *, const struct instruction *);
struct region;
struct block;
/* One check of a register's bounds serves all that follow it in the block, and one that there is
 * no code serves stores to neighbours. */
void carry_checks(struct region *, const struct block *, uint32_t nslots);

/* ---- words that were seen before: recall.c ---- */

/* What was made of a word elsewhere in a context, for p; false: it must be simplified. */
bool recall(const struct translator *, const struct context *, uint64_t p, uint64_t word,
	    struct instruction *);
/* An instruction that was simplified as one like others may be recalled. */
void recall_later(const struct translator *, const struct context *, uint64_t word,
		  const struct instruction *);
/* Of a translator that begins; contexts go. */
void recall_begin(struct simplifier_storage *);
void recall_nothing(struct simplifier_storage *);

/* ---- rounds: round.c ---- */

/*
 * An instruction, of which the place is known, as a round: a program to free.  NULL: the
 * description has not what that needs.
 */
struct program *round_program(const struct translator *, const struct program *,
			      const struct instruction *);

/*
 * An access of the address in WORK_MISSED, of which the place is not known, at P: its trap is
 * performed.  Where it does not trap it leaves as T_COLD, and says in WORK_PLACE and WORK_FOUND where
 * it is and what was found, if that is all there is to know.  A program to free, or NULL.
 */
struct program *round_missing(const struct translator *, enum access);

/* ---- regions: region.c ---- */

enum { MAX_BLOCKS = 48, MAX_BLOCK_LENGTH = 64, MAX_INSTRUCTIONS = 512, MAX_RETURNS = 8,
       SETTINGS = 64 };

struct block {
	uint64_t p;
	unsigned first, count; /* of region->instruction; 0: the oracle is wanted at once */
	unsigned depth;	       /* of loops, by backward jumps */
	bool falls;	       /* past its last instruction, which is no jump */
	bool checked;	       /* the budget is looked at when it begins, and then suffices */
	bool heads;	       /* jumps lead back to it, or calls return */
	bool repeats;	       /* it leads back, too */
	unsigned ahead;	       /* for so many steps: up to the next block that is checked */
	unsigned before, after; /* steps that are paid and not done when it begins, and ends */
};

struct region {
	struct context *context;
	enum simplify how; /* not SIMPLIFY_FREE: one instruction or piece of code, block 0 */
	bool steps;	   /* of region_steps */
	bool served;	   /* a round that ends a run */
	enum access access; /* of SIMPLIFY_MISSING */
	bool restless;	   /* it may hold code that keeps changing */
	uint64_t began;	   /* when, in nanoseconds of processor time */
	uint64_t p, frame; /* where it was entered first, and of its page in storage */
	unsigned nblocks;
	struct block block[MAX_BLOCKS + 1];
	unsigned ninstructions;
	struct instruction instruction[MAX_INSTRUCTIONS];
	/* what whoever enters at a block sets: flow.c */
	unsigned nsettings;
	struct setting {
		unsigned block;
		uint32_t slot;
		uint64_t value;
	} setting[SETTINGS];
	unsigned nreturns;
	uint64_t returns[MAX_RETURNS]; /* blocks that calls return to */
	unsigned nbacks;
	uint64_t back[MAX_RETURNS]; /* with delay slots: the addresses that calls return to */
};

/* What is worth translating together from p on, so many blocks at most; false: nothing. */
bool region_find(struct translator *, struct view *, struct context *, uint64_t p, unsigned most,
		 struct region *);
/*
 * The same of the block from p on alone, but so that it may be entered and may end at each
 * instruction: for runs that begin or end within a block.
 */
bool region_steps(struct translator *, struct view *, struct context *, uint64_t p,
		  struct region *);
/* Done with t->region, whatever came of it. */
void region_fini(struct translator *);
/* The one instruction at p, settled, or some code, by itself; false: it is for the oracle. */
bool region_single(struct translator *, struct view *, struct context *, uint64_t p,
		   struct region *);
bool region_code(struct translator *, struct context *, const struct program *, struct region *);
/* The same of the round of the instruction at p; served: by itself. */
bool region_round(struct translator *, struct view *, struct context *, uint64_t p, bool served,
		  struct region *);
/* lower_translate_given; and round_missing. */
bool region_given(struct translator *, struct context *, enum access, struct region *);
bool region_missing(struct translator *, struct context *, enum access, struct region *);
/* The block at p; -1: none. */
int region_block(const struct region *, uint64_t p);

/* ---- watched registers: watch.c ---- */

/* Has a region that was found leave where one may have changed. */
void watch_region(const struct translator *, const struct view *, struct region *);
/* Before such code is entered on a view, and after it has been left.  True: a register changed. */
void watch_begin(const struct view *);
bool watch_end(const struct view *);

/* ---- conditions: condition.c ---- */

/*
 * In front of an instruction at a position, in code for a view: leaves if one of those that are `close`
 * holds and did not, or the other way round, or if a register that is `close` changed.  steps: taken
 * from the budget and not done; known: by condition, what is known of it in front of the instruction
 * before, 0 or 1, else -1; and then in front of this one.
 */
void condition_look(const struct translator *, const struct view *, uint64_t position,
		    unsigned steps, int *known, struct ops *into);
/* Before such code is entered on a view. */
void condition_begin(const struct view *);

/* ---- the blocks' order: order.c ---- */

/* Moves those of a region that was found: execution falls from one into the other. */
void order_blocks(struct region *);

/* ---- steps: budget.c ---- */

/* Where a region's blocks look at the budget, and how much they take of it. */
void budget_plan(struct region *);

/* ---- between blocks: flow.c ---- */

/* What need not be set in a region that was found and has its budget planned; but where somebody
 * watches registers. */
void flow_region(const struct translator *, struct region *);

#endif
