/*
 * Every suite can be run on either engine: its machines get the one that TRAPEZE_ENGINE names.
 */
#ifndef TESTS_FORCED_H
#define TESTS_FORCED_H

#include "machine/translator.h"

#include <check.h>
#include <stdlib.h>

/* False: it names none. */
static inline bool forced_choice(struct engine_choice *choice)
{
	const char *text = getenv("TRAPEZE_ENGINE");
	char reason[256];

	if (!text || !*text)
		return false;
	ck_assert_msg(engine_choose(text, choice, reason, sizeof reason), "%s", reason);
	return true;
}

/* Returns the machine. */
static inline struct machine *forced(struct machine *m)
{
	struct engine_choice choice;

	if (m && forced_choice(&choice) && choice.engine == ENGINE_TRANSLATOR)
		machine_translate(m, &choice.options);
	return m;
}

/* For tests of the translator itself: it is the engine, with the settings that are given there. */
static inline bool forced_translate(struct machine *m, const struct translator_options *usual)
{
	struct engine_choice choice;

	if (!forced_choice(&choice) || choice.engine != ENGINE_TRANSLATOR)
		return machine_translate(m, usual);
	if (!choice.options.hot)
		choice.options.hot = usual->hot;
	return machine_translate(m, &choice.options);
}

#endif
