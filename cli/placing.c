/* Images at addresses, brought to the places that these have. */
#include "cli/program.h"

#include "isa/alloc.h"

#include <inttypes.h>
#include <stdlib.h>

/* Of so many units both ends are looked at; if they are as far apart in storage, so is the rest. */
enum { STRIDE = 64 };

struct placer {
	struct view *view;
	char *reason;
	size_t size;
	unsigned count;
	struct segment *segment; /* placed; owned */
};

/* The device that is there; NULL: none. */
static const struct isa_device *device_at(const struct isa *isa, uint64_t place)
{
	for (unsigned i = 0; i < isa->ndevices; i++)
		if (place - isa->device[i].at < isa->device[i].units)
			return &isa->device[i];
	return NULL;
}

static bool place_of(struct placer *p, uint64_t address, uint64_t *place)
{
	const struct isa *isa = p->view->isa;
	const struct isa_device *device;
	struct trap trap;

	if (!view_reach(p->view, address, ACCESS_READ, place, &trap)) {
		snprintf(p->reason, p->size,
			 "address 0x%" PRIx64 " is not one that %s has after a reset: %s", address,
			 isa->name, trap.kind->name);
		return false;
	}
	device = device_at(isa, *place);
	if (device)
		snprintf(p->reason, p->size,
			 "address 0x%" PRIx64 " is not storage of %s, but device %s", address,
			 isa->name, device->name);
	return !device;
}

/* How many units from an address on lie in a row from *place on; 0 with a reason. */
static uint64_t row_from(struct placer *p, uint64_t address, uint64_t count, uint64_t *place)
{
	uint64_t n = 1, last, step;

	if (!place_of(p, address, place))
		return 0;
	while (n < count) {
		step = count - n < STRIDE ? count - n : STRIDE;
		if (!place_of(p, address + n + step - 1, &last))
			return 0;
		if (last - *place != n + step - 1) {
			step = 1;
			if (!place_of(p, address + n, &last))
				return 0;
			if (last - *place != n)
				break;
		}
		n += step;
	}
	return n;
}

static bool place_segment(struct placer *p, const struct segment *s)
{
	for (uint64_t done = 0, n; done < s->count; done += n) {
		uint64_t place, *unit;

		n = row_from(p, s->address + done, s->count - done, &place);
		if (!n)
			return false;
		unit = xcalloc(n, sizeof(*unit));
		memcpy(unit, s->unit + done, n * sizeof(*unit));
		p->segment = xrealloc(p->segment, (p->count + 1) * sizeof(*p->segment));
		p->segment[p->count++] = (struct segment){ place, n, unit };
	}
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static bool apart(const struct placer *p)
{
	for (unsigned i = 1; i < p->count; i++) {
		const struct segment *before = &p->segment[i - 1];

		if (p->segment[i].address - before->address >= before->count)
			continue;
		snprintf(p->reason, p->size, "two of its segments are at the place 0x%" PRIx64,
			 p->segment[i].address);
		return false;
	}
	return true;
}

static void free_segments(struct segment *segment, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		free(segment[i].unit);
	free(segment);
}

bool placing(struct image *image, struct view *v, char *reason, size_t size)
{
	struct placer p = { .view = v, .reason = reason, .size = size };
	bool ok = true;

	for (unsigned i = 0; ok && i < image->nsegments; i++)
		ok = place_segment(&p, &image->segment[i]);
	if (ok && p.count)
		qsort(p.segment, p.count, sizeof(*p.segment), by_place);
	if (!ok || !apart(&p)) {
		free_segments(p.segment, p.count);
		return false;
	}
	free_segments(image->segment, image->nsegments);
	image->segment = p.segment;
	image->nsegments = p.count;
	return true;
}
