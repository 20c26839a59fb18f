/*
 * Advice of trapeze check: --find-map and --fix.
 */
#ifndef CLI_ADVICE_H
#define CLI_ADVICE_H

#include "cli/decision.h"

/* Searches the weakest map and prints it, in the language of descriptions: what is said of it
 * stands in comments.  Returns the exit status; the decision, to be freed, is only begun. */
int find_map(struct decision *, const struct isa *, const struct decision_options *, bool json);

/* What would mend each offender that was decided on. */
void fixes_text(const struct decision *, const struct verdict *three);
json_t *fixes_json(const struct decision *, const struct verdict *three);

#endif
