/* Lazy states, and runs from them.  Private to proofs/. */
#ifndef PROOFS_ENUMERATE_PRIVATE_H
#define PROOFS_ENUMERATE_PRIVATE_H

#include "machine/machine.h"
#include "proofs/enumerate.h"

enum {
	CELLS = 16,   /* addresses of words of 4 bits */
	SLOTS = 64,   /* registers, arrays element by element */
	LOCALS = 256, /* of a piece of code */
	DEPTH = 128,  /* choices of one run */
	STATES = 3,   /* of a question */
	UNSEEN = -1   /* not looked at */
};

/* The choices of a run: how many there were at each point, and which is taken. */
struct tape {
	unsigned at, depth;
	unsigned taken[DEPTH], of[DEPTH];
};

/* What related states share. */
struct visible {
	int slot[SLOTS], cell[CELLS];
};

/* Where a component of control state comes from. */
enum origin {
	CHOSEN, /* any value */
	SHARED, /* the other state's */
	MAPPED, /* what the map makes of the other state */
};

/* Base, bound and size. */
struct placement {
	unsigned base, bound, size;
};

struct lazy {
	struct visible *visible;
	struct lazy *other; /* NULL: everything is chosen */
	enum origin slot_origin[SLOTS], base_origin, bound_origin, size_origin, outside_origin,
		time_origin;
	bool image; /* of the other state: its storage is a region of this one's */
	int slot[SLOTS], outside[CELLS], time;
	bool placed; /* the next two were looked at */
	struct placement at;
	unsigned region;
	/* after a run */
	int slot_after[SLOTS], cell_after[CELLS], outside_after[CELLS]; /* UNSEEN: as before */
	bool halts, waits;
	struct trap trap; /* kind NULL: it did not trap */
	bool stays;	  /* the trap, performed, leaves the machine in user mode */
	uint64_t mode;	  /* which that is */
};

struct enumerator {
	const struct isa *isa;
	const struct isa_map *map;
	const struct isa_instr *instr;
	struct enumeration limits;
	uint64_t word;
	struct tape tape;
	struct machine *machine;     /* the oracle's */
	unsigned nplacements[CELLS]; /* by effective bound */
	struct placement *placement[CELLS];
	unsigned bound; /* effective, of all states of the question */
	struct visible visible;
	struct lazy state[STATES];
	uint64_t runs, stream;
	bool exhausted;
};

/* One of n; goes on where the tape stands. */
unsigned choose(struct tape *, unsigned n);
/* The next combination of choices; false when there is none. */
bool tape_next(struct tape *);

/* A state of the question, nothing of it looked at.  other: what is not chosen comes from there. */
struct lazy *lazy_state(struct enumerator *, unsigned i, struct lazy *other);
/* Values before a run, now looked at. */
uint64_t lazy_slot(struct enumerator *, struct lazy *, unsigned slot);
uint64_t lazy_outside(struct enumerator *, struct lazy *, unsigned place);
const struct placement *lazy_placement(struct enumerator *, struct lazy *);
uint64_t lazy_cell(struct enumerator *, struct lazy *, unsigned address);
/* After it. */
uint64_t lazy_slot_after(struct enumerator *, struct lazy *, unsigned slot);
uint64_t lazy_cell_after(struct enumerator *, struct lazy *, unsigned address);

/* A pure expression before a run, or on what it left. */
uint64_t lazy_eval(struct enumerator *, struct lazy *, const struct expr *, bool after);
/* The instruction from a state whose P holds its word. */
void lazy_run(struct enumerator *, struct lazy *);
/* Has the oracle do the same, with the rest filled in; stops the program if it does not. */
void lazy_confirm(struct enumerator *, const struct lazy *);
/* The oracle's machine, with storage placed so and all else at random. */
struct view *lazy_deposit(struct enumerator *, const struct placement *);

/* ---- proofs/enumerate_questions.c: is there a state ... of the word ---- */

/* In user mode: it runs, or, with execute, has effects before it traps, too. */
bool ask_in_user(struct enumerator *, bool execute);
/* In any mode. */
bool ask_anywhere(struct enumerator *);
/* Against the paper's definition of a privileged instruction. */
bool ask_unprivileged(struct enumerator *);
/* In user mode it traps, and for no address. */
bool ask_refusal(struct enumerator *);
/* Control state changes; user: in user mode; part: of what, NULL for anything. */
bool ask_change(struct enumerator *, bool user, const char *part);
/* Two states that do not share `kind`, "any" or "image" (what the map leaves different) among them,
 * or the register, after which what is visible differs. */
bool ask_behaviour(struct enumerator *, const char *kind, bool first_user, bool second_user);
bool ask_behaviour_by(struct enumerator *, const struct isa_reg *);
/* One traps, and the other, of user mode, runs; image: it is what the map makes of the one. */
bool ask_trap(struct enumerator *, bool image, bool user);
/* The direct question has a wrong answer; timeless: with both clocks the same. */
bool ask_direct(struct enumerator *, bool hybrid, bool timeless);
/* What a control register is of: "mode", "relocation", or its own name. */
const char *component_of(const struct isa_reg *);
/* The mode, or a register by which user mode is told. */
bool is_mode(const struct isa *, const struct isa_reg *);

#endif
