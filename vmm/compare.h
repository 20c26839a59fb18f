/*
 * Comparing a bare machine with a virtual one through f: private to vmm/equiv.c.
 */
#ifndef VMM_COMPARE_H
#define VMM_COMPARE_H

#include "vmm/equiv.h"

struct comparison;

/* Watches both storages from now on: their write logs are the comparison's until compare_free. */
struct comparison *compare_new(struct view *bare, struct vm *);
void compare_free(struct comparison *);

/*
 * Compares what was written or changed since the last compare_forget, or everything.
 * Depths already found are left as they are; true if one was added.
 */
bool compare_now(struct comparison *, bool everything, struct difference at[DEPTHS]);
/* Once both runs are over: output that one of them lacks. */
void compare_output(struct comparison *, struct difference at[DEPTHS]);

/* What was written up to now needs no comparison any more. */
void compare_forget(struct comparison *);
/* The same, but it stays in the logs. */
void compare_pass(struct comparison *);
/* The addresses written since, in the bare and in the real storage. */
const struct write_log *compare_bare_log(const struct comparison *);
const struct write_log *compare_real_log(const struct comparison *);

#endif
