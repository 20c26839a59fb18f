/*
 * What the parts of simplification share:
 *
 *   simplify.c           the pass over an instruction, and the ends of its paths
 *   simplify_fact.c      what is known of slots
 *   simplify_operator.c  operators
 *   simplify_jump.c      comparisons and jumps
 *   simplify_storage.c   storage, and arrays of registers
 *   simplify_undo.c      what is kept, to be put back
 */
#ifndef MACHINE_TRANSLATOR_SIMPLIFY_H
#define MACHINE_TRANSLATOR_SIMPLIFY_H

#include "machine/translator/private.h"

enum { MOST = 400, NO_BASE = 0xffff, ENDS = 32 };

/* What is known of a slot's value. */
struct fact {
	uint64_t lo, hi;
	uint64_t offset; /* value = value of slot base + offset, without wrapping around */
	uint16_t base;	 /* dense number, or NO_BASE */
	uint16_t wrapped; /* the same of a base + addend that may wrap around, at the width */
	uint64_t addend;
	bool initial; /* it is what a register held before the instruction */
	uint8_t place; /* what it says of the instruction's place */
};

/*
 * The same is known wherever it stands; or a constant that is P and some more, modulo 2^(width of P);
 * or what holds there only.
 */
enum { ANYWHERE, MOVES, BOUND };

struct state {
	unsigned n;
	struct fact fact[MOST];
};

struct simplifier_storage;
struct simplifier {
	struct simplifier_storage *storage;
	const struct translator *t;
	const struct context *context;
	const struct program *program;
	unsigned length; /* of the program, without U_END */
	struct instruction *into;
	enum simplify how;
	bool saving; /* what stores change is kept, to be put back */
	bool all;    /* all registers that are written are renamed, not only those to be undone */
	bool failed;
	bool bound;  /* what holds at this place only has been used */
	bool clashes; /* an array that is reached by an index has elements that are renamed */
	bool *indexed; /* by register slot: in such an array; when saving, what changes is kept */
	uint32_t rooms; /* where it is, the first of the slots for it: undo_place */
	bool reached_next;	/* t->after says what holds there, */
	unsigned passed;	/* of so many slots */
	bool reachable, forked; /* forked: only if some condition holds */
	struct state **at;	/* by target: what holds where jumps to it come from; or NULL */
	bool *renamed;		/* by register slot */
	uint32_t
		stream; /* the new state of the stream of unspecified values; NO_INDEX: as it was */
	uint32_t spare;		/* slots of the translator's own that are in use */
	unsigned nends;
	/* what is above begins as zeros, the rest as it was */
	struct end {
		uint64_t next;
		bool known;
		unsigned label;
		struct state *state;
	} end[ENDS];
	struct state now;
	uint32_t slot[MOST];   /* by dense number */
	bool leaned_on[MOST];  /* the same: may it be a base? */
};

/* What is used again and again: the translator's. */
struct simplifier_storage {
	struct simplifier simplifier;
	struct ops ops;		       /* room for those that are made; owned */
	bool *renamed, *indexed;       /* owned */
	struct state **at;	       /* owned */
	unsigned at_capacity;
	struct state **state;	       /* owned, each of them, too */
	unsigned nstates, states_capacity; /* in use; that there are */
	struct told *told;	       /* of the instructions of a region; owned */
	unsigned ntold, told_capacity;
	/* of code: what its first parameter can be, if that is known; and then the slot that its result
	   is, but for so much */
	const struct range *parameter;
	uint32_t result_base;
	uint64_t result_offset;
	struct recollection {
		uint64_t key;
		struct recalled *of;
	} *recalled;		    /* recall.c; owned, each of them, too */
	uint64_t nrecalled;	    /* so many came, since there were none */
};

/* ---- simplify_fact.c ---- */

struct fact fact_range(uint64_t lo, uint64_t hi);
struct fact fact_const(uint64_t);
void fact_at_most(struct fact *, uint64_t hi);
void fact_at_least(struct fact *, uint64_t lo);

/* What is known of a slot now; it stays until something else is asked. */
struct fact *fact_of(struct simplifier *, uint32_t slot);
/* Execution goes on with the next instruction: so this may hold there. */
void fact_pass_on(struct simplifier *);
/* What that was, and which registers were looked at, is noted for whoever carries it on. */
void fact_tell(struct simplifier *);
/* Is its value a constant that moves with the instruction? */
bool fact_moves(struct simplifier *, uint32_t slot, uint64_t *value);
/* Is its value known? */
bool fact_known(struct simplifier *, uint32_t slot, uint64_t *value);
/* Are some bits of it known, by the context? */
bool fact_bits_known(struct simplifier *, uint32_t slot, uint64_t mask, uint64_t *value);
/* The slot that holds the same value for longer. */
uint32_t fact_root(struct simplifier *, uint32_t slot);
/* A slot as a base and an offset: itself and 0 at least. */
struct fact fact_linear(struct simplifier *, uint32_t slot);
/* A slot gets a new value. */
void fact_define(struct simplifier *, uint32_t slot, struct fact);

/* States: to as many slots as are known of now; and what holds where jumps meet. */
void state_extend(const struct simplifier *, struct state *, unsigned n);
void state_remember(struct simplifier *, struct state **at);
void state_copy(struct state *to, const struct state *from);

/* A slot, under its new name if it is a register that is renamed. */
uint32_t simplify_named(const struct simplifier *, uint32_t slot);
void simplify_emit(struct simplifier *, struct uop);
/* d := a constant, and d := a, simplified. */
void simplify_const(struct simplifier *, uint32_t d, uint64_t value);
void simplify_copy(struct simplifier *, uint32_t d, uint32_t a);
/* d := a constant that moves with the instruction. */
void simplify_moving(struct simplifier *, uint32_t d, uint64_t value);
/* A slot that nobody uses. */
uint32_t simplify_spare(struct simplifier *);
/* An operand as a slot that holds it; constants are made where they are used. */
uint32_t simplify_operand(struct simplifier *, uint32_t slot);

/* ---- simplify_undo.c ---- */

/* Which arrays are reached by an index? */
void undo_prepare(struct simplifier *);
/* When the instruction begins: what will be put back, and the room for what is not yet known. */
void undo_begin(struct simplifier *);
/* Of a store of the program: the slots for where it stores and for what was there. */
uint32_t undo_place(const struct simplifier *, const struct uop *store);
uint32_t undo_value(const struct simplifier *, const struct uop *store);
/* From here on it is put back. */
void undo_from(struct simplifier *, const struct uop *store);

/* ---- simplify_operator.c ---- */

/* Of U_ADD and those that follow, to the last comparison. */
enum expr_op simplify_operator_of(unsigned op);
/* Such an operation, or U_NEG, U_SLICE, U_SEXT, into d. */
void simplify_operator(struct simplifier *, const struct uop *, uint32_t d);
void simplify_unary(struct simplifier *, const struct uop *, uint32_t d);

/* A value from the stream; what begins it, and what makes its new state the stream's. */
void simplify_unspecified(struct simplifier *, const struct uop *, uint32_t d);
void simplify_begin_stream(struct simplifier *);
void simplify_commit_stream(struct simplifier *);

/* ---- simplify_jump.c ---- */

/* Jumps to another place of the program, or to its end. */
void simplify_jump(struct simplifier *, const struct uop *, unsigned target);
void simplify_jump_always(struct simplifier *, unsigned target);

/* ---- simplify_storage.c ---- */

void simplify_check(struct simplifier *, uint32_t place);
/* Of what translate goes by pages for. */
void simplify_place(struct simplifier *, const struct uop *);
/* An access of one unit, or of several; false: a load. */
void simplify_unit(struct simplifier *, const struct uop *, bool store);
void simplify_units(struct simplifier *, const struct uop *, bool store);
/* Of vectors. */
void simplify_lanes(struct simplifier *, const struct uop *);
/* Of an array of registers. */
void simplify_element(struct simplifier *, const struct uop *, bool store);

/* ---- simplify.c ---- */

/* A jump that comes to the end of the instruction: the label where its path ends. */
unsigned simplify_jump_to_end(struct simplifier *);

#endif
