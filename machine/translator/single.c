/*
 * What is translated by itself: instructions that must find the clock settled or that
 * lead to another context, and the description's code for traps and time.  Traps and
 * privileged instructions are cheap because of this.
 */
#include "machine/translator/private.h"

/* Did it leave so that the oracle is to run it?  What it missed is in the cache the next time. */
static bool is_cold(struct translator *t, struct context *c, const struct view *v, struct left left)
{
	struct trap none;

	page_cache_missed(t, c, v, left.why, &none);
	return left.why == LEAVE_COLD || left.why == LEAVE_READ || left.why == LEAVE_WRITE;
}

static struct left enter(struct translator *t, const struct view *v, const void *code)
{
	v->cpu->state[t->layout.work + WORK_TIME] = v->cpu->time;
	return translator_enter(v, 1, code);
}

/* Translates it if it is worth that now. */
static bool worth(struct translator *t, struct single *s)
{
	return !s->code && ++s->count >= (int)t->options.hot;
}

/* What stands in t->region; s may be gone after that. */
static void make(struct translator *t, struct single *s, bool able)
{
	bool room = true;

	if (able)
		room = tile(t, &t->region, s);
	else
		s->count = -PATIENCE;
	region_fini(t);
	if (!room)
		translator_flush(t);
}

void translator_trapped(const struct view *v, uint64_t why, uint64_t p, uint64_t info,
			struct trap *trap)
{
	trap->kind = &v->isa->trap[why >> TRAP_AT];
	trap->phase = (enum phase)(why >> PHASE_AT & 0xff);
	trap->info = info;
	translator_place_trap(v, trap, p);
}

void translator_place_trap(const struct view *v, struct trap *trap, uint64_t p)
{
	const struct isa *isa = v->isa;

	trap->source = SOURCE_INSTRUCTION;
	trap->p = trap->tpc = p;
	if (trap->phase == PHASE_NEXT)
		trap->tpc = (p + isa->length) & isa_mask(isa->role[ROLE_PC]->width);
}

void translator_left_trap(const struct view *v, uint64_t why, struct trap *trap)
{
	const uint64_t *state = v->cpu->state;

	translator_trapped(v, why, state[v->isa->role[ROLE_PC]->slot],
			   state[v->oracle->layout.work + WORK_RESULT], trap);
}

static enum ending leave_single(const struct view *v, struct left left, struct trap *trap)
{
	if ((left.why & 0xff) == LEAVE_TRAP) {
		translator_left_trap(v, left.why, trap);
		return END_TRAP;
	}
	return v->stops_in_user && view_user(v) ? END_USER : END_DONE;
}

enum ending translator_by_oracle(struct view *v, uint64_t n, bool settled, uint64_t *done,
				 struct trap *trap)
{
	enum ending ending = oracle_burst(v, n, settled, done, trap);

	v->translator->counts.oracle += *done + (ending == END_HALT || ending == END_WAIT);
	return ending;
}

enum ending translator_step(struct view *v, struct trap *trap)
{
	struct translator *t = v->translator;
	uint64_t p = position_of(t, v->cpu->state), done;
	struct context *c = context_of(t, v);
	struct entry *e = context_find(t, c, v, p);
	struct left left;

	if (e && worth(t, &e->single)) {
		make(t, &e->single, region_single(t, v, c, p, &t->region));
		c = context_of(t, v);
		e = context_find(t, c, v, p);
	}
	if (!e || !e->single.code)
		return translator_by_oracle(v, 1, true, &done, trap);
	left = enter(t, v, e->single.code);
	if (is_cold(t, c, v, left))
		return translator_by_oracle(v, 1, true, &done, trap);
	t->counts.translated += left.why == LEAVE_NEXT;
	return leave_single(v, left, trap);
}

bool translator_code(const struct view *v, enum code_kind kind, const struct program *program,
		     enum ending *ending, struct trap *trap)
{
	struct translator *t = v->translator;
	struct context *c = context_world(t, v);
	struct left left;

	if (worth(t, &c->code[kind])) {
		make(t, &c->code[kind], region_code(t, c, program, &t->region));
		c = context_world(t, v);
	}
	if (!c->code[kind].code)
		return false;
	left = enter(t, v, c->code[kind].code);
	if (is_cold(t, c, v, left))
		return false;
	*ending = END_DONE;
	if ((left.why & 0xff) == LEAVE_TRAP) {
		translator_left_trap(v, left.why, trap);
		*ending = END_TRAP;
	}
	return true;
}

/* What a round by itself did. */
static void served(const struct view *v, const struct single *s, struct service *done)
{
	uint64_t *work = v->cpu->state + v->oracle->layout.work;
	uint64_t *count = v->cpu->state + v->oracle->layout.traps + (work[WORK_TRAP] >> TRAP_AT);

	if (v->cpu->time != work[WORK_CLOCK])
		v->cpu->untold = v->cpu->time = work[WORK_CLOCK];
	done->instr = s->instr;
	done->horizon = work[WORK_BURST];
	done->trap.kind = NULL;
	if (!*count)
		return;
	*count = 0;
	translator_trapped(v, work[WORK_TRAP], work[WORK_TRAP_P], work[WORK_TRAP_INFO],
			   &done->trap);
}

bool translator_serve(struct view *v, uint64_t done, struct service *service)
{
	struct translator *t = v->translator;
	uint64_t p = v->cpu->state[t->isa->role[ROLE_PC]->slot];
	struct context *c = context_of(t, v);
	struct entry *e = translator_has_services(t) ? context_find(t, c, v, p) : NULL;
	struct single *s = e ? &e->round : NULL;

	if (s && worth(t, s)) {
		make(t, s, region_round(t, v, c, p, true, &t->region));
		e = context_find(t, context_of(t, v), v, p);
		s = e ? &e->round : NULL;
	}
	if (!s || !s->code)
		return false;
	translator_begin_rounds(v, INT64_MAX, 1 + done);
	if (enter(t, v, s->code).why != LEAVE_NEXT)
		return false;
	served(v, s, service);
	if (service->trap.kind)
		t->counts.trapped++;
	else
		t->counts.translated++;
	return true;
}
