/*
 * All that a monitor knows, with those below it and others on these, storage apart, kept to go back
 * to: private to vmm/rewind.c and vmm/history.c, which keep storage each in its own way.
 */
#ifndef VMM_PAST_H
#define VMM_PAST_H

#include "vmm/monitor.h"

struct past;

/* Of a tower with these monitors and virtual machines, as it is now. */
struct past *past_new(struct monitor *);
void past_free(struct past *);
/* As it is now, in place of what was kept. */
void past_take(struct past *);
/* The real machine, monitors and virtual machines as they were, the engine and the stops apart. */
void past_restore(const struct past *);
/* From now on all run by this engine; NULL: by the oracle. */
void past_run_by(const struct past *, struct translator *);

/* A view's registers, clock and devices, without its storage. */
struct snapshot *past_registers(const struct view *);
void past_put_registers(struct view *, const struct snapshot *);

#endif
