/*
 * A moment of the bare machine (vmm/moment.h).  Storage is remembered by the write log, which
 * engines have to keep alike, too.
 */
#include "vmm/moment.h"

#include "isa/alloc.h"

#include <inttypes.h>

enum clock { CLOCK_STATUS, CLOCK_HALT, CLOCK_STEPS, CLOCK_TIME, CLOCK_STREAM, CLOCKS };
static const char *const clock_names[CLOCKS] = { "status", "halt status", "steps", "time",
						 "the stream of unspecified values" };

struct cell {
	uint64_t address, value;
};

struct moment {
	uint64_t *slot;
	uint64_t clock[CLOCKS];
	uint64_t *var; /* of the devices, one after another */
	size_t count, capacity;
	struct cell *cell;
};

static void read_clock(const struct cpu *cpu, uint64_t *clock)
{
	clock[CLOCK_STATUS] = cpu->status;
	clock[CLOCK_HALT] = cpu->status == CPU_HALTED ? cpu->halt_status : 0;
	clock[CLOCK_STEPS] = cpu->steps;
	clock[CLOCK_TIME] = cpu->time;
	clock[CLOCK_STREAM] = cpu->unspecified;
}

static size_t var_count(const struct view *v)
{
	size_t n = 0;

	for (unsigned i = 0; i < v->isa->ndevices; i++)
		n += v->device[i]->class->nvars;
	return n;
}

static struct moment *moment_new(const struct view *v)
{
	struct moment *m = xcalloc(1, sizeof *m);

	m->slot = xcalloc(v->isa->nslots, sizeof *m->slot);
	m->var = xcalloc(var_count(v), sizeof *m->var);
	return m;
}

void moment_free(struct moment *m)
{
	if (!m)
		return;
	free(m->slot);
	free(m->var);
	free(m->cell);
	free(m);
}

static void take_cells(struct moment *m, const struct view *v, const struct write_log *log)
{
	if (m->capacity < log->count) {
		m->capacity = 2 * log->count;
		m->cell = xrealloc(m->cell, m->capacity * sizeof *m->cell);
	}
	m->count = log->count;
	for (size_t i = 0; i < log->count; i++)
		m->cell[i] = (struct cell){ log->address[i],
					    storage_get(v->window.storage, log->address[i]) };
}

void moment_take(struct moment **at, const struct view *v, const struct write_log *log)
{
	struct moment *m = *at ? *at : (*at = moment_new(v));
	uint64_t *var = m->var;

	memcpy(m->slot, v->cpu->state, v->isa->nslots * sizeof *m->slot);
	read_clock(v->cpu, m->clock);
	for (unsigned i = 0; i < v->isa->ndevices; i++) {
		size_t n = v->device[i]->class->nvars;

		memcpy(var, v->device[i]->var, n * sizeof *var);
		var += n;
	}
	take_cells(m, v, log);
}

/* ---- is it the same? ---- */

static bool same(struct difference *d, const char *what, uint64_t now, uint64_t then)
{
	if (now == then)
		return true;
	d->found = true;
	d->bare = now;
	d->virtual = then;
	snprintf(d->what, sizeof d->what, "%s", what);
	return false;
}

static bool same_registers(const struct moment *m, const struct view *v, struct difference *d)
{
	char name[64];

	for (unsigned slot = 0; slot < v->isa->nslots; slot++)
		if (v->cpu->state[slot] != m->slot[slot])
			return same(d, isa_slot_name(v->isa, slot, name, sizeof name),
				    v->cpu->state[slot], m->slot[slot]);
	return true;
}

static bool same_clock(const struct moment *m, const struct view *v, struct difference *d)
{
	uint64_t now[CLOCKS];

	read_clock(v->cpu, now);
	for (unsigned i = 0; i < CLOCKS; i++)
		if (!same(d, clock_names[i], now[i], m->clock[i]))
			return false;
	return true;
}

static bool same_devices(const struct moment *m, const struct view *v, struct difference *d)
{
	const uint64_t *then = m->var;
	char name[64];

	for (unsigned i = 0; i < v->isa->ndevices; i++)
		for (unsigned k = 0; k < v->device[i]->class->nvars; k++, then++) {
			if (v->device[i]->var[k] == *then)
				continue;
			snprintf(name, sizeof name, "%s.%s", v->isa->device[i].name,
				 v->device[i]->class->var_name[k]);
			return same(d, name, v->device[i]->var[k], *then);
		}
	return true;
}

static bool same_cells(const struct moment *m, const struct view *v, const struct write_log *log,
		       struct difference *d)
{
	char name[64];

	if (!same(d, "units written", log->count, m->count))
		return false;
	for (size_t i = 0; i < log->count; i++) {
		if (!same(d, "address written", log->address[i], m->cell[i].address))
			return false;
		snprintf(name, sizeof name, "E[%#" PRIx64 "]", log->address[i] - v->window.base);
		if (!same(d, name, storage_get(v->window.storage, log->address[i]),
			  m->cell[i].value))
			return false;
	}
	return true;
}

bool moment_same(const struct moment *m, const struct view *v, const struct write_log *log,
		 struct difference *d)
{
	return same_registers(m, v, d) && same_clock(m, v, d) && same_devices(m, v, d) &&
	       same_cells(m, v, log, d);
}
