/*
 * Running by the translator.  Translated code is entered where there is some; the
 * oracle runs what is not translated, or not yet, up to the next jump.
 */
#include "machine/stops.h"
#include "machine/translator/private.h"

struct running {
	struct translator *t;
	struct view *view;
	struct view *real; /* the same, or it shares registers with the view: view_run_on */
	struct context *context;
	uint64_t *work;
	uint64_t room;	 /* steps of the whole burst */
	uint64_t left;	 /* before time must be settled */
	bool counting; /* places are counted: execution has come to them by a jump, not by a stop */
	enum ending ending;
	struct trap *trap;
};

static inline uint64_t *work(const struct running *r, enum work which)
{
	return &r->work[which];
}

/* The traps that rounds performed are counted where all are. */
static void count_traps(struct running *r, struct progress *p)
{
	uint64_t *count = r->view->cpu->state + r->t->layout.traps;

	for (unsigned i = 0; i < r->t->isa->ntraps; i++) {
		p->traps += count[i];
		if (r->view->traps)
			r->view->traps[i] += count[i];
		count[i] = 0;
	}
	r->t->counts.trapped += p->traps;
	if (p->traps)
		translator_trapped(r->view, *work(r, WORK_TRAP), *work(r, WORK_TRAP_P),
				   *work(r, WORK_TRAP_INFO), &p->last);
}

static void end_rounds(struct running *r, struct progress *p)
{
	struct cpu *cpu = r->view->cpu;

	p->settled = r->room - *work(r, WORK_ROOM);
	p->done = *work(r, WORK_BURST) - r->left;
	if (p->settled == 0)
		return;
	if (cpu->time != *work(r, WORK_CLOCK)) /* what a trap left alone is not to be told */
		cpu->untold = cpu->time = *work(r, WORK_CLOCK);
	count_traps(r, p);
}

/* Where execution is. */
static inline uint64_t here(const struct running *r)
{
	return position_of(r->t, r->view->cpu->state);
}

static void copy_shared(const struct running *r, struct cpu *to, const struct cpu *from)
{
	const bool *shared = r->t->sharing[r->real->sharing - 1];

	for (unsigned i = 0; i < r->t->isa->nslots; i++)
		if (shared[i])
			to->state[i] = from->state[i];
	to->unspecified = from->unspecified;
}

static bool knows_place(const void *running, enum access access, uint64_t address, unsigned n,
			uint64_t *place)
{
	const struct running *r = running;

	return page_cache_knows(r->t, r->context, access, address, n, place);
}

/* The oracle knows nothing of shared registers. */
static enum ending by_oracle(struct running *r, uint64_t n)
{
	enum ending ending;
	uint64_t done;

	if (r->real != r->view)
		copy_shared(r, r->real->cpu, r->view->cpu);
	ending = translator_by_oracle(r->real, n, false, &done, r->trap);
	if (r->real != r->view)
		copy_shared(r, r->view->cpu, r->real->cpu);
	r->left -= done;
	return ending;
}

static inline void note_seen(struct translator *t, uint64_t position)
{
	uint64_t place = position_place(t, position);

	place_note(&places_at(t, place)->seen, place);
}

/* One step of the oracle, which need not translate again what is in the cache; false: the burst ends. */
static bool oracle_step(struct running *r)
{
	struct oracle *o = r->t->oracle;

	note_seen(r->t, here(r));
	o->knows = r->t->paging.works ? knows_place : NULL;
	o->engine = r;
	r->ending = by_oracle(r, 1);
	o->knows = NULL;
	if (r->ending != END_DONE)
		return false;
	if (!context_holds(r->t, r->context, r->real))
		r->context = context_of(r->t, r->real);
	return true;
}

static inline struct entry *entry_here(struct running *r)
{
	return context_find(r->t, r->context, r->view, here(r));
}

/*
 * Translates what stands in t->region; count, which counts how often it was wanted, may be gone.
 * False if it is too large for the cache.
 */
static bool make(struct running *r, bool able, int *count)
{
	struct translator *t = r->t;
	bool room = true, others = t->memory.used > t->frame;

	if (able)
		room = tile(t, &t->region, NULL);
	else
		*count = -PATIENCE;
	region_fini(t);
	if (room)
		return true;
	translator_flush(t);
	r->context = context_of(t, r->real);
	return others;
}

/* Has a jump been done, its delay slot, too, if it has one, or is there code for what follows? */
static bool arrived(const struct running *r, uint64_t next)
{
	uint64_t p = here(r);

	return (p != next && position_is_straight(r->t, p)) || context_has_code(r->t, r->context, p);
}

/* Up to the next jump, or to a place where translated code stands; e: what is known of this one. */
static bool interpret(struct running *r, const struct entry *e)
{
	if (e && e->single.clock) {
		r->ending = END_CLOCK;
		return false;
	}
	while (r->left > 0) {
		uint64_t next = position_next(r->t, here(r));

		if (!oracle_step(r))
			return false;
		if (r->t->options.hot == 1 || stops_close(r->view) || arrived(r, next))
			break;
	}
	r->counting = true;
	return true;
}

static bool go_on_within(struct running *r, struct entry *e);

/* Has anything been done in this burst? */
static bool came(const struct running *r)
{
	return r->left < *work(r, WORK_BURST) || *work(r, WORK_ROOM) < r->room;
}

/* Is time to be settled now, so that conditions can be looked at? */
static bool settles(const struct running *r)
{
	return stops_close(r->view) && came(r);
}

/* Translated code has been left: is it to be found out first whether the run ends here? */
static bool stops_seen(const struct running *r, uint64_t why)
{
	bool changed = watch_end(r->view);

	if (!stops_close(r->view))
		return changed;
	/* what traps has looked when it began */
	return (why & 0xff) != LEAVE_TRAP && (changed || settles(r));
}

/* A round led elsewhere than its link: that shall not happen again. */
static void lead_on(struct running *r)
{
	struct link *link = (struct link *)(uintptr_t)*work(r, WORK_LINK);
	uint64_t flushes = r->t->counts.flushes;

	r->context = context_again(r->t, r->real);
	if (r->t->counts.flushes == flushes)
		*link = context_link(r->context);
}

static inline bool is_trap(uint64_t why)
{
	return (why & ((1 << WHY_BITS) - 1)) == LEAVE_TRAP;
}

static bool end_by_trap(struct running *r, uint64_t why)
{
	translator_left_trap(r->view, why, r->trap);
	r->ending = END_TRAP;
	return false;
}

/* Code for what round_missing says, and to look again when something was written; false: no room. */
static bool make_missing(struct translator *t, struct context *c, enum access access)
{
	struct missing *m = &c->missing[access];
	bool room = true;

	if (region_missing(t, c, access, &t->region))
		room = tile(t, &t->region, &m->single);
	else
		m->single.count = -PATIENCE;
	region_fini(t);
	if (!room || !m->single.code)
		return room;
	m->code = m->single.code;
	if (!t->paging.given[access])
		return true;
	if (region_given(t, c, access, &t->region))
		room = tile(t, &t->region, &m->given);
	region_fini(t);
	return room;
}

/* Pages are missed in this context often enough to have the traps of such accesses translated. */
static void answer(struct running *r, enum access access)
{
	struct translator *t = r->t;
	struct missing *m = &r->context->missing[access];
	bool others = t->memory.used > t->frame;

	if (m->single.code || !r->context->key.rounds || r->view->stops ||
	    ++m->single.count < (int)t->options.hot || make_missing(t, r->context, access))
		return;
	translator_flush(t);
	r->context = context_of(t, r->real);
	if (!others)
		r->context->missing[access].single.count = -PATIENCE;
}

static enum missed miss(struct running *r, uint64_t why)
{
	if (why == LEAVE_READ || why == LEAVE_WRITE)
		answer(r, why == LEAVE_READ ? ACCESS_READ : ACCESS_WRITE);
	return page_cache_missed(r->t, r->context, r->view, why, r->trap);
}

static bool enter(struct running *r, const void *code)
{
	struct translator *t = r->t;
	struct left left;

	if (r->view->stops)
		watch_begin(r->view);
	t->entered = r->real == r->view && !r->view->stops ? r->view : NULL;
	left = translator_enter(r->view, r->left, code);
	t->entered = NULL;
	r->left = (uint64_t)left.budget;
	t->counts.exits++;
	if (is_trap(left.why) && !t->options.flush && !r->view->stops)
		return end_by_trap(r, left.why);
	r->counting = true;
	if (t->options.flush && t->counts.exits % t->options.flush == 0) {
		translator_flush(t);
		r->context = context_of(t, r->real);
	} else if (left.why == LEAVE_ROUND)
		lead_on(r);
	else if (r->left && r->context->key.rounds && !context_stayed(t, r->context, r->real))
		r->context = context_again(t, r->real);
	if (r->view->stops && stops_seen(r, left.why))
		return true;
	if (r->left == 0 || left.why == LEAVE_NEXT || left.why == LEAVE_ROUND)
		return true;
	if (t->paging.works && t->missed != r->left) {
		enum missed missed = miss(r, left.why);

		if (missed == MISSED_FILLED) {
			t->missed = r->left;
			r->counting = false;
			return true;
		}
		if (missed == MISSED_TRAPS && r->real == r->view && !r->view->stops) {
			r->ending = END_TRAP;
			return false;
		}
	}
	*work(r, WORK_PLACE) = 0;
	if (left.why == LEAVE_COLD || left.why == LEAVE_READ || left.why == LEAVE_WRITE)
		return oracle_step(r);
	if (is_trap(left.why))
		return end_by_trap(r, left.why);
	return go_on_within(r, entry_here(r));
}

/* Code for where a run ends within the block, or begins; NULL: there is none. */
static const void *steps_here(struct running *r, struct entry **e)
{
	struct translator *t = r->t;

	if (*e && !(*e)->steps.code && ++(*e)->steps.count >= (int)t->options.hot) {
		make(r, region_steps(t, r->real, r->context, (*e)->p, &t->region),
		     &(*e)->steps.count);
		*e = entry_here(r);
	}
	return *e ? (*e)->steps.code : NULL;
}

static bool go_on_within(struct running *r, struct entry *e)
{
	const void *code = steps_here(r, &e);

	return code ? enter(r, code) : interpret(r, e);
}

/* What is worth translating from a place on, in t->region. */
static bool find(struct running *r, uint64_t p, unsigned blocks)
{
	struct translator *t = r->t;

	/* a delay slot by itself leads to what is there */
	if (!position_is_straight(t, p) && context_has_code(t, r->context, position_behind(t, p)))
		blocks = 1;
	if (region_find(t, r->real, r->context, p, blocks, &t->region))
		return true;
	region_fini(t);
	return r->context->key.rounds && region_round(t, r->real, r->context, p, false, &t->region);
}

/* Translates what is worth it, in a smaller region where the cache is too small for a large one. */
static void find_out(struct running *r)
{
	unsigned blocks = r->t->options.blocks;
	struct entry *e = entry_here(r);

	while (e) {
		bool restless = e->restless, able = find(r, e->p, blocks);

		if (make(r, able, &e->count)) {
			if (!able && e->restless && !restless)
				e->count = (int)r->t->options.hot - RESTLESS_HOT;
			return;
		}
		e = entry_here(r);
		blocks /= 2;
		if (blocks)
			continue;
		if (e)
			e->count = -PATIENCE;
		return;
	}
}

/* What is translated from here on; NULL if nothing is, *e then what is known of this place. */
static const void *code_here(struct running *r, struct entry **e)
{
	struct translator *t = r->t;
	uint64_t p = here(r);
	const struct near *near = &r->context->near[context_near(t, p)];

	*e = NULL;
	if (near->p == p && near->code != t->leave)
		return near->code;
	*e = entry_here(r);
	if (*e && !(*e)->from && (*e)->shelf)
		translation_revive(t, *e);
	if (*e && !(*e)->from && r->counting && ++(*e)->count >= (int)t->options.hot) {
		find_out(r);
		*e = entry_here(r);
	}
	if (!*e || !(*e)->from)
		return NULL;
	context_note_near(t, r->context, p, (*e)->code);
	return (*e)->code;
}

/* The page of P cannot be fetched from: is there code that performs the trap? */
static bool miss_fetch(struct running *r)
{
	struct translator *t = r->t;

	if (r->real != r->view)
		return false;
	answer(r, ACCESS_FETCH);
	*work(r, WORK_MISSED) = position_p(t, here(r)) & isa_mask(t->isa->word);
	return r->context->missing[ACCESS_FETCH].single.code != NULL;
}

/* Goes on from where execution is. */
static bool go_on(struct running *r)
{
	struct entry *e;
	const void *code = code_here(r, &e);

	if (code)
		return enter(r, code);
	if (!e && r->t->paging.works && miss_fetch(r))
		return enter(r, r->context->missing[ACCESS_FETCH].code);
	return e && !r->counting ? go_on_within(r, e) : interpret(r, e);
}

/* Translated code has no break place in it, so it leaves before one. */
static bool go_on_or_stop(struct running *r)
{
	if (!go_on(r))
		return false;
	if (settles(r) || (r->view->stops && stops_event(r->view, came(r)) != EVENT_STEPS))
		r->ending = END_STOP;
	return r->ending == END_DONE;
}

static enum ending burst(struct running *r, uint64_t horizon, struct progress *p)
{
	uint64_t by_oracle_before = r->t->counts.oracle;
	bool going = true;

	p->settled = p->done = p->traps = 0;
	r->left = r->room < horizon ? r->room : horizon;
	translator_begin_rounds(r->view, r->room, r->left);
	r->ending = END_DONE;
	r->t->missed = UINT64_MAX;
	if (r->left < BURST_LEAST) {
		r->ending = by_oracle(r, stops_close(r->view) ? 1 : r->left);
		p->done = *work(r, WORK_BURST) - r->left;
		return r->ending;
	}
	if (r->t->paging.works)
		search_make(r->t, r->view);
	r->context = context_of(r->t, r->real);
	r->counting = r->t->options.hot == 1 || here(r) != r->t->stopped;
	while (going && r->left > 0)
		going = go_on_or_stop(r);
	r->t->stopped = r->left ? UINT64_MAX : here(r);
	end_rounds(r, p);
	r->t->counts.translated +=
		p->settled + p->done - p->traps - (r->t->counts.oracle - by_oracle_before);
	return r->ending;
}

enum ending translator_burst(struct view *v, uint64_t room, uint64_t horizon, struct progress *p,
			     struct trap *trap)
{
	struct running r = { .t = v->translator,
			     .view = v,
			     .real = v,
			     .work = v->cpu->state + v->oracle->layout.work,
			     .room = room,
			     .trap = trap };

	return burst(&r, horizon, p);
}

enum ending translator_burst_on(struct view *v, struct cpu *guest, uint64_t n, uint64_t *done,
				struct trap *trap)
{
	struct view on = { .isa = v->isa,
			   .cpu = guest,
			   .window = v->window,
			   .device = v->device,
			   .oracle = v->oracle,
			   .translator = v->translator,
			   .stops = v->stops,
			   .resident = true };
	struct running r = { .t = v->translator,
			     .view = &on,
			     .real = v,
			     .work = guest->state + v->oracle->layout.work,
			     .room = n,
			     .trap = trap };
	struct progress p;
	enum ending ending;

	ending = burst(&r, n, &p);
	*done = p.done;
	return ending;
}
