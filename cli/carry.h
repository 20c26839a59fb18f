/*
 * Guests that carry guests, as the user names them: a monitor in the machine's own assembly with
 * what runs under it, "MONITOR.s[GUEST.s:SIZE,GUEST.s]:SIZE", to any depth (vmm/carry.h).
 */
#ifndef CLI_CARRY_H
#define CLI_CARRY_H

#include "cli/guest.h"
#include "vmm/tower.h"

/* Where the inside of "OUTER[INSIDE]REST" begins in an argument; NULL: it is no such thing. */
const char *carry_inside(const char *argument);
/* Of a guest that is loaded: loads those inside and puts them into its image.  False with errors
 * recorded. */
bool carry_guests(struct guest *, struct shelf *, const char *inside,
		  const struct guest_wish *);

/* The innermost guest: the first that each one carries, to the end. */
const struct guest *innermost(const struct guest *);
/* The levels of the tower above it, outermost first, to be freed with tower_levels_free; NULL
 * with an error said: it carries nothing, or a monitor does not publish enough. */
struct tower_level *tower_levels(const struct guest *, unsigned *count);
void tower_levels_free(struct tower_level *, unsigned count);
/* Has each monitor one machine only? */
bool tower_alone(const struct guest *);

#endif
