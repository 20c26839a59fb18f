/* What the parts of the exporter share. */
#ifndef PROOFS_EXPORT_PRIVATE_H
#define PROOFS_EXPORT_PRIVATE_H

#include "proofs/export.h"

/* A register as a PSW's part and a register of Tree.v name it: RVisible 3, RControl 0. */
void export_reg(const struct isa *, const struct isa_reg *, FILE *);
/* Where an array begins in the list of visible registers, or of other control registers. */
unsigned export_first(const struct isa *, const struct isa_reg *);
/* How many visible registers there are but P, or other control registers, by element. */
unsigned export_count(const struct isa *, bool other);
/* The other control registers, in order: those without a role. */
bool export_other(const struct isa_reg *);

/* The table of instructions; a list of numbers; the values of the visible registers, or of the
 * other control registers, in a state. */
void export_instructions(const struct isa *, FILE *);
void export_numbers(const uint64_t *, uint64_t n, FILE *);
void export_values(const struct isa *, const struct cpu *, bool other, FILE *);

/* ---- export_plain.c ---- */

/* The file of a machine that is no architecture, and why it is none. */
void export_plain(const struct isa *, const struct isa_map *, const char *why,
		  const struct claims *, FILE *);

/* ---- export_tree.c ---- */

/* Is storage in units of which a word, or an instruction, has several?  Then code is printed in the
 * forms of Units.v, too, and they take locals of their own: */
bool export_units(const struct isa *);
enum { EXPORT_SPARE = 3 + 8 };

/*
 * Registers that data has besides: behind the visible ones, two for the trap that an instruction leaves
 * behind its effects (Units.v), if one does; behind the control registers the time and the interrupt
 * lines, if instructions read them.
 */
enum { EXPORT_LINES = 32 };
bool export_after(const struct isa *);
bool export_reads(const struct isa *, enum expr_op); /* does an instruction? */
bool export_computes(const struct code *, enum expr_op);
unsigned export_lines(const struct isa *);

/* Why a piece of code, or an expression, cannot be exported, or NULL. */
const char *export_expr_unfit(const struct isa *, const struct expr *);
const char *export_code_unfit(const struct isa *, const struct code *);
void export_expr(const struct isa *, const struct expr *, FILE *);
void export_code(const struct isa *, const struct code *, FILE *);
/* Does tick or interrupt work on control registers only, those without a role; set them, if it may?
 */
bool export_clock(const struct isa *, const struct stmt *, bool sets);

/* ---- export_trapseq.c ---- */

/* What a trap stores and loads, word by word, as kinds of the trap sequence's values. */
enum { MAX_WORDS = 64 };
enum word_kind { WORD_NONE, WORD_REG, WORD_PC, WORD_KIND, WORD_INFO };
struct psw_word {
	enum word_kind kind;
	const struct isa_reg *reg; /* of WORD_REG */
};
struct psw_layout {
	unsigned nold, nnew; /* words stored from 0 on, and loaded after them */
	struct psw_word old[MAX_WORDS], new[MAX_WORDS];
};
/* False: the trap sequence is not of that form. */
bool export_layout(const struct isa *, struct psw_layout *);
/* Does the trap leave P after the instruction?  False for a trap raised in different phases. */
bool export_phase(const struct isa *, const struct isa_trap *, bool *next);

#endif
