/*
 * Guests' consoles on stdin and stdout.
 */
#include "cli/console.h"

#include "cli/terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_SHOWN 4096 /* bytes of a line before it is shown unfinished */
#define CTRL(c)	       ((c)&0x1f)

/* Where a console's bytes go. */
struct outlet {
	struct consoles *owner;
	char prefix[64]; /* "vm1: ", or "" */
	size_t length;
	char line[LINE_MAX_SHOWN]; /* not yet shown; unused without a prefix */
};

struct port { /* a machine's console, for input */
	struct view *view;
	struct device *device; /* NULL: it has none */
	const char *name;      /* NULL: the only machine */
	bool live;	       /* typed to, and not ended */
};

struct consoles {
	const struct console_options *options;
	const volatile sig_atomic_t *flag;
	unsigned nports, noutlets;
	struct port *port;
	struct outlet **outlet;
	unsigned ninputs;
	struct input **input;	   /* opened */
	struct outlet *unfinished; /* whose line stands on the screen without its end */
	bool terminal, escaped, mute;
	unsigned focus; /* the port that is typed to */
};

/* ---- output ---- */

static void check_stdout(void)
{
	if (!say_output_works())
		interrupt_with(SIGPIPE);
}

/* Shows what an outlet holds, a line's end or not. */
static void show(struct outlet *o)
{
	struct consoles *c = o->owner;

	if (o->length == 0)
		return;
	if (c->unfinished && c->unfinished != o)
		putchar('\n');
	if (c->unfinished != o)
		fputs(o->prefix, stdout);
	fwrite(o->line, 1, o->length, stdout);
	c->unfinished = o->line[o->length - 1] == '\n' ? NULL : o;
	o->length = 0;
	check_stdout();
}

static void put_prefixed(void *context, int byte)
{
	struct outlet *o = context;

	if (o->owner->mute)
		return;
	o->line[o->length++] = (char)byte;
	if (byte == '\n' || o->length == sizeof(o->line))
		show(o);
}

static void put_plain(void *context, int byte)
{
	struct outlet *o = context;

	if (o->owner->mute)
		return;
	putchar(byte);
	o->owner->unfinished = byte == '\n' ? NULL : o;
	check_stdout();
}

static void add_outlet(struct consoles *c, struct device *d, const char *prefix)
{
	struct outlet **grown = realloc(c->outlet, (c->noutlets + 1) * sizeof(*grown));
	struct outlet *o = make(1, sizeof(*o));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	c->outlet = grown;
	c->outlet[c->noutlets++] = o;
	o->owner = c;
	snprintf(o->prefix, sizeof(o->prefix), "%s", prefix);
	console_on_output(d, *prefix ? put_prefixed : put_plain, o);
}

/* ---- given and recorded input ---- */

static bool load_record(struct device *d, const char *path)
{
	FILE *f = fopen(path, "r");
	char reason[256];
	bool ok;

	if (!f) {
		say_error("%s: %s", path, strerror(errno));
		return false;
	}
	ok = console_load_record(d, f, reason, sizeof(reason));
	if (!ok)
		say_error("%s: %s", path, reason);
	fclose(f);
	return ok;
}

static struct device *console_of(struct view *v)
{
	return devices_find(v->isa, v->device, "console");
}

static bool refuse_input(const struct view *v, const char *file)
{
	say_error("%s: machine %s has no console to give it to", file, v->isa->name);
	return false;
}

bool console_prepare(struct view *v, const struct text *t, const char *replay)
{
	struct device *d = console_of(v);

	if (d && replay)
		return load_record(d, replay);
	if (d)
		console_give(d, t->bytes ? t->bytes : "", t->count);
	return true;
}

/* The input of a path, the same for all who ask; NULL with an error said. */
static struct input *input_at(struct consoles *c, const char *path)
{
	struct input **grown, *in;

	for (unsigned i = 0; i < c->ninputs; i++) {
		if (strcmp(input_path(c->input[i]), path) == 0)
			return c->input[i];
	}
	in = input_open(path);
	grown = in ? realloc(c->input, (c->ninputs + 1) * sizeof(*grown)) : NULL;
	if (in && !grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	if (in) {
		c->input = grown;
		c->input[c->ninputs++] = in;
	}
	return in;
}

static bool prepare_from(struct consoles *c, struct view *v, const char *input, const char *replay)
{
	struct device *d = console_of(v);
	struct input *in;

	if (!d)
		return refuse_input(v, replay ? replay : input);
	if (replay)
		return load_record(d, replay);
	in = input_at(c, input);
	if (in)
		input_give(in, d);
	return in != NULL;
}

static bool close_inputs(struct consoles *c)
{
	bool ok = true;

	while (c->ninputs > 0)
		ok = input_close(c->input[--c->ninputs]) && ok;
	return ok;
}

/* ---- the set of them ---- */

struct consoles *consoles_new(const struct console_options *options,
			      const volatile sig_atomic_t *flag)
{
	struct consoles *c = make(1, sizeof(*c));

	c->options = options;
	c->flag = flag;
	return c;
}

void consoles_free(struct consoles *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < c->nports; i++) {
		for (unsigned d = 0; d < c->port[i].view->isa->ndevices; d++) {
			if (strcmp(c->port[i].view->isa->device[d].class, "console") == 0)
				console_on_output(c->port[i].view->device[d], NULL, NULL);
		}
	}
	for (unsigned i = 0; i < c->noutlets; i++)
		free(c->outlet[i]);
	free(c->outlet);
	close_inputs(c);
	free(c->input);
	free(c->port);
	free(c);
}

/* Consoles beyond a machine's first carry their own name, too. */
static void add_outlets(struct consoles *c, const char *name, struct view *v)
{
	const struct device *first = console_of(v);
	char prefix[64];

	for (unsigned i = 0; i < v->isa->ndevices; i++) {
		if (strcmp(v->isa->device[i].class, "console") != 0)
			continue;
		snprintf(prefix, sizeof(prefix), "%s%s%s%s", name ? name : "",
			 name && v->device[i] != first ? " " : "",
			 v->device[i] != first ? v->isa->device[i].name : "",
			 name || v->device[i] != first ? ": " : "");
		add_outlet(c, v->device[i], prefix);
	}
}

void consoles_add(struct consoles *c, const char *name, struct view *v)
{
	struct port *grown = realloc(c->port, (c->nports + 1) * sizeof(*grown));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	c->port = grown;
	c->port[c->nports++] = (struct port){ v, console_of(v), name, false };
	if (!c->options->silent)
		add_outlets(c, name, v);
}

/* Machines whose input no file provides; NULL past the last. */
static struct port *unprovided(struct consoles *c, unsigned *i)
{
	for (; *i < c->nports; (*i)++) {
		struct port *p = &c->port[*i];

		if (p->device && !words_at(&c->options->replay, *i, false) &&
		    !words_at(&c->options->input, *i, true))
			return &c->port[(*i)++];
	}
	return NULL;
}

/* Opens the record files now, so that a run is not lost for one that cannot be written. */
static bool check_records(const struct consoles *c)
{
	for (unsigned i = 0; i < c->options->record.count; i++) {
		const char *path = c->options->record.word[i];
		FILE *f = i < c->nports ? fopen(path, "a") : NULL;

		if (i >= c->nports) {
			say_error("%s: there is no machine %u to record", path, i + 1);
			return false;
		}
		if (!c->port[i].device)
			return refuse_input(c->port[i].view, path);
		if (!f) {
			say_error("%s: %s", path, strerror(errno));
			return false;
		}
		fclose(f);
	}
	return true;
}

static bool open_files(struct consoles *c)
{
	for (unsigned i = 0; i < c->nports; i++) {
		const char *input = words_at(&c->options->input, i, true);
		const char *replay = words_at(&c->options->replay, i, false);

		if ((input || replay) && !prepare_from(c, c->port[i].view, input, replay))
			return false;
	}
	return check_records(c);
}

static bool open_stdin(struct consoles *c)
{
	unsigned i = 0;
	bool ok = true;

	for (struct port *p; ok && !c->options->ignore_stdin && (p = unprovided(c, &i));)
		ok = prepare_from(c, p->view, "-", NULL);
	return ok;
}

static void open_terminal(struct consoles *c)
{
	unsigned i = 0;

	for (struct port *p; (p = unprovided(c, &i));) {
		console_live(p->device);
		p->live = true;
	}
	while (!c->port[c->focus].live)
		c->focus++;
	c->terminal = terminal_raw();
}

bool consoles_open(struct consoles *c)
{
	unsigned i = 0;

	if (!open_files(c))
		return false;
	if (!unprovided(c, &i))
		return true;
	if (c->options->silent || c->options->ignore_stdin || !isatty(STDIN_FILENO))
		return open_stdin(c);
	open_terminal(c);
	return true;
}

bool consoles_live(const struct consoles *c)
{
	for (unsigned i = 0; i < c->nports; i++) {
		if (c->port[i].live)
			return true;
	}
	return false;
}

/* ---- live input ---- */

static void focus_next(struct consoles *c)
{
	for (unsigned i = 1; i <= c->nports; i++) {
		unsigned next = (c->focus + i) % c->nports;

		if (c->port[next].live) {
			c->focus = next;
			break;
		}
	}
	if (c->port[c->focus].name)
		fprintf(stderr, "\n[%s]\n", c->port[c->focus].name);
}

static void type(struct consoles *c, int byte)
{
	struct port *p = &c->port[c->focus];

	if (!p->live)
		return;
	console_type(p->device, p->view->cpu->time, byte);
	if (byte >= 0)
		return;
	p->live = false;
	if (consoles_live(c))
		focus_next(c);
}

static void end_all(struct consoles *c)
{
	while (consoles_live(c))
		type(c, -1);
}

/* After Ctrl-A: a command, or the byte itself. */
static enum consoles_event command(struct consoles *c, int byte)
{
	c->escaped = false;
	switch (byte) {
	case 'x': return CONSOLES_QUIT;
	case 'c': return CONSOLES_BENCH;
	case 'n': focus_next(c); return CONSOLES_NOTHING;
	case 'h':
	case '?':
		fputs("\nCtrl-A x quits, Ctrl-A c leads to the bench, Ctrl-A n types to the next\n"
		      "machine, Ctrl-C stops and shows the state; any other control character goes to\n"
		      "the guest after Ctrl-A\n",
		      stderr);
		return CONSOLES_NOTHING;
	default: type(c, byte == 'a' ? CTRL('a') : byte); return CONSOLES_TYPED;
	}
}

static enum consoles_event key(struct consoles *c, int byte)
{
	if (c->escaped)
		return command(c, byte);
	switch (byte) {
	case CTRL('a'): c->escaped = true; return CONSOLES_NOTHING;
	case CTRL('c'): interrupt_with(SIGINT); return CONSOLES_NOTHING;
	case CTRL('z'): terminal_suspend(); return CONSOLES_NOTHING;
	case CTRL('d'): type(c, -1); return CONSOLES_TYPED;
	default: type(c, byte); return CONSOLES_TYPED;
	}
}

static enum consoles_event read_keys(struct consoles *c)
{
	enum consoles_event happened = CONSOLES_NOTHING, e;
	unsigned char bytes[256];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n == 0 || (n < 0 && errno != EINTR)) {
		end_all(c);
		return CONSOLES_TYPED;
	}
	for (ssize_t i = 0; i < n; i++) {
		e = key(c, bytes[i]);
		if (e == CONSOLES_QUIT || e == CONSOLES_BENCH)
			return e;
		happened = e == CONSOLES_TYPED ? e : happened;
	}
	return happened;
}

/* What was printed so far becomes visible; on a terminal unfinished lines, too. */
static void show_all(struct consoles *c)
{
	for (unsigned i = 0; c->terminal && i < c->noutlets; i++)
		show(c->outlet[i]);
	fflush(stdout);
	check_stdout();
}

enum consoles_event consoles_poll(struct consoles *c, bool wait)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	enum consoles_event e;

	show_all(c);
	if (!consoles_live(c))
		return CONSOLES_NOTHING;
	do {
		/* Not for ever: a signal may have come just before. */
		if (poll(&p, 1, wait ? 100 : 0) <= 0)
			continue;
		e = read_keys(c);
		if (e != CONSOLES_NOTHING)
			return e;
	} while (wait && !*c->flag);
	return CONSOLES_NOTHING;
}

/* ---- the end ---- */

static bool save_record(const struct port *p, const char *path)
{
	FILE *f = fopen(path, "w");
	bool ok = f != NULL;

	if (f) {
		console_save_record(p->device, f);
		ok = !ferror(f);
		ok = fclose(f) == 0 && ok;
	}
	if (!ok)
		say_error("%s: %s", path, strerror(errno));
	return ok;
}

/* Shows all that was printed and ends the line, always or where a run would; the terminal is as it was. */
static void end_lines(struct consoles *c, bool always)
{
	for (unsigned i = 0; i < c->noutlets; i++)
		show(c->outlet[i]);
	if (c->unfinished && (always || c->terminal || *c->unfinished->prefix))
		putchar('\n');
	c->unfinished = NULL;
	fflush(stdout);
	check_stdout();
	terminal_restore();
}

void consoles_pause(struct consoles *c)
{
	end_lines(c, true);
}

void consoles_resume(struct consoles *c)
{
	c->escaped = false;
	if (consoles_live(c))
		c->terminal = terminal_raw();
}

void consoles_mute(struct consoles *c, bool mute)
{
	c->mute = mute;
}

bool consoles_close(struct consoles *c)
{
	bool ok = true;

	end_lines(c, false);
	for (unsigned i = 0; i < c->options->record.count; i++)
		ok = save_record(&c->port[i], c->options->record.word[i]) && ok;
	return close_inputs(c) && ok;
}

json_t *console_json(struct view *v)
{
	struct device *d = console_of(v);
	size_t count = 0, n = 0;
	const char *bytes = d ? console_printed(d, &count) : "";
	json_t *s = json_stringn(bytes, count);
	char *utf8;

	if (s)
		return s;
	utf8 = make(2 * count, 1);
	for (size_t i = 0; i < count; i++) {
		unsigned char b = (unsigned char)bytes[i];

		if (b >= 0x80)
			utf8[n++] = (char)(0xc0 | b >> 6);
		utf8[n++] = (char)(b >= 0x80 ? 0x80 | (b & 0x3f) : b);
	}
	s = json_stringn(utf8, n);
	free(utf8);
	return s;
}
