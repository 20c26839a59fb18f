/*
 * A `find` whose condition the host can look at for several elements at once: the elements in the
 * lanes of a vector, what does not speak of the element spread over all lanes.  Values lie in their
 * lanes as in slots, cut to their width, or where it suffices as parts of elements do, in their place
 * there; of what is true or false the highest bit counts.
 */
#include "machine/lowering.h"

enum { VECTORS = 16, SPREADS = 10, ARRAYS = 2, LANES_LOG = 2, TOP = 63 };

struct lanes {
	struct lower *l;
	const struct expr *find;
	const struct expr *apart; /* a part of its condition that is looked at by itself; or NULL */
	uint32_t first; /* the elements from here on */
	unsigned used;	/* vectors, from the first one on; spread ones from the last one on */
	unsigned narrays;
	const struct isa_reg *array[ARRAYS]; /* whose elements are in the first vectors */
	unsigned nspreads;
	struct {
		const struct expr *of; /* NULL: of value */
		uint64_t value;	       /* else: moved left by so many bits */
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

/* A slot with such a value. */
static uint32_t slot_of(struct lanes *v, const struct expr *e, uint64_t value)
{
	uint32_t slot, moved;

	if (!e)
		return operand_slot(v->l, operand_constant(value));
	slot = lower_slot(v->l, e, NO_SLOT);
	if (!value)
		return slot;
	moved = lower_temp(v->l);
	emit(v, U_SHLI, moved, slot, 0, value);
	return moved;
}

static void emit_spread(struct lanes *v, uint32_t d, const struct expr *e, uint64_t value)
{
	if (!e && value == 0)
		emit(v, V_XOR, d, d, d, 0);
	else if (!e && value == UINT64_MAX)
		emit(v, V_EQ, d, d, d, 0);
	else
		emit(v, V_SPREAD, d, slot_of(v, e, value), 0, 0);
}

/* Which of the spread values it is; as many as there are: none. */
static unsigned find_spread(const struct lanes *v, const struct expr *e, uint64_t value)
{
	unsigned i = 0;

	while (i < v->nspreads && (v->spread[i].of != e || v->spread[i].value != value))
		i++;
	return i;
}

/* The vector that a value is spread in, where it stays. */
static uint32_t spread(struct lanes *v, const struct expr *e, uint64_t value)
{
	uint32_t before = v->l->temp;
	unsigned i;

	if (e && e->op == X_CONST) {
		value = e->value << value;
		e = NULL;
	}
	i = find_spread(v, e, value);
	if (i < v->nspreads)
		return VECTORS - 1 - i;
	if (i == SPREADS) {
		v->fails = true;
		return 0;
	}
	v->spread[i].of = e;
	v->spread[i].value = value;
	v->nspreads++;
	emit_spread(v, VECTORS - 1 - i, e, value);
	v->l->temp = before;
	return VECTORS - 1 - i;
}

/* Is a constant spread, or room for it and for what cannot do without? */
static bool can_spread(const struct lanes *v, uint64_t value)
{
	enum { RESERVE = 3 };

	return find_spread(v, NULL, value) < v->nspreads || v->nspreads + RESERVE < SPREADS;
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

	if (from == 0 && above && can_spread(v, isa_mask(width))) {
		emit(v, V_AND, d, a, spread(v, NULL, isa_mask(width)), 0);
		return;
	}
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

/* An array's elements by the number of the lane; NULL: they are others. */
static const struct isa_reg *array_of(const struct lanes *v, const struct expr *e)
{
	const struct expr *index = e->arg[0];

	while (index->op == X_ZEXT)
		index = index->arg[0];
	return index->op == X_LOCAL && index->index == v->find->index &&
			       e->reg->count >= v->find->reg->count
		       ? e->reg
		       : NULL;
}

static void load(struct lanes *v, uint32_t d, const struct isa_reg *array)
{
	emit(v, V_ELEMS, d, 0, array->slot + v->first, 1 << LANES_LOG);
}

static uint32_t elements(struct lanes *v, const struct expr *e)
{
	const struct isa_reg *array = array_of(v, e);
	uint32_t d;

	for (unsigned i = 0; i < v->narrays; i++)
		if (v->array[i] == array)
			return i;
	d = claim(v);
	if (array)
		load(v, d, array);
	else
		v->fails = true;
	return d;
}

static uint32_t numbers(struct lanes *v)
{
	uint32_t d = claim(v);

	emit(v, V_NUMBERS, d, 0, 0, v->first);
	return d;
}

/* What an `and` has of one side is what the other one has not. */
static const struct expr *negated(const struct lanes *v, const struct expr *e)
{
	return e->op == X_NOT && speaks_of_element(v, e) ? e->arg[0] : NULL;
}

static uint32_t and_of(struct lanes *v, const struct expr *e)
{
	for (unsigned i = 0; i < 2; i++)
		if (negated(v, e->arg[i]))
			return operate(v, V_ANDNOT, negated(v, e->arg[i]), e->arg[1 - i]);
	return operate(v, V_AND, e->arg[0], e->arg[1]);
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
	case X_AND: return and_of(v, e);
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

/* A part of a word that stands within it: its bits above and below are not needed to compare it. */
static const struct expr *part_of(const struct lanes *v, const struct expr *e)
{
	if (!speaks_of_element(v, e))
		return NULL;
	while (e->op == X_ZEXT)
		e = e->arg[0];
	return e->op == X_SLICE && e->value + e->width < e->arg[0]->width ? e : NULL;
}

/* What is at most as wide, moved to that place; another value is none of the part's. */
static uint32_t compare_part(struct lanes *v, const struct expr *part, const struct expr *with)
{
	unsigned before = v->used;
	uint32_t a = value_of(v, part->arg[0]), d;

	v->used = before;
	d = claim(v);
	emit(v, V_AND, d, a, spread(v, NULL, isa_mask(part->width) << part->value), 0);
	emit(v, V_EQ, d, d, spread(v, with, part->value), 0);
	return d;
}

static uint32_t equal(struct lanes *v, const struct expr *e)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct expr *part = part_of(v, e->arg[i]), *with = e->arg[1 - i];

		if (part && with->width + part->value <= 64 && !speaks_of_element(v, with) &&
		    can_spread(v, isa_mask(part->width) << part->value))
			return compare_part(v, part, with);
	}
	return operate(v, V_EQ, e->arg[0], e->arg[1]);
}

/* The lowest bit, to where it counts; the vector is the result's own. */
static uint32_t bit(struct lanes *v, const struct expr *e)
{
	unsigned before = v->used, at = 0;
	uint32_t a, d;

	if (e->op == X_SLICE) {
		at = (unsigned)e->value;
		e = e->arg[0];
	}
	a = value_of(v, e);
	v->used = before;
	d = claim(v);
	emit(v, V_SHL, d, a, 0, TOP - at);
	return d;
}

static uint32_t truth_of(struct lanes *v, const struct expr *e)
{
	if (!speaks_of_element(v, e))
		return spread(v, e, TOP);
	for (unsigned i = 0; e->op == X_AND && i < 2; i++)
		if (e->arg[i] == v->apart)
			return truth_of(v, e->arg[1 - i]);
	switch (e->op) {
	case X_AND: return both(v, V_AND, e);
	case X_OR: return both(v, V_OR, e);
	case X_XOR: return both(v, V_XOR, e);
	case X_NOT: return opposite(v, truth_of(v, e->arg[0]));
	case X_EQ: return equal(v, e);
	case X_NE: return opposite(v, equal(v, e));
	default: return bit(v, e);
	}
}

/* ---- the search ---- */

/* If e says which number an element must not have, this; else NULL. */
static const struct expr *number_not(const struct lanes *v, const struct expr *e)
{
	for (unsigned i = 0; e->op == X_NE && i < 2; i++) {
		const struct expr *index = e->arg[i], *with = e->arg[1 - i];

		while (index->op == X_ZEXT)
			index = index->arg[0];
		if (index->op == X_LOCAL && index->index == v->find->index &&
		    !speaks_of_element(v, with))
			return with;
	}
	return NULL;
}

/* The part of a condition that says it, beside others; or NULL. */
static const struct expr *excluding(const struct lanes *v, const struct expr *e)
{
	const struct expr *part = NULL;

	for (unsigned i = 0; e->op == X_AND && i < 2 && !part; i++)
		part = number_not(v, e->arg[i]) ? e->arg[i] : excluding(v, e->arg[i]);
	return part;
}

/* All elements may be found but one. */
static void exclude(struct lanes *v, uint32_t bits, const struct expr *number)
{
	uint32_t one = operand_slot(v->l, operand_constant(1)), bit = lower_temp(v->l);

	emit(v, U_SHL, bit, one, lower_slot(v->l, number, NO_SLOT), 0);
	emit(v, U_XORI, bit, bit, 0, UINT64_MAX);
	emit(v, U_AND, bits, bits, bit, 0);
}

/* The arrays of which most parts are looked at are loaded once. */
static void note_arrays(struct lanes *v, const struct expr *e)
{
	const struct isa_reg *array = e->op == X_ELEM ? array_of(v, e) : NULL;
	unsigned i = 0;

	while (i < v->narrays && v->array[i] != array)
		i++;
	if (array && i == v->narrays && i < ARRAYS)
		v->array[v->narrays++] = array;
	for (i = 0; i < expr_op_arity(e->op); i++)
		if (speaks_of_element(v, e))
			note_arrays(v, e->arg[i]);
}

/* The elements from v->first on: which of them match, as bits from the lowest one on. */
static void some(struct lanes *v, uint32_t bits)
{
	const struct expr *condition = v->find->arg[0];
	bool last = v->first + (1 << LANES_LOG) == v->find->reg->count;

	for (v->used = 0; v->used < v->narrays; v->used++)
		load(v, v->used, v->array[v->used]);
	emit(v, V_SIGNS, bits, truth_of(v, condition), last, 0);
}

static bool search(struct lanes *v, uint32_t i)
{
	uint32_t bits = lower_temp(v->l), more = lower_temp(v->l), count = v->find->reg->count;

	v->apart = excluding(v, v->find->arg[0]);
	note_arrays(v, v->find->arg[0]);
	some(v, bits);
	while ((v->first += 1 << LANES_LOG) < count && !v->fails) {
		some(v, more);
		emit(v, U_SHLI, more, more, 0, v->first);
		emit(v, U_OR, bits, bits, more, 0);
	}
	if (v->apart)
		exclude(v, bits, number_not(v, v->apart));
	if (count < 64)
		emit(v, U_ORI, bits, bits, 0, UINT64_C(1) << count);
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
