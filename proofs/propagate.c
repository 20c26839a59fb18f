/*
 * What the conditions of a query say of each other: one that holds makes the same
 * term true wherever else it occurs, one that equals a constant makes it that.
 *
 * Each condition is rewritten by what is known of terms within it.  Conditions are taken
 * in the order in which their terms were made, so that the simple come before what is
 * made of them: of a path that does not trap at its first access, the guard of the
 * second loses the first, and so on.  As conditions stay where their knowledge came from,
 * those that come out hold for the same states as those that went in.
 */
#include "proofs/smt_private.h"

#include "isa/alloc.h"

#include <stdlib.h>

struct by_id { /* terms by the id of another */
	unsigned size;
	const struct term **term;
};

static const struct term *lookup(const struct by_id *m, const struct term *t)
{
	return t->id < m->size ? m->term[t->id] : NULL;
}

static void put(struct by_id *m, const struct term *t, const struct term *value)
{
	if (t->id >= m->size) {
		unsigned size = 2 * t->id + 64;
		m->term = xrealloc(m->term, size * sizeof *m->term);
		memset(m->term + m->size, 0, (size - m->size) * sizeof *m->term);
		m->size = size;
	}
	m->term[t->id] = value;
}

struct propagation {
	struct terms *terms;
	struct by_id known, memo;
	struct propagated *out;
};

static const struct term *rewrite(struct propagation *p, const struct term *t);

/* With what is known of its parts, not of itself. */
static const struct term *rewrite_parts(struct propagation *p, const struct term *t)
{
	const struct term *arg[3] = { NULL };
	bool same = true;

	for (int i = 0; i < 3 && t->arg[i]; i++) {
		arg[i] = rewrite(p, t->arg[i]);
		same &= arg[i] == t->arg[i];
	}
	return same ? t : term_with(p->terms, t, arg);
}

static const struct term *rewrite(struct propagation *p, const struct term *t)
{
	const struct term *known = lookup(&p->known, t), *now;

	if (known)
		return known;
	now = lookup(&p->memo, t);
	if (!now) {
		now = rewrite_parts(p, t);
		put(&p->memo, t, now);
	}
	known = lookup(&p->known, now);
	return known ? known : now;
}

static bool is_equation(const struct term *t)
{
	return t->op == X_EQ && (t->arg[0]->op == X_CONST || t->arg[1]->op == X_CONST);
}

/* Of the condition's subject, which the condition says all about, only the parts. */
static const struct term *rewrite_condition(struct propagation *p, const struct term *t)
{
	if (t->op == X_NOT)
		return term_not(p->terms, rewrite_parts(p, t->arg[0]));
	if (!is_equation(t))
		return rewrite_parts(p, t);
	int constant = t->arg[0]->op != X_CONST;
	return term_eq(p->terms, rewrite_parts(p, t->arg[!constant]), t->arg[constant]);
}

static void learn(struct propagation *p, const struct term *t)
{
	put(&p->known, t, term_true(p->terms));
	if (t->op == X_NOT)
		put(&p->known, t->arg[0], term_false(p->terms));
	if (is_equation(t)) {
		int constant = t->arg[0]->op != X_CONST;
		put(&p->known, t->arg[!constant], t->arg[constant]);
	}
}

static void emit(struct propagation *p, const struct term *t)
{
	struct propagated *out = p->out;

	if ((out->n & (out->n - 1)) == 0)
		out->term = xrealloc(out->term, (out->n ? 2 * out->n : 1) * sizeof *out->term);
	out->term[out->n++] = t;
}

/* Conjunctions, and negated disjunctions, into their parts. */
static void split(struct propagation *p, const struct term *t, bool negated)
{
	if (t->op == X_NOT) {
		split(p, t->arg[0], !negated);
	} else if (t->width == 1 && t->op == (negated ? X_OR : X_AND)) {
		split(p, t->arg[0], negated);
		split(p, t->arg[1], negated);
	} else {
		emit(p, negated ? term_not(p->terms, t) : t);
	}
}

/* What a condition says something about: what it negates or compares with a constant. */
static const struct term *subject(const struct term *t)
{
	if (t->op == X_NOT)
		return t->arg[0];
	return is_equation(t) ? t->arg[t->arg[0]->op == X_CONST] : t;
}

static int in_order(const void *a, const void *b)
{
	const struct term *x = subject(*(const struct term *const *)a),
			  *y = subject(*(const struct term *const *)b);

	return x->id < y->id ? -1 : x->id > y->id;
}

/* One pass over all; true if something changed. */
static bool pass(struct propagation *p)
{
	struct propagated in = *p->out;
	bool changed = false;

	*p->out = (struct propagated){ 0 };
	p->known = p->memo = (struct by_id){ 0 };
	if (in.n > 1)
		qsort(in.term, in.n, sizeof *in.term, in_order);
	for (unsigned i = 0; i < in.n; i++) {
		unsigned from = p->out->n;
		if (lookup(&p->known, in.term[i]) == term_true(p->terms))
			continue;
		const struct term *now = rewrite_condition(p, in.term[i]);
		changed |= now != in.term[i];
		split(p, now, false);
		for (unsigned k = from; k < p->out->n; k++)
			learn(p, p->out->term[k]);
	}
	free(in.term);
	free(p->known.term);
	free(p->memo.term);
	return changed;
}

struct propagated propagate(struct terms *terms, unsigned n, const struct term *const *condition)
{
	enum { PASSES = 4 };
	struct propagated out = { 0 };
	struct propagation p = { .terms = terms, .out = &out };

	for (unsigned i = 0; i < n; i++)
		split(&p, condition[i], false);
	for (int i = 0; i < PASSES && pass(&p); i++)
		;
	return out;
}

void propagated_free(struct propagated *p)
{
	free(p->term);
}
