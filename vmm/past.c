/*
 * What each monitor of a tower knows of its virtual machines, and of whose turn it is, and the real
 * machine: see vmm/past.h.
 */
#include "vmm/past.h"

#include "isa/alloc.h"
#include "vmm/private.h"

struct kept_vm {
	struct snapshot *state; /* registers, clock and devices */
	struct vm copy;		/* of what is not behind a pointer */
	uint64_t *counts;	/* the arrays of its statistics, one after another */
	uint64_t *before;
};

struct kept_monitor {
	struct monitor *monitor;
	struct vm *running;
	bool taken;
	uint64_t used, operations[OPERATIONS], violations;
	struct kept_vm *vm; /* the monitor's nvms */
};

struct past {
	struct view *real; /* of the real machine */
	struct snapshot *real_state;
	unsigned nlevels;
	struct kept_monitor *level; /* every monitor that there is; owned */
};

/* The same view without its storage. */
static struct view registers_only(const struct view *v)
{
	struct view bare = *v;

	bare.window.size = 0;
	return bare;
}

struct snapshot *past_registers(const struct view *v)
{
	struct view bare = registers_only(v);

	return snapshot_take(&bare);
}

void past_put_registers(struct view *v, const struct snapshot *s)
{
	struct view bare = registers_only(v);

	snapshot_restore(&bare, s);
}

static void keep(struct snapshot **kept, const struct view *v)
{
	snapshot_free(*kept);
	*kept = past_registers(v);
}

/* Copies the statistics' arrays into counts, or out of them. */
static void move_counts(const struct vm *vm, uint64_t *counts, bool out)
{
	const struct isa *isa = vm->view.isa;
	uint64_t *array[] = { vm->stats.by_cause, vm->stats.exits, vm->stats.by_instr };
	const size_t length[] = { isa->ntraps, isa->ntraps, isa->ninstrs };

	for (unsigned i = 0; i < 3; counts += length[i++])
		memcpy(out ? array[i] : counts, out ? counts : array[i],
		       length[i] * sizeof *counts);
}

/* ---- one monitor ---- */

static void level_init(struct kept_monitor *l, struct monitor *m)
{
	const struct isa *isa = m->isa;

	*l = (struct kept_monitor){ .monitor = m };
	l->vm = xcalloc(m->nvms, sizeof *l->vm);
	for (unsigned i = 0; i < m->nvms; i++) {
		l->vm[i].counts = xcalloc(2 * isa->ntraps + isa->ninstrs, sizeof(uint64_t));
		l->vm[i].before = xcalloc(isa->nslots, sizeof(uint64_t));
	}
}

static void level_fini(struct kept_monitor *l)
{
	for (unsigned i = 0; i < l->monitor->nvms; i++) {
		snapshot_free(l->vm[i].state);
		free(l->vm[i].counts);
		free(l->vm[i].before);
	}
	free(l->vm);
}

static void level_take(struct kept_monitor *l)
{
	struct monitor *m = l->monitor;

	l->running = m->running;
	l->taken = m->taken;
	l->used = m->used;
	memcpy(l->operations, m->operations, sizeof l->operations);
	l->violations = m->audit ? m->audit->violations : 0;
	for (unsigned i = 0; i < m->nvms; i++) {
		struct kept_vm *k = &l->vm[i];

		keep(&k->state, &m->vm[i]->view);
		k->copy = *m->vm[i];
		move_counts(m->vm[i], k->counts, false);
		memcpy(k->before, m->vm[i]->before, m->isa->nslots * sizeof *k->before);
	}
}

/* How its state is reached, what it runs on and where it stops is as it is now. */
static void restore_vm(const struct kept_vm *k, struct vm *vm)
{
	struct view view = vm->view;

	past_put_registers(&view, k->state);
	*vm = k->copy;
	vm->view = view;
	move_counts(vm, k->counts, true);
	memcpy(vm->before, k->before, view.isa->nslots * sizeof *k->before);
}

static void level_restore(const struct kept_monitor *l)
{
	struct monitor *m = l->monitor;

	m->running = l->running;
	m->taken = l->taken;
	m->used = l->used;
	memcpy(m->operations, l->operations, sizeof l->operations);
	if (m->audit)
		m->audit->violations = l->violations;
	for (unsigned i = 0; i < m->nvms; i++)
		restore_vm(&l->vm[i], m->vm[i]);
}

/* ---- all of them ---- */

/* A monitor, and all those on its machines. */
static void add_levels(struct past *k, struct monitor *m)
{
	k->level = xrealloc(k->level, (k->nlevels + 1) * sizeof *k->level);
	level_init(&k->level[k->nlevels++], m);
	for (unsigned i = 0; i < m->nvms; i++)
		if (m->vm[i]->carried)
			add_levels(k, m->vm[i]->carried);
}

struct past *past_new(struct monitor *m)
{
	struct past *k = xcalloc(1, sizeof *k);

	k->real = &m->machine->view[0];
	add_levels(k, outermost(m));
	past_take(k);
	return k;
}

void past_free(struct past *k)
{
	if (!k)
		return;
	for (unsigned i = 0; i < k->nlevels; i++)
		level_fini(&k->level[i]);
	snapshot_free(k->real_state);
	free(k->level);
	free(k);
}

void past_take(struct past *k)
{
	keep(&k->real_state, k->real);
	for (unsigned i = 0; i < k->nlevels; i++)
		level_take(&k->level[i]);
}

void past_restore(const struct past *k)
{
	past_put_registers(k->real, k->real_state);
	for (unsigned i = 0; i < k->nlevels; i++)
		level_restore(&k->level[i]);
}

void past_run_by(const struct past *k, struct translator *engine)
{
	k->real->translator = engine;
	for (unsigned i = 0; i < k->nlevels; i++) {
		const struct monitor *m = k->level[i].monitor;

		for (unsigned n = 0; n < m->nvms; n++)
			m->vm[n]->view.translator = engine;
	}
}
