/*
 * Busy waiting: a program that asks a device again and again, until that gives another answer.
 *
 * One that goes round in the same way, all of its state being again what it was, time apart, will
 * go on so until an event comes or a device answers otherwise, which the device's class knows
 * (device_class.steady).  So many rounds are not run but skipped: time passes and steps are counted
 * as if they had been.
 *
 * What a round may not do: read what time changes, or write what the clock's code reads or writes;
 * trap, halt, wait, be interrupted; leave storage, registers, devices or the stream of unspecified
 * values other than it found them.  It is gone round twice by the oracle to see that.  Nor
 * may a run end in it, at a break or for an access that is watched; where registers are watched, or
 * there are conditions, nothing is skipped.
 */
#ifndef MACHINE_SPIN_H
#define MACHINE_SPIN_H

#include "machine/machine.h"

/* A step from p has reached a device, and its time is settled: may the program be spinning? */
bool spin_noted(struct cpu *, uint64_t p);

/*
 * The run that goes on meanwhile: a step by the oracle, settled; false: the run ends with it.
 * *plain: an instruction completed, and time passed, nothing else; and it does not end.
 */
struct spin_run {
	struct view *view;
	bool (*step)(void *run, bool *plain);
	void *run;
	uint64_t room;	  /* steps that may still be taken */
	uint64_t skipped; /* to be added to those taken */
};
/* Where spin_noted said so.  False: the run ends. */
bool spin_skip(struct spin_run *);

/* A round that is looked at comes to a device, which has been told the time, by an access. */
struct spin;
void spin_reach(struct spin *, const struct device *, const struct device_access *);

#endif
