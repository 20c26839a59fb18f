/*
 * The budget of steps within a region: where it is looked at, and where steps are taken from it.
 *
 * It is looked at where jumps lead back, and then must suffice up to wherever it is looked at
 * again.  Steps need not be taken when they are done: what is taken once for several blocks on
 * the way costs less.  So a block may begin and end with steps paid that are not done, as many
 * as all that lead to it, or that it leads to, agree on.
 */
#include "machine/translator/private.h"

/* ---- where it is looked at ---- */

/* The block that begins at p, if it is translated; NULL: none. */
static struct block *translated(struct region *r, uint64_t p)
{
	int i = region_block(r, p);

	return i >= 0 && r->block[i].count ? &r->block[i] : NULL;
}

/* Calls f for each block that may follow within the region. */
static void follow_on(struct region *r, struct block *b,
		      void (*f)(struct block *from, struct block *to))
{
	const struct instruction *in = &r->instruction[b->first + b->count - 1];
	struct block *to;

	for (unsigned i = 0; i < in->ops.count; i++)
		if (in->ops.op[i].op == T_GOTO && (to = translated(r, in->ops.op[i].imm)))
			f(b, to);
}

static void check_back(struct block *from, struct block *to)
{
	to->checked |= to <= from;
	to->heads |= to <= from;
	from->repeats |= to <= from;
}

static void look_ahead(struct block *from, struct block *to)
{
	enum { FAR = 12 }; /* for what is left of the budget then runs end step by step */
	unsigned ahead = from->count + to->ahead;

	/* a loop need not look at what follows when it ends */
	if (from->repeats || ahead > FAR)
		to->checked = true;
	if (!to->checked && ahead > from->ahead)
		from->ahead = ahead;
}

/*
 * The budget is looked at where jumps lead back, and where indirect ones may: between two such
 * blocks execution only goes forward.
 */
static void place_checks(struct region *r)
{
	struct block *to;

	for (unsigned i = 0; i < r->nreturns; i++)
		if ((to = translated(r, r->returns[i])))
			to->checked = to->heads = true;
	for (struct block *b = r->block; b < r->block + r->nblocks; b++)
		if (b->count)
			follow_on(r, b, check_back);
	for (struct block *b = r->block + r->nblocks; b-- > r->block;) {
		b->ahead = b->count;
		if (b->count)
			follow_on(r, b, look_ahead);
	}
}

/* ---- how much is paid ---- */

/*
 * Where a block begins and where it ends are points, 2 * i and 2 * i + 1.  Those that jumps join
 * have the same number of steps paid, so they are one set: root by root.
 */
struct points {
	unsigned above[2 * (MAX_BLOCKS + 1)]; /* itself: a root */
	unsigned paid[2 * (MAX_BLOCKS + 1)];  /* by root */
	bool none[2 * (MAX_BLOCKS + 1)];      /* nothing may be paid there */
};

static unsigned root(const struct points *p, unsigned i)
{
	while (p->above[i] != i)
		i = p->above[i];
	return i;
}

/* Does it go on elsewhere than by jumps to known places? */
static bool ends_open(const struct region *r, const struct block *b)
{
	const struct instruction *in = &r->instruction[b->first + b->count - 1];

	for (unsigned i = 0; i < in->ops.count; i++)
		if (in->ops.op[i].op == T_INDIRECT)
			return true;
	return false;
}

static void join_points(struct region *r, struct points *p)
{
	struct block *to;

	for (unsigned i = 0; i < r->nblocks; i++) {
		const struct block *b = &r->block[i];
		const struct instruction *in;

		if (!b->count)
			continue;
		in = &r->instruction[b->first + b->count - 1];
		for (unsigned k = 0; k < in->ops.count; k++)
			if (in->ops.op[k].op == T_GOTO && (to = translated(r, in->ops.op[k].imm)))
				p->above[root(p, 2 * (unsigned)(to - r->block))] =
					root(p, 2 * i + 1);
	}
}

/* A block that looks at the budget pays for all that follows, where that may be. */
static void pay(const struct region *r, struct points *p)
{
	for (unsigned i = 0; i < r->nblocks; i++) {
		const struct block *b = &r->block[i];

		if (b->count && b->checked)
			p->none[root(p, 2 * i)] = true;
		if (b->count && ends_open(r, b))
			p->none[root(p, 2 * i + 1)] = true;
	}
	for (unsigned i = 0; i < r->nblocks; i++) {
		const struct block *b = &r->block[i];
		unsigned after = root(p, 2 * i + 1);

		if (b->count && b->checked && !p->none[after] &&
		    b->ahead - b->count > p->paid[after])
			p->paid[after] = b->ahead - b->count;
	}
}

/* What is paid and not done when a block begins stays paid while it can: true if that is news. */
static bool keep_paid(const struct region *r, struct points *p)
{
	bool news = false;

	for (unsigned i = 0; i < r->nblocks; i++) {
		const struct block *b = &r->block[i];
		unsigned before = p->paid[root(p, 2 * i)], after = root(p, 2 * i + 1);

		if (!b->count || before <= b->count || p->none[after] ||
		    p->paid[after] >= before - b->count)
			continue;
		p->paid[after] = before - b->count;
		news = true;
	}
	return news;
}

void budget_plan(struct region *r)
{
	struct points p = { 0 };

	place_checks(r);
	for (unsigned i = 0; i < 2 * r->nblocks; i++)
		p.above[i] = i;
	join_points(r, &p);
	pay(r, &p);
	while (keep_paid(r, &p))
		;
	for (unsigned i = 0; i < r->nblocks; i++) {
		r->block[i].before = p.paid[root(&p, 2 * i)];
		r->block[i].after = p.paid[root(&p, 2 * i + 1)];
	}
}
