/*
 * The monitor: Popek and Goldberg's control program <D, A, {v_i}> (1974, section 4).
 *
 * It is resident outside the machine's storage and acts on its machine only
 * through the operations of vmm/control.h: load state and resume, run n, read
 * and write storage, set timer, device input and output.
 *
 *   dispatcher   vmm/dispatcher.c   entered at every real trap; decides who runs
 *   allocator    vmm/allocator.c    owns storage, time and devices; alone gives any away
 *   interpreters vmm/interpreter.c  emulate: the one instruction at P again, on the
 *                                   virtual machine's view
 *   the VM map f vmm/map.c          virtual control state to real
 *   scheduler    vmm/scheduler.c    which virtual machine, for how long
 *
 * vmm (Theorem 1): virtual supervisor and user mode both run directly.
 * hybrid (Theorem 3): virtual supervisor mode is interpreted.
 */
#ifndef VMM_MONITOR_H
#define VMM_MONITOR_H

#include "isa/isa.h"
#include "machine/machine.h"

#include <stdbool.h>
#include <stdint.h>

enum monitor_kind { MONITOR_VMM, MONITOR_HYBRID };
const char *monitor_kind_name(enum monitor_kind); /* "vmm", "hybrid" */
/* By name, "hvm" being an alias of hybrid; -1: none. */
int monitor_kind_named(const char *name);

/* A monitor with one known bug: vmm/fault.c.  The first is none. */
enum fault {
	FAULT_NONE,
#define FAULT(id, name, text) id,
#include "vmm/fault.def"
#undef FAULT
	FAULTS
};
const char *fault_name(enum fault);
const char *fault_text(enum fault); /* one sentence: what the monitor does wrong */
int fault_named(const char *name);  /* -1: none */

struct monitor_options {
	enum monitor_kind kind;
	const struct isa_map *map; /* NULL: the description's first, else the default one */
	uint64_t quantum;	   /* steps of the real machine between machines; 0: 10000 */
	uint64_t reserve;	   /* units of real storage kept from guests, at the bottom */
	uint64_t seed;		   /* of the monitor's own values for virtual registers */
	enum fault fault;
	bool collapsed; /* on a virtual machine: maps are composed, see monitor_on */
};

struct monitor;
struct vm;

/*
 * A monitor on a machine, which it drives from now on (not owned).  NULL with a
 * reason: no user mode, no relocation that composes (base and bound unset, or
 * translate is not relocation by base and bounds), a map that is not its isa's.
 */
struct monitor *monitor_new(struct machine *, const struct monitor_options *, char *reason,
			    size_t reason_size);
/*
 * What the real machine holds in a slot now is the monitor's own value there from now on, instead of
 * one that the seed gives.  False: the map does not make the register virtual.
 */
bool monitor_keep(struct monitor *, unsigned slot);
/*
 * A monitor on a virtual machine, which is a machine (Theorem 2); no guest runs there then.  The
 * virtual machine owns it.  NULL as above.
 *
 * Faithfully, each of its operations on its machine enters the dispatcher below, down to the real
 * one.  Collapsed, the maps of all levels are composed once: it runs its machines on the real one,
 * and traps come to it directly; the levels below see to their own machines only, and to whose turn
 * it is.  A guest cannot tell which. To run it runs the monitors below it, and what else they have,
 * other monitors included; to run one of those runs it in its turn, that is for as many steps of
 * its own machines as a quantum has.
 */
struct monitor *monitor_on(struct vm *, const struct monitor_options *, char *reason,
			   size_t reason_size);
/* Frees its virtual machines too, and the monitors on them. */
void monitor_free(struct monitor *);

/*
 * A virtual machine of `size` units, reset, with devices of its own.  NULL with a
 * reason when no stretch of free storage is that large.  Its unspecified values
 * start from vm_seed (a bare machine with the same seed draws the same).
 */
struct vm *monitor_create(struct monitor *, const char *name, uint64_t size, uint64_t vm_seed,
			  char *reason, size_t reason_size);
/* Destroys it, with what runs on it; its storage is cleared and free again. */
void monitor_destroy(struct monitor *, struct vm *);

unsigned monitor_count(const struct monitor *);
struct vm *monitor_vm(const struct monitor *, unsigned i);

/* ---- running ---- */

enum monitor_event {
	MONITOR_STEPS,	 /* the steps asked for were done */
	MONITOR_DONE,	 /* no virtual machine can go on: each halted or check-stopped */
	MONITOR_IDLE,	 /* those left wait, and nothing will come by itself */
	MONITOR_STOPPED, /* the stop flag of the machine's view */
	MONITOR_BREAK,	 /* one, monitor_stopped, has come to a break place of its view's */
	MONITOR_WATCH,	 /* one has touched what is watched: stops_hit of its view */
};

/* Runs all machines, round robin by quantum, for at most n real steps; those that carry a monitor
 * run that one's. */
enum monitor_event monitor_run(struct monitor *, uint64_t n);

/*
 * The machine that is at one of its stops (machine/stops.h: stops_new on its view, in its own
 * addresses) after MONITOR_BREAK or MONITOR_WATCH.  What the monitor does for itself is no
 * instruction of a guest's, and comes to no stop.  Of machines on other monitors only those count
 * that are on the one that is run: to hear of all, run the outermost.
 */
struct vm *monitor_stopped(const struct monitor *);

/*
 * Runs until this machine has done n more virtual steps (exactly), or cannot go on;
 * its neighbours get their quanta as usual.  Returns the virtual steps done.
 */
uint64_t monitor_run_vm(struct monitor *, struct vm *, uint64_t n, enum monitor_event *);

/* Records what the monitor, and those on its machines, do from now on (machine/trace.h); the trace is
 * not its own; NULL: no more.  Records have vm_number as their machine.
 * Guests do the same, but what could be done at once is done in the steps that are recorded. */
struct trace;
void monitor_trace(struct monitor *, struct trace *);

/* ---- looking ---- */

const char *vm_name(const struct vm *);
/* The virtual machine's state, as its guest believes it: valid whenever the monitor is not
 * running.  Depositing through it is a front-panel deposit. */
struct view *vm_view(struct vm *);
/* f(v): what the registers of its monitor's machine hold whenever it runs there directly, into as many
 * slots as the machine has.  Nothing is done to that machine. */
void vm_image(const struct vm *, uint64_t *state);
/* Where its storage lies in the real one. */
uint64_t vm_base(const struct vm *);
uint64_t vm_size(const struct vm *);

struct vm_stats {
	uint64_t direct;      /* instructions run directly by the real processor */
	uint64_t emulated;    /* by an interpreter routine, after a trap */
	uint64_t interpreted; /* virtual supervisor instructions of the hybrid monitor */
	uint64_t reflected;   /* traps given to the guest's own trap sequence after re-execution */
	uint64_t delivered;   /* completion traps, timer traps and interrupts given to it */
	uint64_t requests;    /* operations of the monitor on it */
	uint64_t switches;    /* world switches to this machine */
	uint64_t *by_cause;   /* traps of the guest by isa->trap index: those it saw */
	uint64_t *exits;      /* real traps taken while it ran, by isa->trap index */
	uint64_t *by_instr;   /* emulations by isa->instr index */
};
const struct vm_stats *vm_stats(const struct vm *);

const struct isa_map *monitor_map(const struct monitor *);
struct machine *monitor_machine(const struct monitor *);
enum monitor_kind monitor_kind(const struct monitor *);
/* The virtual machine on which it is; NULL: it is on the real one. */
struct vm *monitor_carrier(const struct monitor *);
bool monitor_collapsed(const struct monitor *); /* on a virtual machine, and collapsed */
struct monitor *vm_monitor(const struct vm *); /* that made it */
/* Which it is among all of the tower as they were made, from 0. */
unsigned vm_number(const struct vm *);
/* What it has done to its machine, counted by enum operation (vmm/control.h). */
const uint64_t *monitor_operations(const struct monitor *);

/* ---- resource control ---- */

/*
 * Called before every resume of a guest on the real machine and after every stop
 * with what the monitor intends: NULL in ordinary runs.  The auditor of
 * vmm/audit.c checks with it that real mode and relocation are always the
 * monitor's, and that no cell outside the region changed.
 */
struct audit;
struct audit *audit_new(struct monitor *);
void audit_free(struct audit *);
/* The number of violations, and a sentence on the first. */
uint64_t audit_violations(const struct audit *, char *first, size_t size);

#endif
