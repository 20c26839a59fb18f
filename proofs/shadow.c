/*
 * The monitor's own translation, where translation is abstract: what it can withhold
 * from user mode, and what it can let it reach.
 *
 * Both ask for all addresses whether there is a translation, or for a translation whether
 * it serves all addresses.  The queries have no quantifiers; so a translation is guessed
 * from the addresses known so far, and each address that it does not serve is added.
 */
#include "proofs/classify_private.h"

#include "isa/alloc.h"

enum { MAX_ROUNDS = 32 };

/* An address, and the access to it. */
struct access_at {
	const struct term *address, *access;
};

static struct access_at any_access(struct classifier *c)
{
	return (struct access_at){ term_variable(TS, "$address", c->sym.isa->word),
				   term_variable(TS, "$access", 2) };
}

static struct access_at found_access(struct classifier *c)
{
	struct access_at any = any_access(c);

	return (struct access_at){
		term_const(TS, any.address->width, smt_value(c->smt, any.address)),
		term_const(TS, 2, smt_value(c->smt, any.access)),
	};
}

static void require_access(struct classifier *c, struct conditions *q)
{
	require(q, term_binary(TS, X_ULE, any_access(c).access, term_const(TS, 2, ACCESS_WRITE)));
}

/* translate gives it a place in storage. */
static const struct term *given(struct classifier *c, const struct sym_state *state,
				struct access_at at)
{
	struct sym_run *run = sym_run_code(SYM, state, c->sym.isa->translate,
					   (const struct term *[]){ at.address, at.access });
	const struct term *stored = term_binary(
		TS, X_ULT, term_extend(TS, X_ZEXT, run->result, c->sym.size_width), state->size);
	const struct term *gives = term_and(TS, term_not(TS, run->nullified), stored);

	sym_run_free(run);
	return gives;
}

/* Is the register the monitor's to choose? */
static bool own(struct classifier *c, const struct isa_reg *r)
{
	enum map_kind kind = c->map->entry[r->index].kind;

	return r->class == CLASS_CONTROL && sym_relocates(SYM, r) &&
	       (kind == MAP_VIRTUAL || kind == MAP_COMPOSED);
}

/* A register of one state is what the model has of another. */
static const struct term *register_as_found(struct classifier *c, const struct isa_reg *r,
					    const struct sym_state *found,
					    const struct sym_state *state)
{
	const struct term *all = term_true(TS);

	for (unsigned k = 0; k < r->count; k++) {
		const struct term *index = term_const(TS, r->array ? sym_index_width(r) : 1, k);
		const struct term *of_found =
			r->array ? sym_element(SYM, found, r, index) : found->reg[r->index];
		const struct term *of_state =
			r->array ? sym_element(SYM, state, r, index) : state->reg[r->index];
		uint64_t value = smt_value(c->smt, of_found);
		all = term_and(TS, all, term_eq(TS, of_state, term_const(TS, r->width, value)));
	}
	return all;
}

/* The monitor's translation in one real state is that of another in the model. */
static const struct term *own_as_found(struct classifier *c, const struct sym_state *found,
				       const struct sym_state *state)
{
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < c->sym.isa->nregs; i++)
		if (own(c, &c->sym.isa->reg[i]))
			all = term_and(TS, all,
				       register_as_found(c, &c->sym.isa->reg[i], found, state));
	if (state->table)
		all = term_and(
			TS, all,
			term_eq(TS, state->table,
				term_const(TS, c->sym.isa->unit, smt_value(c->smt, found->table))));
	return all;
}

/* A virtual machine's control state, as far as translation can depend on it, is the model's. */
static const struct term *guest_as_found(struct classifier *c, const struct sym_state *found,
					 const struct sym_state *state)
{
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < c->sym.isa->nregs; i++) {
		const struct isa_reg *r = &c->sym.isa->reg[i];
		if (r->class == CLASS_CONTROL &&
		    (!r->array || (sym_relocates(SYM, r) && !own(c, r))))
			all = term_and(TS, all, register_as_found(c, r, found, state));
	}
	return all;
}

/* A virtual machine, and a state of the real one while it runs. */
struct shadow {
	struct sym_state *virtual, *real;
};

/* The real state's registers that are the monitor's own are the same, whatever the guest's tag. */
static struct shadow shadow_of(struct classifier *c, struct conditions *q, const char *guest)
{
	struct shadow s = { .virtual = sym_state_new(SYM, guest) };

	s.real = image_state(c, s.virtual);
	require(q, sym_valid(SYM, s.virtual));
	require_region(c, q, s.real);
	return s;
}

static void shadow_free(struct shadow *s)
{
	sym_state_free(s->real);
	sym_state_free(s->virtual);
}

/* Tables of the monitor's in which each unit is the same: enough to refuse all, or to let in all.
 */
static const struct term *even_table(struct classifier *c)
{
	return term_variable(TS, "$table", c->sym.isa->unit);
}

/* With as much storage as there can be: what is refused then, is with less. */
static struct shadow largest_of(struct classifier *c, struct conditions *q, const char *guest,
				const struct term *table)
{
	unsigned word = c->sym.isa->word, w = c->sym.size_width;
	struct shadow s = shadow_of(c, q, guest);

	s.real->size = term_const(TS, w, word < w ? UINT64_C(1) << word : UINT64_MAX);
	s.real->table = table;
	return s;
}

/* The conditions of a guess, with even tables and with any, and the guests that they are for. */
struct guess {
	struct conditions even, any;
	unsigned nguests;
};

static const struct term *all_of(struct classifier *c, const struct conditions *q)
{
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < q->n; i++)
		all = term_and(TS, all, q->term[i]);
	return all;
}

static const struct term *refused(struct classifier *c, const char *guest, const struct term *table,
				  const struct sym_state *found, struct access_at at)
{
	struct conditions q = { 0 };
	struct shadow s = largest_of(c, &q, guest, table);

	require(&q, guest_as_found(c, found, s.virtual));
	require(&q, term_not(TS, given(c, s.real, at)));
	shadow_free(&s);
	return all_of(c, &q);
}

/* The address that the model has found must be refused to the guest that it has found. */
static void guess_refuse(struct classifier *c, struct guess *g, const struct sym_state *found)
{
	struct access_at at = found_access(c);
	const char *guest = sym_name(SYM, "v%u", ++g->nguests);

	require(&g->even, refused(c, guest, even_table(c), found, at));
	require(&g->any, refused(c, guest, NULL, found, at));
}

/* Does a guest reach an address by the translation that the model has?  If so, the guess learns. */
static enum answer escapes(struct classifier *c, struct guess *g)
{
	struct conditions q = { 0 };
	struct shadow s = largest_of(c, &q, "v", even_table(c));

	require_access(c, &q);
	require(&q, own_as_found(c, s.real, s.real));
	require(&q, given(c, s.real, any_access(c)));
	enum answer found = ask(c, &q, "translate", "withholds", NULL);
	if (found == ANSWER_YES)
		guess_refuse(c, g, s.virtual);
	shadow_free(&s);
	return found;
}

static enum answer no_translation(struct classifier *c, const struct guess *g)
{
	struct conditions any = g->any;

	if (!code_holds(c->sym.isa->translate, S_LOAD) ||
	    ask(c, &any, "translate", "withholds", "any") == ANSWER_NO) {
		c->reason = "user mode reaches some address whatever the monitor's translation is";
		return ANSWER_NO;
	}
	c->reason =
		"no table of the monitor's, all of whose units are alike, refuses every address";
	return ANSWER_UNKNOWN;
}

enum answer shadow_withholds(struct classifier *c)
{
	struct guess g = { 0 };
	struct shadow first = largest_of(c, &g.even, "v", even_table(c));

	shadow_free(&first);
	c->reason = "no translation that refuses every address was found in the rounds there are";
	for (unsigned round = 0; round < MAX_ROUNDS; round++) {
		enum answer guessed = ask(c, &g.even, "translate", "withholds", "guess");
		if (guessed == ANSWER_NO)
			return no_translation(c, &g);
		enum answer found = guessed == ANSWER_YES ? escapes(c, &g) : ANSWER_UNKNOWN;
		if (found != ANSWER_YES)
			return answer_negate(found);
	}
	return ANSWER_UNKNOWN;
}

/* The real state with the virtual machine's own translation: what the map demands, apart. */
static struct sym_state *same_translation(struct classifier *c, const struct shadow *s)
{
	struct sym_state *same = sym_state_copy(SYM, s->virtual);

	for (unsigned i = 0; i < c->sym.isa->nregs; i++)
		if (c->sym.isa->reg[i].class == CLASS_CONTROL && c->map->entry[i].kind == MAP_VALUE)
			same->reg[i] = s->real->reg[i];
	return same;
}

/* The real state, but with the translation that the model has for another. */
static struct sym_state *serving(struct classifier *c, struct conditions *q,
				 const struct sym_state *real, const struct sym_state *found,
				 unsigned round)
{
	struct sym_state *state = sym_state_copy(SYM, real);

	for (unsigned i = 0; i < c->sym.isa->nregs; i++) {
		const struct isa_reg *r = &c->sym.isa->reg[i];
		if (!own(c, r))
			continue;
		if (r->array)
			state->array[i] = sym_name(SYM, "%s.serving%u", r->name, round);
		else
			state->reg[i] = term_variable(
				TS, sym_name(SYM, "%s.serving%u", r->name, round), r->width);
	}
	state->table = found->table;
	state->size = term_const(TS, c->sym.size_width, smt_value(c->smt, found->size));
	require(q, own_as_found(c, found, state));
	return state;
}

/*
 * Some translation lets user mode reach it.  One by tables that are even may let it reach more, and
 * q then asks for none of all that.
 */
static enum answer reachable(struct classifier *c, struct conditions *q,
			     const struct sym_state *real, struct access_at at, unsigned round)
{
	struct conditions even = { 0 }, any = { 0 };
	struct shadow s = shadow_of(c, &even, "v");

	s.real->table = even_table(c);
	require(&even, given(c, s.real, at));
	enum answer answer = ask(c, &even, "translate", "reach", "real");
	if (answer == ANSWER_YES) {
		struct sym_state *all = serving(c, q, real, s.real, round);
		require(q, term_not(TS, given(c, all, any_access(c))));
		sym_state_free(all);
	}
	shadow_free(&s);
	if (answer != ANSWER_NO || !code_holds(c->sym.isa->translate, S_LOAD))
		return answer;
	s = shadow_of(c, &any, "v");
	require(&any, given(c, s.real, at));
	shadow_free(&s);
	return ask(c, &any, "translate", "reach", "real");
}

enum answer classifier_reach(struct classifier *c, uint64_t *address)
{
	struct conditions q = { 0 };
	struct shadow s = shadow_of(c, &q, "v");
	struct sym_state *same = same_translation(c, &s);
	enum answer answer = ANSWER_UNKNOWN;

	require_access(c, &q);
	require(&q, given(c, s.virtual, any_access(c)));
	require(&q, term_not(TS, given(c, same, any_access(c))));
	for (unsigned round = 0; round < MAX_ROUNDS && answer == ANSWER_UNKNOWN; round++) {
		enum answer lost = ask(c, &q, "translate", "reach", NULL);
		if (lost != ANSWER_YES) {
			answer = answer_negate(lost);
			break;
		}
		struct access_at at = found_access(c);
		*address = at.address->value;
		answer = reachable(c, &q, s.real, at, round) == ANSWER_NO ? ANSWER_NO
									  : ANSWER_UNKNOWN;
		require(&q, differ(c, any_access(c).address, at.address));
	}
	sym_state_free(same);
	shadow_free(&s);
	return answer;
}
