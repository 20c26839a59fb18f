/*
 * Within a block one instruction follows the other, whatever came before the first: what the one
 * found out about registers holds when the next begins.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

void carry_nothing(struct translator *t)
{
	for (uint32_t i = 0; i < t->isa->nslots; i++)
		t->before[i] = (struct range){ 0, isa_mask(t->width[i]) };
}

void carry_on(struct translator *t)
{
	struct range *before = t->before;

	t->before = t->after;
	t->after = before;
}

/* ---- checks ---- */

enum { CHECKS = 16 };

/* Checks that hold now, each of another slot. */
struct checks {
	struct uop *check[CHECKS];
	unsigned n;
};

static bool is_check(const struct uop *u)
{
	return u->op == J_ULTI && u->d == LABEL_COLD && !(u->aux & 1);
}

static void forget(struct checks *c, uint32_t slot)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->check[i]->a == slot)
			c->check[i] = c->check[--c->n];
}

/* True if an earlier check does for this one, too. */
static bool served(struct checks *c, const struct uop *u)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->check[i]->a == u->a) {
			if (u->imm < c->check[i]->imm)
				c->check[i]->imm = u->imm;
			return true;
		}
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

		if (is_check(u) && served(c, u))
			continue;
		o->op[left] = *u;
		u = &o->op[left++];
		surely &= u->op != T_LABEL && !(ops_is_jump(u) && u->d != LABEL_COLD);
		if (is_check(u))
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
	struct checks c = { .n = 0 };

	for (unsigned i = b->first; i < b->first + b->count; i++)
		pass(&c, &r->instruction[i].ops, nslots);
}
