/*
 * Maps under trial: what each control register may be given, and which obligations a choice
 * can influence, so that only those are asked again.  Private to proofs/.
 */
#ifndef PROOFS_MAPPING_H
#define PROOFS_MAPPING_H

#include "isa/alloc.h"
#include "proofs/advice.h"
#include "proofs/classify_private.h"

struct choice { /* for one register */
	struct isa_map_entry entry;
	unsigned cost; /* what it demands of the real machine */
	const struct isa_trap *holds_off; /* as in advised_line */
	uint64_t held_off_by;
};

struct choices {
	unsigned n;
	struct choice *of; /* the first demands least */
};

enum influence { INFLUENCE_NONE, INFLUENCE_POSSIBLE, INFLUENCE_FOUND };

struct known { /* an answer, by the obligation and what it depends on */
	char *key;
	enum answer met;
};

struct mapping {
	struct classifier c; /* its map is this one: */
	struct isa_map map;
	struct isa_map_entry *entry;
	struct choices *choices; /* by register */
	unsigned *chosen;        /* by register: which of them */
	struct obstack arena;
	/* Obligations: one for each instruction, and composition behind them. */
	unsigned nobligations;
	enum influence **influence; /* by obligation and register */
	unsigned nknown;
	struct known *known;
	unsigned asked, tried;
	bool undecided;
	advice_progress *progress;
};

/* Each register has its first choice. */
void mapping_begin(struct mapping *, const struct isa *, struct smt *, struct terms *,
		   advice_progress *);
void mapping_end(struct mapping *); /* what it owns */
void mapping_choose(struct mapping *, const struct isa_reg *, unsigned choice);
/* The choices that make the classifier's map. */
void mapping_take(struct mapping *, const struct isa_map *);
/* Does the obligation hold, for Theorem 1's monitor or Theorem 3's? */
enum answer mapping_met(struct mapping *, unsigned obligation, int theorem);
/* The first that is not met; nobligations: all are. */
unsigned mapping_unmet(struct mapping *, int theorem);
/* Its instruction; NULL: composition. */
const struct isa_instr *mapping_instr(const struct mapping *, unsigned obligation);
/* Can the real register make a difference to it? */
bool mapping_depends(struct mapping *, unsigned obligation, const struct isa_reg *);
/* Does user mode depend on it? */
bool decides_user(const struct isa *, const struct isa_reg *);
/* The instruction alone: the direct question, and the theorem's condition. */
enum answer instruction_met(struct classifier *, const struct isa_instr *, int theorem);

/* ---- findmap.c ---- */

/* A value as the language has it; to free. */
char *advised_value_text(const struct isa_reg *, const struct isa_map_entry *);

/* ---- mapping_choices.c ---- */

/* What each register may be given, from the enumerations, 0, all ones and the description's own
 * maps; those of role base and bound are composed, those that decide the mode are pinned. */
void mapping_choices(struct mapping *);
/* One way to be in user mode. */
struct user_mode {
	unsigned *choice; /* by register; owned by the mapping's arena */
};
/* All that are known; returns how many. */
unsigned mapping_user_modes(struct mapping *, struct user_mode *, unsigned most);

/* ---- mapping_moves.c ---- */

enum { MOVE_REGISTERS = 3, MAX_OPTIONS = 32, MAX_MOVES = 400, MAX_STEPS = 400, MAX_MODES = 8 };
struct move { /* other choices for some registers at once */
	unsigned n, cost;
	const struct isa_reg *reg[MOVE_REGISTERS];
	unsigned choice[MOVE_REGISTERS], before[MOVE_REGISTERS];
};
struct moves {
	unsigned n;
	struct move *of; /* the least demanding first; owned */
	unsigned limits; /* that left some out: bits 1 << enum search_limit */
};
/* Those that may change the obligation's answer.  closed: by register, those not to be moved. */
struct moves moves_for(struct mapping *, unsigned obligation, const bool *closed);
/* The move with others, which may change the answer to another obligation. */
struct moves moves_beyond(struct mapping *, const struct move *, unsigned obligation);
void moves_free(struct moves *);
void move_make(struct mapping *, struct move *);
void move_undo(struct mapping *, const struct move *);

#endif
