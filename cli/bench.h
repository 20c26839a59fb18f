/*
 * The laboratory bench (cli/repl/), for a verb whose user wants to go on there.
 */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "cli/console.h"
#include "cli/lab.h"

/* A session on the terminal about machines as they are now; returns when the user leaves it.
 * Nothing becomes its own; the consoles must be closed, and no stops be hung. */
void bench_with(struct lab *, struct guest *, const struct lab_options *);

/*
 * The same, where gdb gives the commands: cli/gdb/.  It is waited for at a port of the loopback
 * interface, 0: a free one; returns when it has ended the session, or has left the machines, which
 * have gone on to their end then.  False with an error said: there has been no session.
 */
bool bench_with_gdb(struct lab *, struct guest *, const struct lab_options *,
		    const struct console_options *, unsigned port);

#endif
