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
	const struct term *stored =
		term_binary(TS, X_ULT, term_extend(TS, X_ZEXT, run->result, c->sym.size_width),
			    state->size);
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

/* Those registers of one state are what the model has of another. */
static const struct term *as_found(struct classifier *c, const struct sym_state *found,
				   const struct sym_state *state)
{
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < c->sym.isa->nregs; i++) {
		const struct isa_reg *r = &c->sym.isa->reg[i];
		for (unsigned k = 0; own(c, r) && k < r->count; k++) {
			const struct term *index = term_const(TS, r->array ? sym_index_width(r) : 1, k);
			const struct term *of_found = r->array ? sym_element(SYM, found, r, index)
							       : found->reg[i];
			const struct term *of_state = r->array ? sym_element(SYM, state, r, index)
							       : state->reg[i];
			uint64_t value = smt_value(c->smt, of_found);
			all = term_and(TS, all, term_eq(TS, of_state, term_const(TS, r->width, value)));
		}
	}
	return all;
}

/* A virtual machine, and a state of the real one while it runs. */
struct shadow {
	struct sym_state *virtual, *real;
};

static struct shadow shadow_of(struct classifier *c, struct conditions *q)
{
	struct shadow s = { .virtual = sym_state_new(SYM, "v") };

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

/* With as much storage as there can be: what is refused then, is with less. */
static struct shadow largest_of(struct classifier *c, struct conditions *q)
{
	unsigned word = c->sym.isa->word, w = c->sym.size_width;
	struct shadow s = shadow_of(c, q);

	s.real->size = term_const(TS, w, word < w ? UINT64_C(1) << word : UINT64_MAX);
	return s;
}

enum answer shadow_withholds(struct classifier *c)
{
	struct conditions guess = { 0 };
	struct shadow s = largest_of(c, &guess);
	enum answer answer = ANSWER_UNKNOWN;

	c->reason = "user mode reaches some address whatever the monitor's translation is";
	for (unsigned round = 0; round < MAX_ROUNDS && answer == ANSWER_UNKNOWN; round++) {
		struct conditions escape = { 0 };
		enum answer guessed = ask(c, &guess, "translate", "withholds", "guess"), escapes;
		if (guessed != ANSWER_YES) {
			answer = guessed;
			break;
		}
		const struct term *chosen = as_found(c, s.real, s.real);
		struct shadow any = largest_of(c, &escape);
		require_access(c, &escape);
		require(&escape, chosen);
		require(&escape, given(c, any.real, any_access(c)));
		escapes = ask(c, &escape, "translate", "withholds", NULL);
		if (escapes == ANSWER_YES)
			require(&guess, term_not(TS, given(c, s.real, found_access(c))));
		shadow_free(&any);
		if (escapes != ANSWER_YES) {
			answer = answer_negate(escapes);
			break;
		}
	}
	shadow_free(&s);
	return answer;
}

/* The real state with the virtual machine's own translation: what the map demands, apart. */
static struct sym_state *same_translation(struct classifier *c, const struct shadow *s)
{
	struct sym_state *same = sym_state_copy(SYM, s->virtual);

	for (unsigned i = 0; i < c->sym.isa->nregs; i++)
		if (c->sym.isa->reg[i].class == CLASS_CONTROL &&
		    c->map->entry[i].kind == MAP_VALUE)
			same->reg[i] = s->real->reg[i];
	return same;
}

/* Some translation lets user mode reach it. */
static enum answer reachable(struct classifier *c, struct access_at at)
{
	struct conditions q = { 0 };
	struct shadow s = shadow_of(c, &q);

	require(&q, given(c, s.real, at));
	shadow_free(&s);
	return ask(c, &q, "translate", "reach", "real");
}

enum answer classifier_reach(struct classifier *c, uint64_t *address)
{
	struct conditions q = { 0 };
	struct shadow s = shadow_of(c, &q);
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
		answer = reachable(c, at) == ANSWER_NO ? ANSWER_NO : ANSWER_UNKNOWN;
		require(&q, differ(c, any_access(c).address, at.address));
	}
	sym_state_free(same);
	shadow_free(&s);
	return answer;
}
