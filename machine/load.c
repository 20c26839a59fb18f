/* Loading: a guest program into a view, as an operator at the front panel would. */
#include "machine/machine.h"

#include <inttypes.h>

static bool load_segments(struct view *v, const struct image *image, char *reason,
			  size_t reason_size)
{
	uint64_t last = image_end(image) - 1;

	if (image->nsegments && last >= v->window.size) {
		snprintf(reason, reason_size,
			 "the guest reaches up to unit %" PRIu64 ", but its storage has %" PRIu64
			 " units",
			 last, v->window.size);
		return false;
	}
	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct segment *s = &image->segment[i];

		for (uint64_t k = 0; k < s->count; k++)
			storage_put(v->window.storage, v->window.base + s->address + k, s->unit[k]);
	}
	return true;
}

static bool load_deposit(struct view *v, const struct table *table, const struct deposit *d,
			 char *reason, size_t reason_size)
{
	int i = table_find(table, d->name);
	const struct table_entry *e;

	if (i < 0) {
		snprintf(reason, reason_size, "machine %s has no register '%s' to deposit",
			 v->isa->name, d->name);
		return false;
	}
	e = table_entry(table, (unsigned)i);
	if (d->value & ~isa_mask(e->width)) {
		snprintf(reason, reason_size, "0x%" PRIx64 " is to be deposited in %s, of %u bit%s",
			 d->value, e->name, e->width, e->width == 1 ? "" : "s");
		return false;
	}
	table_deposit(v, e, d->value);
	return true;
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
	if (!load_segments(v, image, reason, reason_size))
		return false;
	if (image->has_entry)
		view_goto(v, image->entry);
	return load_deposits(v, image, reason, reason_size);
}
