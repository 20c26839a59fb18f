/*
 * A guest that is being written word by word, and the worlds in which it is tried: the bare
 * machine and monitors.  For cli/detector.c.
 */
#ifndef CLI_DRAFT_H
#define CLI_DRAFT_H

#include "cli/lab.h"

enum { DRAFT_HINTS = 16 };

struct draft {
	const struct isa *isa;
	const struct isa_map *map;
	uint64_t size;	 /* units of storage */
	uint64_t *unit;	 /* what they hold before the start; owned */
	bool *used;	 /* they have their purpose; owned */
	uint64_t *state; /* the registers before the start; owned */
	uint64_t random; /* state of a generator; not 0 */
	unsigned nhints; /* values that operands of the next word may well have */
	uint64_t hint[DRAFT_HINTS];
};

void draft_init(struct draft *, const struct isa *, const struct isa_map *, uint64_t size);
void draft_free(struct draft *); /* what it owns */
struct draft draft_copy(const struct draft *);
struct image *draft_image(const struct draft *); /* to free */
void draft_hint(struct draft *, uint64_t value);
/* A number below n, from the generator. */
uint64_t draft_random(struct draft *, uint64_t n);
/* A word of an instruction, its fields by chance. */
uint64_t draft_word(struct draft *, const struct isa_instr *);
/* Has it `words` words of room at a place? */
bool draft_room(const struct draft *, uint64_t place, unsigned words);
/* Puts a word there. */
void draft_put(struct draft *, uint64_t place, uint64_t word);
/* Units that are used; those that a run changed are. */
void draft_reserve(struct draft *, uint64_t place, uint64_t count);
void draft_reserve_changed(struct draft *, const struct view *);

/* Writes a routine that prints a text and halts, from where a machine stands; works on a scratch
 * view.  False if words for it were not found; the draft is as before. */
bool draft_print(struct draft *, struct view *scratch, const struct snapshot *from,
		 const char *text, const struct isa_instr *avoid);
/* Makes traps from the draft's state go to a place, out of user mode, with the mode and R of
 * `registers`, as far as storage or control registers say so. */
void draft_aim_traps(struct draft *, struct view *scratch, uint64_t place,
		     const uint64_t *registers);

struct world {
	struct lab *lab;
	struct view *view;	/* the lab's */
	struct snapshot *fresh; /* as reset left it; owned */
	uint64_t steps;		/* that the draft runs in it */
};

/* kind: enum monitor_kind, or -1: bare.  False with an error said. */
bool world_open(struct world *, const struct draft *, int kind, uint64_t reserve);
void world_close(struct world *);
/* The draft loaded, and nothing run. */
void world_enter(struct world *, const struct draft *);
void world_run(struct world *, uint64_t steps);
/* Does it print this, and no more, and halt? */
bool world_prints(struct world *, const struct draft *, const char *text);

#endif
