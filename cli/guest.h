/*
 * Guests as the user names them: FILE.s, assembled in memory, an ELF object, or what another tool
 * made (cli/program.h),
 * with ":SIZE" for the storage of its machine, and "@LEVEL" for the monitor of a tower that it is
 * to be on.
 */
#ifndef CLI_GUEST_H
#define CLI_GUEST_H

#include "cli/cli.h"
#include "isa/asm.h"
#include "isa/image.h"
#include "isa/isa.h"
#include "machine/machine.h"

#define GUEST_STORAGE (UINT64_C(64) * 1024) /* units, where the user gives none */

/* The descriptions in use, each loaded once, and the messages about all input. */
struct shelf {
	struct diag_list *diagnostics;
	unsigned count;
	struct shelf_entry {
		char *path;
		struct isa *isa;
	} * entry;
};

struct shelf *shelf_new(void);
void shelf_free(struct shelf *);
/* The description of that name (isa_find); NULL with errors recorded. */
const struct isa *shelf_isa(struct shelf *, const char *name);
/* Is the description the one that the machine's name stands for? */
bool known_by_name(const struct isa *);
/* The machine as a command takes it, by name or by path, quoted: "pg", "./my.isa". */
char *machine_words(const struct isa *, char *buffer, size_t size);
/* The map of that name; NULL with an error said. */
const struct isa_map *map_asked(const struct isa *, const char *name);

/* What the user says of guests besides their names. */
struct guest_wish {
	const char *isa;    /* the machine, whatever the guest says; NULL: as it says */
	const char *board;  /* what that is on; NULL: on none */
	const char *append; /* arguments for a program of another tool; NULL: none */
	const char *initrd; /* the file of its initial disk; NULL: none */
	bool programs;	    /* it may be of another tool */
	bool is_raw;	    /* what is no ELF file is bytes, for this address */
	uint64_t raw, raw_entry;
};

struct program; /* cli/program.h */

struct guest {
	char *path;		     /* without the size */
	uint64_t size;		     /* units; 0: not given */
	unsigned level;		     /* the monitor, 1 the outermost; 0: the innermost, not given */
	const struct isa *isa;	     /* the shelf's */
	const struct source *source; /* NULL: read from ELF */
	struct image *image;
	struct program *program;     /* NULL: not of another tool */
	unsigned ninner; /* what it carries: cli/carry.h */
	struct guest *inner;
};

/*
 * Loads a guest, with those that it carries.  False with errors recorded in the shelf's list; the guest must be freed in any case.
 */
bool guest_load(struct guest *, struct shelf *, const char *argument,
		const struct guest_wish *);
void guest_free(struct guest *);

/* The name without folder and suffix: "minios" of "guests/pg/minios.s". */
char *guest_short_name(const struct guest *, char *buffer, size_t size);

/* Puts the guest into a view that was reset (view_load).  False with an error said: that
 * FILE:SIZE gives it more storage and, in `or_else`, what else does. */
bool guest_enter(const struct guest *, struct view *, const char *or_else);

/* Deposits "REG=VALUE" through the state table; false with an error said. */
bool guest_deposit(struct view *, const char *option, const char *text);

#endif
