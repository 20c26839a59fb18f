/*
 * Each question as a search over all states, for states that say yes.
 *
 * The definitions are written down a second time here, as what runs of lazy states show; nothing of
 * the symbolic execution is shared.
 */
#include "proofs/enumerate_private.h"

#include <string.h>

/* ---- beginning a question ---- */

/* An effective bound, and a P from which the word is fetched. */
static void begin(struct enumerator *e)
{
	const struct isa *isa = e->isa;
	unsigned pc = isa->role[ROLE_PC]->slot, cells = 1u << isa->word, n = isa->length;
	unsigned most = e->limits.size < cells ? (unsigned)e->limits.size : cells - 1;

	memset(&e->visible, 0xff, sizeof e->visible);
	e->bound = n + choose(&e->tape, most - n + 1);
	unsigned p = choose(&e->tape, e->bound - n + 1);
	e->visible.slot[pc] = (int)p;
	for (unsigned i = 0; i < n; i++)
		e->visible.cell[p + i] =
			(int)(e->word >> (n - 1 - i) * isa->unit & isa_mask(isa->unit));
}

static bool in_user(struct enumerator *e, struct lazy *s)
{
	return lazy_eval(e, s, e->isa->user, false);
}

/* Registers of the real machine whose value the map derives from another state; false: where this
 * state has that register from elsewhere, it is another value. */
static bool map_from(struct enumerator *e, struct lazy *s, struct lazy *other)
{
	for (unsigned i = 0; i < e->isa->nregs; i++) {
		const struct isa_reg *r = &e->isa->reg[i];
		const struct isa_map_entry *m = &e->map->entry[i];
		if (r->class != CLASS_CONTROL || m->kind != MAP_VALUE || r->array)
			continue;
		if (s->slot_origin[r->slot] == CHOSEN && s->other == other &&
		    r->role != ROLE_BASE && r->role != ROLE_BOUND)
			s->slot_origin[r->slot] = MAPPED;
		else if (lazy_slot(e, s, r->slot) != lazy_eval(e, other, m->value, false))
			return false;
	}
	return true;
}

/* A user state of the real machine. */
static bool begin_real_user(struct enumerator *e, struct lazy **state)
{
	begin(e);
	struct lazy *any = lazy_state(e, 1, NULL);
	*state = lazy_state(e, 0, any);
	return map_from(e, *state, any) && in_user(e, *state);
}

static bool executes(const struct lazy *s)
{
	return !s->trap.kind || s->trap.phase == PHASE_COMPLETE || s->stays;
}

static bool runs(const struct lazy *s)
{
	return !s->trap.kind || s->stays;
}

static bool completes(const struct lazy *s)
{
	return s->trap.kind && s->trap.phase == PHASE_COMPLETE;
}

static bool nullified(const struct lazy *s)
{
	return s->trap.kind && s->trap.phase != PHASE_COMPLETE;
}

static bool completions_differ(const struct lazy *a, const struct lazy *b)
{
	if (!completes(a) || !completes(b))
		return completes(a) != completes(b);
	return a->trap.kind != b->trap.kind || a->trap.info != b->trap.info;
}

/* ---- searching ---- */

struct question {
	bool (*found)(struct enumerator *, const struct question *);
	bool execute; /* executes, not runs */
	bool first_user, second_user, image, hybrid, timeless;
	const char *part;	   /* of what it changes; NULL: any */
	const char *kind;	   /* what related states do not share */
	const struct isa_reg *reg; /* or this register */
};

static bool search(struct enumerator *e, struct question q)
{
	e->tape = (struct tape){ 0 };
	e->runs = 0;
	do {
		if (q.found(e, &q))
			return true;
		if (e->limits.runs && e->runs > e->limits.runs) {
			e->exhausted = true;
			return false;
		}
	} while (tape_next(&e->tape));
	return false;
}

/* ---- trapping ---- */

static bool found_in_user(struct enumerator *e, const struct question *q)
{
	struct lazy *s;

	if (!begin_real_user(e, &s))
		return false;
	lazy_run(e, s);
	return q->execute ? executes(s) : runs(s);
}

static bool found_anywhere(struct enumerator *e, const struct question *q)
{
	(void)q;
	begin(e);
	struct lazy *s = lazy_state(e, 0, NULL);
	lazy_run(e, s);
	return runs(s);
}

static bool found_refusal(struct enumerator *e, const struct question *q)
{
	(void)q;
	begin(e);
	struct lazy *s = lazy_state(e, 0, NULL);
	if (!in_user(e, s))
		return false;
	lazy_run(e, s);
	return !runs(s) && s->trap.kind != e->isa->memory;
}

/* ---- control sensitivity ---- */

const char *component_of(const struct isa_reg *r)
{
	return r->role == ROLE_MODE			       ? "mode"
	       : r->role == ROLE_BASE || r->role == ROLE_BOUND ? "relocation"
							       : r->name;
}

static bool asked(const char *part, const char *name)
{
	return !part || !strcmp(part, name);
}

static bool is_mirrored(const struct enumerator *e, const struct isa_reg *r)
{
	return e->map->entry[r->index].kind == MAP_MIRRORED;
}

static bool changes_register(struct enumerator *e, struct lazy *s, const char *part,
			     bool unmirrored)
{
	for (unsigned i = 0; i < e->isa->nslots; i++) {
		const struct isa_reg *r = isa_slot_reg(e->isa, i);
		if (r->class != CLASS_CONTROL || s->slot_after[i] == UNSEEN ||
		    !asked(part, component_of(r)) || (unmirrored && is_mirrored(e, r)))
			continue;
		if ((uint64_t)s->slot_after[i] != lazy_slot(e, s, i))
			return true;
	}
	return false;
}

static bool changes_outside(struct enumerator *e, struct lazy *s)
{
	for (unsigned i = 0; i < CELLS; i++)
		if (s->outside_after[i] != UNSEEN &&
		    (uint64_t)s->outside_after[i] != lazy_outside(e, s, i))
			return true;
	return false;
}

/* Of a state after its run; part NULL: anything. */
static bool changes(struct enumerator *e, struct lazy *s, const char *part, bool unmirrored)
{
	return (s->halts && asked(part, "halt")) || (s->waits && asked(part, "wait")) ||
	       (s->stays && asked(part, "trap")) ||
	       (asked(part, "storage outside") && changes_outside(e, s)) ||
	       changes_register(e, s, part, unmirrored);
}

/* A trap into another of user mode's modes. */
static bool enters_mode(struct enumerator *e, struct lazy *s)
{
	return s->stays && s->mode != lazy_slot(e, s, e->isa->role[ROLE_MODE]->slot);
}

static bool found_change(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *s = lazy_state(e, 0, NULL);
	if (q->first_user && !in_user(e, s))
		return false;
	lazy_run(e, s);
	return executes(s) && (changes(e, s, q->part, false) ||
			       (q->part && !strcmp(q->part, "mode") && enters_mode(e, s)));
}

/* ---- related states ---- */

bool is_mode(const struct isa *isa, const struct isa_reg *r)
{
	return r->role == ROLE_MODE || expr_reads(isa->user, r);
}

static bool is_one_of(const char *kind, const char *a, const char *b)
{
	return !strcmp(kind, a) || !strcmp(kind, b);
}

/* Control registers that related states need not share. */
static bool is_free(const struct enumerator *e, const struct question *q, const struct isa_reg *r)
{
	if (r->constant && is_mirrored(e, r))
		return false;
	if (q->reg)
		return r == q->reg;
	if (!strcmp(q->kind, "any"))
		return true;
	if (!strcmp(q->kind, "image"))
		return !r->time && !is_mirrored(e, r);
	return is_mode(e->isa, r) ? !strcmp(q->kind, "mode") : r->time && !strcmp(q->kind, "time");
}

static enum origin free_if(bool free)
{
	return free ? CHOSEN : SHARED;
}

static void relate(struct enumerator *e, struct lazy *s, const struct question *q)
{
	const char *kind = q->reg ? "register" : q->kind;
	bool all = is_one_of(kind, "any", "image"), moved = all || !strcmp(kind, "relocation");

	for (unsigned i = 0; i < e->isa->nslots; i++)
		s->slot_origin[i] = free_if(is_free(e, q, isa_slot_reg(e->isa, i)));
	s->base_origin = free_if(moved || !strcmp(kind, "location"));
	s->bound_origin = free_if(moved || !strcmp(kind, "bound"));
	s->size_origin = free_if(moved || !strcmp(kind, "size"));
	s->outside_origin = free_if(moved || is_one_of(kind, "location", "storage outside"));
	s->time_origin = free_if(is_one_of(kind, "any", "time"));
}

/* Registers' and cells' values that either run has changed are all that can differ. */
static bool visible_differ(struct enumerator *e, struct lazy *a, struct lazy *b, bool mirrored)
{
	for (unsigned i = 0; i < e->isa->nslots; i++) {
		const struct isa_reg *r = isa_slot_reg(e->isa, i);
		bool compared = r->class == CLASS_VISIBLE || (mirrored && is_mirrored(e, r));
		if (compared && (a->slot_after[i] != UNSEEN || b->slot_after[i] != UNSEEN) &&
		    lazy_slot_after(e, a, i) != lazy_slot_after(e, b, i))
			return true;
	}
	for (unsigned i = 0; i < e->bound; i++)
		if ((a->cell_after[i] != UNSEEN || b->cell_after[i] != UNSEEN) &&
		    lazy_cell_after(e, a, i) != lazy_cell_after(e, b, i))
			return true;
	return false;
}

/* The paper's (c) and (d). */
static bool resources_kept(struct enumerator *e, struct lazy *s)
{
	for (enum isa_role role = ROLE_MODE; role <= ROLE_BOUND; role++) {
		unsigned slot = e->isa->role[role]->slot;
		if (s->slot_after[slot] != UNSEEN &&
		    lazy_slot_after(e, s, slot) != lazy_slot(e, s, slot))
			return false;
	}
	return !s->stays;
}

static bool found_behaviour(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *a = lazy_state(e, 0, NULL), *b = lazy_state(e, 1, a);
	relate(e, b, q);
	if ((q->first_user && !in_user(e, a)) || (q->second_user && !in_user(e, b)))
		return false;
	lazy_run(e, a);
	if (!executes(a) || !resources_kept(e, a))
		return false;
	lazy_run(e, b);
	return executes(b) && resources_kept(e, b) && visible_differ(e, a, b, false);
}

/* Not the paper's privileged: it traps in supervisor mode, or does not in user mode. */
static bool found_unprivileged(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *a = lazy_state(e, 0, NULL), *b = lazy_state(e, 1, a);
	relate(e, b, q);
	if (in_user(e, a) || !in_user(e, b))
		return false;
	lazy_run(e, a);
	lazy_run(e, b);
	if (a->trap.kind == e->isa->memory || b->trap.kind == e->isa->memory)
		return false;
	return !runs(a) || runs(b);
}

static bool found_trap_difference(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *a = lazy_state(e, 0, NULL), *b = lazy_state(e, 1, a),
		    *any = lazy_state(e, 2, NULL);
	relate(e, b, q);
	if (!map_from(e, b, q->image ? a : any) || !in_user(e, b) ||
	    (q->first_user && !in_user(e, a)))
		return false;
	lazy_run(e, b);
	if (!executes(b) || b->stays)
		return false;
	lazy_run(e, a);
	return nullified(a) || completions_differ(a, b);
}

/* ---- the direct question ---- */

static void make_image(struct enumerator *e, struct lazy *real, bool timeless)
{
	static const enum origin origins[] = {
		[MAP_VALUE] = MAPPED,
		[MAP_COMPOSED] = CHOSEN,
		[MAP_MIRRORED] = SHARED,
		[MAP_VIRTUAL] = CHOSEN,
	};

	real->image = true;
	real->time_origin = timeless ? SHARED : CHOSEN;
	for (unsigned i = 0; i < e->isa->nslots; i++) {
		const struct isa_reg *r = isa_slot_reg(e->isa, i);
		if (r->class == CLASS_CONTROL)
			real->slot_origin[i] = timeless && r->time
						       ? SHARED
						       : origins[e->map->entry[r->index].kind];
	}
}

static bool image_lost(struct enumerator *e, struct lazy *v, struct lazy *r)
{
	for (unsigned i = 0; i < e->isa->nregs; i++) {
		const struct isa_reg *reg = &e->isa->reg[i];
		const struct isa_map_entry *m = &e->map->entry[i];
		if (reg->class == CLASS_CONTROL && m->kind == MAP_VALUE && !reg->array &&
		    lazy_slot_after(e, r, reg->slot) != lazy_eval(e, v, m->value, true))
			return true;
	}
	return false;
}

static bool found_violation(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *v = lazy_state(e, 0, NULL), *r = lazy_state(e, 1, v);
	make_image(e, r, q->timeless);
	if (q->hybrid && !in_user(e, v))
		return false;
	lazy_run(e, r);
	if (!executes(r))
		return false;
	lazy_run(e, v);
	return nullified(v) || completions_differ(v, r) || changes(e, v, NULL, true) ||
	       changes(e, r, NULL, true) || visible_differ(e, v, r, true) || image_lost(e, v, r);
}

/* ---- the questions ---- */

bool ask_in_user(struct enumerator *e, bool execute)
{
	return search(e, (struct question){ .found = found_in_user, .execute = execute });
}

bool ask_anywhere(struct enumerator *e)
{
	return search(e, (struct question){ .found = found_anywhere });
}

bool ask_unprivileged(struct enumerator *e)
{
	return search(e, (struct question){ .found = found_unprivileged, .kind = "mode" });
}

bool ask_refusal(struct enumerator *e)
{
	return search(e, (struct question){ .found = found_refusal });
}

bool ask_change(struct enumerator *e, bool user, const char *part)
{
	return search(e,
		      (struct question){ .found = found_change, .first_user = user, .part = part });
}

bool ask_behaviour(struct enumerator *e, const char *kind, bool first, bool second)
{
	return search(e, (struct question){ .found = found_behaviour,
					    .kind = kind,
					    .first_user = first,
					    .second_user = second });
}

bool ask_behaviour_by(struct enumerator *e, const struct isa_reg *r)
{
	return search(e, (struct question){ .found = found_behaviour, .reg = r });
}

bool ask_trap(struct enumerator *e, bool image, bool user)
{
	return search(e, (struct question){ .found = found_trap_difference,
					    .kind = image ? "image" : "any",
					    .image = image,
					    .first_user = user });
}

bool ask_direct(struct enumerator *e, bool hybrid, bool timeless)
{
	return search(e, (struct question){ .found = found_violation,
					    .hybrid = hybrid,
					    .timeless = timeless });
}
