/*
 * gdb at a machine: what the parts of the server share.  Only cli/gdb/ includes this.
 *
 * It is another front of the bench (cli/repl/repl.h): the session is the same, and `monitor LINE` of
 * gdb is a line typed there.
 *
 * The target is one machine of the session's, bare or virtual, as one thread, 1.
 */
#ifndef CLI_GDB_GDB_H
#define CLI_GDB_GDB_H

#include "cli/gdb/packet.h"
#include "cli/repl/repl.h"

/* A register as gdb numbers them. */
struct gdb_register {
	const char *feature;
	char name[64];
	unsigned bytes;
	bool exists, writable;
	struct table_entry entry; /* of the machine's; if not `computed` */
	const struct expr *computed;
};

/* A break or a watch that gdb has inserted. */
struct gdb_point {
	char type; /* '0' to '4', as in Z0 */
	uint64_t address, length;
	unsigned number; /* of the session's point */
};

struct gdb {
	struct session *session;
	struct world *world; /* gdb's, whatever the session speaks of in between */
	unsigned machine;
	struct link link;
	unsigned nregisters;
	struct gdb_register *reg; /* owned */
	char *description;	  /* XML; owned */
	unsigned npoints;
	struct gdb_point *point; /* owned */
	char stop[96];		 /* the last stop reply */
	bool over;		 /* gdb knows already that the machine cannot go on */
	bool ended;		 /* gdb has ended the session */
	bool detached;		 /* ... and the machine is to go on without it */
	FILE *out;		 /* the reply to the packet that is looked at */
};

/* ---- registers and storage: target.c ---- */

void target_open(struct gdb *);
void target_close(struct gdb *);
/* In the order of the target's bytes, as hexadecimal digits; "xx" for what there is not. */
void target_print(const struct gdb *, unsigned reg, FILE *);
/* From such digits; false: they are none, or no value for it. */
bool target_set(struct gdb *, unsigned reg, const char *digits, size_t ndigits);
/* Bytes of an addressable unit. */
unsigned target_unit(const struct gdb *);
/* How many units from a virtual address on were read, or written from bytes. */
uint64_t target_read(const struct gdb *, uint64_t address, uint64_t units, FILE *);
uint64_t target_write(struct gdb *, uint64_t address, uint64_t units, const unsigned char *bytes);
/* Where it is in the machine's storage; false: nowhere. */
bool target_place(const struct gdb *, uint64_t address, uint64_t *place);

/* ---- its description: describe.c ---- */

/* The registers of a machine, and the XML that tells gdb of them, to free. */
void describe_registers(struct gdb *);
char *describe_xml(const struct gdb *);

/* ---- breaks and watches: points.c ---- */

bool gdb_insert(struct gdb *, char type, uint64_t address, uint64_t length);
bool gdb_remove(struct gdb *, char type, uint64_t address, uint64_t length);
void gdb_remove_all(struct gdb *);
/* Its watch that ended the last run; NULL: none did. */
const struct gdb_point *gdb_watch_hit(const struct gdb *);

/* ---- motion.c: each leaves the stop reply in `stop` ---- */

void motion_continue(struct gdb *);
void motion_step(struct gdb *);
void motion_reverse_continue(struct gdb *);
void motion_reverse_step(struct gdb *);

/* ---- command.c ---- */

/* Answers the packet that has come. */
void gdb_answer(struct gdb *);

/* ---- monitor.c ---- */

/* A line for the bench, as hexadecimal digits. */
void gdb_monitor(struct gdb *, const char *digits);

/* Two digits; -1: they are none. */
int hex_byte(const char *digits);

#endif
