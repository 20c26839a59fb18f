/* What was decided, as JSON. */
#include "cli/decision.h"

json_t *parts_json(const struct parts *p)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < p->n; i++)
		json_array_append_new(all, json_string(p->name[i]));
	return all;
}

static json_t *classification_json(const struct classification *k)
{
	return json_pack(
		"{s:s, s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}",
		"instruction", k->instr->name, "trapping", trapping_name(k->trapping),
		"control_sensitive", answer_name(k->control_sensitive), "control",
		parts_json(&k->control), "behaviour_sensitive", answer_name(k->behaviour_sensitive),
		"behaviour", parts_json(&k->behaviour), "trap_sensitive",
		answer_name(k->trap_sensitive), "user_sensitive", answer_name(k->user_sensitive),
		"user_sensitive_literal", answer_name(k->user_sensitive_literal),
		"breaks_theorem_1", answer_name(k->breaks_theorem1), "breaks_theorem_3",
		answer_name(k->breaks_theorem3), "differs_vmm", answer_name(k->direct_vmm),
		"differs_hybrid", answer_name(k->direct_hybrid), "resource_control",
		answer_name(k->controlled_vmm), "efficient", answer_name(k->efficient), "reflected",
		answer_name(k->reflected), "word", (json_int_t)k->word);
}

/* With its guard, and its bad words. */
static json_t *instruction_json(const struct decision *d, unsigned i)
{
	const struct classification *k = &d->of[i];
	json_t *o = classification_json(k);

	if (k->trapping == TRAPS_CONDITIONALLY)
		json_object_set_new(o, "guard", guard_json(&d->guard[i]));
	if (breaks_something(k))
		json_object_set_new(o, "bad_words", guilt_json(&d->guilt[i]));
	return o;
}

static json_t *verdict_json(const struct verdict *v, enum answer efficiency)
{
	json_t *offenders = json_array();

	for (unsigned i = 0; i < v->noffenders; i++)
		json_array_append_new(offenders, json_string(v->offender[i]->instr->name));
	return json_pack("{s:s, s:s, s:b, s:s, s:s, s:o}", "condition_holds", answer_name(v->holds),
			 "equivalence", answer_name(v->equivalence), "up_to_time", v->up_to_time,
			 "resource_control", answer_name(v->control), "efficiency",
			 answer_name(efficiency), "offenders", offenders);
}

json_t *decision_json(const struct decision *d, const struct verdict *one,
		      const struct verdict *three)
{
	json_t *instructions = json_array();
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s}", "machine", d->isa->name, "map",
			      d->map->name, "solver", smt_solver_name(d->smt), "lemma",
			      answer_name(d->lemma), "composition", answer_name(d->composition));

	for (unsigned i = 0; i < d->n; i++)
		json_array_append_new(instructions, instruction_json(d, i));
	json_object_set_new(o, "instructions", instructions);
	if (!d->whole)
		return o;
	json_object_set_new(o, "theorem_1",
			    verdict_json(one, answer_both(one->efficiency, d->reach)));
	json_object_set_new(o, "theorem_3", verdict_json(three, three->efficiency));
	return o;
}
