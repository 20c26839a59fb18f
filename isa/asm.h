/*
 * The assembler and the disassembler of any instruction set, derived from its
 * formats and syntax strings.  The language: doc/assembler.md.
 */
#ifndef ISA_ASM_H
#define ISA_ASM_H

#include "isa/diag.h"
#include "isa/image.h"
#include "isa/isa.h"

#include <stdio.h>

/*
 * The machine that a source names with .machine, before anything is assembled;
 * a string to free, or NULL if it names none (an error is recorded only for a
 * malformed line).
 */
char *asm_machine(struct diag_list *, const struct source *);

/*
 * Assembles a source.  NULL if there were errors (all are recorded).  A .machine line that
 * names another machine than isa gives a warning.  Adds to the sources of the diag_list
 * what is included (found from the including file's folder).
 */
struct image *asm_assemble(const struct isa *, struct diag_list *, const struct source *);

/* Assembles one instruction as typed at a prompt, at an address, with the symbols of an image
 * (or NULL).  False with errors recorded. */
bool asm_one(const struct isa *, struct diag_list *, const char *text, uint64_t address,
	     const struct image *symbols, uint64_t *word);

/* A listing: address, units, source line; then the symbols by name. */
void asm_listing(const struct isa *, const struct image *, const struct source *, FILE *);

/*
 * One instruction as text that asm_one would take back: "ADD G1, G2, G3", branch targets as a
 * label of the image when one is there, else as a number.  A word that is no instruction, or has
 * ignored bits set, becomes ".word 0x...".  Returns buffer.
 */
char *disasm_word(const struct isa *, uint64_t word, uint64_t address, const struct image *symbols,
		  char *buffer, size_t size);

/* The text of a whole image as a source that assembles to the same image. */
void disasm_image(const struct isa *, const struct image *, FILE *);

/*
 * The word of an instruction with these field values, by index in its format; values of fixed
 * fields are not looked at.  The inverse of isa_field_of.
 */
uint64_t isa_encode(const struct isa_instr *, const uint64_t *field_values);
/* Is every bit of the field fixed, by the format or by the instruction? */
bool isa_field_fixed(const struct isa_instr *, unsigned field);

/* The width of an operand: of all its fields. */
unsigned isa_operand_width(const struct isa_instr *, const struct isa_syntax *);
/* An operand's value in a word. */
uint64_t isa_operand_of(const struct isa_instr *, const struct isa_syntax *, uint64_t word);
/* The values of an operand's fields, each to its place among those of the format. */
void isa_operand_split(const struct isa_instr *, const struct isa_syntax *, uint64_t value,
		       uint64_t *field_values);

/*
 * Packs an instruction's word into isa->length units in the order in which storage holds them,
 * and back.  Little-endian: the low part first; otherwise the high part first.  A machine whose
 * byte order is part of its state is packed as little-endian.
 */
void isa_pack(const struct isa *, uint64_t word, uint64_t *units);
uint64_t isa_unpack(const struct isa *, const uint64_t *units);

#endif
