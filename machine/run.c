/*
 * Running: at most n steps on a view, stopped exactly, reported precisely.
 *
 * Steps go in bursts as long as clock_horizon promises units that raise nothing;
 * the units of a burst are settled when it ends.  An instruction that touches
 * what the clock depends on (isa_instr.clock) ends a burst before it and is
 * settled alone.
 */
#include "machine/oracle.h"
#include "machine/spin.h"
#include "machine/stops.h"

const char *event_name(enum event event)
{
	static const char *const names[] = {
		[EVENT_STEPS] = "steps",	  [EVENT_TRAP] = "trap",
		[EVENT_HALT] = "halted",	  [EVENT_IDLE] = "idle",
		[EVENT_CHECKSTOP] = "check-stop", [EVENT_STOPPED] = "stopped",
		[EVENT_BREAK] = "break",	  [EVENT_WATCH] = "watch",
	};
	return names[event];
}

bool trap_perform(struct view *v, const struct trap *t)
{
	struct trap within;
	enum ending ending;

	stops_begin(v, t->p);
	ending = engine_code(v, CODE_TRAPSEQ, &within, t->kind->number, t->tpc, t->info);
	oracle_commit(v->oracle);
	if (ending != END_TRAP)
		return true;
	v->cpu->status = CPU_CHECKSTOP;
	return false;
}

struct run {
	struct view *view;
	uint64_t limit; /* steps */
	struct outcome *out;
	uint64_t p; /* of the last instruction that was run alone */
	bool woken; /* from a wait */
};

/* The stop flag is looked at after so many steps. */
enum { LONGEST_BURST = 1 << 18 };

static bool stop_asked(const struct view *v)
{
	return v->stop && *v->stop;
}

static bool ended(struct run *r, enum event event)
{
	r->out->event = event;
	return false;
}

/* The functions below return whether the run goes on; if not, its event is set. */

static bool take(struct run *r, const struct trap *t)
{
	r->out->trap = *t;
	if (r->view->resident)
		return (r->view->deprivileged && oracle_trap_stays(r->view, t)) ||
		       ended(r, EVENT_TRAP);
	r->out->traps++;
	if (r->view->traps)
		r->view->traps[t->kind->index]++;
	if (r->view->stops)
		stops_trapped(r->view, t->kind);
	return trap_perform(r->view, t) || ended(r, EVENT_CHECKSTOP);
}

static bool take_raised(struct run *r, struct trap *raised)
{
	if (!raised->kind)
		return true;
	raised->p = r->p;
	return take(r, raised);
}

static bool settle(struct run *r)
{
	struct trap raised;

	clock_unit(r->view, &raised);
	return take_raised(r, &raised);
}

static bool trapped(struct run *r, const struct trap *t)
{
	r->p = t->p;
	return take(r, t) && (t->phase == PHASE_NULLIFY || settle(r));
}

static bool halted(struct run *r)
{
	/* the unit completes, but nothing ticks in a processor that has stopped */
	clock_wake(r->view);
	r->view->cpu->time++;
	r->view->cpu->status = CPU_HALTED;
	return ended(r, EVENT_HALT);
}

static bool wait_for_event(struct run *r)
{
	struct trap raised;

	if (clock_wait(r->view, &raised))
		return take_raised(r, &raised);
	return ended(r, stop_asked(r->view) ? EVENT_STOPPED : EVENT_IDLE);
}

static bool line_asserted(const struct view *v)
{
	for (unsigned i = 0; i < v->isa->ndevices; i++)
		if (v->device[i]->decl->line >= 0 && v->device[i]->class->line(v->device[i]))
			return true;
	return false;
}

static bool waited(struct run *r)
{
	struct trap raised;

	clock_unit(r->view, &raised);
	if (raised.kind)
		return take_raised(r, &raised);
	return line_asserted(r->view) || wait_for_event(r);
}

static void begin_alone(struct run *r)
{
	r->p = r->view->cpu->state[r->view->isa->role[ROLE_PC]->slot];
	stops_begin(r->view, r->p);
	r->out->steps++;
}

static bool end_alone(struct run *r, enum ending ending, const struct trap *trap)
{
	switch (ending) {
	case END_DONE:
	case END_STOP: return settle(r);
	case END_TRAP: return trapped(r, trap);
	case END_HALT: return halted(r);
	case END_WAIT: return waited(r);
	case END_USER: return settle(r) && ended(r, EVENT_STEPS);
	case END_CLOCK: break;
	}
	return true;
}

/* One step that finds the clock settled and settles its own unit. */
static bool step_alone(struct run *r)
{
	struct trap trap;
	enum ending ending;

	begin_alone(r);
	ending = engine_step(r->view, &trap);
	return end_alone(r, ending, &trap);
}

/* Does a run that goes on end here? */
static inline enum event stopping(const struct run *r)
{
	if (!r->view->stops)
		return EVENT_STEPS;
	return stops_event_settled(r->view, r->woken || r->out->steps > 0);
}

/*
 * The same by the oracle; *plain: the instruction completed, no trap came with its unit, and the run
 * does not end here.
 */
static bool step_by_oracle(void *run, bool *plain)
{
	struct run *r = run;
	struct trap trap, raised;
	enum ending ending;
	uint64_t done;

	begin_alone(r);
	ending = oracle_burst(r->view, 1, true, &done, &trap);
	*plain = ending == END_DONE;
	if (!*plain)
		return end_alone(r, ending, &trap);
	clock_unit(r->view, &raised);
	*plain = !raised.kind && stopping(r) == EVENT_STEPS;
	return take_raised(r, &raised);
}

/* The same as step_alone; and if the program is busy waiting, all of that at once. */
static bool step_or_spin(struct run *r)
{
	struct view *v = r->view;
	struct spin_run spin = { .view = v, .step = step_by_oracle, .run = r };
	bool going;

	v->oracle->reached = false;
	going = step_alone(r);
	if (!going || !v->oracle->reached || (v->stops && stops_look(v->stops)) ||
	    stopping(r) != EVENT_STEPS || !spin_noted(v->cpu, r->p))
		return going;
	spin.room = r->limit - r->out->steps;
	going = spin_skip(&spin);
	r->out->steps += spin.skipped;
	return going;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What a burst did; time is settled up to its end. */
static void advance(struct run *r, const struct progress *p)
{
	r->out->steps += p->settled + p->done;
	if (p->traps) {
		r->out->traps += p->traps;
		r->out->trap = p->last;
	}
	clock_skip(r->view, p->done);
}

/* As many steps as go without settling time, and the one that ends them. */
static bool burst(struct run *r)
{
	uint64_t room = least(r->limit - r->out->steps, LONGEST_BURST), horizon = 0;
	enum ending ending = END_CLOCK;
	struct progress progress;
	struct trap trap;

	/* for a single step it costs more to look ahead than to settle */
	if (room > 1 && !stops_alone(r->view)) {
		clock_calm(r->view);
		horizon = clock_horizon(r->view);
	}
	if (horizon) {
		ending = engine_burst(r->view, room, horizon, &progress, &trap);
		advance(r, &progress);
	}
	if (ending == END_TRAP) {
		r->out->steps++;
		return trapped(r, &trap);
	}
	if (ending == END_USER)
		return ended(r, EVENT_STEPS);
	return ending == END_DONE || ending == END_STOP || step_or_spin(r);
}

/* A processor that does not run: has something come that it waited for? */
static bool begin(struct run *r)
{
	switch (r->view->cpu->status) {
	case CPU_RUNNING: return true;
	case CPU_WAITING:
		r->p = r->view->cpu->state[r->view->isa->role[ROLE_PC]->slot];
		stops_begin(r->view, r->p);
		r->woken = true;
		return wait_for_event(r);
	case CPU_HALTED: return ended(r, EVENT_HALT);
	case CPU_CHECKSTOP: return ended(r, EVENT_CHECKSTOP);
	}
	return false;
}

struct outcome view_run(struct view *v, uint64_t n)
{
	struct outcome out = { .event = EVENT_STEPS };
	struct run r = { .view = v, .limit = n, .out = &out };
	uint64_t time = v->cpu->time;
	bool going;

	stops_begin_run(v);
	going = begin(&r);
	while (going && out.steps < n && stopping(&r) == EVENT_STEPS)
		going = stop_asked(v) ? ended(&r, EVENT_STOPPED) : burst(&r);
	if (out.event == EVENT_STEPS)
		out.event = stopping(&r);
	if (!v->unattended)
		clock_wake(v);
	v->cpu->steps += out.steps;
	out.units = v->cpu->time - time;
	return out;
}

struct outcome view_step(struct view *v)
{
	return view_run(v, 1);
}

bool view_share(struct view *v, const bool *shared)
{
	v->shares = v->translator ? translator_sharing(v->translator, shared) : 0;
	return v->shares && !v->oracle->trap_may_stay;
}

bool view_run_on(struct view *v, struct cpu *guest, uint64_t n, struct outcome *o)
{
	uint64_t done;

	if (!v->translator || stop_asked(v))
		return false;
	clock_calm(v);
	n = least(least(n, LONGEST_BURST), clock_horizon(v));
	if (!n)
		return false;
	*o = (struct outcome){ .event = EVENT_STEPS };
	stops_forget(v);
	v->sharing = v->shares;
	if (translator_burst_on(v, guest, n, &done, &o->trap) == END_TRAP)
		o->event = EVENT_TRAP;
	v->sharing = 0;
	o->units = done;
	o->steps = done + (o->event == EVENT_TRAP);
	v->cpu->steps += o->steps;
	clock_pass(v, done);
	return o->steps > 0;
}

bool view_serve(struct view *v, uint64_t done, struct service *s)
{
	clock_calm(v);
	if (!v->translator || !translator_serve(v, done, s))
		return false;
	v->cpu->steps++;
	return true;
}

bool view_instruction(struct view *v, struct trap *trap)
{
	static const enum cpu_status status[] = {
		[END_DONE] = CPU_RUNNING, [END_HALT] = CPU_HALTED,  [END_WAIT] = CPU_WAITING,
		[END_USER] = CPU_RUNNING, [END_STOP] = CPU_RUNNING,
	};
	uint64_t done;
	enum ending ending = oracle_burst(v, 1, true, &done, trap);

	if (ending == END_TRAP)
		return false;
	v->cpu->status = status[ending];
	return true;
}
