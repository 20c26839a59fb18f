/*
 * The oracle, the definition of what a machine does, as the clock and the run
 * loop use it.  Private to machine/.
 */
#ifndef MACHINE_ORACLE_H
#define MACHINE_ORACLE_H

#include "machine/lower.h"
#include "machine/machine.h"

/*
 * The stream that unspecified values come from: linear congruential, with Knuth's factor for MMIX
 * (The Art of Computer Programming, volume 2, 3.3.4, table 1), so that translated code goes on in it
 * at little cost where nobody looks at the value.  Of its state the high bits are taken, and of wide
 * values the low half, whose bits repeat soon, gets the high one added.  proofs/coq/PlainOracle.v says
 * the same.
 */
#define STREAM_FACTOR UINT64_C(6364136223846793005)
enum { STREAM_STEP = 1, STREAM_HALF = 32 };

/* How a piece of code ended. */
enum ending {
	END_DONE,
	END_TRAP,
	END_HALT,  /* done, and the processor halts */
	END_WAIT,  /* done, and it waits */
	END_USER,  /* done, and the view, which stops there, is in user mode */
	END_STOP,  /* done, and the view, which has stops, comes to one */
	END_CLOCK, /* not begun, or taken back: the instruction must find the clock settled */
};

/* An old value, to be put back. */
struct undo {
	bool unit;   /* of storage, by its place in the window; else a slot */
	uint64_t at, value;
};

/* Code of the description that engines may run in their way. */
enum code_kind { CODE_TRAPSEQ, CODE_TICK, CODE_HORIZON, CODE_SKIP, CODES };

struct oracle {
	const struct isa *isa;
	struct layout layout;
	/* The description's code; NULL where it has none. */
	struct program *fetch, *translate[3];
	struct program *place[3]; /* for U_PLACE; NULL where layout.apart is false */
	struct program *code[CODES], *interrupt, *reset, *go, *user;
	bool trap_may_stay;    /* oracle_trap_stays */
	bool interrupt_steady; /* clock_interrupt_steady */
	bool tick_steady;      /* clock_tick_steady */
	bool counts_always;    /* tick changes something even where horizon says never */
	unsigned nclock;       /* clock_inputs; 0: unknown */
	uint32_t clock_slot[CLOCK_INPUTS];
	/* Decoded instructions, by their word: lines of a direct-mapped cache, which grows. */
	struct line_of_words {
		uint64_t word;
		struct program *program; /* NULL: empty; owned */
	} *line;
	unsigned lines_log, nlost; /* words that others took the line of, since it grew */
	/*
	 * What an engine knows of translate while an instruction runs: where n units from an address
	 * on are, that stand side by side in storage.  NULL: nothing.
	 */
	bool (*knows)(const void *engine, enum access, uint64_t address, unsigned n, uint64_t *place);
	const void *engine;
	bool *remaps; /* by instruction: it changes a register that translate reads; owned */
	bool asks;    /* the instruction that runs does not */
	/* The journal of the code that runs; empty between instructions. */
	struct undo *undo; /* owned */
	size_t nundo, undo_capacity;
	bool reached;	    /* a device was */
	struct spin *spin; /* it is looked at: machine/spin.c; or NULL */
	bool settled; /* the instruction that runs found the clock settled */
	uint64_t *before_unit, *before_wait; /* registers, for clock_wait; owned */
};

/*
 * Runs a piece of code on a view.  The parameters are in the first locals.
 * After END_TRAP the trap's kind, phase and info are set; effects stand, and the
 * journal tells how to take them back.
 */
enum ending oracle_execute(const struct view *, const struct program *, struct trap *);
/* The same of code with up to three parameters. */
enum ending oracle_call(const struct view *, const struct program *, struct trap *, uint64_t a,
			uint64_t b, uint64_t c);
/* What code with a result left. */
uint64_t oracle_result(const struct view *);

/*
 * Runs up to n instructions, each whole, but settles no time.  *done counts those
 * that completed without a trap.  Stops before one that is flagged `clock`, unless
 * `settled`; at a trap, with *trap filled in, the state as struct outcome says.
 */
enum ending oracle_burst(const struct view *, uint64_t n, bool settled, uint64_t *done,
			 struct trap *);

/*
 * How far a burst of the view's engine came.  An engine may go on past instructions that trap
 * or meet the clock, and settle their time: then this is counted from the last of them on.
 */
struct progress {
	uint64_t settled; /* steps whose time is settled, performed traps included */
	uint64_t done;	  /* that completed since then */
	uint64_t traps;	  /* performed */
	struct trap last; /* of them */
};

/*
 * What run and clock use, on the view's engine (machine/engine.c): a burst of at most `room`
 * steps, of which the first `horizon` surely raise nothing; one step that finds the clock settled;
 * code of the description with its parameters, as oracle_call.
 */
enum ending engine_burst(struct view *, uint64_t room, uint64_t horizon, struct progress *,
			 struct trap *);
enum ending engine_step(struct view *, struct trap *);
enum ending engine_code(const struct view *, enum code_kind, struct trap *, uint64_t a, uint64_t b,
			uint64_t c);
/* The translator's: machine/translator/translator.c, single.c. */
enum ending translator_burst(struct view *, uint64_t room, uint64_t horizon, struct progress *,
			     struct trap *);
/* The same, of at most n steps, on the registers of another processor: see view_run_on. */
enum ending translator_burst_on(struct view *, struct cpu *, uint64_t n, uint64_t *done,
				struct trap *);
/* The number of what is shared, by slot: the same whenever that is; not 0.  context.c */
unsigned translator_sharing(struct translator *, const bool *shared);
enum ending translator_step(struct view *, struct trap *);
bool translator_serve(struct view *, uint64_t done, struct service *);
/* False: not translated; nothing was done. */
bool translator_code(const struct view *, enum code_kind, const struct program *, enum ending *,
		     struct trap *);

/* An instruction, lowered; it stays until another word takes its line. */
const struct program *oracle_decode(struct oracle *, uint64_t word);
/*
 * Does a trap lead from user mode into user mode, as VAX CHME leads into executive mode?  Then it is
 * performed; else nothing is done.  What trapseq loads from storage a control program has put there:
 * a trap that takes its mode from storage leads to that program.
 */
bool oracle_trap_stays(struct view *, const struct trap *);

/* What the journal holds stays, or is put back. */
void oracle_commit(struct oracle *);
void oracle_rollback(const struct view *);
/* Is anything that the journal keeps different now? */
bool oracle_changed(const struct view *);

/* Does what interrupt does depend on nothing that a mere tick changes? */
bool clock_interrupt_steady(const struct isa *);
/* Does tick do the same whenever the registers are the same? */
bool clock_tick_steady(const struct isa *);
/*
 * The slots that tick, horizon and skip depend on and change, if that is all they do and these
 * are few: how many; else 0.
 */
unsigned clock_inputs(const struct isa *, uint32_t slot[CLOCK_INPUTS]);

#endif
