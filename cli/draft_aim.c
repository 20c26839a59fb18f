/*
 * Where a draft's traps lead: storage and control registers that trapseq reads are found by
 * changing them, and set bit by bit to what brings the trap nearer to where it should go.
 */
#include "cli/draft.h"

#include "isa/alloc.h"

#include <string.h>

enum { PASSES = 3 }; /* what is set makes further storage matter */

struct aim {
	struct draft *d;
	struct view *v;
	struct snapshot *base; /* with the draft's units, used or not; owned */
	const struct isa_trap *kind;
	uint64_t place;	       /* where traps should go */
	const uint64_t *reset; /* the registers that their handler should have */
	uint64_t *as_is;       /* the registers after the trap; owned */
};

static int same_bits(uint64_t a, uint64_t b, unsigned width)
{
	return (int)width - __builtin_popcountll((a ^ b) & isa_mask(width));
}

/* How near the state after a trap is to what it should be; -1: it was not performed. */
static int nearness_of(struct aim *a, bool performed)
{
	const struct isa *isa = a->d->isa;
	unsigned pc = isa->role[ROLE_PC]->slot;
	int sum = 0;

	if (!performed)
		return -1;
	for (enum isa_role r = ROLE_MODE; r < ROLES; r++)
		if (isa->role[r])
			sum += same_bits(a->v->cpu->state[isa->role[r]->slot],
					 a->reset[isa->role[r]->slot], isa->role[r]->width);
	sum += same_bits(a->v->cpu->state[pc], a->place, isa->role[ROLE_PC]->width);
	return sum + (view_user(a->v) ? 0 : 64);
}

/* The trap from the view's storage and the draft's registers. */
static int perform(struct aim *a)
{
	unsigned pc = a->d->isa->role[ROLE_PC]->slot;
	struct trap t = { .kind = a->kind, .phase = PHASE_NULLIFY };

	memcpy(a->v->cpu->state, a->d->state, a->d->isa->nslots * sizeof(*a->d->state));
	t.p = t.tpc = a->d->state[pc];
	return nearness_of(a, trap_perform(a->v, &t));
}

/* That, with units from a place on put into storage as the draft now has them. */
static int nearness(struct aim *a, uint64_t from, uint64_t to)
{
	snapshot_restore(a->v, a->base);
	for (uint64_t i = from; i < to; i++)
		window_put(&a->v->window, i, a->d->unit[i]);
	return perform(a);
}

static void set_base(struct aim *a)
{
	if (a->base)
		snapshot_restore(a->v, a->base);
	for (uint64_t i = 0; i < a->d->size; i++)
		window_put(&a->v->window, i, a->d->unit[i]);
	snapshot_free(a->base);
	a->base = snapshot_take(a->v);
}

static int remember(struct aim *a)
{
	int near = nearness(a, 0, 0);

	memcpy(a->as_is, a->v->cpu->state, a->d->isa->nslots * sizeof(*a->as_is));
	return near;
}

/* Flips bits of a value of the draft, as long as that brings the trap nearer. */
static void climb(struct aim *a, uint64_t *value, unsigned width, uint64_t from, uint64_t to,
		  int *near)
{
	for (unsigned bit = width; bit-- > 0;) {
		int now;

		*value ^= UINT64_C(1) << bit;
		now = nearness(a, from, to);
		if (now > *near)
			*near = now;
		else
			*value ^= UINT64_C(1) << bit;
	}
}

static void complement(struct aim *a, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		if (!a->d->used[i])
			a->d->unit[i] ^= isa_mask(a->d->isa->unit);
}

/* Does the trap read free storage there?  It is told by complementing it. */
static bool matters(struct aim *a, uint64_t from, uint64_t to)
{
	complement(a, from, to);
	nearness(a, from, to);
	complement(a, from, to);
	return memcmp(a->as_is, a->v->cpu->state, a->d->isa->nslots * sizeof(*a->as_is)) != 0;
}

static void aim_by_storage(struct aim *a, uint64_t from, uint64_t to, int *near)
{
	uint64_t middle = from + (to - from) / 2;

	if (!matters(a, from, to))
		return;
	if (to - from > 1) {
		aim_by_storage(a, from, middle, near);
		aim_by_storage(a, middle, to, near);
		return;
	}
	climb(a, &a->d->unit[from], a->d->isa->unit, from, to, near);
	a->d->used[from] = *near >= 0; /* else others may matter first */
	set_base(a);
	remember(a);
}

static void aim_by_registers(struct aim *a, int *near)
{
	const struct isa *isa = a->d->isa;

	for (unsigned slot = 0; slot < isa->nslots; slot++) {
		const struct isa_reg *r = isa_slot_reg(isa, slot);

		if (r->class == CLASS_CONTROL && r->role == ROLE_NONE)
			climb(a, &a->d->state[slot], r->width, 0, 0, near);
	}
}

static bool aim_trap(struct aim *a, bool first)
{
	uint64_t word, place;
	bool inside;

	int near = remember(a), before;

	if (near < 0) /* for want of a stack, perhaps */
		aim_by_registers(a, &near);
	for (unsigned i = 0; i < PASSES; i++) {
		before = near;
		remember(a);
		aim_by_storage(a, 0, a->d->size, &near);
		if (near == before)
			break;
	}
	if (first)
		aim_by_registers(a, &near);
	inside = nearness(a, 0, 0) < 0 || view_fetch(a->v, &word, &place);
	draft_reserve_changed(a->d, a->v);
	set_base(a);
	return inside;
}

/* Free storage holds addresses of free storage, so that stacks are found there, or 0. */
static void fill(struct draft *d, uint64_t address)
{
	unsigned units = d->isa->word / d->isa->unit;

	address -= address % units;
	for (uint64_t i = 0; i < d->size; i++) {
		unsigned at = i % units, part = d->isa->endian == ENDIAN_BIG ? units - 1 - at : at;

		if (!d->used[i])
			d->unit[i] = address >> part * d->isa->unit & isa_mask(d->isa->unit);
	}
}

bool draft_aim_traps(struct draft *d, struct view *scratch, uint64_t place, const uint64_t *reset)
{
	struct aim a = { .d = d, .v = scratch, .place = place, .reset = reset };
	bool inside = true;

	a.as_is = xmalloc(d->isa->nslots * sizeof(*a.as_is));
	fill(d, d->size / 16 * 11);
	set_base(&a);
	for (unsigned i = 0; i < d->isa->ntraps; i++) {
		a.kind = &d->isa->trap[i];
		inside &= aim_trap(&a, i == 0);
	}
	fill(d, 0);
	snapshot_free(a.base);
	free(a.as_is);
	return inside;
}
