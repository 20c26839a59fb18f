/* A witness as a guest: a program that `trapeze equiv` runs to the divergence. */
#ifndef CLI_WITNESS_GUEST_H
#define CLI_WITNESS_GUEST_H

#include "cli/decision.h"

enum witness_style {
	STYLE_PLAIN,	/* the two states alone */
	STYLE_DETECTOR, /* cli/detector.h */
};

/*
 * Writes the witness against an instruction to a file that is not there yet: the virtual
 * machine's storage, and its registers as deposits.  Prints the command that shows the
 * divergence.  The program's exit status, after an error said where it cannot be.
 */
int witness_guest(const struct decision *, const struct classification *, enum witness_style,
		  const char *path);

/* Writes a guest's source to such a file, below a title.  False with an error said. */
bool guest_write(const struct isa *, const struct image *, const char *title, uint64_t size,
		 const char *path);

#endif
