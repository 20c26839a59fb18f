/*
 * The direct question, the monitor's real obligation: Sv is any state of a virtual
 * machine, Sr = f(Sv) the real machine's while its guest runs.
 */
#include "proofs/classify_private.h"

#include "isa/alloc.h"

/* A value as a register of its width holds it. */
static const struct term *cut(struct classifier *c, const struct isa_reg *r, const struct term *value)
{
	return term_slice(TS, value, r->width - 1u, 0);
}

/* What the map makes of one control register; mirrored and virtual arrays go by their function. */
static void image_register(struct classifier *c, const struct isa_reg *r,
			   const struct sym_state *virtual, struct sym_state *real)
{
	const struct isa_map_entry *e = &c->map->entry[r->index];
	const struct term *l = virtual->reg[c->sym.isa->role[ROLE_BASE]->index];

	switch (e->kind) {
	case MAP_VALUE: real->reg[r->index] = sym_eval(SYM, virtual, e->value); break;
	case MAP_COMPOSED:
		l = term_binary(TS, X_ADD, real->region, term_extend(TS, X_ZEXT, l, c->sym.isa->word));
		real->reg[r->index] = cut(c, r, r->role == ROLE_BASE ? l : virtual->bound);
		break;
	case MAP_MIRRORED:
		real->reg[r->index] = virtual->reg[r->index];
		real->array[r->index] = virtual->array[r->index];
		break;
	case MAP_VIRTUAL: break;
	}
}

struct sym_state *image_state(struct classifier *c, const struct sym_state *virtual)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *real = sym_state_new(SYM, "r");

	real->region = term_variable(TS, "$region", isa->word);
	real->region_size = virtual->size;
	real->region_outside = virtual->outside;
	real->bound = virtual->bound; /* the lemma of composition */
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL)
			image_register(c, &isa->reg[i], virtual, real);
	return real;
}

void require_region(struct classifier *c, struct conditions *q, const struct sym_state *real)
{
	const struct term *one = term_const(TS, c->sym.size_width, 1);
	const struct term *region = term_extend(TS, X_ZEXT, real->region, c->sym.size_width);
	const struct isa_reg *base = c->sym.isa->role[ROLE_BASE];

	require(q, term_binary(TS, X_ULE, one, real->size));
	if (c->sym.isa->word < 64)
		require(q, term_binary(TS, X_ULE, real->size,
				       term_const(TS, c->sym.size_width,
						  UINT64_C(1) << c->sym.isa->word)));
	require(q, term_binary(TS, X_ULE, real->region_size, real->size));
	require(q, term_binary(TS, X_ULE, region,
			       term_binary(TS, X_SUB, real->size, real->region_size)));
	if (base->width < c->sym.isa->word)
		require(q, term_binary(TS, X_ULE,
				       term_binary(TS, X_ADD, region, real->region_size),
				       term_const(TS, c->sym.size_width, UINT64_C(1) << base->width)));
}

static void same_time(struct classifier *c, const struct sym_state *virtual, struct sym_state *real)
{
	real->time = virtual->time;
	for (unsigned i = 0; i < c->sym.isa->nregs; i++)
		if (c->sym.isa->reg[i].time) {
			real->reg[i] = virtual->reg[i];
			real->array[i] = virtual->array[i];
		}
}

/* The virtual machine's cells outside its bounds, wherever a physical store reached. */
static const struct term *region_differs(struct classifier *c, const struct world *v,
					 const struct world *r)
{
	const struct term *j = term_variable(TS, "$cell.v", c->sym.isa->word);
	const struct term *exists = term_binary(TS, X_ULT, term_extend(TS, X_ZEXT, j, c->sym.size_width),
						v->state->size);
	const struct term *outside = term_not(TS, sym_physical_in_bounds(SYM, v->state, j));
	const struct term *place = term_binary(TS, X_ADD, r->state->region, j);

	return term_and(TS, term_and(TS, exists, outside),
			differ(c, sym_outside_after(SYM, v->run, j),
			       sym_outside_after(SYM, r->run, place)));
}

/* Registers whose real value the map derives from the virtual state: does it still, once what is
 * mirrored has changed in both? */
static const struct term *image_lost(struct classifier *c, const struct world *v,
				     const struct world *r)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state after = *v->state;
	const struct term *lost = term_false(TS);

	after.reg = v->run->reg;
	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_map_entry *e = &c->map->entry[i];
		if (isa->reg[i].class != CLASS_CONTROL || e->kind != MAP_VALUE || isa->reg[i].array)
			continue;
		lost = term_or(TS, lost, differ(c, r->run->reg[i], sym_eval(SYM, &after, e->value)));
	}
	return lost;
}

/* The monitor's own values, too, are some that the registers can have. */
static void require_members(struct classifier *c, struct conditions *q, const struct sym_state *real)
{
	for (unsigned i = 0; i < c->sym.isa->nregs; i++)
		if (c->sym.isa->reg[i].type && !c->sym.isa->reg[i].array)
			require(q, sym_is_member(SYM, &c->sym.isa->reg[i], real->reg[i]));
}

/* The instruction in Sv and in Sr, and what must hold for the monitor to be wrong about it. */
struct direct {
	struct world v, r;
	struct conditions q;
	const struct term *word;
};

static struct direct direct_of(struct classifier *c, const struct isa_instr *instr, bool hybrid,
			       bool time_equal)
{
	struct sym_state *virtual = sym_state_new(SYM, "v"), *real = image_state(c, virtual);
	struct direct d = { .word = sym_word(SYM, "$word") };

	if (time_equal)
		same_time(c, virtual, real);
	d.v = world_of(c, virtual, instr, d.word);
	d.r = world_of(c, real, instr, d.word);
	require_state(c, &d.q, &d.v, instr, d.word);
	require(&d.q, sym_fetched(SYM, real, instr, d.word));
	require_region(c, &d.q, real);
	if (hybrid)
		require(&d.q, sym_user(SYM, virtual));
	require(&d.q, executes(c, &d.r));
	require_members(c, &d.q, real);
	const struct term *wrong = term_or(TS, d.v.run->nullified, completions_differ(c, &d.v, &d.r));
	wrong = term_or(TS, wrong, image_lost(c, &d.v, &d.r));
	wrong = term_or(TS, wrong, any_change(c, &d.v, c->map));
	wrong = term_or(TS, wrong, any_change(c, &d.r, c->map));
	wrong = term_or(TS, wrong, visible_differ(c, &d.v, &d.r, c->map));
	require(&d.q, term_or(TS, wrong, region_differs(c, &d.v, &d.r)));
	return d;
}

static void direct_free(struct direct *d)
{
	world_free(&d->v);
	world_free(&d->r);
}

enum answer direct_question(struct classifier *c, const struct isa_instr *instr, bool hybrid,
				   bool time_equal)
{
	struct direct d = direct_of(c, instr, hybrid, time_equal);
	enum answer a = ask(c, &d.q, instr->name, hybrid ? "direct-hybrid" : "direct-vmm",
			    time_equal ? "time-equal" : NULL);

	direct_free(&d);
	return a;
}

/* ---- a violation with values ---- */

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

static void prefer_small(struct classifier *c, struct direct *d, const struct isa_instr *instr)
{
	const struct isa *isa = c->sym.isa;

	for (unsigned i = 0; i < isa->nregs; i++)
		if (!isa->reg[i].array && isa->reg[i].role != ROLE_BOUND)
			prefer(c, d, instr->name, zero(c, d->v.state->reg[i]));
	for (unsigned i = 0; i < instr->format->nfields; i++) {
		const struct isa_field *f = &instr->format->field[i];
		prefer(c, d, instr->name, zero(c, term_slice(TS, d->word, f->lo + f->width - 1, f->lo)));
	}
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

/* Each unit by its place: in the bounds by its virtual address, else outside. */
static uint64_t *storage_values(struct classifier *c, const struct sym_state *state, uint64_t size)
{
	unsigned word = c->sym.isa->word;
	const struct isa_reg *base = c->sym.isa->role[ROLE_BASE];
	const struct term *l = term_extend(TS, X_ZEXT, state->reg[base->index], word);
	uint64_t *values = xcalloc(size + 1, sizeof *values);

	for (uint64_t i = 0; i < size; i++) {
		const struct term *place = term_const(TS, word, i);
		const struct term *cell = term_apply(TS, state->storage, c->sym.isa->unit,
						     term_binary(TS, X_SUB, place, l));
		bool inside = value(c, sym_physical_in_bounds(SYM, state, place));
		values[i] = value(c, inside ? cell : sym_outside(SYM, state, place));
	}
	return values;
}

static struct violation violation_of(struct classifier *c, const struct direct *d)
{
	const struct sym_state *state[2] = { d->v.state, d->r.state };
	const struct sym_run *run[2] = { d->v.run, d->r.run };
	struct violation v = { .word = value(c, d->word), .region = value(c, d->r.state->region) };

	for (int i = 0; i < 2; i++) {
		v.size[i] = value(c, state[i]->size);
		v.time[i] = value(c, state[i]->time);
		v.stays[i] = value(c, run[i]->stays);
		v.state[i] = state_values(c, state[i]);
		v.storage[i] = storage_values(c, state[i], v.size[i]);
	}
	return v;
}

enum answer classifier_violation(struct classifier *c, const struct isa_instr *instr, bool hybrid,
				 uint64_t most, struct violation *violation)
{
	struct direct d = direct_of(c, instr, hybrid, false);
	const struct term *limit = term_const(TS, c->sym.size_width, most);

	require(&d.q, term_binary(TS, X_ULE, d.r.state->size, limit));
	enum answer a = ask(c, &d.q, instr->name, "witness", NULL);
	if (a == ANSWER_YES) {
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
}