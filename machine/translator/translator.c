/*
 * Running by the translator.  Translated code is entered where there is some; the
 * oracle runs what is not translated, or not yet, up to the next jump.
 */
#include "machine/translator/private.h"

struct running {
	struct translator *t;
	struct view *view;
	struct context *context;
	uint64_t left; /* steps */
	bool counting; /* places are counted: execution has come to them by a jump, not by a stop */
	enum ending ending;
	struct trap *trap;
};

static uint64_t pc(const struct running *r)
{
	return r->view->cpu->state[r->t->isa->role[ROLE_PC]->slot];
}

/* One step of the oracle; false: the burst ends. */
static bool oracle_step(struct running *r)
{
	uint64_t done;

	r->ending = oracle_burst(r->view, 1, false, &done, r->trap);
	r->left -= done;
	r->t->counts.oracle += done;
	if (r->ending != END_DONE)
		return false;
	if (!context_holds(r->t, r->context, r->view))
		r->context = context_of(r->t, r->view);
	return true;
}

/* Translates what stands in t->region; count, which counts how often it was wanted, may be gone. */
static void make(struct running *r, bool able, int *count)
{
	struct translator *t = r->t;
	bool room = true;

	if (able)
		room = tile(t, &t->region, NULL);
	else
		*count = -PATIENCE;
	region_fini(&t->region);
	if (room)
		return;
	translator_flush(t);
	r->context = context_of(t, r->view);
}

/* Up to the next jump, or to a place where translated code stands; e: what is known of this one. */
static bool interpret(struct running *r, const struct entry *e)
{
	const struct isa *isa = r->t->isa;
	uint64_t mask = isa_mask(isa->role[ROLE_PC]->width);

	if (e && e->single.clock) {
		r->ending = END_CLOCK;
		return false;
	}
	while (r->left > 0) {
		uint64_t next = (pc(r) + isa->length) & mask;

		if (!oracle_step(r))
			return false;
		if (pc(r) != next || r->t->options.hot == 1 ||
		    context_entry(r->t, r->context, next)->from)
			break;
	}
	r->counting = true;
	return true;
}

static bool go_on_within(struct running *r);

static bool enter(struct running *r, const void *code)
{
	struct translator *t = r->t;
	const struct window *w = &r->view->window;
	void *cells = (char *)w->storage->cell + w->base * w->storage->cell_size;
	struct left left;

	left = t->enter(r->view->cpu->state, (int64_t)r->left, code, cells);
	t->counts.translated += r->left - (uint64_t)left.budget;
	t->counts.exits++;
	r->left = (uint64_t)left.budget;
	r->counting = true;
	if (t->options.flush && t->counts.exits % t->options.flush == 0) {
		translator_flush(t);
		r->context = context_of(t, r->view);
	}
	if (r->left == 0 || left.why == LEAVE_NEXT)
		return true;
	if (left.why == LEAVE_COLD)
		return oracle_step(r);
	if ((left.why & 0xff) == LEAVE_TRAP) {
		translator_trapped(r->view, left.why, r->trap);
		r->ending = END_TRAP;
		return false;
	}
	return go_on_within(r);
}

/* Where a run ends within the block, or begins. */
static bool go_on_within(struct running *r)
{
	struct translator *t = r->t;
	struct entry *e = context_entry(t, r->context, pc(r));

	if (!e->steps.code && ++e->steps.count >= (int)t->options.hot) {
		make(r, region_steps(t, r->view, r->context, e->p, &t->region), &e->steps.count);
		e = context_entry(t, r->context, pc(r));
	}
	return e->steps.code ? enter(r, e->steps.code) : interpret(r, e);
}

/* Goes on from where execution is. */
static bool go_on(struct running *r)
{
	const struct near *near = &r->context->near[context_near(r->t, pc(r))];
	struct translator *t = r->t;
	struct entry *e;

	if (near->p == pc(r) && near->code != r->t->leave)
		return enter(r, near->code);
	e = context_entry(t, r->context, pc(r));
	if (!e->from && !r->counting)
		return go_on_within(r);
	if (!e->from && ++e->count >= (int)t->options.hot) {
		make(r, region_find(t, r->view, r->context, e->p, t->options.blocks, &t->region),
		     &e->count);
		e = context_entry(t, r->context, pc(r));
	}
	if (!e->from)
		return interpret(r, e);
	r->context->near[context_near(r->t, e->p)] = (struct near){ e->p, e->code };
	return enter(r, e->code);
}

enum ending translator_burst(struct view *v, uint64_t n, uint64_t *done, struct trap *trap)
{
	struct running r = { .t = v->translator, .view = v, .left = n, .trap = trap };
	bool going = true;

	if (n < BURST_LEAST)
		return oracle_burst(v, n, false, done, trap);
	r.ending = END_DONE;
	r.context = context_of(r.t, v);
	r.counting = r.t->options.hot == 1 || pc(&r) != r.t->stopped;
	while (going && r.left > 0)
		going = go_on(&r);
	r.t->stopped = r.left ? UINT64_MAX : pc(&r);
	*done = n - r.left;
	return r.ending;
}
