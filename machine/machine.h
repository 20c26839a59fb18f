/*
 * A machine: Popek and Goldberg's S = <E, M, P, R> (1974, section 2), with the
 * clock and the devices that a real one has.
 *
 *   struct cpu       a processor: its registers, its clock, whether it runs
 *   struct view      how everybody reaches a state: a processor, its storage
 *                    window and its devices.  The real machine is one view; each
 *                    virtual machine is another.
 *   struct machine   a real machine: storage, devices and processors, and views of them
 *
 * The engines share one contract: run at most n steps on this view, stop
 * exactly, report precisely.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include "isa/image.h"
#include "isa/isa.h"
#include "machine/device.h"
#include "machine/storage.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum cpu_status {
	CPU_RUNNING,
	CPU_WAITING,   /* after `wait`, with no event in sight: idle until one comes */
	CPU_HALTED,    /* after `halt` */
	CPU_CHECKSTOP, /* a trap could not be performed: trapseq reached outside the storage */
};

/* What horizon said, as long as the registers that it depends on are the same: machine/clock.c */
enum { CLOCK_INPUTS = 8 /* at most so many */ };
struct clock_memory {
	bool known, still;	       /* still: and no number of ticks changes anything */
	uint64_t input[CLOCK_INPUTS], horizon;
};

/* Where it may be busy waiting: machine/spin.c */
struct spin_note {
	uint64_t p, time, period; /* a place, when it came last, after so long */
	unsigned matches, others; /* so often after as long; and so many accesses elsewhere since */
	unsigned patience;	  /* matches that it takes */
	uint64_t skipped;	  /* steps, in all: for tests and measurements */
};

struct cpu {
	uint64_t *state;      /* isa->nslots registers; owned; made by cpu_new alone, since the
	                         oracle works in the slots behind them */
	uint64_t steps;       /* instructions attempted, trapped or not */
	uint64_t time;        /* +1 per completed instruction and per `next` trap; wait may jump */
	uint64_t unspecified; /* state of the stream that unspecified() draws from */
	uint64_t quiet;       /* during a run: before this time no device changes and no line is
	                         asserted, so that devices need not be told of it; else 0 */
	uint64_t untold;      /* the time that devices were not told, being quiet; 0: none */
	struct clock_memory clock;
	struct spin_note spin;
	enum cpu_status status;
	uint64_t halt_status; /* when CPU_HALTED */
};

struct translator; /* machine/translator.h */
struct stops;	   /* machine/stops.h */
struct oracle; /* the decoder's cache and the locals: machine/oracle.c */

struct view {
	const struct isa *isa;
	struct cpu *cpu;         /* owned by whoever made the view */
	struct window window;    /* its storage */
	struct device **device;  /* isa->ndevices; likewise */
	struct oracle *oracle;   /* likewise; one serves any number of views of one isa */
	struct translator *translator; /* the engine; NULL: the oracle is */
	bool resident;           /* a control program is resident outside the storage: a trap is
	                            not performed but ends the run (the store into E[0] is elided) */
	bool stops_in_user;      /* a run ends early, with EVENT_STEPS, when an instruction enters
	                            user mode */
	bool deprivileged;       /* ... which sees only traps that leave user mode; what runs, a
	                            guest of it, performs the others */
	unsigned shares;         /* the number of what view_share said; 0: nothing */
	unsigned sharing;        /* the same during view_run_on; else 0 */
	bool unattended;         /* nobody looks at its devices between runs: who says so calls
	                            clock_wake before somebody does */
	const volatile sig_atomic_t *stop; /* a run ends soon after this becomes nonzero; NULL: none */
	struct stops *stops;		   /* where its runs end early; NULL: nowhere */
	uint64_t *traps; /* counts those performed in runs, by isa->trap index; NULL: nobody counts */
};

/* Why a run ended. */
enum event {
	EVENT_STEPS, /* all n steps were done */
	EVENT_TRAP,  /* a trap, on a view with a resident control program */
	EVENT_HALT,
	EVENT_IDLE, /* waiting, and nothing will come by itself */
	EVENT_CHECKSTOP,
	EVENT_STOPPED, /* the view's stop flag */
	EVENT_BREAK,   /* it has come to a break place */
	EVENT_WATCH,   /* what is watched was touched: stops_hit */
};
const char *event_name(enum event);

/* Who raised a trap. */
enum trap_source {
	SOURCE_INSTRUCTION, /* the instruction at P, its fetch included */
	SOURCE_TICK,        /* tick, after a completed instruction */
	SOURCE_INTERRUPT,   /* a device's line, sampled after tick */
};

struct trap {
	const struct isa_trap *kind;
	enum trap_source source;
	enum phase phase;
	uint64_t info; /* the operand */
	uint64_t p;    /* the P of the instruction that trapped, or after which it came */
	uint64_t tpc;  /* what trapseq receives */
};

/*
 * What a run did.  After EVENT_TRAP the view is stopped before the trap: with
 * phase nullify or next, in the state before the instruction (steps counts the
 * attempt, time does not move); with complete, in the state after it, its unit
 * of time not yet settled (clock_unit) when the source is SOURCE_INSTRUCTION.
 */
struct outcome {
	enum event event;
	uint64_t steps; /* attempted by this run */
	uint64_t units; /* of time that passed in it */
	struct trap trap; /* EVENT_TRAP; else the last trap performed, if any (kind NULL: none) */
	uint64_t traps;   /* performed by this run */
};

/* ---- running: machine/run.c, on the oracle ---- */

/* Runs at most n steps.  Ticks are batched through horizon and skip where the
 * description has them; the result is as if each unit had been settled alone. */
struct outcome view_run(struct view *, uint64_t n);
/* One step: view_run(view, 1). */
struct outcome view_step(struct view *);
/*
 * The instruction at P by itself: no unit of time is settled, no trap performed.  True if it
 * completed; halt and wait show in the processor's status.  False if it trapped: *trap, and the
 * state, are as after EVENT_TRAP.  What classification speaks of (DESIGN section 6, point 8).
 */
bool view_instruction(struct view *, struct trap *);

/*
 * Direct execution on the registers of a guest, where they are: those of the slots that are shared,
 * P among them, are the guest's, all others the view's, so that nothing need be copied.  The same
 * otherwise as view_run on a view that has been loaded from the guest, as long as its clock raises
 * nothing; but the clock's registers of the view are as before, and that it came to a stop is told
 * by stops_event on the guest's view.  False if the engine cannot, or not here: nothing has been
 * run.  view_share says once what is shared, by slot; false: this engine never runs so.
 */
bool view_share(struct view *, const bool *shared);
bool view_run_on(struct view *, struct cpu *guest, uint64_t n, struct outcome *);

/*
 * The step at P, after `done` steps that ran elsewhere and of which the view's time knows nothing
 * yet: that is settled, the instruction completes or its trap is performed, and its unit is
 * settled, all at once.  What a monitor does at an exit.  False if the engine cannot, or if
 * anything else comes of it; nothing has happened then.
 */
struct service {
	const struct isa_instr *instr; /* at P */
	struct trap trap;	       /* performed; kind NULL: none */
	uint64_t horizon;	       /* clock_horizon after it */
};
bool view_serve(struct view *, uint64_t done, struct service *);

/*
 * Performs a trap: trapseq on the view's state.  The only function that does.
 * False, with the processor check-stopped, if trapseq reached outside the storage.
 */
bool trap_perform(struct view *, const struct trap *);

/* ---- time: machine/clock.c; DESIGN "Time" ---- */

/*
 * One unit of time passes on a view: time + 1, tick on the state as it is, the
 * devices advance, interrupt lines are sampled, lowest first.  If that raises a
 * trap it is returned in *raised (kind not NULL) and not performed; a trap of
 * tick keeps the lines from being sampled in this unit.
 */
void clock_unit(struct view *, struct trap *raised);
/* How many further units surely raise nothing and change no device; NEVER at most.
 * 0 when the description has tick but no horizon. */
uint64_t clock_horizon(const struct view *);
/* As many units at once; n <= clock_horizon(view). */
void clock_skip(struct view *, uint64_t n);
/* As many, as far as time and the devices go: the registers stay. */
void clock_pass(struct view *, uint64_t n);
/* Is any interrupt line asserted? */
bool clock_line(const struct view *, uint64_t n);
/*
 * During a run: finds out for how long devices are quiet; and tells them the time again, before
 * they are looked at and when the run ends.
 */
void clock_calm(const struct view *);
void clock_wake(const struct view *);
/* After `wait`: lets time jump to the next event and settles that unit.  False if none
 * is in sight: no time passes, and the processor is CPU_WAITING. */
bool clock_wait(struct view *, struct trap *raised);

/* ---- code on a view, for the monitor and the tests: machine/oracle.c ---- */

struct oracle *oracle_new(const struct isa *);
void oracle_free(struct oracle *);

/* translate: the place of a virtual address in the view's storage; false: it traps. */
bool view_translate(struct view *, uint64_t address, enum access, uint64_t *place,
		    struct trap *);
/* The same, or a mapped device's place (machine/mapped.h), where no instruction can be fetched. */
bool view_reach(struct view *, uint64_t address, enum access, uint64_t *place, struct trap *);
/* Is the view in user mode?  False where the description has none. */
bool view_user(const struct view *);
/* The value of a pure expression without locals or fields on the view's state. */
uint64_t view_eval(const struct view *, const struct expr *);
/* Why a trap was raised from the state as it is, as the description's `why` says; NULL: it does not. */
const char *view_why(const struct view *, const struct trap *);
/* The instruction at P: its word, its place in storage; false if the fetch traps. */
bool view_fetch(struct view *, uint64_t *word, uint64_t *place);
/* goto: sets P, and with it what says where execution goes from there. */
void view_goto(struct view *, uint64_t p);
/* reset: sets every register to 0, then runs reset(size). */
void view_reset(struct view *);

/* ---- processors and machines: machine/machine.c ---- */

struct cpu *cpu_new(const struct isa *, uint64_t seed);
void cpu_free(struct cpu *);
/* Registers and all else; `to` may have room for no more than the registers. */
void cpu_copy(const struct isa *, struct cpu *to, const struct cpu *from);

struct machine {
	const struct isa *isa; /* not owned */
	struct storage *storage;
	struct oracle *oracle;
	struct translator *translator; /* NULL: the oracle runs it */
	struct device **device;
	unsigned ncpus;
	struct cpu **cpu;
	struct view *view; /* of each processor */
};

/*
 * A machine with `size` units of storage and one processor, reset.  seed starts
 * the stream of unspecified values.  NULL with a reason: no memory, a device that
 * cannot be made, a size that the addresses do not reach.
 */
struct machine *machine_new(const struct isa *, uint64_t size, uint64_t seed, char *reason,
			    size_t reason_size);
void machine_free(struct machine *);

enum engine { ENGINE_ORACLE, ENGINE_TRANSLATOR };
const char *engine_name(enum engine); /* "oracle", "translator" */
/*
 * What a machine runs on, the oracle until this is called: its views, and those of virtual machines
 * that are made on it later; there must be none yet.  False if there is none such for this host or
 * description; the oracle goes on then.
 */
bool machine_use(struct machine *, enum engine);
/* The same, the translator with these options. */
struct translator_options;
bool machine_translate(struct machine *, const struct translator_options *);

/* Devices for any owner, as declared; NULL with a reason. */
struct device **devices_new(const struct isa *, struct window, char *reason, size_t);
void devices_free(const struct isa *, struct device **);
/* The first device of a class, NULL if there is none. */
struct device *devices_find(const struct isa *, struct device *const *, const char *class_name);

/* ---- loading: machine/load.c ---- */

/*
 * Puts a guest into a view: its segments into storage, its entry, if it has one, into P,
 * then its deposits.  False with a reason when it, or the value of a deposit, does not fit, or
 * there is no register to deposit into.
 */
bool view_load(struct view *, const struct image *, char *reason, size_t reason_size);

/* ---- snapshots: machine/snapshot.c ---- */

struct snapshot;
/* All of a view's state: registers, clock, storage window, devices. */
struct snapshot *snapshot_take(const struct view *);
void snapshot_restore(struct view *, const struct snapshot *);
void snapshot_free(struct snapshot *);

/* ---- the state table: machine/table.c ---- */

/* One entry of the table through which state is examined, deposited, compared and printed. */
struct table_entry {
	char name[64];          /* "P", "G3", "CON.status", "time" */
	unsigned width;
	enum isa_class class;
	enum isa_role role;
	const struct isa_reg *reg; /* NULL: a device's variable or the clock */
	unsigned slot;          /* of reg; else the number of the variable */
	int device;             /* -1: none */
	const struct isa_enum *type; /* values are written with its names; or NULL */
};

struct table;
struct table *table_new(const struct isa *);
void table_free(struct table *);
unsigned table_size(const struct table *);
const struct table_entry *table_entry(const struct table *, unsigned i);
/* By name, an element of an array as "G3" or "G[3]", fields of registers excepted; -1 if there
 * is none. */
int table_find(const struct table *, const char *name);
uint64_t table_examine(const struct view *, const struct table_entry *);
/* The value is cut to the entry's width; the clock and devices' variables can be set too. */
void table_deposit(struct view *, const struct table_entry *, uint64_t value);
/* The value as people read it: an enumerator's name or 0x...; returns buffer. */
char *table_format(const struct table_entry *, uint64_t value, char *buffer, size_t size);

#endif
