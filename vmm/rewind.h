/*
 * Going back to a point of a comparison: private to vmm/equiv.c.  Storage goes back
 * by the write logs, so that a point costs what was written since, not all storage.
 */
#ifndef VMM_REWIND_H
#define VMM_REWIND_H

#include "vmm/compare.h"

struct rewind;

/* Both machines as they are now, with all machines of the monitor. */
struct rewind *rewind_new(struct view *bare, struct monitor *, struct comparison *);
void rewind_free(struct rewind *);
/* The present state is the point to go back to; the comparison forgets. */
void rewind_mark(struct rewind *);
/* Back to the point, and to the engine that there was. */
void rewind_back(struct rewind *);
/* From here on the oracle runs both, or again the engine that there was. */
void rewind_on_oracle(struct rewind *, bool);

#endif
