/*
 * What a run of the bare machine led to, remembered: private to vmm/equiv.c.  The same run on
 * another engine must lead to the same.
 */
#ifndef VMM_MOMENT_H
#define VMM_MOMENT_H

#include "vmm/compare.h"

struct moment; /* NULL: none yet */

/* Registers, clock and devices of a view, and what was written since the log began; replaces what
 * was remembered. */
void moment_take(struct moment **, const struct view *, const struct write_log *);
void moment_free(struct moment *);
/* Is it the same now?  If not, says what differs: `bare` is the value now, `virtual` was. */
bool moment_same(const struct moment *, const struct view *, const struct write_log *,
		 struct difference *);

#endif
