/*
 * A `find` whose condition the host can look at for several elements at once: the elements in the
 * lanes of a vector, what does not speak of the element spread over all lanes.  Values lie in their
 * lanes as in slots, cut to their width; of what is true or false the highest bit counts.
 */
#include "machine/lowering.h"

enum { VECTORS = 16, SPREADS = 10, LANES_LOG = 2 };

struct lanes {
	struct lower *l;
	const struct expr *find;
	uint32_t first; /* the elements from here on */
	unsigned used;	/* vectors, from the first one on; spread ones from the last one on */
	unsigned nspreads;
	struct {
		const struct expr *of; /* NULL: of value */
		uint64_t value;
	} spread[SPREADS];
	bool fails;
};

static bool speaks_of_element(const struct lanes *v, const struct expr *e)
{
	if (e->op == X_LOCAL)
		return e->index == v->find->index;
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		if (speaks_of_element(v, e->arg[i]))
			return true;
	return false;
}

static void emit(struct lanes *v, enum uop_op op, uint32_t d, uint32_t a, uint32_t b, uint64_t imm)
{
	uop_emit(v->l, op, 64, d, a, b, imm);
}

/* The vector that a value is spread in, where it stays. */
static uint32_t spread(struct lanes *v, const struct expr *e, uint64_t value)
{
	uint32_t before = v->l->temp;
	unsigned i = 0;

	while (i < v->nspreads && (v->spread[i].of != e || v->spread[i].value != value))
		i++;
	if (i < v->nspreads)
		return VECTORS - 1 - i;
	if (i == SPREADS) {
		v->fails = true;
		return 0;
	}
	v->spread[i].of = e;
	v->spread[i].value = value;
	v->nspreads++;
	emit(v, V_SPREAD, VECTORS - 1 - i,
	     e ? lower_slot(v->l, e, NO_SLOT) : operand_slot(v->l, operand_constant(value)), 0, 0);
	v->l->temp = before;
	return VECTORS - 1 - i;
}

/* A vector for a result. */
static uint32_t claim(struct lanes *v)
{
	if (v->used == VECTORS - SPREADS) {
		v->fails = true;
		return 0;
	}
	return v->used++;
}

static uint32_t value_of(struct lanes *, const struct expr *);

/* Both operands first: what they took is free again for the result. */
static uint32_t operate(struct lanes *v, enum uop_op op, const struct expr *a, const struct expr *b)
{
	unsigned before = v->used;
	uint32_t x = value_of(v, a), y = value_of(v, b), d;

	v->used = before;
	d = claim(v);
	emit(v, op, d, x, y, 0);
	return d;
}

/* d := its bits from `from` on, so many. */
static void cut(struct lanes *v, uint32_t d, uint32_t a, unsigned from, unsigned width)
{
	unsigned above = 64 - from - width;

	if (above)
		emit(v, V_SHL, d, a, 0, above);
	emit(v, V_LSHR, d, above ? d : a, 0, 64 - width);
}

static uint32_t slice_of(struct lanes *v, const struct expr *e)
{
	unsigned before = v->used;
	uint32_t a = value_of(v, e->arg[0]), d;

	v->used = before;
	d = claim(v);
	if (e->value + e->width == e->arg[0]->width)
		emit(v, V_LSHR, d, a, 0, e->value);
	else
		cut(v, d, a, (unsigned)e->value, e->width);
	return d;
}

static uint32_t sum_of(struct lanes *v, const struct expr *e)
{
	uint32_t d = operate(v, e->op == X_ADD ? V_ADD : V_SUB, e->arg[0], e->arg[1]);

	if (e->width < 64)
		cut(v, d, d, 0, e->width);
	return d;
}

static uint32_t concat_of(struct lanes *v, const struct expr *e)
{
	unsigned before = v->used;
	uint32_t high = value_of(v, e->arg[0]), t = claim(v), low, d;

	emit(v, V_SHL, t, high, 0, e->arg[1]->width);
	low = value_of(v, e->arg[1]);
	v->used = before;
	d = claim(v);
	emit(v, V_OR, d, t, low, 0);
	return d;
}

static uint32_t not_of(struct lanes *v, const struct expr *e)
{
	unsigned before = v->used;
	uint32_t a = value_of(v, e->arg[0]), ones = spread(v, NULL, isa_mask(e->width)), d;

	v->used = before;
	d = claim(v);
	emit(v, V_XOR, d, a, ones, 0);
	return d;
}

/* Elements of an array by the number of the lane. */
static uint32_t elements(struct lanes *v, const struct expr *e)
{
	const struct expr *index = e->arg[0];
	uint32_t d = claim(v);

	while (index->op == X_ZEXT)
		index = index->arg[0];
	if (index->op != X_LOCAL || e->reg->count < v->find->reg->count)
		v->fails = true;
	emit(v, V_ELEMS, d, 0, e->reg->slot + v->first, 1 << LANES_LOG);
	return d;
}

static uint32_t numbers(struct lanes *v)
{
	uint32_t d = claim(v);

	emit(v, V_NUMBERS, d, 0, 0, v->first);
	return d;
}

static uint32_t value_of(struct lanes *v, const struct expr *e)
{
	if (!speaks_of_element(v, e))
		return spread(v, e, 0);
	switch (e->op) {
	case X_LOCAL: return numbers(v);
	case X_ELEM: return elements(v, e);
	case X_SLICE: return slice_of(v, e);
	case X_ZEXT: return value_of(v, e->arg[0]);
	case X_CONCAT: return concat_of(v, e);
	case X_NOT: return not_of(v, e);
	case X_AND: return operate(v, V_AND, e->arg[0], e->arg[1]);
	case X_OR: return operate(v, V_OR, e->arg[0], e->arg[1]);
	case X_XOR: return operate(v, V_XOR, e->arg[0], e->arg[1]);
	case X_ADD:
	case X_SUB: return sum_of(v, e);
	default: v->fails = true; return 0;
	}
}

static uint32_t truth_of(struct lanes *, const struct expr *);

static uint32_t both(struct lanes *v, enum uop_op op, const struct expr *e)
{
	unsigned before = v->used;
	uint32_t x = truth_of(v, e->arg[0]), y = truth_of(v, e->arg[1]), d;

	v->used = before;
	d = claim(v);
	emit(v, op, d, x, y, 0);
	return d;
}

static uint32_t opposite(struct lanes *v, uint32_t a)
{
	emit(v, V_XOR, a, a, spread(v, NULL, UINT64_MAX), 0);
	return a;
}

/* The lowest bit, to where it counts; the vector is the result's own. */
static uint32_t bit(struct lanes *v, const struct expr *e)
{
	unsigned before = v->used;
	uint32_t a = value_of(v, e), d;

	v->used = before;
	d = claim(v);
	emit(v, V_SHL, d, a, 0, 63);
	return d;
}

static uint32_t truth_of(struct lanes *v, const struct expr *e)
{
	switch (speaks_of_element(v, e) ? e->op : X_CONST) {
	case X_AND: return both(v, V_AND, e);
	case X_OR: return both(v, V_OR, e);
	case X_XOR: return both(v, V_XOR, e);
	case X_NOT: return opposite(v, truth_of(v, e->arg[0]));
	case X_EQ: return operate(v, V_EQ, e->arg[0], e->arg[1]);
	case X_NE: return opposite(v, operate(v, V_EQ, e->arg[0], e->arg[1]));
	default: return bit(v, e);
	}
}

static bool search(struct lanes *v, uint32_t i)
{
	uint32_t bits = lower_temp(v->l), some = lower_temp(v->l), count = v->find->reg->count;

	emit(v, U_CONST, bits, 0, 0, count < 64 ? UINT64_C(1) << count : 0);
	for (v->first = 0; v->first < count && !v->fails; v->first += 1 << LANES_LOG) {
		uint32_t truth = truth_of(v, v->find->arg[0]);

		v->used = 0;
		emit(v, V_SIGNS, some, truth, v->first + (1 << LANES_LOG) == count, 0);
		if (v->first)
			emit(v, U_SHLI, some, some, 0, v->first);
		emit(v, U_OR, bits, bits, some, 0);
	}
	emit(v, U_FIRST, i, bits, 0, count);
	return !v->fails;
}

bool lower_lanes(struct lower *l, const struct expr *find, uint32_t i)
{
	struct lanes v = { .l = l, .find = find };
	uint32_t temp = l->temp, count = l->count;
	bool done;

	if (!l->layout->vectors || find->reg->count % (1 << LANES_LOG) || find->reg->count > 64)
		return false;
	done = search(&v, i);
	l->temp = temp;
	if (!done)
		l->count = count;
	return done;
}
