/* A guest being written, and the worlds in which it is tried. */
#include "cli/draft.h"

#include "isa/alloc.h"

#include <string.h>

enum { PATIENCE = 100000 }; /* steps until a finished draft must have halted */

/* ---- the draft ---- */

/* The registers as a reset leaves them. */
static void reset_registers(const struct draft *d, uint64_t *state)
{
	char reason[256];
	struct machine *m = machine_new(d->isa, d->size, 1, reason, sizeof(reason));

	if (m)
		memcpy(state, m->cpu[0]->state, d->isa->nslots * sizeof(*state));
	machine_free(m);
}

static void allocate(struct draft *d)
{
	d->unit = xcalloc(d->size, sizeof(*d->unit));
	d->used = xcalloc(d->size, sizeof(*d->used));
	d->state = xcalloc(d->isa->nslots, sizeof(*d->state));
}

void draft_init(struct draft *d, const struct isa *isa, const struct isa_map *map,
		const struct lexicon *lexicon, uint64_t size)
{
	*d = (struct draft){
		.isa = isa, .map = map, .lexicon = lexicon, .size = size, .random = 1
	};
	allocate(d);
	reset_registers(d, d->state);
}

void draft_free(struct draft *d)
{
	free(d->unit);
	free(d->used);
	free(d->state);
}

struct draft draft_copy(const struct draft *d)
{
	struct draft copy = *d;

	allocate(&copy);
	memcpy(copy.unit, d->unit, d->size * sizeof(*d->unit));
	memcpy(copy.used, d->used, d->size * sizeof(*d->used));
	memcpy(copy.state, d->state, d->isa->nslots * sizeof(*d->state));
	return copy;
}

static void add_segments(const struct draft *d, struct image *image)
{
	image->segment = make(d->size, sizeof(*image->segment));
	for (uint64_t i = 0; i < d->size; i++) {
		struct segment *s = &image->segment[image->nsegments];
		uint64_t end = i;

		while (end < d->size && d->used[end])
			end++;
		if (end == i)
			continue;
		*s = (struct segment){ .address = i, .count = end - i };
		s->unit = make(s->count, sizeof(*s->unit));
		memcpy(s->unit, d->unit + i, s->count * sizeof(*s->unit));
		image->nsegments++;
		i = end;
	}
}

static void add_deposit(struct image *image, char *name, uint64_t value)
{
	image->deposit[image->ndeposits++] = (struct deposit){ .name = name, .value = value };
}

/* The registers that are not what a reset leaves in them, and the device's variable. */
static void add_deposits(const struct draft *d, struct image *image)
{
	char name[64];
	uint64_t *reset = xcalloc(d->isa->nslots, sizeof(*reset));

	reset_registers(d, reset);
	image->deposit = make(d->isa->nslots + 1, sizeof(*image->deposit));
	for (unsigned slot = 0; slot < d->isa->nslots; slot++)
		if (d->state[slot] != reset[slot])
			add_deposit(image, xstrdup(isa_slot_name(d->isa, slot, name, sizeof(name))),
				    d->state[slot]);
	if (d->device)
		add_deposit(image, xformat("%s.%s", d->device->name, d->var), d->var_value);
	free(reset);
}

struct image *draft_image(const struct draft *d)
{
	struct image *image = make(1, sizeof(*image));

	add_segments(d, image);
	add_deposits(d, image);
	image->machine = xstrdup(d->isa->name);
	image->hash = d->isa->hash;
	return image;
}

bool draft_room(const struct draft *d, uint64_t place, uint64_t words)
{
	uint64_t count = words * d->isa->length;

	if (place > d->size || count > d->size - place)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (d->used[place + i])
			return false;
	return true;
}

void draft_reserve_changed(struct draft *d, const struct view *v)
{
	for (uint64_t i = 0; i < d->size; i++) {
		uint64_t now = d->unit[i];

		window_get(&v->window, i, &now);
		d->used[i] = d->used[i] || now != d->unit[i];
	}
}

void draft_put(struct draft *d, uint64_t place, uint64_t word)
{
	isa_pack(d->isa, word, d->unit + place);
	for (unsigned i = 0; i < d->isa->length; i++)
		d->used[place + i] = true;
}

void draft_load(const struct draft *d, const struct view *v)
{
	for (uint64_t i = 0; i < d->size; i++) {
		uint64_t now = d->unit[i];

		if (d->used[i] && window_get(&v->window, i, &now) && now != d->unit[i])
			window_put(&v->window, i, d->unit[i]);
	}
}

/* ---- worlds ---- */

bool world_open(struct world *w, const struct draft *d, int kind, uint64_t reserve, uint64_t seed)
{
	struct lab_options o = lab_defaults();
	struct guest g = { .path = (char *)"the detector", .size = d->size, .isa = d->isa };

	o.map = kind < 0 ? NULL : d->map->name;
	o.seed = seed;
	o.reserve = reserve;
	o.reserve_given = reserve != 0;
	g.image = draft_image(d);
	w->lab = kind < 0 ? lab_bare(&g, &o) : lab_monitor(&g, 1, (enum monitor_kind)kind, &o);
	image_free(g.image);
	if (!w->lab)
		return false;
	w->kind = kind;
	w->reserve = reserve;
	w->seed = seed;
	w->view = w->lab->view[0];
	w->fresh = snapshot_take(w->view);
	return true;
}

bool world_renew(struct world *w, const struct draft *d)
{
	struct snapshot *kept = w->kept, *fresh = w->fresh;
	int kind = w->kind;
	uint64_t reserve = w->reserve, seed = w->seed;

	lab_free(w->lab);
	*w = (struct world){ 0 };
	if (!world_open(w, d, kind, reserve, seed))
		return false;
	snapshot_free(w->fresh);
	w->fresh = fresh;
	w->kept = kept;
	return true;
}

void world_close(struct world *w)
{
	snapshot_free(w->fresh);
	snapshot_free(w->kept);
	lab_free(w->lab);
	*w = (struct world){ 0 };
}

static void deposit_variable(const struct draft *d, const struct view *v)
{
	struct device *device = v->device[d->device->index];

	for (unsigned i = 0; i < device->class->nvars; i++)
		if (strcmp(device->class->var_name[i], d->var) == 0)
			device->var[i] = d->var_value;
}

void world_enter(struct world *w, const struct draft *d)
{
	snapshot_restore(w->view, w->fresh);
	draft_load(d, w->view);
	memcpy(w->view->cpu->state, d->state, d->isa->nslots * sizeof(*d->state));
	if (d->device)
		deposit_variable(d, w->view);
}

bool world_run(struct world *w, uint64_t steps)
{
	enum monitor_event event;

	if (steps == 0)
		return true;
	if (w->lab->monitor)
		return monitor_run_vm(w->lab->monitor, w->lab->vm[0], steps, &event) == steps ||
		       w->view->cpu->status != CPU_RUNNING;
	view_run(w->view, steps);
	return true;
}

void world_keep(struct world *w)
{
	snapshot_free(w->kept);
	w->kept = snapshot_take(w->view);
}

void world_back(struct world *w)
{
	snapshot_restore(w->view, w->kept);
}

bool world_prints(struct world *w, const struct draft *d, const char *text)
{
	struct device *console = devices_find(d->isa, w->view->device, "console");
	const char *printed;
	size_t count;

	world_run(w, PATIENCE);
	printed = console_printed(console, &count);
	return w->view->cpu->status == CPU_HALTED && count == strlen(text) &&
	       memcmp(printed, text, count) == 0;
}
