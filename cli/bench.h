/*
 * The laboratory bench (cli/repl/), for a verb whose user wants to go on there.
 */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "cli/lab.h"

/* A session on the terminal about machines as they are now; returns when the user leaves it.
 * Nothing becomes its own; the consoles must be closed, and no stops be hung. */
void bench_with(struct lab *, struct guest *, const struct lab_options *);

#endif
