/*
 * What the translator makes of an instruction: the micro-operations of lowering
 * (machine/lower.h), simplified for a place and a context.
 *
 *   - Each path ends in T_GOTO, T_INDIRECT, T_DONE, T_TRAP, T_COLD or T_ROUND.
 *   - Jumps go to labels, d their number, or to LABEL_COLD.
 *   - U_LOAD, U_STORE, U_LOADS, U_STORES reach the units from place a + b on (b is signed), b
 *     alone if a is NO_INDEX, without a check; U_CHECK stands before those that need one, and
 *     T_NOCODE before all that store, and before those that load what may be watched.
 *   - U_PLACE leaves by the oracle, too, where it does not know the place.
 *   - J_EQI and J_NEI compare some bits of a only, those in b, unless that is 0.
 *   - EXACT in aux: the result of the operator fits its width without being cut.
 *
 * T_COLD leaves the translated code in the state before the instruction: whatever is
 * rare, a trap above all, the oracle does by running that one instruction.
 */
#ifndef MACHINE_TRANSLATOR_IR_H
#define MACHINE_TRANSLATOR_IR_H

#include "machine/lower.h"

enum {
	T_LABEL = U_FIRST + 1, /* d */
	T_GOTO,		       /* execution goes on at imm */
	T_INDIRECT,	       /* at the value of slot a; if aux is not 0, that is part aux - 1 of
				  the position, and imm has the others */
	T_COLD,
	T_NOCODE, /* leaves by the oracle if one of the imm units from place a + b on is code, or
		     has other bits in the storage's map; aux: has these */
	T_TRAP,	  /* trap b, operand a, phase aux; nothing has been changed */
	T_DONE,	  /* of code that is no instruction; its result is in a */
	T_BUDGET, /* d := the steps left */
	T_PUT,	  /* slot d, where it stays, := a */
	T_GET,	  /* d := slot a, where it stays */
	T_NOTE,	  /* slot d, where it stays, := imm */
	T_ROUND,  /* a round ends: the steps left are a, and execution goes on where P says */
	/* At a T_COLD, with d and a as they are there: */
	T_UNDO,	     /* put back: imm units from place a on held d, if a is a place */
	T_UNDO_SLOT, /* slot b held d */
	T_UNDO_ELEM, /* slot b + a held d, if a < imm */
	T_KEPT,	     /* a and d have got what a T_UNDO or T_UNDO_ELEM wants */
	T_OPS
};

enum {
	EXACT = 1 << 8,
	SMALL = 1 << 9,	   /* the second operand is below the width */
	NONZERO = 1 << 10, /* and not 0 */
	MOVING = 1 << 11,  /* a constant that moves with the instruction's place */
};
#define LABEL_COLD UINT32_MAX
#define NO_INDEX   UINT32_MAX

struct ops {
	struct uop *op; /* owned */
	unsigned count, capacity;
	unsigned labels; /* they are numbered below this */
};

struct uop *ops_add(struct ops *, struct uop);
void ops_free(struct ops *);
struct ops ops_copy(const struct ops *);

/* What an operation does to slots. */
struct effect {
	unsigned nuses;
	uint32_t use[2];
	bool defines; /* u->d, and does nothing else */
};
static inline struct effect ops_effect(const struct uop *);

static inline bool ops_is_jump(const struct uop *); /* J_..., to a label */
static inline bool ops_is_conditional(const struct uop *);
static inline bool ops_ends_path(const struct uop *); /* nothing falls through it */
/* May it leave by T_COLD? */
static inline bool ops_may_go_cold(const struct uop *);

/* ---- clean.c ---- */

/* The operation that made a slot's value, in front of the n-th one, if both stand on one path and
 * what it was made of is still there; NULL: there is none. */
const struct uop *ops_maker(const struct ops *, unsigned n, uint32_t slot);

/* Removes what is not needed and joins what can be; registers are the slots below nslots. */
void ops_clean(struct ops *, unsigned nslots);
/*
 * Can every T_COLD find the state as it was before the instruction?  saved: by slot, what is put
 * back, and storage too; NULL: nothing is.  traps: T_TRAP need not find it so.
 */
bool ops_restartable(const struct ops *, unsigned nslots, const bool *saved, bool traps);

/* ---- split.c ---- */

/*
 * Of the slots that `may` names, each value gets one of its own, where there is room for it among the
 * temporaries.  They hold nothing that counts behind the operations, in which all jumps go forward;
 * those that hold something before stay where they are, and `may` does not name them any more.
 */
void ops_split(struct ops *, bool *may, const struct layout *);

/* ---- looked up all the time: ops.c has the table ---- */

/* By operation: what it does to slots; of an `a` that is NO_INDEX nothing. */
enum { DEFINES_D = 1, USES_A = 2, USES_B = 4, USES_D = 8, ENDS_PATH = 16, MAY_GO_COLD = 32 };
extern const uint8_t ops_traits[T_OPS];

static inline struct effect ops_effect(const struct uop *u)
{
	unsigned traits = ops_traits[u->op];
	struct effect e = { .defines = traits & DEFINES_D };

	if (traits & USES_D)
		e.use[e.nuses++] = u->d;
	if (traits & USES_A && u->a != NO_INDEX)
		e.use[e.nuses++] = u->a;
	if (traits & USES_B)
		e.use[e.nuses++] = u->b;
	return e;
}

static inline bool ops_is_conditional(const struct uop *u)
{
	return u->op >= J_EQ && u->op < J_ALWAYS;
}

static inline bool ops_is_jump(const struct uop *u)
{
	return u->op >= J_EQ && u->op <= J_ALWAYS;
}

static inline bool ops_ends_path(const struct uop *u)
{
	return ops_traits[u->op] & ENDS_PATH;
}

static inline bool ops_may_go_cold(const struct uop *u)
{
	return ops_traits[u->op] & MAY_GO_COLD || (ops_is_jump(u) && u->d == LABEL_COLD);
}

#endif
