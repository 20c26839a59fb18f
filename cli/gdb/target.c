/* A machine's registers and storage as gdb has them: bytes in the order of the machine's. */
#include "cli/gdb/gdb.h"

#include <stdlib.h>
#include <string.h>

static bool is_big(const struct view *v)
{
	switch (v->isa->endian) {
	case ENDIAN_LITTLE: return false;
	case ENDIAN_BIG:
	case ENDIAN_NONE: return true;
	case ENDIAN_STATE: return view_eval(v, v->isa->big) != 0;
	}
	return true;
}

/* The i-th byte of a value of so many as it stands in storage. */
static unsigned shift_of(bool big, unsigned bytes, unsigned i)
{
	return 8 * (big ? bytes - 1 - i : i);
}

static void print_bytes(uint64_t value, unsigned bytes, bool big, FILE *f)
{
	for (unsigned i = 0; i < bytes; i++)
		fprintf(f, "%02x", (unsigned)(value >> shift_of(big, bytes, i) & 0xff));
}

void target_open(struct gdb *g)
{
	describe_registers(g);
	g->description = describe_xml(g);
}

void target_close(struct gdb *g)
{
	free(g->reg);
	free(g->description);
}

/* ---- registers ---- */

void target_print(const struct gdb *g, unsigned reg, FILE *f)
{
	const struct gdb_register *r = &g->reg[reg];
	const struct view *v = view_of(g->session);

	if (r->exists)
		print_bytes(r->computed ? view_eval(v, r->computed) : table_examine(v, &r->entry),
			    r->bytes, is_big(v), f);
	for (unsigned i = 0; !r->exists && i < r->bytes; i++)
		fputs("xx", f);
}

static bool read_value(const char *digits, unsigned bytes, bool big, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < bytes; i++) {
		int byte = hex_byte(digits + 2 * (size_t)i);

		if (byte < 0)
			return false;
		*value |= (uint64_t)byte << shift_of(big, bytes, i);
	}
	return true;
}

static bool is_value(const struct table_entry *e, uint64_t value)
{
	return !(value & ~isa_mask(e->width)) && !(e->type && isa_reg_member(e->reg, value) != value);
}

bool target_set(struct gdb *g, unsigned reg, const char *digits, size_t ndigits)
{
	const struct gdb_register *r = &g->reg[reg];
	struct view *v = view_of(g->session);
	uint64_t value;

	if (!r->writable || ndigits < 2 * (size_t)r->bytes ||
	    !read_value(digits, r->bytes, is_big(v), &value) || !is_value(&r->entry, value))
		return false;
	if (value == table_examine(v, &r->entry) && r->entry.role != ROLE_PC)
		return true;
	if (r->entry.role == ROLE_PC)
		view_goto(v, value);
	else
		table_deposit(v, &r->entry, value);
	history_changed(g->world->history);
	return true;
}

/* ---- storage ---- */

unsigned target_unit(const struct gdb *g)
{
	return (g->world->lab->isa->unit + 7) / 8;
}

bool target_place(const struct gdb *g, uint64_t address, uint64_t *place)
{
	struct view copy = *view_of(g->session);
	struct trap trap;

	copy.stops = NULL;
	return view_translate(&copy, address & isa_mask(copy.isa->word), ACCESS_READ, place, &trap);
}

uint64_t target_read(const struct gdb *g, uint64_t address, uint64_t units, FILE *f)
{
	const struct view *v = view_of(g->session);
	bool big = is_big(v);
	uint64_t place, value, i = 0;

	for (; i < units && target_place(g, address + i, &place); i++) {
		if (!window_get(&v->window, place, &value))
			break;
		print_bytes(value, target_unit(g), big, f);
	}
	return i;
}

/* All of them, or none, so that gdb knows what it did. */
static bool all_there(const struct gdb *g, uint64_t address, uint64_t units)
{
	uint64_t place, value;

	for (uint64_t i = 0; i < units; i++)
		if (!target_place(g, address + i, &place) ||
		    !window_get(&view_of(g->session)->window, place, &value))
			return false;
	return true;
}

uint64_t target_write(struct gdb *g, uint64_t address, uint64_t units, const unsigned char *bytes)
{
	struct view *v = view_of(g->session);
	unsigned n = target_unit(g);
	bool big = is_big(v);
	uint64_t place, value;

	if (!all_there(g, address, units))
		return 0;
	for (uint64_t i = 0; i < units; i++) {
		value = 0;
		for (unsigned k = 0; k < n; k++)
			value |= (uint64_t)bytes[i * n + k] << shift_of(big, n, k);
		if (target_place(g, address + i, &place))
			window_put(&v->window, place, value & isa_mask(v->isa->unit));
	}
	if (units)
		history_changed(g->world->history);
	return units;
}
