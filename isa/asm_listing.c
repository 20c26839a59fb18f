/*
 * The listing: address, units and source text, file by file, then the symbols.
 *
 *   00000010  11120005             12  loop:  ADDI G1, G2, 5
 */
#define _GNU_SOURCE /* qsort_r */
#include "isa/asm_private.h"

#include "isa/alloc.h"

#include <inttypes.h>

enum {
	COLUMNS = 24, /* characters of units in a row, at least one unit */
	ROWS = 4,     /* of units of one statement; what is beyond is only counted */
};

struct listing {
	const struct image *image;
	FILE *out;
	int address_digits, unit_digits;
	unsigned per_row;
	unsigned *order;    /* of image->line, by source and line */
	unsigned next, end; /* what is not yet listed of the present source */
};

static const struct segment *segment_at(const struct image *image, uint64_t address)
{
	for (unsigned i = 0; i < image->nsegments; i++)
		if (address - image->segment[i].address < image->segment[i].count)
			return &image->segment[i];
	return NULL;
}

/* The units of one statement: up to where the next one's begin, or the segment ends. */
static const uint64_t *units_of(const struct image *image, unsigned line, uint64_t *count)
{
	uint64_t address = image->line[line].address;
	const struct segment *segment = segment_at(image, address);
	uint64_t end = segment->address + segment->count;

	if (line + 1 < image->nlines && image->line[line + 1].address - address < end - address)
		end = image->line[line + 1].address;
	*count = end - address;
	return segment->unit + (address - segment->address);
}

/* Address and units; the width of the units. */
static int print_row(const struct listing *l, uint64_t address, const uint64_t *unit,
		     uint64_t count)
{
	int width = 0;

	fprintf(l->out, "%0*" PRIx64 " ", l->address_digits, address);
	for (uint64_t i = 0; i < count && i < l->per_row; i++)
		width += fprintf(l->out, " %0*" PRIx64, l->unit_digits, unit[i]);
	return width;
}

/* The source line, behind what takes this width of the columns for units. */
static void print_text(const struct listing *l, int width, int number, const char *text, int length)
{
	while (length > 0 && asm_blank(text[length - 1]))
		length--;
	fprintf(l->out, "%*s %5d", COLUMNS + 1 - width, "", number);
	fprintf(l->out, length ? "  %.*s\n" : "\n", length, text);
}

/* The rows of a statement; the source line stands beside the first. */
static void print_units(const struct listing *l, unsigned line, int number, const char *text,
			int length)
{
	uint64_t count, address = l->image->line[line].address;
	const uint64_t *unit = units_of(l->image, line, &count);

	for (uint64_t row = 0, at = 0; at < count; row++, at += l->per_row) {
		int width;

		if (row == ROWS) {
			fprintf(l->out, "%*s  ... %" PRIu64 " more\n", l->address_digits, "",
				count - at);
			break;
		}
		width = print_row(l, address + at, unit + at, count - at);
		if (row)
			fputc('\n', l->out);
		else
			print_text(l, width, number, text, length);
	}
}

/* The address of a line that only has a label. */
static const struct symbol *label_of(const struct image *image, const struct source *source,
				     int line)
{
	for (unsigned i = 0; i < image->nsymbols; i++)
		if (image->symbol[i].label && image->symbol[i].place.source == source &&
		    image->symbol[i].place.line == line)
			return &image->symbol[i];
	return NULL;
}

static void print_line(struct listing *l, const struct source *source, int number, const char *text,
		       int length)
{
	const struct line *lines = l->image->line;
	const struct symbol *label;

	if (l->next < l->end && lines[l->order[l->next]].place.line == number) {
		print_units(l, l->order[l->next++], number, text, length);
		return;
	}
	label = label_of(l->image, source, number);
	if (label)
		print_row(l, label->value, NULL, 0);
	else
		fprintf(l->out, "%*s", l->address_digits + 1, "");
	print_text(l, 0, number, text, length);
}

static void print_source(struct listing *l, const struct source *source)
{
	const char *p = source->text, *stop = p + source->length;

	for (int number = 1; p < stop; number++) {
		const char *newline = memchr(p, '\n', (size_t)(stop - p));
		const char *end = newline ? newline : stop;

		print_line(l, source, number, p, (int)(end - p));
		p = newline ? newline + 1 : stop;
	}
}

static const struct source *source_at(const struct listing *l, unsigned i)
{
	return l->image->line[l->order[i]].place.source;
}

/* Sets next and end to the statements of a source. */
static void select_source(struct listing *l, const struct source *source)
{
	l->next = 0;
	while (l->next < l->image->nlines && source_at(l, l->next) != source)
		l->next++;
	l->end = l->next;
	while (l->end < l->image->nlines && source_at(l, l->end) == source)
		l->end++;
}

static int by_place(const void *a, const void *b, void *lines)
{
	const struct place *x = &((const struct line *)lines)[*(const unsigned *)a].place;
	const struct place *y = &((const struct line *)lines)[*(const unsigned *)b].place;

	if (x->source != y->source)
		return (uintptr_t)x->source < (uintptr_t)y->source ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static void print_symbols(const struct listing *l)
{
	if (l->image->nsymbols)
		fprintf(l->out, "\nsymbols\n");
	for (unsigned i = 0; i < l->image->nsymbols; i++) {
		const struct symbol *s = &l->image->symbol[i];

		fprintf(l->out, "%0*" PRIx64 "  %s%s\n", l->address_digits, s->value, s->name,
			s->label ? "" : " (a value)");
	}
}

/* The included files, in the order of their first addresses, each once. */
static void print_included(struct listing *l, const struct source *source)
{
	for (unsigned i = 0; i < l->image->nlines; i++) {
		const struct source *other = l->image->line[i].place.source;
		unsigned before = 0;

		while (before < i && l->image->line[before].place.source != other)
			before++;
		if (other == source || before < i)
			continue;
		fprintf(l->out, "\n%s\n", other->name);
		select_source(l, other);
		print_source(l, other);
	}
}

void asm_listing(const struct isa *isa, const struct image *image, const struct source *source,
		 FILE *out)
{
	struct listing l = {
		.image = image,
		.out = out,
		.address_digits = (int)(isa->word + 3) / 4,
		.unit_digits = (int)(isa->unit + 3) / 4,
		.order = xcalloc(image->nlines, sizeof(unsigned)),
	};

	l.per_row = (unsigned)(COLUMNS / (l.unit_digits + 1));
	l.per_row += !l.per_row;
	for (unsigned i = 0; i < image->nlines; i++)
		l.order[i] = i;
	if (image->nlines)
		qsort_r(l.order, image->nlines, sizeof(unsigned), by_place, image->line);
	select_source(&l, source);
	print_source(&l, source);
	print_included(&l, source);
	print_symbols(&l);
	free(l.order);
}
