/*
 * The assembler's own parts.  Private to isa/.
 *
 *   asm.c            reading statements, the two passes, the image
 *   asm_directive.c  .org, .word ...: how many units each takes, and what they hold
 *   asm_expr.c       tokens and expressions
 *   asm_symbol.c     labels and equates
 *   asm_operand.c    matching operands against syntax strings
 *   asm_encode.c     operand values to fields, words to units, and back
 *
 * Pass 1 reads every statement once, gives it an address and defines the labels;
 * pass 2 fills in the units.  A function that fails says why with asm_fail and
 * returns false; whoever began the statement reports it, so that each statement
 * has at most one error.
 */
#ifndef ISA_ASM_PRIVATE_H
#define ISA_ASM_PRIVATE_H

#include "isa/asm.h"

/*
 * Values while assembling: wide enough that nothing wraps before it is checked.
 * Always between -2^64 and 2^64, both excluded.
 */
typedef __int128 asm_number;

enum {
	ASM_DEPTH = 200,       /* of parentheses, and of equates through equates */
	ASM_INCLUDES = 1000,   /* files included, all together */
	ASM_TEXT = 256,        /* bytes of an error message */
	ASM_NUMBER = 32,       /* bytes of a number as text */
};

struct assembler;

struct spot { /* a text to come back to */
	const struct source *source;
	int line;
	const char *start; /* of the line */
	const char *p;     /* what is read next */
	const char *end;   /* of the statement; a comment is cut off */
	uint64_t here;     /* the value of `.` */
};

/* Where reading stands within a statement. */
struct scan {
	struct assembler *as;
	const struct source *source; /* these as in struct spot */
	int line;
	const char *start, *p, *end;
	uint64_t here;
	unsigned depth; /* of nesting */

	struct place error_place;
	const char *error_at;  /* how far the statement made sense */
	char error[ASM_TEXT];  /* "": nothing (more) to report */
};

struct directive; /* asm_directive.c */

struct statement { /* one that pass 2 comes back to */
	struct spot spot; /* behind the directive's name or before the mnemonic */
	const struct directive *directive; /* NULL: an instruction */
	unsigned chunk;                    /* where its units go */
	uint64_t offset, count;
};

struct chunk { /* the units between one .org and the next */
	uint64_t address, count;
	uint64_t *unit;     /* in pass 2 */
	struct place place; /* of its .org, or of its first statement */
};

struct including { /* the file that is being read, and those that include it */
	const char *path; /* NULL: not a file */
	const struct including *by;
};

enum symbol_state {
	SYMBOL_KNOWN,
	SYMBOL_EQUATE,     /* an equate not evaluated so far */
	SYMBOL_EVALUATING, /* met again now: it is defined by means of itself */
	SYMBOL_FAILED,     /* an equate whose error was reported */
};

struct asm_symbol {
	char *name;
	enum symbol_state state;
	bool label;
	asm_number value;
	struct place place;
	struct spot spot; /* of an equate's expression */
};

struct assembler {
	const struct isa *isa;
	struct diag_list *diags;   /* NULL: errors are of no interest */
	const struct image *given; /* further symbols; or NULL */
	bool layout;               /* pass 1: labels further on are not known */
	void *symbols;             /* tree of struct asm_symbol, see tsearch(3) */
	const struct including *including;
	unsigned nincluded;
	unsigned __int128 address; /* where the next unit goes; 2^word: past the last one */
	uint64_t total;            /* units so far */
	bool full;                 /* there was no room for some */
	unsigned nstatements, nchunks;
	struct statement *statement;
	struct chunk *chunk;
	struct image *image; /* the result */
};

/* ---- asm.c ---- */

/* Reads the file that .include names at the scan. */
bool asm_include(struct scan *, const char *at, const char *name);
/* Room for units at the present address; false if there is none. */
bool asm_advance(struct scan *, unsigned __int128 count);
/* Goes on at another address. */
bool asm_move(struct scan *, asm_number address);
/* Reports a scan's error, if it has one. */
void asm_report(const struct scan *);

/* ---- asm_expr.c ---- */

struct spot asm_spot(const struct scan *);
struct scan asm_scan(struct assembler *, const struct spot *);
struct place asm_place(const struct scan *, const char *at);
/* Says why a statement is wrong, and where; always false. */
bool asm_fail(struct scan *, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool asm_blank(char);
bool asm_name_start(char);
bool asm_name_part(char);
void asm_skip_blanks(struct scan *);
/* Skips blanks and, if it stands there, the character. */
bool asm_accept(struct scan *, char);
/* Fails if anything but blanks is left. */
bool asm_at_end(struct scan *);
/* The length of a name at p, 0 if none stands there. */
size_t asm_name_length(const char *p, const char *end);
/* The value of an expression at the scan, which moves past it. */
bool asm_expression(struct scan *, asm_number *);
/* The length of a character constant at p, 0 if none stands there. */
size_t asm_char_length(const char *p, const char *end);
/* A character after `quote` was seen, escapes resolved; moves past it. */
bool asm_character(struct scan *, uint8_t *);
/* The end of a statement that begins at p: of its line, or where a comment begins. */
const char *asm_statement_end(const char *p, const char *line_end);
/* As people write it: -5, 300, 0x10000; returns buffer. */
char *asm_number_text(asm_number, char buffer[ASM_NUMBER]);

/* ---- asm_symbol.c ---- */

/* Fails, with a note on the first one, if there is one of this name. */
struct asm_symbol *asm_define(struct scan *, const char *name, size_t length);
/* The value of a symbol whose name stands at `at`. */
bool asm_symbol_value(struct scan *, const char *at, size_t length, asm_number *);
/* Defines the equate whose name stands at the scan, behind which comes `separator`. */
bool asm_equate(struct scan *, char separator);
/* Pass 2: all symbols go to the image, sorted by name. */
void asm_finish_symbols(struct assembler *);
void asm_free_symbols(struct assembler *);

/* ---- asm_directive.c ---- */

extern const struct directive *const asm_equ; /* also means `name = value` */
/* By name, which stands without its dot; NULL if there is none. */
const struct directive *asm_directive(const char *name, size_t length);
/* Pass 1: how many units it takes. */
bool asm_directive_layout(const struct directive *, struct scan *, uint64_t *count);
/* Pass 2: its units, zero so far. */
bool asm_directive_fill(const struct directive *, struct scan *, uint64_t *unit, uint64_t count);
/* The name that a .machine line gives; scan stands after the directive. */
bool asm_machine_name(struct scan *, char **name);

/* ---- asm_operand.c ---- */

/* The word of the instruction at the scan, by trying all of its mnemonic in turn. */
bool asm_instruction(struct scan *, uint64_t *word);

/* The width of the register (or element) of that name, in upper or lower case, and its full
 * name; 0 if there is none. */
unsigned asm_register_width(const struct isa *, const char *name, char *full, size_t size);

/* ---- asm_encode.c ---- */

/* What an operand's fields hold together as it is written at an address; false with a reason. */
bool asm_to_field(const struct isa *, const struct isa_instr *, const struct isa_syntax *,
		  asm_number operand, uint64_t address, uint64_t *field, char reason[ASM_TEXT]);
/* And back: what is written for such a value. */
asm_number asm_from_field(const struct isa *, const struct isa_instr *, const struct isa_syntax *,
			  uint64_t field, uint64_t address);
/* Does a number fit a place of this width, be it read signed or unsigned? */
bool asm_fits(asm_number, unsigned width);
/* A value into consecutive units in storage's order, and back. */
void asm_pack(const struct isa *, uint64_t value, unsigned nunits, uint64_t *units);
uint64_t asm_unpack(const struct isa *, unsigned nunits, const uint64_t *units);
/* Units of a word. */
unsigned asm_word_units(const struct isa *);

#endif
