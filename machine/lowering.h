/*
 * What the parts of lowering share.  Private to lower*.c and layout.c:
 *
 *   lower.c       storage, statements, programs
 *   lower_expr.c  expressions and conditions; what is known while lowering
 *   lower_lanes.c a `find` that looks at several elements at once
 *   lower_match.c which addresses can match an element
 *   lower_clock.c does what was lowered meet the clock?
 *   layout.c      where the slots lie
 */
#ifndef MACHINE_LOWERING_H
#define MACHINE_LOWERING_H

#include "machine/lower.h"

#define NO_SLOT UINT32_MAX

struct operand {
	bool constant;
	uint32_t slot;	/* unless constant */
	uint64_t value; /* if it is */
};

/* A piece of code being lowered, and what is known of its locals. */
struct frame {
	const struct code *code;
	uint32_t base;	       /* slot of the first local */
	struct operand *local; /* owned */
	uint8_t *writes;       /* of each local: 0, 1, 2 for more; owned */
};

struct lower {
	const struct isa *isa;
	const struct layout *layout;
	const struct isa_instr *instr; /* NULL: not an instruction */
	uint64_t word;
	bool undo;
	bool apart;	   /* U_PLACE stands for translate */
	bool in_line;	   /* no loops: for the translator */
	bool noting;	   /* the places that loads read from are noted */
	bool given;	   /* what is searched for is the element in WORK_ELEMENT, or none */
	unsigned nnoted;
	struct frame *frame;
	uint32_t temp; /* the next free one */
	struct program *program;
	uint32_t count, capacity; /* of its micro-operations */
};

/* ---- lower_expr.c ---- */

struct uop *uop_emit(struct lower *, enum uop_op, unsigned width, uint32_t d, uint32_t a,
		     uint32_t b, uint64_t imm);

/* Jumps that wait for their target, linked through d: the index + 1 of the last one. */
typedef uint32_t chain;
void uop_link(struct lower *, struct uop *jump, chain *);
/* An unconditional jump. */
void uop_jump(struct lower *, chain *);
/* Jumps if a condition is what `sense` says. */
void lower_jump_if(struct lower *, const struct expr *, bool sense, chain *);
/* The jumps of a chain come here. */
void uop_land(struct lower *, chain);

uint32_t lower_temp(struct lower *);
struct operand operand_constant(uint64_t value);
struct operand operand_at(uint32_t slot);
/* An operand as a slot. */
uint32_t operand_slot(struct lower *, struct operand);

/* The value of an expression, if fields and constant locals decide it. */
bool lower_known(const struct lower *, const struct expr *, uint64_t *value);
/* hint: where the result may be put, NO_SLOT: anywhere; it may also stay where it is. */
struct operand lower_expr(struct lower *, const struct expr *, uint32_t hint);
/* The value of an expression in some slot, or into a certain one. */
uint32_t lower_slot(struct lower *, const struct expr *, uint32_t hint);
void lower_into(struct lower *, const struct expr *, uint32_t slot);

/* ---- lower_lanes.c ---- */

/* A `find`, its number into slot i; false, and nothing is written: vectors cannot, or may not. */
bool lower_lanes(struct lower *, const struct expr *find, uint32_t i);

/* ---- lower_match.c ---- */

/* Slots := bits that an address, the first local, has, as `value` has them, if the condition holds
 * of it, whatever registers hold: all bits, if it holds of none.  work: a slot to work with. */
void lower_bits_asked(struct lower *, const struct expr *find, uint32_t mask, uint32_t value,
		      uint32_t work);

/* ---- lower_clock.c ---- */

/* Does a program meet what instr->clock speaks of?  Fields may leave only some of an instruction. */
bool lower_meets_clock(const struct isa *, const struct layout *, const struct program *);

/* ---- layout.c ---- */

/* The locals that an expression mentions: what X_FIND counts in. */
unsigned expr_locals(const struct expr *);

#endif
