/* Busy waiting: see spin.h. */
#include "machine/spin.h"
#include "machine/oracle.h"

#include "isa/alloc.h"

/* ---- noting ---- */

/*
 * A place is noted until so many other accesses were made without it.  It must come again so often
 * at least, and at most so often after rounds that were not skipped; a round is no longer than this.
 */
enum { OTHERS_MOST = 32, PATIENCE_LEAST = 32, PATIENCE_MOST = 1 << 12, PERIOD_MOST = 1 << 13 };
/* Fewer rounds do not pay for having been looked at. */
enum { ROUNDS_LEAST = 64 };

static bool is_noted(struct spin_note *n, uint64_t p, uint64_t time)
{
	if (n->p == p)
		return true;
	if (++n->others > OTHERS_MOST) {
		n->p = p;
		n->time = time;
		n->period = n->matches = n->others = 0;
	}
	return false;
}

bool spin_noted(struct cpu *cpu, uint64_t p)
{
	struct spin_note *n = &cpu->spin;
	uint64_t period = cpu->time - n->time;

	if (!is_noted(n, p, cpu->time))
		return false;
	n->matches = period == n->period ? n->matches + 1 : 0;
	n->period = period;
	n->time = cpu->time;
	n->others = 0;
	return n->matches >= PATIENCE_LEAST && n->matches >= n->patience && period > 0 &&
	       period <= PERIOD_MOST;
}

/* ---- a round ---- */

struct spin {
	struct view *view;
	uint64_t period;
	bool fits;
	uint64_t slack; /* units by which every access, and every unit, may come later */
	uint64_t time, stream; /* when the second round began; and then */
	uint64_t *state, *after; /* registers, then and at its end; owned */
	struct seen_device {
		uint64_t *var; /* then; owned */
		void *behind;  /* of a class that drifts; owned */
	} *device;	       /* owned */
	struct write_log own, *log; /* of what is written; own: owned */
	size_t first, second, end;  /* in it, where each round begins, and where they end */
	uint64_t *value; /* what the first round left where it has written; owned */
};

static void limit(struct spin *s, uint64_t slack)
{
	if (slack < s->slack)
		s->slack = slack;
}

void spin_reach(struct spin *s, const struct device *d, const struct device_access *a)
{
	uint64_t now = s->view->cpu->time;
	uint64_t until = d->class->steady ? d->class->steady(d, a, now) : now;

	limit(s, until == NEVER ? NEVER : until > now ? until - now : 0);
}

/* May the instruction that has just been done come at another time as well? */
static bool regardless_of_time(const struct view *v)
{
	struct oracle *o = v->oracle;
	const struct program *p = oracle_decode(o, v->cpu->state[o->layout.work + WORK_WORD]);

	return !lower_meets_ticks(v->isa, &o->layout, p);
}

/* False: the run ends. */
static bool go_round(struct spin *s, const struct spin_run *r)
{
	struct view *v = s->view;
	bool plain;

	for (uint64_t i = 0; i < s->period && s->fits; i++) {
		limit(s, clock_horizon(v));
		if (!r->step(r->run, &plain))
			return false;
		s->fits = plain && regardless_of_time(v);
	}
	return true;
}

/* ---- compared with time that passes ---- */

static size_t vars_size(const struct device *d)
{
	return d->class->nvars * sizeof *d->var;
}

static uint64_t *copied(const uint64_t *from, size_t size)
{
	return memcpy(xmalloc(size), from, size);
}

static uint64_t unit_at(const struct spin *s, size_t logged)
{
	return storage_get(s->view->window.storage, s->log->address[logged]);
}

/* The second round begins. */
static void keep(struct spin *s)
{
	const struct view *v = s->view;

	s->time = v->cpu->time;
	s->stream = v->cpu->unspecified;
	s->state = copied(v->cpu->state, v->isa->nslots * sizeof *s->state);
	s->device = xcalloc(v->isa->ndevices, sizeof *s->device);
	for (unsigned i = 0; i < v->isa->ndevices; i++) {
		const struct device *d = v->device[i];

		s->device[i].var = copied(d->var, vars_size(d));
		if (d->class->drifts && d->class->save)
			s->device[i].behind = d->class->save(d);
	}
	s->second = s->log->count;
	s->value = xcalloc(s->second - s->first + 1, sizeof *s->value);
	for (size_t i = s->first; i < s->second; i++)
		s->value[i - s->first] = unit_at(s, i);
}

/* Has the second round written what the first one left, and nowhere else? */
static bool same_storage(const struct spin *s)
{
	size_t n = s->second - s->first;

	if (s->log->count - s->second != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s->log->address[s->second + i] != s->log->address[s->first + i] ||
		    unit_at(s, s->second + i) != s->value[i])
			return false;
	return true;
}

/* Has time alone changed these variables so?  Everything of the device is as before after it. */
static bool drifted_alike(struct device *d, const struct seen_device *before, uint64_t time)
{
	uint64_t *var = copied(d->var, vars_size(d));
	void *behind = d->class->save ? d->class->save(d) : NULL;
	bool alike;

	memcpy(d->var, before->var, vars_size(d));
	if (before->behind)
		d->class->restore(d, before->behind);
	d->class->advance(d, time);
	alike = memcmp(d->var, var, vars_size(d)) == 0;
	memcpy(d->var, var, vars_size(d));
	if (behind) {
		d->class->restore(d, behind);
		d->class->forget(behind);
	}
	free(var);
	return alike;
}

static bool same_devices(const struct spin *s)
{
	const struct view *v = s->view;

	for (unsigned i = 0; i < v->isa->ndevices; i++) {
		struct device *d = v->device[i];

		if (memcmp(d->var, s->device[i].var, vars_size(d)) != 0 &&
		    !(d->class->drifts && drifted_alike(d, &s->device[i], v->cpu->time)))
			return false;
	}
	return true;
}

/* Are registers what so much time alone makes of those that the second round began with? */
static bool same_registers(struct spin *s)
{
	struct cpu *cpu = s->view->cpu;
	size_t size = s->view->isa->nslots * sizeof *cpu->state;
	bool same;

	s->after = copied(cpu->state, size);
	memcpy(cpu->state, s->state, size);
	cpu->time = s->time;
	clock_skip(s->view, s->period);
	same = memcmp(cpu->state, s->after, size) == 0;
	memcpy(cpu->state, s->after, size);
	return same;
}

static bool repeats(struct spin *s)
{
	return s->fits && s->slack > s->period && s->view->cpu->unspecified == s->stream &&
	       same_storage(s) && same_devices(s) && same_registers(s);
}

/* ---- skipping ---- */

/* Does the clock's code reach what instructions do, too? */
static bool reaches(const struct code *code)
{
	return code_holds(code, S_LOAD) || code_holds(code, S_STORE) || code_holds(code, S_IN) ||
	       code_holds(code, S_OUT);
}

static struct spin begin(struct view *v)
{
	struct storage *e = v->window.storage;
	struct spin s = { .view = v, .period = v->cpu->spin.period, .slack = NEVER };

	s.fits = !v->isa->clock_translates && !reaches(v->isa->tick) && !reaches(v->isa->skip);
	s.log = e->log;
	if (s.log)
		s.first = s.log->count;
	return s;
}

static void end(struct spin *s)
{
	for (unsigned i = 0; s->device && i < s->view->isa->ndevices; i++) {
		const struct device *d = s->view->device[i];

		if (s->device[i].behind)
			d->class->forget(s->device[i].behind);
		free(s->device[i].var);
	}
	free(s->device);
	free(s->state);
	free(s->after);
	free(s->value);
	write_log_free(&s->own);
}

/* Two rounds, in which everything is looked at; false: the run ends. */
static bool look(struct spin *s, const struct spin_run *r)
{
	struct storage *e = s->view->window.storage;
	struct write_log *outer = e->log;
	bool going;

	if (!outer)
		s->log = e->log = &s->own;
	s->view->oracle->spin = s;
	going = go_round(s, r);
	if (going && s->fits) {
		keep(s);
		going = go_round(s, r);
	}
	s->view->oracle->spin = NULL;
	s->fits &= going;
	if (s->fits)
		limit(s, clock_horizon(s->view));
	e->log = outer;
	return going;
}

/* The place is noted as before; what was not worth it is not looked at again soon. */
static void note(struct cpu *cpu, uint64_t rounds)
{
	struct spin_note *n = &cpu->spin;

	n->time = cpu->time;
	n->matches = 0;
	if (rounds >= ROUNDS_LEAST)
		n->patience = PATIENCE_LEAST;
	else if (n->patience < PATIENCE_MOST)
		n->patience = n->patience ? n->patience * 2 : PATIENCE_LEAST * 2;
}

bool spin_skip(struct spin_run *r)
{
	struct view *v = r->view;
	struct spin s = begin(v);
	uint64_t room = r->room, rounds = 0;
	bool going;

	if (room / s.period < 3)
		return true;
	clock_wake(v);
	going = look(&s, r);
	if (repeats(&s)) {
		rounds = (room - 2 * s.period < s.slack ? room - 2 * s.period : s.slack - 1) /
			 s.period;
		r->skipped = rounds * s.period;
		clock_skip(v, r->skipped);
		v->cpu->spin.skipped += r->skipped;
	}
	note(v->cpu, rounds);
	end(&s);
	return going;
}
