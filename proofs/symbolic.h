/*
 * Symbolic execution: what an instruction does for all states at once.
 *
 * One run follows every path and merges them under their conditions: one state
 * after it, a list of guarded stores, and a condition for each trap (DESIGN
 * section 6).  Storage within the bounds is keyed by cell, which by base and bounds
 * is the virtual address, and shared by related states; storage outside is each
 * state's own.  That is sound for relocation by base and bounds, and for abstract
 * translation; which one a description has, classifier_lemma proves first.
 *
 * A trap that does not leave user mode reaches no monitor (DESIGN section 4), so
 * where each one leads is looked up in trapseq.
 */
#ifndef PROOFS_SYMBOLIC_H
#define PROOFS_SYMBOLIC_H

#include "isa/isa.h"
#include "proofs/term.h"

struct sym {
	const struct isa *isa;
	struct terms *terms;
	unsigned size_width; /* of `size` */
	const struct isa_trap *refusal[ACCESS_WRITE + 1]; /* what translate raises, by access */
	const bool *member; /* by register: surely a member of its enumerated type; NULL: none is */
};

struct sym sym_of(const struct isa *, struct terms *);

/* A state of the machine.  Names are those of the queries' variables and functions. */
struct sym_state {
	const char *tag;
	const struct term **reg;  /* by register index: a scalar's value */
	const char **array;       /* by register index: an array's function of the index */
	const struct term *size;  /* q */
	const struct term *bound; /* the effective bound: addresses below it are storage; a word */
	const char *reach[ACCESS_WRITE + 1]; /* abstract: functions of an address, by access */
	const char *cell;                    /* abstract: the cell that an address names */
	const char *placing;                 /* abstract: where the cells lie, a tag */
	const struct term *time;
	const char *storage;      /* function of a cell */
	const char *outside;      /* function of a physical address, for those outside the bounds */
	const struct term *table; /* what physical loads give, which are the monitor's, everywhere;
	                             NULL: they load from storage */
	const char *line, *input; /* function of the line; prefix of what devices give */
	/* a virtual machine's region, when the state is the real machine's: outside the bounds but
	 * within the region lie the virtual machine's cells */
	const struct term *region, *region_size; /* NULL: none */
	const char *region_outside;
};

/*
 * A state with visible registers and storage named without a tag, so that all such states
 * share them, and everything else with it: "M.1".  What is no register begins with $, which no
 * register does.  Owned by the arena of the terms' user:
 * free with sym_state_free.
 */
struct sym_state *sym_state_new(const struct sym *, const char *tag);
/* A copy that can be changed. */
struct sym_state *sym_state_copy(const struct sym *, const struct sym_state *);
void sym_state_free(struct sym_state *);

/* What every state satisfies: q from 1 to 2^word, the bound is the effective one, registers for
 * which that is known (sym.member) hold a member of their type. */
const struct term *sym_valid(const struct sym *, const struct sym_state *);
/* Of the register's enumerated type, which it has. */
const struct term *sym_is_member(const struct sym *, const struct isa_reg *, const struct term *);
/* min(b, q - l), 0 if l >= q. */
const struct term *sym_effective_bound(const struct sym *, const struct sym_state *);
/* A description's pure expression on a state. */
const struct term *sym_eval(const struct sym *, const struct sym_state *, const struct expr *);
/* One of an instruction's, of its word, and locals that hold this; NULL: 0. */
const struct term *sym_eval_instr(const struct sym *, const struct sym_state *,
				  const struct isa_instr *, const struct term *word,
				  const struct term *const *local, const struct expr *);
const struct term *sym_user(const struct sym *, const struct sym_state *);
/* Does an access reach storage, and which cell? By base and bounds, it is the address itself. */
const struct term *sym_reaches(const struct sym *, const struct sym_state *,
			       const struct term *address, enum access);
const struct term *sym_cell(const struct sym *, const struct sym_state *,
			    const struct term *address);
/* Does what translate does depend on the register? */
bool sym_relocates(const struct sym *, const struct isa_reg *);
/* A cell in the bounds? And a physical place? */
const struct term *sym_in_bounds(const struct sym *, const struct sym_state *,
				 const struct term *cell);
const struct term *sym_physical_in_bounds(const struct sym *, const struct sym_state *,
					  const struct term *place);
/* The cell that such a place holds. */
const struct term *sym_cell_at(const struct sym *, const struct sym_state *,
			       const struct term *place);

struct sym_store {
	const struct term *guard, *address, *value; /* one unit, at a cell or a physical place */
	bool physical;
};

struct sym_access {
	const struct term *address;
	enum access access;
};

struct sym_element { /* of a register array */
	const struct isa_reg *reg;
	const struct term *guard, *index, *value;
};

struct sym_trap {
	const struct term *guard;
	const struct isa_trap *trap;
	const struct term *info;
	enum phase phase;
	const struct term *stays; /* performed, it leaves the machine in user mode */
	const struct term *mode;  /* the mode register after that; NULL where nothing stays */
	const struct term *stops; /* trapseq itself traps: a check-stop */
};

enum sym_event_kind { SYM_IN, SYM_OUT, SYM_HALT, SYM_WAIT };
struct sym_event {
	enum sym_event_kind kind;
	const struct isa_device *device;
	const struct term *guard, *address, *value;
};

/* What an instruction, or other code, does from a state. */
struct sym_run {
	const struct sym_state *before;
	const struct term **reg; /* scalars after it, P where execution goes on */
	const struct term *result; /* of code that has one */
	unsigned nstores, nelements, ntraps, nevents, nplaces, naccesses;
	struct sym_store *store;
	const struct term **place; /* physical places that it touches */
	struct sym_access *access; /* addresses that it touches */
	struct sym_element *element;
	struct sym_trap *trap;
	struct sym_event *event;
	const struct term *nullified; /* it traps, effects undone: phase nullify or next */
	const struct term *traps;     /* that, and the trap leaves user mode: a monitor sees it */
	const struct term *stays;     /* it traps, in any phase, into a mode that is user mode */
	const struct term *memory;    /* it traps for its address or the fetch's */
	const struct term *completes; /* it traps after its effects */
	const struct term *stops;     /* it traps, and trapseq does: there is too little storage for it */
	const struct term *moved;     /* it goes to storage by what it made of R itself */
};

/* The instruction with this word, fetched: no fetch trap is among its traps. */
struct sym_run *sym_run_instr(const struct sym *, const struct sym_state *,
			      const struct isa_instr *, const struct term *word);
/* Other code with its parameters; its accesses to mem[] are keyed likewise. */
struct sym_run *sym_run_code(const struct sym *, const struct sym_state *, const struct code *,
			     const struct term *const *parameter);
/* Fills in, for each trap of a run of other code, where it leads; of an instruction's run it is. */
void sym_lead(const struct sym *, struct sym_run *);
void sym_run_free(struct sym_run *);

/* Physical places that the run touches hold different cells, if any. */
const struct term *sym_places_apart(const struct sym *, const struct sym_run *);

/* P lies in the bounds and storage there holds the word, which is this instruction. */
const struct term *sym_fetched(const struct sym *, const struct sym_state *,
			       const struct isa_instr *, const struct term *word);
/* A variable for an instruction word. */
const struct term *sym_word(const struct sym *, const char *name);

/* After a run: a unit of storage by its cell; by physical address, outside the bounds; an
 * element of an array. */
const struct term *sym_storage_after(const struct sym *, const struct sym_run *,
				     const struct term *cell);
const struct term *sym_outside_after(const struct sym *, const struct sym_run *,
				     const struct term *place);
const struct term *sym_element_after(const struct sym *, const struct sym_run *,
				     const struct isa_reg *, const struct term *index);
/* A place of the virtual machine's region? */
const struct term *sym_in_region(const struct sym *, const struct sym_state *,
				 const struct term *place);
/* Before: outside the bounds, and an element. */
const struct term *sym_outside(const struct sym *, const struct sym_state *,
			       const struct term *place);
const struct term *sym_element(const struct sym *, const struct sym_state *,
			       const struct isa_reg *, const struct term *index);
/* The width that indexes an array. */
unsigned sym_index_width(const struct isa_reg *);
/* A name made of parts, living as long as the terms. */
const char *sym_name(const struct sym *, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
