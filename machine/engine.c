/* The engine of a view: the translator if it has one, else the oracle. */
#include "machine/oracle.h"
#include "machine/translator.h"

enum ending engine_burst(struct view *v, uint64_t room, uint64_t horizon, struct progress *p,
			 struct trap *trap)
{
	if (v->translator)
		return translator_burst(v, room, horizon, p, trap);
	*p = (struct progress){ 0 };
	return oracle_burst(v, room < horizon ? room : horizon, false, &p->done, trap);
}

enum ending engine_step(struct view *v, struct trap *trap)
{
	uint64_t done;

	return v->translator ? translator_step(v, trap) : oracle_burst(v, 1, true, &done, trap);
}

enum ending engine_code(const struct view *v, enum code_kind kind, struct trap *trap, uint64_t a,
			uint64_t b, uint64_t c)
{
	const struct oracle *o = v->oracle;
	const struct program *program = o->code[kind];
	uint64_t *local = v->cpu->state + o->layout.locals;
	enum ending ending;

	if (v->translator) {
		local[0] = a;
		local[1] = b;
		local[2] = c;
		if (translator_code(v, kind, program, &ending, trap))
			return ending;
	}
	return oracle_call(v, program, trap, a, b, c);
}
