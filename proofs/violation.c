/*
 * A violation of the direct question, as values that machines can be given.
 *
 * By abstract translation the solver's states say only which addresses reach and which of
 * them name one cell.  Here translate itself is asked as well, for each address that the
 * instruction touches, so that control registers are found that translate so.
 */
#include "proofs/classify_private.h"

#include "isa/alloc.h"

enum { ALL_UNITS = 4096 }; /* of larger storages, only what is touched has values of its own */

/* Keeps a further condition if there are still such states. */
static void prefer(struct classifier *c, struct direct *d, const char *instr, const struct term *t)
{
	if (d->q.n == MAX_CONDITIONS)
		return;
	require(&d->q, t);
	if (ask(c, &d->q, instr, "witness", NULL) != ANSWER_YES)
		d->q.n--;
}

static const struct term *zero(struct classifier *c, const struct term *t)
{
	return term_eq(TS, t, term_const(TS, t->width, 0));
}

/* What the monitor's guest gets to see, rather than what only the real machine's registers show. */
static void prefer_seen(struct classifier *c, struct direct *d, const struct isa_instr *instr)
{
	prefer(c, d, instr->name,
	       term_or(TS, any_change(c, &d->v, c->map), visible_differ(c, &d->v, &d->r, c->map)));
}

static void prefer_small_fields(struct classifier *c, struct direct *d,
				const struct isa_instr *instr)
{
	for (unsigned i = 0; i < instr->format->nfields; i++) {
		const struct isa_field *f = &instr->format->field[i];
		prefer(c, d, instr->name,
		       zero(c, term_slice(TS, d->word, f->lo + f->width - 1, f->lo)));
	}
}

static void prefer_small(struct classifier *c, struct direct *d, const struct isa_instr *instr)
{
	const struct isa *isa = c->sym.isa;

	for (unsigned i = 0; i < isa->nregs; i++)
		if (!isa->reg[i].array && isa->reg[i].role != ROLE_BOUND)
			prefer(c, d, instr->name, zero(c, d->v.state->reg[i]));
	prefer_small_fields(c, d, instr);
}

/* ---- a state that is wished for ---- */

/* They hold; or, if that cannot be, as many as can. */
static void prefer_all(struct classifier *c, struct direct *d, const char *instr,
		       const struct term *const *wish, unsigned n)
{
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < n; i++)
		all = term_and(TS, all, wish[i]);
	if (n == 0 || d->q.n == MAX_CONDITIONS)
		return;
	require(&d->q, all);
	if (ask(c, &d->q, instr, "witness", NULL) == ANSWER_YES)
		return;
	d->q.n--;
	if (n > 1) {
		prefer_all(c, d, instr, wish, n / 2);
		prefer_all(c, d, instr, wish + n / 2, n - n / 2);
	}
}

/* The virtual machine's addresses lie there, where the guest has room for data. */
static void prefer_room(struct classifier *c, struct direct *d, const struct isa_instr *instr,
			const struct violation_wish *wish)
{
	const struct term *all = term_true(TS);
	unsigned word = c->sym.isa->word;

	for (unsigned i = 0; i < d->v.run->naccesses; i++) {
		const struct term *a = d->v.run->access[i].address;
		const struct term *above =
			term_binary(TS, X_ULE, term_const(TS, word, wish->from), a);
		all = term_and(TS, all,
			       term_and(TS, above,
					term_binary(TS, X_ULT, a, term_const(TS, word, wish->to))));
	}
	prefer(c, d, instr->name, all);
}

/* By slot: Sv's register has the value. */
static void wishes(struct classifier *c, const struct direct *d, const uint64_t *values,
		   const struct term **wish)
{
	const struct isa *isa = c->sym.isa;

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];
		for (unsigned k = 0; k < r->count; k++) {
			const struct term *t =
				r->array ? sym_element(SYM, d->v.state, r,
						       term_const(TS, sym_index_width(r), k))
					 : d->v.state->reg[i];
			wish[r->slot + k] =
				term_eq(TS, t, term_const(TS, r->width, values[r->slot + k]));
		}
	}
}

/* Execution goes on behind the word. */
static const struct term *goes_on(struct classifier *c, const struct direct *d)
{
	const struct isa *isa = c->sym.isa;
	unsigned p = isa->role[ROLE_PC]->index, width = isa->role[ROLE_PC]->width;

	return term_eq(
		TS, d->v.run->reg[p],
		term_binary(TS, X_ADD, d->v.state->reg[p], term_const(TS, width, isa->length)));
}

static void prefer_wished(struct classifier *c, struct direct *d, const struct isa_instr *instr,
			  const struct violation_wish *wish)
{
	const struct isa *isa = c->sym.isa;
	const struct term **list = xcalloc(isa->nslots + 1, sizeof *list);

	wishes(c, d, wish->state, list);
	prefer(c, d, instr->name, visible_differ(c, &d->v, &d->r, c->map));
	prefer(c, d, instr->name,
	       term_eq(TS, d->v.state->size, term_const(TS, c->sym.size_width, wish->size)));
	prefer(c, d, instr->name, list[isa->role[ROLE_PC]->slot]);
	prefer(c, d, instr->name, goes_on(c, d));
	prefer_room(c, d, instr, wish);
	prefer_all(c, d, instr->name, list, isa->nslots);
	prefer_small_fields(c, d, instr);
	free(list);
}

static uint64_t value(struct classifier *c, const struct term *t)
{
	return smt_value(c->smt, t);
}

static uint64_t *state_values(struct classifier *c, const struct sym_state *state)
{
	const struct isa *isa = c->sym.isa;
	uint64_t *values = xcalloc(isa->nslots + 1, sizeof *values);

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];
		for (unsigned k = 0; k < r->count; k++)
			values[r->slot + k] = value(
				c, r->array ? sym_element(SYM, state, r,
							  term_const(TS, sym_index_width(r), k))
					    : state->reg[i]);
	}
	return values;
}

/* ---- the concrete translation ---- */

enum { MAX_TOUCHED = 64 };

struct touched { /* an address that the instruction touches, in one of the states */
	const struct term *address, *reaches, *cell, *place;
};

/* All of one state. */
struct footprint {
	unsigned n;
	struct touched of[MAX_TOUCHED];
};

static void touch(struct classifier *c, struct footprint *f, const struct sym_state *state,
		  const struct term *address, enum access access)
{
	struct sym_run *run;
	const struct term *stored;

	if (f->n == MAX_TOUCHED)
		return;
	run = sym_run_code(SYM, state, c->sym.isa->translate,
			   (const struct term *[]){ address, term_const(TS, 2, access) });
	stored = term_binary(TS, X_ULT, term_extend(TS, X_ZEXT, run->result, c->sym.size_width),
			     state->size);
	f->of[f->n++] =
		(struct touched){ address,
				  term_eq(TS, sym_reaches(SYM, state, address, access),
					  term_and(TS, term_not(TS, run->nullified), stored)),
				  sym_cell(SYM, state, address), run->result };
	sym_run_free(run);
}

static struct footprint footprint_of(struct classifier *c, const struct world *w)
{
	const struct isa *isa = c->sym.isa;
	const struct term *p = w->state->reg[isa->role[ROLE_PC]->index];
	struct footprint f = { 0 };

	p = term_extend(TS, X_ZEXT, p, isa->word);
	for (unsigned i = 0; i < isa->length; i++)
		touch(c, &f, w->state, term_binary(TS, X_ADD, p, term_const(TS, isa->word, i)),
		      ACCESS_FETCH);
	for (unsigned i = 0; i < w->run->naccesses; i++)
		touch(c, &f, w->state, w->run->access[i].address, w->run->access[i].access);
	return f;
}

/* Two addresses name one cell where they have one place. */
static const struct term *alike(struct classifier *c, const struct touched *a,
				const struct touched *b)
{
	return term_eq(TS, term_eq(TS, a->cell, b->cell), term_eq(TS, a->place, b->place));
}

/* A place touched past translate holds the cell of an address that has that place. */
static const struct term *held(struct classifier *c, const struct sym_state *state,
			       const struct term *place, const struct touched *t)
{
	const struct term *holds = term_and(TS, sym_physical_in_bounds(SYM, state, place),
					    term_eq(TS, sym_cell_at(SYM, state, place), t->cell));

	return term_or(TS, differ(c, place, t->place), holds);
}

/* The state's control registers translate as the abstract translation does. */
static void require_concrete(struct classifier *c, struct conditions *q, const struct world *w)
{
	struct footprint f = footprint_of(c, w);
	const struct term *all = term_not(TS, w->run->moved);

	for (unsigned i = 0; i < f.n; i++) {
		all = term_and(TS, all, f.of[i].reaches);
		for (unsigned k = 0; k < i; k++)
			all = term_and(TS, all, alike(c, &f.of[i], &f.of[k]));
		for (unsigned k = 0; k < w->run->nplaces; k++)
			all = term_and(TS, all, held(c, w->state, w->run->place[k], &f.of[i]));
	}
	require(q, all);
}

/* Units that no address touched are 0. */
static void put_touched(struct classifier *c, const struct world *w, uint64_t size,
			uint64_t *values)
{
	struct footprint f = footprint_of(c, w);
	unsigned unit = c->sym.isa->unit;
	uint64_t at;

	for (unsigned i = 0; i < w->run->nplaces; i++) {
		const struct term *p = w->run->place[i];
		bool inside = value(c, sym_physical_in_bounds(SYM, w->state, p));
		const struct term *cell =
			term_apply(TS, w->state->storage, unit, sym_cell_at(SYM, w->state, p));
		if ((at = value(c, p)) < size)
			values[at] = value(c, inside ? cell : sym_outside(SYM, w->state, p));
	}
	for (unsigned i = 0; i < f.n; i++)
		if ((at = value(c, f.of[i].place)) < size)
			values[at] =
				value(c, term_apply(TS, w->state->storage, unit, f.of[i].cell));
}

/* ---- storage ---- */

/* Each unit by its place: in the bounds by its virtual address, else outside. */
static void put_relocated(struct classifier *c, const struct sym_state *state, uint64_t size,
			  uint64_t *values)
{
	for (uint64_t i = 0; i < size; i++) {
		const struct term *place = term_const(TS, c->sym.isa->word, i);
		const struct term *cell = term_apply(TS, state->storage, c->sym.isa->unit,
						     sym_cell_at(SYM, state, place));
		bool inside = value(c, sym_physical_in_bounds(SYM, state, place));
		values[i] = value(c, inside ? cell : sym_outside(SYM, state, place));
	}
}

static uint64_t *storage_values(struct classifier *c, const struct world *w, uint64_t size)
{
	uint64_t *values = xcalloc(size + 1, sizeof *values);

	if (c->sym.isa->abstract_translation || size > ALL_UNITS)
		put_touched(c, w, size, values);
	else
		put_relocated(c, w->state, size, values);
	return values;
}

/* The places of what the instruction touches, in both. */
static void pair_places(struct classifier *c, const struct direct *d, struct violation *v)
{
	const struct world *world[2] = { &d->v, &d->r };
	struct footprint f[2] = { footprint_of(c, world[0]), footprint_of(c, world[1]) };
	struct footprint *virtual = &f[0], *real = &f[1];

	v->place = xcalloc(virtual->n * real->n + 1, sizeof *v->place);
	for (unsigned i = 0; i < virtual->n; i++)
		for (unsigned k = 0; k < real->n; k++)
			if (value(c, virtual->of[i].cell) == value(c, real->of[k].cell))
				v->place[v->nplaces++] =
					(struct place_pair){ { value(c, virtual->of[i].place),
							       value(c, real->of[k].place) } };
}

static struct violation violation_of(struct classifier *c, const struct direct *d)
{
	const struct world *world[2] = { &d->v, &d->r };
	struct violation v = { .word = value(c, d->word) };

	for (int i = 0; i < 2; i++) {
		v.size[i] = value(c, world[i]->state->size);
		v.time[i] = value(c, world[i]->state->time);
		v.stays[i] = value(c, world[i]->run->stays);
		v.state[i] = state_values(c, world[i]->state);
		v.storage[i] = storage_values(c, world[i], v.size[i]);
	}
	if (d->r.state->region)
		v.region = value(c, d->r.state->region);
	else
		pair_places(c, d, &v);
	return v;
}

enum answer classifier_violation(struct classifier *c, const struct isa_instr *instr, bool hybrid,
				 uint64_t most, const struct violation_wish *wish,
				 struct violation *violation)
{
	struct direct d = direct_of(c, instr, hybrid, false);
	const struct term *limit = term_const(TS, c->sym.size_width, most);

	require(&d.q, term_binary(TS, X_ULE, d.r.state->size, limit));
	require(&d.q, term_not(TS, term_or(TS, d.v.run->stops, d.r.run->stops)));
	if (c->sym.isa->abstract_translation) {
		require(&d.q, term_binary(TS, X_ULE, d.v.state->size, limit));
		require_concrete(c, &d.q, &d.v);
		require_concrete(c, &d.q, &d.r);
	}
	enum answer a = ask(c, &d.q, instr->name, "witness", NULL);
	if (a == ANSWER_YES) {
		prefer_seen(c, &d, instr);
		if (wish)
			prefer_wished(c, &d, instr, wish);
		else
			prefer_small(c, &d, instr);
		a = ask(c, &d.q, instr->name, "witness", NULL);
	}
	if (a == ANSWER_YES)
		*violation = violation_of(c, &d);
	direct_free(&d);
	return a;
}

void violation_free(struct violation *v)
{
	for (int i = 0; i < 2; i++) {
		free(v->state[i]);
		free(v->storage[i]);
	}
	free(v->place);
}