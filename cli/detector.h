/* A guest that tells whether it runs bare or under a monitor, by an instruction. */
#ifndef CLI_DETECTOR_H
#define CLI_DETECTOR_H

#include "cli/decision.h"

/*
 * Writes one to a file that is not there yet: by the witness against the instruction, it prints
 * BARE or VIRTUAL, under the vmm monitor and, if it is condemned there, too, the hybrid one; each
 * was tried.  Prints the commands that show it.  The program's exit status, after an error said
 * why there is none.
 */
int detector_write(const struct decision *, const struct classification *, bool hybrid,
		   const char *path);

#endif
