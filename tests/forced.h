/*
 * Every suite can be run on either engine: its machines get the one that TRAPEZE_ENGINE names.
 */
#ifndef TESTS_FORCED_H
#define TESTS_FORCED_H

#include "machine/translator.h"

#include <check.h>
#include <stdlib.h>

/* Returns the machine. */
static inline struct machine *forced(struct machine *m)
{
	const char *text = getenv("TRAPEZE_ENGINE");
	struct engine_choice choice;
	char reason[256];

	if (!m || !text || !*text)
		return m;
	ck_assert_msg(engine_choose(text, &choice, reason, sizeof reason), "%s", reason);
	if (choice.engine == ENGINE_TRANSLATOR)
		machine_translate(m, &choice.options);
	return m;
}

#endif
