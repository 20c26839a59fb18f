/*
 * Classification: each question of proofs/classify.h as one query.
 *
 * Names of states: 1 and 2 are related; u is a user state of the real machine;
 * v and r are a virtual machine's state and its image under f.
 */
#include "proofs/classify.h"

#include "isa/alloc.h"
#include "proofs/symbolic.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct classifier {
	struct sym sym;
	struct smt *smt;
	const struct isa_map *map;
};

#define SYM (&c->sym)
#define TS (c->sym.terms)

struct classifier *classifier_new(const struct isa *isa, const struct isa_map *map, struct smt *smt,
				  struct terms *terms)
{
	struct classifier *c = xcalloc(1, sizeof *c);

	c->sym = sym_of(isa, terms);
	c->smt = smt;
	c->map = map;
	return c;
}

void classifier_free(struct classifier *c)
{
	free(c);
}

const struct isa *classifier_isa(const struct classifier *c)
{
	return c->sym.isa;
}

bool classifier_fit(const struct isa *isa, char *reason, size_t reason_size)
{
	if (!isa->user)
		snprintf(reason, reason_size, "%s has no user mode (user = ...;): Popek and Goldberg's "
			 "theorems do not speak of such machines", isa->name);
	else if (!isa->role[ROLE_MODE])
		snprintf(reason, reason_size, "no register of %s has the role mode", isa->name);
	else if (!isa->role[ROLE_BASE] || !isa->role[ROLE_BOUND])
		snprintf(reason, reason_size, "%s has no relocation: no register has the role %s",
			 isa->name, isa->role[ROLE_BASE] ? "bound" : "base");
	else
		return true;
	return false;
}

const char *trapping_name(enum trapping t)
{
	static const char *const names[] = {
		[TRAPS_ALWAYS] = "always traps",	 [TRAPS_PRIVILEGED] = "privileged",
		[TRAPS_IN_USER] = "traps in user mode",	 [TRAPS_CONDITIONALLY] = "traps conditionally",
		[TRAPS_NOT] = "runs",			 [TRAPS_UNKNOWN] = "undecided",
	};
	return names[t];
}

/* ---- conditions ---- */

enum { MAX_CONDITIONS = 128 };

struct conditions { /* that hold at once */
	unsigned n;
	const struct term *term[MAX_CONDITIONS];
};

static void require(struct conditions *q, const struct term *t)
{
	assert(q->n < MAX_CONDITIONS);
	q->term[q->n++] = t;
}

static enum answer ask(struct classifier *c, const struct conditions *q, const char *instr,
		       const char *question, const char *part)
{
	char name[128];

	snprintf(name, sizeof name, "%s.%s.%s%s%s", c->sym.isa->name, instr, question, part ? "." : "",
		 part ? part : "");
	switch (smt_ask(c->smt, name, q->n, q->term)) {
	case SMT_SAT: return ANSWER_YES;
	case SMT_UNSAT: return ANSWER_NO;
	case SMT_UNDECIDED: break;
	}
	return ANSWER_UNKNOWN;
}

static enum answer both(enum answer a, enum answer b)
{
	if (a == ANSWER_NO || b == ANSWER_NO)
		return ANSWER_NO;
	return a == ANSWER_YES && b == ANSWER_YES ? ANSWER_YES : ANSWER_UNKNOWN;
}

static enum answer either(enum answer a, enum answer b)
{
	if (a == ANSWER_YES || b == ANSWER_YES)
		return ANSWER_YES;
	return a == ANSWER_NO && b == ANSWER_NO ? ANSWER_NO : ANSWER_UNKNOWN;
}

static enum answer negate(enum answer a)
{
	return a == ANSWER_YES ? ANSWER_NO : a == ANSWER_NO ? ANSWER_YES : a;
}

static const struct term *differ(struct classifier *c, const struct term *a, const struct term *b)
{
	return term_not(TS, term_eq(TS, a, b));
}

/* The instruction runs from a state. */
struct world {
	struct sym_state *state;
	struct sym_run *run;
};

static struct world world_of(struct classifier *c, struct sym_state *state,
			     const struct isa_instr *instr, const struct term *word)
{
	return (struct world){ state, sym_run_instr(SYM, state, instr, word) };
}

static void world_free(struct world *w)
{
	sym_run_free(w->run);
	sym_state_free(w->state);
}

static void require_state(struct classifier *c, struct conditions *q, const struct world *w,
			  const struct isa_instr *instr, const struct term *word)
{
	require(q, sym_valid(SYM, w->state));
	require(q, sym_fetched(SYM, w->state, instr, word));
}

static const struct term *runs(struct classifier *c, const struct world *w)
{
	return term_not(TS, term_or(TS, w->run->traps, w->run->completes));
}

/* ---- what an instruction changes of control state ---- */

static const char *component_name(const struct isa_reg *r)
{
	switch (r->role) {
	case ROLE_MODE: return "mode";
	case ROLE_BASE:
	case ROLE_BOUND: return "relocation";
	case ROLE_PC:
	case ROLE_NONE:
	case ROLES: break;
	}
	return r->name;
}

struct change {
	const char *name;
	const struct term *happens;
};

static void note_change(struct classifier *c, struct change *list, unsigned *n, const char *name,
			const struct term *happens)
{
	if (term_is_false(happens))
		return;
	for (unsigned i = 0; i < *n; i++)
		if (!strcmp(list[i].name, name)) {
			list[i].happens = term_or(TS, list[i].happens, happens);
			return;
		}
	if (*n < MAX_PARTS)
		list[(*n)++] = (struct change){ name, happens };
	else
		list[*n - 1].happens = term_or(TS, list[*n - 1].happens, happens);
}

static const struct term *changed_register(struct classifier *c, const struct world *w,
					   const struct isa_reg *r)
{
	if (!r->array)
		return differ(c, w->run->reg[r->index], w->state->reg[r->index]);
	const struct term *k =
		term_variable(TS, sym_name(SYM, "index.%s.%s", r->name, w->state->tag),
			      sym_index_width(r));
	const struct term *inside = k->width < 63 && r->count < UINT64_C(1) << k->width ?
		term_binary(TS, X_ULT, k, term_const(TS, k->width, r->count)) : term_true(TS);
	return term_and(TS, inside, differ(c, sym_element_after(SYM, w->run, r, k),
					   sym_element(SYM, w->state, r, k)));
}

static const struct term *changed_outside(struct classifier *c, const struct world *w)
{
	const struct term *j = term_variable(TS, sym_name(SYM, "cell.%s", w->state->tag),
					     c->sym.isa->word);
	const struct term *exists = term_binary(TS, X_ULT, term_extend(TS, X_ZEXT, j, c->sym.size_width),
						w->state->size);
	const struct term *outside = term_not(TS, sym_physical_in_bounds(SYM, w->state, j));
	const struct term *change = differ(c, sym_outside_after(SYM, w->run, j),
					   sym_outside(SYM, w->state, j));

	return term_and(TS, change, term_and(TS, exists, outside));
}

/* mirrored: registers that this map mirrors do not count; or NULL. */
static unsigned control_changes(struct classifier *c, const struct world *w, struct change *list,
				const struct isa_map *mirrored)
{
	static const char *const event_name[] = { [SYM_IN] = "device", [SYM_OUT] = "device",
						  [SYM_HALT] = "halt", [SYM_WAIT] = "wait" };
	const struct isa *isa = c->sym.isa;
	unsigned n = 0;

	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL &&
		    !(mirrored && mirrored->entry[i].kind == MAP_MIRRORED))
			note_change(c, list, &n, component_name(&isa->reg[i]),
				    changed_register(c, w, &isa->reg[i]));
	for (unsigned i = 0; i < w->run->nevents; i++)
		note_change(c, list, &n, event_name[w->run->event[i].kind], w->run->event[i].guard);
	note_change(c, list, &n, "storage outside", changed_outside(c, w));
	return n;
}

static const struct term *any_change(struct classifier *c, const struct world *w,
				     const struct isa_map *mirrored)
{
	struct change list[MAX_PARTS];
	unsigned n = control_changes(c, w, list, mirrored);
	const struct term *any = term_false(TS);

	for (unsigned i = 0; i < n; i++)
		any = term_or(TS, any, list[i].happens);
	return any;
}

/* ---- what is visible afterwards ---- */

static const struct term *registers_differ(struct classifier *c, const struct world *a,
					   const struct world *b, const struct isa_map *mirrored)
{
	const struct isa *isa = c->sym.isa;
	const struct term *any = term_false(TS);

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];
		const struct term *k;

		if (r->class != CLASS_VISIBLE && !(mirrored && mirrored->entry[i].kind == MAP_MIRRORED))
			continue;
		if (!r->array) {
			any = term_or(TS, any, differ(c, a->run->reg[i], b->run->reg[i]));
			continue;
		}
		k = term_variable(TS, sym_name(SYM, "index.%s", r->name), sym_index_width(r));
		const struct term *change = differ(c, sym_element_after(SYM, a->run, r, k),
						   sym_element_after(SYM, b->run, r, k));
		if (r->count < UINT64_C(1) << k->width)
			change = term_and(TS, change, term_binary(TS, X_ULT, k,
								  term_const(TS, k->width, r->count)));
		any = term_or(TS, any, change);
	}
	return any;
}

static const struct term *visible_differ(struct classifier *c, const struct world *a,
					 const struct world *b, const struct isa_map *mirrored)
{
	const struct term *j = term_variable(TS, "address", c->sym.isa->word);
	const struct term *cell = term_and(TS, sym_in_bounds(SYM, a->state, j),
					   differ(c, sym_storage_after(SYM, a->run, j),
						  sym_storage_after(SYM, b->run, j)));

	return term_or(TS, registers_differ(c, a, b, mirrored), cell);
}

/* ---- related states ---- */

/*
 * S2 made from S1: the same, but for the components of a kind.  "any": all control
 * state; "location": base and storage outside; "bound": the bound and the size too;
 * "mode", "outside", "device", "time", or a register's name.
 */
static bool is_kind(const char *kind, const char *name)
{
	return !strcmp(kind, "any") || !strcmp(kind, name);
}

static bool freed(const struct isa_reg *r, const char *kind)
{
	bool relocation = !strcmp(kind, "bound") && (r->role == ROLE_BASE || r->role == ROLE_BOUND);
	bool location = !strcmp(kind, "location") && r->role == ROLE_BASE;
	bool mode = !strcmp(kind, "mode") && r->role == ROLE_MODE;
	bool time = !strcmp(kind, "time") && r->time;

	return r->class == CLASS_CONTROL && (is_kind(kind, r->name) || relocation || location || mode || time);
}

static struct sym_state *related(struct classifier *c, const struct sym_state *first,
				 const char *kind, const char *tag)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *state = sym_state_copy(SYM, first), *fresh = sym_state_new(SYM, tag);
	bool moved = is_kind(kind, "location") || is_kind(kind, "bound");

	state->tag = fresh->tag;
	for (unsigned i = 0; i < isa->nregs; i++)
		if (freed(&isa->reg[i], kind)) {
			state->reg[i] = fresh->reg[i];
			state->array[i] = fresh->array[i];
		}
	if (is_kind(kind, "bound"))
		state->size = fresh->size;
	if (moved || is_kind(kind, "outside"))
		state->outside = fresh->outside;
	if (is_kind(kind, "time"))
		state->time = fresh->time;
	if (is_kind(kind, "device")) {
		state->line = fresh->line;
		state->input = fresh->input;
	}
	sym_state_free(fresh);
	return state;
}

/* ---- the questions ---- */

struct pair {
	struct world a, b;
	const struct term *word;
};

static struct pair pair_of(struct classifier *c, const struct isa_instr *instr, const char *kind)
{
	const struct term *word = sym_word(SYM, "word");
	struct sym_state *first = sym_state_new(SYM, "1");

	return (struct pair){ world_of(c, first, instr, word),
			      world_of(c, related(c, first, kind, "2"), instr, word), word };
}

static void pair_free(struct pair *p)
{
	world_free(&p->b);
	world_free(&p->a);
}

static void require_pair(struct classifier *c, struct conditions *q, const struct pair *p,
			 const struct isa_instr *instr)
{
	require_state(c, q, &p->a, instr, p->word);
	require_state(c, q, &p->b, instr, p->word);
}

/* The paper's (c) and (d): mode and relocation are unchanged in both. */
static const struct term *resources_kept(struct classifier *c, const struct world *w)
{
	const struct isa *isa = c->sym.isa;
	const struct term *all = term_true(TS);

	for (enum isa_role role = ROLE_MODE; role <= ROLE_BOUND; role++)
		if (isa->role[role]) {
			unsigned i = isa->role[role]->index;
			all = term_and(TS, all, term_eq(TS, w->run->reg[i], w->state->reg[i]));
		}
	return all;
}

/* A user state of the real machine, its control registers as the map has them. */
static void require_real(struct classifier *c, struct conditions *q, const struct sym_state *real,
			 const struct sym_state *virtual)
{
	const struct isa *isa = c->sym.isa;
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_map_entry *e = &c->map->entry[i];
		if (isa->reg[i].class == CLASS_CONTROL && e->kind == MAP_VALUE && !isa->reg[i].array)
			all = term_and(TS, all, term_eq(TS, real->reg[i],
							sym_eval(SYM, virtual, e->value)));
	}
	require(q, all);
}

/* Some state in which this word runs in user mode on the real machine; its visible part is its own. */
static void require_runs_in_user(struct classifier *c, struct conditions *q,
				 const struct isa_instr *instr, const struct term *word)
{
	struct sym_state *user = sym_state_new(SYM, "u"), *any = sym_state_new(SYM, "w");

	for (unsigned i = 0; i < c->sym.isa->nregs; i++) {
		const struct isa_reg *r = &c->sym.isa->reg[i];
		if (r->class != CLASS_VISIBLE)
			continue;
		if (r->array)
			user->array[i] = sym_name(SYM, "%s.u", r->name);
		else
			user->reg[i] = term_variable(TS, sym_name(SYM, "%s.u", r->name), r->width);
	}
	user->storage = "E.u";
	user->bound = term_variable(TS, "bound.u", c->sym.isa->word);
	struct world w = world_of(c, user, instr, word);
	require_state(c, q, &w, instr, word);
	require_real(c, q, user, any);
	require(q, sym_user(SYM, user));
	require(q, runs(c, &w));
	world_free(&w);
	sym_state_free(any);
}

/* ---- trapping ---- */

static enum answer runs_somewhere(struct classifier *c, const struct isa_instr *instr, bool in_user)
{
	struct conditions q = { 0 };
	const struct term *word = sym_word(SYM, "word");

	if (in_user) {
		require_runs_in_user(c, &q, instr, word);
	} else {
		struct world w = world_of(c, sym_state_new(SYM, "1"), instr, word);
		require_state(c, &q, &w, instr, word);
		require(&q, runs(c, &w));
		world_free(&w);
	}
	return ask(c, &q, instr->name, in_user ? "runs-in-user" : "runs", NULL);
}

/* A pair that differs in mode alone, of which one shows that it is not the paper's privileged. */
static enum answer not_privileged(struct classifier *c, const struct isa_instr *instr)
{
	struct pair p = pair_of(c, instr, "mode");
	struct conditions q = { 0 };
	const struct term *other = term_false(TS);

	for (unsigned i = 0; i < p.a.run->ntraps; i++)
		if (p.a.run->trap[i].trap != c->sym.isa->memory)
			other = term_or(TS, other, p.a.run->trap[i].guard);
	require_pair(c, &q, &p, instr);
	require(&q, term_not(TS, sym_user(SYM, p.a.state)));
	require(&q, sym_user(SYM, p.b.state));
	require(&q, term_not(TS, p.a.run->memory));
	require(&q, term_not(TS, p.b.run->memory));
	require(&q, term_or(TS, other, runs(c, &p.b)));
	enum answer a = ask(c, &q, instr->name, "privileged", NULL);
	pair_free(&p);
	return a;
}

/* Some user state in which it traps, and not for an address. */
static enum answer traps_sometimes(struct classifier *c, const struct isa_instr *instr)
{
	const struct term *word = sym_word(SYM, "word");
	struct world w = world_of(c, sym_state_new(SYM, "1"), instr, word);
	struct conditions q = { 0 };

	require_state(c, &q, &w, instr, word);
	require(&q, sym_user(SYM, w.state));
	require(&q, term_and(TS, term_or(TS, w.run->traps, w.run->completes),
			     term_not(TS, w.run->memory)));
	enum answer a = ask(c, &q, instr->name, "traps-sometimes", NULL);
	world_free(&w);
	return a;
}

static enum trapping trapping_of(struct classifier *c, const struct isa_instr *instr,
				 enum answer runs_in_user)
{
	if (runs_in_user == ANSWER_UNKNOWN)
		return TRAPS_UNKNOWN;
	if (runs_in_user == ANSWER_YES) {
		enum answer sometimes = traps_sometimes(c, instr);
		return sometimes == ANSWER_YES	   ? TRAPS_CONDITIONALLY
		       : sometimes == ANSWER_NO ? TRAPS_NOT
						: TRAPS_UNKNOWN;
	}
	enum answer anywhere = runs_somewhere(c, instr, false);
	if (anywhere == ANSWER_NO)
		return TRAPS_ALWAYS;
	enum answer not = not_privileged(c, instr);
	if (anywhere == ANSWER_UNKNOWN || not == ANSWER_UNKNOWN)
		return TRAPS_UNKNOWN;
	return not == ANSWER_NO ? TRAPS_PRIVILEGED : TRAPS_IN_USER;
}

/* ---- sensitivity ---- */

enum where { ANYWHERE, FIRST_IN_USER, BOTH_IN_USER };

static const char *where_name(enum where w)
{
	static const char *const names[] = { "", "user-literal", "user" };
	return names[w];
}

static void part_add(struct parts *p, const char *name, enum answer a)
{
	p->unknown |= a == ANSWER_UNKNOWN;
	if (a == ANSWER_YES && p->n < MAX_PARTS)
		p->name[p->n++] = name;
}

/* breaking: the same word also runs in user mode on the real machine. */
static enum answer control_question(struct classifier *c, const struct isa_instr *instr, bool in_user,
				    bool breaking, struct parts *parts)
{
	const struct term *word = sym_word(SYM, "word");
	struct world w = world_of(c, sym_state_new(SYM, "1"), instr, word);
	struct conditions q = { 0 };
	struct change list[MAX_PARTS];
	unsigned n = control_changes(c, &w, list, NULL);
	enum answer any;

	require_state(c, &q, &w, instr, word);
	require(&q, runs(c, &w));
	if (in_user)
		require(&q, sym_user(SYM, w.state));
	if (breaking)
		require_runs_in_user(c, &q, instr, word);
	require(&q, any_change(c, &w, NULL));
	any = ask(c, &q, instr->name, breaking ? "breaks-control" : "control",
		  in_user ? "user" : NULL);
	for (unsigned i = 0; parts && any != ANSWER_NO && i < n; i++) {
		q.term[q.n - 1] = list[i].happens;
		part_add(parts, list[i].name, ask(c, &q, instr->name, "control", list[i].name));
	}
	world_free(&w);
	return any;
}

static void require_where(struct classifier *c, struct conditions *q, const struct pair *p,
			  enum where where)
{
	if (where != ANYWHERE)
		require(q, sym_user(SYM, p->a.state));
	if (where == BOTH_IN_USER)
		require(q, sym_user(SYM, p->b.state));
}

static enum answer behaviour_question(struct classifier *c, const struct isa_instr *instr,
				      const char *kind, enum where where, bool breaking)
{
	struct pair p = pair_of(c, instr, kind);
	struct conditions q = { 0 };

	require_pair(c, &q, &p, instr);
	require(&q, runs(c, &p.a));
	require(&q, runs(c, &p.b));
	require(&q, term_and(TS, resources_kept(c, &p.a), resources_kept(c, &p.b)));
	require(&q, visible_differ(c, &p.a, &p.b, NULL));
	require_where(c, &q, &p, where);
	if (breaking)
		require_runs_in_user(c, &q, instr, p.word);
	enum answer a = ask(c, &q, instr->name, breaking ? "breaks-behaviour" : "behaviour",
			    where == ANYWHERE ? kind : where_name(where));
	pair_free(&p);
	return a;
}

static void behaviour_parts(struct classifier *c, const struct isa_instr *instr, struct parts *parts)
{
	static const char *const kinds[] = { "location", "bound", "mode", "outside", "device", "time" };
	const struct isa *isa = c->sym.isa;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		part_add(parts, kinds[i], behaviour_question(c, instr, kinds[i], ANYWHERE, false));
	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];
		if (r->class == CLASS_CONTROL && r->role == ROLE_NONE && !r->time)
			part_add(parts, r->name, behaviour_question(c, instr, r->name, ANYWHERE, false));
	}
}

/* Related states of which the one in user mode runs and the other traps. */
static enum answer trap_question(struct classifier *c, const struct isa_instr *instr, bool in_user,
				 bool breaking)
{
	struct pair p = pair_of(c, instr, "any");
	struct sym_state *any = sym_state_new(SYM, "w");
	struct conditions q = { 0 };

	require_pair(c, &q, &p, instr);
	require(&q, term_or(TS, p.a.run->traps, p.a.run->completes));
	require(&q, runs(c, &p.b));
	require(&q, sym_user(SYM, p.b.state));
	require_real(c, &q, p.b.state, any);
	if (in_user)
		require(&q, sym_user(SYM, p.a.state));
	enum answer a = ask(c, &q, instr->name, breaking ? "breaks-trap" : "trap",
			    in_user ? "user" : NULL);
	sym_state_free(any);
	pair_free(&p);
	return a;
}

/* ---- the direct question: Sv, and Sr = f(Sv) ---- */

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

/* f: the real machine's state while the virtual machine's guest runs on it. */
static struct sym_state *image_state(struct classifier *c, const struct sym_state *virtual)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *real = sym_state_new(SYM, "r");

	real->region = term_variable(TS, "region", isa->word);
	real->region_size = virtual->size;
	real->region_outside = virtual->outside;
	real->bound = virtual->bound; /* the lemma of composition */
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL)
			image_register(c, &isa->reg[i], virtual, real);
	return real;
}

/* The region lies in real storage, and the base register reaches it. */
static void require_region(struct classifier *c, struct conditions *q, const struct sym_state *real)
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
	const struct term *j = term_variable(TS, "cell.v", c->sym.isa->word);
	const struct term *exists = term_binary(TS, X_ULT, term_extend(TS, X_ZEXT, j, c->sym.size_width),
						v->state->size);
	const struct term *outside = term_not(TS, sym_physical_in_bounds(SYM, v->state, j));
	const struct term *place = term_binary(TS, X_ADD, r->state->region, j);

	return term_and(TS, term_and(TS, exists, outside),
			differ(c, sym_outside_after(SYM, v->run, j),
			       sym_outside_after(SYM, r->run, place)));
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
	struct direct d = { .word = sym_word(SYM, "word") };

	if (time_equal)
		same_time(c, virtual, real);
	d.v = world_of(c, virtual, instr, d.word);
	d.r = world_of(c, real, instr, d.word);
	require_state(c, &d.q, &d.v, instr, d.word);
	require(&d.q, sym_fetched(SYM, real, instr, d.word));
	require_region(c, &d.q, real);
	if (hybrid)
		require(&d.q, sym_user(SYM, virtual));
	require(&d.q, term_not(TS, d.r.run->traps));
	const struct term *wrong =
		term_or(TS, d.v.run->traps, differ(c, d.v.run->completes, d.r.run->completes));
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

static enum answer direct_question(struct classifier *c, const struct isa_instr *instr, bool hybrid,
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
	struct violation v = { .word = value(c, d->word), .region = value(c, d->r.state->region) };

	for (int i = 0; i < 2; i++) {
		v.size[i] = value(c, state[i]->size);
		v.time[i] = value(c, state[i]->time);
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

/* ---- everything about one instruction ---- */

static enum answer breaks(struct classifier *c, struct classification *k, bool user)
{
	const struct isa_instr *instr = k->instr;
	enum answer sensitive = user ? either(k->user_sensitive, k->user_trap)
				     : either(either(k->control_sensitive, k->behaviour_sensitive),
					      k->trap_sensitive);

	if (sensitive == ANSWER_NO || k->trapping == TRAPS_ALWAYS || k->trapping == TRAPS_PRIVILEGED ||
	    k->trapping == TRAPS_IN_USER)
		return ANSWER_NO;
	enum answer a = control_question(c, instr, user, true, NULL);
	if (a != ANSWER_YES)
		a = either(a, behaviour_question(c, instr, "any", user ? BOTH_IN_USER : ANYWHERE, true));
	if (a != ANSWER_YES)
		a = either(a, trap_question(c, instr, user, true));
	if (a == ANSWER_YES)
		k->word = smt_value(c->smt, sym_word(SYM, "word"));
	return a;
}

static void classify_sensitivity(struct classifier *c, struct classification *k)
{
	const struct isa_instr *instr = k->instr;

	k->control_sensitive = control_question(c, instr, false, false, &k->control);
	k->behaviour_sensitive = behaviour_question(c, instr, "any", ANYWHERE, false);
	if (k->behaviour_sensitive != ANSWER_NO)
		behaviour_parts(c, instr, &k->behaviour);
	k->trap_sensitive = trap_question(c, instr, false, false);
	k->user_control = k->control_sensitive == ANSWER_NO ? ANSWER_NO
							    : control_question(c, instr, true, false, NULL);
	if (k->behaviour_sensitive == ANSWER_NO) {
		k->user_behaviour = k->user_sensitive_literal = ANSWER_NO;
	} else {
		k->user_behaviour = behaviour_question(c, instr, "any", BOTH_IN_USER, false);
		k->user_sensitive_literal = behaviour_question(c, instr, "any", FIRST_IN_USER, false);
	}
	k->user_sensitive = either(k->user_control, k->user_behaviour);
	k->user_sensitive_literal = either(k->user_control, k->user_sensitive_literal);
	k->user_trap = k->trap_sensitive == ANSWER_NO ? ANSWER_NO : trap_question(c, instr, true, false);
}

static enum answer direct(struct classifier *c, const struct isa_instr *instr, bool hybrid,
			  bool *time_only)
{
	enum answer a = direct_question(c, instr, hybrid, false);

	*time_only = a == ANSWER_YES && direct_question(c, instr, hybrid, true) == ANSWER_NO;
	return a;
}

struct classification classify(struct classifier *c, const struct isa_instr *instr)
{
	struct classification k = { .instr = instr, .word = instr->match };

	k.trapping = trapping_of(c, instr, runs_somewhere(c, instr, true));
	classify_sensitivity(c, &k);
	k.breaks_theorem1 = breaks(c, &k, false);
	k.breaks_theorem3 = breaks(c, &k, true);
	k.direct_vmm = direct(c, instr, false, &k.time_only_vmm);
	k.direct_hybrid = direct(c, instr, true, &k.time_only_hybrid);
	return k;
}

/* ---- lemmas ---- */

enum answer classifier_lemma(struct classifier *c)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *state = sym_state_new(SYM, "1");
	const struct term *a = term_variable(TS, "address", isa->word);
	const struct term *parameter[] = { a, term_variable(TS, "access", 2) };
	struct sym_run *run = sym_run_code(SYM, state, isa->translate, parameter);
	const struct term *base = term_extend(TS, X_ZEXT, state->reg[isa->role[ROLE_BASE]->index],
					      isa->word);
	const struct term *inside = sym_in_bounds(SYM, state, a);
	struct conditions q = { 0 };

	require(&q, sym_valid(SYM, state));
	const struct term *wrong_place = term_and(
		TS, inside, differ(c, run->result, term_binary(TS, X_ADD, base, a)));
	require(&q, term_or(TS, term_eq(TS, run->traps, inside), wrong_place));
	enum answer fails = ask(c, &q, "translate", "lemma", NULL);
	sym_run_free(run);
	sym_state_free(state);
	return negate(fails);
}

/*
 * For an address within the virtual machine's bounds, the real machine's place of it lies in the
 * region and in storage, and its distance from the region is the virtual machine's place; for
 * one outside them, it is outside the real ones.
 */
enum answer classifier_composition(struct classifier *c)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *virtual = sym_state_new(SYM, "v"), *real = image_state(c, virtual);
	struct conditions q = { 0 };
	unsigned w = c->sym.size_width, base = isa->role[ROLE_BASE]->index,
		 bound = isa->role[ROLE_BOUND]->index;
	const struct term *j = term_variable(TS, "address", isa->word);
	const struct term *l = term_extend(TS, X_ZEXT, real->reg[base], isa->word);
	const struct term *place = term_binary(TS, X_ADD, l, j);
	const struct term *inside = sym_in_bounds(SYM, virtual, j);
	const struct term *real_inside =
		term_binary(TS, X_ULT, j, term_extend(TS, X_ZEXT, real->reg[bound], isa->word));
	const struct term *distance =
		term_extend(TS, X_ZEXT, term_binary(TS, X_SUB, place, real->region), w);
	const struct term *lands = term_and(
		TS, term_binary(TS, X_ULT, distance, virtual->size),
		term_binary(TS, X_ULT, term_extend(TS, X_ZEXT, place, w), real->size));
	const struct term *no_wrap = term_binary(TS, X_ULE, l, place);

	require(&q, sym_valid(SYM, virtual));
	require_region(c, &q, real);
	require(&q, term_or(TS, differ(c, inside, real_inside),
			    term_and(TS, inside, term_not(TS, term_and(TS, lands, no_wrap)))));
	enum answer fails = ask(c, &q, "map", "composition", NULL);
	sym_state_free(virtual);
	sym_state_free(real);
	return negate(fails);
}

/* ---- verdicts ---- */

struct verdict verdict_of(int theorem, const struct classification *k, unsigned n, enum answer lemma,
			  enum answer composition)
{
	struct verdict v = { .offender = xcalloc(n + 1, sizeof *v.offender) };
	enum answer broken = ANSWER_NO, differs = ANSWER_NO;

	for (unsigned i = 0; i < n; i++) {
		enum answer b = theorem == 1 ? k[i].breaks_theorem1 : k[i].breaks_theorem3;
		enum answer d = theorem == 1 ? k[i].direct_vmm : k[i].direct_hybrid;
		bool time_only = theorem == 1 ? k[i].time_only_vmm : k[i].time_only_hybrid;

		v.up_to_time |= time_only;
		broken = either(broken, b);
		differs = either(differs, time_only ? ANSWER_NO : d);
		if (b == ANSWER_YES || (d == ANSWER_YES && !time_only))
			v.offender[v.noffenders++] = &k[i];
	}
	v.holds = both(lemma, negate(broken));
	v.equivalence = both(both(lemma, composition), negate(differs));
	return v;
}

void verdict_free(struct verdict *v)
{
	free(v->offender);
}
