/*
 * An instruction set: all that one .isa file says.
 *
 * isa_load is the only way to make one; it is never changed afterwards and may
 * be shared.  Everything reachable from it belongs to it.  A doc is NULL where the
 * description has none.
 */
#ifndef ISA_ISA_H
#define ISA_ISA_H

#include "isa/diag.h"
#include "isa/tree.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct isa_const { /* a constant or an enumerator */
	const char *name, *doc;
	uint64_t value;
	const struct isa_enum *type; /* of an enumerator, else NULL */
};

struct isa_enum {
	const char *name, *doc;
	unsigned width;
	unsigned nmembers;
	const struct isa_const *member;
};

struct isa_bits { /* a named field of a register: STATUS.IM */
	const char *name, *doc;
	unsigned hi, lo;
	const struct isa_enum *type; /* or NULL */
};

enum isa_class { CLASS_VISIBLE, CLASS_CONTROL };
enum isa_role { ROLE_NONE, ROLE_PC, ROLE_MODE, ROLE_BASE, ROLE_BOUND, ROLES };

struct isa_reg {
	const char *name, *doc;
	struct place place;
	enum isa_class class;
	enum isa_role role;
	uint8_t width;
	unsigned count;  /* elements of an array; 1 for a scalar */
	bool array;
	unsigned slot;   /* of its (first) element in a state vector */
	unsigned index;  /* in isa->reg */
	bool time;       /* advances by itself: verdicts say "up to time" */
	bool constant;   /* identification: the same bare and virtual unless a map says otherwise */
	const struct isa_enum *type; /* or NULL */
	unsigned nbits;
	const struct isa_bits *bits;
	/* by tick, horizon, skip or interrupt: */
	bool clock_reads, clock_writes;
};

struct isa_trap {
	const char *name, *doc;
	struct place place;
	unsigned number; /* what trapseq receives as kind */
	unsigned index;  /* in isa->trap */
};

struct isa_param { /* of a device: line = 0 */
	const char *name;
	uint64_t value;
	struct place place;
};

struct isa_device {
	const char *name, *doc;
	struct place place;
	const char *class; /* a device class of machine/devices */
	int line;          /* interrupt line, -1 for none (also among the parameters) */
	unsigned nparams;
	const struct isa_param *param;
	unsigned index; /* in isa->device */
	/* Mapped: its registers, a word each, are the units [at, at + units) of what translate gives,
	 * whole words; units 0: it is reached by in and out alone. */
	uint64_t at, units;
};

struct isa_field { /* of a format; bit 0 is the lowest of the instruction */
	const char *name, *doc;
	unsigned width, lo;
	bool fixed; /* by the format itself, to value */
	uint64_t value;
};

struct isa_format {
	const char *name, *doc;
	struct place place;
	unsigned nfields;
	const struct isa_field *field; /* from the highest bits down */
};

/* A piece of an assembler syntax string.  "LD {rd}, {imm:s}({rs})" */
struct isa_syntax {
	const char *text;  /* literal text, or NULL for an operand */
	unsigned nfields;  /* of the operand: {rd} has one, {hi,lo:s} two */
	const unsigned *field; /* in the instruction's format; the operand's highest bits first */
	const struct isa_reg *file; /* written as a register of this array, or NULL */
	bool is_signed;    /* {imm:s} */
	bool hex;          /* {imm:x} */
	bool relative;     /* {imm:pc}, {imm:pc+1}: written as a target address; holds
	                      target - (address of the instruction + relative_to), signed */
	unsigned relative_to;
	unsigned shift;    /* {imm:<<2}: the field holds value >> shift */
};

struct isa_instr {
	const char *name, *doc;
	struct place place;
	unsigned index; /* in isa->instr */
	const struct isa_format *format;
	uint64_t mask, match; /* a word is this instruction iff (word & mask) == match */
	uint64_t ignored;     /* bits that neither fixed, shown nor read: any value will do */
	unsigned nsyntax;
	const struct isa_syntax *syntax; /* [0] is text: the mnemonic up to its first blank */
	bool physical;        /* declared to reach storage past translate */
	struct code code;     /* locals only, no parameters */
	/* facts that the engines need, computed by the checker: */
	bool privileged;      /* has `privileged;` on some path */
	bool undo;            /* a trap may follow an effect: engines must be able to take it back */
	bool clock;           /* touches what tick, horizon, skip, interrupt or devices depend on,
	                         or devices, time, halt, wait: batched ticks must be settled first */
	bool mode;            /* writes what tells the mode */
};

enum map_kind {
	MAP_VALUE,    /* the real register holds `value`, over the virtual control state */
	MAP_COMPOSED, /* relocation: base and bound of the region apply to the virtual ones */
	MAP_MIRRORED, /* real = virtual */
	MAP_VIRTUAL,  /* kept by the monitor; the real one holds the monitor's own value */
};
const char *map_kind_name(enum map_kind);

struct isa_map_entry {
	enum map_kind kind;
	const struct expr *value; /* MAP_VALUE: one pure expression */
	struct place place;       /* no source: the default applied */
};

struct isa_map { /* f on control state: DESIGN "The VM map" */
	const char *name, *doc;
	struct place place;
	const struct isa_map_entry *entry; /* by register index; all control registers filled */
};

struct isa_reason { /* why a trap was raised */
	const struct isa_trap *trap;
	const struct code *code; /* info (word): the operand; result 1 bit; NULL: always */
	const char *text;
};

struct isa_gdb { /* a register as gdb names it */
	const char *name;    /* "r0", "pc" */
	const char *feature; /* of gdb's target descriptions */
	unsigned width;
	int slot;                 /* of the state vector; -1: none */
	const struct expr *value; /* else: pure; NULL: the machine has no such register */
};

struct isa {
	const char *name, *doc;
	const char *path;  /* of the file it was loaded from */
	uint64_t hash;     /* of the description, layout and comments apart */

	unsigned word;     /* bits of a word: addresses, trap operands, mem[] */
	unsigned unit;     /* bits of an addressable unit: word, or 8 */
	unsigned length;   /* of an instruction, in units */
	enum { ENDIAN_NONE, ENDIAN_LITTLE, ENDIAN_BIG, ENDIAN_STATE } endian;
	const struct expr *big; /* ENDIAN_STATE: 1 when big */
	unsigned elf; /* e_machine of other tools' ELF files for it; 0: it takes none */
	bool abstract_translation;
	bool mapped; /* a device is */
	bool clock_translates; /* translate reads what tick, skip or interrupt write, or the time */

	unsigned nenums, nconsts, nregs, ntraps, ndevices, nformats, ninstrs, nmaps, ninvariants;
	const struct isa_enum *enums;
	const struct isa_const *consts;
	const struct isa_reg *reg;
	const struct isa_trap *trap;
	const struct isa_device *device;
	const struct isa_format *format;
	const struct isa_instr *instr;
	const struct isa_map *map;
	const struct expr *const *invariant;

	unsigned nslots; /* length of a state vector: every register, arrays element by element */
	const struct isa_reg *role[ROLES]; /* NULL where unset; pc never */
	const struct isa_trap *illegal, *memory, *priv; /* priv: NULL if nothing is privileged */

	const struct expr *user; /* 1 in user mode; NULL if the machine has none */
	/* Parameters; NULL where the description has none, but trapseq and translate always exist */
	const struct code *translate; /* a (word), access (2); result word */
	const struct code *trapseq;   /* kind (word), tpc (as P), info (word) */
	const struct code *tick;      /* - */
	const struct code *horizon;   /* -; result word, all ones: never */
	const struct code *skip;      /* n (word) */
	const struct code *interrupt; /* n (word): an asserted line */
	const struct code *reset;     /* size (word) */
	const struct code *go;        /* p (as P): goto; how somebody outside sets P */
	bool advance; /* the instructions' code moves P itself (delay slots) */

	unsigned nreasons;
	struct isa_reason *reason; /* the first that holds counts */

	const char *gdb; /* gdb's name of the architecture; NULL: none is told */
	unsigned ngdb;
	const struct isa_gdb *gdb_reg; /* as gdb numbers them, from 0 on */

	const struct source *const *files; /* all that was read, for --deps; NULL-terminated */
};

/*
 * Finds a machine as the user names it: a path if it contains '/' or ".isa",
 * else a name, looked for as given, then in TRAPEZE_PATH, then in the installed
 * folder.  Returns a path to free, or NULL with an error that lists what there is.
 */
char *isa_find(struct diag_list *, const char *name);

/* The machines that isa_find knows by name; calls back once for each. */
void isa_each_known(void (*found)(void *context, const char *name, const char *path),
		    void *context);

/*
 * Loads and checks a description.  NULL if there were errors (all of them are
 * recorded).  The list must outlive the isa: places refer to its sources.
 */
struct isa *isa_load(struct diag_list *, const char *path);
/* The same from a text, under a name for messages; includes are found from the working folder. */
struct isa *isa_load_text(struct diag_list *, const char *name, const char *text);
void isa_free(struct isa *);

/* Look-ups by name; NULL if there is none. */
const struct isa_reg *isa_reg_named(const struct isa *, const char *name);
const struct isa_instr *isa_instr_named(const struct isa *, const char *name);
const struct isa_trap *isa_trap_named(const struct isa *, const char *name);
const struct isa_trap *isa_trap_numbered(const struct isa *, uint64_t number);
const struct isa_map *isa_map_named(const struct isa *, const char *name);
const struct isa_format *isa_format_named(const struct isa *, const char *name);

/*
 * One scalar of the state by the name people use: "P", "G3" or "G[3]" for an
 * array's element; *element says which.  NULL if there is none.
 */
const struct isa_reg *isa_slot_named(const struct isa *, const char *name, unsigned *element);
/* The name of a state vector's slot, "P" or "G3"; returns buffer. */
char *isa_slot_name(const struct isa *, unsigned slot, char *buffer, size_t size);
/* The register that a slot belongs to. */
const struct isa_reg *isa_slot_reg(const struct isa *, unsigned slot);

/* The value, if the register's type has it; else the member that it comes to. */
uint64_t isa_reg_member(const struct isa_reg *, uint64_t value);

/* The instruction that a word encodes; NULL: illegal. */
const struct isa_instr *isa_decode(const struct isa *, uint64_t word);
/* The value of a field in a word. */
uint64_t isa_field_of(const struct isa_field *, uint64_t word);

/* ---- quote.c ---- */

/* The text from a place on, and what stands in the braces that follow one; false: there are none. */
const char *isa_text_at(struct place);
bool isa_braces(struct place, const char **begin, const char **end);
/*
 * As the description has them, to free: an instruction's item, as one that overrides it, with a
 * line more at the beginning of its body; what a map's line assigns, for an entry that has its
 * place; and the file, as an include in the working folder finds it.
 */
char *isa_instr_quote(const struct isa_instr *, const char *line);
char *isa_map_value_quote(const struct isa_map_entry *);
char *isa_include_quote(const struct isa *);

/* ---- expr_print.c ---- */

/* Where an expression stands. */
struct expr_scope {
	const struct isa_format *format; /* of the instruction */
	const struct code *code;
	const struct expr *const *definition; /* by local: what to print in its place; or NULL */
};
/* Prints an expression as a description has it. */
void expr_print(const struct expr_scope *, const struct expr *, FILE *);
/* What a local stands for. */
const struct expr *expr_resolve(const struct expr_scope *, const struct expr *);
/* The named field of a register that an expression is, or NULL. */
const struct isa_bits *expr_bits(const struct expr *);

/* All ones in the low bits. */
static inline uint64_t isa_mask(unsigned width)
{
	return ~UINT64_C(0) >> (64 - width);
}

/* The low bits of v, read as two's complement. */
static inline int64_t isa_signed(uint64_t v, unsigned width)
{
	return (int64_t)(v << (64 - width)) >> (64 - width);
}

#endif
