/*
 * What the parts of classification share: the conditions of a query, an instruction
 * that runs from a state, and the relations between states.  Private to proofs/.
 */
#ifndef PROOFS_CLASSIFY_PRIVATE_H
#define PROOFS_CLASSIFY_PRIVATE_H

#include "proofs/classify.h"
#include "proofs/symbolic.h"

enum { MAX_CONDITIONS = 128 };

struct conditions { /* that hold at once */
	unsigned n;
	const struct term *term[MAX_CONDITIONS];
};

struct classifier {
	struct sym sym;
	struct smt *smt;
	const struct isa_map *map;
	const char *reason; /* why the last lemma to fail does */
	const struct term *within; /* a condition on $word, of all questions; NULL: none */
	struct conditions *asked;  /* is told those of the last question, less within; or NULL */
};

#define SYM (&c->sym)
#define TS (c->sym.terms)

void require(struct conditions *, const struct term *);
/* part: further words for the query's name, or NULL. */
enum answer ask(struct classifier *, const struct conditions *, const char *instr,
		const char *question, const char *part);

/* Ways in which a word offends: it executes in some user state of the real machine and is sensitive
 * (user: user sensitive) in one of three ways; or the direct question has the wrong answer (user:
 * for a hybrid monitor), time apart. */
enum { OFFENCE_CONTROL, OFFENCE_BEHAVIOUR, OFFENCE_TRAP, OFFENCE_DIRECT, OFFENCES };
/* Does some word?  After ANSWER_YES the solver's model has it. */
enum answer offence(struct classifier *, const struct isa_instr *, unsigned which, bool user);
/* In one of the first three?  Where the classification knows of no such word already, nothing is
 * asked; of what it leaves ANSWER_UNKNOWN, everything. */
enum answer breaks(struct classifier *, struct classification *, bool user);

/* ---- instance.c ---- */

/* For which words do the states of the solver's last model meet these conditions?  word: what to put
 * for $word, and what the answer is about. */
const struct term *instance_of_word(struct classifier *, const struct conditions *,
				    const struct term *word);

/* ---- relation.c ---- */

const struct term *differ(struct classifier *, const struct term *, const struct term *);

/* The instruction runs from a state. */
struct world {
	struct sym_state *state;
	struct sym_run *run;
};

/* Takes the state. */
struct world world_of(struct classifier *, struct sym_state *, const struct isa_instr *,
		      const struct term *word);
void world_free(struct world *);
/* The state is valid, and the word was fetched. */
void require_state(struct classifier *, struct conditions *, const struct world *,
		   const struct isa_instr *, const struct term *word);
/* No monitor sees that it traps before its effects: what it does, it does by itself. */
const struct term *executes(struct classifier *, const struct world *);
/* Nor does one see that it traps after them. */
const struct term *runs(struct classifier *, const struct world *);
/* Both are done, but one of them traps then, or they do not trap alike. */
const struct term *completions_differ(struct classifier *, const struct world *,
				      const struct world *);

/* They do not trap alike before their effects. */
const struct term *refusals_differ(struct classifier *, const struct world *,
				   const struct world *);

struct change { /* of a component of control state */
	const char *name;
	const struct term *happens;
};

/* What it changes of control state; at most MAX_PARTS.  mirrored: of a virtual machine and its
 * image; registers that this map mirrors do not count, abstract translation's apart, and neither
 * does the virtual machine's storage, which is compared; or NULL. */
unsigned control_changes(struct classifier *, const struct world *, struct change *list,
			 const struct isa_map *mirrored);
const struct term *any_change(struct classifier *, const struct world *,
			      const struct isa_map *mirrored);
const struct term *changed_register(struct classifier *, const struct world *,
				    const struct isa_reg *);
/* The register after two runs; an array at some index. */
const struct term *register_differs(struct classifier *, const struct isa_reg *,
				    const struct sym_run *, const struct sym_run *);
/* Do two worlds differ afterwards in what is visible, or in what this map mirrors? */
const struct term *visible_differ(struct classifier *, const struct world *, const struct world *,
				  const struct isa_map *mirrored);
/* The paper's (c) and (d): mode and relocation are unchanged; and no trap was taken. */
const struct term *resources_kept(struct classifier *, const struct world *);

/* What else than the effective bound related states share: all but ... */
enum kind {
	KIND_ANY,        /* control state */
	KIND_IMAGE,      /* control state, less time and what the map mirrors */
	KIND_LOCATION,   /* the base, and storage outside */
	KIND_BOUND,      /* the bound register */
	KIND_SIZE,       /* the size of storage */
	KIND_RELOCATION, /* all three */
	KIND_MODE,
	KIND_OUTSIDE,    /* storage outside */
	KIND_DEVICE,     /* what devices give, and their lines */
	KIND_TIME,
	KIND_REGISTER,   /* one register */
	KINDS
};
const char *kind_name(enum kind);

struct relation {
	enum kind kind;
	const struct isa_reg *reg; /* KIND_REGISTER */
};
/* Is it a register of its own kind, that no other names? */
bool relation_of(const struct classifier *, const struct isa_reg *, struct relation *);

struct pair {
	struct world a, b;
	const struct term *word;
};

struct pair pair_of(struct classifier *, const struct isa_instr *, struct relation);
void pair_free(struct pair *);
void require_pair(struct classifier *, struct conditions *, const struct pair *,
		  const struct isa_instr *);

/* ---- members.c ---- */

/* Finds out which registers hold members of their enumerated types only. */
void members_prove(struct classifier *);
void members_free(struct classifier *); /* what that took */

/* ---- direct.c ---- */

/* f: the real machine's state while the virtual machine's guest runs on it. */
struct sym_state *image_state(struct classifier *, const struct sym_state *virtual);
void require_members(struct classifier *, struct conditions *, const struct sym_state *real);
/* The region lies in real storage, and the base register reaches it. */
void require_region(struct classifier *, struct conditions *, const struct sym_state *real);
/* The instruction in Sv and in Sr, and what must hold for the monitor to be wrong about it. */
struct direct {
	struct world v, r;
	struct conditions q;
	const struct term *word;
};
/* Both worlds, with nothing required yet of what happens in them. */
struct direct worlds_of(struct classifier *, const struct isa_instr *, bool hybrid, bool time_equal);
struct direct direct_of(struct classifier *, const struct isa_instr *, bool hybrid,
			bool time_equal);
void direct_free(struct direct *); /* what it owns */
/* The direct question, with time equal in both or not. */
enum answer direct_question(struct classifier *, const struct isa_instr *, bool hybrid,
			    bool time_equal);

/* Resource control: what the real machine runs by itself changes none of its control state. */
enum answer control_kept(struct classifier *, const struct isa_instr *, bool hybrid);
/* The reflected path: in virtual user mode, the trap that the real machine reports is the virtual
 * machine's own. */
enum answer reflection(struct classifier *, const struct isa_instr *);
/* Efficiency: it does not trap on the real machine where it does not in the virtual one. */
enum answer efficiency(struct classifier *, const struct isa_instr *);

/* ---- clock.c ---- */

/* Time that passes on the real machine leaves it the virtual one's image, or enters the monitor;
 * ANSWER_NO with a reason. */
enum answer clock_kept(struct classifier *);
/* The number of an interrupt line that a device has. */
const struct term *is_line(struct classifier *, const struct term *n);

/* ---- shadow.c ---- */

/* Abstract translation: is there a translation of the monitor's by which user mode reaches nothing,
 * whatever the guest does?  ANSWER_NO: each leaves it some address. */
enum answer shadow_withholds(struct classifier *);

#endif
