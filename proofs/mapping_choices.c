/*
 * What each control register may be given: least demanding first.  A register by which a guest,
 * or a careless value, holds off a trap of tick or interrupt comes last: the monitor's own timer
 * comes by those.
 */
#include "proofs/mapping.h"

enum { COST_NONE, COST_MIRRORED = 2, COST_PINNED = 3, COST_HOLDS_OFF = 20 };

/* ---- what holds off a trap of the machine's own ---- */

static enum answer may(struct classifier *c, const struct conditions *q, const struct term *also,
		       const char *part)
{
	struct conditions with = *q;

	require(&with, also);
	return ask(c, &with, "time", "held-off", part);
}

/* A trap that this code can raise, though never while the register has this value; or NULL.  What
 * is undecided is warned of. */
static const struct isa_trap *holds_off_in(struct classifier *c, const struct code *code,
					   const struct isa_reg *r, uint64_t value)
{
	const struct term *n = term_variable(TS, "$line", c->sym.isa->word);
	struct sym_state *state = sym_state_new(SYM, "1");
	const struct isa_trap *found = NULL;
	struct sym_run *run;

	if (r->array || !code_reads(code, r)) {
		sym_state_free(state);
		return NULL;
	}
	run = sym_run_code(SYM, state, code, (const struct term *[]){ n });
	const struct term *has = term_eq(TS, state->reg[r->index], term_const(TS, r->width, value));
	for (unsigned i = 0; i < run->ntraps && !found; i++) {
		struct conditions q = { 0 };
		require(&q, sym_valid(SYM, state));
		require(&q, run->trap[i].guard);
		require(&q, code->nparams ? is_line(c, n) : term_true(TS));
		if (may(c, &q, term_true(TS), NULL) != ANSWER_NO &&
		    may(c, &q, has, r->name) != ANSWER_YES)
			found = run->trap[i].trap;
	}
	sym_run_free(run);
	sym_state_free(state);
	return found;
}

static const struct isa_trap *holds_off(struct classifier *c, const struct isa_reg *r,
					uint64_t value)
{
	const struct isa *isa = c->sym.isa;
	const struct isa_trap *trap = isa->tick ? holds_off_in(c, isa->tick, r, value) : NULL;

	return trap || !isa->interrupt ? trap : holds_off_in(c, isa->interrupt, r, value);
}

/* ---- choices ---- */

static bool among(const struct choices *all, uint64_t value)
{
	for (unsigned i = 0; i < all->n; i++)
		if (all->of[i].entry.kind == MAP_VALUE && all->of[i].entry.value->op == X_CONST &&
		    all->of[i].entry.value->value == value)
			return true;
	return false;
}

static struct choice *add(struct choices *all, struct isa_map_entry entry, unsigned cost)
{
	all->of = xrealloc(all->of, (all->n + 1) * sizeof *all->of);
	all->of[all->n] = (struct choice){ .entry = entry, .cost = cost };
	return &all->of[all->n++];
}

static void add_pinned(struct mapping *m, const struct isa_reg *r,
		       const struct isa_map_entry *as_written, uint64_t value)
{
	struct isa_map_entry entry = { .kind = MAP_VALUE };
	struct expr *x;

	if (isa_reg_member(r, value) != value || among(&m->choices[r->index], value))
		return;
	if (as_written) {
		entry = *as_written;
	} else {
		x = obstack_alloc(&m->arena, sizeof *x);
		*x = (struct expr){ .op = X_CONST, .width = r->width, .value = value };
		entry.value = x;
	}
	struct choice *choice = add(&m->choices[r->index], entry, COST_PINNED);
	choice->held_off_by = value;
	choice->holds_off = decides_user(m->c.sym.isa, r) ? NULL : holds_off(&m->c, r, value);
	choice->cost += choice->holds_off ? COST_HOLDS_OFF : 0;
}

/* Those of the description's own maps. */
static void add_written(struct mapping *m, const struct isa_reg *r)
{
	const struct isa *isa = m->c.sym.isa;

	for (unsigned i = 0; i < isa->nmaps; i++) {
		const struct isa_map_entry *e = &isa->map[i].entry[r->index];
		if (e->kind != MAP_VALUE)
			continue;
		if (e->value->op == X_CONST)
			add_pinned(m, r, e, e->value->value);
		else
			add(&m->choices[r->index], *e, COST_PINNED);
	}
}

static void add_values(struct mapping *m, const struct isa_reg *r)
{
	add_written(m, r);
	if (r->array)
		return;
	for (unsigned i = 0; r->type && i < r->type->nmembers; i++)
		add_pinned(m, r, NULL, r->type->member[i].value);
	add_pinned(m, r, NULL, 0);
	add_pinned(m, r, NULL, isa_mask(r->width));
}

/* Mirrored, the guest can choose any of the values that the register can be pinned to. */
static void warn_of_mirrored(struct choices *all)
{
	struct choice *mirrored = NULL;

	for (unsigned i = 0; i < all->n; i++)
		if (all->of[i].entry.kind == MAP_MIRRORED)
			mirrored = &all->of[i];
	for (unsigned i = 0; mirrored && i < all->n && !mirrored->holds_off; i++)
		if (all->of[i].holds_off) {
			mirrored->holds_off = all->of[i].holds_off;
			mirrored->held_off_by = all->of[i].held_off_by;
			mirrored->cost += COST_HOLDS_OFF;
		}
}

static void register_choices(struct mapping *m, const struct isa_reg *r)
{
	struct choices *all = &m->choices[r->index];

	if (r->class == CLASS_VISIBLE) {
		add(all, (struct isa_map_entry){ .kind = MAP_MIRRORED }, COST_NONE);
	} else if (r->role == ROLE_BASE || r->role == ROLE_BOUND) {
		add(all, (struct isa_map_entry){ .kind = MAP_COMPOSED }, COST_NONE);
	} else if (decides_user(m->c.sym.isa, r)) {
		add_values(m, r);
		for (uint64_t v = 0; r->width <= 4 && v <= isa_mask(r->width); v++)
			add_pinned(m, r, NULL, v);
	} else {
		if (!r->constant)
			add(all, (struct isa_map_entry){ .kind = MAP_VIRTUAL }, COST_NONE);
		add(all, (struct isa_map_entry){ .kind = MAP_MIRRORED },
		    r->constant ? COST_NONE : COST_MIRRORED);
		add_values(m, r);
		warn_of_mirrored(all);
	}
}

void mapping_choices(struct mapping *m)
{
	for (unsigned i = 0; i < m->c.sym.isa->nregs; i++)
		register_choices(m, &m->c.sym.isa->reg[i]);
}

/* ---- user modes ---- */

/* Is the machine in user mode with these choices, whatever the virtual one holds? */
static bool in_user_mode(struct mapping *m)
{
	struct classifier *c = &m->c;
	struct sym_state *virtual = sym_state_new(SYM, "v"), *real = image_state(c, virtual);
	struct conditions q = { 0 };

	require(&q, sym_valid(SYM, virtual));
	require(&q, term_not(TS, sym_user(SYM, real)));
	bool always = ask(c, &q, "map", "user", NULL) == ANSWER_NO;
	sym_state_free(real);
	sym_state_free(virtual);
	return always;
}

/* The next combination of choices of the registers that decide the mode; false: no more. */
static bool next_mode(struct mapping *m)
{
	const struct isa *isa = m->c.sym.isa;

	for (unsigned i = 0; i < isa->nregs; i++) {
		if (!decides_user(isa, &isa->reg[i]))
			continue;
		if (m->chosen[i] + 1 < m->choices[i].n) {
			mapping_choose(m, &isa->reg[i], m->chosen[i] + 1);
			return true;
		}
		mapping_choose(m, &isa->reg[i], 0);
	}
	return false;
}

/* Values that the solver finds, where none of those to be tried is user mode. */
static bool find_mode(struct mapping *m)
{
	struct classifier *c = &m->c;
	struct sym_state *state = sym_state_new(SYM, "1");
	struct conditions q = { 0 };

	require(&q, sym_valid(SYM, state));
	require(&q, sym_user(SYM, state));
	bool found = ask(c, &q, "map", "user-mode", NULL) == ANSWER_YES;
	for (unsigned i = 0; found && i < c->sym.isa->nregs; i++)
		if (decides_user(c->sym.isa, &c->sym.isa->reg[i]) && !c->sym.isa->reg[i].array)
			add_pinned(m, &c->sym.isa->reg[i], NULL, smt_value(c->smt, state->reg[i]));
	sym_state_free(state);
	return found;
}

static unsigned known_modes(struct mapping *m, struct user_mode *mode, unsigned most)
{
	const struct isa *isa = m->c.sym.isa;
	unsigned n = 0;

	do {
		if (!in_user_mode(m))
			continue;
		mode[n].choice =
			obstack_copy(&m->arena, m->chosen, (isa->nregs + 1) * sizeof *m->chosen);
		n++;
	} while (n < most && next_mode(m));
	return n;
}

unsigned mapping_user_modes(struct mapping *m, struct user_mode *mode, unsigned most)
{
	unsigned n = known_modes(m, mode, most);

	return n == 0 && find_mode(m) ? known_modes(m, mode, most) : n;
}
