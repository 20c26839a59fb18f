/*
 * Traces: a ring of typed records of what happened, the latest ones.
 *
 * Nobody records anything unless asked to: a monitor has a pointer to a trace that is NULL
 * otherwise, tested where the real machine comes back to it; a bare machine is run by trace_run in
 * place of view_run, step by step.
 */
#ifndef MACHINE_TRACE_H
#define MACHINE_TRACE_H

#include "machine/machine.h"

/* What is recorded, and by which name it is selected. */
#define TRACE_KINDS(X)                                                                             \
	X(TRACE_TRAP, "trap")		  /* of the real machine; a: operand */                    \
	X(TRACE_DISPATCH, "dispatch")	  /* what the dispatcher decides; text: the cause */       \
	X(TRACE_EMULATE, "emulate")	  /* an interpreter routine ran instr; a: steps done */    \
	X(TRACE_REFLECT, "reflect")	  /* a trap is given on; a: operand; text: to whom */      \
	X(TRACE_RESUME, "resume")	  /* direct execution, once; a, b: real base and bound */  \
	X(TRACE_SWITCH, "switch")	  /* another virtual machine's quantum begins */           \
	X(TRACE_TIMER, "timer")		  /* a tick traps in the guest */                          \
	X(TRACE_INTERRUPT, "interrupt")	  /* a device of the guest's interrupts */                 \
	X(TRACE_DEVICE, "device")	  /* instr reads or writes a device */                     \
	X(TRACE_ALLOCATION, "allocation") /* a: base, b: size, of a new machine's storage */       \
	X(TRACE_RELOCATION, "relocation") /* the guest's, changed; a: base, b: bound */            \
	X(TRACE_MODE, "mode")		  /* the guest's, changed; a: 1 if it is in user mode now */

enum trace_kind {
#define X(kind, name) kind,
	TRACE_KINDS(X)
#undef X
		TRACE_COUNT
};
const char *trace_kind_name(enum trace_kind);
int trace_kind_named(const char *name); /* -1: none */

struct trace_record {
	enum trace_kind kind;
	unsigned machine;    /* which of the machines; 0: the only one */
	bool user;	     /* it was in user mode */
	uint64_t step, time; /* its own */
	uint64_t p;	     /* of the instruction that this is about */
	const struct isa_trap *trap;
	const struct isa_instr *instr;
	const char *text; /* static; NULL: none */
	uint64_t word;	  /* at P, if instr */
	uint64_t a, b;
};

struct trace;

/* Of the latest `most` records of these kinds, bits 1 << kind. */
struct trace *trace_new(unsigned most, unsigned kinds);
void trace_free(struct trace *);
/* Those that it holds, from the earliest on; and how many there were altogether. */
unsigned trace_count(const struct trace *);
const struct trace_record *trace_at(const struct trace *, unsigned i);
uint64_t trace_total(const struct trace *);

/* ---- for who records ---- */

/* Adds a record about a machine's state as it is; the kinds that are not wanted are dropped.  What
 * `about` says besides kind, machine and its own fields is filled in. */
void trace_add(struct trace *, const struct view *, struct trace_record about);
/* Records what changed in mode and relocation since the last look at this machine. */
void trace_look(struct trace *, const struct view *, unsigned machine);
/* The instruction at P with its word; NULL if it cannot be fetched. */
const struct isa_instr *trace_instruction(const struct view *, uint64_t *word);

/* A bare machine as by view_run, recorded, on the oracle. */
struct outcome trace_run(struct trace *, struct view *, uint64_t n);

#endif
