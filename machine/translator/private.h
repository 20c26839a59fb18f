/*
 * What the parts of the translator share:
 *
 *   x86.c        instructions of the host
 *   ops.c        lists of operations (ir.h)
 *   simplify.c   an instruction, at a place in a context, as operations
 *   clean.c      what is not needed removed, what can be joined
 *   split.c      values apart that stand in one slot, one after the other
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
 *   straight.c   addresses that stand in storage in a row
 *   probe.c      accesses by that, as code of the host
 *   context.c    where translations are found, and when they are dropped
 *   origin.c     the storage that they came from, and what happens when it is written
 *   code.c       the memory that holds them
 *   translator.c running
 *   round.c      instructions that meet the clock or trap, and the settling of time around them
 *   single.c     instructions, and code of the description, that run by themselves
 *
 * More of it is in pages.h, contexts.h and regions.h.
 */
#ifndef MACHINE_TRANSLATOR_PRIVATE_H
#define MACHINE_TRANSLATOR_PRIVATE_H

#include "machine/translator/regions.h"
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
/* What follows if this one does not. */
uint64_t position_behind(const struct translator *, uint64_t position);
/* Does one instruction stand behind the other, as far as a position says?  In a delay slot it does not. */
bool position_is_straight(const struct translator *, uint64_t position);
/* The part that a register is; -1: none. */
static inline int position_part(const struct translator *, uint32_t slot);

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

/* ---- allocation of the host's registers: allocate.c ---- */

enum { POOL = 9, LOCALS = 512, NO_REG = 0xff };
struct allocation {
	uint8_t *reg;  /* by slot; NO_REG: it stays in storage */
	bool *written; /* by slot */
	unsigned n;
	uint32_t slot[POOL]; /* that have a register, throughout the region */
	bool *local;	     /* by slot: it lives within an instruction only */
	uint16_t *life;	     /* by slot, 0 between two instructions; owned */
	unsigned nspare;
	uint8_t spare[POOL]; /* registers for these */
	unsigned nlocals;
	uint32_t in_use[LOCALS]; /* those of the instruction that is tiled */
};
void allocate(const struct translator *, struct region *, struct allocation *);
/* For what lives within an instruction, while that is tiled. */
void allocate_begin(struct allocation *, const struct ops *);
void allocate_end(struct allocation *);
void allocation_fini(struct allocation *);

/* ---- what translated code calls, its registers in the state vector: called.c ---- */

/* Do the pages of a context whose registers hold, too, or can those that do not be dropped now? */
bool called_follow(struct translator *, struct context *);
/* What round_missing found is there now; the code to go on with at a position, with so many steps left, or
 * that which leaves as for a page that is missing. */
const void *called_fill(struct translator *, struct context *, enum access, uint64_t position,
			uint64_t left);

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
	unsigned nparts, nunits;
	struct part *part; /* owned */
	uint64_t *unit;	   /* that stood in them; owned */
	struct translation *next, **at; /* of a list */
	struct translation *older;	/* on the same shelf */
};

struct part {
	uint64_t from, to; /* absolute, units */
};

/* A part is found by each stretch of storage that it touches. */
enum { ORIGIN_LOG = 8 };
struct origin {
	struct part part;
	struct translation *of;
	struct origin *next;
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
	struct origin **origin;		 /* lists, by unit >> ORIGIN_LOG; owned, with all in them */
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

static inline const void *context_code(struct translator *t, struct context *c, uint64_t p)
{
	const struct near *near = &c->near[context_near(t, p)];

	return near->p == p && near->code != t->leave ? near->code : context_code_apart(t, c, p);
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
