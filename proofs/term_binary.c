/*
 * Terms of operators on two operands.
 *
 * A rule is a function that returns a simpler equal term, or NULL; each operator
 * has its list of rules, tried in order.  No rule follows more than one operand to
 * any depth, nor two to more than a fixed one: terms share so much that the time
 * would double at each step.
 */
#include "proofs/term_private.h"

#include "isa/arith.h"

#include <assert.h>

typedef const struct term *rule(struct terms *, const struct term *, const struct term *);

static bool all_ones(const struct term *t)
{
	return is_value(t, isa_mask(t->width));
}

/* ---- sums: base + constant ---- */

struct sum {
	const struct term *base; /* NULL: none */
	uint64_t offset;
};

static struct sum sum_of(const struct term *t)
{
	if (is_const(t))
		return (struct sum){ NULL, t->value };
	if (t->op == X_ADD && is_const(t->arg[1]))
		return (struct sum){ t->arg[0], t->arg[1]->value };
	return (struct sum){ t, 0 };
}

/* The base may be a sum itself. */
static const struct term *from_sum(struct terms *ts, unsigned width, const struct term *base,
				   uint64_t offset)
{
	struct sum inner = base ? sum_of(base) : (struct sum){ NULL, 0 };
	const struct term *constant = term_const(ts, width, inner.offset + offset);

	if (!inner.base)
		return constant;
	return constant->value ? term_make(ts, X_ADD, width, inner.base, constant) : inner.base;
}

static const struct term *add_sums(struct terms *ts, const struct term *a, const struct term *b)
{
	struct sum x = sum_of(a), y = sum_of(b);
	uint64_t offset = x.offset + y.offset;

	if (x.base && y.base && !x.offset && !y.offset)
		return NULL;
	if (!x.base || !y.base)
		return from_sum(ts, a->width, x.base ? x.base : y.base, offset);
	return from_sum(ts, a->width, term_binary(ts, X_ADD, x.base, y.base), offset);
}

/* (x - y) + y = x */
static const struct term *add_back(struct terms *ts, const struct term *a, const struct term *b)
{
	(void)ts;
	if (a->op == X_SUB && a->arg[1] == b)
		return a->arg[0];
	if (b->op == X_SUB && b->arg[1] == a)
		return b->arg[0];
	return NULL;
}

/* (x + y) - y = x, constants apart */
static const struct term *subtract(struct terms *ts, const struct term *a, const struct term *b)
{
	struct sum x = sum_of(a), y = sum_of(b);
	uint64_t offset = x.offset - y.offset;

	if (x.base == y.base)
		return term_const(ts, a->width, offset);
	if (!y.base)
		return from_sum(ts, a->width, x.base, offset);
	if (x.base && x.base->op == X_ADD && (x.base->arg[0] == y.base || x.base->arg[1] == y.base))
		return from_sum(ts, a->width, x.base->arg[x.base->arg[0] == y.base ? 1 : 0],
				offset);
	if (!x.base || (!x.offset && !y.offset))
		return NULL;
	return from_sum(ts, a->width, term_binary(ts, X_SUB, x.base, y.base), offset);
}

static const struct term *multiply(struct terms *ts, const struct term *a, const struct term *b)
{
	(void)ts;
	if (is_value(b, 0))
		return b;
	return is_value(b, 1) ? a : NULL;
}

/* ---- and, or, xor ---- */

enum { LOOK = 6 }; /* how deep trees of and, or are looked through */

typedef bool relation(const struct term *, const struct term *);

static bool same(const struct term *a, const struct term *b)
{
	return a == b;
}

/* Equal to two constants at once? */
static bool differ(const struct term *a, const struct term *b)
{
	return a->op == X_EQ && b->op == X_EQ && a->arg[0] == b->arg[0] && a->arg[1] != b->arg[1] &&
	       is_const(a->arg[1]) && is_const(b->arg[1]);
}

/* Can they never both hold?  Bit by bit. */
static bool exclude(const struct term *a, const struct term *b)
{
	return opposite(a, b) || differ(a, b);
}

/* Does one of them always hold? */
static bool cover(const struct term *a, const struct term *b)
{
	return opposite(a, b) || (a->op == X_NOT && b->op == X_NOT && differ(a->arg[0], b->arg[0]));
}

/* Is an operand of whole, an operator's tree of them, so related to the part? */
static bool among(unsigned op, const struct term *whole, relation *related, const struct term *part,
		  int depth)
{
	if (related(whole, part))
		return true;
	return depth && whole->op == op &&
	       (among(op, whole->arg[0], related, part, depth - 1) ||
		among(op, whole->arg[1], related, part, depth - 1));
}

static bool either_among(unsigned op, const struct term *a, relation *related, const struct term *b)
{
	return among(op, a, related, b, LOOK) || among(op, b, related, a, LOOK);
}

/* a&x | a&~x, or (a|x) & (a|~x): a; NULL: neither. */
static const struct term *common(const struct term *a, const struct term *b)
{
	for (int i = 0; i < 4; i++)
		if (a->arg[i & 1] == b->arg[i >> 1] &&
		    opposite(a->arg[!(i & 1)], b->arg[!(i >> 1)]))
			return a->arg[i & 1];
	return NULL;
}

static const struct term *conjoin(struct terms *ts, const struct term *a, const struct term *b)
{
	if (is_value(b, 0) || among(X_AND, b, same, a, LOOK))
		return b;
	if (all_ones(b) || among(X_AND, a, same, b, LOOK))
		return a;
	if (either_among(X_AND, a, exclude, b))
		return term_const(ts, a->width, 0);
	if (a->op == X_OR && among(X_OR, a, same, b, LOOK))
		return b;
	if (a->op == X_OR && b->op == X_OR && common(a, b))
		return common(a, b);
	return b->op == X_OR && among(X_OR, b, same, a, LOOK) ? a : NULL;
}

static const struct term *disjoin(struct terms *ts, const struct term *a, const struct term *b)
{
	if (all_ones(b) || among(X_OR, b, same, a, LOOK))
		return b;
	if (is_value(b, 0) || among(X_OR, a, same, b, LOOK))
		return a;
	if (either_among(X_OR, a, cover, b))
		return term_const(ts, a->width, isa_mask(a->width));
	if (a->op == X_AND && among(X_AND, a, same, b, LOOK))
		return b;
	if (a->op == X_AND && b->op == X_AND && common(a, b))
		return common(a, b);
	return b->op == X_AND && among(X_AND, b, same, a, LOOK) ? a : NULL;
}

static const struct term *exclusive(struct terms *ts, const struct term *a, const struct term *b)
{
	if (a == b)
		return term_const(ts, a->width, 0);
	if (opposite(a, b))
		return term_const(ts, a->width, isa_mask(a->width));
	if (is_value(b, 0))
		return a;
	return all_ones(b) ? term_unary(ts, X_NOT, a) : NULL;
}

/* ---- shifts ---- */

static const struct term *shift_nothing(struct terms *ts, const struct term *a,
					const struct term *b)
{
	(void)ts;
	return is_value(b, 0) || is_value(a, 0) ? a : NULL;
}

/* A shift by a constant is a slice with zeros beside it. */
static const struct term *shift_left(struct terms *ts, const struct term *a, const struct term *b)
{
	if (!is_const(b))
		return NULL;
	if (b->value >= a->width)
		return term_const(ts, a->width, 0);
	unsigned n = (unsigned)b->value;
	return term_binary(ts, X_CONCAT, term_slice(ts, a, a->width - 1u - n, 0),
			   term_const(ts, n, 0));
}

static const struct term *shift_right(struct terms *ts, const struct term *a, const struct term *b)
{
	if (!is_const(b))
		return NULL;
	if (b->value >= a->width)
		return term_const(ts, a->width, 0);
	return term_extend(ts, X_ZEXT, term_slice(ts, a, a->width - 1u, (unsigned)b->value),
			   a->width);
}

static const struct term *shift_signed(struct terms *ts, const struct term *a, const struct term *b)
{
	if (!is_const(b))
		return NULL;
	unsigned n = b->value < a->width ? (unsigned)b->value : a->width - 1u;
	return term_extend(ts, X_SEXT, term_slice(ts, a, a->width - 1u, n), a->width);
}

/* ---- equality ---- */

static const struct term *equal_sums(struct terms *ts, const struct term *a, const struct term *b)
{
	struct sum x = sum_of(a), y = sum_of(b);

	if (x.base == y.base)
		return term_const(ts, 1, x.offset == y.offset);
	if (x.offset && x.base && !y.base)
		return term_eq(ts, x.base, term_const(ts, a->width, y.offset - x.offset));
	return NULL;
}

static const struct term *equal_truths(struct terms *ts, const struct term *a, const struct term *b)
{
	if (opposite(a, b))
		return term_false(ts);
	if (a->width != 1 || !is_const(b))
		return NULL;
	return b->value ? a : term_not(ts, a);
}

static bool decided(const struct term *a, const struct term *b)
{
	return a == b || (is_const(a) && is_const(b));
}

/* Is a result of the choice, one that is reached by way of choices only, decided against b? */
static bool some_decided(const struct term *choice, const struct term *b)
{
	for (int i = 0; i < LOOK && choice->op == X_ITE; i++) {
		const struct term *x = choice->arg[1], *y = choice->arg[2];
		if (decided(x, b) || decided(y, b))
			return true;
		if (x->op == X_ITE && y->op == X_ITE)
			return false;
		choice = x->op == X_ITE ? x : y;
	}
	return false;
}

/* A choice against one of its results, or of constants against one: what the condition must be. */
static const struct term *equal_choice(struct terms *ts, const struct term *a, const struct term *b)
{
	if (!some_decided(a, b)) {
		const struct term *t = a;
		a = b;
		b = t;
		if (!some_decided(a, b))
			return NULL;
	}
	return term_ite(ts, a->arg[0], term_eq(ts, a->arg[1], b), term_eq(ts, a->arg[2], b));
}

/* Two choices by one condition. */
static const struct term *equal_choices(struct terms *ts, const struct term *a,
					const struct term *b)
{
	if (a->op != X_ITE || b->op != X_ITE || a->arg[0] != b->arg[0])
		return NULL;
	if (!decided(a->arg[1], b->arg[1]) && !decided(a->arg[2], b->arg[2]))
		return NULL;
	return term_ite(ts, a->arg[0], term_eq(ts, a->arg[1], b->arg[1]),
			term_eq(ts, a->arg[2], b->arg[2]));
}

/* Something extended or put together against a constant: part by part. */
static const struct term *equal_parts(struct terms *ts, const struct term *a, const struct term *b)
{
	if (!is_const(b) || (a->op != X_ZEXT && a->op != X_SEXT && a->op != X_CONCAT))
		return NULL;
	const struct term *low = a->arg[a->op == X_CONCAT ? 1 : 0];
	const struct term *part = term_const(ts, low->width, b->value);
	if (a->op == X_CONCAT)
		return term_and(
			ts, term_eq(ts, a->arg[0], term_slice(ts, b, a->width - 1u, low->width)),
			term_eq(ts, low, part));
	if (term_extend(ts, (enum expr_op)a->op, part, a->width) != b)
		return term_false(ts);
	return term_eq(ts, low, part);
}

static const struct term *equal_extended(struct terms *ts, const struct term *a,
					 const struct term *b)
{
	bool both = a->op == b->op && (a->op == X_ZEXT || a->op == X_SEXT);

	return both && a->arg[0]->width == b->arg[0]->width ? term_eq(ts, a->arg[0], b->arg[0])
							    : NULL;
}

/* ---- order ---- */

/* Both with zeros in front, or one and a constant: without them. */
static const struct term *unextended(struct terms *ts, enum expr_op op, const struct term *a,
				     const struct term *b)
{
	const struct term *extended = a->op == X_ZEXT ? a : b, *other = extended == a ? b : a;

	if (extended->op != X_ZEXT)
		return NULL;
	unsigned w = extended->arg[0]->width;
	if (is_const(other) && other->value > isa_mask(w)) /* then that is the larger one */
		return term_const(ts, 1, other == b);
	if (!is_const(other) && (other->op != X_ZEXT || other->arg[0]->width != w))
		return NULL;
	return term_binary(ts, op, term_slice(ts, a, w - 1, 0), term_slice(ts, b, w - 1, 0));
}

static const struct term *less(struct terms *ts, const struct term *a, const struct term *b)
{
	if (a == b || is_value(b, 0) || all_ones(a))
		return term_false(ts);
	return unextended(ts, X_ULT, a, b);
}

static const struct term *less_or_equal(struct terms *ts, const struct term *a,
					const struct term *b)
{
	if (a == b || is_value(a, 0) || all_ones(b))
		return term_true(ts);
	return unextended(ts, X_ULE, a, b);
}

static const struct term *less_signed(struct terms *ts, const struct term *a, const struct term *b)
{
	return a == b ? term_false(ts) : NULL;
}

static const struct term *less_or_equal_signed(struct terms *ts, const struct term *a,
					       const struct term *b)
{
	return a == b ? term_true(ts) : NULL;
}

/* ---- concatenation ---- */

static bool adjacent(const struct term *a, const struct term *b)
{
	return a->op == X_SLICE && b->op == X_SLICE && a->arg[0] == b->arg[0] &&
	       a->value == b->value + b->width;
}

static const struct term *join_slices(struct terms *ts, const struct term *a, const struct term *b)
{
	if (adjacent(a, b))
		return term_slice(ts, a->arg[0], (unsigned)a->value + a->width - 1,
				  (unsigned)b->value);
	if (b->op == X_CONCAT && adjacent(a, b->arg[0]))
		return term_binary(ts, X_CONCAT, join_slices(ts, a, b->arg[0]), b->arg[1]);
	if (a->op == X_CONCAT && adjacent(a->arg[1], b))
		return term_binary(ts, X_CONCAT, a->arg[0], join_slices(ts, a->arg[1], b));
	return NULL;
}

static const struct term *join_zeros(struct terms *ts, const struct term *a, const struct term *b)
{
	return is_value(a, 0) ? term_extend(ts, X_ZEXT, b, a->width + b->width) : NULL;
}

/* ---- the table ---- */

enum { RULES = 6 };

static rule *const rules[X_OPS][RULES] = {
	[X_ADD] = { add_back, add_sums },
	[X_SUB] = { subtract },
	[X_MUL] = { multiply },
	[X_AND] = { conjoin },
	[X_OR] = { disjoin },
	[X_XOR] = { exclusive },
	[X_SHL] = { shift_nothing, shift_left },
	[X_LSHR] = { shift_nothing, shift_right },
	[X_ASHR] = { shift_nothing, shift_signed },
	[X_EQ] = { equal_truths, equal_sums, equal_choice, equal_choices, equal_parts,
		   equal_extended },
	[X_ULT] = { less },
	[X_ULE] = { less_or_equal },
	[X_SLT] = { less_signed },
	[X_SLE] = { less_or_equal_signed },
	[X_CONCAT] = { join_slices, join_zeros },
};

static bool commutes(enum expr_op op)
{
	return op == X_ADD || op == X_MUL || op == X_AND || op == X_OR || op == X_XOR || op == X_EQ;
}

static bool compares(enum expr_op op)
{
	return op >= X_EQ && op <= X_SLE;
}

static unsigned width_of(enum expr_op op, const struct term *a, const struct term *b)
{
	return op == X_CONCAT ? (unsigned)a->width + b->width : compares(op) ? 1 : a->width;
}

static const struct term *fold(struct terms *ts, enum expr_op op, const struct term *a,
			       const struct term *b)
{
	if (op == X_CONCAT)
		return term_const(ts, width_of(op, a, b), a->value << b->width | b->value);
	return term_const(ts, width_of(op, a, b), arith_apply(op, a->width, a->value, b->value));
}

/* Constants last, and else in an order that does not depend on which was made first. */
static bool in_order(const struct term *a, const struct term *b)
{
	if (is_const(a) || is_const(b))
		return !is_const(a);
	return a->hash != b->hash ? a->hash < b->hash : a->id <= b->id;
}

static const struct term *simplify(struct terms *ts, enum expr_op op, const struct term *a,
				   const struct term *b)
{
	const struct term *simpler = NULL;

	for (int i = 0; i < RULES && rules[op][i] && !simpler; i++)
		simpler = rules[op][i](ts, a, b);
	return simpler ? simpler : term_make(ts, op, width_of(op, a, b), a, b);
}

const struct term *term_binary(struct terms *ts, enum expr_op op, const struct term *a,
			       const struct term *b)
{
	assert(op >= X_ADD && op <= X_CONCAT && width_of(op, a, b) <= 64);
	assert(a->width == b->width || (op >= X_SHL && op <= X_ASHR) || op == X_CONCAT);
	if (op == X_NE)
		return term_not(ts, term_binary(ts, X_EQ, a, b));
	if (is_const(a) && is_const(b))
		return fold(ts, op, a, b);
	if (commutes(op) && !in_order(a, b))
		return simplify(ts, op, b, a);
	return simplify(ts, op, a, b);
}
