/*
 * Allocation: the slots that a region uses most, by loop depth, get registers of the
 * host; the others stay in the state vector.  What lives within an instruction only gets a register
 * for as long as it lives, of those that are left for that.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

/* rax, rcx and rdx are for computing; rbp, rsp, r14 and r15 have their use (tiler.c). */
static const uint8_t pool[POOL] = { RBX, RSI, RDI, R8, R9, R10, R11, R12, R13 };

static void count_slot(uint64_t *use, const struct allocation *a, uint32_t slot, uint64_t weight)
{
	if (!a->local[slot])
		use[slot] += weight;
}

static void count_op(uint64_t *use, struct allocation *a, const struct uop *u, uint64_t weight)
{
	struct effect e = ops_effect(u);

	for (unsigned i = 0; i < e.nuses; i++)
		count_slot(use, a, e.use[i], weight);
	if (!e.defines)
		return;
	/* a constant goes where it stays as easily */
	if (u->op != U_CONST || u->imm > INT32_MAX)
		count_slot(use, a, u->d, weight);
	a->written[u->d] = true;
}

static void count_block(uint64_t *use, struct allocation *a, const struct region *r,
			const struct block *b)
{
	uint64_t weight = UINT64_C(1) << 3 * (b->depth < 6 ? b->depth : 6);

	for (unsigned i = b->first; i < b->first + b->count; i++)
		for (unsigned k = 0; k < r->instruction[i].ops.count; k++)
			count_op(use, a, &r->instruction[i].ops.op[k], weight);
}

/* Elements that are reached by a computed index stay where they can be. */
static void exclude_arrays(uint64_t *use, const struct region *r)
{
	for (unsigned i = 0; i < r->ninstructions; i++)
		for (unsigned k = 0; k < r->instruction[i].ops.count; k++) {
			const struct uop *u = &r->instruction[i].ops.op[k];

			if (u->op == U_ELEM || u->op == V_ELEMS || u->op == U_SETELEM ||
			    u->op == T_UNDO_ELEM)
				memset(use + u->b, 0, u->imm * sizeof *use);
		}
}

/* Those that are used at all, in ascending order. */
static unsigned candidates(const uint64_t *use, uint32_t total, uint32_t *slot)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < total; i++)
		if (use[i])
			slot[n++] = i;
	return n;
}

static void give(struct allocation *a, const uint64_t *use, const uint32_t *slot, unsigned n)
{
	uint32_t best = NO_INDEX;

	for (unsigned i = 0; i < n; i++)
		if (a->reg[slot[i]] == NO_REG && (best == NO_INDEX || use[slot[i]] > use[best]))
			best = slot[i];
	if (best == NO_INDEX)
		return;
	a->reg[best] = pool[a->n];
	a->slot[a->n++] = best;
}

/* ---- within an instruction ---- */

/* From the first operation that speaks of a slot to the last one: jumps only go forward. */
struct life {
	uint32_t slot;
	unsigned first, last;
};
struct lives {
	unsigned n;
	struct life life[LOCALS];
};

static void live_at(struct lives *l, const struct allocation *a, uint32_t slot, unsigned i)
{
	if (!a->local[slot])
		return;
	if (!a->life[slot] && l->n < LOCALS) {
		l->life[l->n++] = (struct life){ slot, i, i };
		a->life[slot] = (uint16_t)l->n;
	}
	if (a->life[slot])
		l->life[a->life[slot] - 1].last = i;
}

/* What is kept, to be put back by code that stands elsewhere. */
static bool keeps(const struct uop *u)
{
	return u->op == T_UNDO || u->op == T_UNDO_SLOT || u->op == T_UNDO_ELEM;
}

/* In the order in which they begin.  Of an instruction among others that keeps something, none: then
 * it can be found where it stays. */
static void find_lives(struct lives *l, const struct allocation *a, const struct ops *o)
{
	unsigned i = 0;

	l->n = 0;
	for (; i < o->count && !(keeps(&o->op[i]) && a->local[o->op[i].d]); i++) {
		struct effect e = ops_effect(&o->op[i]);

		for (unsigned k = 0; k < e.nuses; k++)
			live_at(l, a, e.use[k], i);
		if (e.defines)
			live_at(l, a, o->op[i].d, i);
	}
	for (unsigned k = 0; k < l->n; k++)
		a->life[l->life[k].slot] = 0;
	if (i < o->count)
		l->n = 0;
}

/* Can an operation's result be where an operand was?  What is taken away is in the way. */
static bool works_in_place(const struct uop *u, uint32_t operand)
{
	return u->op >= U_MOVE && u->op < J_EQ && (u->op != U_SUB || u->b != operand);
}

/* Is it over when another begins? */
static bool is_over(const struct life *l, const struct life *other, const struct ops *o)
{
	return l->last < other->first ||
	       (l->last == other->first && works_in_place(&o->op[l->last], l->slot));
}

/* Who has them at last, as far as lives have been looked at. */
struct holders {
	const struct lives *l;
	const struct ops *ops;
	int life[POOL]; /* by register that is left; -1: none yet */
};

static bool is_free(const struct holders *h, unsigned reg, unsigned n)
{
	return h->life[reg] < 0 || is_over(&h->l->life[h->life[reg]], &h->l->life[n], h->ops);
}

/* A register for a life: one that is free, or that of whoever wants it longest, if that is longer. */
static int register_for(const struct allocation *a, const struct holders *h, unsigned n)
{
	unsigned longest = h->l->life[n].last;
	int best = -1;

	for (unsigned i = 0; i < a->nspare; i++) {
		if (is_free(h, i, n))
			return (int)i;
		if (h->l->life[h->life[i]].last > longest) {
			longest = h->l->life[h->life[i]].last;
			best = (int)i;
		}
	}
	return best;
}

void allocate_begin(struct allocation *a, const struct ops *o)
{
	struct lives l;
	struct holders h = { &l, o, { 0 } };

	a->nlocals = 0;
	if (!a->nspare)
		return;
	find_lives(&l, a, o);
	for (unsigned i = 0; i < POOL; i++)
		h.life[i] = -1;
	for (unsigned i = 0; i < l.n; i++) {
		int reg = register_for(a, &h, i);

		a->in_use[a->nlocals++] = l.life[i].slot;
		if (reg < 0)
			continue;
		if (h.life[reg] >= 0 && !is_free(&h, (unsigned)reg, i))
			a->reg[l.life[h.life[reg]].slot] = NO_REG;
		a->reg[l.life[i].slot] = a->spare[reg];
		h.life[reg] = (int)i;
	}
}

void allocate_end(struct allocation *a)
{
	while (a->nlocals)
		a->reg[a->in_use[--a->nlocals]] = NO_REG;
}

/* How many there are at once, at most; or more than `most`. */
static unsigned pressure(const struct allocation *a, const struct ops *o, unsigned most)
{
	unsigned n = 0;
	struct lives l;

	find_lives(&l, a, o);
	for (unsigned i = 0; i < l.n && n <= most; i++) {
		unsigned now = 1;

		for (unsigned k = 0; k < i; k++)
			now += !is_over(&l.life[k], &l.life[i], o);
		n = now > n ? now : n;
	}
	return n;
}

/* ---- all of a region ---- */

/* So many registers are left for what lives within an instruction; all that it wants, if it is the only one. */
static unsigned to_spare(const struct allocation *a, const struct region *r, unsigned most)
{
	enum { AMONG_MANY = 2 };
	unsigned wanted = r->how == SIMPLIFY_FREE ? AMONG_MANY : POOL;
	unsigned n = 0;

	most = r->how == SIMPLIFY_FREE ? most / 2 : most;
	for (unsigned i = 0; i < r->nblocks; i++)
		for (unsigned k = 0; k < r->block[i].count && n < wanted; k++) {
			unsigned p = pressure(a, &r->instruction[r->block[i].first + k].ops,
					      wanted);

			n = p > n ? p : n;
		}
	n = n < wanted ? n : wanted;
	return n < most ? n : most;
}

/*
 * What holds nothing between two instructions, nor when a round begins, and nobody wants when it has
 * ended.  Other code may begin with some of it, and leaves its result.
 */
static void note_locals(const struct translator *t, const struct region *r, struct allocation *a)
{
	const struct ops *o = &r->instruction[0].ops;
	bool alone = r->how != SIMPLIFY_FREE;
	uint32_t from = alone ? t->layout.work + WORK_LEFT : t->layout.locals;

	if (r->how == SIMPLIFY_SETTLED)
		return;
	memset(a->local + from, true, t->layout.traps - from);
	a->local[t->layout.work + WORK_RESULT] = is_round(r->how);
	for (unsigned i = 0; alone && i < o->count; i++) {
		struct effect e = ops_effect(&o->op[i]);

		for (unsigned k = 0; k < e.nuses && keeps(&o->op[i]); k++)
			a->local[e.use[k]] = false;
	}
}

void allocate(const struct translator *t, struct region *r, struct allocation *a)
{
	uint32_t total = t->layout.total;
	uint64_t *use = xcalloc(total, sizeof *use);
	uint32_t *slot = xmalloc(total * sizeof *slot);
	unsigned most = t->options.pool && t->options.pool - 1 < POOL ? t->options.pool - 1 : POOL;
	unsigned spare, n;

	*a = (struct allocation){ .reg = xmalloc(total),
				  .written = xcalloc(total, sizeof *a->written),
				  .local = xcalloc(total, sizeof *a->local),
				  .life = xcalloc(total, sizeof *a->life) };
	memset(a->reg, NO_REG, total);
	note_locals(t, r, a);
	if (is_round(r->how) || r->how == SIMPLIFY_CODE)
		ops_split(&r->instruction[0].ops, a->local, &t->layout);
	for (unsigned i = 0; i < r->nblocks; i++)
		count_block(use, a, r, &r->block[i]);
	for (unsigned i = 0; i < r->nsettings; i++)
		a->written[r->setting[i].slot] = true;
	exclude_arrays(use, r);
	spare = to_spare(a, r, most);
	n = candidates(use, total, slot);
	for (unsigned i = 0; i < most - spare; i++)
		give(a, use, slot, n);
	for (unsigned i = a->n; i < most; i++)
		a->spare[a->nspare++] = pool[i];
	free(slot);
	free(use);
}

void allocation_fini(struct allocation *a)
{
	free(a->reg);
	free(a->written);
	free(a->local);
	free(a->life);
}
