/*
 * trapeze run: guests on a bare machine, or under a monitor.
 */
#include "cli/bench.h"
#include "cli/console.h"
#include "cli/lab.h"
#include "cli/report.h"
#include "cli/stop.h"
#include "cli/terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SLICE	   1000000 /* steps between looks at the outside */
#define SLICE_LIVE 100000  /* the same while somebody types */

enum {
	KEY_STEPS = 512,
	KEY_BREAK,
	KEY_WATCH,
	KEY_STATS,
	KEY_JSON,
	KEY_STATUS,
	KEY_INPUT,
	KEY_RECORD,
	KEY_REPLAY,
	KEY_DRUM,
	KEY_PLAN,
	KEY_GDB
};

struct run {
	struct lab_options lab_options;
	struct console_options console_options;
	struct words guests, drums;
	struct stop_options stops;
	uint64_t limit; /* steps; 0: none */
	bool stats, json, guest_status, plan, gdb;
	unsigned port; /* for gdb */
	/* while it runs */
	struct shelf *shelf;
	struct guest *guest;
	struct lab *lab;
	struct consoles *consoles;
	uint64_t left; /* steps up to the limit */
	bool quit, bench;
	int stopped; /* which machine is at a stop; -1: none */
};

static const struct argp_option options[] = {
	{ "steps", KEY_STEPS, "N", 0, "stop after N steps and show the state", 2 },
	{ "break", KEY_BREAK, "PLACE", 0,
	  "stop before the instruction at PLACE is done: a number, a label or LABEL+N; again for "
	  "further places",
	  2 },
	{ "watch", KEY_WATCH, "PLACE[,COUNT][:r|:w|:rw]", 0,
	  "stop when one of so many units of storage, a word if not said, has been read or written (w "
	  "if not said), or when a register, in place of all this, has changed; again for further "
	  "ones",
	  2 },
	{ "gdb", KEY_GDB, "PORT", 0,
	  "do nothing until gdb comes to PORT of 127.0.0.1 (0: a free one), which then runs the first "
	  "guest's machine, forward and back; 'monitor LINE' of gdb is a line for the bench",
	  2 },
	{ "input", KEY_INPUT, "FILE", 0,
	  "the console's input, in place of stdin; again for "
	  "further guests, the last one serves those that are left",
	  3 },
	{ "record", KEY_RECORD, "FILE", 0, "write the console's input with its times", 3 },
	{ "replay", KEY_REPLAY, "FILE", 0, "the console's input as it was recorded", 3 },
	{ "drum", KEY_DRUM, "FILE[:ro]", 0, "the drum's blocks; ro: not to be written", 3 },
	{ "plan", KEY_PLAN, NULL, 0,
	  "run nothing, but print where monitors and guests would be in storage, and how many "
	  "monitors fit",
	  4 },
	{ "stats", KEY_STATS, NULL, 0, "print at the end what was done, on stderr", 4 },
	{ "json", KEY_JSON, NULL, 0, "print the end, the statistics and the consoles as JSON", 4 },
	{ "guest-status", KEY_STATUS, NULL, 0,
	  "exit with the guest's own status, 125 if it has "
	  "none",
	  4 },
	{ 0 },
};

static void check_arguments(const struct run *r, struct argp_state *state)
{
	const struct lab_options *o = &r->lab_options;

	if (r->guests.count == 0)
		argp_error(state, "no guest is named");
	if (r->plan && r->json)
		argp_error(state, "--plan and --json exclude each other");
	if (r->gdb && r->plan)
		argp_error(state, "--plan and --gdb exclude each other");
	if (r->gdb && (r->limit || r->stops.places.count || r->stops.ranges.count))
		argp_error(state, "where runs stop is gdb's to say: --gdb excludes --steps, --break and "
				  "--watch");
	if (o->kind >= 0)
		return;
	if (r->guests.count > 1)
		argp_error(state, "several guests need a monitor: add --monitor vmm");
	if (r->plan)
		argp_error(state, "--plan is of monitors: add --monitor vmm");
	if (lab_of_monitors(o))
		argp_error(state, "--map, --fault, --quantum, --reserve, --own and --collapsed "
				  "need --monitor");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run *r = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &r->lab_options; return 0;
	case KEY_STEPS: r->limit = arg_number(state, "--steps", arg, 1, UINT64_MAX); return 0;
	case KEY_BREAK: words_add(&r->stops.places, arg); return 0;
	case KEY_WATCH: words_add(&r->stops.ranges, arg); return 0;
	case KEY_INPUT: words_add(&r->console_options.input, arg); return 0;
	case KEY_RECORD: words_add(&r->console_options.record, arg); return 0;
	case KEY_REPLAY: words_add(&r->console_options.replay, arg); return 0;
	case KEY_DRUM: words_add(&r->drums, arg); return 0;
	case KEY_PLAN: r->plan = true; return 0;
	case KEY_GDB:
		r->gdb = true;
		r->port = (unsigned)arg_number(state, "--gdb", arg, 0, 65535);
		return 0;
	case KEY_STATS: r->stats = true; return 0;
	case KEY_JSON: r->json = r->console_options.silent = true; return 0;
	case KEY_STATUS: r->guest_status = true; return 0;
	case ARGP_KEY_ARG: words_add(&r->guests, arg); return 0;
	case ARGP_KEY_END: check_arguments(r, state); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &lab_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	options,
	parse,
	"GUEST[:SIZE][@LEVEL]...",
	"Run guests: one on a bare machine, or each on a virtual machine of its own under a "
	"monitor."
	"\vA GUEST is assembly (FILE.s), an object that 'trapeze asm' made, or an ELF file of another "
	"tool (see --board); SIZE is its storage "
	"in addressable units (16384, 64K, 1M); LEVEL the monitor of a tower that it is on, 1 the "
	"outermost (default: the innermost). Stdin is the console's input: typed when it is a "
	"terminal (Ctrl-A x quits, Ctrl-A c leads to the bench, Ctrl-A h helps), else read as guests look for it, the same for "
	"each. 'MONITOR.s[GUEST,...]' is a monitor in assembly, loaded with guests of its own: it "
	"publishes its control blocks as guests/pg/monitor.s does.",
	children,
	NULL,
	NULL,
};

/* ---- setting up ---- */

static bool attach_drum(struct view *v, const char *argument)
{
	struct device *d = devices_find(v->isa, v->device, "drum");
	size_t n = strlen(argument);
	bool read_only = n > 3 && strcmp(argument + n - 3, ":ro") == 0;
	char *path = strndup(argument, read_only ? n - 3 : n);
	char reason[256] = "out of memory";
	bool ok = path && d && drum_attach(d, path, read_only, reason, sizeof(reason));

	if (!d)
		say_error("%s: machine %s has no drum", argument, v->isa->name);
	else if (!ok)
		say_error("%s", reason);
	free(path);
	return ok;
}

static bool attach_drums(struct run *r)
{
	if (r->drums.count > r->lab->count) {
		say_error("there are more drums than guests");
		return false;
	}
	for (unsigned i = 0; i < r->drums.count; i++) {
		if (!attach_drum(r->lab->view[i], r->drums.word[i]))
			return false;
	}
	return true;
}

static bool load(struct run *r)
{
	unsigned n = r->guests.count;

	r->shelf = shelf_new();
	r->guest = make(n, sizeof(struct guest));
	return lab_load(r->shelf, r->guest, n, r->guests.word, &r->lab_options.guests);
}

static bool set_up(struct run *r)
{
	unsigned n = r->guests.count;

	if (r->lab_options.kind < 0 && r->guest[0].level) {
		say_error("%s@%u: there is no monitor; add --monitor vmm", r->guest[0].path,
			  r->guest[0].level);
		return false;
	}
	if (r->lab_options.kind < 0)
		r->lab = lab_bare(r->guest, &r->lab_options);
	else
		r->lab = lab_monitor(r->guest, n, (enum monitor_kind)r->lab_options.kind,
				     &r->lab_options);
	return r->lab && attach_drums(r) && stop_hang(r->lab, r->guest, &r->stops);
}

static bool open_consoles(struct run *r)
{
	const volatile sig_atomic_t *flag = interrupt_catch();

	lab_stop_by(r->lab, flag);
	r->consoles = consoles_new(&r->console_options, flag);
	for (unsigned i = 0; i < r->lab->count; i++)
		consoles_add(r->consoles, r->lab->count > 1 ? vm_name(r->lab->vm[i]) : NULL,
			     r->lab->view[i]);
	return consoles_open(r->consoles);
}

static void tear_down(struct run *r)
{
	consoles_free(r->consoles);
	if (r->lab)
		stop_remove(r->lab);
	lab_free(r->lab);
	for (unsigned i = 0; r->guest && i < r->guests.count; i++)
		guest_free(&r->guest[i]);
	free(r->guest);
	shelf_free(r->shelf);
	words_free(&r->guests);
	words_free(&r->drums);
	stop_options_free(&r->stops);
	words_free(&r->lab_options.deposit);
	words_free(&r->lab_options.own);
	words_free(&r->console_options.input);
	words_free(&r->console_options.record);
	words_free(&r->console_options.replay);
}

/* ---- running ---- */

/* What a slice came to, bare or under a monitor. */
enum slice_end { SLICE_DONE, SLICE_IDLE, SLICE_STOP, SLICE_OVER };

static uint64_t steps_of(const struct lab *l)
{
	uint64_t steps = 0;

	for (unsigned i = 0; i < l->count; i++)
		steps += l->view[i]->cpu->steps;
	return steps;
}

static enum slice_end run_bare(struct view *v, uint64_t n)
{
	switch (view_run(v, n).event) {
	case EVENT_STEPS:
	case EVENT_STOPPED:
	case EVENT_TRAP: return SLICE_DONE;
	case EVENT_BREAK:
	case EVENT_WATCH: return SLICE_STOP;
	case EVENT_IDLE: return SLICE_IDLE;
	case EVENT_HALT:
	case EVENT_CHECKSTOP: break;
	}
	return SLICE_OVER;
}

static enum slice_end run_monitor(struct monitor *m, uint64_t n)
{
	switch (monitor_run(m, n)) {
	case MONITOR_STEPS:
	case MONITOR_STOPPED: return SLICE_DONE;
	case MONITOR_BREAK:
	case MONITOR_WATCH: return SLICE_STOP;
	case MONITOR_IDLE: return SLICE_IDLE;
	case MONITOR_DONE: break;
	}
	return SLICE_OVER;
}

static enum slice_end run_slice(struct run *r)
{
	uint64_t n = consoles_live(r->consoles) ? SLICE_LIVE : SLICE, before = steps_of(r->lab);
	enum slice_end end;

	if (r->limit && r->left < n)
		n = r->left;
	if (r->lab->monitor)
		end = run_monitor(r->lab->outermost, n);
	else
		end = run_bare(r->lab->view[0], n);
	before = steps_of(r->lab) - before;
	r->left -= before < r->left ? before : r->left;
	return end;
}

static void run_all(struct run *r)
{
	enum consoles_event event;
	bool idle = false, over;

	r->left = r->limit;
	r->stopped = stop_standing(r->lab);
	over = r->stopped >= 0;
	while (!over && !r->quit && !interrupt_which()) {
		switch (run_slice(r)) {
		case SLICE_DONE:
			idle = false;
			over = r->limit && r->left == 0;
			break;
		case SLICE_IDLE:
			idle = true;
			over = !consoles_live(r->consoles);
			break;
		case SLICE_STOP:
			r->stopped = (int)stop_which(r->lab);
			over = true;
			break;
		case SLICE_OVER: over = true; break;
		}
		event = consoles_poll(r->consoles, idle && !over);
		r->bench = event == CONSOLES_BENCH;
		r->quit = event == CONSOLES_QUIT || r->bench;
	}
}

/* ---- the end ---- */

static bool flush_drums(struct run *r)
{
	bool ok = true;
	char reason[256];

	for (unsigned i = 0; i < r->drums.count; i++) {
		struct view *v = r->lab->view[i];

		if (!drum_flush(devices_find(v->isa, v->device, "drum"), reason, sizeof(reason))) {
			say_error("%s", reason);
			ok = false;
		}
	}
	return ok;
}

static const char *name_of(const struct run *r, unsigned i)
{
	return r->lab->monitor ? vm_name(r->lab->vm[i]) : r->guest[i].path;
}

/* Where every machine stands that did not come to an end by itself. */
static void report_state(struct run *r)
{
	for (unsigned i = 0; i < r->lab->count; i++) {
		struct view *v = r->lab->view[i];

		if (v->cpu->status == CPU_HALTED)
			continue;
		fprintf(stderr, "%s after %" PRIu64 " step%s, at ", name_of(r, i), v->cpu->steps,
			plural(v->cpu->steps));
		report_place(v, r->guest[i].image, stderr);
		report_registers(v, stderr);
	}
}

/* What somebody should know who did not ask for statistics. */
static void report_ends(struct run *r)
{
	char end[128];

	for (unsigned i = 0; i < r->lab->count; i++) {
		struct view *v = r->lab->view[i];
		bool failed = v->cpu->status == CPU_HALTED && v->cpu->halt_status != 0;

		if (failed || v->cpu->status == CPU_CHECKSTOP || v->cpu->status == CPU_WAITING)
			say("%s %s", name_of(r, i), report_end(v, end, sizeof(end)));
	}
}

static json_t *run_json(struct run *r)
{
	json_t *o = json_object(), *machines = json_array(), *m;
	char monitors[512];

	if (r->lab->monitor)
		lab_monitors(&r->lab_options, (enum monitor_kind)r->lab_options.kind, monitors,
			     sizeof(monitors));
	json_object_set_new(o, "machine", json_string(r->lab->isa->name));
	json_object_set_new(o, "monitor", r->lab->monitor ? json_string(monitors) : json_null());
	json_object_set_new(o, "interrupted", json_boolean(interrupt_which() != 0));
	json_object_set_new(o, "stop",
			    r->stopped < 0 ? json_null()
					   : stop_json(r->lab->view[r->stopped],
						       name_of(r, (unsigned)r->stopped)));
	json_object_set_new(o, "monitors", stats_json_levels(r->lab));
	json_object_set_new(o, "machines", machines);
	for (unsigned i = 0; i < r->lab->count; i++) {
		m = stats_json(r->lab, i);
		json_object_set_new(m, "guest", json_string(r->guest[i].path));
		json_object_set_new(m, "console", console_json(r->lab->view[i]));
		json_array_append_new(machines, m);
	}
	return o;
}

static void report(struct run *r)
{
	bool limited = r->limit && r->left == 0 && !r->quit && r->stopped < 0;
	bool unfinished = interrupt_which() || limited, running = false;

	for (unsigned i = 0; i < r->lab->count; i++)
		running = running || r->lab->view[i]->cpu->status == CPU_RUNNING;
	if (interrupt_which() && interrupt_which() != SIGPIPE)
		say("interrupted");
	else if (r->stopped >= 0)
		stop_print(r->lab->view[r->stopped], name_of(r, (unsigned)r->stopped),
			   r->guest[r->stopped].image, stderr);
	else if (limited && running)
		say("stopped after %" PRIu64 " step%s", r->limit, plural(r->limit));
	if (unfinished && interrupt_which() != SIGPIPE)
		report_state(r);
	else if (!r->stats && !r->json && !r->quit)
		report_ends(r);
	for (unsigned i = 0; r->stats && !r->json && i < r->lab->count; i++)
		stats_print(r->lab, i, stderr);
	if (r->stats && !r->json && r->lab->monitor)
		stats_print_levels(r->lab, stderr);
	if (r->json)
		say_json(run_json(r));
}

/* The guests' own status, the greatest of them; 125 where one has none. */
static int guest_status(const struct lab *l)
{
	uint64_t status = 0;

	for (unsigned i = 0; i < l->count; i++) {
		const struct cpu *c = l->view[i]->cpu;

		if (c->status != CPU_HALTED)
			return STATUS_OWN;
		if (c->halt_status > status)
			status = c->halt_status;
	}
	return status > 255 ? 255 : (int)status;
}

static int status_of(const struct run *r)
{
	if (interrupt_which())
		return interrupt_end();
	if (r->guest_status)
		return guest_status(r->lab);
	for (unsigned i = 0; i < r->lab->count; i++) {
		if (r->lab->view[i]->cpu->status == CPU_CHECKSTOP)
			return STATUS_NO;
	}
	return STATUS_YES;
}

static int finish(struct run *r, bool saved)
{
	saved = flush_drums(r) && saved;
	report(r);
	return saved || interrupt_which() ? status_of(r) : argp_err_exit_status;
}

static int run(int argc, char **argv)
{
	struct run r = { .lab_options = lab_defaults(), .stopped = -1 };
	int status = argp_err_exit_status;
	bool saved, loaded;

	argp_parse(&argp, argc, argv, 0, NULL, &r);
	loaded = load(&r);
	if (loaded && r.plan) {
		if (lab_plan(r.guest, r.guests.count, &r.lab_options, stdout))
			status = STATUS_YES;
	} else if (loaded && r.gdb) {
		if (set_up(&r) &&
		    bench_with_gdb(r.lab, r.guest, &r.lab_options, &r.console_options, r.port))
			status = finish(&r, true);
	} else if (loaded && set_up(&r) && open_consoles(&r)) {
		run_all(&r);
		saved = consoles_close(r.consoles);
		if (r.bench)
			bench_with(r.lab, r.guest, &r.lab_options);
		status = finish(&r, saved);
	}
	tear_down(&r);
	return status;
}

const struct verb verb_run = { "run", "run guests, bare or under a monitor", run };
