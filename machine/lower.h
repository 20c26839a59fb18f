/*
 * Lowering: the typed tree, its fields filled in and its constants folded,
 * as a flat array of micro-operations for the oracle.  Private to machine/.
 *
 * Micro-operations are three-address code over one vector of 64-bit slots:
 *
 *     0 .. nslots-1   the registers, as in cpu->state
 *     then            struct work: what passes between the oracle and the code
 *     then            locals, those of translate (inlined at each access), temporaries
 *     then            the translator's: new values of registers, and temporaries of its own
 *
 * Every slot holds its value cut to its width.
 */
#ifndef MACHINE_LOWER_H
#define MACHINE_LOWER_H

#include "isa/isa.h"

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */

/* Operators on two operands; the second may be a slot or, with I, the immediate. */
#define UOP_OPERATORS(OP) \
	OP(ADD) OP(SUB) OP(MUL) OP(UDIV) OP(UREM) OP(SDIV) OP(SREM) \
	OP(AND) OP(OR) OP(XOR) OP(SHL) OP(LSHR) OP(ASHR)
/* Comparisons: also as jumps, taken when the result is `aux`. */
#define UOP_COMPARISONS(OP) OP(EQ) OP(NE) OP(ULT) OP(ULE) OP(SLT) OP(SLE)

enum uop_op {
	U_END,         /* of the program */
	U_CONST,       /* d := imm */
	U_MOVE,        /* d := a */
	U_NEG,         /* d := -a */
	U_SLICE,       /* d := a >> imm, cut to width */
	U_SEXT,        /* d := a, sign-extended from width, cut by the mask imm */
#define OP(name) U_##name, U_##name##I, /* d := a op b, at width; d := a op imm */
	UOP_OPERATORS(OP)
	UOP_COMPARISONS(OP)
#undef OP
#define OP(name) J_##name, J_##name##I, /* if ((a op b) == aux) skip d micro-operations */
	UOP_COMPARISONS(OP)
#undef OP
	J_ALWAYS,      /* skip d */
	U_ELEM,        /* d := a < imm ? slot b + a : 0 */
	U_SETELEM,     /* slot b + a := d, if a < imm */
	U_LINE,        /* d := is line a asserted? */
	U_CHECK,       /* trap memory, operand b, if unit a is outside the storage */
	U_LOAD,        /* U_CHECK, then d := unit a */
	U_STORE,       /* U_CHECK, then unit a := d */
	U_LOADS,       /* d := units whose places are in slots a .. a+imm-1, the address of the first in b;
			  high part first if aux & 1 */
	U_STORES,      /* the same, of storing d */
	U_IN,          /* d := register a of device b */
	U_OUT,         /* register a of device b := d */
	U_UNSPECIFIED, /* d := width bits from the stream */
	U_TRAP,        /* trap b, operand a, phase aux; ends the program */
	U_HALT,        /* the processor halts at the end of the program; status a */
	U_WAIT,        /* it waits at the end of the program */
	/* what an undo needs: written to the journal before an effect */
	U_KEEP,        /* slot d */
	U_KEEPELEM,    /* slot b + a, if a < imm */
	U_KEEPUNIT,    /* unit a */
	U_PLACE,       /* d .. d+imm-1 := the places of the units from address a on, for the access
			  aux & 3, by translate; several are checked, too */
	/* of code for the translator: several elements at once, by vectors of four lanes.  d, a and
	 * b are vectors, unless it is said that they are slots */
	V_ELEMS,       /* d := slots b .. b+imm-1, which are elements of an array */
	V_SPREAD,      /* d := slot a, in each lane */
	V_NUMBERS,     /* d := imm, imm + 1 .. */
	V_SHL,	       /* d := a << imm */
	V_LSHR,	       /* d := a >> imm */
	V_AND,	       /* d := a op b */
	V_ANDNOT,      /* d := ~a and b */
	V_OR,
	V_XOR,
	V_ADD,
	V_SUB,
	V_EQ,	       /* the same; all bits are 1 where it holds */
	V_SIGNS,       /* slot d := the highest bit of each lane of a; b: no vector is used any more */
	U_FIRST,       /* d := the number of the lowest bit of slot a that is 1; imm at most */
};

/* clang-format on */

struct uop {
	uint8_t op, width;
	uint16_t aux;
	uint32_t d; /* a slot; of a jump, the distance (two's complement) */
	uint32_t a, b;
	uint64_t imm;
};

/*
 * In aux of an access: no watch sees it, as it fetches, or translate makes it; or it may reach a
 * device, which is known when it is done: an instruction's, on a machine with mapped devices.
 */
enum { UNSEEN = 2, MAPPED = 4 };

struct program {
	const struct isa_instr *instr; /* NULL: an illegal word, or not an instruction */
	bool clock;		       /* instr->clock, and this word of it does */
	bool mode;		       /* writes what tells the mode */
	bool loops;		       /* by a `find` */
	struct uop uop[];
};

/* Slots behind the registers, by which the oracle and the code speak. */
enum work {
	WORK_SIZE,   /* the storage size, cut to its width */
	WORK_TIME,   /* the owner's time */
	WORK_WORD,   /* what fetch fetched */
	WORK_NEXT,   /* where execution goes on */
	WORK_RESULT, /* of code that has one */
	/* the translator's rounds (machine/translator/round.c): what they find and leave */
	WORK_ROOM,  /* steps that may be done from the beginning of the burst on */
	WORK_BURST, /* and before time is settled again */
	WORK_CLOCK, /* the time when the burst began */
	WORK_QUIET, /* cpu->quiet */
	WORK_LINK,  /* where a round led to another context */
	WORK_TRAP,  /* the last trap performed: what it was, as in struct left */
	WORK_TRAP_P,
	WORK_TRAP_INFO,
	WORK_STREAM, /* cpu->unspecified, while translated code runs */
	WORK_WRITER, /* P of what may have written a watched register last */
	WORK_MISSED, /* the address that is not in the cache of pages */
	WORK_PLACE,  /* where it is, and 1 more; 0: translated code does not tell */
	WORK_FOUND,  /* what translate found */
	WORK_MASK,  /* which bits the addresses have that an element can match, */
	WORK_VALUE, /* and how they are */
	WORK_ELEMENT, /* of arrays that pages depend on, which a round wrote last */
	/* ... and work on */
	WORK_LEFT,
	WORK_DONE,
	WORK_NOW,
	WORK_REST,
	WORK_INFO,
	WORK_AT,    /* P of an access that was missed */
	WORK_KEPT, /* what registers held before the instruction */
	WORK_LOCALS = WORK_KEPT + 8 /* the first local; parameters are the first locals */
};

enum { ROUND_KEPT = WORK_LOCALS - WORK_KEPT };

/* Where the slots lie. */
struct layout {
	uint32_t work, locals, translate, temps, shadow, spare;
	bool vectors;	 /* code for the translator may use them; the oracle's layout has false */
	bool apart;	 /* instructions do not have translate in them, but U_PLACE; then */
	uint32_t within; /* its address, and the place that it gives; behind it its temporaries */
	uint32_t traps; /* for each kind, how many rounds performed */
	uint32_t watched; /* what watched registers are compared with */
	uint32_t held;	  /* conditions that are looked at before each instruction: do they hold? */
	uint32_t words;	  /* of storage, that they speak of; behind each, whether it cannot be told */
	uint32_t total;
};
enum { SPARE_SLOTS = 128 };
struct layout lower_layout(const struct isa *);

/* Each returns a program to free. */
struct program *lower_instr(const struct isa *, const struct layout *, const struct isa_instr *,
			    uint64_t word);
/* The same without loops: for the translator. */
struct program *lower_instr_in_line(const struct isa *, const struct layout *,
				    const struct isa_instr *, uint64_t word);
struct program *lower_illegal(const struct isa *, const struct layout *, uint64_t word);
/* The instruction at P into WORK_WORD. */
struct program *lower_fetch(const struct isa *, const struct layout *);
/* The first local, a virtual address, to its place, in storage or a device's, in WORK_RESULT. */
struct program *lower_translate(const struct isa *, const struct layout *, enum access);
/* The same for U_PLACE: from layout->within to it, and nothing is checked. */
struct program *lower_translate_within(const struct isa *, const struct layout *, enum access);
/*
 * The same, in storage alone; the place that its n-th load reads from goes to the n-th slot behind
 * `spare`.
 */
struct program *lower_translate_noting(const struct isa *, const struct layout *, enum access);
/* The same as lower_translate of storage alone, without loops. */
struct program *lower_translate_in_line(const struct isa *, const struct layout *, enum access);
/* The same where the one `find` in it finds the element in WORK_ELEMENT, or none. */
struct program *lower_translate_given(const struct isa *, const struct layout *, enum access);
/*
 * The condition of a `find` in translate, which speaks of translate's parameters and of the element
 * alone, to WORK_RESULT; they are in translate's locals.
 */
struct program *lower_condition(const struct isa *, const struct layout *, const struct expr *find);
/*
 * Which addresses the element can match by such a condition, whatever registers hold: bits that they
 * surely have are those of WORK_INFO that WORK_REST has; if there are no such addresses, all are 1.
 */
struct program *lower_addresses(const struct isa *, const struct layout *, const struct expr *find);
/* Code with its parameters in the first locals; its result, if it has one, to WORK_RESULT. */
struct program *lower_code(const struct isa *, const struct layout *, const struct code *,
			   bool has_result, bool undo);
/*
 * Does a program read what tick or skip write, or the time, or write what decides what they write?
 * lower_clock.c
 */
bool lower_meets_ticks(const struct isa *, const struct layout *, const struct program *);
/* A pure expression without locals to WORK_RESULT. */
struct program *lower_value(const struct isa *, const struct layout *, const struct expr *);

#endif
