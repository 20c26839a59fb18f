/*
 * Where traps lead: into supervisor mode, and so to a monitor, or into another of
 * the modes that user mode has, as VAX CHME leads into executive mode.
 *
 * What trapseq loads from storage, the monitor has put there.  Where the new mode
 * comes from storage, the trap therefore leads to the monitor; it stays in user mode
 * only where it does so whatever is loaded.
 */
#include "proofs/symbolic_private.h"

/* Does a term depend on what was loaded? */
static bool loaded(const struct sym *s, const struct term *t, bool *seen)
{
	if (seen[t->id])
		return false;
	seen[t->id] = true;
	if (t->op == T_APPLY && t->name == terms_name(TS, VECTORS))
		return true;
	for (int i = 0; i < 3 && t->arg[i]; i++)
		if (loaded(s, t->arg[i], seen))
			return true;
	return false;
}

static bool depends(const struct sym *s, const struct term *t)
{
	bool *seen = xcalloc(t->id + 1u, sizeof *seen); /* arguments were made before */
	bool found = loaded(s, t, seen);

	free(seen);
	return found;
}

static const struct term *with(const struct sym *s, const struct term *t, int i,
			       const struct term *argument)
{
	const struct term *arg[3] = { t->arg[0], t->arg[1], t->arg[2] };

	arg[i] = argument;
	return term_with(TS, t, arg);
}

/* A truth that holds only where the given one does, whatever is loaded. */
static const struct term *surely(const struct sym *s, const struct term *t)
{
	if (!depends(s, t))
		return t;
	if (t->op == X_AND)
		return term_and(TS, surely(s, t->arg[0]), surely(s, t->arg[1]));
	if (t->op == X_OR)
		return term_or(TS, surely(s, t->arg[0]), surely(s, t->arg[1]));
	if (t->op == X_ITE && !depends(s, t->arg[0]))
		return term_ite(TS, t->arg[0], surely(s, t->arg[1]), surely(s, t->arg[2]));
	for (int i = 0; i < 2 && t->op != X_ITE && t->op != T_APPLY && t->op != X_SLICE; i++) {
		const struct term *choice = t->arg[i];
		if (choice && choice->op == X_ITE && !depends(s, choice->arg[0]))
			return term_ite(TS, choice->arg[0],
					surely(s, with(s, t, i, choice->arg[1])),
					surely(s, with(s, t, i, choice->arg[2])));
	}
	return term_false(TS);
}

/* Where the instruction's effects stand, trapseq runs on them; arrays that it changed hold
 * anything, then. */
static struct sym_state *state_at(const struct sym *s, const struct sym_run *r, enum phase phase)
{
	struct sym_state *state = sym_state_copy(s, r->before);

	if (phase != PHASE_COMPLETE)
		return state;
	memcpy(state->reg, r->reg, s->isa->nregs * sizeof *state->reg);
	for (unsigned i = 0; i < r->nelements; i++)
		state->array[r->element[i].reg->index] =
			sym_name(s, "%s.complete", r->element[i].reg->name);
	return state;
}

static const struct term *trap_pc(const struct sym *s, const struct sym_state *state,
				  enum phase phase)
{
	const struct isa_reg *pc = s->isa->role[ROLE_PC];
	const struct term *p = state->reg[pc->index];

	if (phase != PHASE_NEXT)
		return p;
	return term_binary(TS, X_ADD, p, term_const(TS, pc->width, s->isa->length));
}

static void lead(const struct sym *s, const struct sym_run *r, struct sym_trap *t)
{
	struct sym_state *at = state_at(s, r, t->phase), *after;
	struct sym_run *run = sym_run_trapseq(s, at, t->trap, trap_pc(s, at, t->phase), t->info);

	after = sym_state_copy(s, at);
	memcpy(after->reg, run->reg, s->isa->nregs * sizeof *after->reg);
	t->stays = surely(s, sym_user(s, after));
	t->stops = run->nullified;
	if (s->isa->role[ROLE_MODE])
		t->mode = after->reg[s->isa->role[ROLE_MODE]->index];
	sym_run_free(run);
	sym_state_free(after);
	sym_state_free(at);
}

void sym_lead(const struct sym *s, struct sym_run *r)
{
	r->traps = r->stops = term_false(TS);
	for (unsigned i = 0; i < r->ntraps; i++) {
		struct sym_trap *t = &r->trap[i];
		lead(s, r, t);
		r->stays = term_or(TS, r->stays, term_and(TS, t->guard, t->stays));
		r->stops = term_or(TS, r->stops, term_and(TS, t->guard, t->stops));
		if (t->phase != PHASE_COMPLETE)
			r->traps = term_or(TS, r->traps,
					   term_and(TS, t->guard, term_not(TS, t->stays)));
	}
}
