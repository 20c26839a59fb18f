/* Devices that are reached like storage: see mapped.h. */
#include "machine/mapped.h"

#include <inttypes.h>

static const struct isa_device *device_at(const struct isa *isa, uint64_t place)
{
	for (const struct isa_device *d = isa->device; d < isa->device + isa->ndevices; d++)
		if (place - d->at < d->units)
			return d;
	return NULL;
}

bool mapped_place(const struct isa *isa, uint64_t place)
{
	return device_at(isa, place) != NULL;
}

bool mapped_find(const struct view *v, const uint64_t *place, unsigned n, bool big,
		 struct mapped *m)
{
	const struct isa *isa = v->isa;
	const struct isa_device *d = device_at(isa, place[0]);
	unsigned word = isa->word / isa->unit, first;

	if (!d)
		return false;
	first = (unsigned)((place[0] - d->at) % word);
	if (first + n > word)
		return false;
	for (unsigned i = 1; i < n; i++)
		if (place[i] != place[0] + i)
			return false;
	m->device = v->device[d->index];
	m->reg = (place[0] - d->at) / word;
	m->width = n * isa->unit;
	m->shift = (big ? word - first - n : first) * isa->unit;
	return true;
}

bool mapped_fits(const struct isa *isa, uint64_t size, char *reason, size_t reason_size)
{
	for (const struct isa_device *d = isa->device; d < isa->device + isa->ndevices; d++)
		if (d->units && size > d->at) {
			snprintf(reason, reason_size,
				 "storage of %" PRIu64
				 " units would reach %s, which is at %#" PRIx64 ": give it less",
				 size, d->name, d->at);
			return false;
		}
	return true;
}
