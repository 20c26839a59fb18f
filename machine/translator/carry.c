/*
 * Within a block one instruction follows the other, whatever came before the first: what the one
 * found out about registers holds when the next begins.
 */
#include "machine/translator/simplify.h"

#include "isa/alloc.h"

void carry_nothing(struct translator *t)
{
	for (uint32_t i = 0; i < t->isa->nslots; i++)
		t->before[i] = (struct range){ 0, isa_mask(t->width[i]) };
}

void carry_begin(struct translator *t)
{
	t->simplifier->ntold = 0;
}

const struct told *carry_told(const struct translator *t, const struct instruction *in)
{
	return t->simplifier->told + in->told;
}

void carry_tell(const struct translator *t, const struct told *told)
{
	struct simplifier_storage *of = t->simplifier;

	if (of->ntold == of->told_capacity) {
		of->told_capacity = of->told_capacity ? 2 * of->told_capacity : 256;
		of->told = xrealloc(of->told, of->told_capacity * sizeof *of->told);
	}
	of->told[of->ntold++] = *told;
}

/* Of what has not been looked at the same is known as before. */
void carry_on(struct translator *t, const struct instruction *in)
{
	const struct told *told = carry_told(t, in);

	if (!in->informs) {
		carry_nothing(t);
		return;
	}
	for (unsigned i = 0; i < in->ntold; i++)
		t->before[told[i].slot] = told[i].range;
}

bool carry_concerns(const struct translator *t, const struct instruction *in)
{
	const struct told *told = carry_told(t, in);

	for (unsigned i = 0; i < in->ntold; i++) {
		const struct range *r = &t->before[told[i].slot];

		if (r->lo != 0 || r->hi != isa_mask(t->width[told[i].slot]))
			return true;
	}
	return in->retried;
}

/* ---- checks ---- */

enum { CHECKS = 16 };

/* Checks that hold now: of registers' bounds, and that there is no code. */
struct checks {
	struct uop *check[CHECKS];
	unsigned n;
	bool join; /* those of code */
};

static bool is_bound(const struct uop *u)
{
	return u->op == J_ULTI && u->d == LABEL_COLD && !(u->aux & 1);
}

static bool is_check(const struct checks *c, const struct uop *u)
{
	return is_bound(u) || (u->op == T_NOCODE && c->join);
}

static void forget(struct checks *c, uint32_t slot)
{
	for (unsigned i = c->n; i-- > 0;)
		if (c->check[i]->a == slot)
			c->check[i] = c->check[--c->n];
}

/*
 * The units of both, if there are few: below the first ones only where that surely is a place,
 * as it is when nothing is taken from the slot.
 */
static bool join_codes(struct uop *first, const struct uop *u)
{
	enum { MOST = CODE_NEAR + 1 };
	int64_t a = (int32_t)first->b, b = (int32_t)u->b, from = a < b ? a : b;
	int64_t a_end = a + (int64_t)first->imm, b_end = b + (int64_t)u->imm;
	int64_t end = a_end > b_end ? a_end : b_end;

	if (end - from > MOST || (from < a && from < 0))
		return false;
	first->b = (uint32_t)from;
	first->imm = (uint64_t)(end - from);
	return true;
}

/* Can an earlier check do for a later one, too?  Then it does. */
static bool join(struct uop *first, const struct uop *u)
{
	if (first->a != u->a || first->op != u->op)
		return false;
	if (u->op == T_NOCODE)
		return first->aux == u->aux && join_codes(first, u);
	if (u->imm < first->imm)
		first->imm = u->imm;
	return true;
}

static bool served(struct checks *c, const struct uop *u)
{
	for (unsigned i = 0; i < c->n; i++)
		if (join(c->check[i], u))
			return true;
	return false;
}

/* `surely`: execution comes here whenever it comes to the instruction and does not leave. */
static void note(struct checks *c, struct uop *u, uint32_t nslots, bool surely)
{
	if (surely && u->a < nslots && c->n < CHECKS)
		c->check[c->n++] = u;
}

static void pass(struct checks *c, struct ops *o, uint32_t nslots)
{
	bool surely = true;
	unsigned left = 0;

	for (unsigned i = 0; i < o->count; i++) {
		struct uop *u = &o->op[i];

		if (is_check(c, u) && served(c, u))
			continue;
		o->op[left] = *u;
		u = &o->op[left++];
		surely &= u->op != T_LABEL && !(ops_is_jump(u) && u->d != LABEL_COLD);
		if (is_check(c, u))
			note(c, u, nslots, surely);
		if (ops_effect(u).defines)
			forget(c, u->d);
		if (u->op == U_SETELEM)
			c->n = 0;
	}
	o->count = left;
}

void carry_checks(struct region *r, const struct block *b, uint32_t nslots)
{
	/* each store must find room in the log for itself */
	struct checks c = { .join = !r->context->key.logged };

	for (unsigned i = b->first; i < b->first + b->count; i++)
		pass(&c, &r->instruction[i].ops, nslots);
}
