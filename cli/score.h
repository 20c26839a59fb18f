/*
 * The score of our own tests: which seeded faults of a monitor they find.
 */
#ifndef CLI_SCORE_H
#define CLI_SCORE_H

#include "cli/campaign.h"
#include "cli/guest.h"

/*
 * Seeds every fault of vmm/fault.def, prints TAP: how soon fuzzing finds it and, when guests
 * are given, which of them shows it first.  Returns the exit status: STATUS_YES if each fault
 * was found.
 */
int score(const struct campaign *, struct shelf *, unsigned nguests, const char *const *guests);

#endif
