/*
 * Going back in time: snapshots of a machine, or of a monitor with all its virtual machines, and
 * exact replay from them.  A console keeps what was typed with its times (machine/device.h), so
 * that what is done again is the same.
 *
 * A place in time is a number of instructions attempted: by one machine, or by all of them
 * together ("total").
 */
#ifndef VMM_HISTORY_H
#define VMM_HISTORY_H

#include "vmm/monitor.h"

struct history;

/* From now on, of a bare machine's view; or, bare being NULL, of a tower's machines on which guests
 * run, all of the monitors that there are being kept.  None of these may come or go; nothing is
 * copied. */
struct history *history_new(struct view *bare, struct vm *const *, unsigned count);
void history_free(struct history *);

/* Instructions so far, of all machines. */
uint64_t history_total(const struct history *);
/* To be called before machines run on: what was changed by hand later than now is given up, since
 * it would not come again. */
void history_resume(struct history *);
/* To be called now and then between runs: keeps a snapshot, if it is time for one. */
void history_note(struct history *);
/* To be called after the state was changed by hand: what came later is given up. */
void history_changed(struct history *);

/* Keeps a snapshot of the present aside; goes back to it; gives it up. */
void history_mark(struct history *);
void history_return(struct history *);
void history_forget(struct history *);

/* The snapshots, from the earliest on: how many, of which total; and back to one. */
unsigned history_count(const struct history *);
uint64_t history_at(const struct history *, unsigned i);
void history_restore(struct history *, unsigned i);
/* Goes to the i-th, and on from there to a place before the next one, for further snapshots between
 * the two: whoever looks at each step has less to look at.  Returns how many; they are gone with the
 * next call, history_join, and history_resume. */
unsigned history_divide(struct history *, unsigned i, uint64_t end);
void history_join(struct history *);

/*
 * To the place where a machine (0 for a bare one) had done so many steps, or all of them together:
 * back, or, from the last snapshot before it, on.  False: it lies before the beginning, and nothing
 * has happened; or the machines stand before it and cannot go on, or were stopped from outside.
 */
bool history_go(struct history *, unsigned machine, uint64_t steps);
bool history_go_total(struct history *, uint64_t total);

#endif
