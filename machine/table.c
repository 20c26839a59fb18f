/* The state table: everything that can be examined and deposited, by name. */
#include "machine/machine.h"

#include "isa/alloc.h"

#include <inttypes.h>

struct table {
	const struct isa *isa; /* not owned */
	unsigned size;
	struct table_entry *entry; /* owned */
};

enum clock_slot { CLOCK_STEPS, CLOCK_TIME, CLOCK_SLOTS };

static const char *const clock_names[CLOCK_SLOTS] = { "steps", "time" };

static void add_registers(const struct isa *isa, struct table *t)
{
	for (unsigned r = 0; r < isa->nregs; r++)
		for (unsigned i = 0; i < isa->reg[r].count; i++) {
			const struct isa_reg *reg = &isa->reg[r];
			struct table_entry *e = &t->entry[t->size++];

			*e = (struct table_entry){ .width = reg->width,
						   .class = reg->class,
						   .role = reg->role,
						   .reg = reg,
						   .slot = reg->slot + i,
						   .device = -1,
						   .type = reg->type };
			isa_slot_name(isa, e->slot, e->name, sizeof e->name);
		}
}

static void add_variables(const struct isa_device *d, struct table *t)
{
	const struct device_class *class = device_class_named(d->class);

	for (unsigned i = 0; class && i < class->nvars; i++) {
		struct table_entry *e = &t->entry[t->size++];

		*e = (struct table_entry){
			.width = 64, .class = CLASS_CONTROL, .slot = i, .device = (int)d->index
		};
		snprintf(e->name, sizeof e->name, "%s.%s", d->name, class->var_name[i]);
	}
}

static void add_clock(struct table *t)
{
	for (unsigned i = 0; i < CLOCK_SLOTS; i++) {
		struct table_entry *e = &t->entry[t->size++];

		*e = (struct table_entry){
			.width = 64, .class = CLASS_CONTROL, .slot = i, .device = -1
		};
		snprintf(e->name, sizeof e->name, "%s", clock_names[i]);
	}
}

struct table *table_new(const struct isa *isa)
{
	struct table *t = xcalloc(1, sizeof *t);
	unsigned most = isa->nslots + CLOCK_SLOTS;

	t->isa = isa;
	for (unsigned i = 0; i < isa->ndevices; i++) {
		const struct device_class *class = device_class_named(isa->device[i].class);

		most += class ? class->nvars : 0;
	}
	t->entry = xcalloc(most, sizeof *t->entry);
	add_registers(isa, t);
	for (unsigned i = 0; i < isa->ndevices; i++)
		add_variables(&isa->device[i], t);
	add_clock(t);
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	free(t->entry);
	free(t);
}

unsigned table_size(const struct table *t)
{
	return t->size;
}

const struct table_entry *table_entry(const struct table *t, unsigned i)
{
	return &t->entry[i];
}

int table_find(const struct table *t, const char *name)
{
	unsigned element;
	const struct isa_reg *reg = isa_slot_named(t->isa, name, &element);

	for (unsigned i = 0; i < t->size; i++)
		if (reg ? t->entry[i].reg == reg && t->entry[i].slot == reg->slot + element
			: strcmp(t->entry[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* Where an entry's value lies. */
static uint64_t *place_of(const struct view *v, const struct table_entry *e)
{
	if (e->reg)
		return &v->cpu->state[e->slot];
	if (e->device >= 0)
		return &v->device[e->device]->var[e->slot];
	return e->slot == CLOCK_STEPS ? &v->cpu->steps : &v->cpu->time;
}

uint64_t table_examine(const struct view *v, const struct table_entry *e)
{
	return *place_of(v, e);
}

void table_deposit(struct view *v, const struct table_entry *e, uint64_t value)
{
	*place_of(v, e) = value & isa_mask(e->width);
}

char *table_format(const struct table_entry *e, uint64_t value, char *buffer, size_t size)
{
	for (unsigned i = 0; e->type && i < e->type->nmembers; i++)
		if (e->type->member[i].value == value) {
			snprintf(buffer, size, "%s", e->type->member[i].name);
			return buffer;
		}
	snprintf(buffer, size, "0x%" PRIx64, value);
	return buffer;
}
