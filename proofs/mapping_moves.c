/* Moves from one map to another: one register, two or three, the least demanding first. */
#include "proofs/mapping.h"

struct option {
	const struct isa_reg *reg;
	unsigned choice, cost;
};

struct options {
	unsigned n, nregs; /* of how many registers */
	bool more;	   /* than there is room for */
	struct option of[MAX_OPTIONS];
};

static void add_options(struct mapping *m, struct options *all, const struct isa_reg *r)
{
	const struct choices *choices = &m->choices[r->index];

	all->nregs++;
	for (unsigned k = 0; k < choices->n; k++) {
		if (k == m->chosen[r->index])
			continue;
		if (all->n < MAX_OPTIONS)
			all->of[all->n++] = (struct option){ r, k, choices->of[k].cost };
		else
			all->more = true;
	}
}

static struct options options_for(struct mapping *m, unsigned obligation, const bool *closed)
{
	const struct isa *isa = m->c.sym.isa;
	struct options all = { 0 };

	for (unsigned i = 0; i < isa->nregs; i++) {
		if (closed[i] || decides_user(isa, &isa->reg[i]) ||
		    !mapping_depends(m, obligation, &isa->reg[i]))
			continue;
		add_options(m, &all, &isa->reg[i]);
	}
	return all;
}

/* Adds what follows a move by one register more, from an option on. */
static void extend(struct moves *all, const struct options *options, struct move move,
		   unsigned from)
{
	for (unsigned i = from; i < options->n; i++) {
		struct move longer = move;
		if (move.n && options->of[i].reg == move.reg[move.n - 1])
			continue;
		longer.reg[longer.n] = options->of[i].reg;
		longer.choice[longer.n++] = options->of[i].choice;
		longer.cost += options->of[i].cost;
		all->of = xrealloc(all->of, (all->n + 1) * sizeof *all->of);
		all->of[all->n++] = longer;
		if (longer.n < MOVE_REGISTERS)
			extend(all, options, longer, i + 1);
	}
}

static int by_cost(const void *a, const void *b)
{
	const struct move *x = a, *y = b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	for (unsigned i = 0; i < x->n; i++) {
		if (x->reg[i] != y->reg[i])
			return x->reg[i] < y->reg[i] ? -1 : 1;
		if (x->choice[i] != y->choice[i])
			return x->choice[i] < y->choice[i] ? -1 : 1;
	}
	return 0;
}

/* What follows a move. */
static struct moves moves_from(struct mapping *m, struct move move, unsigned obligation,
			       const bool *closed)
{
	struct options options = options_for(m, obligation, closed);
	struct moves all = { 0 };

	extend(&all, &options, move, 0);
	if (all.n)
		qsort(all.of, all.n, sizeof *all.of, by_cost);
	all.limits = (unsigned)(options.nregs + move.n > MOVE_REGISTERS) << LIMIT_REGISTERS |
		     (unsigned)options.more << LIMIT_CHOICES |
		     (unsigned)(all.n > MAX_MOVES) << LIMIT_MOVES;
	if (all.n > MAX_MOVES)
		all.n = MAX_MOVES;
	return all;
}

struct moves moves_for(struct mapping *m, unsigned obligation, const bool *closed)
{
	return moves_from(m, (struct move){ 0 }, obligation, closed);
}

struct moves moves_beyond(struct mapping *m, const struct move *move, unsigned obligation)
{
	bool *closed = xcalloc(m->c.sym.isa->nregs + 1, sizeof *closed);
	struct moves all = { 0 };

	for (unsigned i = 0; i < move->n; i++)
		closed[move->reg[i]->index] = true;
	if (move->n < MOVE_REGISTERS)
		all = moves_from(m, *move, obligation, closed);
	free(closed);
	return all;
}

void moves_free(struct moves *moves)
{
	free(moves->of);
}

void move_make(struct mapping *m, struct move *move)
{
	m->tried++;
	for (unsigned i = 0; i < move->n; i++) {
		move->before[i] = m->chosen[move->reg[i]->index];
		mapping_choose(m, move->reg[i], move->choice[i]);
	}
}

void move_undo(struct mapping *m, const struct move *move)
{
	for (unsigned i = 0; i < move->n; i++)
		mapping_choose(m, move->reg[i], move->before[i]);
}
