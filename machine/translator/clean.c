/*
 * Cleaning: jumps and labels that lead straight on, what nobody uses, copies that
 * need not be made, and comparisons that a stronger one implies.
 */
#include "machine/translator/ir.h"

#include "isa/alloc.h"

#include <stddef.h>

static void mark(struct uop *u)
{
	u->op = T_LABEL;
	u->d = LABEL_COLD; /* to be removed */
}

/* Room by label, or by operation: most often what stands on the stack is enough. */
enum { FEW = 256 };

static bool marked(const struct uop *u)
{
	return u->op == T_LABEL && u->d == LABEL_COLD;
}

/* Does an operation use a slot? */
static bool uses(const struct uop *u, uint32_t slot)
{
	struct effect e = ops_effect(u);

	for (unsigned k = 0; k < e.nuses; k++)
		if (e.use[k] == slot)
			return true;
	return false;
}

const struct uop *ops_maker(const struct ops *o, unsigned before, uint32_t slot)
{
	for (unsigned i = before; i-- > 0;) {
		const struct uop *u = &o->op[i];

		if (u->op == T_LABEL && !marked(u))
			return NULL;
		if (!ops_effect(u).defines || u->d != slot)
			continue;
		for (unsigned k = i + 1; k < before; k++)
			if ((ops_effect(&o->op[k]).defines && uses(u, o->op[k].d)) ||
			    o->op[k].op == U_SETELEM)
				return NULL;
		return uses(u, slot) ? NULL : u;
	}
	return NULL;
}

/* ---- jumps ---- */

static void sweep(struct ops *o)
{
	unsigned n = 0;

	for (unsigned i = 0; i < o->count; i++)
		if (!marked(&o->op[i]))
			o->op[n++] = o->op[i];
	o->count = n;
}

/* Does a jump go to what follows it? */
static bool leads_on(const struct ops *o, unsigned jump)
{
	for (unsigned i = jump + 1; o->op[i].op == T_LABEL; i++)
		if (o->op[i].d == o->op[jump].d)
			return true;
	return false;
}

/* Where labels stand, by their number. */
static unsigned *find_labels(const struct ops *o, unsigned few[FEW])
{
	unsigned *at = o->labels < FEW ? few : xmalloc((o->labels + 1) * sizeof *at);

	for (unsigned i = 0; i < o->count; i++)
		if (o->op[i].op == T_LABEL)
			at[o->op[i].d] = i;
	return at;
}

static unsigned after_label(const struct ops *o, const unsigned *at, uint32_t label)
{
	unsigned i = at[label];

	while (o->op[i].op == T_LABEL)
		i++;
	return i;
}

/* Does a jump go to another that surely jumps, because of a constant that was made just before? */
static bool is_decided(const struct ops *o, unsigned jump, unsigned after)
{
	const struct uop *made = jump ? &o->op[jump - 1] : NULL, *j = &o->op[after];

	if (!made || made->op != U_CONST || o->op[jump].op != J_ALWAYS)
		return false;
	return (j->op == J_EQI || j->op == J_NEI) && j->a == made->d && !j->b &&
	       ((j->op == J_EQI) == (made->imm == j->imm)) == (j->aux & 1);
}

/* Jumps to T_COLD, and around it, become conditional T_COLDs.  True: some that had a condition are
 * gone. */
static bool thread(struct ops *o)
{
	bool decided = false;
	unsigned few[FEW], *at = find_labels(o, few), after;

	for (unsigned i = 0; i < o->count; i++) {
		struct uop *u = &o->op[i];

		if (!ops_is_jump(u) || u->d == LABEL_COLD)
			continue;
		if (leads_on(o, i)) {
			decided |= ops_is_conditional(u);
			mark(u);
			continue;
		}
		while (u->d != LABEL_COLD && is_decided(o, i, after_label(o, at, u->d)))
			u->d = o->op[after_label(o, at, u->d)].d;
		if (u->d == LABEL_COLD) {
			*u = (struct uop){ .op = T_COLD };
			continue;
		}
		after = after_label(o, at, u->d);
		if (o->op[after].op == T_COLD) {
			u->d = LABEL_COLD;
		} else if (ops_is_conditional(u) && o->op[i + 1].op == T_COLD && after > i + 2 &&
			   o->op[i + 2].op == T_LABEL &&
			   after_label(o, at, o->op[i + 2].d) == after) {
			u->aux ^= 1;
			u->d = LABEL_COLD;
			mark(&o->op[i + 1]);
		}
		if (u->op == J_ALWAYS && u->d == LABEL_COLD)
			*u = (struct uop){ .op = T_COLD };
	}
	if (at != few)
		free(at);
	sweep(o);
	return decided;
}

/* Labels that nobody jumps to, and what cannot be reached. */
static void prune(struct ops *o)
{
	bool few[FEW] = { false }, reachable = true;
	bool *wanted = o->labels < FEW ? few : xcalloc(o->labels + 1, sizeof *wanted);

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
	if (wanted != few)
		free(wanted);
	sweep(o);
}

/* ---- what is used ---- */

/*
 * Slots that occur in a list are numbered, and are bits of sets by that number: most sets are one
 * word long.
 */
enum { LIVE_WORDS = 8, LIVE_MOST = LIVE_WORDS * 64, LIVE_PLACES = 2 * LIVE_MOST };

struct liveness {
	struct ops *ops;
	unsigned nslots; /* registers */
	unsigned n, nwords;
	uint32_t slot[LIVE_MOST];
	uint16_t place[LIVE_PLACES]; /* by the slot, the first free one from there on: its number + 1 */
	uint64_t registers[LIVE_WORDS]; /* all of them */
	bool overflow, again;
	uint64_t *at;			/* sets by label; `few`, or owned */
	uint64_t few[FEW];
};

static unsigned live_number(struct liveness *l, uint32_t slot)
{
	unsigned k = slot % LIVE_PLACES, i;

	while (l->place[k] && l->slot[l->place[k] - 1] != slot)
		k = (k + 1) % LIVE_PLACES;
	if (l->place[k])
		return l->place[k] - 1u;
	i = l->n;
	if (i == LIVE_MOST) {
		l->overflow = true;
		return 0;
	}
	l->slot[l->n++] = slot;
	l->place[k] = (uint16_t)l->n;
	if (slot < l->nslots)
		l->registers[i / 64] |= UINT64_C(1) << i % 64;
	return i;
}

static bool is_live(struct liveness *l, const uint64_t *live, uint32_t slot)
{
	unsigned i = live_number(l, slot);

	return live[i / 64] >> i % 64 & 1;
}

static void set_live(struct liveness *l, uint64_t *live, uint32_t slot, bool to)
{
	unsigned i = live_number(l, slot);
	uint64_t bit = UINT64_C(1) << i % 64;

	live[i / 64] = to ? live[i / 64] | bit : live[i / 64] & ~bit;
}

static void join_live(const struct liveness *l, uint64_t *into, const uint64_t *from)
{
	for (unsigned i = 0; i < l->nwords; i++)
		into[i] |= from[i];
}

static void copy_live(const struct liveness *l, uint64_t *into, const uint64_t *from)
{
	for (unsigned i = 0; i < l->nwords; i++)
		into[i] = from[i];
}

static uint64_t *live_at_label(const struct liveness *l, uint32_t label)
{
	return l->at + (size_t)label * l->nwords;
}

static void number_all(struct liveness *l)
{
	size_t n;

	for (unsigned i = 0; i < l->ops->count; i++) {
		const struct uop *u = &l->ops->op[i];
		struct effect e = ops_effect(u);

		for (unsigned k = 0; k < e.nuses; k++)
			live_number(l, e.use[k]);
		if (e.defines)
			live_number(l, u->d);
	}
	l->nwords = l->n ? (l->n + 63) / 64 : 1;
	n = (size_t)(l->ops->labels + 1) * l->nwords;
	l->at = n <= FEW ? memset(l->few, 0, n * sizeof *l->at) : xcalloc(n, sizeof *l->at);
}

/* What is live before an operation, from what is live after it. */
static void before(struct liveness *l, const struct uop *u, uint64_t *live)
{
	struct effect e = ops_effect(u);

	if (ops_ends_path(u) && u->op != J_ALWAYS)
		copy_live(l, live, l->registers);
	if (u->op == J_ALWAYS)
		copy_live(l, live, live_at_label(l, u->d));
	else if (ops_is_conditional(u))
		join_live(l, live,
			  u->d == LABEL_COLD ? l->registers : live_at_label(l, u->d));
	if (e.defines)
		set_live(l, live, u->d, false);
	if (u->op == U_ELEM || u->op == V_ELEMS || u->op == U_CHECK || u->op == U_PLACE || u->op == T_NOCODE)
		join_live(l, live, l->registers);
	for (unsigned k = 0; k < e.nuses; k++)
		set_live(l, live, e.use[k], true);
	if (u->op == T_LABEL)
		copy_live(l, live_at_label(l, u->d), live);
}

/* A copy of a value that is not used again: may who makes the value make the copy at once? */
static bool defined_at_once(struct liveness *l, unsigned copy)
{
	struct uop *const op = l->ops->op;
	uint32_t d = op[copy].d, a = op[copy].a;
	unsigned i = copy;

	while (i-- > 0) {
		struct effect e = ops_effect(&op[i]);

		if (marked(&op[i]))
			continue;
		if (e.defines && op[i].d == a) {
			op[i].d = d;
			mark(&op[copy]);
			return true;
		}
		/* another copy, perhaps one that nobody needs: once that is gone, it is tried again */
		l->again |= op[i].op == U_MOVE && op[i].a == a;
		if (uses(&op[i], d) || uses(&op[i], a) || (e.defines && op[i].d == d) ||
		    op[i].op == T_LABEL || ops_is_jump(&op[i]) || ops_may_go_cold(&op[i]) ||
		    op[i].op == U_ELEM || op[i].op == V_ELEMS || op[i].op == U_SETELEM)
			return false;
	}
	return false;
}

/* Bits of a slot, as a mask; 0: u does not take some. */
static uint64_t bits_taken(const struct uop *u)
{
	if (u->op == U_ANDI)
		return u->imm;
	return u->op == U_SLICE && u->width + u->imm <= 32 ? isa_mask(u->width) << u->imm : 0;
}

/*
 * A jump if a value is 0, or is not, that nobody needs but it: if it is the outcome of a comparison,
 * the jump can compare; if it is some bits of another, it can look at these.
 */
static void jump_at_once(const struct ops *o, unsigned jump)
{
	struct uop *j = &o->op[jump];
	const struct uop *u = ops_maker(o, jump, j->a);
	bool sense = (j->op == J_EQI) == (j->aux & 1); /* does it jump if the value is 0? */

	if (!u)
		return;
	if (u->op >= U_EQ && u->op < J_EQ) {
		j->op = (uint8_t)(J_EQ + (u->op - U_EQ));
		j->width = u->width;
		j->aux = !sense;
		j->a = u->a;
		j->b = u->b;
		j->imm = u->imm;
	} else if (bits_taken(u) && bits_taken(u) <= UINT32_MAX) {
		j->width = 32;
		j->a = u->a;
		j->b = (uint32_t)bits_taken(u);
		while ((u = ops_maker(o, jump, j->a)) && u->op == U_ANDI && (j->b & u->imm)) {
			j->a = u->a;
			j->b &= (uint32_t)u->imm;
		}
	}
}

static bool asks_for_zero(const struct uop *u)
{
	return (u->op == J_EQI || u->op == J_NEI) && u->imm == 0 && u->b == 0;
}

/* Does it leave a slot where it stays what it is? */
static bool puts_the_same(const struct ops *o, unsigned put)
{
	const struct uop *u = &o->op[put], *got;

	if (u->op != T_PUT)
		return false;
	got = ops_maker(o, put, u->a);
	if (!got || got->op != T_GET || got->a != u->d)
		return false;
	for (got++; got < u; got++)
		if (got->op == T_PUT && got->d == u->d)
			return false;
	return true;
}

static bool removable(const struct uop *u)
{
	return ops_effect(u).defines && u->op != U_PLACE;
}

/* Backward: removes what is not used, and copies; true: more would be found now. */
static bool remove_unused(struct ops *o, unsigned nslots)
{
	uint64_t live[LIVE_WORDS] = { 0 };
	struct liveness all, *l = &all;

	memset(l, 0, offsetof(struct liveness, few));
	l->ops = o;
	l->nslots = nslots;
	number_all(l);
	for (unsigned i = o->count; i-- > 0 && !l->overflow;) {
		struct uop *u = &o->op[i];

		if (marked(u))
			continue;
		if ((removable(u) && !is_live(l, live, u->d)) || puts_the_same(o, i)) {
			mark(u);
			continue;
		}
		if (u->op == U_MOVE && u->a >= nslots && !is_live(l, live, u->a) &&
		    defined_at_once(l, i))
			continue;
		if (asks_for_zero(u) && u->a >= nslots && !is_live(l, live, u->a) &&
		    (u->d == LABEL_COLD || !is_live(l, live_at_label(l, u->d), u->a)))
			jump_at_once(o, i);
		before(l, u, live);
	}
	if (l->at != l->few)
		free(l->at);
	sweep(o);
	return l->again && !l->overflow;
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
	if (remove_unused(o, nslots))
		remove_unused(o, nslots);
	if (thread(o)) /* what stood between a jump and where it leads may be gone */
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
	bool few[FEW] = { false }, now = false, ok = true;
	bool *begun = o->labels < FEW ? few : xcalloc(o->labels + 1, sizeof *begun);

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
	if (begun != few)
		free(begun);
	return ok;
}
