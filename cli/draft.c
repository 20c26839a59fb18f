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

void draft_init(struct draft *d, const struct isa *isa, const struct isa_map *map, uint64_t size)
{
	*d = (struct draft){ .isa = isa, .map = map, .size = size, .random = 1 };
	d->unit = xcalloc(size, sizeof(*d->unit));
	d->used = xcalloc(size, sizeof(*d->used));
	d->state = xcalloc(isa->nslots, sizeof(*d->state));
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

	draft_init(&copy, d->isa, d->map, d->size);
	memcpy(copy.unit, d->unit, d->size * sizeof(*d->unit));
	memcpy(copy.used, d->used, d->size * sizeof(*d->used));
	memcpy(copy.state, d->state, d->isa->nslots * sizeof(*d->state));
	copy.random = d->random;
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

/* The registers that are not what a reset leaves in them. */
static void add_deposits(const struct draft *d, struct image *image)
{
	char name[64];
	uint64_t *reset = xcalloc(d->isa->nslots, sizeof(*reset));

	reset_registers(d, reset);
	image->deposit = make(d->isa->nslots, sizeof(*image->deposit));
	for (unsigned slot = 0; slot < d->isa->nslots; slot++)
		if (d->state[slot] != reset[slot])
			image->deposit[image->ndeposits++] = (struct deposit){
				.name = xstrdup(isa_slot_name(d->isa, slot, name, sizeof(name))),
				.value = d->state[slot],
			};
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

void draft_hint(struct draft *d, uint64_t value)
{
	if (d->nhints < DRAFT_HINTS)
		d->hint[d->nhints++] = value;
}

uint64_t draft_random(struct draft *d, uint64_t n)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return (d->random >> 11) % n;
}

static uint64_t field_value(struct draft *d)
{
	switch (draft_random(d, 8)) {
	case 0: return 0;
	case 1: return draft_random(d, 4);
	case 2: return draft_random(d, 16);
	case 3: return draft_random(d, UINT64_C(1) << (1 + draft_random(d, 32)));
	case 4: return draft_random(d, 256) * d->isa->length;
	default: break;
	}
	return d->nhints ? d->hint[draft_random(d, d->nhints)] : draft_random(d, 64);
}

uint64_t draft_word(struct draft *d, const struct isa_instr *instr)
{
	uint64_t value[64] = { 0 };

	for (unsigned i = 0; i < instr->format->nfields && i < 64; i++)
		if (!isa_field_fixed(instr, i))
			value[i] = field_value(d) & isa_mask(instr->format->field[i].width);
	return isa_encode(instr, value);
}

bool draft_room(const struct draft *d, uint64_t place, unsigned words)
{
	uint64_t count = (uint64_t)words * d->isa->length;

	if (place > d->size || count > d->size - place)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (d->used[place + i])
			return false;
	return true;
}

void draft_reserve(struct draft *d, uint64_t place, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		d->used[place + i] = true;
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
	draft_reserve(d, place, d->isa->length);
}

/* ---- worlds ---- */

bool world_open(struct world *w, const struct draft *d, int kind, uint64_t reserve)
{
	struct lab_options o = lab_defaults();
	struct guest g = { .path = (char *)"the detector", .size = d->size, .isa = d->isa };

	o.map = kind < 0 ? NULL : d->map->name;
	o.reserve = reserve;
	o.reserve_given = reserve != 0;
	g.image = draft_image(d);
	w->lab = kind < 0 ? lab_bare(&g, &o) : lab_monitor(&g, 1, (enum monitor_kind)kind, &o);
	image_free(g.image);
	if (!w->lab)
		return false;
	w->view = w->lab->view[0];
	w->fresh = snapshot_take(w->view);
	return true;
}

void world_close(struct world *w)
{
	snapshot_free(w->fresh);
	lab_free(w->lab);
	*w = (struct world){ 0 };
}

void world_enter(struct world *w, const struct draft *d)
{
	snapshot_restore(w->view, w->fresh);
	for (uint64_t i = 0; i < d->size; i++)
		if (d->used[i])
			window_put(&w->view->window, i, d->unit[i]);
	memcpy(w->view->cpu->state, d->state, d->isa->nslots * sizeof(*d->state));
}

void world_run(struct world *w, uint64_t steps)
{
	enum monitor_event event;

	if (steps == 0)
		return;
	if (w->lab->monitor)
		monitor_run_vm(w->lab->monitor, w->lab->vm[0], steps, &event);
	else
		view_run(w->view, steps);
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
