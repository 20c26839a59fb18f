/*
 * The program's own conventions: DESIGN section 8.
 *
 * Only cli/ prints, reads a terminal or exits.  Results go to stdout; whatever
 * is about the program itself (errors, progress, a guest's end) to stderr.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "isa/diag.h"

#include <argp.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
	STATUS_YES = 0,	  /* yes, or success */
	STATUS_NO = 1,	  /* the answer is no: not equivalent, something was found */
	STATUS_USAGE = 2, /* wrong arguments or bad input */
	STATUS_UNDECIDED = 3,
	STATUS_OWN = 125, /* a failure of ours, under --guest-status */
	STATUS_INTERRUPTED = 130,
};

/* What the program can do.  run gets its own arguments, argv[0] being "trapeze NAME". */
struct verb {
	const char *name;
	const char *help; /* one line */
	int (*run)(int argc, char **argv);
};

extern const struct verb verb_run, verb_equiv, verb_fuzz, verb_check, verb_explain, verb_asm, verb_disasm,
	verb_doc, verb_new, verb_prove, verb_tour, verb_repl, verb_trace;

/* ---- saying things: cli/say.c ---- */

/* "trapeze run": how messages begin from now on. */
void say_who(const char *who);
const char *say_whom(void);
/* "trapeze run: error: sentence" on stderr. */
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Not for now: what is tried may fail. */
void say_mute_errors(bool);
void say_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A line on stderr without more ado: "trapeze run: sentence". */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "next: command", what one would type now. */
void say_next(FILE *, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum colour { COLOUR_GOOD, COLOUR_BAD, COLOUR_HEAD, COLOUR_END };
/* The terminal's sequence for a colour; "" where the stream is no terminal or NO_COLOR is set. */
const char *colour(FILE *, enum colour);

/* How far long work is: on a terminal one line that is written over, else a line now and
 * then, once it has taken some seconds.  An empty text removes the line. */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the messages of a list once; false if errors are among them. */
bool say_diagnostics(const struct diag_list *);

/* Prints a value as one JSON document and releases it. */
void say_json(json_t *);
/* A new file of --output, to be closed; NULL with an error said: nothing is written over. */
FILE *say_into(const char *path);

/* A word as the shell must read it; returns buffer. */
char *shell_quote(const char *word, char *buffer, size_t size);

/* Has everything printed so far reached stdout's reader?  To be asked right after printing, so
 * that the reason is known. */
bool say_output_works(void);

/* "" for one thing, "s" for any other number of them. */
const char *plural(uint64_t n);

/* Append " --option word" to a command line, the word quoted as the shell needs it. */
void add_option(char *text, size_t size, const char *option, const char *word);
void add_option_number(char *text, size_t size, const char *option, uint64_t number);

/*
 * Ends the program: flushes stdout.  A reader that has gone away ends us as SIGPIPE ends
 * others; any other failure to write is an error.
 */
void say_exit(int status) __attribute__((noreturn));

/* ---- numbers: cli/number.c ---- */

/* Reads a whole number, decimal, 0x or 0b, with nothing after it; false if it is none or
 * lies outside [min, max]. */
bool number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value);
/* The same with a suffix K (1024), M or G. */
bool size_parse(const char *text, uint64_t *units);

/* For argp's parsers: the number, or a usage error that names the option. */
uint64_t arg_number(struct argp_state *, const char *option, const char *text, uint64_t min,
		    uint64_t max);
uint64_t arg_size(struct argp_state *, const char *option, const char *text);

/* Words given with an option that may be repeated, in order. */
struct words {
	unsigned count;
	const char **word; /* owned; the words are not */
};
void words_add(struct words *, const char *word);
void words_free(struct words *);
/* The n-th; past the end the last one if `repeat`, else NULL. */
const char *words_at(const struct words *, unsigned n, bool repeat);

/* calloc, or the end of the program. */
void *make(size_t count, size_t size);

#endif
