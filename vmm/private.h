/*
 * What the modules of the monitor share: its struct and that of a virtual
 * machine, and how the modules call each other.  Only vmm/ includes this.
 */
#ifndef VMM_PRIVATE_H
#define VMM_PRIVATE_H

#include "machine/stops.h"
#include "vmm/control.h"
#include "vmm/monitor.h"

static inline uint64_t at_most(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct span { /* slots of the state vector */
	unsigned slot, count;
};

/* What a stretch of the real processor's registers, or one, is loaded from: vmm/map.c. */
struct load {
	enum load_from {
		LOAD_GUEST, /* the virtual machine's registers */
		LOAD_OWN,   /* the monitor's own values */
		LOAD_VALUE, /* the map's expression */
		LOAD_BASE,  /* composed relocation */
		LOAD_BOUND,
		LOADS
	} from;
	unsigned slot, count;
	const struct expr *value;
};

/* ---- the allocator's books: vmm/allocator.c ---- */

struct region { /* storage in use */
	uint64_t base, size;
	struct region *next; /* higher up */
};

struct allocator {
	uint64_t first, size;  /* what there is to give: the units [first, size) */
	uint64_t reach;	       /* the highest base that the base register holds */
	struct region *region; /* in use, by base; owned */
};

/* First fit.  False with a reason: how much is free, and the largest stretch. */
bool allocator_take(struct allocator *, uint64_t size, uint64_t *base, char *reason,
		    size_t reason_size);
/* Has the region at base, which was taken, free again. */
void allocator_give_back(struct allocator *, uint64_t base);
void allocator_free(struct allocator *); /* what it owns, not itself */

/* Gives a new virtual machine its storage, its devices and its time; false with a reason. */
bool allocator_equip(struct vm *, uint64_t size, uint64_t seed, char *reason, size_t reason_size);
/* Takes them back; the storage is cleared. */
void allocator_strip(struct vm *);

/* ---- the monitor ---- */

struct monitor {
	const struct isa *isa;
	struct machine *machine; /* the real one; not owned; only for whoever asks */
	struct vm *carrier;	 /* the virtual machine on which it is; NULL: on the real one */
	struct control control;
	uint64_t operations[OPERATIONS]; /* that it has done, counted */
	struct window whole; /* its machine's storage; where control's begins, if not collapsed */
	struct monitor_options options; /* map and quantum filled in */
	struct allocator allocator;
	/* from the description, once: vmm/map.c */
	unsigned nloads, nfrom[LOADS];
	struct load *load; /* all registers, so many of each kind, one after the other; owned */
	unsigned nvisible;
	struct span *visible; /* the visible registers, owned */
	unsigned nmirrored;
	struct span *mirrored; /* mirrored registers to save after a run, owned */
	unsigned nticked;
	struct span *ticked; /* of both, what tick or skip writes, owned */
	uint64_t *own;	     /* the monitor's values for real control registers, by slot; owned */
	bool shares;	     /* guests may run on their own registers: control_run_on */
	bool fine;	     /* time depends on what a guest changes by itself: settle each unit */
	/* who runs: vmm/scheduler.c */
	unsigned nvms;
	struct vm **vm;	     /* in order of creation; owned */
	unsigned made;	     /* the outermost's: virtual machines of all levels, so far */
	struct vm *running;  /* whose quantum it is; NULL: nobody's */
	struct vm *stopped;  /* that came to one of its stops in the last run; NULL: none */
	uint64_t used;	     /* steps of the real processor in its last run */
	bool taken;	     /* a guest halted the real processor */
	struct audit *audit; /* NULL: none; not owned */
	struct trace *trace; /* NULL: nothing is recorded; not owned */
};

struct monitor *outermost(struct monitor *); /* of its tower */

struct vm {
	struct monitor *monitor;
	unsigned number; /* among all of the tower, as they were made */
	char *name;
	struct view view;     /* as the guest believes it; owns cpu and devices */
	uint64_t base;	      /* of its region, in the storage of the monitor's machine */
	uint64_t quantum_end; /* its quantum is over when it has done so many steps */
	enum event stopped;   /* EVENT_BREAK, EVENT_WATCH: its run ends so; else EVENT_STEPS */
	struct monitor *carried; /* resident on it; owned; NULL: none, it runs a guest */
	uint64_t turn_done;   /* steps of a turn that the monitor on it has taken */
	bool turned;	      /* its turn has begun, which is to be told */
	bool in_turn;	      /* the monitor below has that one run: nobody else has a turn now */
	struct trap handed;   /* to that one, which ends a run; kind NULL: none */
	struct trap pending;  /* to be given to the guest, after ANSWER_REFLECT */
	bool plain;	      /* in this run what traps may be served at once */
	bool careful;	      /* and it goes step by step */
	uint64_t at;	      /* P of what a unit of time is settled for */
	uint64_t horizon;     /* clock_horizon of its view, if it was found out just now; else 0 */
	struct vm_stats stats;
	uint64_t *before; /* vmm/fault.c: the registers before an emulation; owned */
	bool stale;	  /* vmm/fault.c: relocation as it was in `before` */
};

/* ---- the VM map f: vmm/map.c ---- */

/* Reads from the description what the map needs; map_fini frees it. */
void map_init(struct monitor *);
void map_fini(struct monitor *);

/* Real R of a virtual machine: relocation composed.  Bound 0: it reaches nothing. */
struct relocation {
	uint64_t base, bound;
};
struct relocation map_relocation(const struct vm *);

/* Loads the real processor: visible registers as they are, control registers by f. */
void map_load(const struct vm *);
/* The same of what it does not share with a guest that runs on its own registers. */
void map_load_control(const struct vm *);
/* Saves what a guest changes by itself: visible and mirrored registers. */
void map_save(struct vm *, bool quantum_over);
/* Of these, what the real machine ticked, once virtual time has passed. */
void map_save_ticked(struct vm *);

/* Does translate relocate by base and bounds, so that f composes?  False with a reason. */
bool relocation_composes(const struct view *real, char *reason, size_t reason_size);

/* ---- a virtual machine as a machine: vmm/hosted.c ---- */

/* The operations of a virtual machine, for a monitor that is resident on it; control_fini. */
struct control control_of_vm(struct vm *, uint64_t *done);

/* ---- dispatcher and interpreters ---- */

/* What a handler of the dispatcher decides. */
enum answer {
	ANSWER_RESUME,	/* the guest goes on */
	ANSWER_REFLECT, /* after the trap `pending` has been given to the guest */
	ANSWER_STOP,	/* this virtual machine cannot go on now */
};

/* Runs a machine for at most n virtual steps; returns those done. */
uint64_t dispatcher_run(struct vm *, uint64_t n);
/* Whoever looks at the machine below now finds f of this one there, however it ran. */
void dispatcher_leave(const struct vm *);
/* May it run?  A waiting machine is woken when its virtual time brings an event. */
bool dispatcher_ready(struct vm *);
/* One unit of virtual time, with the traps that come of it. */
void dispatcher_unit(struct vm *);

/* After a trap of the real machine: the one instruction at P again, on the virtual machine. */
enum answer interpreter_emulate(struct vm *);
/* Hybrid: at most n instructions from P on, in virtual supervisor mode. */
enum answer interpreter_supervise(struct vm *, uint64_t n);
/* Is this machine's present mode interpreted rather than run directly? */
static inline bool interpreter_wanted(const struct vm *vm)
{
	return vm->monitor->options.kind == MONITOR_HYBRID && !view_user(&vm->view);
}

/* ---- the scheduler: vmm/scheduler.c ---- */

/*
 * A monitor that interprets on a virtual machine, or is collapsed, uses that one's time; carrier
 * NULL: it is on the real machine.  For how many instructions at most, until others below must have
 * their turn; and that it was so many.
 */
uint64_t scheduler_room(const struct vm *carrier);
void scheduler_charge(struct vm *carrier, uint64_t n);

/* ---- faults: vmm/fault.c ---- */

static inline bool faulty(const struct vm *vm, enum fault fault)
{
	return __builtin_expect(vm->monitor->options.fault == fault, 0);
}

/* The relocation that a stale composition uses, if it does. */
static inline const uint64_t *fault_registers(const struct vm *vm)
{
	return vm->stale ? vm->before : vm->view.cpu->state;
}
/* Around an emulation: what a monitor forgets to carry over. */
void fault_before(struct vm *);
void fault_after(struct vm *, enum answer);
/* Steps over a wait as if it did nothing; false: there is none at P. */
bool fault_spin(struct vm *);
/* A trap as the faulty monitor reflects it; false: it is lost. */
bool fault_trap(struct vm *, struct trap *);
/* The view on which it reflects it. */
struct view fault_view(const struct vm *, const struct trap *);

/* ---- traces: vmm/record.c; called when something is recorded ---- */

/* Never, in the program that tests/trace_bench.sh compares with. */
static inline bool recording(const struct vm *vm)
{
#ifdef UNTRACED
	(void)vm;
	return false;
#else
	return __builtin_expect(vm->monitor->trace != NULL, 0);
#endif
}

void record_created(struct vm *) __attribute__((cold));
void record_switch(struct vm *) __attribute__((cold));
void record_resume(struct vm *) __attribute__((cold));
/* The real machine came back: by this trap, or NULL; the dispatcher calls the cause so. */
void record_exit(struct vm *, const struct trap *, const char *cause) __attribute__((cold));
/* An interpreter routine ran an instruction that stood at p, and has done so many steps. */
void record_emulated(struct vm *, const struct isa_instr *, uint64_t word, uint64_t p,
		     uint64_t steps) __attribute__((cold));
/* A trap is to be given to the guest. */
void record_reflected(struct vm *, const struct trap *) __attribute__((cold));
/* What changed in the guest's mode and relocation. */
void record_look(struct vm *) __attribute__((cold));

/* ---- audit: vmm/audit.c; each does nothing when nobody audits ---- */

struct audit {
	struct monitor *monitor;
	struct audit
		*below; /* of the monitor below; owned; NULL: this one is on the real machine */
	struct write_log log;	 /* what is written while a machine is served */
	struct write_log *outer; /* whose log stood in the storage before */
	uint64_t violations;
	char first[128];
};

void audit_begin(struct vm *);	/* before anything is done for a machine */
void audit_end(struct vm *);	/* and after */
void audit_loaded(struct vm *); /* the real processor is loaded */
static inline void audit_resume(struct vm *vm)
{
	if (vm->monitor->audit)
		audit_loaded(vm);
}
void audit_taken(struct vm *);	/* the real processor stopped for good */

#endif
