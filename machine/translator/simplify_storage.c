/* Storage and arrays of registers, simplified: see simplify.h. */
#include "machine/translator/simplify.h"

/* ---- storage ---- */

static bool inside(struct simplifier *s, uint32_t place)
{
	return fact_of(s, place)->hi < s->context->key.size;
}

/* base and displacement of a place, when a host instruction can hold it. */
static void address(struct simplifier *s, uint32_t place, struct uop *u)
{
	struct fact line = fact_linear(s, place);
	uint64_t limit = UINT64_C(1) << 27;

	if (line.lo == line.hi && line.lo < limit) {
		u->a = NO_INDEX;
		u->b = (uint32_t)line.lo;
		return;
	}
	if (line.lo == line.hi || line.offset + limit > 2 * limit) {
		u->a = simplify_operand(s, place);
		u->b = 0;
		return;
	}
	u->a = s->slot[line.base];
	u->b = (uint32_t)line.offset;
}

void simplify_check(struct simplifier *s, uint32_t place)
{
	struct uop u = { .op = U_CHECK };
	uint64_t v;

	if (inside(s, place))
		return;
	if (fact_known(s, place, &v)) {
		simplify_emit(s, (struct uop){ .op = T_COLD });
		s->reachable = false;
		return;
	}
	u.a = fact_root(s, place);
	simplify_emit(s, u);
	fact_at_most(fact_of(s, place), s->context->key.size - 1);
}

void simplify_place(struct simplifier *s, const struct uop *from)
{
	uint64_t size = s->context->key.size;
	struct uop u = *from;

	/* pages are whole, so that none of what is in one is outside */
	s->failed |= u.imm > UINT64_C(1) << s->context->pages.log || size < u.imm;
	u.aux &= 3;
	u.a = simplify_operand(s, from->a);
	u.d = simplify_named(s, from->d);
	simplify_emit(s, u);
	fact_define(s, u.d, fact_range(0, size - u.imm));
	for (unsigned i = 1; i < u.imm; i++) {
		struct uop next = { .op = U_ADDI, .width = 64, .a = from->d, .imm = i };

		simplify_operator(s, &next, simplify_named(s, from->d + i));
	}
}

/* Is the place in slot + i surely i units after that in slot? */
static bool is_neighbour(struct simplifier *s, uint32_t slot, unsigned i)
{
	struct fact first = fact_linear(s, slot), f = fact_linear(s, slot + i);

	if (first.lo == first.hi)
		return f.lo == f.hi && f.lo == first.lo + i;
	return f.base == first.base && f.offset == first.offset + i;
}

/* The places in n slots ascend by one; where they do not, the oracle does it. */
static void require_neighbours(struct simplifier *s, uint32_t slot, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		struct uop next = { .op = U_ADDI, .width = 64, .aux = EXACT, .imm = i };

		if (is_neighbour(s, slot, i))
			continue;
		next.a = simplify_operand(s, slot);
		next.d = simplify_spare(s);
		simplify_emit(s, next);
		simplify_emit(s, (struct uop){ .op = J_EQ,
					       .width = 64,
					       .aux = false,
					       .d = LABEL_COLD,
					       .a = simplify_operand(s, slot + i),
					       .b = next.d });
	}
}

static unsigned unit_bits(const struct simplifier *s)
{
	return s->t->isa->unit;
}

/* from: as the program has it. */
static void emit_store(struct simplifier *s, struct uop u, const struct uop *from)
{
	struct uop old = u, no_code = { .op = T_NOCODE, .a = u.a, .b = u.b };

	no_code.imm = u.op == U_STORE ? 1 : u.imm;
	simplify_emit(s, no_code);
	if (!s->saving) {
		simplify_emit(s, u);
		return;
	}
	old.op = u.op == U_STORE ? U_LOAD : U_LOADS;
	old.aux = 0;
	old.d = undo_value(s, from);
	simplify_emit(s, old);
	simplify_emit(s, u);
	undo_from(s, from);
}

/* The slot of a value that is stored in n units.  What the host stores it cuts itself, where units
 * fill its bytes. */
static uint32_t stored(struct simplifier *s, uint32_t slot, unsigned n)
{
	uint32_t d = simplify_operand(s, slot);
	const struct uop *cut = ops_maker(&s->into->ops, s->into->ops.count, d);
	unsigned bits = n * unit_bits(s);

	return bits >= 8 && (bits & (bits - 1)) == 0 && cut && cut->op == U_SLICE &&
			       cut->imm == 0 && cut->width == bits ?
		       cut->a :
		       d;
}

/* May one of n units from a place on be watched for reading? */
static bool may_be_watched(struct simplifier *s, uint32_t place, unsigned n)
{
	const struct key *k = &s->context->key;
	const struct fact *f = fact_of(s, place);

	return k->from < k->to && f->lo < k->to && (f->hi >= k->from || k->from - f->hi < n);
}

/* Of n units from a place on. */
static void emit_load(struct simplifier *s, struct uop u, uint32_t place, unsigned n)
{
	struct uop unwatched = { .op = T_NOCODE, .aux = MAP_READ, .a = u.a, .b = u.b, .imm = n };

	if (may_be_watched(s, place, n))
		simplify_emit(s, unwatched);
	simplify_emit(s, u);
	fact_define(s, u.d, fact_range(0, isa_mask(n * unit_bits(s))));
}

void simplify_units(struct simplifier *s, const struct uop *from, bool store)
{
	unsigned n = (unsigned)from->imm, bits = unit_bits(s);
	struct uop u = { .op = from->op, .imm = n, .aux = from->aux & 1 };

	/* the host has accesses of 2, 4 and 8 cells of a whole byte */
	if (bits != 8 || (n != 2 && n != 4 && n != 8)) {
		s->failed = true;
		return;
	}
	require_neighbours(s, from->a, n);
	address(s, from->a, &u);
	u.d = store ? stored(s, from->d, n) : simplify_named(s, from->d);
	if (store) {
		emit_store(s, u, from);
		return;
	}
	emit_load(s, u, from->a, n);
}

void simplify_unit(struct simplifier *s, const struct uop *from, bool store)
{
	uint32_t place = simplify_named(s, from->a);
	struct uop u = { .op = from->op };

	simplify_check(s, place);
	if (!s->reachable)
		return;
	address(s, place, &u);
	u.d = store ? stored(s, from->d, 1) : simplify_named(s, from->d);
	if (store) {
		emit_store(s, u, from);
		return;
	}
	emit_load(s, u, place, 1);
}

/* ---- arrays ---- */

static bool any_renamed(const struct simplifier *s, uint32_t from, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (s->renamed[from + i])
			return true;
	return false;
}

void simplify_lanes(struct simplifier *s, const struct uop *from)
{
	struct uop u = *from;

	if (u.op == V_ELEMS && any_renamed(s, u.b, u.imm)) {
		s->failed = s->clashes = true;
		return;
	}
	if (u.op == V_SPREAD || u.op == U_FIRST)
		u.a = simplify_operand(s, u.a);
	if (u.op == V_SIGNS || u.op == U_FIRST)
		u.d = simplify_named(s, u.d);
	simplify_emit(s, u);
	if (u.op == V_SIGNS)
		fact_define(s, u.d, fact_range(0, 15));
	else if (u.op == U_FIRST)
		fact_define(s, u.d, fact_range(0, u.imm));
}

static void keep_element(struct simplifier *s, const struct uop *store)
{
	struct uop old = { .op = U_ELEM, .b = store->b, .imm = store->imm };

	old.d = undo_value(s, store);
	old.a = simplify_operand(s, store->a);
	old.aux = fact_of(s, old.a)->hi < old.imm ? EXACT : 0;
	simplify_emit(s, old);
	undo_from(s, store);
}

void simplify_element(struct simplifier *s, const struct uop *from, bool store)
{
	uint32_t index = simplify_named(s, from->a), d;
	struct uop u = *from;
	uint64_t v;

	if (any_renamed(s, from->b, from->imm)) {
		s->failed = s->clashes = true;
		return;
	}
	if (store && s->saving)
		keep_element(s, from);
	if (fact_known(s, index, &v)) {
		if (v >= from->imm && !store)
			simplify_const(s, simplify_named(s, from->d), 0);
		else if (v < from->imm && store)
			simplify_copy(s, from->b + (uint32_t)v, simplify_named(s, from->d));
		else if (v < from->imm)
			simplify_copy(s, simplify_named(s, from->d), from->b + (uint32_t)v);
	} else {
		u.a = fact_root(s, index);
		u.aux = fact_of(s, index)->hi < from->imm ? EXACT : 0;
		d = u.d = store ? simplify_operand(s, from->d) : simplify_named(s, from->d);
		simplify_emit(s, u);
		if (!store)
			fact_define(s, d, fact_range(0, isa_mask(s->t->width[from->b])));
		for (uint64_t i = 0; store && i < from->imm; i++)
			fact_define(s, from->b + (uint32_t)i,
				    fact_range(0, isa_mask(s->t->width[from->b])));
	}
}
