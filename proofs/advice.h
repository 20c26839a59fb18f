/*
 * Advice: the weakest VM map under which a machine can be virtualized, and what would mend one
 * that cannot.  All of it is verified by asking the same questions again, of another map or of a
 * changed description.
 */
#ifndef PROOFS_ADVICE_H
#define PROOFS_ADVICE_H

#include "proofs/guilt.h"

/* What is said of long work, now and then. */
typedef void advice_progress(const char *text);

/* Where a search stopped short: of what was found wanting, there was more. */
enum search_limit {
	LIMIT_REGISTERS, /* registers moved at once for an instruction */
	LIMIT_CHOICES,	 /* choices of registers for an instruction */
	LIMIT_MOVES,	 /* moves for an instruction */
	LIMIT_STEPS,	 /* steps of the search */
	LIMIT_MODES,	 /* user modes */
	SEARCH_LIMITS
};
/* "more than 400 moves for an instruction; ...", of a set of bits 1 << limit, after the head; to
 * free. */
char *limits_text(const char *head, unsigned limits);

/* ---- maps ---- */

struct advised_line { /* of a map */
	const struct isa_reg *reg;
	enum map_kind kind;
	char *value; /* MAP_VALUE: as the language has it; owned; else NULL */
	/* What stands against less: an instruction that fails were it virtual, and were it mirrored;
	 * NULL: none, or what is virtual already */
	const struct isa_instr *if_virtual, *if_mirrored;
	/* Pinned, where mirrored would do, too, but let a guest hold off this trap; else NULL */
	const struct isa_trap *unsafe_mirrored;
	bool composition; /* with less, the machine would not compose */
	bool user;        /* user mode needs it */
	/* Mirrored or pinned, it can hold off this trap of tick or interrupt, with this value; or
	 * NULL */
	const struct isa_trap *holds_off;
	uint64_t held_off_by;
};

struct advised_map {
	int theorem;        /* 1 or 3: the monitor that it serves; 0: none serves */
	unsigned nlines;    /* as many as there are control registers */
	struct advised_line *line; /* owned */
	unsigned modes;     /* ways into user mode; 0: no map was tried */
	unsigned tried;     /* maps */
	/* [0]: for Theorem 1, [1]: for Theorem 3: instructions that no map tried serves; or, with
	 * clash, that some map serves each by itself, and none serves all */
	unsigned nblocking[2];
	const struct isa_instr **blocking[2]; /* owned */
	bool clash[2];
	bool undecided; /* the solver left a question open on the way, or too many maps were tried */
	unsigned limits; /* none serves Theorem 1's monitor: what of the search was left out, as bits
			    1 << enum search_limit */
};

/*
 * Searches, from the weakest: all virtual but user mode and relocation, then registers mirrored,
 * then pinned to a value.  Every user mode is tried.  To be freed.
 */
struct advised_map advise_map(const struct isa *, struct smt *, struct terms *, advice_progress *);
void advised_map_free(struct advised_map *); /* what it owns */
/* A name for it that no map of the machine has; returns buffer. */
char *advised_map_name(const struct isa *, char *buffer, size_t size);
/* What one line says, "IE := 1;"; returns buffer. */
char *advised_line_text(const struct advised_line *, char *buffer, size_t size);

/* ---- changes ---- */

enum remedy {
	REMEDY_WORDS,   /* trap its guilty words in user mode */
	REMEDY_TRAP,    /* trap all of it in user mode */
	REMEDY_ILLEGAL, /* remove it from user mode */
	REMEDY_MAP,     /* another map */
};
const char *remedy_name(enum remedy); /* "trap its guilty words in user mode" */

/* What holds once it is done. */
struct remedied {
	enum answer theorem1, theorem3; /* the instruction breaks them no more: condition and
					   direct question */
	unsigned questions;             /* that it took to know */
};

struct alternative {
	enum remedy remedy;
	char *text; /* the line to put first into the body, or lines of the map; owned */
	char *item; /* the whole instruction, as one that overrides it; owned; REMEDY_MAP: NULL */
	struct remedied then;
	const struct isa_trap *holds_off; /* REMEDY_MAP: as in advised_line */
};

struct advice { /* against one offender */
	const struct isa_instr *instr;
	unsigned n;
	struct alternative *of; /* verified: each mends all that the instruction breaks, but a map,
				   which may mend Theorem 3's condition alone; owned */
	unsigned limits;	/* no other map was found: what of the search was left out */
};

/* Advises about one machine and map; what it finds out of a map, it asks once.  Both not owned. */
struct adviser;
struct adviser *adviser_new(struct classifier *, advice_progress *);
void adviser_free(struct adviser *);
/* In each, the instruction is changed alone. */
struct advice advise(struct adviser *, const struct classification *, const struct guilt *);
void advice_free(struct advice *); /* what it owns */

struct combined {
	char *text; /* a description, which includes the machine and changes it; owned */
	struct remedied then; /* of all those that were changed */
};
/* The first change to each instruction's body, together.  False: one of them has none. */
bool advise_combined(struct adviser *, const struct advice *, unsigned n, struct combined *);

#endif
