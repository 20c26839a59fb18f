/*
 * Diagnostics: what a reader of a description or of a guest program is told.
 *
 * Every message carries its place and is printed in the compilers' form, with
 * the line and a caret:
 *
 *     pg.isa:12:7: error: this is 5 bits wide, but R is 8
 *        12 |   R := x[4:0];
 *           |        ^
 */
#ifndef ISA_DIAG_H
#define ISA_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* One source text.  Lives as long as the diag_list that read it. */
struct source {
	const char *name; /* as the user would recognise it */
	const char *text; /* NUL-terminated */
	size_t length;    /* bytes before the final NUL; a NUL inside is an error */
};

/* A place in a source; line and column count from 1, line 0: the file as a whole. */
struct place {
	const struct source *source;
	int line, column;
};

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag_list;

struct diag_list *diag_new(void);
void diag_free(struct diag_list *);

/* Reads a file whole and keeps it; NULL, with an error recorded at `from` (or
 * at the file itself when from has no source), if it cannot be read, is a
 * directory, or holds a NUL byte. */
const struct source *diag_read_file(struct diag_list *, const char *path, struct place from);

/* Keeps a copy of a text under a name, as if it had been read from a file. */
const struct source *diag_read_text(struct diag_list *, const char *name, const char *text);

/* A file as a whole, whatever is in it; it need not be a text, nor be there. */
struct place diag_file(struct diag_list *, const char *path);

/* Records a message.  The first errors are kept (20), the rest only counted; what was said of
 * the same place before is counted, but not repeated.
 * A place without a source gives a message without one. */
void diag_add(struct diag_list *, enum diag_level, struct place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void diag_vadd(struct diag_list *, enum diag_level, struct place, const char *format, va_list)
	__attribute__((format(printf, 4, 0)));

/* The number of errors recorded since the list was made. */
unsigned diag_errors(const struct diag_list *);

/* The n-th kept message (from 0): its level, place and text; false past the last. */
bool diag_get(const struct diag_list *, unsigned n, enum diag_level *, struct place *,
	      const char **text);

/* Prints what has been recorded, in order, each with its line and caret. */
void diag_print(const struct diag_list *, FILE *);

#endif
