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

static void live_at(struct lives *l, const struct allocation *a, uint32_t slot, unsigned i,
		    unsigned last)
{
	if (!a->local[slot])
		return;
	for (unsigned k = 0; k < l->n; k++)
		if (l->life[k].slot == slot) {
			l->life[k].last = last > l->life[k].last ? last : l->life[k].last;
			return;
		}
	if (l->n < LOCALS)
		l->life[l->n++] = (struct life){ slot, i, last };
}

/* What is kept, to be put back by code that stands elsewhere. */
static bool keeps(const struct uop *u)
{
	return u->op == T_UNDO || u->op == T_UNDO_SLOT || u->op == T_UNDO_ELEM;
}

/* In the order in which they begin.  Of an instruction that keeps something, none: then it can be
 * found where it stays. */
static void find_lives(struct lives *l, const struct allocation *a, const struct ops *o)
{
	l->n = 0;
	for (unsigned i = 0; i < o->count; i++) {
		const struct uop *u = &o->op[i];
		struct effect e = ops_effect(u);

		if (keeps(u)) {
			l->n = 0;
			return;
		}
		for (unsigned k = 0; k < e.nuses; k++)
			live_at(l, a, e.use[k], i, i);
		if (e.defines)
			live_at(l, a, u->d, i, i);
	}
}

/* Is it over when another begins?  A copy may be made in place. */
static bool is_over(const struct life *l, const struct life *other, const struct ops *o)
{
	return l->last < other->first ||
	       (l->last == other->first && o->op[l->last].op == U_MOVE);
}

/* A register that none of those that began before and are not over has; NO_REG: there is none. */
static uint8_t free_register(const struct allocation *a, const struct lives *l, unsigned n,
			     const struct ops *o)
{
	for (unsigned i = 0; i < a->nspare; i++) {
		bool is_free = true;

		for (unsigned k = 0; k < n && is_free; k++)
			is_free = a->reg[l->life[k].slot] != a->spare[i] ||
				  is_over(&l->life[k], &l->life[n], o);
		if (is_free)
			return a->spare[i];
	}
	return NO_REG;
}

void allocate_begin(struct allocation *a, const struct ops *o)
{
	struct lives l;

	a->nlocals = 0;
	if (!a->nspare)
		return;
	find_lives(&l, a, o);
	for (unsigned i = 0; i < l.n; i++)
		a->reg[l.life[i].slot] = free_register(a, &l, i, o);
	for (unsigned i = 0; i < l.n; i++)
		a->in_use[a->nlocals++] = l.life[i].slot;
}

void allocate_end(struct allocation *a)
{
	while (a->nlocals)
		a->reg[a->in_use[--a->nlocals]] = NO_REG;
}

/* How many there are at once, at most. */
static unsigned pressure(const struct allocation *a, const struct ops *o)
{
	unsigned most = 0;
	struct lives l;

	find_lives(&l, a, o);
	for (unsigned i = 0; i < l.n; i++) {
		unsigned n = 1;

		for (unsigned k = 0; k < i; k++)
			n += !is_over(&l.life[k], &l.life[i], o);
		most = n > most ? n : most;
	}
	return most;
}

/* ---- all of a region ---- */

/* So many registers are left for what lives within an instruction. */
static unsigned to_spare(const struct allocation *a, const struct region *r, unsigned most)
{
	enum { WANTED = 2 };
	unsigned n = 0;

	for (unsigned i = 0; i < r->nblocks; i++)
		for (unsigned k = 0; k < r->block[i].count && n < WANTED; k++) {
			unsigned p = pressure(a, &r->instruction[r->block[i].first + k].ops);

			n = p > n ? p : n;
		}
	n = n < WANTED ? n : WANTED;
	return n < most / 2 ? n : most / 2;
}

void allocate(const struct translator *t, const struct region *r, struct allocation *a)
{
	uint32_t total = t->layout.total;
	uint64_t *use = xcalloc(total, sizeof *use);
	uint32_t *slot = xmalloc(total * sizeof *slot);
	unsigned most = t->options.pool && t->options.pool - 1 < POOL ? t->options.pool - 1 : POOL;
	unsigned spare, n;

	*a = (struct allocation){ .reg = xmalloc(total),
				  .written = xcalloc(total, sizeof *a->written),
				  .local = xcalloc(total, sizeof *a->local) };
	memset(a->reg, NO_REG, total);
	/* what holds nothing between two instructions; where there is one instruction only, it may be
	   what that begins with */
	if (r->how == SIMPLIFY_FREE)
		memset(a->local + t->layout.locals, true, t->layout.traps - t->layout.locals);
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
}
