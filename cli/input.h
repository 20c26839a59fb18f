/*
 * Given input: a file, or a pipe that is read as guests ask for its bytes.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "machine/device.h"

#include <stdbool.h>
#include <stddef.h>

/* Input that any number of consoles get, each all of it. */
struct input;
/* From a file; "-" is stdin.  NULL with an error said. */
struct input *input_open(const char *path);
const char *input_path(const struct input *);
/* To a console, which may ask for it as long as it runs. */
void input_give(struct input *, struct device *console);
/* False if it could not be read to its end, which was said. */
bool input_close(struct input *);

/* A text to be given as input, read whole. */
struct text {
	char *bytes; /* owned; NULL: empty */
	size_t count;
};
/* From a file, "-" is stdin, NULL: empty.  False with an error said; free bytes in any case. */
bool text_read(const char *path, struct text *);

#endif
