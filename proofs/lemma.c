/*
 * The lemmas: what translate of a description is, so that the queries may take it so,
 * and that a virtual machine's relocation can be composed with its region.
 */
#include "proofs/classify_private.h"

/* ---- relocation by base and bounds ---- */

/* The access is one for which translate raises this trap. */
static const struct term *raised_for(struct classifier *c, const struct isa_trap *trap,
				     const struct term *access)
{
	const struct term *any = term_false(TS);

	for (enum access a = ACCESS_FETCH; a <= ACCESS_WRITE; a++)
		if (c->sym.refusal[a] == trap)
			any = term_or(TS, any, term_eq(TS, access, term_const(TS, 2, a)));
	return any;
}

/* Whatever else translate does than raise the access's own trap with the address as operand. */
static const struct term *strange_trap(struct classifier *c, const struct sym_run *run,
				       const struct term *address, const struct term *access)
{
	const struct term *any = term_false(TS);

	for (unsigned i = 0; i < run->ntraps; i++) {
		const struct sym_trap *t = &run->trap[i];
		const struct term *strange =
			term_or(TS, term_not(TS, raised_for(c, t->trap, access)),
				differ(c, t->info, address));
		any = term_or(TS, any, term_and(TS, t->guard, strange));
	}
	return any;
}

/*
 * Nothing is known of devices, so that what reaches a mapped one is taken for what it is without
 * it: an access outside the storage, which traps.
 */
static const struct term *outside(struct classifier *c, const struct sym_state *state,
				  const struct sym_run *run)
{
	const struct term *place = term_extend(TS, X_ZEXT, run->result, SYM->size_width);

	if (!SYM->isa->mapped)
		return term_false(TS);
	return term_and(TS, term_not(TS, run->traps), term_binary(TS, X_ULE, state->size, place));
}

static enum answer base_and_bounds(struct classifier *c)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *state = sym_state_new(SYM, "1");
	const struct term *a = term_variable(TS, "$address", isa->word);
	const struct term *access = term_variable(TS, "$access", 2);
	struct sym_run *run =
		sym_run_code(SYM, state, isa->translate, (const struct term *[]){ a, access });
	const struct term *base =
		term_extend(TS, X_ZEXT, state->reg[isa->role[ROLE_BASE]->index], isa->word);
	const struct term *inside = sym_in_bounds(SYM, state, a);
	const struct term *refused = outside(c, state, run);
	struct conditions q = { 0 };

	require(&q, sym_valid(SYM, state));
	require(&q, term_binary(TS, X_ULE, access, term_const(TS, 2, ACCESS_WRITE)));
	const struct term *wrong_place =
		term_and(TS, inside, differ(c, run->result, term_binary(TS, X_ADD, base, a)));
	const struct term *wrong = term_or(TS, strange_trap(c, run, a, access), wrong_place);
	const struct term *strange =
		term_and(TS, refused, term_not(TS, raised_for(c, isa->memory, access)));
	wrong = term_or(TS, wrong, strange);
	require(&q, term_or(TS, term_eq(TS, term_or(TS, run->traps, refused), inside), wrong));
	enum answer fails = ask(c, &q, "translate", "lemma", NULL);
	sym_run_free(run);
	sym_state_free(state);
	return answer_negate(fails);
}

/* ---- abstract translation ---- */

static bool reads_visible(const struct isa *isa)
{
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_VISIBLE && code_reads(isa->translate, &isa->reg[i]))
			return true;
	return false;
}

/* An address that two kinds of access reach, at two places. */
static const struct term *two_places(struct classifier *c, const struct sym_run *const run[2])
{
	const struct term *both = term_not(TS, term_or(TS, run[0]->traps, run[1]->traps));

	return term_and(TS, both, differ(c, run[0]->result, run[1]->result));
}

/* One cell for an address, whatever the access. */
static enum answer one_cell(struct classifier *c)
{
	struct sym_state *state = sym_state_new(SYM, "1");
	const struct term *a = term_variable(TS, "$address", c->sym.isa->word);
	struct sym_run *run[ACCESS_WRITE + 1];
	const struct term *fails = term_false(TS);
	struct conditions q = { 0 };

	for (enum access i = ACCESS_FETCH; i <= ACCESS_WRITE; i++) {
		run[i] = sym_run_code(SYM, state, c->sym.isa->translate,
				      (const struct term *[]){ a, term_const(TS, 2, i) });
		for (enum access k = ACCESS_FETCH; k < i; k++)
			fails = term_or(
				TS, fails,
				two_places(c, (const struct sym_run *[]){ run[i], run[k] }));
	}
	require(&q, sym_valid(SYM, state));
	require(&q, fails);
	enum answer answer = answer_negate(ask(c, &q, "translate", "lemma-cell", NULL));
	for (enum access i = ACCESS_FETCH; i <= ACCESS_WRITE; i++)
		sym_run_free(run[i]);
	sym_state_free(state);
	return answer;
}

/* What translate refuses in user mode, the monitor sees. */
static enum answer refusals_seen(struct classifier *c)
{
	struct sym_state *state = sym_state_new(SYM, "1");
	const struct term *a = term_variable(TS, "$address", c->sym.isa->word);
	const struct term *access = term_variable(TS, "$access", 2);
	struct sym_run *run = sym_run_code(SYM, state, c->sym.isa->translate,
					   (const struct term *[]){ a, access });
	struct conditions q = { 0 };

	sym_lead(SYM, run);
	require(&q, sym_valid(SYM, state));
	require(&q, sym_user(SYM, state));
	require(&q, term_binary(TS, X_ULE, access, term_const(TS, 2, ACCESS_WRITE)));
	require(&q, run->stays);
	enum answer answer = answer_negate(ask(c, &q, "translate", "lemma-seen", NULL));
	sym_run_free(run);
	sym_state_free(state);
	return answer;
}

/* translate is a function of control state that gives each address at most one place, and what
 * it refuses reaches the monitor: then it is one of those that the queries leave open. */
static enum answer abstract_translation(struct classifier *c)
{
	enum answer answer;

	if (reads_visible(c->sym.isa)) {
		c->reason = "reads what programs see, so that a program translates for itself";
		return ANSWER_NO;
	}
	answer = one_cell(c);
	if (answer == ANSWER_NO)
		c->reason = "puts one address at different places for a fetch, a load or a store";
	if (answer != ANSWER_YES)
		return answer;
	answer = refusals_seen(c);
	if (answer == ANSWER_NO)
		c->reason = "can refuse an address by a trap that no monitor sees";
	return answer;
}

enum answer classifier_lemma(struct classifier *c)
{
	if (c->sym.isa->abstract_translation)
		return abstract_translation(c);
	c->reason =
		"is not relocation by base and bounds, and abstract translation is not declared";
	return base_and_bounds(c);
}

const char *classifier_reason(const struct classifier *c)
{
	return c->reason;
}

/* ---- composition ---- */

/* Adds what follows from premises, if it does: a fact that the solver finds sooner alone. */
static void require_consequence(struct classifier *c, struct conditions *q,
				const struct conditions *premises, const struct term *fact,
				const char *name)
{
	struct conditions counter = *premises;

	require(&counter, term_not(TS, fact));
	if (ask(c, &counter, "map", "composition", name) == ANSWER_NO)
		require(q, fact);
}

/* An address within the virtual bounds has its place in virtual storage, and what has its place
 * there, in the region. */
static void require_places(struct classifier *c, struct conditions *q,
			   const struct sym_state *virtual, const struct sym_state *real,
			   const struct term *j)
{
	unsigned w = c->sym.size_width;
	const struct isa_reg *base = c->sym.isa->role[ROLE_BASE];
	const struct term *l = term_extend(TS, X_ZEXT, virtual->reg[base->index], w);
	const struct term *place = term_binary(TS, X_ADD, l, term_extend(TS, X_ZEXT, j, w));
	const struct term *region = term_extend(TS, X_ZEXT, real->region, w);
	const struct term *moved = term_binary(TS, X_ADD, region, place);
	const struct term *stored = term_binary(TS, X_ULT, place, virtual->size);
	struct conditions state = { 0 }, around = { 0 };

	require(&state, sym_valid(SYM, virtual));
	require_consequence(c, q, &state,
			    term_or(TS, term_not(TS, sym_in_bounds(SYM, virtual, j)),
				    term_and(TS, stored, term_binary(TS, X_ULE, l, place))),
			    "virtual");
	require_region(c, &around, real);
	require_consequence(c, q, &around,
			    term_or(TS, term_not(TS, stored),
				    term_and(TS, term_binary(TS, X_ULE, region, moved),
					     term_binary(TS, X_ULT, moved, real->size))),
			    "region");
}

/*
 * For an address within the virtual machine's bounds, the real machine's place of it lies in the
 * region and in storage, and its distance from the region is the virtual machine's place; for
 * one outside them, it is outside the real ones.
 */
static enum answer base_and_bounds_compose(struct classifier *c)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *virtual = sym_state_new(SYM, "v"), *real = image_state(c, virtual);
	struct conditions q = { 0 };
	unsigned w = c->sym.size_width, base = isa->role[ROLE_BASE]->index,
		 bound = isa->role[ROLE_BOUND]->index;
	const struct term *j = term_variable(TS, "$address", isa->word);
	const struct term *l = term_extend(TS, X_ZEXT, real->reg[base], isa->word);
	const struct term *place = term_binary(TS, X_ADD, l, j);
	const struct term *inside = sym_in_bounds(SYM, virtual, j);
	const struct term *real_inside =
		term_binary(TS, X_ULT, j, term_extend(TS, X_ZEXT, real->reg[bound], isa->word));
	const struct term *distance =
		term_extend(TS, X_ZEXT, term_binary(TS, X_SUB, place, real->region), w);
	const struct term *lands =
		term_and(TS, term_binary(TS, X_ULT, distance, virtual->size),
			 term_binary(TS, X_ULT, term_extend(TS, X_ZEXT, place, w), real->size));
	const struct term *no_wrap = term_binary(TS, X_ULE, l, place);

	require(&q, sym_valid(SYM, virtual));
	require_region(c, &q, real);
	require_places(c, &q, virtual, real, j);
	require(&q, term_or(TS, differ(c, inside, real_inside),
			    term_and(TS, inside, term_not(TS, term_and(TS, lands, no_wrap)))));
	enum answer fails = ask(c, &q, "map", "composition", NULL);
	sym_state_free(virtual);
	sym_state_free(real);
	return answer_negate(fails);
}

/* The real machine reads storage in the virtual one's order of bytes: every query of instructions
 * has both of them fetch one word from it. */
static enum answer byte_order_kept(struct classifier *c)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *virtual, *real;
	struct conditions q = { 0 };

	if (isa->endian != ENDIAN_STATE)
		return ANSWER_YES;
	c->reason = "the real machine may read storage in another order of bytes than the virtual "
		    "one, instructions, too";
	virtual = sym_state_new(SYM, "v");
	real = image_state(c, virtual);
	require(&q, sym_valid(SYM, virtual));
	require_members(c, &q, real);
	require(&q, differ(c, sym_eval(SYM, virtual, isa->big), sym_eval(SYM, real, isa->big)));
	enum answer fails = ask(c, &q, "map", "byte-order", NULL);
	sym_state_free(virtual);
	sym_state_free(real);
	return answer_negate(fails);
}

/* The real machine is in user mode, whatever the virtual one and the monitor's own values are. */
static enum answer user_mode_kept(struct classifier *c)
{
	struct sym_state *virtual = sym_state_new(SYM, "v"), *real = image_state(c, virtual);
	struct conditions q = { 0 };

	c->reason = "the real machine may leave user mode while a guest runs";
	require(&q, sym_valid(SYM, virtual));
	require_members(c, &q, real);
	require(&q, term_not(TS, sym_user(SYM, real)));
	enum answer fails = ask(c, &q, "map", "user-mode", NULL);
	sym_state_free(virtual);
	sym_state_free(real);
	return answer_negate(fails);
}

enum answer classifier_composition(struct classifier *c)
{
	enum answer kept = user_mode_kept(c);

	if (kept == ANSWER_YES)
		kept = byte_order_kept(c);
	if (kept == ANSWER_YES)
		kept = clock_kept(c);
	if (kept == ANSWER_YES && c->sym.isa->abstract_translation)
		return shadow_withholds(c);
	if (kept == ANSWER_YES) {
		c->reason =
			"the map does not compose its relocation: base and bound must be composed";
		kept = base_and_bounds_compose(c);
	}
	if (kept == ANSWER_UNKNOWN)
		c->reason = "the solver does not tell";
	return kept;
}
