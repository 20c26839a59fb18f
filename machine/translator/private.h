/*
 * What the parts of the translator share:
 *
 *   x86.c        instructions of the host
 *   ops.c        lists of operations (ir.h)
 *   simplify.c   an instruction, at a place in a context, as operations
 *   clean.c      what is not needed removed, what can be joined
 *   carry.c      what one instruction finds out, used by those that follow
 *   recall.c     what was made of a word, made of it again at another place
 *   region.c     which instructions are translated together
 *   watch.c      looks at watched registers
 *   condition.c  and whether a condition holds, where any instruction may have it hold
 *   order.c      in which order its blocks stand
 *   budget.c     where a region takes steps from the budget
 *   flow.c       what its blocks know of each other
 *   tiler.c      a region as code of the host; tile_op.c, tile_storage.c: its operations;
 *                tile_lanes.c: those on vectors; exits.c, exit_round.c: the ways out; entries.c: those
 *                in; allocate.c: in which registers
 *   called.c     what translated code calls
 *   position.c   P, and what else says where execution goes on
 *   page.c       what translate does to pages; page_cache.c: what it did
 *   search.c     what translate searches, as code of the host
 *   probe.c      accesses by that, as code of the host
 *   context.c    where translations are found, and when they are dropped
 *   origin.c     the storage that they came from, and what happens when it is written
 *   code.c       the memory that holds them
 *   translator.c running
 *   round.c      instructions that meet the clock or trap, and the settling of time around them
 *   single.c     instructions, and code of the description, that run by themselves
 */
#ifndef MACHINE_TRANSLATOR_PRIVATE_H
#define MACHINE_TRANSLATOR_PRIVATE_H

#include "machine/oracle.h"
#include "machine/translator.h"
#include "machine/translator/ir.h"
#include "machine/translator/x86.h"

/* ---- positions: position.c ---- */

/* Where execution is: P and, with delay slots, the registers from which P will be set. */
enum { POSITION_PARTS = 4 };
struct position_part {
	uint32_t slot;
	unsigned width, shift;
};

void position_init(struct translator *);
uint64_t position_value(const struct translator *, uint64_t position, unsigned part);
static inline uint64_t position_of(const struct translator *, const uint64_t *state);
uint64_t position_joined(const struct translator *, const uint64_t *state); /* of several parts */
static inline uint64_t position_p(const struct translator *, uint64_t position);
/* What follows if neither this instruction nor the one before it jumps. */
uint64_t position_next(const struct translator *, uint64_t position);
/* The part that a register is; -1: none. */
static inline int position_part(const struct translator *, uint32_t slot);

/* ---- pages: page.c, page_cache.c, search.c ---- */

/*
 * Where translate depends on more than the context - elements of arrays, storage - accesses go
 * through a cache of what it gave, a page at a time: the low bits of an address pass through it.
 */
enum { PAGES_LOG = 12, PAGES = 1 << PAGES_LOG, WALKS = 32 };
struct paging {
	bool works;	  /* the rest counts: translate is one that goes by pages */
	unsigned log;	  /* of the units in a page at most */
	bool even[3];	  /* by access: one address of a page tells of all */
	const struct isa_reg *searched; /* by the one `find` in it; NULL: there is none */
	const struct expr *search; /* this `find`; its local counts the elements */
	bool elsewhere;	  /* it reads other elements than those up to the one found, or registers
			     that are not of the context */
	unsigned nwalks;  /* loads in it */
	unsigned walk[WALKS]; /* units of each */
	struct program *translate[3]; /* notes the places of the loads; owned */
	struct program *alone[3]; /* the same, without loops; what was found is put into WORK_FOUND.
				     NULL: it walks; or owned */
	struct program *addresses; /* which addresses an element can match, where there is `match`;
				      puts WORK_MASK and WORK_VALUE; owned */
	struct program *match; /* what is searched for, if it speaks of the address and an element
				  alone; else NULL; owned */
};
/* From the description. */
void page_analyse(const struct translator *, struct paging *);
/* Is a register what is searched, or an array that has more about each of its elements?  Where
 * nothing is read elsewhere, translate reads these by the element that counts. */
bool page_runs_beside(const struct paging *, const struct isa_reg *);
/* The same of the array from a slot on, where that is watched. */
bool page_counts_by_number(const struct translator *, uint32_t slot);

/* By access, translate; whether an element matches; and which addresses it can match. */
enum searching { SEARCH_MATCH = ACCESS_WRITE + 1, SEARCH_ADDRESSES, SEARCHES };

/* Makes code of what was wanted often; nothing of the translator may be in use. */
void search_make(struct translator *, struct view *);
void search_forget(struct translator *);
/* translate without loops or loads, as code: a program to free. */
struct program *search_program(const struct translator *, enum access);
/* What that gives: the place, and in WORK_FOUND what was found; or a trap. */
enum searched { SEARCHED_NOT, SEARCHED_PLACE, SEARCHED_TRAP };
enum searched search_translate(struct translator *, const struct view *, enum access,
			       uint64_t address, uint64_t *place, struct trap *);
/* Would it stop at this one, if it came to it? */
bool search_match(struct translator *, const struct view *, enum access, uint64_t address,
		  uint64_t element);

/* Which addresses can it match?  Those that have the bits of mask as value has them; `none`: no
 * address.  False if that cannot be told. */
struct match {
	bool none;
	uint64_t mask, value;
};
bool search_addresses(struct translator *, const struct view *, uint64_t element, struct match *);
/* Its program, to free. */
struct program *search_addresses_program(const struct translator *);

/* A page that is in storage from `place` on; `tag`: its first address, or no address. */
struct page_line {
	uint64_t tag, place;
};
/* At the same numbers: what they depend on, and their neighbours in the lists below. */
struct page_lines {
	struct page_line line[3][PAGES];
	uint64_t depends[3][PAGES];
	uint16_t next[3 * PAGES], before[3 * PAGES];
};
_Static_assert(3 * PAGES < UINT16_MAX, "a line's number fits");
struct page_cache {
	struct page_line (*line)[PAGES]; /* by enum access */
	uint64_t (*depends)[PAGES]; /* on so many elements, from the first one on; 0: on nothing */
	unsigned log;	       /* of the units in a page; 0: no page fits the window */
	uint64_t walks;	       /* translator->walks, when it was filled */
	uint64_t verified;     /* translator->pages when what it says was so */
	unsigned ndependent;   /* lines that depend on some: in lists, by the last of these, and
				  behind that of those that depend on all */
	uint16_t *first;       /* of each list: access * PAGES + index, and 1 more; 0: none; owned */
	uint16_t *next, *before; /* of each line the one behind it and before it; the same */
	struct page_lines *lines; /* all these; owned */
	uint64_t *watched;     /* the values then of what translate reads; owned */
};

/* What of that which pages depend on has changed. */
struct change {
	uint64_t element; /* the first one of what is searched; UINT64_MAX: none; or 0, */
	uint64_t only;	  /* 0: others, too, or something else */
};
enum { CHANGES = 32 };

struct context;
void page_cache_init(const struct translator *, struct page_cache *, const struct view *);
void page_cache_fini(struct page_cache *);
/* Looks whether what pages depend on has changed. */
void page_cache_note(struct translator *, const struct view *);
/* Is what it says still so, as was noted? */
bool page_cache_holds(const struct translator *, struct page_cache *);
/* Drops what may not be so any more. */
void page_cache_refresh(struct translator *, struct context *, const struct view *);
/* The same where that is known by elements; false: it is not. */
bool page_cache_follow(struct translator *, struct context *, const struct view *);
/* Drops all that translate searched for. */
void page_cache_drop(const struct translator *, struct context *);
/* Where n units from an address on are, if the cache tells: see struct oracle. */
bool page_cache_knows(const struct translator *, const struct context *, enum access,
		      uint64_t address, unsigned n, uint64_t *place);
/* Where an address is, NULL if that cannot be kept; from the cache alone, if there is no view. */
const struct page_line *page_cache_get(struct translator *, struct context *, const struct view *,
				       enum access, uint64_t address);
/*
 * The page that translated code, which left for a reason of enum leave, did not find there, if so:
 * it is there now, or the access traps, by *trap.
 */
enum missed { MISSED_NOTHING, MISSED_FILLED, MISSED_TRAPS };
enum missed page_cache_missed(struct translator *, struct context *, const struct view *,
			      uint64_t why, struct trap *trap);
/* The page that round_missing found is there now; false: it was there, or none was found. */
bool page_cache_fill_told(struct translator *, struct context *, const struct view *, enum access);
/* Which page, of those in the cache at once, an address is in. */
unsigned page_cache_index(const struct page_cache *, uint64_t address);

/* ---- contexts: context.c ---- */

/*
 * The control context: what translate and the mode depend on.  Translations are made
 * for one, and its registers are constants in them.
 */
struct key {
	uint64_t base, size; /* of the window */
	bool keyed;	     /* the registers below count */
	bool logged;	     /* stores go to the storage's write log */
	bool rounds;	     /* traps are performed, and runs end for nothing but their steps */
	uint64_t from, to;   /* of the window: loads look whether what they read there is watched */
	uint64_t stops;	     /* stops->mark */
	unsigned sharing;    /* translator_sharing: registers that it must leave alone; 0: none */
	uint64_t *slot;	     /* the values of translator->key_slot, as far as they count; owned */
};

/* A translation that is entered by itself: its end is the end of a step. */
struct single {
	const void *code; /* NULL: none */
	struct translation *from;
	int count;
	bool clock; /* the instruction must find the clock settled */
	const struct isa_instr *instr;
};

/* A place where execution may enter.  Its address does not change. */
struct near;
struct entry {
	const void *code;	  /* executable; translator->leave: nothing is translated */
	struct translation *from; /* that has the code; NULL: none */
	uint64_t p;		  /* position */
	uint64_t frame;		  /* where the page that it is in is in storage */
	int count;		  /* how often it was reached */
	bool restless;		  /* code here kept changing: it must be reached oftener */
	struct translation *shelf; /* dropped ones that began here */
	struct single single;
	struct single steps; /* of region_steps */
	const void *budget;  /* where to go when the budget is less than the block: its code, or out */
	struct single round; /* that ends a run: translator_serve */
	/* Where the round of this place led to the last time: a context's key and near. */
	struct link {
		const uint64_t *key;
		const struct near *near;
		struct context *context;
	} link;
	struct entry *next; /* in its bucket */
};

enum { NEAR = 1 << 14, NOTED = NEAR >> 4 };
_Static_assert(NEAR - 1 <= UINT16_MAX, "the number of a near place fits");

/* A context's entries lie in pieces of storage. */
struct entries {
	struct entries *next;
	unsigned used;
	struct entry entry[32];
};
/* What is entered where an access of a context finds its page missing. */
struct missing {
	const void *code;     /* executable; leaves by leave_missing, if there is none */
	struct single single; /* round_missing */
	struct link link;     /* where its traps led the last time */
};


enum { CONTEXT_BUCKETS_LOG = 6 };
struct context {
	struct key key;
	struct context *next; /* in its bucket */
	struct context *after; /* that held after it the last time; or NULL */
	struct single code[CODES]; /* of the description, if no register is part of the key */
	unsigned nentries, nbuckets; /* a power of 2; 0: not yet */
	struct entry **bucket;	     /* owned */
	struct entries *entries;     /* owned */
	/* Places that were jumped to lately, looked up by the code itself.  What is all zero is none: only
	   position 0 would be taken for it, whose own element never is. */
	struct near {
		uint64_t p;
		const void *code;
	} near[NEAR];
	unsigned nnoted; /* more than NOTED: any may be in use */
	uint16_t noted[NOTED]; /* else those that are */
	struct page_cache pages;
	struct missing missing[ACCESS_WRITE + 1]; /* by access */
};

/* The context that holds now; it stays until translator_flush. */
struct context *context_of(struct translator *, const struct view *);
/* The one that holds whatever the registers are: for code of the description. */
struct context *context_world(struct translator *, const struct view *);
/* Does it still hold? */
bool context_holds(struct translator *, struct context *, const struct view *);
/* The same of one that held before translated code, which tells what it changes. */
bool context_stayed(const struct translator *, const struct context *, const struct view *);
struct context *context_again(struct translator *, const struct view *);
void context_free(struct context *);
/* Where a place stands; made if it is not there.  frame: of its page in storage. */
struct entry *context_entry(struct translator *, struct context *, uint64_t frame, uint64_t p);
/* The same of the page where it is now; NULL: it cannot be fetched, or without a view not be told. */
static inline struct entry *context_find(struct translator *, struct context *,
					 const struct view *, uint64_t p);
struct entry *context_find_page(struct translator *, struct context *, const struct view *,
				uint64_t p); /* by pages */
/* Is something translated at a place, by what the cache of pages knows? */
bool context_has_code(struct translator *, struct context *, uint64_t p);
/* Where the page of a place is in storage; false: see context_find. */
bool context_frame(struct translator *, struct context *, const struct view *, uint64_t p,
		   uint64_t *frame);
/* What execution may go on with at a place, by what the cache of pages knows; NULL: nothing. */
const void *context_code(struct translator *, struct context *, uint64_t p);
/* Are two places in one page? */
bool context_same_page(const struct translator *, const struct context *, uint64_t, uint64_t);
void context_clear_near(const struct translator *, struct context *);
void context_note_near(const struct translator *, struct context *, uint64_t p, const void *code);
/* That place is not looked up there. */
void context_forget_near(const struct translator *, struct context *, uint64_t p);
static inline unsigned context_near(const struct translator *, uint64_t p);

/* ---- code memory: code.c ---- */

/* Mapped twice: where code is written it is never executed. */
struct code_memory {
	uint8_t *write;
	const uint8_t *execute;
	size_t size, used;
};
bool code_memory_init(struct code_memory *, size_t size);
void code_memory_fini(struct code_memory *);
const void *code_memory_executable(const struct code_memory *, const uint8_t *written);

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
/* Does it leave the address of what follows in a register?  With delay slots, that of what follows
 * these. */
bool simplify_calls(const struct translator *, struct instruction *);

/* ---- within a block: carry.c ---- */

/* What the values of a register can be. */
struct range {
	uint64_t lo, hi;
};
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
/* round_missing. */
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

/* ---- allocation of the host's registers: allocate.c ---- */

enum { POOL = 9, LOCALS = 32, NO_REG = 0xff };
struct allocation {
	uint8_t *reg;  /* by slot; NO_REG: it stays in storage */
	bool *written; /* by slot */
	unsigned n;
	uint32_t slot[POOL]; /* that have a register, throughout the region */
	bool *local;	     /* by slot: it lives within an instruction only */
	unsigned nspare;
	uint8_t spare[POOL]; /* registers for these */
	unsigned nlocals;
	uint32_t in_use[LOCALS]; /* those of the instruction that is tiled */
};
void allocate(const struct translator *, const struct region *, struct allocation *);
/* For what lives within an instruction, while that is tiled. */
void allocate_begin(struct allocation *, const struct ops *);
void allocate_end(struct allocation *);
void allocation_fini(struct allocation *);

/* ---- what translated code calls, its registers in the state vector: called.c ---- */

/* Do the pages of a context whose registers hold, too, or can those that do not be dropped now? */
bool called_follow(struct translator *, struct context *);
/* What round_missing found is there now; the code to go on with, with so many steps left, or that which
 * leaves as for a page that is missing. */
const void *called_fill(struct translator *, struct context *, enum access, uint64_t left);

/* ---- code: tiler.c ---- */

/* Translates a region, a single one for its own place; false: no room. */
bool tile(struct translator *, struct region *, struct single *);
/* The code by which all translated code is entered and left. */
void tile_frame(struct translator *);

/* Why translated code came back, its P stored. */
enum leave {
	LEAVE_NEXT,   /* nothing is translated there */
	LEAVE_BUDGET, /* the block there is longer than the budget */
	LEAVE_COLD,   /* the oracle is to run the instruction there */
	LEAVE_READ,   /* the same; the address in WORK_MISSED was not in the cache */
	LEAVE_WRITE,
	LEAVE_TRAP,   /* the instruction there traps: why_trap tells how */
	LEAVE_ROUND,  /* a round led to a context that is not that of its link, WORK_LINK */
	LEAVES
};

/* ... of an access that finds its page missing. */
static inline enum leave leave_missing(enum access access)
{
	return access == ACCESS_READ	? LEAVE_READ
	       : access == ACCESS_WRITE ? LEAVE_WRITE
					: LEAVE_COLD;
}

struct left { /* as the host returns it, in rax and rdx */
	int64_t budget;
	uint64_t why;
};
/* Of LEAVE_TRAP: the trap's index and phase; its operand is in WORK_RESULT. */
enum { WHY_BITS = 8, PHASE_AT = 8, TRAP_AT = 16 };
static inline uint64_t why_trap(uint64_t trap, enum phase phase)
{
	return LEAVE_TRAP | (uint64_t)phase << PHASE_AT | trap << TRAP_AT;
}
typedef struct left enter_code(uint64_t *state, int64_t budget, const void *code);

/* A translated region, and the storage that it came from. */
struct translation {
	struct context *context;
	unsigned nblocks, nentries;
	struct entry *entry[MAX_BLOCKS];
	const void *code[MAX_BLOCKS]; /* by entry */
	struct entry *head; /* where it was entered first; NULL: it is not worth keeping */
	struct single *single; /* or NULL */
	bool stale;
	unsigned nparts, nunits;
	struct part *part; /* owned */
	uint64_t *unit;	   /* that stood in them; owned */
	struct translation *next, **at; /* of a list */
	struct translation *older;	/* on the same shelf */
};

struct part {
	uint64_t from, to; /* absolute, units */
	struct translation *of;
};

/* All parts are looked at when code is written: first, which of them may be meant. */
enum { PARTS_TOGETHER = 64 };
struct stretch {
	uint64_t from, to;
};

/* A bit for each. */
struct places {
	uint64_t seen;	  /* the oracle came there */
	uint64_t entered; /* something was translated so that it may be entered there */
};

struct translator {
	const struct isa *isa;
	struct storage *storage; /* not owned; its code map is the translator's */
	struct oracle *oracle;	 /* for the cache of decoded words; not owned */
	struct layout layout;
	struct translator_options options;
	struct translator_counts counts;
	/* from the description, once */
	bool able;	    /* where code is depends on P, the context and storage, or by pages */
	unsigned log_length; /* of instructions */
	struct paging paging;
	unsigned nposition_parts;
	struct position_part part_of_position[POSITION_PARTS];
	uint64_t walks;	   /* how often storage that translate had read was written */
	uint64_t pages;	   /* how often what pages depend on may have changed */
	uint64_t pages_walks, *pages_watched; /* what it was then; owned */
	uint64_t pages_untold; /* it may have changed since */
	struct change change[CHANGES]; /* the last ones, by `pages` after it */
	unsigned nwatched; /* registers that translate reads and that are not in the key */
	const struct isa_reg **watched_reg; /* owned */
	bool *beside; /* do lines depend on its elements by number?  owned */
	unsigned nwatched_slots;
	bool *watched; /* by register slot; owned */
	unsigned nkeys;	    /* scalar control registers */
	unsigned nsharings;
	bool **sharing;	    /* by number - 1, by slot: shared with guests; owned */
	uint32_t *key_slot; /* owned */
	uint64_t *key_mask; /* which bits of each count; owned */
	/* Which of these tell contexts apart.  By the others translate only finds elements: where
	   they change, pages do, and the context serves on with other pages.  Owned */
	uint64_t *key_apart;
	bool *keyed;	    /* by register slot; owned */
	uint8_t *width;	    /* by register slot; owned */
	/* known before, and after, the instruction that is simplified; by register slot; owned */
	struct range *before, *after;
	/* translations */
	struct code_memory memory;
	size_t frame; /* bytes of it that tile_frame wrote */
	enter_code *enter;
	const void *leave; /* code: LEAVE_NEXT */
	const void *leave_because[LEAVES], *leave_out;
	unsigned ncontexts, contexts_capacity;
	struct context **context;	   /* owned */
	struct context *by_key[1 << CONTEXT_BUCKETS_LOG];
	struct context *last[2], *last_world; /* that held, by whether registers are shared; or NULL */
	size_t nparts, parts_capacity;
	struct part *part;		 /* owned */
	struct stretch *stretch;	 /* that so many parts are in, PARTS_TOGETHER at a time; owned */
	struct translation *translation; /* all that hold; owned */
	struct translation *shelved;	 /* and those that do not now; owned */
	uint8_t *changed;     /* by unit >> CHANGED_LOG: how often code there was written; owned */
	struct places *places; /* by position_place, as many as a word has bits; owned */
	uint64_t stopped;     /* where a burst ended that had no more steps */
	const struct view *entered; /* whose code is running; NULL: it must leave for pages */
	uint64_t missed;      /* steps left when a page was missed that is there now */
	struct region region; /* of work in progress */
	struct searcher {
		struct single single;
		uint64_t size; /* of the storage that it was made for */
		unsigned wanted; /* how often there was none */
		bool fails;
	} search[SEARCHES];
	uint16_t *dense;      /* by slot, of simplify; owned */
	struct simplifier_storage *simplifier; /* of simplify, too; owned */
};

/* What could not be translated is tried again after having been reached so often: it may
 * change. */
enum { PATIENCE = 1 << 12 };
/* For less, the oracle is quicker. */
enum { BURST_LEAST = 4 };
enum { CHANGED_LOG = 5, CHANGED_MOST = 16 };
/*
 * Code that changed oftener than that is left to the oracle, but where a place in it was reached
 * so often since the last time that another translation pays.
 */
enum { RESTLESS_HOT = 512 };
/* Dropped translations that are kept for one place. */
enum { SHELF = 8 };
static inline int position_part(const struct translator *t, uint32_t slot)
{
	for (unsigned i = 0; i < t->nposition_parts; i++)
		if (t->part_of_position[i].slot == slot)
			return (int)i;
	return -1;
}

static inline uint64_t position_of(const struct translator *t, const uint64_t *state)
{
	return t->nposition_parts == 1 ? state[t->part_of_position[0].slot] :
					 position_joined(t, state);
}

static inline uint64_t position_p(const struct translator *t, uint64_t position)
{
	return t->nposition_parts > 1 ? position_value(t, position, 0) : position;
}

/*
 * Which bit says what is so of a position.  Some positions share one: then more seems to be worth
 * translating than is, or to be translated.
 */
enum { PLACES_LOG = 21 };
static inline uint64_t position_place(const struct translator *t, uint64_t position)
{
	uint64_t p = position_p(t, position), ahead = 0;

	if (t->nposition_parts > 1) /* the same for all that execution comes to one after the other */
		ahead = (position >> t->part_of_position[0].width) - p;
	return ((p >> t->log_length) + (ahead * UINT64_C(0x9e3779b97f4a7c15) >> 32)) &
	       isa_mask(PLACES_LOG);
}

static inline void place_note(uint64_t *word, uint64_t place)
{
	*word |= UINT64_C(1) << place % 64;
}

static inline bool place_noted(uint64_t word, uint64_t place)
{
	return word >> place % 64 & 1;
}

static inline struct places *places_at(const struct translator *t, uint64_t place)
{
	return &t->places[place / 64];
}

/*
 * Instructions stand at multiples of their length, most of them.  Where P is moved from another
 * register, that counts, too, as a delay slot is run for many places to go on at; with no jump
 * before it the two are one length apart.
 */
static inline unsigned context_near(const struct translator *t, uint64_t p)
{
	unsigned shift = t->log_length;

	if (t->nposition_parts > 1) {
		p += p >> t->part_of_position[1].shift;
		shift++;
	}
	return (p >> shift) % NEAR;
}

static inline struct entry *context_find(struct translator *t, struct context *c,
					 const struct view *v, uint64_t p)
{
	return t->paging.works ? context_find_page(t, c, v, p) : context_entry(t, c, 0, p);
}

enum { CONTEXTS_MOST = 256 };

/* Are there rounds by themselves?  Places and P must be known when they are made. */
static inline bool translator_has_services(const struct translator *t)
{
	return !t->paging.works && !t->isa->advance;
}
/* A context's, for a round that leads there. */
static inline struct link context_link(struct context *c)
{
	return (struct link){ c->key.slot, c->near, c };
}
/* What rounds work on. */
static inline void translator_begin_rounds(const struct view *v, uint64_t room, uint64_t burst)
{
	uint64_t *work = v->cpu->state + v->oracle->layout.work;

	work[WORK_ROOM] = room;
	work[WORK_BURST] = burst;
	work[WORK_CLOCK] = v->cpu->time;
	work[WORK_QUIET] = v->cpu->quiet;
}
/* Where the instruction at p trapped, by *trap's phase. */
void translator_place_trap(const struct view *, struct trap *, uint64_t p);
/* How the instruction at p trapped, by why_trap, and with what operand. */
void translator_trapped(const struct view *, uint64_t why, uint64_t p, uint64_t info,
			struct trap *);
/* The same of one at P that translated code left for LEAVE_TRAP. */
void translator_left_trap(const struct view *, uint64_t why, struct trap *);

/* Enters translated code on a view, with so many steps. */
static inline struct left translator_enter(const struct view *v, uint64_t budget,
					   const void *code)
{
	struct cpu *cpu = v->cpu;
	uint64_t *stream = &cpu->state[v->oracle->layout.work + WORK_STREAM];
	struct left left;

	*stream = cpu->unspecified;
	left = v->translator->enter(cpu->state, (int64_t)budget, code);
	cpu->unspecified = *stream;
	return left;
}

/* The oracle runs up to n steps, and what completes is counted. */
enum ending translator_by_oracle(struct view *, uint64_t n, bool settled, uint64_t *done,
				 struct trap *);

/* Drops all translations and contexts. */
void translator_flush(struct translator *);
/* A new translation; that it came from the units [from, to); that it may be entered here. */
struct translation *translation_new(struct context *);
void translation_covers(struct translator *, struct translation *, uint64_t from, uint64_t to);
void translation_enters(struct translation *, struct entry *, const void *code);
/* From now on it holds, until what it covers is written. */
void translation_holds(struct translator *, struct translation *);
/* Is there one on the shelf whose storage is again as it was?  Then it holds again. */
bool translation_revive(struct translator *, struct entry *head);
/* A unit that was translated has been written: what came from it goes. */
void origin_written(void *translator, uint64_t address);
void origin_forget(struct translator *);
void translation_serves(struct translation *, struct single *, const void *code);
void translation_steps(struct translation *, struct entry *, const void *code);

#endif
