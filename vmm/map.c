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

static void load_slots(struct monitor *m, const struct isa_reg *r, enum load_from from,
		       unsigned slot, unsigned count)
{
	m->load = xrealloc(m->load, (m->nloads + 1) * sizeof *m->load);
	m->load[m->nloads++] = (struct load){ .from = from,
					      .slot = slot,
					      .count = count,
					      .value = m->options.map->entry[r->index].value };
}

/* What a register is loaded from; or some of the guest's that stand beside each other. */
static void load_add(struct monitor *m, const struct isa_reg *r, enum load_from from)
{
	struct load *last = m->nloads ? &m->load[m->nloads - 1] : NULL;

	if (last && last->from == from && last->slot + last->count == r->slot &&
	    from == LOAD_GUEST) {
		last->count += r->count;
		return;
	}
	if (from == LOAD_GUEST || from == LOAD_VALUE) {
		load_slots(m, r, from, r->slot, r->count);
		return;
	}
	for (unsigned i = 0; i < r->count; i++)
		load_slots(m, r, from, r->slot + i, 1);
}

static void map_visible(struct monitor *m, const struct isa_reg *r)
{
	load_add(m, r, LOAD_GUEST);
	span_add(&m->visible, &m->nvisible, r);
	if (clock_writes(m->isa, r))
		span_add(&m->ticked, &m->nticked, r);
	m->fine |= clock_reads(m->isa, r);
}

static enum load_from load_from(const struct monitor *m, const struct isa_reg *r)
{
	if (m->options.fault == FAULT_REAL_SUPERVISOR && expr_reads(m->isa->user, r))
		return LOAD_GUEST;
	switch (m->options.map->entry[r->index].kind) {
	case MAP_VALUE: return LOAD_VALUE;
	case MAP_COMPOSED: return r->role == ROLE_BASE ? LOAD_BASE : LOAD_BOUND;
	case MAP_MIRRORED: return LOAD_GUEST;
	case MAP_VIRTUAL: return LOAD_OWN;
	}
	abort();
}

/* The registers whose real value is a constant are the monitor's own, too. */
static void map_control_load(struct monitor *m, const struct isa_reg *r)
{
	const struct expr *value = m->options.map->entry[r->index].value;
	enum load_from from = load_from(m, r);

	if (from == LOAD_VALUE && value->op == X_CONST) {
		for (unsigned i = r->slot; i < r->slot + r->count; i++)
			m->own[i] = value->value;
		from = LOAD_OWN;
	}
	load_add(m, r, from);
}

static void map_control(struct monitor *m, const struct isa_reg *r)
{
	for (unsigned i = r->slot; i < r->slot + r->count; i++)
		m->own[i] = isa_reg_member(r, own_value(m->options.seed, i, r->width));
	map_control_load(m, r);
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
	control_save(&m->control);
	control_take(&m->control, slot, 1, &m->own[slot]);
	return true;
}

/*
 * What a guest's registers and the real ones are alike in, both before and after a run, need not be
 * copied for it.  A clock that reads or changes such registers runs on copies.
 */
static void share(struct monitor *m)
{
	bool *shared = xcalloc(m->isa->nslots, sizeof *shared);

	for (const struct load *l = m->load; l < m->load + m->nfrom[LOAD_GUEST]; l++)
		for (unsigned i = 0; i < l->count; i++)
			shared[l->slot + i] = true;
	m->shares = m->options.fault == FAULT_NONE && !m->fine && !m->nticked &&
		    control_share(&m->control, shared);
	free(shared);
}

static unsigned pick(const struct monitor *m, enum load_from from, struct load *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->nloads; i++)
		if (m->load[i].from == from)
			to[n++] = m->load[i];
	return n;
}

/* By what they are loaded from, so that each resume has it easy. */
static void order_loads(struct monitor *m)
{
	struct load *ordered = xcalloc(m->nloads, sizeof *ordered), *to = ordered;

	for (int from = 0; from < LOADS; from++)
		to += m->nfrom[from] = pick(m, (enum load_from)from, to);
	free(m->load);
	m->load = ordered;
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
	order_loads(m);
	share(m);
}

void map_fini(struct monitor *m)
{
	free(m->load);
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

static void load_guest(const struct vm *vm, const struct control *c)
{
	const struct monitor *m = vm->monitor;

	for (const struct load *l = m->load; l < m->load + m->nfrom[LOAD_GUEST]; l++)
		control_put(c, l->slot, l->count, vm->view.cpu->state + l->slot);
}

static void load_value(const struct vm *vm, const struct control *c, const struct load *l)
{
	uint64_t value = view_eval(&vm->view, l->value);

	for (unsigned i = 0; i < l->count; i++)
		control_put(c, l->slot + i, 1, &value);
}

/* All others. */
static void load_control(const struct vm *vm, const struct control *c)
{
	const struct monitor *m = vm->monitor;
	const struct load *l = m->load + m->nfrom[LOAD_GUEST];
	struct relocation real = map_relocation(vm);
	unsigned i;

	for (i = 0; i < m->nfrom[LOAD_OWN]; i++, l++)
		control_put(c, l->slot, 1, &m->own[l->slot]);
	for (i = 0; i < m->nfrom[LOAD_VALUE]; i++, l++)
		load_value(vm, c, l);
	for (i = 0; i < m->nfrom[LOAD_BASE]; i++, l++)
		control_put(c, l->slot, 1, &real.base);
	for (i = 0; i < m->nfrom[LOAD_BOUND]; i++, l++)
		control_put(c, l->slot, 1, &real.bound);
}

void map_load(const struct vm *vm)
{
	const struct monitor *m = vm->monitor;

	load_guest(vm, &m->control);
	load_control(vm, &m->control);
	control_put_stream(&m->control, vm->view.cpu->unspecified);
	control_load(&m->control);
}

void vm_image(const struct vm *vm, uint64_t *state)
{
	struct cpu registers = { .state = state };
	struct control control = { .registers = &registers };

	load_guest(vm, &control);
	load_control(vm, &control);
}

void map_load_control(const struct vm *vm)
{
	const struct monitor *m = vm->monitor;

	load_control(vm, &m->control);
	control_load(&m->control);
}

static void take(struct vm *vm, const struct span *span, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		control_take(&vm->monitor->control, span[i].slot, span[i].count,
			     vm->view.cpu->state + span[i].slot);
}

void map_save_ticked(struct vm *vm)
{
	const struct monitor *m = vm->monitor;

	if (m->nticked == 0)
		return;
	control_save(&m->control);
	take(vm, m->ticked, m->nticked);
}

void map_save(struct vm *vm, bool quantum_over)
{
	struct monitor *m = vm->monitor;
	struct span *last = &m->visible[m->nvisible - 1];
	bool lose = quantum_over && faulty(vm, FAULT_LOST_REGISTER);

	control_save(&m->control);
	last->count -= lose;
	take(vm, m->visible, m->nvisible);
	last->count += lose;
	take(vm, m->mirrored, m->nmirrored);
	vm->view.cpu->unspecified = control_take_stream(&m->control);
}
