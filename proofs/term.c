/*
 * Terms: made once each, simplified as they are made.  Operators on two operands
 * are in term_binary.c.
 */
#include "proofs/term_private.h"

#include "isa/alloc.h"
#include "isa/arith.h"

#include <assert.h>
#include <inttypes.h>
#include <obstack.h>

/* What a name was used for first is what it is. */
struct name {
	struct name *next;
	unsigned op;		  /* T_VARIABLE, T_APPLY; 0: not used yet */
	unsigned width, argument; /* argument's width; 0: none */
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
	h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t hash_text(const char *text)
{
	uint64_t h = 0;

	for (; *text; text++)
		h = mix(h, (unsigned char)*text);
	return h;
}

static uint64_t hash_of(const struct term *t)
{
	uint64_t h = mix(mix(mix(0, t->op), t->width), t->value);

	if (t->name)
		h = mix(h, hash_text(t->name));
	for (int i = 0; i < 3 && t->arg[i]; i++)
		h = mix(h, t->arg[i]->hash);
	return h;
}

static bool same(const struct term *a, const struct term *b)
{
	return a->op == b->op && a->width == b->width && a->value == b->value &&
	       a->name == b->name && a->arg[0] == b->arg[0] && a->arg[1] == b->arg[1] &&
	       a->arg[2] == b->arg[2];
}

static const struct term **slot_of(const struct terms *ts, const struct term *t)
{
	uint64_t i = t->hash & (ts->capacity - 1);

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
	t.hash = hash_of(&t);
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

static struct name *find_name(struct terms *ts, const char *text)
{
	struct name **bucket = &ts->names[hash_text(text) % NAME_BUCKETS], *n = *bucket;

	while (n && strcmp(n->text, text))
		n = n->next;
	if (n)
		return n;
	assert(!strpbrk(text, "|\\"));
	n = obstack_alloc(&ts->arena, sizeof *n + strlen(text) + 1);
	*n = (struct name){ .next = *bucket };
	strcpy(n->text, text);
	*bucket = n;
	return n;
}

const char *terms_name(struct terms *ts, const char *text)
{
	return find_name(ts, text)->text;
}

static const char *use_name(struct terms *ts, enum term_op op, const char *text, unsigned width,
			    unsigned argument)
{
	struct name *n = find_name(ts, text);

	if (!n->op) {
		n->op = op;
		n->width = width;
		n->argument = argument;
	}
	assert(n->op == op && n->width == width && n->argument == argument);
	return n->text;
}

const struct term *term_make(struct terms *ts, unsigned op, unsigned width, const struct term *a,
			     const struct term *b)
{
	return intern(ts, (struct term){ .op = op, .width = (uint8_t)width, .arg = { a, b } });
}

/* ---- leaves ---- */

const struct term *term_const(struct terms *ts, unsigned width, uint64_t value)
{
	assert(width >= 1 && width <= 64);
	return intern(ts, (struct term){ .op = X_CONST,
					 .width = (uint8_t)width,
					 .value = value & isa_mask(width) });
}

const struct term *term_variable(struct terms *ts, const char *name, unsigned width)
{
	assert(width >= 1 && width <= 64);
	return intern(ts, (struct term){ .op = T_VARIABLE,
					 .width = (uint8_t)width,
					 .name = use_name(ts, T_VARIABLE, name, width, 0) });
}

const struct term *term_apply(struct terms *ts, const char *function, unsigned width,
			      const struct term *a)
{
	assert(width >= 1 && width <= 64);
	return intern(ts,
		      (struct term){ .op = T_APPLY,
				     .width = (uint8_t)width,
				     .arg = { a },
				     .name = use_name(ts, T_APPLY, function, width, a->width) });
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

/* ---- one and three operands ---- */

const struct term *term_unary(struct terms *ts, enum expr_op op, const struct term *a)
{
	assert(op == X_NOT || op == X_NEG);
	if (is_const(a))
		return term_const(ts, a->width, arith_apply(op, a->width, a->value, 0));
	if (a->op == op)
		return a->arg[0];
	return term_make(ts, op, a->width, a, NULL);
}

/* ---- slices ---- */

enum { APART = 4 }; /* how deep sums are looked into */

static bool is_bitwise_or_sum(const struct term *t)
{
	return t->op == X_ADD || t->op == X_SUB || t->op == X_AND || t->op == X_OR ||
	       t->op == X_XOR;
}

/* Is a slice of it something simpler, so that it is better to slice the operands than the
 * whole?  Otherwise not: slices of one term join again. */
static bool falls_apart(const struct term *t, int depth)
{
	if (is_bitwise_or_sum(t))
		return depth && falls_apart(t->arg[0], depth - 1) &&
		       falls_apart(t->arg[1], depth - 1);
	return t->op == X_CONST || t->op == X_ZEXT || t->op == X_SEXT || t->op == X_CONCAT ||
	       t->op == X_SLICE;
}

static const struct term *slice_concat(struct terms *ts, const struct term *a, unsigned hi,
				       unsigned lo)
{
	unsigned w = a->arg[1]->width;

	if (lo >= w)
		return term_slice(ts, a->arg[0], hi - w, lo - w);
	if (hi < w)
		return term_slice(ts, a->arg[1], hi, lo);
	return term_binary(ts, X_CONCAT, term_slice(ts, a->arg[0], hi - w, 0),
			   term_slice(ts, a->arg[1], w - 1, lo));
}

static const struct term *slice_extended(struct terms *ts, const struct term *a, unsigned hi,
					 unsigned lo)
{
	unsigned w = a->arg[0]->width;

	if (hi < w)
		return term_slice(ts, a->arg[0], hi, lo);
	if (a->op == X_ZEXT && lo >= w)
		return term_const(ts, hi - lo + 1, 0);
	/* what is beyond the operand repeats its highest bit */
	return term_extend(ts, (enum expr_op)a->op,
			   term_slice(ts, a->arg[0], w - 1, lo < w ? lo : w - 1), hi - lo + 1);
}

static const struct term *slice_part(struct terms *ts, const struct term *a, unsigned hi,
				     unsigned lo)
{
	if (a->op == X_SLICE)
		return term_slice(ts, a->arg[0], hi + (unsigned)a->value, lo + (unsigned)a->value);
	if (a->op == X_CONCAT)
		return slice_concat(ts, a, hi, lo);
	if (a->op == X_ZEXT || a->op == X_SEXT)
		return slice_extended(ts, a, hi, lo);
	/* the low bits of a sum need only the low bits of its operands */
	if (lo == 0 && is_bitwise_or_sum(a) && falls_apart(a, APART))
		return term_binary(ts, (enum expr_op)a->op, term_slice(ts, a->arg[0], hi, 0),
				   term_slice(ts, a->arg[1], hi, 0));
	if (a->op == X_ITE && is_const(a->arg[1]) && is_const(a->arg[2]))
		return term_ite(ts, a->arg[0], term_slice(ts, a->arg[1], hi, lo),
				term_slice(ts, a->arg[2], hi, lo));
	return NULL;
}

const struct term *term_slice(struct terms *ts, const struct term *a, unsigned hi, unsigned lo)
{
	unsigned width = hi - lo + 1;

	assert(lo <= hi && hi < a->width);
	if (width == a->width)
		return a;
	if (is_const(a))
		return term_const(ts, width, a->value >> lo);
	const struct term *simpler = slice_part(ts, a, hi, lo);
	if (simpler)
		return simpler;
	return intern(
		ts,
		(struct term){ .op = X_SLICE, .width = (uint8_t)width, .value = lo, .arg = { a } });
}

const struct term *term_extend(struct terms *ts, enum expr_op op, const struct term *a,
			       unsigned width)
{
	assert((op == X_ZEXT || op == X_SEXT) && width >= a->width && width <= 64);
	if (width == a->width)
		return a;
	if (is_const(a))
		return term_const(ts, width,
				  op == X_ZEXT ? a->value
					       : (uint64_t)isa_signed(a->value, a->width));
	if (a->op == X_ZEXT)
		return term_extend(ts, X_ZEXT, a->arg[0], width);
	if (a->op == X_SEXT && op == X_SEXT)
		return term_extend(ts, X_SEXT, a->arg[0], width);
	return term_make(ts, op, width, a, NULL);
}

/* ---- choices ---- */

/* ite of truth values as and, or, not */
static const struct term *choose_truth(struct terms *ts, const struct term *c, const struct term *a,
				       const struct term *b)
{
	if (a->width != 1)
		return NULL;
	if (a == c || term_is_true(a))
		return term_or(ts, c, b);
	if (b == c || term_is_false(b))
		return term_and(ts, c, a);
	if (term_is_false(a))
		return term_and(ts, term_not(ts, c), b);
	return term_is_true(b) ? term_or(ts, term_not(ts, c), a) : NULL;
}

/* Two choices with a result in common are one. */
static const struct term *choose_once(struct terms *ts, const struct term *c, const struct term *a,
				      const struct term *b)
{
	if (b->op == X_ITE && b->arg[1] == a)
		return term_ite(ts, term_or(ts, c, b->arg[0]), a, b->arg[2]);
	if (a->op == X_ITE && a->arg[2] == b)
		return term_ite(ts, term_and(ts, c, a->arg[0]), a->arg[1], b);
	return NULL;
}

/* Is it said that the two are equal? */
static bool equates(const struct term *c, const struct term *a, const struct term *b)
{
	if (c->op == X_AND)
		return equates(c->arg[0], a, b) || equates(c->arg[1], a, b);
	return c->op == X_EQ &&
	       ((c->arg[0] == a && c->arg[1] == b) || (c->arg[0] == b && c->arg[1] == a));
}

const struct term *term_ite(struct terms *ts, const struct term *c, const struct term *a,
			    const struct term *b)
{
	assert(c->width == 1 && a->width == b->width);
	if (is_const(c))
		return c->value ? a : b;
	if (c->op == X_NOT)
		return term_ite(ts, c->arg[0], b, a);
	if (a->op == X_ITE && a->arg[0] == c)
		a = a->arg[1];
	if (b->op == X_ITE && b->arg[0] == c)
		b = b->arg[2];
	if (a == b || equates(c, a, b))
		return b;
	const struct term *simpler = choose_truth(ts, c, a, b);
	if (!simpler)
		simpler = choose_once(ts, c, a, b);
	if (simpler)
		return simpler;
	return intern(ts, (struct term){ .op = X_ITE, .width = a->width, .arg = { c, a, b } });
}

/* ---- truth values ---- */

const struct term *term_with(struct terms *ts, const struct term *t,
			     const struct term *const arg[3])
{
	enum expr_op op = (enum expr_op)t->op;

	if (!arg[0])
		return t;
	if (t->op == T_APPLY)
		return term_apply(ts, t->name, t->width, arg[0]);
	if (op == X_SLICE)
		return term_slice(ts, arg[0], (unsigned)t->value + t->width - 1,
				  (unsigned)t->value);
	if (op == X_ZEXT || op == X_SEXT)
		return term_extend(ts, op, arg[0], t->width);
	if (op == X_ITE)
		return term_ite(ts, arg[0], arg[1], arg[2]);
	return arg[1] ? term_binary(ts, op, arg[0], arg[1]) : term_unary(ts, op, arg[0]);
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
	size_t n = (size_t)t->id + 1; /* its operands' are below */
	struct evaluation e = { lookup, context, xcalloc(n, sizeof *e.value),
				xcalloc(n, sizeof *e.known) };
	uint64_t value = value_of(&e, t);

	(void)ts;
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
