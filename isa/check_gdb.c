/* What gdb is told of a machine's registers: doc/language.md, "gdb". */
#include "isa/check.h"

#include <stdio.h>
#include <string.h>

static const struct context context = { .name = "a register for gdb", .may = MAY_LINE };

/* The register that an expression is the name of; NULL: it is another. */
static const struct isa_reg *register_of(struct checker *c, const struct ast_expr *e)
{
	return e && e->op == A_NAME ? isa_reg_named(c->isa, e->name) : NULL;
}

static const char *numbered(struct checker *c, const char *name, uint64_t i)
{
	char text[128];
	size_t length;
	char *copy;

	snprintf(text, sizeof text, "%s%u", name, (unsigned)i);
	length = strlen(text) + 1;
	copy = take(c, length);
	return memcpy(copy, text, length);
}

/* One register; nothing is changed after an error. */
static bool check_one(struct checker *c, const struct ast_entry *e, struct isa_gdb *out)
{
	const struct isa_reg *reg = register_of(c, e->value);

	*out = (struct isa_gdb){ e->name, e->doc, c->isa->word, -1, NULL };
	if (e->type)
		out->width = check_type(c, e->type, NULL);
	else if (reg)
		out->width = reg->width;
	if (reg && reg->array) {
		complain(c, e->value->place, "%s is an array: write %s[%u] = %s", reg->name, e->name,
			 reg->count, reg->name);
		return false;
	}
	if (reg && reg->width == out->width)
		out->slot = (int)reg->slot;
	else if (e->value)
		out->value = check_pure(c, e->value, out->width, &context);
	return out->width && (out->value || !e->value || out->slot >= 0);
}

/* So many registers, the elements of an array, or none. */
static bool check_file(struct checker *c, const struct ast_entry *e, uint64_t count,
		       struct isa_gdb *out)
{
	const struct isa_reg *reg = register_of(c, e->value);
	unsigned width = e->type ? check_type(c, e->type, NULL) : reg ? reg->width : 0;

	if (e->value && !(reg && reg->array && reg->count >= count && reg->width == width)) {
		complain(c, e->value->place,
			 "the %u registers %s are to be an array of as many, of their width",
			 (unsigned)count, e->name);
		return false;
	}
	for (unsigned i = 0; i < count; i++)
		out[i] = (struct isa_gdb){ numbered(c, e->name, i), e->doc, width,
					   reg ? (int)(reg->slot + i) : -1, NULL };
	return width > 0;
}

enum { GDB_FILE = 1024 };

static bool count_of(struct checker *c, const struct ast_entry *e, uint64_t *count)
{
	*count = 1;
	return !e->count || check_number(c, e->count, 1, GDB_FILE, "how many registers", count);
}

static void check_distinct(struct checker *c, const struct isa_gdb *reg, unsigned n,
			   struct place place)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(reg[i].name, reg[n].name)) {
			complain(c, place, "gdb has a register %s already", reg[n].name);
			return;
		}
}

void check_gdb(struct checker *c, const struct ast_item *item)
{
	struct isa_gdb *reg;
	uint64_t count;
	size_t room = 0;

	for (const struct ast_entry *e = item->entries; e; e = e->next)
		if (count_of(c, e, &count))
			room += count;
	reg = take(c, (room + 1) * sizeof *reg);
	for (const struct ast_entry *e = item->entries; e; e = e->next) {
		unsigned from = c->isa->ngdb;

		if (e->count && (!check_constant(c, e->count, &count) || !count || count > GDB_FILE))
			continue; /* which has been said */
		if (!(e->count ? check_file(c, e, count, &reg[from]) : check_one(c, e, &reg[from])))
			continue;
		for (c->isa->ngdb += e->count ? (unsigned)count : 1; from < c->isa->ngdb; from++)
			check_distinct(c, reg, from, e->place);
	}
	c->isa->gdb = item->doc;
	c->isa->gdb_reg = reg;
}
