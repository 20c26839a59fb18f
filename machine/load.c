/* Loading: a guest program into a view, as an operator at the front panel would. */
#include "machine/machine.h"

#include <inttypes.h>

static bool load_segment(struct view *v, const struct segment *s, char *reason, size_t reason_size)
{
	if (s->address >= v->window.size || s->count > v->window.size - s->address) {
		snprintf(reason, reason_size,
			 "the guest reaches up to unit %" PRIu64 ", but its storage has %" PRIu64 " units",
			 s->address + s->count, v->window.size);
		return false;
	}
	for (uint64_t i = 0; i < s->count; i++)
		window_put(&v->window, s->address + i, s->unit[i]);
	return true;
}

/* A register, however its element is written, or a variable of a device. */
static bool load_deposit(struct view *v, const struct table *table, const struct deposit *d,
			 char *reason, size_t reason_size)
{
	unsigned element;
	const struct isa_reg *reg = isa_slot_named(v->isa, d->name, &element);
	char name[32];
	int i = table_find(table, reg ? isa_slot_name(v->isa, reg->slot + element, name, sizeof name)
				      : d->name);

	if (i >= 0) {
		table_deposit(v, table_entry(table, (unsigned)i), d->value);
		return true;
	}
	snprintf(reason, reason_size, "machine %s has no register '%s' to deposit", v->isa->name,
		 d->name);
	return false;
}

static bool load_deposits(struct view *v, const struct image *image, char *reason,
			  size_t reason_size)
{
	struct table *table = table_new(v->isa);
	bool good = true;

	for (unsigned i = 0; good && i < image->ndeposits; i++)
		good = load_deposit(v, table, &image->deposit[i], reason, reason_size);
	table_free(table);
	return good;
}

bool view_load(struct view *v, const struct image *image, char *reason, size_t reason_size)
{
	const struct isa_reg *pc = v->isa->role[ROLE_PC];

	for (unsigned i = 0; i < image->nsegments; i++)
		if (!load_segment(v, &image->segment[i], reason, reason_size))
			return false;
	if (image->has_entry)
		v->cpu->state[pc->slot] = image->entry & isa_mask(pc->width);
	return load_deposits(v, image, reason, reason_size);
}
