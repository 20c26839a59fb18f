/* Lazy states: the tape of choices, what is looked at, and runs of the tree. */
#include "proofs/enumerate_private.h"

#include <assert.h>
#include <string.h>

/* ---- choices ---- */

unsigned choose(struct tape *t, unsigned n)
{
	assert(n > 0 && t->at < DEPTH);
	if (t->at == t->depth) {
		t->taken[t->depth] = 0;
		t->of[t->depth++] = n;
	}
	assert(t->of[t->at] == n); /* a run depends on nothing but its choices */
	return t->taken[t->at++];
}

bool tape_next(struct tape *t)
{
	while (t->depth && t->taken[t->depth - 1] + 1 == t->of[t->depth - 1])
		t->depth--;
	if (t->depth)
		t->taken[t->depth - 1]++;
	t->at = 0;
	return t->depth != 0;
}

/* ---- states ---- */

static void unsee(int *value, unsigned n)
{
	memset(value, 0xff, n * sizeof *value);
}

struct lazy *lazy_state(struct enumerator *e, unsigned i, struct lazy *other)
{
	struct lazy *s = &e->state[i];

	memset(s, 0, sizeof *s);
	s->visible = &e->visible;
	s->other = other;
	unsee(s->slot, SLOTS);
	unsee(s->outside, CELLS);
	unsee(&s->time, 1);
	unsee(s->slot_after, SLOTS);
	unsee(s->cell_after, CELLS);
	unsee(s->outside_after, CELLS);
	return s;
}

static bool has_role(const struct enumerator *e, unsigned slot, enum isa_role role)
{
	return e->isa->role[role]->slot == slot;
}

static bool agrees(const struct lazy *s, const struct placement *p, const struct placement *other)
{
	return (s->base_origin == CHOSEN || p->base == other->base) &&
	       (s->bound_origin == CHOSEN || p->bound == other->bound) &&
	       (s->size_origin == CHOSEN || p->size == other->size);
}

/* One of those that have the effective bound, and agree with the other state where they must. */
static void place_freely(struct enumerator *e, struct lazy *s)
{
	static const struct placement none;
	const struct placement *list = e->placement[e->bound], *other = &none;
	unsigned n = 0;

	if (s->base_origin != CHOSEN || s->bound_origin != CHOSEN || s->size_origin != CHOSEN)
		other = lazy_placement(e, s->other);
	for (unsigned i = 0; i < e->nplacements[e->bound]; i++)
		n += agrees(s, &list[i], other);
	n = choose(&e->tape, n);
	while (!agrees(s, list, other) || n-- > 0)
		list++;
	s->at = *list;
}

/* f: the other state's storage is a region of this one's. */
static void place_image(struct enumerator *e, struct lazy *s)
{
	const struct placement *other = lazy_placement(e, s->other);
	uint64_t reach = UINT64_C(1) << e->isa->role[ROLE_BASE]->width;

	s->at.size = other->size + choose(&e->tape, (unsigned)e->limits.size - other->size + 1);
	unsigned last = s->at.size - other->size;
	if (last + other->size > reach)
		last = (unsigned)reach - other->size;
	s->region = choose(&e->tape, last + 1);
	s->at.base = s->region + other->base;
	s->at.bound = e->bound;
}

const struct placement *lazy_placement(struct enumerator *e, struct lazy *s)
{
	if (!s->placed && s->image)
		place_image(e, s);
	else if (!s->placed)
		place_freely(e, s);
	s->placed = true;
	return &s->at;
}

static unsigned choose_member(struct enumerator *e, const struct isa_reg *r)
{
	if (r->type)
		return (unsigned)r->type->member[choose(&e->tape, r->type->nmembers)].value;
	return choose(&e->tape, 1u << r->width);
}

uint64_t lazy_slot(struct enumerator *e, struct lazy *s, unsigned slot)
{
	const struct isa_reg *r = isa_slot_reg(e->isa, slot);
	int *value = r->class == CLASS_VISIBLE ? &s->visible->slot[slot] : &s->slot[slot];

	if (has_role(e, slot, ROLE_BASE))
		return lazy_placement(e, s)->base;
	if (has_role(e, slot, ROLE_BOUND))
		return lazy_placement(e, s)->bound;
	if (*value != UNSEEN)
		return (uint64_t)*value;
	if (r->class == CLASS_VISIBLE || s->slot_origin[slot] == CHOSEN)
		*value = (int)choose_member(e, r);
	else if (s->slot_origin[slot] == SHARED)
		*value = (int)lazy_slot(e, s->other, slot);
	else
		*value = (int)lazy_eval(e, s->other, e->map->entry[r->index].value, false);
	return (uint64_t)*value;
}

static unsigned units(const struct enumerator *e)
{
	return 1u << e->isa->unit;
}

uint64_t lazy_cell(struct enumerator *e, struct lazy *s, unsigned address)
{
	int *value = &s->visible->cell[address];

	if (*value == UNSEEN)
		*value = (int)choose(&e->tape, units(e));
	return (uint64_t)*value;
}

uint64_t lazy_outside(struct enumerator *e, struct lazy *s, unsigned place)
{
	int *value = &s->outside[place];

	if (*value != UNSEEN)
		return (uint64_t)*value;
	if (s->image && place - s->region < lazy_placement(e, s->other)->size)
		*value = (int)lazy_outside(e, s->other, place - s->region);
	else if (s->outside_origin == SHARED)
		*value = (int)lazy_outside(e, s->other, place);
	else
		*value = (int)choose(&e->tape, units(e));
	return (uint64_t)*value;
}

static uint64_t lazy_time(struct enumerator *e, struct lazy *s)
{
	if (s->time == UNSEEN)
		s->time = s->time_origin == SHARED ? (int)lazy_time(e, s->other)
						   : (int)choose(&e->tape, 1u << e->isa->word);
	return (uint64_t)s->time;
}

uint64_t lazy_slot_after(struct enumerator *e, struct lazy *s, unsigned slot)
{
	return s->slot_after[slot] != UNSEEN ? (uint64_t)s->slot_after[slot]
					     : lazy_slot(e, s, slot);
}

uint64_t lazy_cell_after(struct enumerator *e, struct lazy *s, unsigned address)
{
	int after = s->cell_after[address];

	return after != UNSEEN ? (uint64_t)after : lazy_cell(e, s, address);
}

/* ---- expressions ---- */

struct walk {
	struct enumerator *e;
	struct lazy *s;
	const struct isa_instr *instr; /* NULL: no instruction */
	uint64_t next;
	bool before; /* expressions are of the state before */
	/* of trapseq: what a monitor may have put where it loads from */
	struct tape *vectors;
	int vector[CELLS];
	uint64_t *local;
};

static uint64_t walk_expr(struct walk *w, const struct expr *x);

static uint64_t read_slot(struct walk *w, unsigned slot)
{
	return w->before ? lazy_slot(w->e, w->s, slot) : lazy_slot_after(w->e, w->s, slot);
}

static uint64_t walk_find(struct walk *w, const struct expr *x)
{
	for (uint64_t i = 0; i < x->reg->count; i++) {
		w->local[x->index] = i;
		if (walk_expr(w, x->arg[0]))
			return i;
	}
	return x->reg->count;
}

static uint64_t walk_leaf(struct walk *w, const struct expr *x)
{
	switch (x->op) {
	case X_CONST: return x->value;
	case X_FIELD: return isa_field_of(&w->instr->format->field[x->index], w->e->word);
	case X_LOCAL: return w->local[x->index];
	case X_REG: return read_slot(w, x->reg->slot);
	case X_SIZE: return lazy_placement(w->e, w->s)->size;
	default: return lazy_time(w->e, w->s);
	}
}

static uint64_t walk_unary(const struct expr *x, uint64_t a)
{
	unsigned from = x->arg[0]->width;

	switch (x->op) {
	case X_SLICE: return a >> x->value & isa_mask(x->width);
	case X_ZEXT: return a;
	case X_SEXT: return (uint64_t)isa_signed(a, from) & isa_mask(x->width);
	default: return expr_apply(x->op, from, a, 0);
	}
}

static uint64_t walk_expr(struct walk *w, const struct expr *x)
{
	if (expr_op_arity(x->op) == 0)
		return walk_leaf(w, x);
	if (x->op == X_FIND)
		return walk_find(w, x);
	uint64_t a = walk_expr(w, x->arg[0]);
	if (x->op == X_ELEM)
		return a < x->reg->count ? read_slot(w, x->reg->slot + (unsigned)a) : 0;
	if (x->op == X_ITE)
		return walk_expr(w, x->arg[a ? 1 : 2]);
	if (!x->arg[1])
		return walk_unary(x, a);
	uint64_t b = walk_expr(w, x->arg[1]);
	if (x->op == X_CONCAT)
		return a << x->arg[1]->width | b;
	return expr_apply(x->op, x->arg[0]->width, a, b);
}

uint64_t lazy_eval(struct enumerator *e, struct lazy *s, const struct expr *x, bool after)
{
	uint64_t local[LOCALS]; /* which find sets before it reads them */
	struct walk w = { .e = e, .s = s, .before = !after, .local = local };

	return walk_expr(&w, x);
}

/* ---- storage ---- */

static bool moved(const struct walk *w)
{
	const struct isa *isa = w->e->isa;

	return w->s->slot_after[isa->role[ROLE_BASE]->slot] != UNSEEN ||
	       w->s->slot_after[isa->role[ROLE_BOUND]->slot] != UNSEEN;
}

static unsigned effective(struct placement p)
{
	if (p.base >= p.size)
		return 0;
	return p.bound < p.size - p.base ? p.bound : p.size - p.base;
}

/* Where an access leads: to a cell of the bounds, or to a place outside; or it traps. */
struct reached {
	bool traps, outside;
	unsigned at;
};

static struct reached reach_place(struct walk *w, unsigned place)
{
	const struct placement *p = lazy_placement(w->e, w->s);

	if (place >= p->size)
		return (struct reached){ .traps = true };
	if (place >= p->base && place - p->base < w->e->bound)
		return (struct reached){ .at = place - p->base };
	return (struct reached){ .outside = true, .at = place };
}

static struct reached reach(struct walk *w, const struct stmt *st, unsigned address)
{
	const struct isa *isa = w->e->isa;

	if (st->physical)
		return reach_place(w, address);
	if (!moved(w))
		return (struct reached){ .traps = address >= w->e->bound, .at = address };
	struct placement p = *lazy_placement(w->e, w->s);
	p.base = (unsigned)lazy_slot_after(w->e, w->s, isa->role[ROLE_BASE]->slot);
	p.bound = (unsigned)lazy_slot_after(w->e, w->s, isa->role[ROLE_BOUND]->slot);
	if (address >= effective(p))
		return (struct reached){ .traps = true };
	return reach_place(w, p.base + address);
}

static void trap(struct walk *w, const struct isa_trap *kind, uint64_t info, enum phase phase)
{
	w->s->trap.kind = kind;
	w->s->trap.info = info;
	w->s->trap.phase = phase;
}

static uint64_t load_vector(struct walk *w, const struct stmt *st, unsigned address)
{
	if (!st->physical && address < w->e->bound)
		return lazy_cell_after(w->e, w->s, address);
	if (w->vector[address] == UNSEEN)
		w->vector[address] = (int)choose(w->vectors, units(w->e));
	return (uint64_t)w->vector[address];
}

static void walk_load(struct walk *w, const struct stmt *st, unsigned address)
{
	struct reached r;

	if (w->vectors) {
		w->local[st->index] = load_vector(w, st, address);
		return;
	}
	r = reach(w, st, address);
	if (r.traps)
		trap(w, w->e->isa->memory, address, PHASE_NULLIFY);
	else if (!r.outside)
		w->local[st->index] = lazy_cell_after(w->e, w->s, r.at);
	else if (w->s->outside_after[r.at] != UNSEEN)
		w->local[st->index] = (uint64_t)w->s->outside_after[r.at];
	else
		w->local[st->index] = lazy_outside(w->e, w->s, r.at);
}

static void walk_store(struct walk *w, const struct stmt *st, unsigned address, int value)
{
	struct reached r;

	if (w->vectors)
		return;
	r = reach(w, st, address);
	if (r.traps)
		trap(w, w->e->isa->memory, address, PHASE_NULLIFY);
	else if (r.outside)
		w->s->outside_after[r.at] = value;
	else
		w->s->cell_after[r.at] = value;
}

/* ---- statements ---- */

static void walk_stmt(struct walk *w, const struct stmt *st);

static void walk_body(struct walk *w, const struct stmt *st)
{
	for (; st && !w->s->trap.kind; st = st->next)
		walk_stmt(w, st);
}

static void walk_stmt(struct walk *w, const struct stmt *st)
{
	uint64_t a = st->address ? walk_expr(w, st->address) : 0;
	uint64_t v = st->value ? walk_expr(w, st->value) : 0;

	switch (st->op) {
	case S_LET: w->local[st->index] = v; break;
	case S_SET: w->s->slot_after[st->reg->slot] = (int)v; break;
	case S_SETELEM:
		if (a < st->reg->count)
			w->s->slot_after[st->reg->slot + a] = (int)v;
		break;
	case S_NEXT: w->next = v; break;
	case S_LOAD: walk_load(w, st, (unsigned)a); break;
	case S_STORE: walk_store(w, st, (unsigned)a, (int)v); break;
	case S_IF: walk_body(w, v ? st->body : st->otherwise); break;
	case S_TRAP: trap(w, st->trap, v, st->phase); break;
	case S_HALT: w->s->halts = true; break;
	case S_WAIT: w->s->waits = true; break;
	case S_IN:
	case S_OUT:
	case S_UNSPECIFIED:
	case S_OPS: assert(!"enumerate_fit refuses these"); break;
	}
}

/* ---- a run ---- */

/* trapseq from the state as the phase has it.  True if it leaves the machine in user mode. */
static bool vectored_to_user(struct enumerator *e, struct lazy *s, struct tape *vectors)
{
	struct lazy kept = *s;
	const struct isa_reg *pc = e->isa->role[ROLE_PC];
	uint64_t local[LOCALS];
	struct walk w = { .e = e, .s = s, .vectors = vectors, .local = local };
	bool user;

	memset(local, 0, e->isa->trapseq->nlocals * sizeof *local);
	unsee(w.vector, CELLS);
	w.local[0] = s->trap.kind->number;
	w.local[1] = lazy_slot_after(e, s, pc->slot);
	if (s->trap.phase == PHASE_NEXT)
		w.local[1] = (w.local[1] + e->isa->length) & isa_mask(pc->width);
	w.local[2] = s->trap.info;
	s->trap.kind = NULL;
	walk_body(&w, e->isa->trapseq->body);
	user = lazy_eval(e, s, e->isa->user, true);
	s->mode = lazy_slot_after(e, s, e->isa->role[ROLE_MODE]->slot);
	/* what was looked at stays so */
	memcpy(s->slot_after, kept.slot_after, sizeof kept.slot_after);
	s->trap = kept.trap;
	return user;
}

/* Whatever the monitor's vectors hold, the trap does not lead to it. */
static bool stays_in_user(struct enumerator *e, struct lazy *s)
{
	struct tape vectors = { 0 };

	do
		if (!vectored_to_user(e, s, &vectors))
			return false;
	while (tape_next(&vectors));
	return true;
}

/* The effects that a trap takes back. */
static void undo(struct lazy *s)
{
	unsee(s->slot_after, SLOTS);
	unsee(s->cell_after, CELLS);
	unsee(s->outside_after, CELLS);
	s->halts = s->waits = false;
}

void lazy_run(struct enumerator *e, struct lazy *s)
{
	uint64_t local[LOCALS];
	struct walk w = { .e = e, .s = s, .instr = e->instr, .local = local };
	unsigned pc = e->isa->role[ROLE_PC]->slot;

	memset(local, 0, e->instr->code.nlocals * sizeof *local);
	w.next = (lazy_slot(e, s, pc) + e->isa->length) & isa_mask(e->isa->role[ROLE_PC]->width);
	walk_body(&w, e->instr->code.body);
	if (s->trap.kind && s->trap.phase != PHASE_COMPLETE)
		undo(s);
	else if (!e->isa->advance)
		s->slot_after[pc] = (int)w.next;
	if (s->trap.kind)
		s->stays = stays_in_user(e, s);
	lazy_confirm(e, s);
}
