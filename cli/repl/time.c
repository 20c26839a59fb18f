/* Time travel: the commands about going back, and who wrote last. */
#include "cli/repl/repl.h"

#include "machine/stops.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static uint64_t steps_now(const struct session *s)
{
	return view_of(s)->cpu->steps;
}

/* ---- going somewhere ---- */

bool time_go(struct session *s, uint64_t steps)
{
	struct history *h = s->now->history;
	bool ok;

	unhang_all(s); /* they would only slow it down */
	history_mark(h);
	consoles_mute(s->now->consoles, true);
	ok = history_go(h, s->machine, steps);
	if (!ok)
		history_return(h);
	consoles_mute(s->now->consoles, false);
	history_forget(h);
	return ok;
}

static bool not_gone(const struct session *s)
{
	say_error(*s->flag ? "interrupted"
			   : "what was before the session's beginning is not known");
	return false;
}

static bool run_reverse_step(struct session *s, const char *arguments)
{
	uint64_t n = 1, now = steps_now(s);

	if (*arguments && !evaluate_count(s, arguments, &n))
		return false;
	if (now == 0) {
		say_error("this is the beginning");
		return false;
	}
	if (n > now)
		n = now;
	if (!time_go(s, now - n))
		return not_gone(s);
	show_place(s);
	return true;
}

/* The last place that is known: beyond it the machine runs on, and may print and stop. */
static bool run_on_to(struct session *s, uint64_t steps)
{
	tell_ending(s, run_steps(s, steps - steps_now(s), NULL));
	return true;
}

static bool run_goto(struct session *s, const char *arguments)
{
	uint64_t steps;

	if (!*arguments) {
		say_error("a number of steps is missing");
		return false;
	}
	if (!evaluate_count(s, arguments, &steps))
		return false;
	if (steps > steps_now(s))
		return run_on_to(s, steps);
	if (!time_go(s, steps))
		return not_gone(s);
	show_place(s);
	return true;
}

static bool run_when(struct session *s, const char *arguments)
{
	const struct history *h = s->now->history;
	char name[64];

	if (!at_end(arguments))
		return false;
	printf("%s: step %" PRIu64 ", time %" PRIu64,
	       machine_name(s, s->now, s->machine, name, sizeof(name)), steps_now(s),
	       view_of(s)->cpu->time);
	if (s->now->count > 1)
		printf(", %" PRIu64 " steps of all machines", history_total(h));
	printf("%sknown from %" PRIu64 " on, %u snapshot%s\n", s->now->count > 1 ? "\n" : "; ", history_at(h, 0), history_count(h),
	       plural(history_count(h)));
	return true;
}

/* ---- looking through the past ---- */

/* What is looked for in a stretch of the past. */
struct search {
	void (*hang)(struct session *, void *context);	       /* the stops */
	enum ending (*run)(struct session *, uint64_t n);      /* to the next one, or n steps */
	bool (*sought)(struct session *, enum ending, void *); /* is it one?  Then it is noted. */
	void *context;
};

enum looked { LOOK_NONE, LOOK_FOUND, LOOK_TOO_LONG };

/* Do machines run step by step to their stops? */
static bool step_by_step(const struct session *s)
{
	bool slow = points_careful(s);

	for (unsigned i = 0; i < s->now->count; i++)
		slow |= stops_alone(s->now->lab->view[i]);
	return slow;
}

/*
 * Looks at the stretch from the present place to a total, and notes the last one sought.  With so
 * much patience: where there are more stops, or it would go step by step, it is too long.
 */
static enum looked look(struct session *s, uint64_t end, const struct search *search,
			unsigned patience)
{
	struct history *h = s->now->history;
	enum ending ending = ENDED_STEPS;
	enum looked looked = LOOK_NONE;

	search->hang(s, search->context);
	if (patience && step_by_step(s))
		looked = LOOK_TOO_LONG;
	while (looked != LOOK_TOO_LONG && history_total(h) < end && !*s->flag &&
	       ending != ENDED_OVER && ending != ENDED_IDLE) {
		ending = search->run(s, end - history_total(h));
		if (search->sought(s, ending, search->context))
			looked = LOOK_FOUND;
		if (patience && --patience == 0)
			looked = LOOK_TOO_LONG;
	}
	unhang_all(s);
	return looked;
}

/* All of a stretch at once, or its parts from the last one on. */
static bool look_back_in(struct session *s, unsigned i, uint64_t end, const struct search *search)
{
	enum { PATIENCE = 2000 };
	struct history *h = s->now->history;
	enum looked looked;
	unsigned part;

	history_restore(h, i);
	looked = look(s, end, search, PATIENCE);
	if (looked != LOOK_TOO_LONG)
		return looked == LOOK_FOUND && !*s->flag;
	part = i + history_divide(h, i, end);
	for (;; part--) {
		history_restore(h, part);
		looked = look(s, end, search, 0);
		if (looked == LOOK_FOUND || part == i || *s->flag)
			return looked == LOOK_FOUND && !*s->flag;
		end = history_at(h, part);
	}
}

/* From the latest stretch to the earliest; leaves the machines wherever it ended. */
static bool look_back(struct session *s, const struct search *search)
{
	struct history *h = s->now->history;
	uint64_t now = history_total(h), end = now;
	bool found = false;

	unhang_all(s);
	history_join(h);
	for (unsigned i = history_count(h); !found && !*s->flag && i-- > 0;) {
		if (history_at(h, i) >= now)
			continue;
		found = look_back_in(s, i, end, search);
		end = history_at(h, i);
	}
	return found;
}

/* ---- back to a point ---- */

struct found {
	uint64_t now; /* which is not sought, as moment_now() */
	unsigned machine;
	uint64_t total, turns; /* there, turns of the machine's */
};

static uint64_t turns_of(const struct session *s, unsigned machine)
{
	const struct lab *l = s->now->lab;

	return l->monitor ? vm_stats(l->vm[machine])->switches : 0;
}

/* Between two instructions a machine may stop twice: since one is done, and since its turn begins. */
static uint64_t moment_now(const struct session *s)
{
	uint64_t total = history_total(s->now->history);

	return 2 * total + (s->now->turned == total + 1);
}

static void hang_points(struct session *s, void *context)
{
	(void)context;
	points_hang(s); /* counts of traps are what they were */
}

static bool is_point(struct session *s, enum ending ending, void *context)
{
	struct found *place = context;

	if (ending != ENDED_POINT || moment_now(s) >= place->now)
		return false;
	place->machine = s->machine;
	place->total = history_total(s->now->history);
	place->turns = turns_of(s, s->machine);
	return true;
}

/* To a stop that was found, so that it is told as if the run had come there. */
static void go_to_stop(struct session *s, const struct found *place)
{
	points_hang(s);
	s->machine = place->machine;
	history_go_total(s->now->history, place->total);
	if (turns_of(s, place->machine) == place->turns) {
		point_reached(s, place->machine); /* which is a hit */
	} else {
		points_hang(s); /* none of these turns has been seen */
		run_quietly(s, 1);
	}
	s->machine = place->machine;
}

bool time_back_to_stop(struct session *s)
{
	struct history *h = s->now->history;
	struct found place = { .now = moment_now(s) };
	const struct search search = { hang_points, run_quietly, is_point, &place };
	uint64_t *hits = make(s->npoints + 1, sizeof(*hits));
	unsigned machine = s->machine;
	bool found;

	for (unsigned i = 0; i < s->npoints; i++)
		hits[i] = s->point[i].hits;
	history_mark(h);
	consoles_mute(s->now->consoles, true);
	say_mute_errors(true); /* of conditions, which are told where it ends */
	found = look_back(s, &search);
	say_mute_errors(false);
	s->machine = machine;
	for (unsigned i = 0; i < s->npoints; i++)
		s->point[i].hits = hits[i]; /* looking is no reaching */
	free(hits);
	if (found)
		go_to_stop(s, &place);
	else
		history_return(h);
	consoles_mute(s->now->consoles, false);
	history_forget(h);
	return found;
}

static bool run_reverse_continue(struct session *s, const char *arguments)
{
	if (!at_end(arguments))
		return false;
	if (time_back_to_stop(s)) {
		tell_ending(s, ENDED_POINT);
		return true;
	}
	if (*s->flag) {
		say_error("interrupted");
		return false;
	}
	history_restore(s->now->history, 0);
	puts("the beginning: no break or watch was reached before");
	show_place(s);
	return true;
}

/* ---- why ---- */

/* Without the user's own, one watch only. */
static bool hang_watch(struct session *s, const struct location *l)
{
	struct view *v = view_of(s);
	struct watch w = { .first = l->place, .count = units_of_word(v->isa), .write = true };

	if (l->kind == LOCATION_REGISTER)
		return stops_add_register(v->stops, l->entry.slot);
	return stops_add_watch(v->stops, &w);
}

struct writer {
	const char *text;     /* of what */
	struct location what; /* that is: registers and translation are others in the past */
	uint64_t p, steps;
	uint64_t before, after;
	bool is_register;
	char instruction[128]; /* "": none was fetched */
};

static void note_writer(struct session *s, struct writer *w)
{
	struct view *v = view_of(s);
	const struct hit *hit = stops_hit(v);

	w->p = hit->p;
	w->steps = v->cpu->steps;
	w->is_register = hit->slot >= 0;
	if (!w->is_register)
		return;
	w->before = hit->before;
	w->after = v->cpu->state[hit->slot];
}

static void hang_writer(struct session *s, void *context)
{
	stops_new(view_of(s));
	hang_watch(s, &((struct writer *)context)->what);
}

static enum ending run_all(struct session *s, uint64_t n)
{
	return run_slice(s, n, true);
}

static bool is_writer(struct session *s, enum ending ending, void *context)
{
	if (ending != ENDED_POINT || !stops_hit(view_of(s)))
		return false;
	note_writer(s, context);
	return true;
}

static void tell_writer(const struct session *s, const struct writer *w)
{
	printf("%s ", w->text);
	if (w->is_register)
		printf("changed from 0x%" PRIx64 " to 0x%" PRIx64, w->before, w->after);
	else
		printf("was written");
	printf(" in step %" PRIu64 ", by 0x%" PRIx64, w->steps, w->p);
	report_label(guest_of(s)->image, w->p, stdout);
	printf("%s%s\n", *w->instruction ? ": " : "", w->instruction);
}

/* What stood there before it was done, which may not be what stands there now. */
static void read_instruction(struct session *s, struct writer *w)
{
	const struct view *v = view_of(s);
	uint64_t word;

	*w->instruction = '\0';
	if (history_go(s->now->history, s->machine, w->steps - 1) && trace_instruction(v, &word))
		disasm_word(v->isa, word, w->p, guest_of(s)->image, w->instruction,
			    sizeof(w->instruction));
}

static bool search_writer(struct session *s, struct writer *w)
{
	const struct search search = { hang_writer, run_all, is_writer, w };
	struct history *h = s->now->history;
	bool found;

	history_mark(h);
	consoles_mute(s->now->consoles, true);
	found = look_back(s, &search);
	if (found)
		read_instruction(s, w);
	history_return(h);
	consoles_mute(s->now->consoles, false);
	history_forget(h);
	return found;
}

static bool run_why(struct session *s, const char *arguments)
{
	struct writer w = { .text = arguments };
	const char *end;
	bool known;

	if (!*arguments) {
		say_error("what: a register, or a place in storage");
		return false;
	}
	if (!location_read(s, arguments, &end, &w.what) || !at_end(end) ||
	    !location_can_be_seen(&w.what))
		return false;
	unhang_all(s);
	stops_new(view_of(s));
	known = hang_watch(s, &w.what);
	unhang_all(s);
	if (!known) {
		say_error("place 0x%" PRIx64 " is not within the storage; mem[ADDRESS] is where an "
			  "address leads",
			  w.what.place);
		return false;
	}
	if (search_writer(s, &w))
		tell_writer(s, &w);
	else if (!*s->flag)
		printf("%s has not been written since the beginning\n", arguments);
	else
		say_error("interrupted");
	return !*s->flag;
}

/* ---- recorded input ---- */

static struct device *console_of(const struct session *s)
{
	struct view *v = view_of(s);
	struct device *d = devices_find(v->isa, v->device, "console");

	if (!d)
		say_error("machine %s has no console", v->isa->name);
	return d;
}

static bool run_record(struct session *s, const char *arguments)
{
	struct device *d = console_of(s);
	FILE *f = d && *arguments && one_word(arguments) ? say_into(arguments) : NULL;
	bool ok = f != NULL;

	if (d && !*arguments)
		say_error("a file is missing");
	if (!f)
		return false;
	console_save_record(d, f);
	ok = !ferror(f);
	ok = fclose(f) == 0 && ok;
	if (!ok)
		say_error("%s: %m", arguments);
	return ok && tell_written(arguments);
}

/* What came in the past would not come again when the machine goes back to it. */
static bool at_the_beginning(const struct session *s)
{
	if (steps_now(s))
		say_error("the record has times from the beginning on, and the machine is at step %" PRIu64
			  "; 'goto 0' leads back",
			  steps_now(s));
	return steps_now(s) == 0;
}

static bool run_replay(struct session *s, const char *arguments)
{
	struct device *d = console_of(s);
	FILE *f;
	char reason[256];
	bool ok;

	if (d && !*arguments)
		say_error("a file is missing");
	if (!d || !*arguments || !one_word(arguments) || !at_the_beginning(s))
		return false;
	f = fopen(arguments, "r");
	if (!f) {
		say_error("%s: %m", arguments);
		return false;
	}
	ok = console_load_record(d, f, reason, sizeof(reason));
	if (ok)
		history_changed(s->now->history);
	else
		say_error("%s: %s", arguments, reason);
	fclose(f);
	return ok;
}

const struct command time_commands[] = {
	{ "reverse-step", "rs", "[N]", "N instructions back", .complete = complete_register, .run = run_reverse_step,
	  .needs_machine = true, .repeats = true },
	{ "reverse-continue", "rc", "", "back to the last break or watch that was reached before",
	  .complete = complete_nothing, .run = run_reverse_continue, .needs_machine = true, .repeats = true },
	{ "goto", NULL, "N", "to where the machine had done N instructions, back or on",
	  .complete = complete_register, .run = run_goto, .needs_machine = true },
	{ "when", NULL, "", "where in time the machine is", .complete = complete_nothing, .run = run_when,
	  .needs_machine = true },
	{ "why", NULL, "REGISTER | PLACE", "the instruction that wrote it last",
	  .complete = complete_register, .run = run_why, .needs_machine = true },
	{ "record", NULL, "FILE", "write the console's input so far, with its times",
	  .run = run_record, .needs_machine = true },
	{ "replay", NULL, "FILE", "give the console input that was recorded", .run = run_replay,
	  .needs_machine = true },
	{ 0 },
};
