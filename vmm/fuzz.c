/*
 * The campaign: guest after guest, each under each monitor (vmm/fuzz.h).
 */
#include "vmm/fuzz_private.h"

#include "isa/alloc.h"

#include <stdio.h>

enum { KINDS = MONITOR_HYBRID + 1 };

struct campaign {
	const struct fuzz_options *options;
	const struct fuzz_callbacks *callbacks;
	struct fuzz_result *result;
	struct fuzz_subject subject;
	char *reason;
	size_t reason_size;
};

static unsigned count_reached(const struct fuzz_subject *s, const struct fuzz_case *c,
			      const struct equivalence *e)
{
	bool *reached = fuzz_reached(s, c, e->steps);
	unsigned n = 0;

	for (uint64_t a = 0; a < c->guest.size; a++)
		n += reached[a];
	free(reached);
	return n;
}

static void report(struct campaign *g, uint64_t number, struct fuzz_case *c, struct equivalence *e)
{
	const struct fuzz_plan *p = g->subject.plan;
	struct fuzz_failure f = { .number = number };

	fuzz_shrink(&g->subject, c, e);
	f.setting = c->setting;
	f.instructions = count_reached(&g->subject, c, e);
	f.cause = e->at[DEPTH_CAUSE];
	snprintf(f.violation, sizeof f.violation, "%s", e->violation);
	f.guest = fuzz_program_of(p, &c->guest);
	for (unsigned i = 0; i < c->setting.neighbours; i++)
		f.neighbour[i] = fuzz_program_of(p, &c->neighbour[i]);
	g->callbacks->failed(g->callbacks->context, &f);
	image_free(f.guest.image);
	for (unsigned i = 0; i < c->setting.neighbours; i++)
		image_free(f.neighbour[i].image);
}

static bool stopped(const struct campaign *g)
{
	return g->options->stop && *g->options->stop;
}

static unsigned kinds_of(const struct fuzz_options *o)
{
	return o->kinds ? o->kinds : (1u << KINDS) - 1;
}

/* The one by which guests that come to an end are counted. */
static enum monitor_kind first_kind(const struct fuzz_options *o)
{
	return kinds_of(o) & 1u << MONITOR_VMM ? MONITOR_VMM : MONITOR_HYBRID;
}

/*
 * The tower: its kinds, and the levels of the neighbours, go by the number of the guest, so that
 * all combinations have their turn.
 */
static void choose_below(struct fuzz_setting *s, unsigned below, uint64_t number)
{
	s->below = below;
	for (unsigned i = 0; i < below; i++, number /= 2)
		s->outer[i] = number % 2 ? MONITOR_HYBRID : MONITOR_VMM;
	s->collapsed = below && number % 2;
	number /= 2;
	for (unsigned i = 0; i < FUZZ_NEIGHBOURS; i++, number /= below + 1)
		s->outwards[i] = (unsigned)(number % (below + 1));
}

static bool try_guest(struct campaign *g, uint64_t number, enum monitor_kind kind)
{
	const struct fuzz_options *o = g->options;
	struct fuzz_case c = fuzz_generate(g->subject.plan, o->seed, number, o->max_steps);
	struct equivalence e;
	bool ok;

	c.setting.kind = kind;
	choose_below(&c.setting, o->below, number);
	ok = fuzz_try(&g->subject, &c, &e, g->reason, g->reason_size);
	if (ok && !stopped(g)) {
		g->result->runs++;
		g->result->steps += e.steps;
		g->result->ended += e.complete && kind == first_kind(o);
		if (fuzz_failing(&e)) {
			g->result->failures++;
			report(g, number, &c, &e);
		}
	}
	fuzz_case_free(&c);
	return ok;
}

static bool run_guests(struct campaign *g)
{
	const struct fuzz_options *o = g->options;
	struct fuzz_result *r = g->result;

	while (r->guests < o->count && !(o->enough && r->failures >= o->enough)) {
		for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++)
			if (kinds_of(o) >> kind & 1 && !try_guest(g, o->first + r->guests, kind))
				return false;
		if (stopped(g))
			break;
		r->guests++;
		if (g->callbacks->progress)
			g->callbacks->progress(g->callbacks->context, r);
	}
	r->stopped = r->guests < o->count;
	return true;
}

bool fuzz_run(const struct fuzz_options *o, const struct fuzz_callbacks *callbacks,
	      struct fuzz_result *result, char *reason, size_t reason_size)
{
	struct fuzz_plan *plan = fuzz_plan_new(o->isa, reason, reason_size);
	struct campaign g = {
		.options = o,
		.callbacks = callbacks,
		.result = result,
		.subject = { .plan = plan,
			     .map = o->map,
			     .fault = o->fault,
			     .engine = o->engine,
			     .stop = o->stop },
		.reason = reason,
		.reason_size = reason_size,
	};
	bool ok;

	*result = (struct fuzz_result){ 0 };
	if (!plan)
		return false;
	ok = run_guests(&g);
	fuzz_plan_free(plan);
	return ok;
}
