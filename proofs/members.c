/*
 * Registers of an enumerated type with fewer members than values: which of them hold
 * members only, so that queries may take it so.  Shown by induction: reset leaves a
 * member, and so does from members whatever the machine does.  A register that can be
 * loaded with something else is taken to hold anything.
 */
#include "proofs/classify_private.h"

#include "isa/alloc.h"

static bool has_others(const struct isa_reg *r)
{
	return r->type && !r->array && r->type->nmembers >> r->width == 0;
}

/* What the run leaves in it is a member. */
static bool run_leaves_member(struct classifier *c, struct conditions *q, const struct isa_reg *r,
			      const struct sym_run *run, const char *what)
{
	require(q, term_not(TS, run->nullified));
	require(q, term_not(TS, sym_is_member(SYM, r, run->reg[r->index])));
	return ask(c, q, what, "member", r->name) == ANSWER_NO;
}

static bool instruction_leaves_member(struct classifier *c, const struct isa_instr *instr,
				      const struct isa_reg *r)
{
	const struct term *word = sym_word(SYM, "$word");
	struct conditions q = { 0 };

	if (!code_writes(&instr->code, r))
		return true;
	struct world w = world_of(c, sym_state_new(SYM, "1"), instr, word);
	require_state(c, &q, &w, instr, word);
	bool kept = run_leaves_member(c, &q, r, w.run, instr->name);
	world_free(&w);
	return kept;
}

/* The number of a trap. */
static const struct term *is_kind(struct classifier *c, const struct term *kind)
{
	const struct term *any = term_false(TS);

	for (unsigned i = 0; i < c->sym.isa->ntraps; i++)
		any = term_or(
			TS, any,
			term_eq(TS, kind, term_const(TS, kind->width, c->sym.isa->trap[i].number)));
	return any;
}

/* All registers are 0. */
static void require_clear(struct classifier *c, struct conditions *q, const struct sym_state *state)
{
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < c->sym.isa->nregs; i++)
		if (!c->sym.isa->reg[i].array)
			all = term_and(TS, all,
				       term_eq(TS, state->reg[i],
					       term_const(TS, state->reg[i]->width, 0)));
	require(q, all);
}

static bool code_leaves_member(struct classifier *c, const struct code *code,
			       const struct isa_reg *r, const char *what)
{
	const struct isa *isa = c->sym.isa;
	const struct term *parameter[4] = { NULL };
	struct sym_state *state = sym_state_new(SYM, "1");
	struct conditions q = { 0 };

	for (unsigned i = 0; i < code->nparams; i++)
		parameter[i] =
			term_variable(TS, sym_name(SYM, "$parameter.%u", i), code->local[i].width);
	if (code == isa->reset)
		require_clear(c, &q, state);
	else
		require(&q, sym_valid(SYM, state));
	if (code == isa->trapseq)
		require(&q, is_kind(c, parameter[0]));
	struct sym_run *run = sym_run_code(SYM, state, code, parameter);
	bool kept = run_leaves_member(c, &q, r, run, what);
	sym_run_free(run);
	sym_state_free(state);
	return kept;
}

static bool holds_members(struct classifier *c, const struct isa_reg *r)
{
	const struct isa *isa = c->sym.isa;
	const struct {
		const char *name;
		const struct code *code;
	} codes[] = { { "trapseq", isa->trapseq },
		      { "tick", isa->tick },
		      { "skip", isa->skip },
		      { "interrupt", isa->interrupt } };
	static const struct code nothing;

	if (!code_leaves_member(c, isa->reset ? isa->reset : &nothing, r, "reset"))
		return false;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].code && code_writes(codes[i].code, r) &&
		    !code_leaves_member(c, codes[i].code, r, codes[i].name))
			return false;
	for (unsigned i = 0; i < isa->ninstrs; i++)
		if (!instruction_leaves_member(c, &isa->instr[i], r))
			return false;
	return true;
}

void members_prove(struct classifier *c)
{
	const struct isa *isa = c->sym.isa;
	bool *holds = xcalloc(isa->nregs + 1, sizeof *holds), lost = true;

	for (unsigned i = 0; i < isa->nregs; i++)
		holds[i] = has_others(&isa->reg[i]);
	c->sym.member = holds; /* supposed, until it is shown */
	while (lost) {	       /* what was shown by it has to be shown without */
		lost = false;
		for (unsigned i = 0; i < isa->nregs; i++)
			if (holds[i] && !holds_members(c, &isa->reg[i])) {
				holds[i] = false;
				lost = true;
			}
	}
}

void members_free(struct classifier *c)
{
	free((bool *)c->sym.member);
}
