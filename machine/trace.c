/* The ring, and a bare machine run step by step for it: see machine/trace.h. */
#include "machine/trace.h"

#include "isa/alloc.h"
#include "machine/stops.h"

struct last {
	bool known, user;
	bool resumed; /* and nothing has happened since */
	uint64_t base, bound;
};

struct trace {
	unsigned most, kinds;
	uint64_t total;
	struct trace_record *record; /* a ring of `most`; owned */
	unsigned machines;
	struct last *last; /* of each; owned */
};

static const char *const names[] = {
#define X(kind, name) [kind] = name,
	TRACE_KINDS(X)
#undef X
};

const char *trace_kind_name(enum trace_kind kind)
{
	return names[kind];
}

int trace_kind_named(const char *name)
{
	for (int i = 0; i < TRACE_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

/* ---- the ring ---- */

struct trace *trace_new(unsigned most, unsigned kinds)
{
	struct trace *t = xcalloc(1, sizeof *t);

	t->most = most;
	t->kinds = kinds;
	t->record = xcalloc(most, sizeof *t->record);
	return t;
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	free(t->record);
	free(t->last);
	free(t);
}

unsigned trace_count(const struct trace *t)
{
	return t->total < t->most ? (unsigned)t->total : t->most;
}

const struct trace_record *trace_at(const struct trace *t, unsigned i)
{
	return &t->record[(t->total - trace_count(t) + i) % t->most];
}

uint64_t trace_total(const struct trace *t)
{
	return t->total;
}

/* ---- recording ---- */

const struct isa_instr *trace_instruction(const struct view *v, uint64_t *word)
{
	struct view copy = *v;
	uint64_t place;

	copy.stops = NULL;
	return view_fetch(&copy, word, &place) ? isa_decode(v->isa, *word) : NULL;
}

static struct last *last_of(struct trace *t, unsigned machine)
{
	if (machine >= t->machines) {
		t->last = xrealloc(t->last, (machine + 1) * sizeof *t->last);
		memset(t->last + t->machines, 0, (machine + 1 - t->machines) * sizeof *t->last);
		t->machines = machine + 1;
	}
	return &t->last[machine];
}

void trace_add(struct trace *t, const struct view *v, struct trace_record about)
{
	struct last *last;
	bool again;

	if (!t)
		return;
	last = last_of(t, about.machine);
	again = about.kind == TRACE_RESUME && last->resumed;
	last->resumed = about.kind == TRACE_RESUME;
	if (again || !(t->kinds & 1u << about.kind))
		return;
	about.step = v->cpu->steps;
	about.time = v->cpu->time;
	t->record[t->total++ % t->most] = about;
}

static uint64_t role(const struct view *v, enum isa_role role)
{
	const struct isa_reg *r = v->isa->role[role];

	return r ? v->cpu->state[r->slot] : 0;
}

void trace_look(struct trace *t, const struct view *v, unsigned machine)
{
	struct last *last = last_of(t, machine);
	struct last now = { .known = true,
			    .user = view_user(v),
			    .base = role(v, ROLE_BASE),
			    .bound = role(v, ROLE_BOUND) };
	struct trace_record about = { .machine = machine, .user = now.user, .p = role(v, ROLE_PC) };

	if (last->known && (last->base != now.base || last->bound != now.bound)) {
		about.kind = TRACE_RELOCATION;
		about.a = now.base;
		about.b = now.bound;
		trace_add(t, v, about);
	}
	if (last->known && last->user != now.user) {
		about.kind = TRACE_MODE;
		about.a = now.user;
		trace_add(t, v, about);
	}
	now.resumed = last->resumed;
	*last = now;
}

/* ---- a bare machine ---- */

static enum trace_kind kind_of(const struct trap *trap)
{
	switch (trap->source) {
	case SOURCE_INSTRUCTION: return TRACE_TRAP;
	case SOURCE_TICK: return TRACE_TIMER;
	case SOURCE_INTERRUPT: return TRACE_INTERRUPT;
	}
	return TRACE_TRAP;
}

static void step(struct trace *t, struct view *v, struct outcome *o)
{
	struct trace_record about = { .user = view_user(v), .p = role(v, ROLE_PC) };

	about.instr = trace_instruction(v, &about.word);
	*o = view_step(v);
	if (about.instr &&
	    (code_holds(&about.instr->code, S_IN) || code_holds(&about.instr->code, S_OUT))) {
		about.kind = TRACE_DEVICE;
		trace_add(t, v, about);
	}
	if (o->traps) {
		about.kind = kind_of(&o->trap);
		about.trap = o->trap.kind;
		about.a = o->trap.info;
		trace_add(t, v, about);
	}
	trace_look(t, v, 0);
}

struct outcome trace_run(struct trace *t, struct view *v, uint64_t n)
{
	struct translator *engine = v->translator;
	struct outcome sum = { .event = EVENT_STEPS }, o;

	v->translator = NULL;
	trace_look(t, v, 0);
	while (sum.event == EVENT_STEPS && sum.steps < n) {
		step(t, v, &o);
		sum.event = o.event;
		sum.steps += o.steps;
		sum.units += o.units;
		sum.traps += o.traps;
		if (o.trap.kind)
			sum.trap = o.trap;
		if (o.steps == 0)
			break;
	}
	v->translator = engine;
	return sum;
}
