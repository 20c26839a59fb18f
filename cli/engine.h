/*
 * The engine that the user asks for, with --engine or in TRAPEZE_ENGINE.
 */
#ifndef CLI_ENGINE_H
#define CLI_ENGINE_H

#include "cli/cli.h"
#include "machine/translator.h"

struct engine_option {
	struct engine_choice choice;
	const char *text; /* as --engine had it; NULL: it was not given */
};

#define ENGINE_HELP                                                                                \
	"oracle, or for tests translator:LIST with flush=N, cache=SIZE, blocks=N, pool=N, hot=N, "          \
	"vectors=0"

/* Reads --engine; a usage error if it is none. */
void arg_engine(struct argp_state *, const char *text, struct engine_option *);
/* What TRAPEZE_ENGINE says, or this one.  If it says nonsense, that is the program's end. */
struct engine_option engine_default(enum engine);
/* The translator is to translate at once, unless the user said when: for guests that are short. */
void engine_at_once(struct engine_option *);
/* A machine gets the engine; a warning if there is no such for it and the user asked for it. */
void engine_use(struct machine *, const struct engine_option *);

#endif
