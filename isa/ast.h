/*
 * What the parser makes of a description and the checker reads: the text's own
 * shape, with places, nothing resolved.  Private to isa/.
 *
 * All nodes live in the arena of the parse and are linked by `next`.
 */
#ifndef ISA_AST_H
#define ISA_AST_H

#include "isa/alloc.h"
#include "isa/diag.h"

#include <stdbool.h>
#include <stdint.h>

/* Deeper trees of statements and expressions are refused, so that recursion over them is safe. */
enum { AST_NESTING = 256 };

/* Operators as written; the checker turns them into expr_op. */
enum ast_op {
	A_NUMBER, /* value; width 0 when it has none: 5, 0x1f, 0b10, 3'0 */
	A_NAME,
	A_MEMBER, /* arg0.name: STATUS.IM, TLB[i].VPN */
	A_INDEX,  /* arg0[arg1] */
	A_SLICE,  /* arg0[arg1:arg2] */
	A_CALL,   /* name(list) : functions, zext, sext, in, line, unspecified */
	A_CONCAT, /* { list } */
	A_FIND,   /* find name in arg0 where arg1 */
	A_COND,   /* arg0 ? arg1 : arg2 */
	A_NEG,    /* - */
	A_NOT,    /* ~ */
	A_LNOT,   /* ! */
	A_MUL, A_UDIV, A_UREM, A_SDIV, A_SREM, /* *  /  %  /s  %s */
	A_ADD, A_SUB,
	A_SHL, A_LSHR, A_ASHR,                 /* <<  >>  >>s */
	A_AND, A_XOR, A_OR,
	A_EQ, A_NE,
	A_ULT, A_ULE, A_UGT, A_UGE,            /* <  <=  >  >= */
	A_SLT, A_SLE, A_SGT, A_SGE,            /* <s <=s >s >=s */
	A_LAND, A_LOR,
};

struct ast_expr {
	enum ast_op op;
	struct place place; /* of the operator, or of the first token */
	const char *name;
	uint64_t value;
	unsigned width;
	unsigned depth; /* of the tree below, 1 for a leaf; at most AST_NESTING */
	struct ast_expr *arg[3];
	struct ast_expr *list; /* A_CALL, A_CONCAT: linked by next */
	struct ast_expr *next;
};

/* A type as written: a number of bits, `word`, or an enum's name. */
struct ast_type {
	struct place place;
	const char *name; /* NULL: a number */
	uint64_t bits;
};

enum ast_stmt_op {
	AS_LET,        /* let name [: type] = value; */
	AS_ASSIGN,     /* target := value; */
	AS_IF,         /* if (value) body [else otherwise] */
	AS_FOR,        /* for name in value .. limit body */
	AS_FIND,       /* find name in target where value body [else otherwise] */
	AS_TRAP,       /* trap name[(value)] [phase]; */
	AS_MEMTRAP,    /* memtrap [(value)]; */
	AS_PRIVILEGED,
	AS_RETURN,     /* return [value]; */
	AS_OUT,        /* out(name, target, value); */
	AS_HALT,       /* halt [(value)]; */
	AS_WAIT,
	AS_CALL,       /* value; a call for its effect */
	AS_BLOCK,      /* { body } */
};

enum ast_phase { AP_NONE, AP_NULLIFY, AP_NEXT, AP_COMPLETE };

struct ast_stmt {
	enum ast_stmt_op op;
	struct place place;
	const char *name;
	struct ast_type *type;
	enum ast_phase phase;
	struct ast_expr *target, *value, *limit;
	struct ast_stmt *body, *otherwise;
	struct ast_stmt *next;
};

/* A name with a type or value and what else may stand beside it, by item kind. */
struct ast_entry {
	struct place place;
	const char *name, *doc;
	struct ast_type *type;   /* register, field, parameter; NULL: untyped parameter */
	struct ast_expr *count;  /* register: array length */
	struct ast_expr *value;  /* constant, enumerator, trap, format field, instruction's field, device parameter */
	const char *role;        /* register: "pc", "mode", "base", "bound" */
	struct place role_place;
	bool time, constant;     /* register */
	struct ast_expr *hi, *lo; /* named field of a register, IM : hi..lo; lo NULL: one bit */
	struct ast_entry *bits;  /* register: its named fields */
	struct ast_entry *next;
};

enum ast_item_kind {
	AI_WORD,       /* word N;                       value */
	AI_ADDRESSING, /* addressing word|byte [little|big|endian(expr)];  name, endian, value */
	AI_ELF,        /* elf N;                        value */
	AI_ABSTRACT,   /* abstract translation; */
	AI_ENUM,       /* enum Name { a, b = 3 }        entries */
	AI_CONST,      /* const NAME = 5, ...;          entries */
	AI_VISIBLE,    /* visible P : word role pc, ...; entries */
	AI_CONTROL,    /*                                entries */
	AI_USER,       /* user = expr;                  value */
	AI_DEVICE,     /* device CON : console(line = 0) [at PLACE units N]; name, other = class,
	                  entries = params, value, units */
	AI_TRAPS,      /* traps illegal = 0, ...;       entries */
	AI_CODE,       /* translate trapseq tick horizon skip interrupt reset goto advance: name, entries = params, body */
	AI_FN,         /* fn name(params) [: type] body: name, entries, type, body */
	AI_FORMAT,     /* format I { op:8, rd:4 }       name, entries */
	AI_INSTR,      /* instr NAME FORMAT f = v, ... [physical] ["syntax"] ["doc"] body; other = format */
	AI_MAP,        /* map NAME { ... }              name, body of map lines */
	AI_INVARIANT,  /* invariant expr;               value */
	AI_GDB,        /* gdb "arch" { "feature" r[32] = R, pc = P; ... }  doc = arch, entries: name, count,
	                  type, value, and doc = feature */
	AI_WHY,        /* why TRAP, ... [if expr] "text";  entries, value, doc */
	AI_REMOVE,     /* remove instr NAME;            name, other = kind word: instr fn format map
	                  device enum const reg */
};

enum ast_map_kind { AM_VALUE, AM_COMPOSED, AM_MIRRORED, AM_VIRTUAL };

struct ast_map_line { /* M := u;   L, B composed; */
	struct place place;
	const char *reg;
	enum ast_map_kind kind;
	struct ast_expr *value;
	struct ast_map_line *next;
};

struct ast_item {
	enum ast_item_kind kind;
	struct place place;      /* of the item's name, else of its first word */
	bool override;           /* `override` stood before it */
	const char *name, *other, *doc;
	struct place other_place;
	const char *syntax;      /* AI_INSTR: NULL when absent */
	struct place syntax_place;
	bool physical;
	struct ast_type *type;
	struct ast_expr *value, *units;
	enum { AE_NONE, AE_LITTLE, AE_BIG, AE_EXPR } endian;
	struct ast_entry *entries;
	struct ast_stmt *body;
	struct place body_place; /* of its '{' */
	struct ast_map_line *lines;
	struct ast_item *next;
};

struct ast { /* one description, its includes spliced in place */
	const char *name, *doc;
	struct place place;     /* of the name */
	struct ast_item *items; /* in order; overridden and removed ones still there */
	uint64_t hash;          /* FNV-1a over the tokens of all files */
	const struct source **files; /* NULL-terminated, in order of reading */
	unsigned nfiles;
	struct obstack arena;   /* owns all nodes and names */
};

/*
 * Parses a description and what it includes.  Recovers at the next ';' or '}'
 * and goes on, so that several errors are found in one run: never NULL, the
 * caller asks diag_errors whether all was well.  A file is included only once.
 */
struct ast *ast_parse(struct diag_list *, const struct source *);
void ast_free(struct ast *);

#endif
