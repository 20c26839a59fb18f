/*
 * The tables that translate searches by `find`, such as a TLB, with the arrays beside them that it
 * looks at: entry by entry, in columns named as the description's fields are.
 */
#include "cli/repl/repl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80, INDENT = 5 /* behind an entry's number */ };

/* A named field, or a whole register that has none. */
struct column {
	const struct isa_reg *reg;
	const char *name;
	unsigned hi, lo;
	int width; /* on the screen, the blank before it included */
};

static void add_column(struct column *c, const struct isa_reg *reg, const char *name, unsigned hi,
		       unsigned lo)
{
	int digits = (int)(hi - lo + 4) / 4, length = (int)strlen(name);

	*c = (struct column){ reg, name, hi, lo, 1 + (digits > length ? digits : length) };
}

/* Arrays that are as long as the one that is searched belong to it: their elements go together. */
static bool belongs(const struct isa *isa, const struct isa_reg *table, const struct isa_reg *r)
{
	return r == table || (r->array && r->count == table->count && code_reads(isa->translate, r) &&
			      !code_searches(isa->translate, r));
}

/* Made, to free. */
static struct column *columns_of(const struct isa *isa, const struct isa_reg *table, unsigned *n)
{
	struct column *c;
	unsigned most = 0;

	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		most += r->nbits + 1;
	c = make(most, sizeof(*c));
	*n = 0;
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		if (!belongs(isa, table, r))
			continue;
		for (unsigned i = 0; i < r->nbits; i++)
			add_column(&c[(*n)++], r, r->bits[i].name, r->bits[i].hi, r->bits[i].lo);
		if (!r->nbits)
			add_column(&c[(*n)++], r, r->name, r->width - 1u, 0);
	}
	return c;
}

/* Goes on below if the line is full; returns where it stands then. */
static int room_for(int at, int width)
{
	if (at + width <= COLUMNS)
		return at + width;
	printf("\n%*s", INDENT, "");
	return INDENT + width;
}

static void print_head(const struct column *c, unsigned n)
{
	int at = printf("%*s", INDENT, "");

	for (unsigned i = 0; i < n; i++) {
		at = room_for(at, c[i].width);
		printf("%*s", c[i].width, c[i].name);
	}
	putchar('\n');
}

static void print_entry(const struct view *v, const struct column *c, unsigned n, unsigned entry)
{
	int at = printf("%*u", INDENT, entry);

	for (unsigned i = 0; i < n; i++) {
		uint64_t value = v->cpu->state[c[i].reg->slot + entry];

		at = room_for(at, c[i].width);
		printf("%*" PRIx64, c[i].width, value >> c[i].lo & isa_mask(c[i].hi - c[i].lo + 1));
	}
	putchar('\n');
}

static bool is_zero(const struct view *v, const struct column *c, unsigned n, unsigned entry)
{
	for (unsigned i = 0; i < n; i++)
		if (v->cpu->state[c[i].reg->slot + entry])
			return false;
	return true;
}

static void print_table(const struct view *v, const struct isa_reg *table)
{
	unsigned n, zeros = 0;
	struct column *c = columns_of(v->isa, table, &n);

	printf("%s, %u entries\n", table->name, table->count);
	print_head(c, n);
	for (unsigned i = 0; i < table->count; i++)
		if (is_zero(v, c, n, i))
			zeros++;
		else
			print_entry(v, c, n, i);
	if (zeros)
		printf("%u entr%s all 0\n", zeros, zeros == 1 ? "y is" : "ies are");
	free(c);
}

void searched_print(const struct session *s)
{
	const struct view *v = view_of(s);
	unsigned tables = 0;

	for (const struct isa_reg *r = v->isa->reg; r < v->isa->reg + v->isa->nregs; r++)
		if (code_searches(v->isa->translate, r)) {
			print_table(v, r);
			tables++;
		}
	if (!tables)
		printf("translate of machine %s searches no table\n", v->isa->name);
}
