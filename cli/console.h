/*
 * Guests' consoles on stdin and stdout.
 *
 * A terminal is live input, typed to one machine at a time and recorded; a file
 * or a pipe is given input, the same for each machine and in every run.
 */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include "cli/cli.h"
#include "cli/input.h"
#include "machine/machine.h"

struct console_options {
	/* The n-th file is for the n-th machine; the last input is for all that are left. */
	struct words input, record, replay;
	bool ignore_stdin; /* no input where no file is named */
	bool silent;	   /* nothing is printed: the text is asked for at the end */
};

struct consoles;

/* `flag` as interrupt_catch gives it. */
struct consoles *consoles_new(const struct console_options *, const volatile sig_atomic_t *flag);
void consoles_free(struct consoles *);
/* A machine's consoles; with a name every line of theirs begins "name: ".  The view must stay
 * where it is. */
void consoles_add(struct consoles *, const char *name, struct view *);
/* After the last machine: opens and gives input, turns a terminal raw.  False with an error said.
 */
bool consoles_open(struct consoles *);

/* Can more input still come? */
bool consoles_live(const struct consoles *);
enum consoles_event {
	CONSOLES_NOTHING,
	CONSOLES_TYPED, /* input arrived */
	CONSOLES_QUIT,	/* Ctrl-A x */
	CONSOLES_BENCH, /* Ctrl-A c */
};
/* Shows what was printed and passes on what was typed; waits for that if asked to. */
enum consoles_event consoles_poll(struct consoles *, bool wait);
/* Between runs of a session: unfinished lines are ended, and the terminal is given back until
 * consoles_resume. */
void consoles_pause(struct consoles *);
void consoles_resume(struct consoles *);
/* While steps are done again nothing is printed a second time. */
void consoles_mute(struct consoles *, bool mute);
/* Ends unfinished lines, gives the terminal back, saves the records, closes the inputs.  False
 * with an error said. */
bool consoles_close(struct consoles *);

/* For runs that are compared: gives one machine a text, or what was recorded in a file if replay
 * is not NULL.  A machine without a console gets nothing.  False with an error said. */
bool console_prepare(struct view *, const struct text *, const char *replay);

/* What a machine's console printed, as a JSON string; bytes that are no UTF-8 are taken as
 * Latin-1. */
json_t *console_json(struct view *);

#endif
