/*
 * Where a run is to stop, as the user says: --break PLACE, --watch RANGE.
 *
 *   PLACE   a number, or a label of the guest's, or LABEL+N
 *   RANGE   PLACE[,COUNT][:r|:w|:rw]   units of storage; a word for writing, unless said otherwise;
 *           or a register's name, where no label has it
 */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include "cli/report.h"

struct stop_options {
	struct words places, ranges; /* owned */
};
void stop_options_free(struct stop_options *);

/*
 * Hangs them on all machines of a lab, whose guests these are: a label only where the guest has it,
 * one at least must.  False with an error said.  stop_remove takes them off again.
 */
bool stop_hang(const struct lab *, const struct guest *, const struct stop_options *);
void stop_remove(const struct lab *);

/* The machine that is at a stop, by number: before anything ran, or after a run that ended so. */
int stop_standing(const struct lab *); /* -1: none */
unsigned stop_which(const struct lab *);
/* One line about it: which one, when, and where execution goes on; or as JSON. */
void stop_print(const struct view *, const char *name, const struct image *, FILE *);
json_t *stop_json(const struct view *, const char *name);

#endif
