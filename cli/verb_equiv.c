/*
 * trapeze equiv: a guest bare and under a monitor, and whether it could tell.
 */
#include "cli/carry.h"
#include "cli/console.h"
#include "cli/lab.h"
#include "cli/report.h"
#include "cli/terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEY_LIMIT = 512,
	KEY_SLICE,
	KEY_PATIENCE,
	KEY_NEIGHBOURS,
	KEY_INPUT,
	KEY_REPLAY,
	KEY_JSON,
	KEY_INNERMOST
};

struct equiv {
	struct lab_options lab_options;
	struct equiv_options options;
	struct words guests; /* the one to be compared, then its neighbours */
	struct words inputs; /* likewise */
	const char *replay;
	bool json, innermost;
	/* while it runs */
	struct shelf *shelf;
	struct guest *guest;
	struct text *text; /* each input, read once though given to several machines */
	json_t *runs;	   /* with --json */
	int status;
};

static const struct argp_option options[] = {
	{ "limit", KEY_LIMIT, "N", 0, "compare at most N steps (default: 100 million)", 2 },
	{ "slice", KEY_SLICE, "N|random", 0,
	  "compare after every N steps, or after slices of random lengths; a difference is still "
	  "traced to its step (default: every step; on the translator random slices, too)",
	  2 },
	{ "patience", KEY_PATIENCE, "N", 0,
	  "steps to go on after the cause, until the guest sees "
	  "it (default: 1 million)",
	  2 },
	{ "neighbours", KEY_NEIGHBOURS, "GUEST[:SIZE][@LEVEL]", 0,
	  "another guest beside it; again for "
	  "more",
	  2 },
	{ "innermost", KEY_INNERMOST, NULL, 0,
	  "compare the innermost guest of MONITOR.s[GUEST], a monitor in assembly, as the real "
	  "machine runs it, with the bare one",
	  2 },
	{ "input", KEY_INPUT, "FILE", 0,
	  "the console's input (- for stdin; default: none); again "
	  "for the neighbours",
	  3 },
	{ "replay", KEY_REPLAY, "FILE", 0, "the console's input as 'run --record' wrote it", 3 },
	{ "json", KEY_JSON, NULL, 0, "print the result as JSON", 4 },
	{ 0 },
};

static void take_guest(struct equiv *q, char *arg, struct argp_state *state)
{
	if (q->guests.count && q->guests.word[0])
		argp_error(state, "one guest is compared; others beside it: --neighbours %s", arg);
	if (q->guests.count == 0)
		words_add(&q->guests, arg);
	else
		q->guests.word[0] = arg;
}

static void take_neighbour(struct equiv *q, char *arg)
{
	if (q->guests.count == 0)
		words_add(&q->guests, NULL); /* the guest's place */
	words_add(&q->guests, arg);
}

static void check_innermost(const struct equiv *q, struct argp_state *state)
{
	const struct equiv_options *o = &q->options;

	if (q->lab_options.kind >= 0 || q->lab_options.deposit.count || q->guests.count > 1 ||
	    q->replay)
		argp_error(state, "--innermost excludes --monitor, --deposit, --neighbours "
				  "and --replay");
	if (lab_of_monitors(&q->lab_options) || o->slice || o->random || o->patience)
		argp_error(state, "--innermost takes --limit, --input, --json, and what is said "
				  "of the machine: --isa, --storage, --seed, --engine");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct equiv *q = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &q->lab_options; return 0;
	case KEY_LIMIT:
		q->options.limit = arg_number(state, "--limit", arg, 1, UINT64_MAX);
		return 0;
	case KEY_SLICE:
		q->options.random = strcmp(arg, "random") == 0;
		q->options.slice =
			q->options.random ? 0 : arg_number(state, "--slice", arg, 1, UINT64_MAX);
		return 0;
	case KEY_PATIENCE:
		q->options.patience = arg_number(state, "--patience", arg, 1, UINT64_MAX);
		return 0;
	case KEY_NEIGHBOURS: take_neighbour(q, arg); return 0;
	case KEY_INPUT: words_add(&q->inputs, arg); return 0;
	case KEY_REPLAY: q->replay = arg; return 0;
	case KEY_JSON: q->json = true; return 0;
	case KEY_INNERMOST: q->innermost = true; return 0;
	case ARGP_KEY_ARG: take_guest(q, arg, state); return 0;
	case ARGP_KEY_END:
		if (q->guests.count == 0 || !q->guests.word[0])
			argp_error(state, "no guest is named");
		if (q->inputs.count && q->replay)
			argp_error(state, "--input and --replay exclude each other");
		if (q->innermost)
			check_innermost(q, state);
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &lab_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	options,
	parse,
	"GUEST[:SIZE][@LEVEL]",
	"Run a guest bare and under a monitor in lockstep and compare registers, storage, devices "
	"and time at every step."
	"\vWithout --monitor both monitors are tried. A difference is reported at three depths: "
	"its cause, where the guest sees it, where the output differs. Exit status: 0 equivalent, "
	"1 not, 2 bad input.",
	children,
	NULL,
	NULL,
};

/* ---- one comparison ---- */

struct comparison {
	const struct guest *guest; /* the one that is compared */
	struct lab *bare, *lab;
	enum monitor_kind kind;
	struct equivalence result;
};

static bool prepare(struct equiv *q, struct comparison *c)
{
	if (!console_prepare(c->bare->view[0], &q->text[0], q->replay) ||
	    !console_prepare(c->lab->view[0], &q->text[0], q->replay))
		return false;
	for (unsigned i = 1; i < c->lab->count; i++) {
		if (!console_prepare(c->lab->view[i], &q->text[i], NULL))
			return false;
	}
	return true;
}

static bool set_up(struct equiv *q, struct comparison *c)
{
	/* The bare machine has what the virtual one has; --storage is about the real one. */
	struct lab_options bare = q->lab_options;

	bare.storage = 0;
	c->bare = lab_bare(q->guest, &bare);
	c->lab = c->bare ? lab_monitor(q->guest, q->guests.count, c->kind, &q->lab_options) : NULL;
	if (!c->lab || !prepare(q, c))
		return false;
	lab_stop_by(c->bare, interrupt_catch());
	lab_stop_by(c->lab, interrupt_catch());
	return true;
}

static const char *verdict(const struct equivalence *e)
{
	if (!e->holds)
		return "not equivalent";
	if (e->violations)
		return "equivalent, but not under control";
	return e->complete ? "equivalent" : "equivalent as far as it was compared";
}

static bool good(const struct equivalence *e)
{
	return e->holds && e->violations == 0;
}

static void print_cost(const struct isa *isa, const struct vm_stats *s)
{
	uint64_t real = stats_exits(isa, s), own = stats_traps(isa, s);

	printf("  direct share %.2f%%, %" PRIu64 " real trap%s, %" PRIu64
	       " trap%s of the guest, %" PRIu64 " world switch%s\n",
	       100 * stats_share(s), real, plural(real), own, plural(own), s->switches,
	       s->switches == 1 ? "" : "es");
}

/* For who asks for slices or an engine.  Single steps tell nothing of the translator. */
static void print_translated(const struct equiv *q, const struct equivalence *e)
{
	if (e->sliced && (q->options.slice || q->options.random || q->lab_options.engine.text))
		printf("  in slices %.2f%% of %" PRIu64 " instruction%s ran as translated code\n",
		       100.0 * (double)e->translated / (double)e->sliced, e->sliced,
		       plural(e->sliced));
}

static void print_verdict(const struct equiv *q, const struct comparison *c)
{
	const struct equivalence *e = &c->result;
	char monitors[512];

	printf("%s under %s%s%s: %s%s%s, %" PRIu64 " step%s compared, guest %s\n", q->guest[0].path,
	       lab_monitors(&q->lab_options, c->kind, monitors, sizeof(monitors)),
	       q->lab_options.fault ? " with fault " : "",
	       q->lab_options.fault ? fault_name(q->lab_options.fault) : "",
	       colour(stdout, good(e) ? COLOUR_GOOD : COLOUR_BAD), verdict(e),
	       colour(stdout, COLOUR_END), e->steps, plural(e->steps),
	       e->complete ? cpu_status_name(e->end) : "still running");
	if (e->holds)
		print_cost(c->lab->isa, vm_stats(c->lab->vm[0]));
	print_translated(q, e);
	if (e->by_engine)
		printf("  the difference is the translator's, a defect of this program: the oracle "
		       "has the first value\n");
	if (e->violations)
		printf("  resource control was violated %" PRIu64 " time%s, first: %s\n",
		       e->violations, plural(e->violations), e->violation);
}

/* Both states are the same before the cause: the bare machine shows it. */
static void print_next(const struct equiv *q, const struct comparison *c)
{
	struct lab_options o = lab_defaults();
	const struct difference *cause = &c->result.at[DEPTH_CAUSE];
	const char *input = q->replay ? q->replay : words_at(&q->inputs, 0, false);
	char guest[512], file[512], arguments[2048];

	shell_quote(q->guests.word[0], guest, sizeof(guest));
	if (cause->step < 2) {
		say_next(stdout, "trapeze disasm %s", guest);
		return;
	}
	o.guests = q->lab_options.guests;
	o.seed = q->lab_options.seed;
	o.deposit = q->lab_options.deposit;
	say_next(stdout, "trapeze run --steps %" PRIu64 "%s%s%s %s", cause->step - 1,
		 lab_arguments(&o, arguments, sizeof(arguments)),
		 !input	     ? ""
		 : q->replay ? " --replay "
			     : " --input ",
		 input ? shell_quote(input, file, sizeof(file)) : "", guest);
}

static json_t *comparison_json(const struct equiv *q, const struct comparison *c)
{
	const struct equivalence *e = &c->result;
	json_t *o = json_object();
	char monitors[512];

	lab_monitors(&q->lab_options, c->kind, monitors, sizeof(monitors));
	json_object_set_new(o, "monitor", json_string(monitors));
	json_object_set_new(o, "equivalent", json_boolean(e->holds));
	json_object_set_new(o, "complete", json_boolean(e->complete));
	json_object_set_new(o, "steps", json_integer((json_int_t)e->steps));
	json_object_set_new(o, "end", json_string(cpu_status_name(e->end)));
	json_object_set_new(o, "violations", json_integer((json_int_t)e->violations));
	if (e->violations)
		json_object_set_new(o, "violation", json_string(e->violation));
	if (e->sliced) {
		json_object_set_new(o, "sliced", json_integer((json_int_t)e->sliced));
		json_object_set_new(o, "translated", json_integer((json_int_t)e->translated));
	}
	if (e->by_engine)
		json_object_set_new(o, "by_engine", json_true());
	json_object_set_new(o, "differences", difference_json(c->lab->isa, q->guest[0].image, e));
	json_object_set_new(o, "statistics", stats_json(c->lab, 0));
	return o;
}

static void report(struct equiv *q, const struct comparison *c)
{
	if (q->json) {
		json_array_append_new(q->runs, comparison_json(q, c));
		return;
	}
	print_verdict(q, c);
	if (!c->result.holds) {
		difference_print(c->lab->isa, q->guest[0].image, &c->result, stdout);
		print_next(q, c);
	}
	fflush(stdout);
}

static void show_progress(void *context, uint64_t steps)
{
	const struct comparison *c = context;

	progress("%s under %s: %" PRIu64 " steps compared", c->guest->path,
		 monitor_kind_name(c->kind), steps);
}

static void compare(struct equiv *q, enum monitor_kind kind)
{
	struct comparison c = { .guest = q->guest, .kind = kind };
	struct equiv_options options = q->options;

	options.seed = q->lab_options.seed;
	options.progress = show_progress;
	options.context = &c;
	if (set_up(q, &c)) {
		if (!options.slice && !options.random && c.bare->view[0]->translator)
			options.random = options.each = true;
		c.result = equiv_run(c.bare->view[0], vm_monitor(c.lab->vm[0]), c.lab->vm[0],
				     &options);
		progress("%s", "");
		report(q, &c);
		if (interrupt_which())
			q->status = interrupt_end();
		else if (q->status == STATUS_YES && !good(&c.result))
			q->status = STATUS_NO;
		equivalence_free(&c.result);
	} else {
		q->status = STATUS_USAGE;
	}
	lab_free(c.lab);
	lab_free(c.bare);
}

/* ---- the innermost guest of a tower ---- */

static int byte_of(void *context, size_t n)
{
	const struct text *t = context;

	return n < t->count ? (unsigned char)t->bytes[n] : CONSOLE_END;
}

static bool set_up_tower(struct equiv *q, struct comparison *c)
{
	struct device *console;

	c->bare = lab_bare(c->guest, &q->lab_options);
	c->lab = c->bare ? lab_bare(q->guest, &q->lab_options) : NULL;
	if (!c->lab || !console_prepare(c->lab->view[0], &q->text[0], NULL))
		return false;
	console = devices_find(c->bare->isa, c->bare->view[0]->device, "console");
	if (console)
		console_ask(console, byte_of, &q->text[0]);
	lab_stop_by(c->lab, interrupt_catch());
	return true;
}

static void report_tower(const struct equiv *q, const struct comparison *c,
			 const struct tower_run *run, unsigned levels)
{
	const struct equivalence *e = &run->result;

	if (q->json) {
		json_t *o = json_object();

		json_object_set_new(o, "monitors", json_integer(levels));
		json_object_set_new(o, "equivalent", json_boolean(e->holds));
		json_object_set_new(o, "complete", json_boolean(e->complete));
		json_object_set_new(o, "steps", json_integer((json_int_t)e->steps));
		json_object_set_new(o, "points", json_integer((json_int_t)run->points));
		json_object_set_new(o, "timed_points", json_integer((json_int_t)run->timed));
		json_object_set_new(o, "real_steps", json_integer((json_int_t)run->real));
		json_object_set_new(o, "end", json_string(cpu_status_name(e->end)));
		json_object_set_new(o, "differences",
				    difference_json(c->lab->isa, c->guest->image, e));
		json_array_append_new(q->runs, o);
		return;
	}
	printf("%s under %u monitor%s in assembly: %s%s%s, guest %s\n", c->guest->path, levels,
	       plural(levels), colour(stdout, e->holds ? COLOUR_GOOD : COLOUR_BAD), verdict(e),
	       colour(stdout, COLOUR_END), e->complete ? cpu_status_name(e->end) : "still running");
	printf("  %" PRIu64 " step%s, compared at %" PRIu64 " point%s; time and devices at %" PRIu64
	       " of them\n",
	       e->steps, plural(e->steps), run->points, plural(run->points), run->timed);
	printf("  %" PRIu64 " real instruction%s, %.2f for each step; entered %" PRIu64 " time%s\n",
	       run->real, plural(run->real), (double)run->real / (double)(e->steps ? e->steps : 1),
	       run->entries, plural(run->entries));
	if (!e->holds)
		difference_print(c->lab->isa, c->guest->image, e, stdout);
	if (run->by_time)
		puts("  Virtual time is not the machine's own: Theorem 2's second condition asks for a\n"
		     "  monitor without timing dependencies, or what runs on it can tell.");
}

static void show_tower_progress(void *context, uint64_t steps)
{
	const struct comparison *c = context;

	progress("%s: %" PRIu64 " steps compared", c->guest->path, steps);
}

static void compare_tower(struct equiv *q)
{
	struct comparison c = { .guest = innermost(q->guest) };
	struct tower_options options = { .limit = q->options.limit,
					 .alone = tower_alone(q->guest),
					 .progress = show_tower_progress,
					 .context = &c };
	unsigned n = 0;
	struct tower_level *level = tower_levels(q->guest, &n);
	struct tower_run run;

	q->runs = json_array();
	if (level && set_up_tower(q, &c)) {
		run = tower_run(c.bare->view[0], c.lab->view[0], level, n, &options);
		progress("%s", "");
		report_tower(q, &c, &run, n);
		q->status = interrupt_which() ? interrupt_end() : !run.result.holds;
	} else {
		q->status = STATUS_USAGE;
	}
	if (q->json && q->status != STATUS_USAGE)
		say_json(json_pack("{s:s, s:s, s:O}", "guest", c.guest->path, "machine",
				   c.guest->isa->name, "runs", q->runs));
	json_decref(q->runs);
	tower_levels_free(level, n);
	lab_free(c.lab);
	lab_free(c.bare);
}

/* ---- the verb ---- */

static void compare_all(struct equiv *q)
{
	int only = q->lab_options.kind;

	q->runs = json_array();
	for (int kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++) {
		if ((only < 0 || only == kind) && q->status <= STATUS_NO)
			compare(q, (enum monitor_kind)kind);
	}
	if (q->json && q->status != STATUS_USAGE)
		say_json(json_pack("{s:s, s:s, s:O}", "guest", q->guest[0].path, "machine",
				   q->guest[0].isa->name, "runs", q->runs));
	json_decref(q->runs);
}

static bool has_console(const struct isa *isa, const char *file)
{
	for (unsigned i = 0; i < isa->ndevices; i++) {
		if (strcmp(isa->device[i].class, "console") == 0)
			return true;
	}
	say_error("%s: machine %s has no console to give it to", file, isa->name);
	return false;
}

static bool load(struct equiv *q)
{
	bool ok;

	if (q->inputs.count > q->guests.count) {
		say_error("there are more inputs than guests");
		return false;
	}
	ok = lab_load(q->shelf, q->guest, q->guests.count, q->guests.word, &q->lab_options.guests);
	for (unsigned i = 0; ok && i < q->inputs.count; i++)
		ok = has_console(q->guest[i].isa, q->inputs.word[i]) &&
		     text_read(q->inputs.word[i], &q->text[i]);
	return ok && (!q->replay || has_console(q->guest[0].isa, q->replay));
}

static void tear_down(struct equiv *q)
{
	for (unsigned i = 0; i < q->guests.count; i++) {
		guest_free(&q->guest[i]);
		free(q->text[i].bytes);
	}
	free(q->guest);
	free(q->text);
	shelf_free(q->shelf);
	words_free(&q->guests);
	words_free(&q->inputs);
	words_free(&q->lab_options.deposit);
	words_free(&q->lab_options.own);
}

static int run(int argc, char **argv)
{
	struct equiv q = { .lab_options = lab_defaults(), .options.registers = true };

	argp_parse(&argp, argc, argv, 0, NULL, &q);
	engine_at_once(&q.lab_options.engine);
	q.shelf = shelf_new();
	q.guest = make(q.guests.count, sizeof(struct guest));
	q.text = make(q.guests.count, sizeof(struct text));
	if (load(&q))
		(q.innermost ? compare_tower : compare_all)(&q);
	else
		q.status = STATUS_USAGE;
	tear_down(&q);
	return q.status;
}

const struct verb verb_equiv = { "equiv", "compare a guest bare and under a monitor", run };
