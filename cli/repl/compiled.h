/*
 * Expressions that depend on registers and storage alone, as pieces for a stack: what conditions are looked at
 * by while a guest runs (machine/stops.h).  Only cli/repl/ includes this.
 */
#ifndef CLI_REPL_COMPILED_H
#define CLI_REPL_COMPILED_H

#include "machine/stops.h"

enum operation {
	OR,
	AND,
	BIT_OR,
	BIT_XOR,
	BIT_AND,
	EQ,
	NE,
	LE,
	GE,
	SHL,
	SHR,
	LT,
	GT,
	ADD,
	SUB,
	MUL,
	DIV,
	MOD
};
/* The operators on values; the first by its sign.  False: a division by 0. */
uint64_t expression_unary(const struct isa *, char sign, uint64_t a);
bool expression_binary(const struct isa *, enum operation, uint64_t a, uint64_t b,
		       uint64_t *value);

enum piece_kind {
	PIECE_NUMBER,
	PIECE_SLOT,   /* the value of a register */
	PIECE_UNARY,  /* a sign, on what comes before */
	PIECE_BINARY, /* an operation, likewise */
	PIECE_WORD,   /* of storage; number: whether at a place, not at an address */
	PIECE_OTHER,  /* what is neither, so that the whole is none of these */
};
struct piece {
	enum piece_kind kind;
	uint64_t number;
};

struct compiled;
struct compiled *compiled_new(void);
void compiled_free(struct compiled *);
void compiled_add(struct compiled *, struct piece);
/* A word of storage, at what comes before. */
void compiled_add_word(struct compiled *, const struct isa *, bool physical);
/* Does it depend on registers and storage alone? */
bool compiled_complete(const struct compiled *);
/* The slots of the registers; how many. */
unsigned compiled_slots(const struct compiled *, const unsigned **slot);
/* Is the value not 0, or cannot be told? */
bool compiled_holds(const struct view *, const void *compiled, struct stop_cells *);

#endif
