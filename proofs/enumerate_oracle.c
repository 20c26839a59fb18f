/* The oracle's word on each run of a lazy state. */
#include "proofs/enumerate_private.h"

#include <assert.h>
#include <string.h>

/* splitmix64 (Steele, Lea and Flood 2014) */
static unsigned any_of(struct enumerator *e, unsigned n)
{
	uint64_t z = e->stream += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((z ^ z >> 31) % n);
}

static uint64_t filled(struct enumerator *e, int value, unsigned n)
{
	return value == UNSEEN ? any_of(e, n) : (uint64_t)value;
}

static uint64_t slot_filled(struct enumerator *e, const struct lazy *s, const struct placement *at,
			    unsigned slot)
{
	const struct isa_reg *r = isa_slot_reg(e->isa, slot);
	int value = r->class == CLASS_VISIBLE ? s->visible->slot[slot] : s->slot[slot];

	if (r->role == ROLE_BASE)
		return at->base;
	if (r->role == ROLE_BOUND)
		return at->bound;
	if (value == UNSEEN && r->type)
		return r->type->member[any_of(e, r->type->nmembers)].value;
	return filled(e, value, 1u << r->width);
}

/* A place in the bounds, by its virtual address; else CELLS. */
static unsigned in_bounds(const struct enumerator *e, const struct placement *at, unsigned place)
{
	return place >= at->base && place - at->base < e->bound ? place - at->base : CELLS;
}

static int cell_before(const struct enumerator *e, const struct lazy *s, const struct placement *at,
		       unsigned place)
{
	unsigned a = in_bounds(e, at, place);

	return a < CELLS ? s->visible->cell[a] : s->outside[place];
}

static int cell_after(const struct enumerator *e, const struct lazy *s, const struct placement *at,
		      unsigned place)
{
	unsigned a = in_bounds(e, at, place);

	return a < CELLS ? s->cell_after[a] : s->outside_after[place];
}

struct concrete {
	struct placement at;
	uint64_t slot[SLOTS], cell[CELLS];
};

static struct concrete fill(struct enumerator *e, const struct lazy *s)
{
	struct concrete c = { .at = s->at };

	if (!s->placed)
		c.at = e->placement[e->bound][any_of(e, e->nplacements[e->bound])];
	for (unsigned i = 0; i < e->isa->nslots; i++)
		c.slot[i] = slot_filled(e, s, &c.at, i);
	for (unsigned i = 0; i < c.at.size; i++)
		c.cell[i] = filled(e, cell_before(e, s, &c.at, i), 1u << e->isa->unit);
	return c;
}

static void deposit(struct enumerator *e, const struct lazy *s, const struct concrete *c)
{
	struct view *v = &e->machine->view[0];

	v->window.size = c->at.size;
	v->cpu->status = CPU_RUNNING;
	v->cpu->time = s->time == UNSEEN ? any_of(e, CELLS) : (uint64_t)s->time;
	memcpy(v->cpu->state, c->slot, e->isa->nslots * sizeof *c->slot);
	for (unsigned i = 0; i < c->at.size; i++)
		window_put(&v->window, i, c->cell[i]);
}

static bool same_trap(const struct trap *a, const struct trap *b)
{
	return a->kind == b->kind && a->phase == b->phase && a->info == b->info;
}

static bool same_state(const struct enumerator *e, const struct lazy *s, const struct concrete *c)
{
	const struct view *v = &e->machine->view[0];
	bool same = (v->cpu->status == CPU_HALTED) == s->halts &&
		    (v->cpu->status == CPU_WAITING) == (s->waits && !s->halts);

	for (unsigned i = 0; i < e->isa->nslots; i++)
		same &= v->cpu->state[i] ==
			(s->slot_after[i] == UNSEEN ? c->slot[i] : (uint64_t)s->slot_after[i]);
	for (unsigned i = 0; i < c->at.size; i++) {
		int after = cell_after(e, s, &c->at, i);
		uint64_t now = 0;
		window_get(&v->window, i, &now);
		same &= now == (after == UNSEEN ? c->cell[i] : (uint64_t)after);
	}
	return same;
}

void lazy_confirm(struct enumerator *e, const struct lazy *s)
{
	struct concrete c = fill(e, s);
	struct trap trap = { .kind = NULL };

	deposit(e, s, &c);
	bool completed = view_instruction(&e->machine->view[0], &trap);
	bool alike = completed ? !s->trap.kind : s->trap.kind && same_trap(&trap, &s->trap);
	assert(alike && same_state(e, s, &c));
	(void)alike;
	e->runs++;
}

struct view *lazy_deposit(struct enumerator *e, const struct placement *at)
{
	struct lazy *s = lazy_state(e, 0, NULL);
	struct concrete c;

	memset(&e->visible, 0xff, sizeof e->visible);
	s->placed = true;
	s->at = *at;
	c = fill(e, s);
	deposit(e, s, &c);
	return &e->machine->view[0];
}
