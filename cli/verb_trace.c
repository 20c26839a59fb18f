/*
 * trapeze trace: what happens in a run, as text, columns, a graph or a timeline.
 */
#include "cli/console.h"
#include "cli/lab.h"
#include "cli/picture.h"
#include "cli/terminal.h"
#include "cli/trace_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEY_FORMAT = 512,
	KEY_FLOW,
	KEY_DOT,
	KEY_CHROME,
	KEY_STEPS,
	KEY_SKIP,
	KEY_KINDS,
	KEY_LAST,
	KEY_INPUT
};

struct tracing {
	struct lab_options lab_options;
	struct words guests, inputs;
	const char *format, *output, *kinds;
	uint64_t steps, skip, last;
	/* while it runs */
	struct shelf *shelf;
	struct guest *guest;
	struct lab *lab;
	struct trace *trace;
};

static const struct argp_option options[] = {
	{ "flow", KEY_FLOW, NULL, 0, "in columns: program, operating system, monitor, hardware",
	  2 },
	{ "dot", KEY_DOT, NULL, 0, "the graph of who leads to whom, for Graphviz", 2 },
	{ "chrome", KEY_CHROME, NULL, 0, "a timeline as JSON, for Perfetto", 2 },
	{ "steps", KEY_STEPS, "N", 0, "of all machines; 1000000 if not said", 2 },
	{ "skip", KEY_SKIP, "N", 0, "steps before anything is recorded", 2 },
	{ "kinds", KEY_KINDS, "LIST", 0,
	  "record only these kinds, with commas: trap, dispatch, emulate, reflect, resume, switch, "
	  "timer, interrupt, device, allocation, relocation, mode",
	  2 },
	{ "last", KEY_LAST, "N", 0, "the latest N records only; 100000 if not said", 2 },
	{ "input", KEY_INPUT, "FILE", 0, "the console's input; again for further guests", 3 },
	{ "output", 'o', "FILE", 0,
	  "write to a new file; FILE.svg and FILE.png: the graph rendered", 3 },
	{ 0 },
};

static void choose(struct tracing *t, const char *format, struct argp_state *state)
{
	if (t->format && strcmp(t->format, format) != 0)
		argp_error(state, "--%s and --%s exclude each other", t->format, format);
	t->format = format;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct tracing *t = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &t->lab_options; return 0;
	case KEY_FLOW: choose(t, "flow", state); return 0;
	case KEY_DOT: choose(t, "dot", state); return 0;
	case KEY_CHROME: choose(t, "chrome", state); return 0;
	case KEY_STEPS: t->steps = arg_number(state, "--steps", arg, 1, UINT64_MAX); return 0;
	case KEY_SKIP: t->skip = arg_number(state, "--skip", arg, 0, UINT64_MAX); return 0;
	case KEY_LAST: t->last = arg_number(state, "--last", arg, 1, 10000000); return 0;
	case KEY_KINDS: t->kinds = arg; return 0;
	case KEY_INPUT: words_add(&t->inputs, arg); return 0;
	case 'o': t->output = arg; return 0;
	case ARGP_KEY_ARG: words_add(&t->guests, arg); return 0;
	case ARGP_KEY_END:
		if (t->guests.count == 0)
			argp_error(state, "no guest is named");
		if (t->guests.count > 1 && t->lab_options.kind < 0)
			argp_error(state, "several guests need a monitor: add --monitor vmm");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &lab_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	options,
	parse,
	"GUEST[:SIZE]...",
	"Record what happens while guests run: traps, what the monitor does about them, interrupts, "
	"changes of mode and relocation; and print it, a line each if nothing else is said."
	"\vWhat the guests print is not shown.",
	children,
	NULL,
	NULL,
};

static bool set_up(struct tracing *t)
{
	unsigned n = t->guests.count, kinds = ~0u;
	bool ok = true;

	if (t->kinds && !trace_kinds_parse(t->kinds, &kinds))
		return false;
	t->shelf = shelf_new();
	t->guest = make(n, sizeof(struct guest));
	if (!lab_load(t->shelf, t->guest, n, t->guests.word, &t->lab_options.guests))
		return false;
	t->lab = t->lab_options.kind < 0
			 ? lab_bare(t->guest, &t->lab_options)
			 : lab_monitor(t->guest, n, (enum monitor_kind)t->lab_options.kind,
				       &t->lab_options);
	for (unsigned i = 0; t->lab && ok && i < n; i++) {
		struct text text = { 0 };

		ok = text_read(words_at(&t->inputs, i, true), &text) &&
		     console_prepare(t->lab->view[i], &text, NULL);
		free(text.bytes);
	}
	t->trace = trace_new((unsigned)t->last, kinds);
	return t->lab && ok;
}

static void record(struct tracing *t)
{
	lab_stop_by(t->lab, interrupt_catch());
	if (!t->lab->monitor) {
		view_run(t->lab->view[0], t->skip);
		trace_run(t->trace, t->lab->view[0], t->steps);
		return;
	}
	monitor_run(t->lab->outermost, t->skip);
	monitor_trace(t->lab->outermost, t->trace);
	monitor_run(t->lab->outermost, t->steps);
}

static bool print(struct tracing *t)
{
	struct trace_subject *s = trace_subject_new(t->lab, t->guest, &t->lab_options, "bare");
	struct picture *p = picture_new(t->output ? t->output : "");

	if (p)
		trace_printer_named(t->format ? t->format : "text")(s, t->trace, 0,
								    picture_file(p));
	if (trace_total(t->trace) > trace_count(t->trace))
		say("the first %" PRIu64 " of %" PRIu64 " records are gone; --last keeps more",
		    trace_total(t->trace) - trace_count(t->trace), trace_total(t->trace));
	trace_subject_free(s);
	return p && picture_end(p);
}

static void tear_down(struct tracing *t)
{
	trace_free(t->trace);
	lab_free(t->lab);
	for (unsigned i = 0; t->guest && i < t->guests.count; i++)
		guest_free(&t->guest[i]);
	free(t->guest);
	if (t->shelf)
		shelf_free(t->shelf);
	words_free(&t->guests);
	words_free(&t->inputs);
	words_free(&t->lab_options.deposit);
	words_free(&t->lab_options.own);
}

static int run(int argc, char **argv)
{
	struct tracing t = { .lab_options = lab_defaults(), .steps = 1000000, .last = 100000 };
	int status = argp_err_exit_status;

	argp_parse(&argp, argc, argv, 0, NULL, &t);
	if (set_up(&t)) {
		record(&t);
		if (print(&t))
			status = STATUS_YES;
	}
	tear_down(&t);
	return interrupt_which() ? interrupt_end() : status;
}

const struct verb verb_trace = { "trace", "what happens in a run: lines, columns, pictures", run };
