/* The engine that the user asks for: cli/engine.h. */
#include "cli/engine.h"

#include <stdlib.h>

void arg_engine(struct argp_state *state, const char *text, struct engine_option *o)
{
	char reason[256];

	if (!engine_choose(text, &o->choice, reason, sizeof(reason)))
		argp_error(state, "--engine: %s", reason);
	o->text = text;
}

struct engine_option engine_default(enum engine engine)
{
	const char *text = getenv("TRAPEZE_ENGINE");
	struct engine_option o = { .choice.engine = engine };
	char reason[256];

	if (!text || !*text || engine_choose(text, &o.choice, reason, sizeof(reason)))
		return o;
	say_error("TRAPEZE_ENGINE: %s", reason);
	exit(STATUS_USAGE);
}

void engine_at_once(struct engine_option *o)
{
	if (!o->choice.options.hot)
		o->choice.options.hot = 1;
}

void engine_use(struct machine *m, const struct engine_option *o)
{
	if (o->choice.engine == ENGINE_ORACLE || machine_translate(m, &o->choice.options) ||
	    !o->text)
		return;
	say_warning("there is no translator for %s on this host; the oracle runs it, a hundred "
		    "times slower",
		    m->isa->name);
}
