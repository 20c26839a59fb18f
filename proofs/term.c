/*
 * Terms: made once each, simplified as they are made.
 *
 * A rule is a function that returns the simpler term or NULL; each operator has
 * its list of rules, tried in order.
 */
#include "proofs/term.h"

#include "isa/alloc.h"
#include "isa/arith.h"

#include <inttypes.h>
#include <obstack.h>

struct name {
	struct name *next;
	char text[];
};

enum { NAME_BUCKETS = 1024 };

struct terms {
	struct obstack arena;
	unsigned count, capacity; /* of the table: a power of 2, at most half full */
	const struct term **table;
	struct name *names[NAME_BUCKETS];
};

struct terms *terms_new(void)
{
	struct terms *t = xcalloc(1, sizeof *t);

	obstack_init(&t->arena);
	t->capacity = 1 << 12;
	t->table = xcalloc(t->capacity, sizeof *t->table);
	return t;
}

void terms_free(struct terms *t)
{
	if (!t)
		return;
	obstack_free(&t->arena, NULL);
	free(t->table);
	free(t);
}

unsigned terms_count(const struct terms *t)
{
	return t->count;
}

/* ---- hash-consing ---- */

static uint64_t mix(uint64_t h, uint64_t x)
{
	return (h ^ x) * UINT64_C(0x9e3779b97f4a7c15) ^ h >> 29;
}

static uint64_t hash(const struct term *t)
{
	uint64_t h = mix(mix(t->op, t->width), t->value);

	h = mix(h, (uint64_t)(uintptr_t)t->name);
	for (int i = 0; i < 3; i++)
		h = mix(h, (uint64_t)(uintptr_t)t->arg[i]);
	return h ^ h >> 32;
}

static bool same(const struct term *a, const struct term *b)
{
	return a->op == b->op && a->width == b->width && a->value == b->value &&
	       a->name == b->name && a->arg[0] == b->arg[0] && a->arg[1] == b->arg[1] &&
	       a->arg[2] == b->arg[2];
}

static const struct term **slot_of(const struct terms *ts, const struct term *t)
{
	uint64_t i = hash(t) & (ts->capacity - 1);

	while (ts->table[i] && !same(ts->table[i], t))
		i = (i + 1) & (ts->capacity - 1);
	return &ts->table[i];
}

static void grow(struct terms *ts)
{
	const struct term **old = ts->table;
	unsigned capacity = ts->capacity;

	ts->capacity *= 2;
	ts->table = xcalloc(ts->capacity, sizeof *ts->table);
	for (unsigned i = 0; i < capacity; i++)
		if (old[i])
			*slot_of(ts, old[i]) = old[i];
	free(old);
}

static const struct term *intern(struct terms *ts, struct term t)
{
	const struct term **slot = slot_of(ts, &t);

	if (*slot)
		return *slot;
	t.id = ts->count++;
	*slot = obstack_copy(&ts->arena, &t, sizeof t);
	const struct term *made = *slot;
	if (2 * ts->count > ts->capacity)
		grow(ts);
	return made;
}

static const char *intern_name(struct terms *ts, const char *text)
{
	uint64_t h = 0;
	for (const char *s = text; *s; s++)
		h = mix(h, (unsigned char)*s);
	struct name **bucket = &ts->names[h % NAME_BUCKETS];
	for (struct name *n = *bucket; n; n = n->next)
		if (!strcmp(n->text, text))
			return n->text;
	struct name *n = obstack_alloc(&ts->arena, sizeof *n + strlen(text) + 1);
	strcpy(n->text, text);
	n->next = *bucket;
	*bucket = n;
	return n->text;
}

static const struct term *make1(struct terms *ts, unsigned op, unsigned width,
				const struct term *a, uint64_t value)
{
	return intern(ts, (struct term){ .op = op, .width = (uint8_t)width, .value = value,
					 .arg = { a } });
}

static const struct term *make2(struct terms *ts, unsigned op, unsigned width,
				const struct term *a, const struct term *b)
{
	return intern(ts, (struct term){ .op = op, .width = (uint8_t)width, .arg = { a, b } });
}

/* ---- leaves ---- */

const struct term *term_const(struct terms *ts, unsigned width, uint64_t value)
{
	return make1(ts, X_CONST, width, NULL, value & isa_mask(width));
}

const struct term *term_variable(struct terms *ts, const char *name, unsigned width)
{
	return intern(ts, (struct term){ .op = T_VARIABLE, .width = (uint8_t)width,
					 .name = intern_name(ts, name) });
}

const struct term *term_apply(struct terms *ts, const char *function, unsigned width,
			      const struct term *argument)
{
	return intern(ts, (struct term){ .op = T_APPLY, .width = (uint8_t)width,
					 .name = intern_name(ts, function), .arg = { argument } });
}

static bool is_const(const struct term *t)
{
	return t->op == X_CONST;
}

static bool is_value(const struct term *t, uint64_t value)
{
	return t->op == X_CONST && t->value == value;
}

bool term_is_true(const struct term *t)
{
	return t->width == 1 && is_value(t, 1);
}

bool term_is_false(const struct term *t)
{
	return t->width == 1 && is_value(t, 0);
}

const struct term *term_true(struct terms *ts)
{
	return term_const(ts, 1, 1);
}

const struct term *term_false(struct terms *ts)
{
	return term_const(ts, 1, 0);
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

static const struct term *from_sum(struct terms *ts, unsigned width, struct sum s)
{
	const struct term *offset = term_const(ts, width, s.offset);

	if (!s.base)
		return offset;
	return offset->value ? make2(ts, X_ADD, width, s.base, offset) : s.base;
}

/* ---- rules for two operands: NULL when none applies ---- */

typedef const struct term *rule(struct terms *, const struct term *, const struct term *);

static const struct term *add_sums(struct terms *ts, const struct term *a, const struct term *b)
{
	struct sum x = sum_of(a), y = sum_of(b);

	if (x.base && y.base && !x.offset && !y.offset)
		return NULL;
	if (!x.base || !y.base)
		return from_sum(ts, a->width,
				(struct sum){ x.base ? x.base : y.base, x.offset + y.offset });
	return from_sum(ts, a->width, (struct sum){ term_binary(ts, X_ADD, x.base, y.base),
						    x.offset + y.offset });
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

	if (x.base == y.base)
		return term_const(ts, a->width, x.offset - y.offset);
	if (!y.base)
		return from_sum(ts, a->width, (struct sum){ x.base, x.offset - y.offset });
	if (x.base && x.base->op == X_ADD && (x.base->arg[0] == y.base || x.base->arg[1] == y.base))
		return from_sum(ts, a->width,
				(struct sum){ x.base->arg[x.base->arg[0] == y.base ? 1 : 0],
					      x.offset - y.offset });
	if (!x.base || (!x.offset && !y.offset))
		return NULL;
	return from_sum(ts, a->width, (struct sum){ term_binary(ts, X_SUB, x.base, y.base),
						    x.offset - y.offset });
}

static const struct term *multiply(struct terms *ts, const struct term *a, const struct term *b)
{
	(void)ts;
	if (is_value(a, 0) || is_value(b, 1))
		return a;
	if (is_value(b, 0) || is_value(a, 1))
		return b;
	return NULL;
}

static bool all_ones(const struct term *t)
{
	return is_value(t, isa_mask(t->width));
}

static bool opposite(const struct term *a, const struct term *b)
{
	return (a->op == X_NOT && a->arg[0] == b) || (b->op == X_NOT && b->arg[0] == a);
}

/* Is part one of the operands of whole, an operator's tree of them? */
static bool among(unsigned op, const struct term *whole, const struct term *part, int depth)
{
	if (whole == part)
		return true;
	return depth && whole->op == op &&
	       (among(op, whole->arg[0], part, depth - 1) || among(op, whole->arg[1], part, depth - 1));
}

enum { LOOK = 6 }; /* how deep trees of and, or are looked through */

static const struct term *conjoin(struct terms *ts, const struct term *a, const struct term *b)
{
	if (is_value(a, 0) || all_ones(b) || among(X_AND, a, b, LOOK))
		return a;
	if (is_value(b, 0) || all_ones(a) || among(X_AND, b, a, LOOK))
		return b;
	if (opposite(a, b))
		return term_const(ts, a->width, 0);
	if (a->width == 1 && a->op == X_OR && among(X_OR, a, b, LOOK))
		return b;
	if (b->width == 1 && b->op == X_OR && among(X_OR, b, a, LOOK))
		return a;
	return NULL;
}

static const struct term *disjoin(struct terms *ts, const struct term *a, const struct term *b)
{
	if (is_value(b, 0) || all_ones(a) || among(X_OR, a, b, LOOK))
		return a;
	if (is_value(a, 0) || all_ones(b) || among(X_OR, b, a, LOOK))
		return b;
	if (opposite(a, b))
		return term_const(ts, a->width, isa_mask(a->width));
	if (a->op == X_AND && among(X_AND, a, b, LOOK))
		return b;
	if (b->op == X_AND && among(X_AND, b, a, LOOK))
		return a;
	return NULL;
}

static const struct term *exclusive(struct terms *ts, const struct term *a, const struct term *b)
{
	if (a == b)
		return term_const(ts, a->width, 0);
	if (is_value(a, 0))
		return b;
	if (is_value(b, 0))
		return a;
	if (all_ones(b))
		return term_unary(ts, X_NOT, a);
	return all_ones(a) ? term_unary(ts, X_NOT, b) : NULL;
}

static const struct term *shift(struct terms *ts, const struct term *a, const struct term *b)
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
	return term_binary(ts, X_CONCAT, term_slice(ts, a, a->width - 1u - n, 0), term_const(ts, n, 0));
}

static const struct term *shift_right(struct terms *ts, const struct term *a, const struct term *b)
{
	if (!is_const(b))
		return NULL;
	if (b->value >= a->width)
		return term_const(ts, a->width, 0);
	return term_extend(ts, X_ZEXT, term_slice(ts, a, a->width - 1u, (unsigned)b->value), a->width);
}

/* ---- equality ---- */

static const struct term *equal_sums(struct terms *ts, const struct term *a, const struct term *b)
{
	struct sum x = sum_of(a), y = sum_of(b);

	if (x.base == y.base)
		return term_const(ts, 1, ((x.offset - y.offset) & isa_mask(a->width)) == 0);
	if (x.offset && !y.base && x.base)
		return term_eq(ts, x.base, term_const(ts, a->width, y.offset - x.offset));
	return NULL;
}

static const struct term *equal_truths(struct terms *ts, const struct term *a, const struct term *b)
{
	if (a->width != 1)
		return NULL;
	if (is_const(b))
		return b->value ? a : term_not(ts, a);
	if (is_const(a))
		return a->value ? b : term_not(ts, b);
	return opposite(a, b) ? term_false(ts) : NULL;
}

/* An ite of constants against a constant: what the condition must be. */
static const struct term *equal_choice(struct terms *ts, const struct term *a, const struct term *b)
{
	if (a->op != X_ITE || !is_const(b) || (!is_const(a->arg[1]) && !is_const(a->arg[2])))
		return NULL;
	return term_ite(ts, a->arg[0], term_eq(ts, a->arg[1], b), term_eq(ts, a->arg[2], b));
}

/* Something extended or put together against a constant: part by part. */
static const struct term *equal_parts(struct terms *ts, const struct term *a, const struct term *b)
{
	if (!is_const(b))
		return NULL;
	if (a->op == X_ZEXT) {
		unsigned w = a->arg[0]->width;
		return b->value >> w ? term_false(ts)
				     : term_eq(ts, a->arg[0], term_const(ts, w, b->value));
	}
	if (a->op != X_CONCAT)
		return NULL;
	unsigned w = a->arg[1]->width;
	return term_and(ts, term_eq(ts, a->arg[0], term_const(ts, a->arg[0]->width, b->value >> w)),
			term_eq(ts, a->arg[1], term_const(ts, w, b->value)));
}

static const struct term *equal_extended(struct terms *ts, const struct term *a,
					 const struct term *b)
{
	bool both = a->op == b->op && (a->op == X_ZEXT || a->op == X_SEXT);

	return both && a->arg[0]->width == b->arg[0]->width ? term_eq(ts, a->arg[0], b->arg[0]) : NULL;
}

/* ---- order ---- */

static const struct term *less(struct terms *ts, const struct term *a, const struct term *b)
{
	return a == b || is_value(b, 0) || all_ones(a) ? term_false(ts) : NULL;
}

static const struct term *less_or_equal(struct terms *ts, const struct term *a, const struct term *b)
{
	return a == b || is_value(a, 0) || all_ones(b) ? term_true(ts) : NULL;
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

static const struct term *join_slices(struct terms *ts, const struct term *a, const struct term *b)
{
	if (a->op == X_SLICE && b->op == X_SLICE && a->arg[0] == b->arg[0] &&
	    a->value == b->value + b->width)
		return term_slice(ts, a->arg[0], (unsigned)a->value + a->width - 1, (unsigned)b->value);
	return NULL;
}

static const struct term *join_zeros(struct terms *ts, const struct term *a, const struct term *b)
{
	return is_value(a, 0) ? term_extend(ts, X_ZEXT, b, a->width + b->width) : NULL;
}

/* ---- the table ---- */

static rule *const rules[X_OPS][5] = {
	[X_ADD] = { add_back, add_sums },
	[X_SUB] = { subtract },
	[X_MUL] = { multiply },
	[X_AND] = { conjoin },
	[X_OR] = { disjoin },
	[X_XOR] = { exclusive },
	[X_SHL] = { shift, shift_left },
	[X_LSHR] = { shift, shift_right },
	[X_ASHR] = { shift },
	[X_EQ] = { equal_truths, equal_sums, equal_choice, equal_parts, equal_extended },
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

static const struct term *fold(struct terms *ts, enum expr_op op, const struct term *a,
			       const struct term *b)
{
	if (op == X_CONCAT)
		return term_const(ts, a->width + b->width, a->value << b->width | b->value);
	return term_const(ts, compares(op) ? 1 : a->width, arith_apply(op, a->width, a->value, b->value));
}

const struct term *term_binary(struct terms *ts, enum expr_op op, const struct term *a,
			       const struct term *b)
{
	if (op == X_NE)
		return term_not(ts, term_binary(ts, X_EQ, a, b));
	if (is_const(a) && is_const(b))
		return fold(ts, op, a, b);
	/* the older operand first, constants last */
	if (commutes(op) && (is_const(a) || (!is_const(b) && a->id > b->id))) {
		const struct term *t = a;
		a = b;
		b = t;
	}
	for (int i = 0; i < 5 && rules[op][i]; i++) {
		const struct term *simpler = rules[op][i](ts, a, b);
		if (simpler)
			return simpler;
	}
	unsigned width = op == X_CONCAT ? a->width + b->width : compares(op) ? 1 : a->width;
	return make2(ts, op, width, a, b);
}

/* ---- one and three operands ---- */

const struct term *term_unary(struct terms *ts, enum expr_op op, const struct term *a)
{
	if (is_const(a))
		return term_const(ts, a->width, arith_apply(op, a->width, a->value, 0));
	if (a->op == op)
		return a->arg[0];
	if (op == X_NOT && a->op == X_ITE && a->width == 1)
		return term_ite(ts, a->arg[0], term_not(ts, a->arg[1]), term_not(ts, a->arg[2]));
	return make1(ts, op, a->width, a, 0);
}

/* A slice of what was put together from parts: of the part it lies in. */
static const struct term *slice_part(struct terms *ts, const struct term *a, unsigned hi, unsigned lo)
{
	if (a->op == X_SLICE)
		return term_slice(ts, a->arg[0], hi + (unsigned)a->value, lo + (unsigned)a->value);
	if (a->op == X_CONCAT) {
		unsigned w = a->arg[1]->width;
		if (lo >= w)
			return term_slice(ts, a->arg[0], hi - w, lo - w);
		if (hi < w)
			return term_slice(ts, a->arg[1], hi, lo);
		return term_binary(ts, X_CONCAT, term_slice(ts, a->arg[0], hi - w, 0),
				   term_slice(ts, a->arg[1], w - 1, lo));
	}
	if (a->op != X_ZEXT && a->op != X_SEXT)
		return NULL;
	unsigned w = a->arg[0]->width;
	if (hi < w)
		return term_slice(ts, a->arg[0], hi, lo);
	if (a->op == X_ZEXT && lo >= w)
		return term_const(ts, hi - lo + 1, 0);
	return lo == 0 ? term_extend(ts, (enum expr_op)a->op, a->arg[0], hi + 1) : NULL;
}

const struct term *term_slice(struct terms *ts, const struct term *a, unsigned hi, unsigned lo)
{
	unsigned width = hi - lo + 1;

	if (width == a->width)
		return a;
	if (is_const(a))
		return term_const(ts, width, a->value >> lo);
	const struct term *simpler = slice_part(ts, a, hi, lo);
	if (simpler)
		return simpler;
	/* the low bits of a sum need only the low bits of its operands */
	if (lo == 0 && (a->op == X_ADD || a->op == X_SUB || a->op == X_AND || a->op == X_OR ||
			a->op == X_XOR))
		return term_binary(ts, (enum expr_op)a->op, term_slice(ts, a->arg[0], hi, 0),
				   term_slice(ts, a->arg[1], hi, 0));
	if (a->op == X_ITE && is_const(a->arg[1]) && is_const(a->arg[2]))
		return term_ite(ts, a->arg[0], term_slice(ts, a->arg[1], hi, lo),
				term_slice(ts, a->arg[2], hi, lo));
	return make1(ts, X_SLICE, width, a, lo);
}

const struct term *term_extend(struct terms *ts, enum expr_op op, const struct term *a,
			       unsigned width)
{
	if (width == a->width)
		return a;
	if (is_const(a))
		return term_const(ts, width,
				  op == X_ZEXT ? a->value : (uint64_t)isa_signed(a->value, a->width));
	if (a->op == X_ZEXT)
		return term_extend(ts, X_ZEXT, a->arg[0], width);
	if (a->op == X_SEXT && op == X_SEXT)
		return term_extend(ts, X_SEXT, a->arg[0], width);
	return make1(ts, op, width, a, 0);
}

/* ite of truth values as and, or, not */
static const struct term *choose_truth(struct terms *ts, const struct term *c, const struct term *a,
				       const struct term *b)
{
	if (a->width != 1)
		return NULL;
	if (is_const(a))
		return a->value ? term_or(ts, c, b) : term_and(ts, term_not(ts, c), b);
	if (is_const(b))
		return b->value ? term_or(ts, term_not(ts, c), a) : term_and(ts, c, a);
	return NULL;
}

const struct term *term_ite(struct terms *ts, const struct term *c, const struct term *a,
			    const struct term *b)
{
	if (is_const(c))
		return c->value ? a : b;
	if (a == b)
		return a;
	if (c->op == X_NOT)
		return term_ite(ts, c->arg[0], b, a);
	if (a->op == X_ITE && a->arg[0] == c)
		a = a->arg[1];
	if (b->op == X_ITE && b->arg[0] == c)
		b = b->arg[2];
	if (a == b)
		return a;
	const struct term *simpler = choose_truth(ts, c, a, b);
	if (simpler)
		return simpler;
	return intern(ts, (struct term){ .op = X_ITE, .width = a->width, .arg = { c, a, b } });
}

const struct term *term_not(struct terms *ts, const struct term *a)
{
	return term_unary(ts, X_NOT, a);
}

const struct term *term_and(struct terms *ts, const struct term *a, const struct term *b)
{
	return term_binary(ts, X_AND, a, b);
}

const struct term *term_or(struct terms *ts, const struct term *a, const struct term *b)
{
	return term_binary(ts, X_OR, a, b);
}

const struct term *term_eq(struct terms *ts, const struct term *a, const struct term *b)
{
	return term_binary(ts, X_EQ, a, b);
}

/* ---- evaluation ---- */

struct evaluation {
	term_lookup *lookup;
	void *context;
	uint64_t *value; /* by id */
	bool *known;
};

static uint64_t value_of(struct evaluation *e, const struct term *t);

static uint64_t compute(struct evaluation *e, const struct term *t)
{
	uint64_t v[3] = { 0 };

	if (t->op == X_ITE)
		return value_of(e, t->arg[value_of(e, t->arg[0]) ? 1 : 2]);
	for (int i = 0; i < 3 && t->arg[i]; i++)
		v[i] = value_of(e, t->arg[i]);
	switch (t->op) {
	case X_CONST: return t->value;
	case T_VARIABLE: return e->lookup(e->context, t->name, NULL, t->width);
	case T_APPLY: return e->lookup(e->context, t->name, &v[0], t->width);
	case X_SLICE: return v[0] >> t->value & isa_mask(t->width);
	case X_ZEXT: return v[0];
	case X_SEXT: return (uint64_t)isa_signed(v[0], t->arg[0]->width) & isa_mask(t->width);
	case X_CONCAT: return v[0] << t->arg[1]->width | v[1];
	default: return arith_apply((enum expr_op)t->op, t->arg[0]->width, v[0], v[1]);
	}
}

static uint64_t value_of(struct evaluation *e, const struct term *t)
{
	if (!e->known[t->id]) {
		e->value[t->id] = compute(e, t) & isa_mask(t->width);
		e->known[t->id] = true;
	}
	return e->value[t->id];
}

uint64_t term_value(struct terms *ts, const struct term *t, term_lookup *lookup, void *context)
{
	struct evaluation e = { lookup, context, xcalloc(ts->count, sizeof *e.value),
				xcalloc(ts->count, sizeof *e.known) };
	uint64_t value = value_of(&e, t);

	free(e.value);
	free(e.known);
	return value;
}

void term_print(const struct term *t, FILE *to)
{
	if (t->op == X_CONST) {
		fprintf(to, "%#" PRIx64, t->value);
		return;
	}
	if (t->op == T_VARIABLE) {
		fputs(t->name, to);
		return;
	}
	fprintf(to, "(%s", t->op == T_APPLY ? t->name : expr_op_name((enum expr_op)t->op));
	for (int i = 0; i < 3 && t->arg[i]; i++) {
		fputc(' ', to);
		term_print(t->arg[i], to);
	}
	if (t->op == X_SLICE)
		fprintf(to, " %u %u", (unsigned)t->value + t->width - 1, (unsigned)t->value);
	fputc(')', to);
}
