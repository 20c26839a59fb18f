/*
 * Classification (Popek and Goldberg 1974, sections 3 and 5; the repairs of DESIGN
 * section 6): every instruction, for all states and all storage sizes.
 *
 * Related states S1, S2 have the same visible registers and the same storage
 * within the bounds, and equal effective bounds; what else they share depends on
 * the question.  "User mode" is the description's; the map says what the real
 * machine's control registers hold while a guest runs.
 */
#ifndef PROOFS_CLASSIFY_H
#define PROOFS_CLASSIFY_H

#include "isa/isa.h"
#include "proofs/smt.h"

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };
enum answer answer_both(enum answer, enum answer);
enum answer answer_either(enum answer, enum answer);
enum answer answer_negate(enum answer);

/* How an instruction traps; the first that holds. */
enum trapping {
	TRAPS_ALWAYS,        /* in every state, as SVC does */
	TRAPS_PRIVILEGED,    /* the paper's: in user mode, and not in supervisor mode */
	TRAPS_IN_USER,       /* in every user state, but not exactly the paper's */
	TRAPS_CONDITIONALLY, /* in some user states, for a reason other than an address */
	TRAPS_NOT,           /* it runs in user mode; an address may still trap */
	TRAPS_UNKNOWN,
};
const char *trapping_name(enum trapping);

enum { MAX_PARTS = 24 };
/* Components of the state, by name: "mode", "relocation", "storage outside", a register ... */
struct parts {
	unsigned n;
	const char *name[MAX_PARTS];
	bool unknown; /* for some the solver did not decide */
};

struct classification {
	const struct isa_instr *instr;
	enum trapping trapping;
	enum answer executes_in_user; /* in some user state of the real machine, no trap prevents it */
	struct parts control;    /* what it changes */
	struct parts behaviour;  /* what its visible effect depends on */
	enum answer control_sensitive, behaviour_sensitive;
	enum answer trap_sensitive; /* whether it traps depends on control state */
	enum answer user_sensitive; /* both states in user mode */
	enum answer user_sensitive_literal; /* the first in user mode, as printed in the paper */
	enum answer user_control, user_behaviour, user_trap; /* the parts of it, tight */
	/* some word of it is sensitive and does not trap in some user state of the real machine */
	enum answer breaks_theorem1, breaks_theorem3;
	/* the direct question: where the real machine does not trap, is the virtual machine's step
	 * its own?  ANSWER_YES: it differs.  time_only: only because time shows */
	enum answer direct_vmm, direct_hybrid;
	bool time_only_vmm, time_only_hybrid;
	/* the paper's properties (section 4), of what runs directly: resource control; efficiency,
	 * ANSWER_NO: it is innocuous, and traps all the same where the virtual machine would not */
	enum answer controlled_vmm, controlled_hybrid, efficient;
	/* the reflected path: a trap in virtual user mode is the virtual machine's own; ANSWER_NO: a
	 * monitor must interpret it to know */
	enum answer reflected;
	uint64_t word;           /* a word of it that breaks a condition, where one does */
};

struct classifier;

/* Both not owned; the map is the isa's. */
struct classifier *classifier_new(const struct isa *, const struct isa_map *, struct smt *,
				  struct terms *);
void classifier_free(struct classifier *);
const struct isa *classifier_isa(const struct classifier *);
const struct isa_map *classifier_map(const struct classifier *);

/* Can the machine be asked about at all?  False with a reason: no user mode, no mode, no
 * relocation. */
bool classifier_fit(const struct isa *, char *reason, size_t reason_size);

/*
 * The lemma that everything rests on.  By base and bounds: translate traps exactly when the
 * address is not below the effective bound, with one trap for each kind of access and the
 * address as operand, and otherwise gives L + address.  By abstract translation: it reads
 * control state only, gives an address one place whatever the access, and what it refuses in
 * user mode reaches the monitor.
 */
enum answer classifier_lemma(struct classifier *);
/*
 * Composition.  By base and bounds: f's relocation has the virtual machine's effective bound,
 * within its region.  By abstract translation, which the monitor composes as it goes: there is a
 * translation by which user mode reaches nothing, whatever the guest does, so that the
 * monitor can begin with it and let in what is the guest's.  And in both forms: the real machine is
 * in user mode, fetches in the virtual one's order of bytes, and stays its image while time passes.
 */
enum answer classifier_composition(struct classifier *);
/* Why the last of them does not hold, to follow "translate of ..." or "of ...". */
const char *classifier_reason(const struct classifier *);
/*
 * Efficiency of abstract translation: does user mode, by some translation, reach what the virtual
 * machine reaches in any mode?  ANSWER_NO with an address that it never reaches.
 */
enum answer classifier_reach(struct classifier *, uint64_t *address);

struct classification classify(struct classifier *, const struct isa_instr *);
/* Theorem 1's or 3's condition, or the direct question for its monitor, time apart. */
bool breaks_theorem(const struct classification *, int theorem);

/* What Sv had better be, one thing after the other as far as it can be. */
struct violation_wish {
	uint64_t size;	       /* of storage */
	uint64_t from, to;     /* addresses that the instruction uses: from <= a < to */
	const uint64_t *state; /* a state vector */
};

/*
 * A violation found by the direct question, as values: Sv and its image Sr.  Storage sizes are
 * at most `most`; registers are as wished, or 0 if nothing is (NULL), where they can be, and the
 * word's free fields 0.
 */
struct place_pair { /* where one cell lies */
	uint64_t at[2];
};
struct violation {
	uint64_t word, size[2], region; /* [0]: virtual, [1]: real */
	unsigned nplaces;               /* by abstract translation, instead of the region: */
	struct place_pair *place;       /* of the cells that it touches; owned */
	uint64_t time[2];
	uint64_t *state[2];   /* state vectors; owned */
	uint64_t *storage[2]; /* units; owned */
	bool stays[2];        /* it traps there, and the trap does not leave user mode */
};
enum answer classifier_violation(struct classifier *, const struct isa_instr *, bool hybrid,
				 uint64_t most, const struct violation_wish *, struct violation *);
void violation_free(struct violation *); /* what it owns */

struct verdict { /* of one theorem */
	enum answer holds;        /* the paper's condition, repaired */
	enum answer equivalence;  /* every guest, by the direct question */
	enum answer control;      /* resource control */
	enum answer efficiency;   /* of instructions; a hybrid monitor has none in supervisor mode */
	bool up_to_time;
	unsigned noffenders;
	const struct classification **offender; /* owned */
};
/* theorem: 1 or 3.  Without the lemma nothing is claimed, and without composition nothing about
 * equivalence. */
struct verdict verdict_of(int theorem, const struct classification *, unsigned n,
			  enum answer lemma, enum answer composition);
void verdict_free(struct verdict *); /* what it owns */

#endif
