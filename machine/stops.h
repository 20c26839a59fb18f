/*
 * Stops: where a run of a view ends before all its steps are done.
 *
 *   breaks    places, values of P: a run ends with EVENT_BREAK when it comes to one, before the
 *             instruction there is done
 *   watches   stretches of storage: a run ends with EVENT_WATCH after the instruction that read
 *             or wrote one, its trap performed and its unit of time settled; or registers: after
 *             the instruction, or what came of it, that changed one
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
 * While a register is watched, all code runs step by step.
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

/* Does the view stand at a break place? */
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
	uint64_t mark; /* tells sets of break places, and these units, apart; 0: there are none */
	unsigned nregisters;
	struct watched_register {
		unsigned slot;
		uint64_t before; /* the step, or the run */
	} * reg;		 /* owned */
	bool struck;		 /* the hit counts */
	struct hit hit;
	uint64_t p;	    /* of the instruction that is done */
	struct stops *next; /* on the same storage */
};

bool stops_at(const struct stops *, uint64_t p);
/* On a view, perhaps another one, on this storage: n units at places in its window are accessed. */
void stops_touch(struct stops *, const struct window *, const uint64_t *place, unsigned n,
		 enum access);

/* The registers as they are now are what they will be compared with; and has one changed since? */
void stops_note_registers(struct stops *);
void stops_compare_registers(struct stops *);

/* Must each step run by itself? */
static inline bool stops_alone(const struct view *v)
{
	return v->stops && v->stops->nregisters && v->stops->view == v;
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
		v->stops->struck = false;
}

/* The same, before what may change registers. */
static inline void stops_begin_run(const struct view *v)
{
	stops_forget(v);
	if (stops_alone(v))
		stops_note_registers(v->stops);
}

/*
 * How a run ends because of stops: EVENT_BREAK or EVENT_WATCH; EVENT_STEPS: it goes on.  came:
 * execution has come to where it is.
 */
static inline enum event stops_event(const struct view *v, bool came)
{
	if (!v->stops || v->cpu->status != CPU_RUNNING)
		return EVENT_STEPS;
	if (v->stops->struck)
		return EVENT_WATCH;
	return came && stops_stand(v) ? EVENT_BREAK : EVENT_STEPS;
}

/* The same between steps, when registers are what they are. */
static inline enum event stops_event_between(const struct view *v, bool came)
{
	if (stops_alone(v))
		stops_compare_registers(v->stops);
	return stops_event(v, came);
}

#endif
