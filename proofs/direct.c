/*
 * The direct question, the monitor's real obligation: Sv is any state of a virtual
 * machine, Sr = f(Sv) the real machine's while its guest runs.
 */
#include "proofs/classify_private.h"

/* A value as a register of its width holds it. */
static const struct term *cut(struct classifier *c, const struct isa_reg *r,
			      const struct term *value)
{
	return term_slice(TS, value, r->width - 1u, 0);
}

/* The base register of the real machine, or its bound. */
static const struct term *composed(struct classifier *c, const struct isa_reg *r,
				   const struct sym_state *virtual, const struct sym_state *real)
{
	const struct term *l = virtual->reg[c->sym.isa->role[ROLE_BASE]->index];

	l = term_binary(TS, X_ADD, real->region, term_extend(TS, X_ZEXT, l, c->sym.isa->word));
	return cut(c, r, r->role == ROLE_BASE ? l : virtual->bound);
}

/* What the map makes of one control register; mirrored and virtual arrays go by their function. */
static void image_register(struct classifier *c, const struct isa_reg *r,
			   const struct sym_state *virtual, struct sym_state *real)
{
	const struct isa_map_entry *e = &c->map->entry[r->index];

	switch (e->kind) {
	case MAP_VALUE: real->reg[r->index] = sym_eval(SYM, virtual, e->value); break;
	case MAP_COMPOSED:
		if (!c->sym.isa->abstract_translation)
			real->reg[r->index] = composed(c, r, virtual, real);
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

	if (!isa->abstract_translation) {
		real->region = term_variable(TS, "$region", isa->word);
		real->region_size = virtual->size;
		real->region_outside = virtual->outside;
	}
	real->bound = virtual->bound; /* the lemma of composition */
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL)
			image_register(c, &isa->reg[i], virtual, real);
	return real;
}

static void require_size(struct classifier *c, struct conditions *q, const struct term *size)
{
	unsigned w = c->sym.size_width;

	require(q, term_binary(TS, X_ULE, term_const(TS, w, 1), size));
	if (c->sym.isa->word < 64)
		require(q, term_binary(TS, X_ULE, size,
				       term_const(TS, w, UINT64_C(1) << c->sym.isa->word)));
}

void require_region(struct classifier *c, struct conditions *q, const struct sym_state *real)
{
	const struct isa_reg *base = c->sym.isa->role[ROLE_BASE];
	unsigned w = c->sym.size_width;

	require_size(c, q, real->size);
	if (!real->region)
		return;
	const struct term *region = term_extend(TS, X_ZEXT, real->region, w);
	require(q, term_binary(TS, X_ULE, real->region_size, real->size));
	require(q, term_binary(TS, X_ULE, region,
			       term_binary(TS, X_SUB, real->size, real->region_size)));
	if (base->width < c->sym.isa->word)
		require(q, term_binary(TS, X_ULE, term_binary(TS, X_ADD, region, real->region_size),
				       term_const(TS, w, UINT64_C(1) << base->width)));
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
	if (!r->state->region)
		return term_false(TS);
	const struct term *j = term_variable(TS, "$cell.v", c->sym.isa->word);
	const struct term *exists = term_binary(
		TS, X_ULT, term_extend(TS, X_ZEXT, j, c->sym.size_width), v->state->size);
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
		lost = term_or(TS, lost,
			       differ(c, r->run->reg[i], sym_eval(SYM, &after, e->value)));
	}
	return lost;
}

/* The monitor's own values, too, are some that the registers can have. */
void require_members(struct classifier *c, struct conditions *q, const struct sym_state *real)
{
	for (unsigned i = 0; i < c->sym.isa->nregs; i++)
		if (c->sym.member[i])
			require(q, sym_is_member(SYM, &c->sym.isa->reg[i], real->reg[i]));
}

struct direct worlds_of(struct classifier *c, const struct isa_instr *instr, bool hybrid,
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
	require(&d.q, sym_places_apart(SYM, d.r.run));
	require_region(c, &d.q, real);
	require_members(c, &d.q, real);
	if (hybrid)
		require(&d.q, sym_user(SYM, virtual));
	return d;
}

struct direct direct_of(struct classifier *c, const struct isa_instr *instr, bool hybrid,
			bool time_equal)
{
	struct direct d = worlds_of(c, instr, hybrid, time_equal);
	const struct term *wrong =
		term_or(TS, d.v.run->nullified, completions_differ(c, &d.v, &d.r));

	require(&d.q, executes(c, &d.r));
	wrong = term_or(TS, wrong, image_lost(c, &d.v, &d.r));
	wrong = term_or(TS, wrong, any_change(c, &d.v, c->map));
	wrong = term_or(TS, wrong, any_change(c, &d.r, c->map));
	wrong = term_or(TS, wrong, visible_differ(c, &d.v, &d.r, c->map));
	require(&d.q, term_or(TS, wrong, region_differs(c, &d.v, &d.r)));
	return d;
}

void direct_free(struct direct *d)
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

/* ---- the paper's properties, one by one (section 4) ---- */

/* None of the states is like that. */
static enum answer never(struct classifier *c, struct direct *d, const struct isa_instr *instr,
			 const char *question)
{
	enum answer a = ask(c, &d->q, instr->name, question, NULL);

	direct_free(d);
	return answer_negate(a);
}

enum answer control_kept(struct classifier *c, const struct isa_instr *instr, bool hybrid)
{
	struct direct d = worlds_of(c, instr, hybrid, false);

	require(&d.q, executes(c, &d.r));
	require(&d.q, any_change(c, &d.r, c->map));
	return never(c, &d, instr, hybrid ? "resources-hybrid" : "resources-vmm");
}

/* What an abstract translation refuses may be the monitor's doing: it asks the virtual one. */
enum answer reflection(struct classifier *c, const struct isa_instr *instr)
{
	struct direct d = worlds_of(c, instr, true, true);

	require(&d.q, d.r.run->traps);
	if (c->sym.isa->abstract_translation)
		require(&d.q, term_not(TS, d.r.run->memory));
	require(&d.q, refusals_differ(c, &d.r, &d.v));
	return never(c, &d, instr, "reflection");
}

enum answer efficiency(struct classifier *c, const struct isa_instr *instr)
{
	struct direct d = worlds_of(c, instr, false, true);

	require(&d.q, runs(c, &d.v));
	require(&d.q, d.r.run->traps);
	return never(c, &d, instr, "efficiency");
}
