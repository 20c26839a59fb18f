/*
 * Does translate go by pages?  A walk over its tree, with the low bits of the address open,
 * tells whether they pass through it: whether the places of a page's units stand in storage
 * as the units in the page, whatever registers and storage hold.  The largest page for
 * which that can be shown counts.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

/* What a value does while the low bits of the address go through all their values. */
enum kind {
	UNSET,	 /* it has none */
	FIXED,	 /* it stays */
	ALIGNED, /* its low bits are the address's, the others stay */
	SUM,	 /* it is a sum of the address and what stays, cut to its width */
	OTHER,
};
struct value {
	enum kind kind;
	unsigned zeros; /* of FIXED: so many of its low bits are 0 */
};

struct walk {
	const struct translator *t;
	struct paging *paging;
	unsigned log;
	struct value *local; /* owned */
	bool fails;
	bool even;  /* one address of a page tells of all */
	int access; /* that it is for; -1: whichever */
};

static struct value fixed(unsigned zeros)
{
	return (struct value){ FIXED, zeros };
}

static struct value of_kind(enum kind kind)
{
	return (struct value){ kind, 0 };
}

static struct value meet(struct value a, struct value b)
{
	if (a.kind == UNSET || b.kind == UNSET)
		return a.kind == UNSET ? b : a;
	if (a.kind == FIXED && b.kind == FIXED)
		return fixed(a.zeros < b.zeros ? a.zeros : b.zeros);
	if (a.kind == b.kind)
		return a;
	return of_kind((a.kind == ALIGNED && b.kind == SUM) || (a.kind == SUM && b.kind == ALIGNED)
			       ? SUM
			       : OTHER);
}

static struct value value_of(struct walk *, const struct expr *);

static unsigned zeros_of(uint64_t v)
{
	return v ? (unsigned)__builtin_ctzll(v) : 64;
}

static struct value slice_of(const struct walk *w, const struct expr *e, struct value a)
{
	if (a.kind == FIXED)
		return fixed(a.zeros > e->value ? a.zeros - (unsigned)e->value : 0);
	if (a.kind == ALIGNED && e->value >= w->log)
		return fixed(0);
	if (a.kind == ALIGNED && e->value == 0 && e->width >= w->log)
		return a;
	return of_kind(OTHER);
}

/* The low part of what two parts make is as it is alone if the other leaves its bits 0. */
static struct value concat_of(const struct expr *e, struct value high, struct value low)
{
	unsigned below = e->arg[1]->width;

	if (high.kind != FIXED)
		return of_kind(OTHER);
	if (low.kind == FIXED && low.zeros >= below)
		return fixed(below + high.zeros);
	return low;
}

/* A sum without a carry, an `or`, a difference of what stays and what does not. */
static struct value sum_of(const struct walk *w, enum expr_op op, struct value a, struct value b)
{
	struct value moves = a.kind == FIXED ? b : a, stays = a.kind == FIXED ? a : b;

	if (stays.kind != FIXED || (op == X_SUB && a.kind == FIXED))
		return of_kind(OTHER);
	if (moves.kind == ALIGNED && stays.zeros >= w->log)
		return moves;
	return of_kind(op == X_ADD || op == X_SUB ? SUM : OTHER);
}

static struct value and_of(const struct walk *w, const struct expr *e, struct value a,
			   struct value b)
{
	const struct expr *mask = e->arg[a.kind == FIXED ? 0 : 1];
	struct value moves = a.kind == FIXED ? b : a, stays = a.kind == FIXED ? a : b;
	uint64_t low = (UINT64_C(1) << w->log) - 1;

	if (moves.kind != ALIGNED || stays.kind != FIXED)
		return of_kind(OTHER);
	if (stays.zeros >= w->log)
		return fixed(stays.zeros);
	return of_kind(mask->op == X_CONST && (mask->value & low) == low ? ALIGNED : OTHER);
}

/* Does a comparison come out the same all over a page? */
static bool compares_evenly(const struct walk *w, const struct expr *e, struct value a,
			    struct value b)
{
	if (e->op == X_ULT) /* a < n, n a multiple of the page */
		return a.kind == ALIGNED && b.kind == FIXED && b.zeros >= w->log;
	return e->op == X_ULE && b.kind == ALIGNED && a.kind == FIXED && a.zeros >= w->log;
}

static struct value operator_of(struct walk *w, const struct expr *e, struct value a,
				struct value b)
{
	const struct expr *by = e->arg[1];

	if (a.kind == FIXED && b.kind == FIXED) {
		if (e->op == X_SHL && by->op == X_CONST && by->value < 64)
			return fixed(a.zeros + (unsigned)by->value);
		if (e->op == X_AND)
			return fixed(a.zeros > b.zeros ? a.zeros : b.zeros);
		return fixed(e->op == X_ADD || e->op == X_OR ? meet(a, b).zeros : 0);
	}
	switch (e->op) {
	case X_ADD:
	case X_SUB:
	case X_OR:
	case X_XOR: return sum_of(w, e->op, a, b);
	case X_AND: return and_of(w, e, a, b);
	case X_LSHR:
		if (a.kind == ALIGNED && by->op == X_CONST && by->value >= w->log)
			return fixed(0);
		break;
	default:
		if (compares_evenly(w, e, a, b))
			return fixed(0);
	}
	return of_kind(OTHER);
}

/* The index stays while it counts. */
static struct value find_of(struct walk *w, const struct expr *e)
{
	struct paging *p = w->paging;

	if (p->searched && p->search->index != e->index)
		p->elsewhere = true;
	p->searched = e->reg;
	p->elements = e->reg->count;
	p->search = e;
	w->local[e->index] = fixed(0);
	return value_of(w, e->arg[0]).kind == FIXED ? fixed(0) : of_kind(OTHER);
}

static struct value value_of(struct walk *w, const struct expr *e)
{
	struct value a[3] = { { FIXED, 64 }, { FIXED, 64 }, { FIXED, 64 } };

	for (unsigned i = 0; e->op != X_FIND && i < expr_op_arity(e->op); i++)
		a[i] = value_of(w, e->arg[i]);
	switch (e->op) {
	case X_CONST: return fixed(zeros_of(e->value));
	case X_LOCAL: return w->local[e->index];
	case X_REG: return fixed(0);
	case X_SIZE: return fixed(w->log); /* pages fill the window */
	case X_ELEM: return of_kind(a[0].kind == FIXED ? FIXED : OTHER);
	case X_FIND: return find_of(w, e);
	case X_SLICE: return slice_of(w, e, a[0]);
	case X_ZEXT: return a[0];
	case X_SEXT:
		if (a[0].kind == ALIGNED && e->arg[0]->width <= w->log)
			return of_kind(OTHER);
		return a[0].kind == SUM ? of_kind(OTHER) : a[0];
	case X_CONCAT: return concat_of(e, a[0], a[1]);
	case X_ITE: return a[0].kind == FIXED ? meet(a[1], a[2]) : of_kind(OTHER);
	case X_NOT:
	case X_NEG: return of_kind(a[0].kind == FIXED ? FIXED : OTHER);
	case X_ADD ... X_SLE: return operator_of(w, e, a[0], a[1]);
	case X_FIELD:
	case X_TIME:
	case X_LINE:
	case X_OPS: break;
	}
	w->fails = true;
	return of_kind(OTHER);
}

/*
 * Is a condition that `is` so at both ends of a page so in between?  Comparisons of the
 * address are, since it only rises past what stays.
 */
static bool same_between(struct walk *w, const struct expr *e, bool is)
{
	struct value a, b;

	if (value_of(w, e).kind == FIXED)
		return true;
	if (e->op == X_NOT)
		return same_between(w, e->arg[0], !is);
	if ((e->op == X_OR && !is) || (e->op == X_AND && is))
		return e->width == 1 && same_between(w, e->arg[0], is) &&
		       same_between(w, e->arg[1], is);
	if (e->op != X_ULT && e->op != X_ULE)
		return false;
	a = value_of(w, e->arg[0]);
	b = value_of(w, e->arg[1]);
	return (a.kind == ALIGNED && b.kind == FIXED) || (a.kind == FIXED && b.kind == ALIGNED);
}

static bool walk_list(struct walk *, const struct stmt *);

/* Does a condition ask for the access, and that is known? */
static bool asks_for_access(const struct walk *w, const struct expr *e, bool *is)
{
	bool asks = w->access >= 0 && e->op == X_EQ && e->arg[0]->op == X_LOCAL &&
		    e->arg[0]->index == 1 && e->arg[1]->op == X_CONST;

	if (asks)
		*is = e->arg[1]->value == (uint64_t)w->access;
	return asks;
}

/* Both sides, from the same values to what either leaves.  True if execution gets past. */
static bool walk_both(struct walk *w, const struct stmt *s)
{
	unsigned n = w->t->isa->translate->nlocals;
	struct value *before = xcalloc(n, sizeof *before), *first = xcalloc(n, sizeof *first);
	bool past, other, even = value_of(w, s->value).kind == FIXED,
			  no = same_between(w, s->value, false),
			  yes = same_between(w, s->value, true);

	memcpy(before, w->local, n * sizeof *before);
	past = walk_list(w, s->body);
	memcpy(first, w->local, n * sizeof *first);
	memcpy(w->local, before, n * sizeof *before);
	other = walk_list(w, s->otherwise);
	/* a side that traps is not taken at either end of a page that is kept */
	w->fails |= !even && !(no && !past) && !(yes && !other);
	w->even &= even;
	if (!other)
		memcpy(w->local, first, n * sizeof *first);
	for (unsigned i = 0; past && other && i < n; i++)
		w->local[i] = meet(w->local[i], first[i]);
	free(before);
	free(first);
	return past || other;
}

static bool walk_if(struct walk *w, const struct stmt *s)
{
	bool is;

	if (asks_for_access(w, s->value, &is))
		return walk_list(w, is ? s->body : s->otherwise);
	return walk_both(w, s);
}

static void walk_load(struct walk *w, const struct stmt *s)
{
	if (!s->physical || value_of(w, s->address).kind != FIXED || w->paging->nwalks == WALKS)
		w->fails = true;
	else
		w->paging->walk[w->paging->nwalks++] = s->units;
	w->local[s->index] = fixed(0);
}

/* True if execution gets past it. */
static bool walk_list(struct walk *w, const struct stmt *s)
{
	for (; s && !w->fails; s = s->next)
		if (s->op == S_LET)
			w->local[s->index] = value_of(w, s->value);
		else if (s->op == S_LOAD)
			walk_load(w, s);
		else if (s->op == S_TRAP)
			return false;
		else if (s->op != S_IF)
			w->fails = true;
		else if (!walk_if(w, s))
			return false;
	return true;
}

static bool goes_by(const struct translator *t, struct paging *paging, unsigned log, int access,
		    bool *even)
{
	const struct code *code = t->isa->translate;
	struct walk w = { .t = t, .paging = paging, .log = log, .even = true, .access = access };
	enum kind result;
	bool past;

	*paging = (struct paging){ .log = log };
	w.local = xcalloc(code->nlocals, sizeof *w.local);
	w.local[0] = of_kind(ALIGNED);
	w.local[1] = fixed(0);
	past = walk_list(&w, code->body);
	result = w.local[code->result].kind;
	free(w.local);
	*even = w.even && result == ALIGNED;
	return past && !w.fails && (result == ALIGNED || result == SUM);
}

/* ---- which elements count ---- */

/* Is a local nothing but what the `find` found? */
static bool is_found(const struct paging *p, const struct stmt *s, unsigned local)
{
	for (; s; s = s->next) {
		bool sets = (s->op == S_LET || s->op == S_LOAD || s->op == S_UNSPECIFIED) &&
			    s->index == local;

		if (sets && (s->op != S_LET || s->value->op != X_FIND))
			return false;
		if (!is_found(p, s->body, local) || !is_found(p, s->otherwise, local))
			return false;
	}
	return true;
}

bool page_runs_beside(const struct paging *p, const struct isa_reg *r)
{
	return r == p->searched ||
	       (r->class == CLASS_CONTROL && r->count > 1 && r->count == p->searched->count);
}

bool page_counts_by_number(const struct translator *t, uint32_t slot)
{
	for (unsigned i = 0; i < t->nwatched; i++)
		if (t->watched_reg[i]->slot == slot)
			return t->beside[i];
	return false;
}

/* Does an expression number the element that is looked at, or was found?  It may have been cut to
 * the width that numbers need. */
static bool is_index(const struct paging *p, const struct stmt *all, const struct expr *e)
{
	while ((e->op == X_SLICE && e->value == 0 &&
		p->searched->count - 1 <= isa_mask(e->width)) ||
	       e->op == X_ZEXT)
		e = e->arg[0];
	return e->op == X_LOCAL && (e->index == p->search->index || is_found(p, all, e->index));
}

/* Reads of what is searched, and of arrays that have more about each of its elements, are of the
 * element that is looked at, or was found. */
static void look_for_elements(struct paging *p, const struct stmt *all, const struct expr *e)
{
	if (!e)
		return;
	if (e->op == X_REG && e->reg->class != CLASS_CONTROL)
		p->elsewhere = true;
	if (e->op == X_ELEM &&
	    !(p->searched && page_runs_beside(p, e->reg) && is_index(p, all, e->arg[0])))
		p->elsewhere = true;
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		look_for_elements(p, all, e->arg[i]);
}

static void look_for_others(struct paging *p, const struct stmt *all, const struct stmt *s)
{
	for (; s; s = s->next) {
		look_for_elements(p, all, s->address);
		look_for_elements(p, all, s->value);
		look_for_others(p, all, s->body);
		look_for_others(p, all, s->otherwise);
	}
}

static bool is_set(const struct stmt *s, unsigned local)
{
	for (; s; s = s->next)
		if (((s->op == S_LET || s->op == S_LOAD) && s->index == local) ||
		    is_set(s->body, local) || is_set(s->otherwise, local))
			return true;
	return false;
}

/* Does the condition of a `find` speak of no locals but parameters, as they were, and the index? */
static bool stands_alone(const struct code *code, const struct expr *find, const struct expr *e)
{
	if (e->op == X_LOCAL && e->index != find->index &&
	    (e->index >= code->nparams || is_set(code->body, e->index)))
		return false;
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		if (!stands_alone(code, find, e->arg[i]))
			return false;
	return true;
}

/* Does one address of a page tell of all, for this access? */
static bool is_even(const struct translator *t, unsigned log, int access)
{
	struct paging ignored;
	bool even;

	return !is_set(t->isa->translate->body, 1) && goes_by(t, &ignored, log, access, &even) &&
	       even;
}

void page_analyse(const struct translator *t, struct paging *paging)
{
	enum { LEAST = 3, MOST = 12 };
	const struct isa *isa = t->isa;
	unsigned log = isa->word - 1 < MOST ? isa->word - 1 : MOST;
	bool even;

	while (log >= LEAST && !goes_by(t, paging, log, -1, &even))
		log--;
	paging->works = log >= LEAST;
	for (int a = ACCESS_FETCH; paging->works && a <= ACCESS_WRITE; a++)
		paging->even[a] = even || is_even(t, log, a);
	look_for_others(paging, isa->translate->body, isa->translate->body);
	if (paging->works && paging->searched &&
	    stands_alone(isa->translate, paging->search, paging->search->arg[0])) {
		paging->match = lower_condition(isa, &t->layout, paging->search);
		paging->addresses = search_addresses_program(t);
	}
	for (int a = ACCESS_FETCH; paging->works && a <= ACCESS_WRITE; a++)
		paging->translate[a] =
			lower_translate_noting(isa, &t->layout, (enum access)a);
	for (int a = ACCESS_FETCH; paging->works && !paging->nwalks && a <= ACCESS_WRITE; a++)
		paging->alone[a] = search_program(t, (enum access)a);
	for (int a = ACCESS_FETCH; a <= ACCESS_WRITE; a++)
		paging->given[a] = paging->match && paging->even[a] && !paging->nwalks &&
				   !paging->elsewhere;
}
