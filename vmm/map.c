/*
 * The VM map f (Popek and Goldberg 1974, section 5; DESIGN "The VM map"): what the
 * real machine holds while a guest runs on it directly.
 *
 *   visible registers, and P   as they are
 *   control, as a value        the description's expression over the virtual state
 *   control, composed          real R = (base + l, min(b, size - l)), (base, 0) if l >= size
 *   control, mirrored          as it is; and back, unless it is the clock that changes it
 *   control, virtual           the monitor's own value: never 0, never the guest's
 *
 * The paper's R' = (l + k, b) is right only if the region ends where storage ends;
 * hence the clipping.
 */
#include "vmm/private.h"

#include "isa/alloc.h"

/* P' = P, whatever class a description gives it. */
static bool as_it_is(const struct isa_reg *r)
{
	return r->class == CLASS_VISIBLE || r->role == ROLE_PC;
}

/* ---- read from the description, once ---- */

static void span_add(struct span **spans, unsigned *n, const struct isa_reg *r)
{
	struct span *last = *n ? &(*spans)[*n - 1] : NULL;

	if (last && last->slot + last->count == r->slot) {
		last->count += r->count;
		return;
	}
	*spans = xrealloc(*spans, (*n + 1) * sizeof **spans);
	(*spans)[(*n)++] = (struct span){ .slot = r->slot, .count = r->count };
}

/* What the monitor keeps in real registers that are its own: any values but 0. */
static uint64_t own_value(uint64_t seed, unsigned slot, unsigned width)
{
	uint64_t x = seed + (slot + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x = (x ^ x >> 31) & isa_mask(width);
	return x ? x : 1;
}

static bool clock_reads(const struct isa *isa, const struct isa_reg *r)
{
	return code_reads(isa->tick, r) || code_reads(isa->horizon, r) ||
	       code_reads(isa->skip, r) || code_reads(isa->interrupt, r);
}

static bool clock_writes(const struct isa *isa, const struct isa_reg *r)
{
	return code_writes(isa->tick, r) || code_writes(isa->skip, r);
}

static bool clock_acts_by(const struct isa *isa, const struct isa_reg *r)
{
	return code_acts_by(isa->tick, r) || code_acts_by(isa->horizon, r) ||
	       code_acts_by(isa->skip, r) || code_acts_by(isa->interrupt, r);
}

static void map_visible(struct monitor *m, const struct isa_reg *r)
{
	span_add(&m->visible, &m->nvisible, r);
	if (clock_writes(m->isa, r))
		span_add(&m->ticked, &m->nticked, r);
	m->fine |= clock_reads(m->isa, r);
}

static void map_control(struct monitor *m, const struct isa_reg *r)
{
	for (unsigned i = r->slot; i < r->slot + r->count; i++)
		m->own[i] = isa_reg_member(r, own_value(m->options.seed, i, r->width));
	if (m->options.map->entry[r->index].kind != MAP_MIRRORED)
		return;
	if (!clock_writes(m->isa, r)) {
		span_add(&m->mirrored, &m->nmirrored, r);
		m->fine |= clock_reads(m->isa, r);
	} else if (!clock_acts_by(m->isa, r)) {
		span_add(&m->mirrored, &m->nmirrored, r);
		span_add(&m->ticked, &m->nticked, r);
	} /* else the monitor counts for itself: it could not tell what the real tick found */
}

bool monitor_keep(struct monitor *m, unsigned slot)
{
	const struct isa_reg *r = isa_slot_reg(m->isa, slot);

	if (as_it_is(r) || m->options.map->entry[r->index].kind != MAP_VIRTUAL)
		return false;
	control_save(&m->control, slot, 1, &m->own[slot]);
	return true;
}

void map_init(struct monitor *m)
{
	m->own = xcalloc(m->isa->nslots, sizeof *m->own);
	for (unsigned i = 0; i < m->isa->nregs; i++) {
		const struct isa_reg *r = &m->isa->reg[i];

		if (as_it_is(r))
			map_visible(m, r);
		else
			map_control(m, r);
	}
}

void map_fini(struct monitor *m)
{
	free(m->visible);
	free(m->mirrored);
	free(m->ticked);
	free(m->own);
}

/* ---- at every resume ---- */

struct relocation map_relocation(const struct vm *vm)
{
	const struct isa *isa = vm->view.isa;
	const uint64_t *state = fault_registers(vm);
	uint64_t l = state[isa->role[ROLE_BASE]->slot], b = state[isa->role[ROLE_BOUND]->slot];
	uint64_t base = vm->base, size = vm->view.window.size, left;

	if (faulty(vm, FAULT_NEIGHBOUR) && base)
		base--;
	if (l >= size)
		return (struct relocation){ base, 0 };
	left = size - l + faulty(vm, FAULT_BOUND_OFF_BY_ONE);
	if (b > left && !faulty(vm, FAULT_NO_CLIP))
		b = left;
	return (struct relocation){ base + l, b };
}

static void load_all(const struct control *c, const struct isa_reg *r, uint64_t value)
{
	for (unsigned i = 0; i < r->count; i++)
		control_load(c, r->slot + i, 1, &value);
}

static void load_register(const struct vm *vm, const struct isa_reg *r, struct relocation real)
{
	const struct monitor *m = vm->monitor;
	const struct isa_map_entry *e = &m->options.map->entry[r->index];
	enum map_kind kind = e->kind;

	if (faulty(vm, FAULT_REAL_SUPERVISOR) && expr_reads(m->isa->user, r))
		kind = MAP_MIRRORED;
	switch (kind) {
	case MAP_VALUE: load_all(&m->control, r, view_eval(&vm->view, e->value)); break;
	case MAP_COMPOSED:
		load_all(&m->control, r, r->role == ROLE_BASE ? real.base : real.bound);
		break;
	case MAP_MIRRORED:
		control_load(&m->control, r->slot, r->count, vm->view.cpu->state + r->slot);
		break;
	case MAP_VIRTUAL: control_load(&m->control, r->slot, r->count, m->own + r->slot); break;
	}
}

void map_load(const struct vm *vm)
{
	const struct monitor *m = vm->monitor;
	const uint64_t *state = vm->view.cpu->state;
	struct relocation real = map_relocation(vm);

	for (unsigned i = 0; i < m->nvisible; i++)
		control_load(&m->control, m->visible[i].slot, m->visible[i].count,
			     state + m->visible[i].slot);
	for (unsigned i = 0; i < m->isa->nregs; i++)
		if (!as_it_is(&m->isa->reg[i]))
			load_register(vm, &m->isa->reg[i], real);
	control_load_stream(&m->control, vm->view.cpu->unspecified);
}

static void save(struct vm *vm, const struct span *span, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		control_save(&vm->monitor->control, span[i].slot, span[i].count,
			     vm->view.cpu->state + span[i].slot);
}

void map_save_ticked(struct vm *vm)
{
	save(vm, vm->monitor->ticked, vm->monitor->nticked);
}

void map_save(struct vm *vm, bool quantum_over)
{
	struct monitor *m = vm->monitor;
	struct span *last = &m->visible[m->nvisible - 1];
	bool lose = quantum_over && faulty(vm, FAULT_LOST_REGISTER);

	last->count -= lose;
	save(vm, m->visible, m->nvisible);
	last->count += lose;
	save(vm, m->mirrored, m->nmirrored);
	vm->view.cpu->unspecified = control_save_stream(&m->control);
}
