/* Running: how a machine is stepped, and the commands that do it. */
#include "cli/repl/repl.h"

#include "cli/stop.h"
#include "cli/terminal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 1000000, SLICE_LIVE = 100000 };

/* ---- one slice ---- */

static enum ending bare_ending(enum event event)
{
	switch (event) {
	case EVENT_STEPS:
	case EVENT_STOPPED:
	case EVENT_TRAP: return ENDED_STEPS;
	case EVENT_BREAK:
	case EVENT_WATCH: return ENDED_POINT;
	case EVENT_IDLE: return ENDED_IDLE;
	case EVENT_HALT:
	case EVENT_CHECKSTOP: break;
	}
	return ENDED_OVER;
}

static enum ending monitor_ending(enum monitor_event event)
{
	switch (event) {
	case MONITOR_STEPS:
	case MONITOR_STOPPED: return ENDED_STEPS;
	case MONITOR_BREAK:
	case MONITOR_WATCH: return ENDED_POINT;
	case MONITOR_IDLE: return ENDED_IDLE;
	case MONITOR_DONE: break;
	}
	return ENDED_OVER;
}

static bool is_over(const struct view *v)
{
	return v->cpu->status == CPU_HALTED || v->cpu->status == CPU_CHECKSTOP;
}

/* At most n steps, of the machine, or, if all go on, of all of the world. */
enum ending run_slice(struct session *s, uint64_t n, bool all)
{
	struct lab *l = s->now->lab;
	enum monitor_event event;

	if (!l->monitor && s->recording)
		return bare_ending(trace_run(tracing(s), l->view[0], n).event);
	if (!l->monitor)
		return bare_ending(view_run(l->view[0], n).event);
	if (!all && is_over(view_of(s)))
		return ENDED_OVER;
	/* Of a tower no machine is run alone: the stops of others would be passed over. */
	if (all || l->monitor != l->outermost)
		return monitor_ending(monitor_run(l->outermost, n));
	monitor_run_vm(l->monitor, l->vm[s->machine], n, &event);
	return monitor_ending(event);
}

/* ---- a run ---- */

/* The machine that a run came to a point with. */
static unsigned stopped_machine(const struct session *s)
{
	return s->now->lab->monitor ? stop_which(s->now->lab) : 0;
}

/* Is it a point of the user's?  Then the machine it is at is the one that commands speak of. */
static bool at_point(struct session *s)
{
	unsigned machine = stopped_machine(s);
	struct point *p = point_reached(s, machine);

	if (p)
		s->machine = machine;
	return p != NULL;
}

/* Machines whose instructions a careful run looks at one by one. */
static bool careful_point(struct session *s)
{
	for (unsigned i = 0; i < s->now->lab->count; i++)
		if (point_reached(s, i)) {
			s->machine = i;
			return true;
		}
	return false;
}

static bool typed(struct session *s, enum ending *ending)
{
	enum consoles_event e = consoles_poll(s->now->consoles, *ending == ENDED_IDLE);

	if (e == CONSOLES_QUIT || e == CONSOLES_BENCH)
		interrupt_with(SIGINT);
	if (*ending == ENDED_IDLE && e == CONSOLES_TYPED)
		*ending = ENDED_STEPS;
	return *ending == ENDED_STEPS && !interrupt_which();
}

struct run {
	uint64_t n, start; /* steps, of the machine */
	bool all, careful;
	const struct goal *goal;
};

static uint64_t steps_left(const struct session *s, const struct run *r)
{
	uint64_t done = view_of(s)->cpu->steps - r->start;

	return r->all ? UINT64_MAX : r->n > done ? r->n - done : 0;
}

static uint64_t slice_length(const struct session *s, const struct run *r)
{
	bool first = view_of(s)->cpu->steps == r->start;
	uint64_t most = r->careful || (r->goal && first) ? 1 : s->terminal ? SLICE_LIVE : SLICE;
	uint64_t left = steps_left(s, r);

	return left < most ? left : most;
}

/* Has a slice come to a point of the user's?  Other stops are passed. */
static enum ending sifted(struct session *s, enum ending ending, bool careful)
{
	if (ending == ENDED_POINT && !at_point(s))
		ending = ENDED_STEPS;
	if (ending == ENDED_STEPS && careful && careful_point(s))
		ending = ENDED_POINT;
	return ending;
}

enum ending run_quietly(struct session *s, uint64_t n)
{
	bool careful = points_careful(s);

	return sifted(s, run_slice(s, careful ? 1 : n, true), careful);
}

/* Is it time to look outside?  Not after every step, and not once all are done: what is typed
 * ahead is for the prompt. */
static bool looks_outside(const struct session *s, const struct run *r, enum ending ending)
{
	return ending == ENDED_IDLE || !r->careful || interrupt_which() ||
	       view_of(s)->cpu->steps % 4096 == 0;
}

/* Until something ends it; the terminal is the guest's meanwhile. */
static enum ending run_on(struct session *s, const struct run *r)
{
	enum ending ending = ENDED_STEPS;

	while (steps_left(s, r) > 0) {
		ending = sifted(s, run_slice(s, slice_length(s, r), r->all), r->careful);
		history_note(s->now->history);
		if (ending == ENDED_OVER || ending == ENDED_POINT)
			break;
		if (ending == ENDED_STEPS &&
		    (steps_left(s, r) == 0 || (r->goal && r->goal->reached(s, r->goal->context))))
			break;
		if (looks_outside(s, r, ending) && !typed(s, &ending))
			break;
	}
	return interrupt_which() ? ENDED_INTERRUPTED : ending;
}

/* Only what is done for the first time is recorded. */
static void record(struct session *s, bool on)
{
	s->recording = on && tracing(s);
	if (s->now->lab->monitor)
		monitor_trace(s->now->lab->outermost, on ? tracing(s) : NULL);
}

enum ending run_steps(struct session *s, uint64_t n, const struct goal *goal)
{
	struct run r = { .n = n,
			 .start = view_of(s)->cpu->steps,
			 .all = n == UINT64_MAX && !goal,
			 .careful = (goal && !goal->only) || points_careful(s),
			 .goal = goal };
	enum ending ending;

	history_resume(s->now->history);
	points_hang(s);
	if (goal && goal->only)
		point_hang(goal->only);
	consoles_resume(s->now->consoles);
	record(s, true);
	ending = run_on(s, &r);
	record(s, false);
	consoles_pause(s->now->consoles);
	if (interrupt_which() == SIGINT && s->terminal) {
		s->interrupted = true;
		interrupt_clear();
	}
	return ending;
}

/* ---- what came of it ---- */

static void tell_state(const struct session *s, const char *name)
{
	char text[128];
	struct view *v = view_of(s);

	if (v->cpu->status == CPU_RUNNING)
		show_place(s);
	else
		printf("%s %s\n", name, report_end(v, text, sizeof(text)));
}

void tell_ending(struct session *s, enum ending ending)
{
	char name[64];

	machine_name(s, s->now, s->machine, name, sizeof(name));
	if (ending == ENDED_INTERRUPTED)
		puts("interrupted");
	if (ending == ENDED_POINT) {
		struct view *v = view_of(s);

		stop_print(v, name, guest_of(s)->image, stdout);
		return;
	}
	if (ending != ENDED_OVER && ending != ENDED_IDLE) {
		tell_state(s, name);
		return;
	}
	for (unsigned i = 0; i < s->now->lab->count; i++) {
		char text[128];

		printf("%s %s\n", machine_name(s, s->now, i, name, sizeof(name)),
		       report_end(s->now->lab->view[i], text, sizeof(text)));
	}
}

static bool finish_run(struct session *s, enum ending ending)
{
	tell_ending(s, ending);
	return true;
}

/* ---- the commands ---- */

/* Is it one that is not known?  That is an error. */
static bool is_option(const char *text)
{
	bool is = strncmp(text, "--", 2) == 0 && isalpha((unsigned char)text[2]);

	if (is)
		say_error("there is no option '%s'", text);
	return is;
}

/* How often, 1 if nothing is said. */
static bool read_count(struct session *s, const char *text, uint64_t *n)
{
	*n = 1;
	return !*text || (!is_option(text) && evaluate_count(s, text, n));
}

/* The same, where none would be nothing to wait for. */
static bool read_times(struct session *s, const char *text, uint64_t *n)
{
	if (!read_count(s, text, n))
		return false;
	if (!*n)
		say_error("0 times: at least 1 is meant");
	return *n > 0;
}

static uint64_t traps_of(const struct session *s)
{
	const struct lab *l = s->now->lab;

	const struct vm_stats *stats = l->monitor ? vm_stats(l->vm[s->machine]) : NULL;
	uint64_t sum = 0;

	if (stats)
		return stats_exits(l->isa, stats) + stats_traps(l->isa, stats);
	for (unsigned i = 0; i < l->isa->ntraps; i++)
		sum += l->traps[i];
	return sum;
}

/* Has a monitor, or, bare, the trap sequence been entered? */
static bool has_trapped(struct session *s, void *context)
{
	return traps_of(s) != *(uint64_t *)context;
}

static bool step_trap(struct session *s, uint64_t n)
{
	enum ending ending = ENDED_STEPS;

	for (uint64_t i = 0; i < n && ending == ENDED_STEPS; i++) {
		uint64_t traps = traps_of(s);

		ending = run_steps(s, UINT64_MAX,
				   &(struct goal){ .reached = has_trapped, .context = &traps });
	}
	return finish_run(s, ending);
}

static char *complete_step(const struct session *s, const char *start, unsigned n)
{
	static const char *const words[] = { "--trap", "--into", NULL };
	char *word = complete_from(words, start, &n);

	return word ? word : complete_register(s, start, n);
}

/* Does it begin with that word?  Then *text moves behind it. */
static bool takes_option(const char **text, const char *option)
{
	size_t n = strlen(option);

	if (strncmp(*text, option, n) != 0 || ((*text)[n] && !isspace((unsigned char)(*text)[n])))
		return false;
	for (*text += n; isspace((unsigned char)**text);)
		++*text;
	return true;
}

static bool run_step(struct session *s, const char *arguments)
{
	uint64_t n;
	const char *rest = arguments;
	bool into = takes_option(&rest, "--into"), trap = !into && takes_option(&rest, "--trap");

	if (into)
		return at_end(rest) && finish_run(s, step_into(s));
	if (s->predicting && !*arguments && view_of(s)->cpu->status == CPU_RUNNING) {
		ask_prediction(s);
		return true;
	}
	if (trap)
		return read_times(s, rest, &n) && step_trap(s, n);
	return read_count(s, rest, &n) && finish_run(s, run_steps(s, n, NULL));
}

static bool run_continue(struct session *s, const char *arguments)
{
	uint64_t n = 1;
	enum ending ending = ENDED_POINT;

	if (!read_times(s, arguments, &n))
		return false;
	for (uint64_t i = 0; i < n && ending == ENDED_POINT; i++)
		ending = run_steps(s, UINT64_MAX, NULL);
	return finish_run(s, ending);
}

static uint64_t pc_of(const struct view *v)
{
	return v->cpu->state[v->isa->role[ROLE_PC]->slot];
}

static struct point here(const struct session *s, enum point_kind kind)
{
	return (struct point){ .kind = kind, .world = s->now, .machine = s->machine };
}

static bool is_there(struct session *s, void *context)
{
	return pc_of(view_of(s)) == *(uint64_t *)context;
}

static bool until_place(struct session *s, uint64_t place)
{
	struct point there = here(s, POINT_PLACE);

	there.place = place;
	return finish_run(s, run_steps(s, UINT64_MAX,
				       &(struct goal){ is_there, &place, .only = &there }));
}

struct condition {
	const char *text;
	bool failed;
};

static bool holds(struct session *s, void *context)
{
	struct condition *c = context;
	uint64_t value = 0;

	c->failed = !evaluate(view_of(s), guest_of(s), c->text, NULL, &value);
	return c->failed || value;
}

static bool until_condition(struct session *s, const char *text)
{
	struct condition c = { .text = text };
	struct point comes = here(s, POINT_IF);
	bool ok;

	comes.when = when_of(s, text);
	ok = finish_run(s, run_steps(s, UINT64_MAX,
				     &(struct goal){ holds, &c, comes.when ? &comes : NULL }));
	point_release(&comes);
	return ok && !c.failed;
}

static bool run_until(struct session *s, const char *arguments)
{
	bool is_if = strcmp(arguments, "if") == 0 || strncmp(arguments, "if ", 3) == 0;
	uint64_t value;

	if (!*arguments) {
		say_error("a place is missing, or 'if' and a condition");
		return false;
	}
	if (is_if && !arguments[2]) {
		say_error("behind 'if' a condition is missing");
		return false;
	}
	if (!evaluate(view_of(s), guest_of(s), arguments + 3 * is_if, NULL, &value))
		return false;
	if (is_if)
		return until_condition(s, arguments + 3);
	return can_be_address(view_of(s), value) && until_place(s, value);
}

/* Where the instruction at P would go on if it led nowhere else, and the context it is in. */
struct behind {
	uint64_t p, base;
	bool user;
	uint64_t *before; /* the registers; owned */
};

static uint64_t base_of(const struct view *v)
{
	const struct isa_reg *base = v->isa->role[ROLE_BASE];

	return base ? v->cpu->state[base->slot] : 0;
}

static struct behind behind_of(const struct view *v)
{
	struct behind b = { .p = pc_of(v) + v->isa->length,
			    .base = base_of(v),
			    .user = view_user(v),
			    .before = make(v->isa->nslots, sizeof(uint64_t)) };

	b.p &= isa_mask(v->isa->role[ROLE_PC]->width);
	memcpy(b.before, v->cpu->state, v->isa->nslots * sizeof(uint64_t));
	return b;
}

static bool has_come_back(struct session *s, void *context)
{
	const struct behind *b = context;
	const struct view *v = view_of(s);

	return pc_of(v) == b->p && view_user(v) == b->user && base_of(v) == b->base;
}

/* A call leaves its return address in a register; no description says which instructions are
 * calls. */
static bool was_call(const struct view *v, const struct behind *b)
{
	for (unsigned i = 0; i < v->isa->nslots; i++)
		if (i != v->isa->role[ROLE_PC]->slot && v->cpu->state[i] == b->p &&
		    b->before[i] != b->p)
			return true;
	return false;
}

static enum ending next_once(struct session *s)
{
	struct view *v = view_of(s);
	struct behind b = behind_of(v);
	struct point back = here(s, POINT_PLACE);
	enum ending ending = run_steps(s, 1, NULL);

	back.place = b.p;
	if (ending == ENDED_STEPS && v == view_of(s) && !has_come_back(s, &b) &&
	    (view_user(v) != b.user || was_call(v, &b)))
		ending = run_steps(s, UINT64_MAX, &(struct goal){ has_come_back, &b, &back });
	free(b.before);
	return ending;
}

static bool run_next(struct session *s, const char *arguments)
{
	enum ending ending = ENDED_STEPS;
	uint64_t n;

	if (!read_count(s, arguments, &n))
		return false;
	for (; n > 0 && ending == ENDED_STEPS; n--)
		ending = next_once(s);
	return finish_run(s, ending);
}

static bool in_user(struct session *s, void *context)
{
	(void)context;
	return view_user(view_of(s));
}

static bool run_finish(struct session *s, const char *arguments)
{
	if (!at_end(arguments))
		return false;
	if (!s->now->lab->isa->user) {
		say_error("machine %s has no user mode, to which a handler would lead back",
			  s->now->lab->isa->name);
		return false;
	}
	if (view_user(view_of(s))) {
		say_error("the machine is in user mode: no handler is to be finished; "
			  "'until PLACE' goes to a place");
		return false;
	}
	return finish_run(s, run_steps(s, UINT64_MAX, &(struct goal){ .reached = in_user }));
}

static bool run_again(struct session *s, const char *arguments)
{
	return at_end(arguments) && worlds_restart(s) && run_continue(s, "");
}

const struct command running_commands[] = {
	{ "run", "r", "", "begin again, and go on until something stops it", .complete = complete_nothing, .run = run_again,
	  .needs_machine = true },
	{ "continue", "c", "[N]", "go on until something stops it, the N-th time",
	  .complete = complete_register, .run = run_continue, .needs_machine = true, .repeats = true },
	{ "step", "s", "[--trap] [N] | --into",
	  "N instructions, or to the next trap, or into the monitor",
	  "--trap: to the N-th entry of a trap; --into: one step, with all that happens in it.\n"
	  "Under a monitor an entry is a real trap of the machine, which leads to the dispatcher, or\n"
	  "one that is given to the guest; bare it is the machine's own trap sequence.",
	  complete_step, .run = run_step, .needs_machine = true, .repeats = true },
	{ "next", "n", "[N]", "the same, over a call, or over a trap and its handler", NULL,
	  .complete = complete_register, .run = run_next, .needs_machine = true, .repeats = true },
	{ "until", "u", "PLACE | if CONDITION", "go on to a place, or until a condition holds",
	  .complete = complete_place, .run = run_until, .needs_machine = true },
	{ "finish", "fin", "", "go on until the handler of a trap has entered user mode",
	  .complete = complete_nothing, .run = run_finish, .needs_machine = true },
	{ 0 },
};
