/*
 * What was made of a word is made of it again at another place, in the same context, with what names
 * the place moved: where the same is known of the registers that it looks at, and as long as all that
 * was looked at of the position moves with it, or is said by its lowest bits.
 */
#include "machine/translator/simplify.h"

#include "isa/alloc.h"

/* There are sets of these; the next to go is the one that came first. */
enum { RECALLED_LOG = 15, TOGETHER = 4 };

struct recalled {
	const struct context *context;
	uint64_t word;
	struct instruction in; /* owns its operations */
	struct looked {
		struct range before;
		struct told told;
	} looked[]; /* in->ntold */
};

static uint64_t low_bits(const struct translator *t)
{
	return (UINT64_C(1) << t->log_length) - 1;
}

static bool may_recall(const struct translator *t, uint64_t p)
{
	return t->nposition_parts && position_is_straight(t, p);
}

/* Most that are another differ in this. */
static uint64_t key_of(const struct translator *t, const struct context *c, uint64_t p, uint64_t word)
{
	return word ^ (uint64_t)(uintptr_t)c << 28 ^ (p & low_bits(t)) << 60;
}

/* The first of a set. */
static struct recollection *set_of(const struct translator *t, uint64_t key)
{
	size_t i = key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - RECALLED_LOG);

	return &t->simplifier->recalled[i / TOGETHER * TOGETHER];
}

/* Is the same known of what it looked at? */
static bool same_known(const struct translator *t, const struct recalled *r)
{
	for (const struct looked *l = r->looked; l < r->looked + r->in.ntold; l++) {
		const struct range *now = &t->before[l->told.slot];

		if (now->lo != l->before.lo || now->hi != l->before.hi)
			return false;
	}
	return true;
}

static const struct recalled *find(const struct translator *t, const struct context *c, uint64_t p,
				   uint64_t word)
{
	uint64_t key = key_of(t, c, p, word);
	const struct recollection *set = set_of(t, key);

	for (unsigned i = 0; i < TOGETHER && set[i].of; i++) {
		const struct recalled *r = set[i].of;

		if (set[i].key == key && r->context == c && r->word == word &&
		    !((r->in.p ^ p) & low_bits(t)) && same_known(t, r))
			return r;
	}
	return NULL;
}

static void forget(struct recollection *at)
{
	if (at->of)
		ops_free(&at->of->in.ops);
	free(at->of);
	at->of = NULL;
}

static uint64_t move_position(const struct translator *t, uint64_t position, uint64_t by)
{
	uint64_t moved = 0;

	for (unsigned i = 0; i < t->nposition_parts; i++) {
		const struct position_part *q = &t->part_of_position[i];

		moved |= ((position_value(t, position, i) + by) & isa_mask(q->width)) << q->shift;
	}
	return moved;
}

static void move_ops(const struct translator *t, struct ops *o, uint64_t by)
{
	for (struct uop *u = o->op; u < o->op + o->count; u++) {
		if (u->op == T_GOTO)
			u->imm = move_position(t, u->imm, by);
		else if (u->op == U_CONST && u->aux & MOVING)
			u->imm = (u->imm + by) & isa_mask(t->part_of_position[0].width);
	}
}

bool recall(const struct translator *t, const struct context *c, uint64_t p, uint64_t word,
	    struct instruction *in)
{
	const struct recalled *r = may_recall(t, p) ? find(t, c, p, word) : NULL;

	if (!r)
		return false;
	*in = r->in;
	in->p = p;
	in->next = position_next(t, p);
	in->ops = ops_copy(&r->in.ops);
	move_ops(t, &in->ops, position_p(t, p) - position_p(t, r->in.p));
	in->calls = !in->alone && simplify_calls(t, in);
	in->told = t->simplifier->ntold;
	for (unsigned i = 0; i < in->ntold; i++)
		carry_tell(t, &r->looked[i].told);
	return true;
}

void recall_later(const struct translator *t, const struct context *c, uint64_t word,
		  const struct instruction *in)
{
	const struct told *told = carry_told(t, in);
	struct recollection *set;
	struct recalled *r;
	uint64_t key;

	if (!may_recall(t, in->p) || in->bound || in->retried)
		return;
	key = key_of(t, c, in->p, word);
	set = set_of(t, key);
	forget(&set[TOGETHER - 1]);
	memmove(set + 1, set, (TOGETHER - 1) * sizeof *set);
	r = xmalloc(sizeof *r + in->ntold * sizeof *r->looked);
	*set = (struct recollection){ key, r };
	*r = (struct recalled){ .context = c, .word = word, .in = *in };
	r->in.ops = ops_copy(&in->ops);
	t->simplifier->nrecalled++;
	for (unsigned i = 0; i < in->ntold; i++)
		r->looked[i] = (struct looked){ t->before[told[i].slot], told[i] };
}

void recall_begin(struct simplifier_storage *of)
{
	of->recalled = xcalloc((size_t)1 << RECALLED_LOG, sizeof *of->recalled);
}

void recall_nothing(struct simplifier_storage *of)
{
	for (size_t i = 0; of->nrecalled && i < (size_t)1 << RECALLED_LOG; i++)
		forget(&of->recalled[i]);
	of->nrecalled = 0;
}
