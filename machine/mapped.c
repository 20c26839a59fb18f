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
	m->unit = place[0] - d->at;
	m->units = n;
	m->big = big;
	m->reg = (place[0] - d->at) / word;
	m->width = n * isa->unit;
	m->shift = (big ? word - first - n : first) * isa->unit;
	return true;
}

/* A value with its units in the other order. */
static uint64_t turned(uint64_t value, unsigned n, unsigned bits)
{
	uint64_t turned = 0;

	for (unsigned i = 0; i < n; i++)
		turned |= (value >> i * bits & isa_mask(bits)) << (n - 1 - i) * bits;
	return turned;
}

/* A class to which it matters which units are accessed gets them in the order of their places. */
static bool access_units(const struct mapped *m, bool store, uint64_t *value)
{
	unsigned bits = m->width / m->units;
	uint64_t part = m->big ? turned(*value, m->units, bits) : *value;

	if (!m->device->class->access(m->device, m->unit, m->units, store, &part))
		return false;
	*value = (m->big ? turned(part, m->units, bits) : part) & isa_mask(m->width);
	return true;
}

bool mapped_access(const struct mapped *m, bool store, uint64_t *value)
{
	struct device *d = m->device;

	if (d->class->access)
		return access_units(m, store, value);
	if (store)
		d->class->write(d, m->reg, *value << m->shift);
	else
		*value =
			(d->class->read(d, m->reg) & d->word_mask) >> m->shift & isa_mask(m->width);
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
