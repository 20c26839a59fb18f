/*
 * Pictures: written in Graphviz's language, rendered by it to SVG or PNG if the file is called so.
 */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

struct picture;

/* A new file, or, path being empty, stdout; NULL with an error said.  What is written to
 * picture_file until the end is the picture. */
struct picture *picture_new(const char *path);
FILE *picture_file(struct picture *);
/* A text within a label, whatever is in it. */
void picture_text(const char *, FILE *);
/* False with an error said: it could not be rendered or written; then there is no file. */
bool picture_end(struct picture *);

#endif
