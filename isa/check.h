/*
 * The checker: from what was written (isa/ast.h) to what it means (isa/isa.h).
 * Private to isa/.
 *
 *   check.c        the order of things: items, overriding, enums, registers, traps, devices
 *   build.c        expressions of the typed tree, constants folded
 *   check_expr.c   expressions: widths, literals, operators; what is hoisted
 *   check_state.c  expressions that read state: names, fields, storage; and calls
 *   check_stmt.c   statements: effects, unrolled loops
 *   check_assign.c assignment
 *   check_inline.c functions, inlined at each call
 *   check_device.c devices, and the places where they are reached
 *   check_code.c   translate, trapseq, tick ..., user, maps, invariants
 *   check_gdb.c    what gdb is told of the registers
 *   check_instr.c  formats, encodings, syntax strings, instructions
 *   facts.c        what engines need to know of an instruction
 */
#ifndef ISA_CHECK_H
#define ISA_CHECK_H

#include "isa/alloc.h"
#include "isa/ast.h"
#include "isa/isa.h"

#include <obstack.h>

/* What may happen in a piece of code: a set of these. */
enum permission {
	MAY_TRAP = 1,
	MAY_READ_STORAGE = 2,
	MAY_WRITE_STORAGE = 4,
	MAY_SET = 8,      /* registers */
	MAY_DEVICE = 16,  /* in, out, wait, halt */
	MAY_PRIVILEGED = 32,
	MAY_MEM = 64,     /* mem[], by way of translate */
	MAY_LINE = 128,   /* line(n), time */
};

struct context { /* a kind of code */
	const char *name; /* "an instruction", "translate" */
	unsigned may;
	enum phase trap_phase; /* of a trap without one */
	bool only_that_phase;
};

/* A fn item: inlined at each call, like a template. */
struct function {
	const char *name;
	const struct ast_item *item;
	bool active; /* being inlined: a call now would recurse */
	bool called;
};

struct checker {
	struct diag_list *diags;
	struct ast *ast;
	struct isa *isa;
	struct obstack *arena; /* of the isa */
	unsigned nfunctions;
	struct function *function;
	const struct ast_item *advance; /* or NULL */
	unsigned long work; /* statements and expressions visited, inlined ones each time */
	bool exhausted;     /* the limit of work was met and reported */
};

/*
 * An expression's value while it is checked.  A literal without a width is
 * flexible: it takes the width of what it meets; natural is what it is when
 * nothing says (an enumerator's own width; 0: a word).
 */
struct val {
	const struct expr *x; /* NULL: an error was reported */
	bool flexible;        /* x is a 64-bit constant in two's complement */
	unsigned natural;
};

struct scope { /* names of one body; inner before outer */
	const char *name;
	bool bound;       /* to a value, not to a local */
	struct val value; /* bound */
	unsigned local;   /* otherwise */
	struct scope *outer;
};

/* A function, or a code with a result, whose returns are being checked. */
struct inlining {
	struct function *function; /* NULL: translate or horizon */
	struct inlining *outer;
	unsigned depth;
	bool wants_value;
	unsigned width;  /* of the result; 0: not known yet */
	bool has_result;
	unsigned result; /* local */
	bool flagged;    /* returns set the local done */
	unsigned done;
};

/* One piece of code under construction. */
struct coder {
	struct checker *c;
	const struct context *context;
	const struct isa_format *format; /* of the instruction, else NULL */
	bool deferred_pc;     /* an assignment to P says where execution goes on */
	unsigned nlocals, capacity;
	struct local *local;  /* malloced until coder_finish */
	struct stmt **tail;   /* where the next statement goes */
	struct scope *scope;
	struct inlining *inlining; /* the function being inlined, else NULL */
	unsigned nstmts;      /* made so far: a limit on unrolling */
	bool impure;          /* something other than lets and loads was emitted */
	unsigned nesting;     /* of statements and expressions being checked */
	bool overflow;        /* a limit was met and reported: check no more */
};

/* ---- check.c ---- */
/* Checks the whole description into c->isa. */
void check_machine(struct checker *);
void *take(struct checker *, size_t size); /* zeroed, in the isa's arena */
void complain(struct checker *, struct place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const struct isa_enum *find_enum(const struct checker *, const char *name);
const struct isa_const *find_const(const struct checker *, const char *name);
const struct isa_device *find_device(const struct checker *, const char *name);
struct function *find_function(const struct checker *, const char *name);
/* The width of a type; 0 after an error. */
unsigned check_type(struct checker *, const struct ast_type *, const struct isa_enum **);
/* A constant expression of declarations; false after an error. */
bool check_constant(struct checker *, const struct ast_expr *, uint64_t *value);
/* The same, and it must lie in [lo, hi]. */
bool check_number(struct checker *, const struct ast_expr *, uint64_t lo, uint64_t hi,
		  const char *what, uint64_t *value);

/* ---- build.c ---- */
struct expr *new_expr(struct checker *, enum expr_op, unsigned width);
const struct expr *x_const(struct checker *, unsigned width, uint64_t value);
const struct expr *x_local(struct coder *, unsigned local);
const struct expr *x_unary(struct checker *, enum expr_op, const struct expr *);
const struct expr *x_binary(struct checker *, enum expr_op, const struct expr *, const struct expr *);
const struct expr *x_slice(struct checker *, const struct expr *, unsigned hi, unsigned lo);
const struct expr *x_extend(struct checker *, enum expr_op, const struct expr *, unsigned width);
const struct expr *x_concat(struct checker *, const struct expr *, const struct expr *);
const struct expr *x_ite(struct checker *, const struct expr *, const struct expr *,
			 const struct expr *);

/* ---- check_expr.c ---- */
/* want: the width that literals should take if nothing else says, 0: none. */
struct val check_expr(struct coder *, const struct ast_expr *, unsigned want);
/* The same as a value of exactly that width; NULL after an error. */
const struct expr *check_width(struct coder *, const struct ast_expr *, unsigned width);
const struct expr *check_condition(struct coder *, const struct ast_expr *);
/* Zero-extends to a word; an error when it is wider. */
const struct expr *check_word(struct coder *, const struct ast_expr *);
/* Extended by an operator to a width; an error when it is wider. */
const struct expr *extended(struct coder *, const struct ast_expr *, enum expr_op, unsigned width);
struct val fixed(const struct expr *);
struct val literal(struct coder *, uint64_t value, unsigned natural);
struct val sized(struct coder *, struct val, unsigned want);
const struct expr *coerce(struct coder *, struct val, unsigned width, struct place);

/* Was anything emitted since mark whose effect an expression made before could see? */
struct hoist {
	struct stmt **mark;
	bool impure;
};
struct hoist hoist_begin(struct coder *);
/* Ends it; if state changed, the value made before is kept in a local from the mark on. */
void hoist_end(struct coder *, struct hoist, struct val *before, struct place);
/* Checks an operand into statements of its own. */
struct val check_apart(struct coder *, const struct ast_expr *, unsigned want, struct stmt **head);

/* ---- check_state.c: each one kind of expression ---- */
struct val check_name(struct coder *, const struct ast_expr *);
struct val check_member(struct coder *, const struct ast_expr *);
struct val check_element(struct coder *, const struct ast_expr *);
struct val check_slice(struct coder *, const struct ast_expr *);
struct val check_call(struct coder *, const struct ast_expr *);
struct val check_find(struct coder *, const struct ast_expr *);
/* The index of a register array: what its count needs, narrower ones extended. */
const struct expr *check_index(struct coder *, const struct ast_expr *, const struct isa_reg *);
/* mem, mem8 ..., phys: how many units, and whether physical; false: not a storage name. */
bool storage_name(const struct coder *, const char *name, unsigned *bits, bool *physical);
unsigned storage_units(struct coder *, unsigned bits, struct place);
const struct isa_bits *find_bits(const struct isa_reg *, const char *name);

/* ---- check_stmt.c ---- */
void coder_init(struct coder *, struct checker *, const struct context *, struct stmt **head);
struct code coder_finish(struct coder *, struct place, unsigned nparams, const struct stmt *body,
			 unsigned result);
unsigned new_local(struct coder *, const char *name, unsigned width);
struct stmt *emit(struct coder *, enum stmt_op, struct place);
void emit_let(struct coder *, struct place, unsigned local, const struct expr *);
void push_name(struct coder *, const char *name, unsigned local);
void push_value(struct coder *, const char *name, struct val);
void check_stmt(struct coder *, const struct ast_stmt *);
void check_stmts(struct coder *, const struct ast_stmt *);
/* Accounts for a visit of code, which inlining and unrolling multiply; false past the limits. */
bool spend(struct coder *, struct place);
/* Forbids what the context does not allow; `what` completes "... cannot". */
bool permit(struct coder *, enum permission, struct place, const char *what);

/* ---- check_assign.c ---- */
void check_assign(struct coder *, const struct ast_stmt *);
/* The value of an expression that must be constant; false after an error. */
bool constant_of(struct coder *, const struct ast_expr *, uint64_t *value);

/* ---- check_inline.c ---- */
/* A call of a fn, inlined; needs a value: as an expression. */
struct val inline_call(struct coder *, const struct ast_expr *call, bool needs_value);
void check_return(struct coder *, const struct ast_stmt *);
/* Code with a result of a given width: translate, horizon. */
void check_returning(struct coder *, const struct ast_item *, unsigned result);
/* Of statements that follow each other: must they return or trap; can one return? */
bool always_returns(const struct ast_stmt *);
bool may_return(const struct ast_stmt *);
bool one_may_return(const struct ast_stmt *); /* this one alone */
/* An if of which one side always returns and the other never does. */
bool splits(const struct ast_stmt *);
/* Means the same wherever a function reads it, and costs nothing. */
bool is_stable(const struct expr *);

/* ---- check_device.c ---- */
void check_device(struct checker *, const struct ast_item *, struct isa_device *);
/* mapped(p): is the place p a device's? */
struct val call_mapped(struct coder *, const struct ast_expr *);

/* ---- check_code.c ---- */
void check_user(struct checker *, const struct ast_item *);
void check_special(struct checker *, const struct ast_item *);
void check_advance(struct coder *); /* its statements, in front of an instruction's */
void check_why(struct checker *, const struct ast_item *);
void check_map(struct checker *, const struct ast_item *, struct isa_map *);
void default_map(struct checker *, struct isa_map *);
/* A pure expression over the state, calls of functions allowed; NULL after an error. */
const struct expr *check_pure(struct checker *, const struct ast_expr *, unsigned width,
			      const struct context *);
/* The value of a pure expression on a state; only registers, constants and operators. */
uint64_t eval_pure(const struct expr *, const uint64_t *state);

/* ---- check_gdb.c ---- */
void check_gdb(struct checker *, const struct ast_item *);

/* ---- check_instr.c ---- */
void check_format(struct checker *, const struct ast_item *, struct isa_format *);
void check_instr(struct checker *, const struct ast_item *, struct isa_instr *);
void check_encodings(struct checker *);

/* ---- facts.c ---- */
/* Calls back for each expression node of code, children first. */
void code_each_expr(const struct code *, void (*each)(const struct expr *, void *), void *);
void expr_each(const struct expr *, void (*each)(const struct expr *, void *), void *);
/* own: the first statement after those of advance. */
void check_facts(struct checker *, struct isa_instr *, const struct stmt *own);
void check_clock(struct checker *);

#endif
