/*
 * Stops: where a run of a view ends before all its steps are done.
 *
 *   breaks    places, values of P: a run ends with EVENT_BREAK when it comes to one, before the
 *             instruction there is done
 *   watches   stretches of storage: a run ends with EVENT_WATCH after the instruction that read
 *             or wrote one, its trap performed and its unit of time settled; or registers: after
 *             the instruction, or what came of it, that changed one
 *   others    that end a run with EVENT_BREAK, too: instructions, before one is done; traps,
 *             after one is performed; conditions on registers, storage, time and devices, after
 *             what made one hold that did not hold before
 *
 * A run does not end at the break place that it begins at, so the next run passes it.  It ends
 * after its last step if that led to one: each arrival is told once, however runs are cut.  It is
 * told whoever led there, an instruction, a trap or an interrupt.
 *
 * An access is one of the instruction's own by mem or phys, if it completed, and of trapseq, as
 * part of the instruction that trapped.  Fetches, what translate reads, devices and whoever else
 * writes storage are not seen.  Where an event that says more ends the run (a trap on a view with a
 * resident program, halt, wait), stops_hit tells of an access nevertheless.
 *
 * What it costs: code that has no break place in it is the same code of the host as without any,
 * and a store is compared with nothing more, since each looks at a map anyway.  As long as there is
 * a watch for reading, loads from places that are not known are compared with where such watches
 * are.  Instructions at break places, and those that touch what is watched, are done by the oracle.
 * Behind what can write a watched register, that is compared with what it was.  For one that time
 * changes, and for a condition on such registers, on where execution is or on time, translated code
 * looks before each instruction, if it can tell; else, and while one is watched that says where
 * execution is, all code runs step by step.
 */
#ifndef MACHINE_STOPS_H
#define MACHINE_STOPS_H

#include "machine/machine.h"

/* The units [first, first + count) of the view's storage. */
struct watch {
	uint64_t first, count;
	bool read, write;
};

/* An access to what is watched; or a register that changed, the rest then not counting but p. */
struct hit {
	int slot;	 /* of the register; -1: none */
	uint64_t before; /* its value */
	struct watch watch;
	enum access access;
	uint64_t address; /* in the view's storage: the first unit of the access that is watched */
	uint64_t p;	  /* of the instruction */
};

/*
 * None yet, for a view that has none: they are hung there.  Free them before the view and its
 * storage are gone.
 */
struct stops *stops_new(struct view *);
void stops_free(struct stops *);

/* False, and nothing done: there is one already, or none. */
bool stops_add_break(struct stops *, uint64_t p);
bool stops_remove_break(struct stops *, uint64_t p);
/* False: it is of nothing, or not within the storage; there is none like it. */
bool stops_add_watch(struct stops *, const struct watch *);
bool stops_remove_watch(struct stops *, const struct watch *);
/* False: it is watched already, or not. */
bool stops_add_register(struct stops *, unsigned slot);
bool stops_remove_register(struct stops *, unsigned slot);

/* Before instructions, and after traps, by their index.  False: likewise. */
bool stops_add_instr(struct stops *, unsigned index);
bool stops_add_trap(struct stops *, unsigned index);

/* Before a virtual machine's first instruction, when its turn has begun: its monitor sees to that. */
void stops_add_turns(struct stops *);

/* What a condition looked at: units of the view's storage. */
enum { STOPS_CELLS = 16 };
struct stop_cells {
	unsigned n;
	uint64_t place[STOPS_CELLS];
};

struct compiled; /* machine/compiled.h */

/*
 * A condition: `holds` depends on so many registers, on the storage that it says, and, as pieces
 * alone, on time and devices.  It and what it is given must stay.
 */
struct stop_condition {
	bool (*holds)(const struct view *, const void *context, struct stop_cells *);
	const void *context;
	const struct compiled *compiled; /* the same as pieces; NULL: it is none */
	bool close; /* translated code finds out before each instruction */
	struct stop_cells cells;
	bool devices; /* it speaks of devices, which may change between runs, too */
	bool known; /* it has been looked at */
	bool held; /* when it was looked at last */
	bool came; /* it has come to hold: that ended the run */
};
void stops_add_condition(struct stops *, struct stop_condition *, const unsigned *slot, unsigned n);

/* Does the view stand at a break place, or before an instruction that is one? */
bool stops_stand(const struct view *);
/* What the view's last run touched that is watched; NULL: nothing. */
const struct hit *stops_hit(const struct view *);

/* ---- for engines, run loop and monitor ---- */

struct stops {
	struct view *view;    /* not owned */
	struct window window; /* its storage */
	unsigned nbreaks, nwatches;
	uint64_t *at;	     /* break places, ascending; owned */
	struct watch *watch; /* owned */
	uint64_t from, to;   /* among these units are those that are watched for reading */
	uint64_t mark; /* tells sets of breaks, of registers, and these units, apart; 0: none */
	unsigned nregisters;
	struct watched_register {
		unsigned slot;
		unsigned conditions; /* that depend on it */
		bool told;	     /* it is watched for itself */
		bool leaves;	     /* translated code is left when it changed */
		bool close;	     /* ... by time, for which that looks before each instruction */
		bool visible;
		uint64_t before; /* the step, or the run */
	} * reg;		 /* owned */
	bool alone;		 /* one must be looked at after each step */
	bool opaque;		 /* ... as a condition on it says no more */
	bool timed;		 /* one is close */
	unsigned nclose, nwords; /* conditions that are close, and words that these look at */
	unsigned nconditions;
	struct stop_condition **condition; /* owned, not what it points to */
	bool turns;	      /* stops_add_turns */
	bool *instr, *trap;	      /* by index; owned; NULL: none */
	bool struck;		      /* the hit counts */
	bool broke;		      /* a condition has come to hold, or a trap was performed */
	bool waits; /* ... may have: whoever has the view's processor is to look */
	bool looks;   /* conditions look at storage, time or devices */
	bool touched; /* which may have changed */
	struct hit hit;
	uint64_t p;	    /* of the instruction that is done */
	struct stops *next; /* on the same storage */
};

bool stops_at(const struct stops *, uint64_t p);
/* On a view, perhaps another one, on this storage: n units at places in its window are accessed. */
void stops_touch(struct stops *, const struct window *, const uint64_t *place, unsigned n,
		 enum access);

/* Watched registers, close conditions, and words that these look at: as many as there is room for
 * in translated code. */
enum { STOPS_REGISTERS = 64, STOPS_CLOSE = 64, STOPS_WORDS = 64 };
/* Can a register change because each instruction moves it on? */
bool stops_leads(const struct isa *, unsigned slot);

/* The registers as they are now are what they will be compared with. */
void stops_note(struct stops *);
/*
 * Has one changed since, on this view's processor, which is the stops' own or runs for it?  Then
 * what came of that is known to stops_event.
 */
bool stops_compare(struct stops *, const struct view *);
/* The same where time is settled: close conditions, too. */
bool stops_compare_settled(struct stops *, const struct view *);
/* A trap is performed on a view that has stops. */
void stops_trapped(const struct view *, const struct isa_trap *);

/* Is a register compared on a view?  Where another processor runs for it, visible ones alone. */
static inline bool stops_compares(const struct stops *s, const struct view *v,
				  const struct watched_register *r)
{
	return r->visible || s->view == v;
}

/* Are there conditions or registers that translated code looks at before each instruction?  Wherever
 * it is left, time is to be settled, and they are to be looked at again. */
static inline bool stops_close(const struct view *v)
{
	return v->stops && (v->stops->nclose || v->stops->timed) && !v->stops->alone;
}

/* Are registers or conditions looked at beside what instructions do? */
static inline bool stops_look(const struct stops *s)
{
	return s->nregisters || s->nconditions;
}

/* Must each step run by itself? */
static inline bool stops_alone(const struct view *v)
{
	return v->stops && v->stops->alone && v->stops->view == v;
}

/* What is touched from now on, the instruction at p does. */
static inline void stops_begin(const struct view *v, uint64_t p)
{
	if (v->stops)
		v->stops->p = p;
}

/* Forgets what was touched. */
static inline void stops_forget(const struct view *v)
{
	if (v->stops)
		v->stops->struck = v->stops->broke = v->stops->waits = v->stops->touched = false;
}

/* The same, before what may change registers. */
static inline void stops_begin_run(const struct view *v)
{
	stops_forget(v);
	if (v->stops && v->stops->view == v)
		stops_note(v->stops);
}

/*
 * How a run ends because of stops: EVENT_BREAK or EVENT_WATCH; EVENT_STEPS: it goes on.  came:
 * execution has come to where it is.
 */
static inline enum event stops_event(const struct view *v, bool came)
{
	if (!v->stops || v->cpu->status != CPU_RUNNING)
		return EVENT_STEPS;
	if (v->stops->struck || v->stops->waits)
		return EVENT_WATCH;
	return v->stops->broke || (came && stops_stand(v)) ? EVENT_BREAK : EVENT_STEPS;
}

/* The same between steps, when registers are what they are. */
static inline enum event stops_event_between(const struct view *v, bool came)
{
	if (v->stops && stops_look(v->stops))
		stops_compare(v->stops, v);
	return stops_event(v, came);
}

/* The same where time may have passed, and the view's devices may have changed or written storage. */
static inline enum event stops_event_settled(const struct view *v, bool came)
{
	if (v->stops && v->stops->view == v)
		v->stops->touched |= v->stops->looks;
	if (v->stops && stops_look(v->stops))
		stops_compare_settled(v->stops, v);
	return stops_event(v, came);
}

#endif
