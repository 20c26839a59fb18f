/* Traces in a session: what the machines of one world do is recorded while they run. */
#include "cli/repl/repl.h"

#include "cli/picture.h"
#include "cli/trace_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 100000, SHOWN = 20 };

struct trace *tracing(const struct session *s)
{
	return s->traced == s->now ? s->trace : NULL;
}

void tracing_stop(struct session *s)
{
	trace_free(s->trace);
	s->trace = NULL;
	s->traced = NULL;
}

static bool turn_on(struct session *s, const char *kinds)
{
	unsigned wanted = ~0u;

	if (*kinds && !trace_kinds_parse(kinds, &wanted))
		return false;
	tracing_stop(s);
	s->trace = trace_new(RECORDS, wanted);
	s->traced = s->now;
	return true;
}

void trace_print_from(const struct session *s, const struct trace *t, unsigned from,
		      const char *format, FILE *f)
{
	const struct world *w = s->now;
	struct trace_subject *subject = trace_subject_new(w->lab, w->guest, &w->options, w->name);

	trace_printer_named(format)(subject, t, from, f);
	trace_subject_free(subject);
}

static bool print_last(struct session *s, const char *count)
{
	uint64_t n = SHOWN;
	unsigned held = trace_count(s->trace);

	if (*count && !number_parse(count, 1, UINT32_MAX, &n)) {
		say_error("on, off, a number of records, or text, flow, dot or chrome; not '%s'",
			  count);
		return false;
	}
	trace_print_from(s, s->trace, n < held ? held - (unsigned)n : 0, "text", stdout);
	return true;
}

/* In a format, into a file or to the screen. */
static bool print_format(struct session *s, const char *format, const char *path)
{
	struct picture *p = one_word(path) ? picture_new(path) : NULL;

	if (!p)
		return false;
	trace_print_from(s, s->trace, 0, format, picture_file(p));
	return picture_end(p) && tell_written(path);
}

static bool run_trace(struct session *s, const char *arguments)
{
	const char *rest = arguments;
	char *word = next_word(&rest);
	bool ok = true;

	while (*rest == ' ')
		rest++;
	if (word && strcmp(word, "on") == 0)
		ok = turn_on(s, rest);
	else if (word && strcmp(word, "off") == 0) {
		ok = at_end(rest);
		if (ok)
			tracing_stop(s);
	}
	else if (!tracing(s)) {
		say_error("nothing is recorded of this machine: 'trace on' begins");
		ok = false;
	} else if (word && trace_printer_named(word))
		ok = print_format(s, word, rest);
	else
		ok = print_last(s, arguments);
	free(word);
	return ok;
}

static char *complete_trace(const struct session *s, const char *start, unsigned n)
{
	static const char *const words[] = { "on", "off", "text", "flow", "dot", "chrome" };

	(void)s;
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncmp(words[i], start, strlen(start)) == 0 && n-- == 0)
			return strdup(words[i]);
	return NULL;
}

const struct command trace_commands[] = {
	{ "trace", "t", "[on [KINDS] | off | N | text|flow|dot|chrome [FILE]]",
	  "record what happens from now on; show what has",
	  "KINDS, with commas: trap, dispatch, emulate, reflect, resume, switch, timer, interrupt,\n"
	  "device, allocation, relocation, mode. flow: the columns program, operating system, monitor,\n"
	  "hardware; dot: a graph for Graphviz (FILE.svg, FILE.png: rendered by it); chrome: a timeline\n"
	  "for Perfetto.",
	  complete_trace, run_trace, .needs_machine = true, .pages = true, .files = true },
	{ 0 },
};
