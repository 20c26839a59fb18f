/*
 * Text laid out for a terminal of 80 columns, or as Markdown.
 */
#ifndef CLI_LAYOUT_H
#define CLI_LAYOUT_H

#include "isa/isa.h"

#include <stdbool.h>
#include <stdio.h>

struct layout {
	FILE *to;
	bool markdown;
};

/* Prints a text from a column on, where the line stands already, wrapped, and ends the line. */
void layout_wrap(FILE *, const char *text, int column);
/* level 1: the title, 2: a chapter, 3: an item. */
void layout_heading(const struct layout *, int level, const char *text);
void layout_paragraph(const struct layout *, const char *text);
/* Lines that are kept as they are: a picture, a piece of a description. */
void layout_verbatim(const struct layout *, const char *text);

/* A table: columns as wide as they need to be, the last one wrapped. */
struct grid {
	unsigned columns, rows;
	char **cell; /* owned; row by row */
};
struct grid *grid_new(unsigned columns);
/* `columns` strings, copied; NULL is an empty one.  The first row is the head. */
void grid_row(struct grid *, const char *const *cells);
/* Prints it, unless it has a head only, and frees it. */
void grid_print(struct grid *, const struct layout *);

/* The fields of a format with their bits, drawn. */
void layout_format(const struct layout *, const struct isa_format *);

#endif
