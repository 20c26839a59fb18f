/*
 * Guests carried by a monitor in assembly (vmm/carry.h).
 */
#include "vmm/carry.h"

#include "isa/alloc.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- what the monitor publishes ---- */

static bool published(const struct image *monitor, const char *name, uint64_t *value, char *reason,
		      size_t reason_size)
{
	const struct symbol *symbol = image_symbol(monitor, name);

	if (symbol)
		*value = symbol->value;
	else
		snprintf(reason, reason_size, "it defines no '%s', so it carries no guests", name);
	return symbol != NULL;
}

/* Where a block holds an entry of the state table; false: nowhere. */
static bool offset_of(const struct image *monitor, const struct table_entry *e, uint64_t *offset)
{
	char name[80];
	const struct symbol *symbol;

	snprintf(name, sizeof name, "vm_%s", e->reg ? e->reg->name : e->name);
	symbol = image_symbol(monitor, name);
	if (symbol)
		*offset = symbol->value + (e->reg ? e->slot - e->reg->slot : 0);
	return symbol != NULL;
}

/* ---- the image ---- */

static bool poke(struct image *image, uint64_t address, uint64_t value)
{
	for (unsigned i = 0; i < image->nsegments; i++) {
		struct segment *s = &image->segment[i];

		if (address >= s->address && address - s->address < s->count) {
			s->unit[address - s->address] = value;
			return true;
		}
	}
	return false;
}

static void add_segment(struct image *image, const struct segment *from, uint64_t base)
{
	size_t bytes = from->count * sizeof *from->unit;
	uint64_t *unit = xmalloc(bytes);

	memcpy(unit, from->unit, bytes);
	image->segment = xrealloc(image->segment, (image->nsegments + 1) * sizeof *image->segment);
	image->segment[image->nsegments++] =
		(struct segment){ base + from->address, from->count, unit };
}

/* ---- loading ---- */

struct loading {
	struct image *monitor;
	const struct isa *isa;
	uint64_t count, machines, storage, words, size; /* the symbols' values */
	uint64_t free;					/* where the next machine's storage is */
	char *reason;
	size_t reason_size;
};

static bool refuse(struct loading *l, const char *what)
{
	snprintf(l->reason, l->reason_size, "%s", what);
	return false;
}

static const char no_room[] = "it has no room for so many machines";

/* The state of a machine, after reset and loading, goes to its block. */
static bool fill_block(struct loading *l, const struct view *v, uint64_t block)
{
	struct table *t = table_new(v->isa);
	bool ok = true;

	for (unsigned i = 0; ok && i < table_size(t); i++) {
		const struct table_entry *e = table_entry(t, i);
		uint64_t value = table_examine(v, e), offset;

		if (offset_of(l->monitor, e, &offset))
			ok = poke(l->monitor, block + offset, value) || refuse(l, no_room);
		else
			ok = value == 0 || !e->reg ||
			     refuse(l, "it has no place for a machine's registers");
	}
	table_free(t);
	return ok;
}

static bool put_in(struct loading *l, const struct carried *guest, uint64_t block)
{
	struct machine *m = machine_new(l->isa, guest->size, 1, l->reason, l->reason_size);
	bool ok = m && view_load(&m->view[0], guest->image, l->reason, l->reason_size) &&
		  fill_block(l, &m->view[0], block);

	if (ok && !poke(l->monitor, block + l->size, guest->size))
		ok = refuse(l, no_room);
	for (unsigned i = 0; ok && i < guest->image->nsegments; i++)
		add_segment(l->monitor, &guest->image->segment[i], l->free);
	l->free += guest->size;
	machine_free(m);
	return ok;
}

bool carry_load(struct image *monitor, const struct isa *isa, const struct carried *guest,
		unsigned count, uint64_t *size, char *reason, size_t n)
{
	struct loading l = { .monitor = monitor, .isa = isa, .reason = reason, .reason_size = n };

	if (isa->unit != isa->word)
		return refuse(&l, "its machine's storage is not of words, so it carries no guests");
	if (!published(monitor, "machine_count", &l.count, reason, n) ||
	    !published(monitor, "machines", &l.machines, reason, n) ||
	    !published(monitor, "storage", &l.storage, reason, n) ||
	    !published(monitor, "vm_words", &l.words, reason, n) ||
	    !published(monitor, "vm_size", &l.size, reason, n))
		return false;
	l.free = l.storage;
	for (unsigned i = 0; i < count; i++)
		if (!put_in(&l, &guest[i], l.machines + i * l.words))
			return false;
	*size = l.free;
	return poke(monitor, l.count, count) || refuse(&l, "its machine_count is no place");
}

/* ---- looking into it ---- */

static int64_t published_or_nowhere(const struct image *monitor, const char *name)
{
	const struct symbol *symbol = image_symbol(monitor, name);

	return symbol ? (int64_t)symbol->value : TOWER_NOWHERE;
}

bool carry_level(const struct image *monitor, const struct isa *isa, struct tower_level *l,
		 char *reason, size_t n)
{
	struct table *t = table_new(isa);
	uint64_t offset;

	l->field = xcalloc(table_size(t), sizeof *l->field);
	for (unsigned i = 0; i < table_size(t); i++)
		l->field[i] = offset_of(monitor, table_entry(t, i), &offset) ? (int64_t)offset
									     : TOWER_NOWHERE;
	table_free(t);
	l->printed = published_or_nowhere(monitor, "vm_printed");
	l->last = published_or_nowhere(monitor, "vm_last");
	l->status = published_or_nowhere(monitor, "vm_status");
	return published(monitor, "machines", &l->machine, reason, n) &&
	       published(monitor, "current", &l->running, reason, n) &&
	       published(monitor, "vm_base", &l->base, reason, n) &&
	       published(monitor, "vm_size", &l->size, reason, n);
}

void carry_level_free(struct tower_level *l)
{
	free(l->field);
	l->field = NULL;
}
