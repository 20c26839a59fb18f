/* Relations between states, and what an instruction changes and shows. */
#include "proofs/classify_private.h"

#include <string.h>

const struct term *differ(struct classifier *c, const struct term *a, const struct term *b)
{
	return term_not(TS, term_eq(TS, a, b));
}

struct world world_of(struct classifier *c, struct sym_state *state,
			     const struct isa_instr *instr, const struct term *word)
{
	return (struct world){ state, sym_run_instr(SYM, state, instr, word) };
}

void world_free(struct world *w)
{
	sym_run_free(w->run);
	sym_state_free(w->state);
}

void require_state(struct classifier *c, struct conditions *q, const struct world *w,
			  const struct isa_instr *instr, const struct term *word)
{
	require(q, sym_valid(SYM, w->state));
	require(q, sym_fetched(SYM, w->state, instr, word));
}

const struct term *runs(struct classifier *c, const struct world *w)
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

unsigned control_changes(struct classifier *c, const struct world *w, struct change *list,
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

const struct term *any_change(struct classifier *c, const struct world *w,
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

const struct term *visible_differ(struct classifier *c, const struct world *a,
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
 * state; "image": the same, but what the map mirrors and time; "location": base and
 * storage outside; "bound": the bound and the size too; "mode", "outside", "device",
 * "time", or a register's name.
 */
static bool is_kind(const char *kind, const char *name)
{
	return !strcmp(kind, "any") || !strcmp(kind, name) ||
	       (!strcmp(kind, "image") && strcmp(name, "time"));
}

static bool freed(const struct classifier *c, const struct isa_reg *r, const char *kind)
{
	bool kept = r->time || c->map->entry[r->index].kind == MAP_MIRRORED;
	if (!strcmp(kind, "image"))
		return r->class == CLASS_CONTROL && !kept;
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
		if (freed(c, &isa->reg[i], kind)) {
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

struct pair pair_of(struct classifier *c, const struct isa_instr *instr, const char *kind)
{
	const struct term *word = sym_word(SYM, "word");
	struct sym_state *first = sym_state_new(SYM, "1");

	return (struct pair){ world_of(c, first, instr, word),
			      world_of(c, related(c, first, kind, "2"), instr, word), word };
}

void pair_free(struct pair *p)
{
	world_free(&p->b);
	world_free(&p->a);
}

void require_pair(struct classifier *c, struct conditions *q, const struct pair *p,
			 const struct isa_instr *instr)
{
	require_state(c, q, &p->a, instr, p->word);
	require_state(c, q, &p->b, instr, p->word);
}

const struct term *resources_kept(struct classifier *c, const struct world *w)
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

