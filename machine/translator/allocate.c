/*
 * Allocation: the slots that a region uses most, by loop depth, get registers of the
 * host; the others stay in the state vector.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

/* rax, rcx and rdx are for computing; rbp, rsp, r14 and r15 have their use (tiler.c). */
static const uint8_t pool[POOL] = { RBX, RSI, RDI, R8, R9, R10, R11, R12, R13 };

static void count_slot(uint64_t *use, const struct allocation *a, uint32_t slot, uint64_t weight)
{
	if (a->reg[slot] == NO_REG)
		use[slot] += weight;
}

static void count_op(uint64_t *use, struct allocation *a, const struct uop *u, uint64_t weight)
{
	struct effect e = ops_effect(u);

	for (unsigned i = 0; i < e.nuses; i++)
		count_slot(use, a, e.use[i], weight);
	if (!e.defines)
		return;
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

			if (u->op == U_ELEM || u->op == U_SETELEM || u->op == T_UNDO_ELEM)
				memset(use + u->b, 0, u->imm * sizeof *use);
		}
}

static void give(struct allocation *a, const uint64_t *use, uint32_t total)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < total; i++)
		if (a->reg[i] == NO_REG && (use[i] > use[best] || a->reg[best] != NO_REG))
			best = i;
	if (use[best] == 0 || a->reg[best] != NO_REG)
		return;
	a->reg[best] = pool[a->n];
	a->slot[a->n++] = best;
}

void allocate(const struct translator *t, const struct region *r, struct allocation *a)
{
	uint32_t total = t->layout.total;
	uint64_t *use = xcalloc(total, sizeof *use);
	unsigned most = t->options.pool && t->options.pool - 1 < POOL ? t->options.pool - 1 : POOL;

	*a = (struct allocation){ .reg = xmalloc(total),
				  .written = xcalloc(total, sizeof *a->written) };
	memset(a->reg, NO_REG, total);
	for (unsigned i = 0; i < r->nblocks; i++)
		count_block(use, a, r, &r->block[i]);
	exclude_arrays(use, r);
	for (unsigned i = 0; i < most; i++)
		give(a, use, total);
	free(use);
}

void allocation_fini(struct allocation *a)
{
	free(a->reg);
	free(a->written);
}
