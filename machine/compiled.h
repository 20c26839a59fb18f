/*
 * Conditions that depend on registers, storage, devices' variables and time alone, as pieces for a
 * stack.  Runs end where one comes to hold (machine/stops.h); what these pieces say, translated code
 * can find out by itself.
 */
#ifndef MACHINE_COMPILED_H
#define MACHINE_COMPILED_H

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
	PIECE_TIME,   /* the view's */
	PIECE_DEVICE, /* a device's variable: compiled_add_device */
	PIECE_OTHER,  /* what is none of these, so that the whole is none */
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
/*
 * A variable of a device.  Of a class whose variables change at any time (device.h: drifts) it is
 * PIECE_OTHER.
 */
void compiled_add_device(struct compiled *, const struct view *, unsigned device, unsigned variable);
/* Does it depend on these alone? */
bool compiled_complete(const struct compiled *);
/* The slots of the registers; how many. */
unsigned compiled_slots(const struct compiled *, const unsigned **slot);
/* Is the value not 0, or cannot be told? */
bool compiled_holds(const struct view *, const void *compiled, struct stop_cells *);
/* The same as a condition that stops can have; the pieces must stay. */
struct stop_condition compiled_condition(const struct compiled *);

/* ---- for the translator ---- */

/* Does it speak of time, or of devices? */
bool compiled_has(const struct compiled *, enum piece_kind);
/* The words of storage and the variables that it looks at, each followed by whether it cannot be
 * reached; how many. */
unsigned compiled_words(const struct view *, const struct compiled *, uint64_t *word);
unsigned compiled_nwords(const struct compiled *);
/*
 * Can code find out before each instruction whether it holds, though it speaks of registers that
 * change without being written?  translator/condition.c
 */
bool translator_looks(const struct view *, const struct compiled *);
/* Can it find out what a register is that time changes? */
bool translator_follows(const struct view *, unsigned slot);

enum { PIECES = 64 }; /* longer ones are none of these */
struct compiled {
	unsigned npieces, nslots, nunits;
	bool other;
	struct piece piece[PIECES];
	unsigned slot[2 * PIECES];
};

#endif
