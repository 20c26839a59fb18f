/*
 * In which order the blocks of a region stand: each behind one that leads to it, where that goes,
 * so that execution falls into it.  Where it may go on in two places, the inner loop comes first.
 */
#include "machine/translator/private.h"

#include <string.h>

/* The best of those that a block leads to and that have no place yet; -1: there is none. */
static int successor(const struct region *r, unsigned from, const bool *placed)
{
	const struct block *b = &r->block[from];
	const struct ops *o = &r->instruction[b->first + b->count - 1].ops;
	int best = -1;

	for (unsigned i = 0; i < o->count; i++) {
		int to = o->op[i].op == T_GOTO ? region_block(r, o->op[i].imm) : -1;

		if (to < 0 || placed[to] || !r->block[to].count)
			continue;
		/* among equals it is the next place */
		if (best < 0 || r->block[to].depth > r->block[best].depth ||
		    (r->block[to].depth == r->block[best].depth && (unsigned)to == from + 1))
			best = to;
	}
	return best;
}

void order_blocks(struct region *r)
{
	struct block ordered[MAX_BLOCKS + 1];
	bool placed[MAX_BLOCKS + 1] = { false };
	unsigned n = 0;

	for (unsigned first = 0; first < r->nblocks; first++) {
		int next = placed[first] || !r->block[first].count ? -1 : (int)first;

		while (next >= 0) {
			unsigned i = (unsigned)next;

			placed[i] = true;
			ordered[n++] = r->block[i];
			next = successor(r, i, placed);
		}
	}
	for (unsigned i = 0; i < r->nblocks; i++)
		if (!placed[i])
			ordered[n++] = r->block[i];
	memcpy(r->block, ordered, n * sizeof *ordered);
}
