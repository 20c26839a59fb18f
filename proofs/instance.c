/*
 * What a witness says of other words: the values that the solver found are put into the
 * conditions, for all but the instruction's word, and a condition on the word is left.  A word
 * that meets it has the same states as its witness, but for what follows the word:
 *
 * - a function holds what it held where it is applied to something of the word: a register that
 *   the word names, storage at an address that the word makes;
 * - storage that was fetched from holds the word: an equation between a function's value and part
 *   of the word says what it is;
 * - where a register and part of the word make an address, the register makes up for the part;
 * - where two states differ is looked for at a place that the word chooses: a variable that is
 *   compared with such a place is tried as that place.
 *
 * Whatever the word, all this is one choice of values; and in those the conditions are evaluated.
 */
#include "proofs/classify_private.h"

#include "isa/alloc.h"

#include <string.h>

enum { MAX_POINTS = 256, MAX_PLACES = 12 };

struct point { /* of a function, or a variable: what it is there */
	const char *name;
	const struct term *at; /* NULL: a variable */
	const struct term *value;
	const struct term *of; /* the application; NULL: none */
};

struct place_tried { /* a variable, and what it is tried as */
	const struct term *variable, *as;
};

struct instance {
	struct classifier *c;
	const struct term *variable, *word; /* $word, and what is put for it */
	unsigned nterms;
	bool *seen, *of_word;	  /* by term: looked at; the word occurs in it */
	const struct term **memo; /* by term */
	unsigned npoints, nplaces;
	struct point point[MAX_POINTS + 1];
	struct place_tried place[MAX_PLACES];
};

/* ---- what the conditions say ---- */

/* Does the word occur?  Notes the applications, arguments first. */
static bool survey(struct instance *in, const struct term *t)
{
	if (in->seen[t->id])
		return in->of_word[t->id];
	in->seen[t->id] = true;
	in->of_word[t->id] = t == in->variable;
	for (int i = 0; i < 3 && t->arg[i]; i++)
		in->of_word[t->id] |= survey(in, t->arg[i]);
	if (t->op == T_APPLY && in->npoints < MAX_POINTS)
		in->point[in->npoints++] = (struct point){ .name = t->name, .of = t };
	return in->of_word[t->id];
}

/* A variable, or one to which something is added: what makes the two sides equal. */
static void try_place(struct instance *in, const struct term *side, const struct term *other)
{
	struct terms *ts = in->c->sym.terms;

	for (int i = 0; side->op == X_ADD && i < 2; i++)
		if (side->arg[i]->op == T_VARIABLE && !in->of_word[side->arg[!i]->id]) {
			other = term_binary(ts, X_SUB, other, side->arg[!i]);
			side = side->arg[i];
		}
	if (side->op != T_VARIABLE || side == in->variable || in->nplaces == MAX_PLACES)
		return;
	for (unsigned i = 0; i < in->nplaces; i++)
		if (in->place[i].variable == side && in->place[i].as == other)
			return;
	in->place[in->nplaces++] = (struct place_tried){ side, other };
}

static void find_places(struct instance *in, const struct term *t)
{
	if (in->seen[t->id])
		return;
	in->seen[t->id] = true;
	for (int i = 0; i < 2 && t->op == X_EQ; i++)
		if (in->of_word[t->arg[i]->id] && !in->of_word[t->arg[!i]->id])
			try_place(in, t->arg[!i], t->arg[i]);
	for (int i = 0; i < 3 && t->arg[i]; i++)
		find_places(in, t->arg[i]);
}

/* ---- putting the values in ---- */

static const struct term *put(struct instance *, const struct term *);

static const struct term *put_variable(const struct instance *in, const struct term *t)
{
	if (t == in->variable)
		return in->word;
	for (unsigned i = 0; i < in->npoints; i++)
		if (in->point[i].name == t->name && !in->point[i].at)
			return in->point[i].value;
	return term_const(in->c->sym.terms, t->width, smt_value(in->c->smt, t));
}

/* The first of the points there says; beyond those known so far, a function is 0. */
static const struct term *put_application(struct instance *in, const struct term *t)
{
	struct terms *ts = in->c->sym.terms;
	const struct term *at = put(in, t->arg[0]), *value = term_const(ts, t->width, 0);

	for (unsigned i = in->npoints; i-- > 0;) {
		const struct point *p = &in->point[i];
		if (p->name == t->name && p->at)
			value = term_ite(ts, term_eq(ts, at, p->at), p->value, value);
	}
	return value;
}

static const struct term *put_parts(struct instance *in, const struct term *t)
{
	const struct term *arg[3] = { NULL };

	for (int i = 0; i < 3 && t->arg[i]; i++)
		arg[i] = put(in, t->arg[i]);
	return term_with(in->c->sym.terms, t, arg);
}

static const struct term *put(struct instance *in, const struct term *t)
{
	const struct term **known = t->id < in->nterms ? &in->memo[t->id] : NULL, *now;

	if (known && *known)
		return *known;
	now = t->op == T_VARIABLE ? put_variable(in, t)
	      : t->op == T_APPLY  ? put_application(in, t)
				  : put_parts(in, t);
	if (known)
		*known = now;
	return now;
}

static void forget(struct instance *in)
{
	memset(in->memo, 0, in->nterms * sizeof *in->memo);
}

/* ---- what functions are ---- */

static struct point *point_of(struct instance *in, const struct term *application)
{
	for (unsigned i = 0; i < in->npoints; i++)
		if (in->point[i].of == application)
			return &in->point[i];
	return NULL;
}

static void take_values(struct instance *in)
{
	for (unsigned i = 0; i < in->npoints; i++) {
		struct point *p = &in->point[i];
		p->value = term_const(in->c->sym.terms, p->of->width, smt_value(in->c->smt, p->of));
	}
}

/* Arguments are made of what functions are at earlier points, and later ones change nothing there.
 */
static void take_arguments(struct instance *in)
{
	for (unsigned i = 0; i < in->npoints; i++)
		in->point[i].at = put(in, in->point[i].of->arg[0]);
}

/* f(a) = part of the word. */
static void define_fetched(struct instance *in, const struct term *t)
{
	if (t->op == X_AND && t->width == 1) {
		define_fetched(in, t->arg[0]);
		define_fetched(in, t->arg[1]);
	}
	for (int i = 0; i < 2 && t->op == X_EQ; i++) {
		const struct term *f = t->arg[i], *part = t->arg[!i];
		struct point *p =
			f->op == T_APPLY && in->of_word[part->id] ? point_of(in, f) : NULL;
		if (p && !in->of_word[f->arg[0]->id])
			p->value = put(in, part);
	}
}

/* The application that a sum is made with, by way of choices. */
static const struct term *application_in(const struct term *t)
{
	if (t->op == X_ITE)
		return application_in(t->arg[1]) ? application_in(t->arg[1])
						 : application_in(t->arg[2]);
	return t->op == T_APPLY ? t : NULL;
}

/* f(a) + part of the word: the sum stays. */
static void make_up(struct instance *in, const struct term *t)
{
	struct terms *ts = in->c->sym.terms;

	if (in->seen[t->id])
		return;
	in->seen[t->id] = true;
	for (int i = 0; i < 3 && t->arg[i]; i++)
		make_up(in, t->arg[i]);
	for (int i = 0; i < 2 && t->op == X_ADD; i++) {
		const struct term *f = application_in(t->arg[i]), *part = t->arg[!i];
		struct point *p = f && in->of_word[part->id] ? point_of(in, f) : NULL;
		if (p && !application_in(part))
			p->value = term_binary(ts, X_SUB,
					       term_const(ts, t->width, smt_value(in->c->smt, t)),
					       put(in, part));
	}
}

static const struct term *put_all(struct instance *in, const struct conditions *q)
{
	struct terms *ts = in->c->sym.terms;
	const struct term *all = term_true(ts);

	for (unsigned i = 0; i < q->n; i++)
		all = term_and(ts, all, put(in, q->term[i]));
	return all;
}

static const struct term *put_place(struct instance *in, const struct conditions *q, unsigned i)
{
	const struct term *variable = in->place[i].variable, *all;

	in->point[in->npoints] =
		(struct point){ variable->name, NULL, put(in, in->place[i].as), NULL };
	in->npoints++;
	forget(in);
	all = put_all(in, q);
	in->npoints--;
	forget(in);
	return all;
}

static void clear_seen(struct instance *in)
{
	memset(in->seen, 0, in->nterms * sizeof *in->seen);
}

const struct term *instance_of_word(struct classifier *c, const struct conditions *q,
				    const struct term *word)
{
	struct instance in = { .c = c, .variable = sym_word(SYM, "$word"), .word = word };
	const struct term *any;

	in.nterms = terms_count(TS);
	in.seen = xcalloc(in.nterms, sizeof *in.seen);
	in.of_word = xcalloc(in.nterms, sizeof *in.of_word);
	in.memo = xcalloc(in.nterms, sizeof *in.memo);
	for (unsigned i = 0; i < q->n; i++)
		survey(&in, q->term[i]);
	take_values(&in);
	clear_seen(&in);
	for (unsigned i = 0; i < q->n; i++) {
		make_up(&in, q->term[i]);
		define_fetched(&in, q->term[i]);
	}
	forget(&in);
	take_arguments(&in);
	clear_seen(&in);
	for (unsigned i = 0; i < q->n; i++)
		find_places(&in, q->term[i]);
	any = put_all(&in, q);
	for (unsigned i = 0; i < in.nplaces && !term_is_true(any); i++)
		any = term_or(TS, any, put_place(&in, q, i));
	free(in.seen);
	free(in.of_word);
	free(in.memo);
	return any;
}
