/*
 * Cleaning: jumps and labels that lead straight on, what nobody uses, copies that
 * need not be made, and comparisons that a stronger one implies.
 */
#include "machine/translator/ir.h"

#include "isa/alloc.h"

/* ---- jumps ---- */

static void mark(struct uop *u)
{
	u->op = T_LABEL;
	u->d = LABEL_COLD; /* to be removed */
}

static bool marked(const struct uop *u)
{
	return u->op == T_LABEL && u->d == LABEL_COLD;
}

static void sweep(struct ops *o)
{
	unsigned n = 0;

	for (unsigned i = 0; i < o->count; i++)
		if (!marked(&o->op[i]))
			o->op[n++] = o->op[i];
	o->count = n;
}

static unsigned after_label(const struct ops *o, uint32_t label)
{
	unsigned i = 0;

	while (o->op[i].op != T_LABEL || o->op[i].d != label)
		i++;
	while (o->op[i].op == T_LABEL)
		i++;
	return i;
}

/* Does a jump go to what follows it? */
static bool leads_on(const struct ops *o, unsigned jump)
{
	for (unsigned i = jump + 1; o->op[i].op == T_LABEL; i++)
		if (o->op[i].d == o->op[jump].d)
			return true;
	return false;
}

/* Jumps to T_COLD, and around it, become conditional T_COLDs. */
static void thread(struct ops *o)
{
	for (unsigned i = 0; i < o->count; i++) {
		struct uop *u = &o->op[i];

		if (!ops_is_jump(u) || u->d == LABEL_COLD)
			continue;
		if (u->op == J_ALWAYS && leads_on(o, i)) {
			mark(u);
			continue;
		}
		if (o->op[after_label(o, u->d)].op == T_COLD) {
			u->d = LABEL_COLD;
		} else if (ops_is_conditional(u) && o->op[i + 1].op == T_COLD &&
			   after_label(o, u->d) > i + 2 && o->op[i + 2].op == T_LABEL &&
			   after_label(o, o->op[i + 2].d) == after_label(o, u->d)) {
			u->aux ^= 1;
			u->d = LABEL_COLD;
			mark(&o->op[i + 1]);
		}
		if (u->op == J_ALWAYS && u->d == LABEL_COLD)
			*u = (struct uop){ .op = T_COLD };
	}
	sweep(o);
}

/* Labels that nobody jumps to, and what cannot be reached. */
static void prune(struct ops *o)
{
	bool *wanted = xcalloc(o->labels + 1, sizeof *wanted), reachable = true;

	for (unsigned i = 0; i < o->count; i++)
		if (ops_is_jump(&o->op[i]) && o->op[i].d != LABEL_COLD)
			wanted[o->op[i].d] = true;
	for (unsigned i = 0; i < o->count; i++) {
		struct uop *u = &o->op[i];

		if (u->op == T_LABEL && !wanted[u->d]) {
			mark(u);
			continue;
		}
		if (u->op == T_LABEL)
			reachable = true;
		else if (!reachable)
			mark(u);
		if (ops_ends_path(u))
			reachable = false;
	}
	free(wanted);
	sweep(o);
}

/* ---- what is used ---- */

/* Slots that occur in a list, numbered, as bits. */
enum { LIVE_WORDS = 8, LIVE_MOST = LIVE_WORDS * 64 };
struct live {
	uint64_t bits[LIVE_WORDS];
};

struct liveness {
	struct ops *ops;
	unsigned nslots; /* registers */
	unsigned n;
	uint32_t slot[LIVE_MOST];
	struct live registers; /* all of them */
	struct live *at;       /* by label; owned */
	bool overflow;
};

static unsigned live_number(struct liveness *l, uint32_t slot)
{
	unsigned i = 0;

	while (i < l->n && l->slot[i] != slot)
		i++;
	if (i == LIVE_MOST) {
		l->overflow = true;
		return 0;
	}
	if (i == l->n) {
		l->slot[l->n++] = slot;
		if (slot < l->nslots)
			l->registers.bits[i / 64] |= UINT64_C(1) << i % 64;
	}
	return i;
}

static bool is_live(struct liveness *l, const struct live *live, uint32_t slot)
{
	unsigned i = live_number(l, slot);

	return live->bits[i / 64] >> i % 64 & 1;
}

static void set_live(struct liveness *l, struct live *live, uint32_t slot, bool to)
{
	unsigned i = live_number(l, slot);
	uint64_t bit = UINT64_C(1) << i % 64;

	live->bits[i / 64] = to ? live->bits[i / 64] | bit : live->bits[i / 64] & ~bit;
}

static void join_live(struct live *into, const struct live *from)
{
	for (unsigned i = 0; i < LIVE_WORDS; i++)
		into->bits[i] |= from->bits[i];
}

static void number_all(struct liveness *l)
{
	for (unsigned i = 0; i < l->ops->count; i++) {
		const struct uop *u = &l->ops->op[i];
		struct effect e = ops_effect(u);

		for (unsigned k = 0; k < e.nuses; k++)
			live_number(l, e.use[k]);
		if (e.defines)
			live_number(l, u->d);
	}
}

/* What is live before an operation, from what is live after it. */
static void before(struct liveness *l, const struct uop *u, struct live *live)
{
	struct effect e = ops_effect(u);

	if (ops_ends_path(u) && u->op != J_ALWAYS)
		*live = l->registers;
	if (u->op == J_ALWAYS)
		*live = l->at[u->d];
	else if (ops_is_conditional(u))
		join_live(live, u->d == LABEL_COLD ? &l->registers : &l->at[u->d]);
	if (e.defines)
		set_live(l, live, u->d, false);
	if (u->op == U_ELEM || u->op == U_CHECK || u->op == U_PLACE || u->op == T_NOCODE)
		join_live(live, &l->registers);
	for (unsigned k = 0; k < e.nuses; k++)
		set_live(l, live, e.use[k], true);
	if (u->op == T_LABEL)
		l->at[u->d] = *live;
}

/* A copy of a value that is not used again: may who makes the value make the copy at once? */
static bool defined_at_once(struct liveness *l, unsigned copy)
{
	struct uop *const op = l->ops->op;
	uint32_t d = op[copy].d, a = op[copy].a;
	unsigned i = copy;

	while (i-- > 0) {
		struct effect e = ops_effect(&op[i]);
		bool uses_d = false, uses_a = false;

		for (unsigned k = 0; k < e.nuses; k++) {
			uses_d |= e.use[k] == d;
			uses_a |= e.use[k] == a;
		}
		if (e.defines && op[i].d == a) {
			op[i].d = d;
			mark(&op[copy]);
			return true;
		}
		if (uses_d || uses_a || (e.defines && op[i].d == d) || op[i].op == T_LABEL ||
		    ops_is_jump(&op[i]) || ops_may_go_cold(&op[i]) || op[i].op == U_ELEM ||
		    op[i].op == U_SETELEM)
			return false;
	}
	return false;
}

static bool removable(const struct uop *u)
{
	return ops_effect(u).defines && u->op != U_PLACE;
}

/* Backward: removes what is not used, and copies. */
static void remove_unused(struct ops *o, unsigned nslots)
{
	struct liveness *l = xcalloc(1, sizeof *l);
	struct live live = { 0 };

	l->ops = o;
	l->nslots = nslots;
	l->at = xcalloc(o->labels + 1, sizeof *l->at);
	number_all(l);
	for (unsigned i = o->count; i-- > 0 && !l->overflow;) {
		struct uop *u = &o->op[i];

		if (marked(u))
			continue;
		if (removable(u) && !is_live(l, &live, u->d)) {
			mark(u);
			continue;
		}
		if (u->op == U_MOVE && u->a >= nslots && !is_live(l, &live, u->a) &&
		    defined_at_once(l, i))
			continue;
		before(l, u, &live);
	}
	free(l->at);
	free(l);
	sweep(o);
}

/* ---- comparisons ---- */

static bool cold_if_not_below(const struct uop *u)
{
	return u->op == J_ULTI && u->d == LABEL_COLD && !(u->aux & 1);
}

/* The first of several bounds on a slot becomes the strongest, and the others go. */
static void strengthen(struct ops *o, unsigned first)
{
	struct uop *u = &o->op[first];

	for (unsigned i = first + 1; i < o->count; i++) {
		struct uop *v = &o->op[i];
		struct effect e = ops_effect(v);

		if (v->op == T_LABEL || ops_ends_path(v) || (e.defines && v->d == u->a) ||
		    (ops_is_conditional(v) && v->d != LABEL_COLD) || v->op == U_SETELEM)
			return;
		if (cold_if_not_below(v) && v->a == u->a) {
			u->imm = v->imm < u->imm ? v->imm : u->imm;
			mark(v);
		}
	}
}

static void join_comparisons(struct ops *o)
{
	for (unsigned i = 0; i < o->count; i++)
		if (cold_if_not_below(&o->op[i]))
			strengthen(o, i);
	sweep(o);
}

void ops_clean(struct ops *o, unsigned nslots)
{
	thread(o);
	prune(o);
	join_comparisons(o);
	remove_unused(o, nslots);
}

/* ---- restarting ---- */

/* Does it change what nobody puts back? */
static bool changes(const struct uop *u, unsigned nslots, const bool *saved)
{
	if (u->op == U_STORE || u->op == U_STORES || u->op == U_SETELEM)
		return !saved;
	return ops_effect(u).defines && u->d < nslots && !(saved && saved[u->d]);
}

bool ops_restartable(const struct ops *o, unsigned nslots, const bool *saved, bool traps)
{
	bool *begun = xcalloc(o->labels + 1, sizeof *begun), now = false, ok = true;

	for (unsigned i = 0; i < o->count && ok; i++) {
		const struct uop *u = &o->op[i];

		if (u->op == T_LABEL)
			now |= begun[u->d];
		if (now && ops_may_go_cold(u) && !(traps && u->op == T_TRAP))
			ok = false;
		now |= changes(u, nslots, saved);
		if (ops_is_jump(u) && u->d != LABEL_COLD)
			begun[u->d] |= now;
		if (ops_ends_path(u))
			now = false;
	}
	free(begun);
	return ok;
}
