/*
 * The typed tree: what a description means, after names are resolved, widths
 * checked, functions inlined and loops unrolled.
 *
 * Everything that reads an instruction set reads this: the oracle, the
 * translator, the monitor's interpreters, classification, proofs.
 *
 * Expressions are pure and total: they read state and cannot trap.  Whatever
 * can trap or has an effect is a statement; the checker hoists loads and
 * device input out of expressions, in order of evaluation, and turns && || ?:
 * over such operands into if statements.
 *
 * Values are bit vectors of 1 to 64 bits.  Arithmetic is modulo 2^width and
 * as in SMT-LIB 2: a shift by the width or more gives 0 (ashr: the sign),
 * x udiv 0 is all ones and x urem 0 is x, sdiv and srem follow from them.
 */
#ifndef ISA_TREE_H
#define ISA_TREE_H

#include "isa/diag.h"

#include <stdbool.h>
#include <stdint.h>

struct isa;
struct isa_reg;
struct isa_device;
struct isa_trap;

enum expr_op {
	/* leaves */
	X_CONST, /* value */
	X_FIELD, /* a field of the instruction's format: index */
	X_LOCAL, /* a local of the code: index */
	X_REG,   /* a scalar register: reg */
	X_ELEM,  /* an element of a register array: reg[arg0]; 0 past its end */
	X_SIZE,  /* the storage size in units, min(word + 1, 64) bits */
	X_TIME,  /* the owner's time, 64 bits */
	X_LINE,  /* 1 if interrupt line arg0 is asserted */
	X_FIND,  /* lowest index i of reg for which arg0 holds with local[index] = i,
	            reg's count if there is none; width: what the count needs */
	/* one operand */
	X_NOT,
	X_NEG,
	X_SLICE, /* arg0[value + width - 1 : value] */
	X_ZEXT,
	X_SEXT,
	/* two operands; X_ADD to X_SLE stay together, since switches name them as a range */
	X_ADD,
	X_SUB,
	X_MUL,
	X_UDIV,
	X_UREM,
	X_SDIV,
	X_SREM,
	X_AND,
	X_OR,
	X_XOR,
	X_SHL, /* the right operand of a shift may have another width */
	X_LSHR,
	X_ASHR,
	X_EQ, /* comparisons: operands of one width, result 1 bit */
	X_NE,
	X_ULT,
	X_ULE,
	X_SLT,
	X_SLE,
	X_CONCAT, /* arg0 is the high part */
	/* three operands */
	X_ITE, /* arg0 ? arg1 : arg2 */
	X_OPS  /* how many there are */
};

struct expr {
	enum expr_op op;
	uint8_t width;
	unsigned index;
	uint64_t value;
	const struct isa_reg *reg;
	const struct expr *arg[3]; /* unused ones are NULL */
};

/* The field's word for an operator, "add", "ult" ...; for dumps and messages. */
const char *expr_op_name(enum expr_op);
/* How many operands an operator takes. */
unsigned expr_op_arity(enum expr_op);
/*
 * What an operator (X_NOT to X_ASHR, comparisons) gives for values of `width` bits: the
 * operands' width, so the result of a comparison is 0 or 1.  The one definition of the
 * language's arithmetic; X_NOT and X_NEG ignore b.
 */
uint64_t expr_apply(enum expr_op, unsigned width, uint64_t a, uint64_t b);

/* When a trap is seen: DESIGN "Traps". */
enum phase {
	PHASE_NULLIFY,  /* no effect of the instruction remains; P at the instruction */
	PHASE_NEXT,     /* no effect remains; P after the instruction */
	PHASE_COMPLETE, /* the effects remain, then the trap; P where execution would go on */
};
const char *phase_name(enum phase);

/* What an access is for: the second argument of translate. */
enum access { ACCESS_FETCH, ACCESS_READ, ACCESS_WRITE };
const char *access_name(enum access); /* as the language has them */

enum stmt_op {
	S_LET,     /* local[index] := value; also assignment to a local */
	S_SET,     /* reg := value */
	S_SETELEM, /* reg[address] := value; nothing past its end */
	S_NEXT,    /* execution goes on at value (an assignment to P in an instruction) */
	S_LOAD,    /* local[index] := storage[address], units many */
	S_STORE,   /* storage[address] := value, units many */
	S_IN,      /* local[index] := register `address` of the device */
	S_OUT,     /* register `address` of the device := value */
	S_UNSPECIFIED, /* local[index] := a value that the architecture leaves open */
	S_IF,      /* if (value) body else otherwise */
	S_TRAP,    /* trap, operand value (word wide), phase */
	S_HALT,    /* halt, status value (word wide) */
	S_WAIT,
	S_OPS
};
const char *stmt_op_name(enum stmt_op);

struct stmt {
	enum stmt_op op;
	struct place place;
	unsigned index;
	unsigned units;     /* S_LOAD, S_STORE: addressable units of the access */
	bool physical;      /* S_LOAD, S_STORE: phys[], not mem[] */
	bool privileged;    /* S_IF: made by `privileged;` (value: user; body: trap priv) */
	enum phase phase;
	const struct isa_reg *reg;
	const struct isa_device *device;
	const struct isa_trap *trap;
	const struct expr *address; /* word wide; an index for S_SETELEM, S_IN, S_OUT */
	const struct expr *value;
	const struct stmt *body, *otherwise; /* S_IF */
	const struct stmt *next;             /* the statement after this one */
};

struct local {
	const char *name; /* "" for one the checker made */
	uint8_t width;
};

/*
 * A piece of code with its locals.  The parameters are the first locals.
 * A result (translate, horizon, fn) is left in local `result`.
 */
struct code {
	struct place place; /* of its '{' */
	unsigned nparams;
	unsigned nlocals;
	const struct local *local;
	unsigned result;
	const struct stmt *body; /* NULL: empty */
};

/* ---- code.c ---- */

/* Does a piece of code (NULL: no) or an expression read or write a register, or hold such a
 * statement? */
bool code_reads(const struct code *, const struct isa_reg *);
bool code_writes(const struct code *, const struct isa_reg *);
/* Does it hold a `find` in the register? */
bool code_searches(const struct code *, const struct isa_reg *);
/* Does anything but what becomes of the register itself depend on it? */
bool code_acts_by(const struct code *, const struct isa_reg *);
bool code_holds(const struct code *, enum stmt_op);
/* Does it depend on its parameters, scalar control registers and the size alone? */
bool code_fixed(const struct code *);
bool expr_reads(const struct expr *, const struct isa_reg *);
/* Once the code has run, can an expression over registers depend on what it loaded from storage? */
bool code_loads(const struct isa *, const struct code *, const struct expr *);

/* ---- tree.c ---- */

/* Prints code as an indented tree, one node a line: for tests and debugging. */
void code_dump(const struct code *, FILE *);

#endif
