/* Snapshots: all of a view's state, kept apart. */
#include "machine/machine.h"

#include "isa/alloc.h"

#include <assert.h>

struct saved_device {
	uint64_t *var; /* owned */
	void *behind;  /* what the class saved; NULL: nothing */
};

struct snapshot {
	const struct isa *isa;
	struct cpu cpu;		    /* its registers owned */
	struct saved_device *saved; /* of each device; owned */
	uint64_t size;		    /* of the window */
	void *cell;		    /* its contents; owned */
};

static size_t vars_size(const struct device *d)
{
	return d->class->nvars * sizeof *d->var;
}

static struct saved_device save_device(const struct device *d)
{
	struct saved_device s = { .var = xmalloc(vars_size(d)) };

	memcpy(s.var, d->var, vars_size(d));
	if (d->class->save)
		s.behind = d->class->save(d);
	return s;
}

static void restore_device(struct device *d, const struct saved_device *s)
{
	memcpy(d->var, s->var, vars_size(d));
	if (s->behind)
		d->class->restore(d, s->behind);
}

static void *window_start(const struct window *w)
{
	return (char *)w->storage->cell + w->base * w->storage->cell_size;
}

struct snapshot *snapshot_take(const struct view *v)
{
	struct snapshot *s = xcalloc(1, sizeof *s);
	size_t bytes = v->window.size * v->window.storage->cell_size;

	s->isa = v->isa;
	s->cpu.state = xmalloc(v->isa->nslots * sizeof *s->cpu.state);
	cpu_copy(v->isa, &s->cpu, v->cpu);
	s->size = v->window.size;
	s->cell = xmalloc(bytes);
	memcpy(s->cell, window_start(&v->window), bytes);
	s->saved = xcalloc(v->isa->ndevices, sizeof *s->saved);
	for (unsigned i = 0; i < v->isa->ndevices; i++)
		s->saved[i] = save_device(v->device[i]);
	return s;
}

/* Cells that differ are written one by one, so that a write log hears of them. */
static void restore_cells(const struct window *w, const struct storage *saved, uint64_t from,
			  uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		if (storage_get(w->storage, w->base + i) != storage_get(saved, i))
			storage_put(w->storage, w->base + i, storage_get(saved, i));
}

static void restore_storage(const struct window *w, void *cell)
{
	const uint64_t block = 64;
	struct storage saved = *w->storage;
	const char *now = window_start(w);

	saved.cell = cell;
	for (uint64_t from = 0; from < w->size; from += block) {
		uint64_t to = w->size - from < block ? w->size : from + block;

		if (memcmp(now + from * saved.cell_size, (char *)cell + from * saved.cell_size,
			   (to - from) * saved.cell_size) != 0)
			restore_cells(w, &saved, from, to);
	}
}

void snapshot_restore(struct view *v, const struct snapshot *s)
{
	assert(v->isa == s->isa && v->window.size == s->size);
	cpu_copy(v->isa, v->cpu, &s->cpu);
	restore_storage(&v->window, s->cell);
	for (unsigned i = 0; i < v->isa->ndevices; i++)
		restore_device(v->device[i], &s->saved[i]);
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->isa->ndevices; i++) {
		const struct device_class *class = device_class_named(s->isa->device[i].class);

		free(s->saved[i].var);
		if (s->saved[i].behind)
			class->forget(s->saved[i].behind);
	}
	free(s->saved);
	free(s->cell);
	free(s->cpu.state);
	free(s);
}
