/* What the search for a detector shares: cli/detector.c, cli/detector_start.c and
 * cli/detector_search.c. */
#ifndef CLI_DETECTOR_PRIVATE_H
#define CLI_DETECTOR_PRIVATE_H

#include "cli/detector.h"
#include "cli/draft.h"

enum {
	WORLDS = 5, /* the bare machine, and two places under each monitor */
	PAIRS = 64, /* pairs of values that are remembered */
	MODES = 64, /* values of the mode register that are told apart */
};

/* Where two worlds differ, the more useful the greater. */
enum difference {
	DIFFERENCE_BAD = -1,
	DIFFERENCE_NONE,
	IN_CONTROL,
	IN_STORAGE,
	IN_REGISTERS,
	IN_P
};

/* How far a search came; for what is said when it fails. */
enum stage {
	STAGE_NONE,    /* no word made a monitor differ */
	STAGE_STOPS,   /* one did, by stopping one of the machines */
	STAGE_CONTROL, /* only in control state, or devices */
	STAGE_SEEN,    /* in what is visible */
	STAGE_APART,   /* in P, with room */
};

struct value_pair { /* of a register, bare and under a monitor */
	uint64_t bare, virtual;
};

struct detector {
	const struct isa *isa;
	const struct isa_instr *instr;
	struct lexicon *lexicon; /* owned */
	struct draft draft;
	struct recipe recipe;
	struct violation_wish wish; /* its state is aimed */
	uint64_t *reset;	    /* registers; owned */
	uint64_t lowly;		    /* modes, as bits, in which nothing is printed */
	bool wide;		    /* so far all traps lead into storage */
	uint64_t *aimed;	    /* registers with which traps lead to a handler; owned */
	bool *taken;		    /* units of the draft that came from the witness; owned */
	unsigned nworlds;
	struct world world[WORLDS]; /* the first is bare */
	struct world scratch;
	uint64_t room;	   /* words that a routine needs */
	uint64_t patience; /* words tried for one step */
	uint64_t tries, budget;
	enum stage reached;
	const char *under_hybrid; /* what is printed there */
	unsigned npairs;	  /* that a register has had since the worlds differ */
	struct value_pair pair[PAIRS];
};

extern const char *const detector_texts[2]; /* what it prints bare, and under a monitor */

/* Looks for a detector near a witness of the draft's size; the draft is it. */
bool search_starts(struct detector *, const struct witness *);

/* The worlds stand at a place with room, and were kept: runs a word there.  What differs then; if
 * something does, the word is the draft's, and the worlds stand behind it and are kept. */
enum difference search_first(struct detector *, uint64_t place, uint64_t word);
/* Adds words until P differs, out of user mode and with room for routines. */
bool search_p(struct detector *, enum difference now);

#endif
