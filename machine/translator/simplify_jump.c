/* Comparisons and jumps, simplified: see simplify.h. */
#include "machine/translator/simplify.h"

#include "isa/arith.h"

#include <assert.h>

/* ---- jumps ---- */

/* A comparison of a slot and a constant, in the forms that are left: =, u<, s<=, s<. */
struct comparison {
	enum expr_op op;
	unsigned width;
	uint32_t a, b; /* b: unless constant */
	bool constant, sense;
	uint64_t v;
};

static void mirror(struct comparison *c, uint64_t a)
{
	static const enum expr_op mirrored[X_OPS] = {
		[X_EQ] = X_EQ, [X_ULT] = X_ULE, [X_ULE] = X_ULT, [X_SLT] = X_SLE, [X_SLE] = X_SLT,
	};

	c->sense ^= c->op != X_EQ;
	c->op = mirrored[c->op];
	c->a = c->b;
	c->v = a;
	c->constant = true;
}

/* In one of these forms, and with what is known; slots have their names. */
static struct comparison comparison_between(struct simplifier *s, const struct uop *u)
{
	struct comparison c = {
		.op = simplify_operator_of(U_EQ + (u->op - J_EQ)),
		.width = u->width,
		.a = u->a,
		.constant = (u->op - J_EQ) & 1,
		.sense = u->aux & 1,
		.v = u->imm,
	};
	uint64_t a;

	if (c.op == X_NE) {
		c.op = X_EQ;
		c.sense = !c.sense;
	}
	if (!c.constant) {
		c.b = u->b;
		if (fact_known(s, c.b, &c.v))
			c.constant = true;
		else if (fact_known(s, c.a, &a))
			mirror(&c, a);
	}
	if (c.constant && c.op == X_ULE && c.v < UINT64_MAX) {
		c.op = X_ULT;
		c.v++;
	}
	return c;
}

/* Of a jump in the program.  Where it asks for the outcome of a comparison, it is that comparison. */
static struct comparison comparison_of(struct simplifier *s, const struct uop *from)
{
	struct uop jump = *from;
	struct comparison c;
	const struct uop *u;

	jump.a = simplify_named(s, from->a);
	if (!((from->op - J_EQ) & 1))
		jump.b = simplify_named(s, from->b);
	c = comparison_between(s, &jump);
	if (c.op != X_EQ || !c.constant || c.v > 1)
		return c;
	u = ops_maker(&s->into->ops, s->into->ops.count, fact_root(s, c.a));
	if (!u || u->op < U_EQ || u->op >= J_EQ)
		return c;
	jump = *u;
	jump.op = (uint8_t)(J_EQ + (u->op - U_EQ));
	jump.aux = c.v ? c.sense : !c.sense;
	return comparison_between(s, &jump);
}

#define SIGN (UINT64_C(1) << 63)

/* Is the outcome known?  *outcome: does it jump? */
static bool decided(struct simplifier *s, const struct comparison *c, bool *outcome)
{
	struct fact a = fact_linear(s, c->a),
		    b = c->constant ? fact_const(c->v) : fact_linear(s, c->b);
	bool yes = false, no = false;

	if (!c->constant && a.base == b.base) {
		/* two sums of one base, that do not wrap around: the offsets tell */
		a = fact_const(a.offset ^ SIGN);
		b = fact_const(b.offset ^ SIGN);
		if (c->op == X_SLT || c->op == X_SLE)
			return false;
	}
	switch (c->op) {
	case X_EQ:
		yes = a.lo == a.hi && b.lo == b.hi && a.lo == b.lo;
		no = a.hi < b.lo || b.hi < a.lo;
		break;
	case X_ULT:
		yes = a.hi < b.lo;
		no = a.lo >= b.hi;
		break;
	case X_ULE:
		yes = a.hi <= b.lo;
		no = a.lo > b.hi;
		break;
	default:
		if (a.lo == a.hi && b.lo == b.hi)
			yes = arith_apply(c->op, c->width, a.lo, b.lo), no = !yes;
	}
	*outcome = yes == c->sense;
	return yes || no;
}

/* Notes that a comparison holds, or does not, of a slot and of what it equals but for a constant.
 */
static void refine(struct simplifier *s, const struct comparison *c, bool holds)
{
	struct fact line = fact_linear(s, c->a), *a = fact_of(s, c->a);
	struct fact *base = &s->now.fact[line.base];

	if (!c->constant)
		return;
	if (c->op == X_EQ && holds) {
		fact_at_most(a, c->v);
		fact_at_least(a, c->v);
	} else if (c->op == X_ULT && holds && c->v) {
		fact_at_most(a, c->v - 1);
	} else if (c->op == X_ULT && !holds) {
		fact_at_least(a, c->v);
	} else if (c->op == X_EQ && !holds && a->lo < a->hi) {
		/* not at one end of its range */
		a->lo += a->lo == c->v;
		a->hi -= a->hi == c->v;
	}
	if (base != a && line.offset <= a->hi) {
		fact_at_most(base, a->hi - line.offset);
		if (a->lo >= line.offset)
			fact_at_least(base, a->lo - line.offset);
	}
}

/* Compares the base rather than the sum, which then need not be computed. */
static void compare_base(struct simplifier *s, struct comparison *c)
{
	struct fact line = fact_linear(s, c->a);

	if (!c->constant || (c->op != X_ULT && c->op != X_EQ) || line.offset > c->v)
		return;
	c->a = s->slot[line.base];
	c->v -= line.offset;
}

static unsigned target_label(struct simplifier *s, unsigned target)
{
	if (target == s->length)
		return simplify_jump_to_end(s);
	state_remember(s, &s->at[target]);
	return target;
}

void simplify_jump_always(struct simplifier *s, unsigned target)
{
	simplify_emit(s, (struct uop){ .op = J_ALWAYS, .d = target_label(s, target) });
	s->reachable = false;
}

static unsigned jump_op(const struct comparison *c)
{
	for (unsigned op = J_EQ; op < J_ALWAYS; op += 2)
		if (simplify_operator_of(U_EQ + (op - J_EQ)) == c->op)
			return op + c->constant;
	assert(!"a comparison has its jump");
	return 0;
}

/* Does the program surely trap from an operation on? */
static bool traps_at(const struct simplifier *s, unsigned i)
{
	while (s->program->uop[i].op == U_CONST || s->program->uop[i].op == U_MOVE)
		i++;
	return s->program->uop[i].op == U_TRAP;
}

/*
 * A sum that is a little more than its base, and that must be below a bound or the oracle runs
 * the instruction: then the base may be compared instead, since where the sum wraps around to
 * what is below the bound, as it seldom does, the oracle may run it as well.
 */
static void assume_no_wrap(struct simplifier *s, const struct comparison *c, unsigned above)
{
	enum { LITTLE = 64 };
	struct fact *f = fact_of(s, c->a);
	uint64_t most;

	if (s->how != SIMPLIFY_FREE || !c->constant || c->op != X_ULT || f->base != NO_BASE ||
	    f->wrapped == NO_BASE || f->addend >= LITTLE || f->addend >= c->v ||
	    !traps_at(s, above))
		return;
	/* facts are of sums that do not wrap around at 64 bits */
	if (__builtin_add_overflow(s->now.fact[f->wrapped].hi, f->addend, &most))
		return;
	f->base = f->wrapped;
	f->offset = f->addend;
}

void simplify_jump(struct simplifier *s, const struct uop *u, unsigned target)
{
	unsigned i = (unsigned)(u - s->program->uop);
	struct comparison c = comparison_of(s, u), d = c;
	struct state before;
	struct uop j;
	bool outcome;

	if (decided(s, &c, &outcome)) {
		if (outcome)
			simplify_jump_always(s, target);
		return;
	}
	s->forked = true;
	assume_no_wrap(s, &c, c.sense ? i + 1 : target);
	compare_base(s, &d);
	j = (struct uop){ .op = (uint8_t)jump_op(&d), .width = (uint8_t)d.width, .aux = d.sense };
	j.a = fact_root(s, d.a);
	if (d.constant)
		j.imm = d.v;
	else
		j.b = fact_root(s, d.b);
	state_copy(&before, &s->now);
	refine(s, &c, c.sense);
	j.d = target_label(s, target);
	state_extend(s, &before, s->now.n);
	state_copy(&s->now, &before);
	refine(s, &c, !c.sense);
	simplify_emit(s, j);
}
