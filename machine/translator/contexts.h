/*
 * Contexts, and where translations are found in them: context.c.
 */
#ifndef MACHINE_TRANSLATOR_CONTEXTS_H
#define MACHINE_TRANSLATOR_CONTEXTS_H

#include "machine/translator/pages.h"

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
	struct single given;  /* lower_translate_given */
};


/*
 * The addresses from one on, as many as the window has units, stand there in a row, whatever registers
 * and storage hold that are not of the context: straight.c.
 */
enum { STRAIGHT_TRIES = 4 };
struct straight {
	bool is;
	uint64_t from;
	unsigned ntried;
	uint64_t tried[STRAIGHT_TRIES];
};

/* An access that trapped as its page was missing. */
struct trapped {
	uint64_t access;  /* and 1 more; 0: none */
	uint64_t address;
	uint64_t pages;   /* translator->pages then */
	uint64_t found;
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
	struct straight straight[ACCESS_WRITE + 1]; /* by access */
	struct missing missing[ACCESS_WRITE + 1]; /* by access */
	struct trapped trapped; /* the last one since registers that translate searches by changed */
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
/* Looks for addresses that stand in a row, by where a place's page is in storage: straight.c. */
void context_straighten(struct translator *, struct context *, uint64_t frame, uint64_t p);
/* What execution may go on with at a place, by what the cache of pages knows; NULL: nothing. */
static inline const void *context_code(struct translator *, struct context *, uint64_t p);
const void *context_code_apart(struct translator *, struct context *, uint64_t p); /* not near */
/* Are two places in one page? */
bool context_same_page(const struct translator *, const struct context *, uint64_t, uint64_t);
void context_clear_near(const struct translator *, struct context *);
void context_note_near(const struct translator *, struct context *, uint64_t p, const void *code);
/* That place is not looked up there. */
void context_forget_near(const struct translator *, struct context *, uint64_t p);
static inline unsigned context_near(const struct translator *, uint64_t p);

#endif
