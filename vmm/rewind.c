/*
 * Snapshots for bisection: the bare machine, the monitor's, and everything that the
 * monitor knows of each of its virtual machines.
 */
#include "vmm/rewind.h"

#include "isa/alloc.h"
#include "vmm/private.h"

struct kept_vm {
	struct snapshot *state; /* registers, clock and devices */
	struct vm copy;		/* of what is not behind a pointer */
	uint64_t *counts;	/* the arrays of its statistics, one after another */
	uint64_t *before;
};

struct rewind {
	struct view *bare;
	struct monitor *monitor;
	struct comparison *comparison;
	struct storage *bare_storage, *real_storage;  /* copies */
	struct snapshot *bare_state, *real_state;     /* registers, clock and devices */
	struct translator *bare_engine, *real_engine; /* NULL: the oracle */
	struct vm *running;
	bool taken;
	uint64_t violations;
	struct kept_vm *vm; /* the monitor's nvms */
};

/* The same view without its storage, which is kept otherwise. */
static struct view registers_only(const struct view *v)
{
	struct view bare = *v;

	bare.window.size = 0;
	return bare;
}

static void keep(struct snapshot **kept, const struct view *v)
{
	struct view bare = registers_only(v);

	snapshot_free(*kept);
	*kept = snapshot_take(&bare);
}

static void put_back(const struct snapshot *kept, struct view *v)
{
	struct view bare = registers_only(v);

	snapshot_restore(&bare, kept);
}

static void copy_logged(struct storage *to, const struct storage *from, const struct write_log *log)
{
	struct write_log *outer = to->log;

	to->log = NULL; /* what is copied is not written */
	for (size_t i = 0; i < log->count; i++)
		storage_put(to, log->address[i], storage_get(from, log->address[i]));
	to->log = outer;
}

static struct storage *copy_of(const struct storage *s)
{
	struct storage *copy = must(storage_new(s->size, s->unit));

	memcpy(copy->cell, s->cell, s->size * s->cell_size);
	return copy;
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

struct rewind *rewind_new(struct view *bare, struct monitor *m, struct comparison *comparison)
{
	struct rewind *r = xcalloc(1, sizeof *r);
	const struct isa *isa = bare->isa;

	r->bare = bare;
	r->monitor = m;
	r->comparison = comparison;
	r->bare_engine = bare->translator;
	r->real_engine = m->control.view->translator;
	r->bare_storage = copy_of(bare->window.storage);
	r->real_storage = copy_of(m->control.view->window.storage);
	r->vm = xcalloc(m->nvms, sizeof *r->vm);
	for (unsigned i = 0; i < m->nvms; i++) {
		r->vm[i].counts = xcalloc(2 * isa->ntraps + isa->ninstrs, sizeof(uint64_t));
		r->vm[i].before = xcalloc(isa->nslots, sizeof(uint64_t));
	}
	rewind_mark(r);
	return r;
}

void rewind_free(struct rewind *r)
{
	if (!r)
		return;
	for (unsigned i = 0; i < r->monitor->nvms; i++) {
		snapshot_free(r->vm[i].state);
		free(r->vm[i].counts);
		free(r->vm[i].before);
	}
	snapshot_free(r->bare_state);
	snapshot_free(r->real_state);
	storage_free(r->bare_storage);
	storage_free(r->real_storage);
	free(r->vm);
	free(r);
}

void rewind_mark(struct rewind *r)
{
	struct monitor *m = r->monitor;

	copy_logged(r->bare_storage, r->bare->window.storage, compare_bare_log(r->comparison));
	copy_logged(r->real_storage, m->control.view->window.storage,
		    compare_real_log(r->comparison));
	compare_forget(r->comparison);
	keep(&r->bare_state, r->bare);
	keep(&r->real_state, m->control.view);
	r->running = m->running;
	r->taken = m->taken;
	r->violations = m->audit ? m->audit->violations : 0;
	for (unsigned i = 0; i < m->nvms; i++) {
		struct kept_vm *k = &r->vm[i];

		keep(&k->state, &m->vm[i]->view);
		k->copy = *m->vm[i];
		move_counts(m->vm[i], k->counts, false);
		memcpy(k->before, m->vm[i]->before, m->isa->nslots * sizeof *k->before);
	}
}

void rewind_on_oracle(struct rewind *r, bool oracle)
{
	struct monitor *m = r->monitor;

	r->bare->translator = oracle ? NULL : r->bare_engine;
	m->control.view->translator = oracle ? NULL : r->real_engine;
	for (unsigned i = 0; i < m->nvms; i++)
		m->vm[i]->view.translator = m->control.view->translator;
}

void rewind_back(struct rewind *r)
{
	struct monitor *m = r->monitor;

	rewind_on_oracle(r, false);
	copy_logged(r->bare->window.storage, r->bare_storage, compare_bare_log(r->comparison));
	copy_logged(m->control.view->window.storage, r->real_storage,
		    compare_real_log(r->comparison));
	put_back(r->bare_state, r->bare);
	put_back(r->real_state, m->control.view);
	m->running = r->running;
	m->taken = r->taken;
	if (m->audit)
		m->audit->violations = r->violations;
	for (unsigned i = 0; i < m->nvms; i++) {
		struct kept_vm *k = &r->vm[i];

		put_back(k->state, &m->vm[i]->view);
		*m->vm[i] = k->copy;
		move_counts(m->vm[i], k->counts, true);
		memcpy(m->vm[i]->before, k->before, m->isa->nslots * sizeof *k->before);
	}
	compare_forget(r->comparison);
}
