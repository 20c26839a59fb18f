/*
 * Headings, paragraphs, tables and bit layouts.
 */
#include "cli/layout.h"

#include "cli/cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH  80
#define INDENT 2

/* ---- headings and running text ---- */

void layout_wrap(FILE *to, const char *text, int left)
{
	int column = left, blanks = 0;

	while (*text) {
		int word = (int)strcspn(text, " \n");

		if (column > left && column + blanks + word > WIDTH) {
			fprintf(to, "\n%*s", left, "");
			column = left;
		} else if (column > left) {
			fprintf(to, "%*s", blanks, "");
			column += blanks;
		}
		fprintf(to, "%.*s", word, text);
		column += word;
		text += word;
		blanks = *text == '\n' ? 1 : (int)strspn(text, " ");
		text += strspn(text, " \n");
	}
	fputc('\n', to);
}

void layout_heading(const struct layout *l, int level, const char *text)
{
	char capitals[WIDTH];
	size_t n = 0;

	if (l->markdown) {
		fprintf(l->to, "%s%.*s %s\n\n", level == 1 ? "" : "\n", level, "###", text);
		return;
	}
	for (; level == 2 && text[n] && n + 1 < sizeof(capitals); n++)
		capitals[n] = (char)toupper((unsigned char)text[n]);
	capitals[n] = '\0';
	if (level > 1)
		fputc('\n', l->to);
	fputs(colour(l->to, COLOUR_HEAD), l->to);
	layout_wrap(l->to, level == 2 ? capitals : text, 0);
	fputs(colour(l->to, COLOUR_END), l->to);
}

void layout_paragraph(const struct layout *l, const char *text)
{
	if (l->markdown) {
		fprintf(l->to, "%s\n\n", text);
		return;
	}
	fprintf(l->to, "%*s", INDENT, "");
	layout_wrap(l->to, text, INDENT);
}

/* A line that is too long goes on below, further in. */
static void print_line(FILE *to, const char *line, int n)
{
	int indent = 2 * INDENT, extra = (int)strspn(line, " ") + 2 * INDENT, part;

	if (n == 0)
		fputc('\n', to);
	for (; n > 0; indent = 2 * INDENT + extra) {
		part = n;
		if (indent + n > WIDTH) {
			part = WIDTH - indent;
			while (part > extra && line[part] != ' ')
				part--;
			part = part > extra ? part : n;
		}
		fprintf(to, "%*s%.*s\n", indent, "", part, line);
		part += part < n;
		line += part;
		n -= part;
	}
}

void layout_verbatim(const struct layout *l, const char *text)
{
	if (l->markdown)
		fputs("```\n", l->to);
	while (*text) {
		int n = (int)strcspn(text, "\n");

		if (l->markdown)
			fprintf(l->to, "%.*s\n", n, text);
		else
			print_line(l->to, text, n);
		text += n + (text[n] == '\n');
	}
	if (l->markdown)
		fputs("```\n\n", l->to);
}

/* ---- tables ---- */

struct grid *grid_new(unsigned columns)
{
	struct grid *g = make(1, sizeof(*g));

	g->columns = columns;
	return g;
}

void grid_row(struct grid *g, const char *const *cells)
{
	size_t n = (size_t)g->columns * g->rows;
	char **grown = realloc(g->cell, (n + g->columns) * sizeof(*grown));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	g->cell = grown;
	for (unsigned c = 0; c < g->columns; c++)
		g->cell[n + c] = strdup(cells[c] ? cells[c] : "");
	g->rows++;
}

static void print_markdown_row(const struct grid *g, unsigned row, FILE *to)
{
	for (unsigned c = 0; c < g->columns; c++) {
		fputs(c ? " | " : "| ", to);
		for (const char *s = g->cell[row * g->columns + c]; *s; s++) {
			if (*s == '|')
				fputc('\\', to);
			fputc(*s, to);
		}
	}
	fputs(" |\n", to);
	for (unsigned c = 0; row == 0 && c < g->columns; c++)
		fputs(c + 1 < g->columns ? "|---" : "|---|\n", to);
}

/* A column nobody fills is not printed. */
static int column_width(const struct grid *g, unsigned column)
{
	int width = 0, head = (int)strlen(g->cell[column]);

	for (unsigned row = 1; row < g->rows; row++) {
		int n = (int)strlen(g->cell[row * g->columns + column]);

		width = n > width ? n : width;
	}
	return width && head > width ? head : width;
}

/* Prints blanks and a text; how long the text is. */
static int print_after(FILE *to, int blanks, const char *text)
{
	return fprintf(to, "%*s%s", blanks, "", text) - blanks;
}

static void print_text_row(const struct grid *g, unsigned row, FILE *to)
{
	char *const *cell = g->cell + row * g->columns;
	int left = INDENT, blanks = INDENT; /* not printed yet: none at the end of a line */

	for (unsigned c = 0; c + 1 < g->columns; c++) {
		int width = column_width(g, c);

		if (width == 0)
			continue;
		left += width + 2;
		blanks += width + 2;
		if (*cell[c])
			blanks = width + 2 - print_after(to, blanks - width - 2, cell[c]);
	}
	if (*cell[g->columns - 1])
		fprintf(to, "%*s", blanks, "");
	layout_wrap(to, cell[g->columns - 1], left);
}

void grid_print(struct grid *g, const struct layout *l)
{
	unsigned first = l->markdown || **g->cell ? 0 : 1; /* a table may have no head */

	for (unsigned row = first; g->rows > 1 && row < g->rows; row++)
		(l->markdown ? print_markdown_row : print_text_row)(g, row, l->to);
	if (l->markdown && g->rows > 1)
		fputc('\n', l->to);
	for (unsigned i = 0; i < g->rows * g->columns; i++)
		free(g->cell[i]);
	free(g->cell);
	free(g);
}

/* ---- bit layouts ---- */

/*  31      24 23  20
 * +----------+------+
 * |    op    |  rd  |
 * +----------+------+
 */
struct drawing {
	char numbers[4 * WIDTH], line[4 * WIDTH], names[4 * WIDTH];
	size_t n; /* characters so far */
};

static unsigned cell_width(const struct isa_field *f)
{
	char numbers[32];
	unsigned bits = f->width, text = (unsigned)strlen(f->name);
	int n = bits == 1 ? snprintf(numbers, sizeof(numbers), "%u", f->lo)
			  : snprintf(numbers, sizeof(numbers), "%u %u", f->lo + bits - 1, f->lo);
	unsigned width = (unsigned)n > text ? (unsigned)n : text;

	if (width < bits)
		width = bits < 16 ? bits : 16;
	return width + 2 < WIDTH / 2 ? width + 2 : WIDTH / 2;
}

static void draw_field(struct drawing *d, const struct isa_field *f)
{
	unsigned width = cell_width(f), text = (unsigned)strlen(f->name);
	char high[16], low[16] = "";

	text = text < width ? text : width;
	snprintf(high, sizeof(high), "%u", f->lo + f->width - 1);
	if (f->width > 1)
		snprintf(low, sizeof(low), "%u", f->lo);
	sprintf(d->numbers + d->n, " %s%*s", high, (int)(width - strlen(high)), low);
	memset(d->line + d->n, '-', width + 1);
	d->line[d->n] = '+';
	memset(d->names + d->n, ' ', width + 1);
	d->names[d->n] = '|';
	memcpy(d->names + d->n + 1 + (width - text) / 2, f->name, text);
	d->n += width + 1;
}

static void print_drawing(const struct layout *l, struct drawing *d)
{
	char text[sizeof(*d) * 2];

	strcpy(d->line + d->n, "+");
	strcpy(d->names + d->n, "|");
	snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n", d->numbers, d->line, d->names, d->line);
	layout_verbatim(l, text);
	memset(d, 0, sizeof(*d));
}

void layout_format(const struct layout *l, const struct isa_format *f)
{
	struct drawing d = { .n = 0 };

	for (unsigned i = 0; i < f->nfields; i++) {
		if (d.n && d.n + cell_width(&f->field[i]) + 2 + 2 * INDENT > WIDTH)
			print_drawing(l, &d);
		draw_field(&d, &f->field[i]);
	}
	if (d.n)
		print_drawing(l, &d);
}
