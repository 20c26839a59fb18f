/* A witness as a guest: a program that `trapeze equiv` runs to the divergence. */
#ifndef CLI_WITNESS_GUEST_H
#define CLI_WITNESS_GUEST_H

#include "cli/decision.h"

/*
 * Writes the witness against an instruction to a file that is not there yet: the virtual
 * machine's storage, and its registers as deposits.  Prints the command that shows the
 * divergence.  The program's exit status, after an error said where it cannot be.
 */
int witness_guest(const struct decision *, const struct classification *, const char *path);

#endif
