/*
 * A guest that is being written word by word, and the worlds in which it is tried: the bare
 * machine and monitors.  For cli/detector.c.  Nothing here knows what an instruction is for: it
 * is run, and what it did is looked at.
 */
#ifndef CLI_DRAFT_H
#define CLI_DRAFT_H

#include "cli/lab.h"

enum { DRAFT_HINTS = 48, DRAFT_INDICES = 16 };

struct lexicon; /* the numbers that each instruction's definition names */

struct draft {
	const struct isa *isa;
	const struct isa_map *map;
	const struct lexicon *lexicon;	 /* not owned */
	uint64_t size;			 /* units of storage */
	uint64_t *unit;			 /* what they hold before the start; owned */
	bool *used;			 /* they have their purpose; owned */
	uint64_t *state;		 /* the registers before the start; owned */
	const struct isa_device *device; /* one of its variables has a value, too; or NULL */
	const char *var;
	uint64_t var_value;
	uint64_t random; /* state of a generator; not 0 */
	unsigned nhints; /* values that operands of the next word may well have */
	uint64_t hint[DRAFT_HINTS];
	unsigned nindices; /* numbers of registers that it may well use */
	uint64_t index[DRAFT_INDICES];
};

void draft_init(struct draft *, const struct isa *, const struct isa_map *, const struct lexicon *,
		uint64_t size);
void draft_free(struct draft *); /* what it owns */
struct draft draft_copy(const struct draft *);
struct image *draft_image(const struct draft *); /* to free */
/* Has it `words` words of room at a place? */
bool draft_room(const struct draft *, uint64_t place, uint64_t words);
/* Puts a word there. */
void draft_put(struct draft *, uint64_t place, uint64_t word);
/* Units that a run changed are used. */
void draft_reserve_changed(struct draft *, const struct view *);
/* Puts the units that are used, where they are not yet so, into a view. */
void draft_load(const struct draft *, const struct view *);

/* ---- cli/draft_words.c: words by chance ---- */

struct lexicon *lexicon_new(const struct isa *);
void lexicon_free(struct lexicon *);

void draft_hint(struct draft *, uint64_t value);
void draft_index(struct draft *, unsigned slot); /* of a register */
/* A number below n, from the generator. */
uint64_t draft_random(struct draft *, uint64_t n);
const struct isa_instr *draft_instr(struct draft *);
/* A word of an instruction, its fields by chance. */
uint64_t draft_word(struct draft *, const struct isa_instr *);

/* ---- cli/draft_print.c ---- */

/* Words that were found to print: where they are good again, nothing is looked for. */
struct recipe {
	bool known;
	const struct isa_instr *print; /* its words print what they find */
	bool by_register;	       /* in a register: */
	unsigned slot;
	uint64_t output;	      /* the word that prints it */
	const struct isa_instr *load; /* what put a constant there; or NULL */
	bool by_words;		      /* more than one word does */
};

/* Writes a routine that prints a text and halts, from where a machine stands; works on a scratch
 * view.  Where the recipe, if it is known, does not do, another is looked for, if one may.  False
 * if words were not found; the draft is as before. */
bool draft_print(struct draft *, struct view *scratch, const struct snapshot *from,
		 const char *text, const struct isa_instr *avoid, struct recipe *, bool look);
/* Words that a routine for a text may need. */
uint64_t draft_print_room(const struct view *, const char *text);

/* ---- cli/draft_aim.c ---- */

/* Makes traps from the draft's state go to a place, out of user mode, with the mode and R of
 * `registers`, as far as storage or control registers say so.  False: some lead out of storage. */
bool draft_aim_traps(struct draft *, struct view *scratch, uint64_t place,
		     const uint64_t *registers);

/* ---- worlds ---- */

struct world {
	int kind;	  /* of monitor; -1: bare */
	uint64_t reserve; /* units below the guest */
	uint64_t seed;	  /* of what monitors keep for themselves, and of unspecified values */
	struct lab *lab;
	struct view *view;	/* the lab's */
	struct snapshot *fresh; /* as reset left it; owned */
	struct snapshot *kept;	/* as it was when it was kept, or NULL; owned */
};

/* kind: enum monitor_kind, or -1: bare.  False with an error said. */
bool world_open(struct world *, const struct draft *, int kind, uint64_t reserve, uint64_t seed);
void world_close(struct world *);
/* The draft loaded, and nothing run. */
void world_enter(struct world *, const struct draft *);
/* False: a guest has stopped the real machine for good, and the world must be renewed. */
bool world_run(struct world *, uint64_t steps);
/* Another of its kind, with what was kept. */
bool world_renew(struct world *, const struct draft *);
/* To come back to. */
void world_keep(struct world *);
void world_back(struct world *);
/* Does it print this, and no more, and halt? */
bool world_prints(struct world *, const struct draft *, const char *text);

#endif
