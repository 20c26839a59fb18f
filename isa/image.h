/*
 * A guest program: what goes into storage before it starts.
 *
 * Made by the assembler from text (isa/asm.h) or read from an ELF object
 * (isa/elf.c); written as one.
 */
#ifndef ISA_IMAGE_H
#define ISA_IMAGE_H

#include "isa/diag.h"
#include "isa/isa.h"

#include <stdbool.h>
#include <stdint.h>

enum { IMAGE_UNITS = 1 << 24 }; /* the largest image */

struct segment { /* units at consecutive addresses */
	uint64_t address, count;
	uint64_t *unit; /* one value each; owned by the image */
};

struct symbol {
	char *name; /* owned */
	uint64_t value; /* modulo 2^word */
	bool label;     /* an address, not a .equ */
	struct place place; /* no source when read from ELF */
};

struct deposit { /* .deposit G3, 5: a register or a variable of a device before the start */
	char *name; /* as in the state table; owned */
	uint64_t value;
	struct place place;
};

struct line { /* where the unit at an address comes from: for listings and the debugger */
	uint64_t address;
	struct place place;
};

struct image {
	unsigned nsegments;
	struct segment *segment; /* by address, not overlapping, adjacent ones joined */
	unsigned nsymbols;
	struct symbol *symbol; /* by name */
	unsigned ndeposits;
	struct deposit *deposit;
	unsigned nlines;
	struct line *line; /* by address */
	bool has_entry;
	uint64_t entry;   /* value of the label `start` or `_start`; goes to P */
	char *machine;    /* name of the description it was made for */
	uint64_t hash;    /* and its hash */
};

void image_free(struct image *);
/* One past the highest address used. */
uint64_t image_end(const struct image *);
const struct symbol *image_symbol(const struct image *, const char *name);
/* The label at or last before an address, NULL if there is none. */
const struct symbol *image_label_before(const struct image *, uint64_t address);

/* Writes an ELF object (ELF32 or ELF64 by the word, byte order by the description, machine EM_NONE):
 * a section per segment, symbols, a note "Trapeze" with the machine's name, the description's
 * hash and the deposits.  Replaces an object, but no other file.  False, with an error
 * recorded, if it cannot be written. */
bool image_write_elf(const struct image *, const struct isa *, struct diag_list *, const char *path);

/* True if it is a regular file and begins as ELF files do. */
bool image_is_elf(const char *path);
/*
 * Reads one back.  The machine's name comes from the note, so that the caller can find the
 * isa; unit is found from it, too.  NULL with errors recorded: truncated, not ours, a segment
 * outside the file.
 */
struct image *image_read_elf(struct diag_list *, const char *path);

/* What the ELF file of another tool is for. */
struct elf_kind {
	unsigned machine; /* e_machine */
	unsigned word;	  /* 32 or 64 */
	bool big;	  /* the byte order */
};
/* False: it is no ELF file, or Trapeze's own. */
bool image_elf_kind(const char *path, struct elf_kind *);
/*
 * Reads such a file: segments of bytes at their physical addresses (p_paddr), in the file's order; symbols; the entry.
 * NULL with errors recorded.  isa/elf_program.c
 */
struct image *image_read_program(struct diag_list *, const char *path);

/* Do its addresses and units fit the words and units of a machine?  What image_read_elf
 * gives need not, as the note may tell of another machine than its name does.  False with
 * an error about the file. */
bool image_fits(const struct image *, const struct isa *, struct diag_list *, const char *path);

#endif
