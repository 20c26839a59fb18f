/* Relations between states, and what an instruction changes and shows. */
#include "proofs/classify_private.h"

#include <string.h>

const struct term *differ(struct classifier *c, const struct term *a, const struct term *b)
{
	return term_not(TS, term_eq(TS, a, b));
}

struct world world_of(struct classifier *c, struct sym_state *state, const struct isa_instr *instr,
		      const struct term *word)
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
	require(q, sym_places_apart(SYM, w->run));
}

const struct term *executes(struct classifier *c, const struct world *w)
{
	return term_not(TS, w->run->traps);
}

const struct term *runs(struct classifier *c, const struct world *w)
{
	const struct sym_run *r = w->run;

	return term_not(TS,
			term_or(TS, r->traps, term_and(TS, r->completes, term_not(TS, r->stays))));
}

/* The trap that is taken: which one, when, and its operand. */
struct taken {
	const struct term *which, *info;
};

static struct taken taken_of(struct classifier *c, const struct sym_run *r, bool complete)
{
	struct taken k = { term_const(TS, 32, 0), term_const(TS, c->sym.isa->word, 0) };

	for (unsigned i = 0; i < r->ntraps; i++) {
		const struct sym_trap *t = &r->trap[i];
		if ((t->phase == PHASE_COMPLETE) != complete)
			continue;
		uint64_t which = t->trap->index * 4u + t->phase;
		k.which = term_ite(TS, t->guard, term_const(TS, 32, which), k.which);
		k.info = term_ite(TS, t->guard, t->info, k.info);
	}
	return k;
}

static const struct term *taken_differ(struct classifier *c, const struct world *a,
				       const struct world *b, bool complete)
{
	struct taken of_a = taken_of(c, a->run, complete), of_b = taken_of(c, b->run, complete);

	return term_or(TS, differ(c, of_a.which, of_b.which), differ(c, of_a.info, of_b.info));
}

/* A monitor delivers the real machine's trap as it is, since it cannot run the instruction
 * again: so which trap it is and its operand have to be right. */
const struct term *completions_differ(struct classifier *c, const struct world *a,
				      const struct world *b)
{
	return term_or(TS, differ(c, a->run->completes, b->run->completes),
		       term_and(TS, a->run->completes, taken_differ(c, a, b, true)));
}

const struct term *refusals_differ(struct classifier *c, const struct world *a,
				   const struct world *b)
{
	return term_or(TS, differ(c, a->run->nullified, b->run->nullified),
		       term_and(TS, a->run->nullified, taken_differ(c, a, b, false)));
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

const struct term *changed_register(struct classifier *c, const struct world *w,
				    const struct isa_reg *r)
{
	if (!r->array)
		return differ(c, w->run->reg[r->index], w->state->reg[r->index]);
	const struct term *k = term_variable(
		TS, sym_name(SYM, "$index.%s.%s", r->name, w->state->tag), sym_index_width(r));
	const struct term *inside =
		k->width < 63 && r->count < UINT64_C(1) << k->width
			? term_binary(TS, X_ULT, k, term_const(TS, k->width, r->count))
			: term_true(TS);
	return term_and(
		TS, inside,
		differ(c, sym_element_after(SYM, w->run, r, k), sym_element(SYM, w->state, r, k)));
}

static const struct term *changed_outside(struct classifier *c, const struct world *w)
{
	const struct term *j =
		term_variable(TS, sym_name(SYM, "$cell.%s", w->state->tag), c->sym.isa->word);
	const struct term *exists = term_binary(
		TS, X_ULT, term_extend(TS, X_ZEXT, j, c->sym.size_width), w->state->size);
	const struct term *outside =
		term_not(TS, term_or(TS, sym_in_region(SYM, w->state, j),
				     sym_physical_in_bounds(SYM, w->state, j)));
	const struct term *change =
		differ(c, sym_outside_after(SYM, w->run, j), sym_outside(SYM, w->state, j));

	return term_and(TS, change, term_and(TS, exists, outside));
}

/* A trap taken in user mode is seen by no monitor, and changes the mode, or at least P. */
static void note_traps(struct classifier *c, const struct world *w, struct change *list,
		       unsigned *n)
{
	const struct isa_reg *mode = c->sym.isa->role[ROLE_MODE];

	for (unsigned i = 0; i < w->run->ntraps; i++) {
		const struct sym_trap *t = &w->run->trap[i];
		const struct term *taken = term_and(TS, t->guard, t->stays);
		const struct term *entered = differ(c, t->mode, w->state->reg[mode->index]);
		note_change(c, list, n, "mode", term_and(TS, taken, entered));
		note_change(c, list, n, "trap", taken);
	}
}

/* A register that the map mirrors may, but not one that translate reads abstractly: the monitor,
 * which makes the real translation, would not hear of it. */
static bool may_change(struct classifier *c, const struct isa_reg *r,
		       const struct isa_map *mirrored)
{
	if (c->sym.isa->abstract_translation && sym_relocates(SYM, r))
		return false;
	return mirrored && mirrored->entry[r->index].kind == MAP_MIRRORED;
}

unsigned control_changes(struct classifier *c, const struct world *w, struct change *list,
			 const struct isa_map *mirrored)
{
	static const char *const event_name[] = {
		[SYM_IN] = "device", [SYM_OUT] = "device", [SYM_HALT] = "halt", [SYM_WAIT] = "wait"
	};
	const struct isa *isa = c->sym.isa;
	const struct term *done = term_not(TS, w->run->nullified);
	unsigned n = 0;

	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL && !may_change(c, &isa->reg[i], mirrored))
			note_change(c, list, &n, component_name(&isa->reg[i]),
				    term_and(TS, done, changed_register(c, w, &isa->reg[i])));
	for (unsigned i = 0; i < w->run->nevents; i++)
		note_change(c, list, &n, event_name[w->run->event[i].kind],
			    term_and(TS, done, w->run->event[i].guard));
	if (!mirrored || w->state->region || c->sym.isa->abstract_translation)
		note_change(c, list, &n, "storage outside",
			    term_and(TS, done, changed_outside(c, w)));
	note_traps(c, w, list, &n);
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

const struct term *register_differs(struct classifier *c, const struct isa_reg *r,
				    const struct sym_run *a, const struct sym_run *b)
{
	if (!r->array)
		return differ(c, a->reg[r->index], b->reg[r->index]);
	const struct term *k =
		term_variable(TS, sym_name(SYM, "$index.%s", r->name), sym_index_width(r));
	const struct term *change =
		differ(c, sym_element_after(SYM, a, r, k), sym_element_after(SYM, b, r, k));
	if (r->count >= UINT64_C(1) << k->width)
		return change;
	return term_and(TS, change, term_binary(TS, X_ULT, k, term_const(TS, k->width, r->count)));
}

static const struct term *registers_differ(struct classifier *c, const struct world *a,
					   const struct world *b, const struct isa_map *mirrored)
{
	const struct isa *isa = c->sym.isa;
	const struct term *any = term_false(TS);

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];

		if (r->class == CLASS_VISIBLE ||
		    (mirrored && mirrored->entry[i].kind == MAP_MIRRORED))
			any = term_or(TS, any, register_differs(c, r, a->run, b->run));
	}
	return any;
}

const struct term *visible_differ(struct classifier *c, const struct world *a,
				  const struct world *b, const struct isa_map *mirrored)
{
	const struct term *j = term_variable(TS, "$address", c->sym.isa->word); /* of a cell */
	const struct term *cell = term_and(
		TS, sym_in_bounds(SYM, a->state, j),
		differ(c, sym_storage_after(SYM, a->run, j), sym_storage_after(SYM, b->run, j)));

	return term_or(TS, registers_differ(c, a, b, mirrored), cell);
}

/* ---- related states ---- */

/* Parts of control state that a relation may leave free. */
enum {
	FREE_BASE = 1,
	FREE_BOUND = 2,
	FREE_SIZE = 4,
	FREE_MODE = 8,
	FREE_OUTSIDE = 16,
	FREE_DEVICE = 32,
	FREE_TIME = 64,
	FREE_OTHER = 128, /* registers of none of these */
	FREE_ALL = 255
};

static const struct {
	const char *name;
	unsigned free;
} kinds[] = {
	[KIND_ANY] = { "any", FREE_ALL },
	[KIND_IMAGE] = { "image", FREE_ALL & ~FREE_TIME },
	[KIND_LOCATION] = { "location", FREE_BASE | FREE_OUTSIDE },
	[KIND_BOUND] = { "bound", FREE_BOUND },
	[KIND_SIZE] = { "size", FREE_SIZE },
	[KIND_RELOCATION] = { "relocation", FREE_BASE | FREE_BOUND | FREE_SIZE | FREE_OUTSIDE },
	[KIND_MODE] = { "mode", FREE_MODE },
	[KIND_OUTSIDE] = { "storage outside", FREE_OUTSIDE },
	[KIND_DEVICE] = { "device", FREE_DEVICE },
	[KIND_TIME] = { "time", FREE_TIME },
	[KIND_REGISTER] = { "register", 0 },
};
_Static_assert(sizeof kinds / sizeof *kinds == KINDS, "each kind has its entry");

const char *kind_name(enum kind kind)
{
	return kinds[kind].name;
}

static unsigned part_of(const struct isa *isa, const struct isa_reg *r)
{
	if (r->role == ROLE_BASE)
		return FREE_BASE;
	if (r->role == ROLE_BOUND)
		return FREE_BOUND;
	if (r->role == ROLE_MODE || expr_reads(isa->user, r))
		return FREE_MODE;
	return r->time ? FREE_TIME : FREE_OTHER;
}

static bool mirrored(const struct classifier *c, const struct isa_reg *r)
{
	return c->map->entry[r->index].kind == MAP_MIRRORED;
}

/* An identification register is the same everywhere, unless the map says otherwise. */
static bool freed(const struct classifier *c, const struct isa_reg *r, struct relation relation)
{
	if (r->class != CLASS_CONTROL || (r->constant && mirrored(c, r)))
		return false;
	if (relation.kind == KIND_IMAGE && mirrored(c, r))
		return false;
	return relation.reg == r || (kinds[relation.kind].free & part_of(c->sym.isa, r));
}

bool relation_of(const struct classifier *c, const struct isa_reg *r, struct relation *relation)
{
	*relation = (struct relation){ KIND_REGISTER, r };
	return part_of(c->sym.isa, r) == FREE_OTHER && freed(c, r, *relation);
}

static struct sym_state *related(struct classifier *c, const struct sym_state *first,
				 struct relation relation, const char *tag)
{
	const struct isa *isa = c->sym.isa;
	struct sym_state *state = sym_state_copy(SYM, first), *fresh = sym_state_new(SYM, tag);
	unsigned free = kinds[relation.kind].free;

	state->tag = fresh->tag;
	for (unsigned i = 0; i < isa->nregs; i++)
		if (freed(c, &isa->reg[i], relation)) {
			state->reg[i] = fresh->reg[i];
			state->array[i] = fresh->array[i];
		}
	if (free & FREE_SIZE)
		state->size = fresh->size;
	if (free & FREE_BASE || (relation.reg && sym_relocates(SYM, relation.reg)))
		state->placing = fresh->placing;
	if (free & FREE_OUTSIDE)
		state->outside = fresh->outside;
	if (free & FREE_TIME)
		state->time = fresh->time;
	if (free & FREE_DEVICE) {
		state->line = fresh->line;
		state->input = fresh->input;
	}
	sym_state_free(fresh);
	return state;
}

struct pair pair_of(struct classifier *c, const struct isa_instr *instr, struct relation relation)
{
	const struct term *word = sym_word(SYM, "$word");
	struct sym_state *first = sym_state_new(SYM, "1");

	return (struct pair){ world_of(c, first, instr, word),
			      world_of(c, related(c, first, relation, "2"), instr, word), word };
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
	const struct term *all = term_not(TS, w->run->stays);

	for (enum isa_role role = ROLE_MODE; role <= ROLE_BOUND; role++)
		if (isa->role[role]) {
			unsigned i = isa->role[role]->index;
			all = term_and(TS, all, term_eq(TS, w->run->reg[i], w->state->reg[i]));
		}
	return all;
}
