/*
 * The registers of a machine as gdb numbers them, and the XML that tells it so: those that the
 * description's `gdb` item names, then all others by their own names.
 * GDB's manual, appendix "Target Descriptions".
 */
#include "cli/gdb/gdb.h"

#include <stdlib.h>
#include <string.h>

enum { LARGE_ARRAY = 32 /* elements */ };

static const char own_feature[] = "trapeze";

static unsigned bytes_for(unsigned width)
{
	return width > 32 ? 8 : width > 16 ? 4 : width > 8 ? 2 : 1;
}

/* ---- the list ---- */

static bool is_named(const struct gdb *g, const char *name)
{
	for (unsigned i = 0; i < g->nregisters; i++)
		if (strcmp(g->reg[i].name, name) == 0)
			return true;
	return false;
}

static bool has_slot(const struct isa *isa, unsigned slot)
{
	for (unsigned i = 0; i < isa->ngdb; i++)
		if (isa->gdb_reg[i].slot == (int)slot)
			return true;
	return false;
}

static void set_entry(struct gdb_register *r, const struct isa *isa, unsigned slot)
{
	struct table *t = table_new(isa);
	char name[64];

	r->entry = *table_entry(t, (unsigned)table_find(t, isa_slot_name(isa, slot, name, sizeof(name))));
	r->exists = r->writable = true;
	table_free(t);
}

static void add_declared(struct gdb *g, const struct isa *isa, const struct isa_gdb *from)
{
	struct gdb_register *r = &g->reg[g->nregisters++];

	r->feature = from->feature;
	r->bytes = bytes_for(from->width);
	r->computed = from->value;
	r->exists = from->value != NULL;
	snprintf(r->name, sizeof(r->name), "%s", from->name);
	if (from->slot >= 0)
		set_entry(r, isa, (unsigned)from->slot);
}

/* Of the others: tables of the processor's, and long ones, are left to `monitor`. */
static bool is_shown(const struct isa_reg *r)
{
	return r->count == 1 || (r->class == CLASS_VISIBLE && r->count <= LARGE_ARRAY);
}

static void add_own(struct gdb *g, const struct isa *isa, unsigned slot)
{
	struct gdb_register *r = &g->reg[g->nregisters];
	const struct isa_reg *reg = isa_slot_reg(isa, slot);
	char name[64];

	isa_slot_name(isa, slot, name, sizeof(name));
	if (!is_shown(reg) || has_slot(isa, slot) || is_named(g, name))
		return;
	snprintf(r->name, sizeof(r->name), "%s", name);
	r->feature = own_feature;
	r->bytes = bytes_for(reg->width);
	set_entry(r, isa, slot);
	g->nregisters++;
}

void describe_registers(struct gdb *g)
{
	const struct isa *isa = g->world->lab->isa;

	g->reg = make(isa->ngdb + isa->nslots, sizeof(*g->reg));
	for (unsigned i = 0; i < isa->ngdb; i++)
		add_declared(g, isa, &isa->gdb_reg[i]);
	for (unsigned i = 0; i < isa->nslots; i++)
		add_own(g, isa, i);
}

/* ---- the XML ---- */

/* What the description says may hold anything. */
static void put_text(const char *text, FILE *f)
{
	static const char *const entity[] = {
		['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;", ['\''] = "&apos;"
	};

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < sizeof(entity) / sizeof(*entity) && entity[c])
			fputs(entity[c], f);
		else
			fputc(c, f);
	}
}

static void put_register(const struct gdb_register *r, unsigned number, FILE *f)
{
	fputs("<reg name=\"", f);
	put_text(r->name, f);
	fprintf(f, "\" bitsize=\"%u\" regnum=\"%u\"", 8 * r->bytes, number);
	if (r->feature == own_feature)
		fprintf(f, " type=\"uint%u\" group=\"machine\" save-restore=\"no\"", 8 * r->bytes);
	fputs("/>\n", f);
}

char *describe_xml(const struct gdb *g)
{
	const char *feature = "";
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fputs("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
	      "<target version=\"1.0\">\n",
	      f);
	if (g->world->lab->isa->gdb) {
		fputs("<architecture>", f);
		put_text(g->world->lab->isa->gdb, f);
		fputs("</architecture>\n", f);
	}
	for (unsigned i = 0; i < g->nregisters; i++) {
		const struct gdb_register *r = &g->reg[i];

		if (strcmp(r->feature, feature) != 0) {
			fprintf(f, "%s<feature name=\"", *feature ? "</feature>\n" : "");
			put_text(r->feature, f);
			fputs("\">\n", f);
			feature = r->feature;
		}
		put_register(r, i, f);
	}
	fprintf(f, "%s</target>\n", *feature ? "</feature>\n" : "");
	fclose(f);
	return text;
}
