/* Lowering of expressions and conditions: see machine/lower.h. */
#include "machine/lowering.h"

#include "isa/alloc.h"

#include <assert.h>

/* ---- emitting ---- */

struct uop *uop_emit(struct lower *l, enum uop_op op, unsigned width, uint32_t d, uint32_t a,
		     uint32_t b, uint64_t imm)
{
	struct uop *u;

	if (l->count == l->capacity) {
		l->capacity = l->capacity ? l->capacity * 2 : 16;
		l->program = xrealloc(l->program,
				      sizeof *l->program + l->capacity * sizeof *l->program->uop);
	}
	u = &l->program->uop[l->count++];
	*u = (struct uop){
		.op = (uint8_t)op, .width = (uint8_t)width, .d = d, .a = a, .b = b, .imm = imm
	};
	return u;
}

void uop_link(struct lower *l, struct uop *jump, chain *c)
{
	jump->d = *c;
	*c = (uint32_t)(jump - l->program->uop) + 1;
}

void uop_jump(struct lower *l, chain *c)
{
	uop_link(l, uop_emit(l, J_ALWAYS, 0, 0, 0, 0, 0), c);
}

void uop_land(struct lower *l, chain c)
{
	while (c) {
		struct uop *jump = &l->program->uop[c - 1];
		chain before = jump->d;

		jump->d = l->count - c;
		c = before;
	}
}

uint32_t lower_temp(struct lower *l)
{
	assert(l->temp < l->layout->shadow);
	return l->temp++;
}

static bool is_temp(const struct lower *l, uint32_t slot)
{
	return slot != NO_SLOT && slot >= l->layout->temps;
}

struct operand operand_constant(uint64_t value)
{
	return (struct operand){ .constant = true, .slot = NO_SLOT, .value = value };
}

struct operand operand_at(uint32_t slot)
{
	return (struct operand){ .slot = slot };
}

uint32_t operand_slot(struct lower *l, struct operand o)
{
	uint32_t t;

	if (!o.constant)
		return o.slot;
	t = lower_temp(l);
	uop_emit(l, U_CONST, 64, t, 0, 0, o.value);
	return t;
}

/* ---- what is known now ---- */

static bool known_operand(struct operand o, uint64_t *value)
{
	*value = o.value;
	return o.constant;
}

/* x & y (decides: 0), x | y (decides: all ones): one of them may tell alone. */
static bool known_by_half(const struct lower *l, const struct expr *e, uint64_t decides,
			  uint64_t *value)
{
	uint64_t a, b;
	bool is_a = lower_known(l, e->arg[0], &a), is_b;

	*value = decides;
	if (is_a && a == decides)
		return true;
	is_b = lower_known(l, e->arg[1], &b);
	if (is_b && b == decides)
		return true;
	*value = is_a && is_b ? expr_apply(e->op, e->width, a, b) : 0;
	return is_a && is_b;
}

static bool known_operator(const struct lower *l, const struct expr *e, uint64_t *value)
{
	uint64_t a = 0, b = 0;

	if (!lower_known(l, e->arg[0], &a) || (e->arg[1] && !lower_known(l, e->arg[1], &b)))
		return false;
	*value = expr_apply(e->op, e->arg[0]->width, a, b);
	return true;
}

static bool known_part(const struct lower *l, const struct expr *e, uint64_t *value)
{
	uint64_t a, b;

	if (!lower_known(l, e->arg[0], &a))
		return false;
	if (e->op == X_CONCAT) {
		if (!lower_known(l, e->arg[1], &b))
			return false;
		*value = a << e->arg[1]->width | b;
	} else if (e->op == X_SLICE) {
		*value = a >> e->value & isa_mask(e->width);
	} else if (e->op == X_SEXT) {
		*value = (uint64_t)isa_signed(a, e->arg[0]->width) & isa_mask(e->width);
	} else {
		*value = a;
	}
	return true;
}

bool lower_known(const struct lower *l, const struct expr *e, uint64_t *value)
{
	uint64_t v;

	switch (e->op) {
	case X_CONST: *value = e->value; return true;
	case X_FIELD:
		*value = isa_field_of(&l->instr->format->field[e->index], l->word);
		return true;
	case X_LOCAL: return known_operand(l->frame->local[e->index], value);
	case X_ELEM: *value = 0; return lower_known(l, e->arg[0], &v) && v >= e->reg->count;
	case X_REG:
	case X_SIZE:
	case X_TIME:
	case X_LINE:
	case X_FIND: return false;
	case X_SLICE:
	case X_ZEXT:
	case X_SEXT:
	case X_CONCAT: return known_part(l, e, value);
	case X_AND: return known_by_half(l, e, 0, value);
	case X_OR: return known_by_half(l, e, isa_mask(e->width), value);
	case X_NOT:
	case X_NEG:
	case X_ADD:
	case X_SUB:
	case X_MUL:
	case X_UDIV:
	case X_UREM:
	case X_SDIV:
	case X_SREM:
	case X_XOR:
	case X_SHL:
	case X_LSHR:
	case X_ASHR:
	case X_EQ:
	case X_NE:
	case X_ULT:
	case X_ULE:
	case X_SLT:
	case X_SLE: return known_operator(l, e, value);
	case X_ITE:
		return lower_known(l, e->arg[0], &v) && lower_known(l, e->arg[v ? 1 : 2], value);
	case X_OPS: break;
	}
	assert(!"an expression has no operator");
	return false;
}

/* ---- expressions ---- */

void lower_into(struct lower *l, const struct expr *e, uint32_t slot)
{
	struct operand o = lower_expr(l, e, slot);

	if (o.constant)
		uop_emit(l, U_CONST, 64, slot, 0, 0, o.value);
	else if (o.slot != slot)
		uop_emit(l, U_MOVE, 64, slot, o.slot, 0, 0);
}

uint32_t lower_slot(struct lower *l, const struct expr *e, uint32_t hint)
{
	return operand_slot(l, lower_expr(l, e, hint));
}

/*
 * Operators on two operands.  U_op is followed by its immediate form U_opI, and
 * jumps stand in the order of the comparisons.
 */
static const struct operator
{
	enum uop_op op;
	bool commutes;
	bool zero; /* x op 0 = x */
}
operators[X_OPS] = {
	[X_ADD] = { U_ADD, true, true },    [X_SUB] = { U_SUB, false, true },
	[X_MUL] = { U_MUL, true, false },   [X_UDIV] = { U_UDIV, false, false },
	[X_UREM] = { U_UREM, false, true }, [X_SDIV] = { U_SDIV, false, false },
	[X_SREM] = { U_SREM, false, true }, [X_AND] = { U_AND, true, false },
	[X_OR] = { U_OR, true, true },	    [X_XOR] = { U_XOR, true, true },
	[X_SHL] = { U_SHL, false, true },   [X_LSHR] = { U_LSHR, false, true },
	[X_ASHR] = { U_ASHR, false, true }, [X_EQ] = { U_EQ, true, false },
	[X_NE] = { U_NE, true, false },	    [X_ULT] = { U_ULT, false, false },
	[X_ULE] = { U_ULE, false, false },  [X_SLT] = { U_SLT, false, false },
	[X_SLE] = { U_SLE, false, false },
};

static bool is_comparison(enum expr_op op)
{
	return operators[op].op >= U_EQ && operators[op].op <= U_SLE;
}

/* The operands of an operator on two, a constant on the right where the order allows it. */
static void order_operands(const struct lower *l, const struct expr *e, const struct expr **a,
			   const struct expr **b)
{
	uint64_t v;
	bool swap = operators[e->op].commutes && lower_known(l, e->arg[0], &v);

	*a = e->arg[swap ? 1 : 0];
	*b = e->arg[swap ? 0 : 1];
}

/* A place for the result of an expression; from *mark on its operands put their temporaries. */
static uint32_t begin_result(struct lower *l, uint32_t hint, uint32_t *mark)
{
	uint32_t d = hint != NO_SLOT ? hint : lower_temp(l);

	*mark = l->temp;
	return d;
}

/* A register cannot hold a part of its new value: another part may still read the old one. */
static uint32_t hint_for_part(const struct lower *l, uint32_t d)
{
	return is_temp(l, d) ? d : NO_SLOT;
}

static struct operand lower_operator(struct lower *l, const struct expr *e, uint32_t hint)
{
	const struct operator* o = & operators[e->op];
	const struct expr *x, *y;
	uint32_t mark, d = begin_result(l, hint, &mark), a, b = 0;
	unsigned width = e->arg[0]->width;
	uint64_t imm = 0;

	order_operands(l, e, &x, &y);
	a = lower_slot(l, x, hint_for_part(l, d));
	if (lower_known(l, y, &imm)) {
		if ((imm == 0 && o->zero) || (e->op == X_AND && imm == isa_mask(width)))
			return operand_at(a);
		uop_emit(l, o->op + 1, width, d, a, 0, imm);
	} else {
		b = lower_slot(l, y, NO_SLOT);
		uop_emit(l, o->op, width, d, a, b, 0);
	}
	l->temp = mark;
	return operand_at(d);
}

static struct operand lower_unary(struct lower *l, const struct expr *e, uint32_t hint)
{
	uint32_t mark, d = begin_result(l, hint, &mark);
	unsigned from = e->arg[0]->width;
	uint32_t a = lower_slot(l, e->arg[0], hint_for_part(l, d));

	if (e->op == X_NOT)
		uop_emit(l, U_XORI, from, d, a, 0, isa_mask(from));
	else if (e->op == X_NEG)
		uop_emit(l, U_NEG, from, d, a, 0, 0);
	else if (e->op == X_SEXT)
		uop_emit(l, U_SEXT, from, d, a, 0, isa_mask(e->width));
	else if (e->value == 0 && e->width == from)
		return operand_at(a);
	else
		uop_emit(l, U_SLICE, e->width, d, a, 0, e->value);
	l->temp = mark;
	return operand_at(d);
}

static struct operand lower_concat(struct lower *l, const struct expr *e, uint32_t hint)
{
	uint32_t mark, d = begin_result(l, hint, &mark);
	struct operand high = lower_expr(l, e->arg[0], NO_SLOT);
	struct operand low = lower_expr(l, e->arg[1], NO_SLOT);
	uint32_t t;

	if (high.constant && high.value == 0)
		return low;
	t = low.constant && low.value == 0 ? d : lower_temp(l);
	uop_emit(l, U_SHLI, e->width, t, operand_slot(l, high), 0, e->arg[1]->width);
	if (low.constant && low.value)
		uop_emit(l, U_ORI, e->width, d, t, 0, low.value);
	else if (!low.constant)
		uop_emit(l, U_OR, e->width, d, t, low.slot, 0);
	l->temp = mark;
	return operand_at(d);
}

static struct operand lower_ite(struct lower *l, const struct expr *e, uint32_t hint)
{
	chain otherwise = 0, end = 0;
	uint32_t mark, d;
	uint64_t v;

	if (lower_known(l, e->arg[0], &v))
		return lower_expr(l, e->arg[v ? 1 : 2], hint);
	d = begin_result(l, hint, &mark);
	lower_jump_if(l, e->arg[0], false, &otherwise);
	lower_into(l, e->arg[1], d);
	uop_jump(l, &end);
	uop_land(l, otherwise);
	l->temp = mark;
	lower_into(l, e->arg[2], d);
	uop_land(l, end);
	l->temp = mark;
	return operand_at(d);
}

static struct operand lower_elem(struct lower *l, const struct expr *e, uint32_t hint)
{
	uint32_t mark, d;
	uint64_t i;

	if (lower_known(l, e->arg[0], &i))
		return operand_at(e->reg->slot + (uint32_t)i);
	d = begin_result(l, hint, &mark);
	uop_emit(l, U_ELEM, 64, d, lower_slot(l, e->arg[0], hint_for_part(l, d)), e->reg->slot,
		 e->reg->count);
	l->temp = mark;
	return operand_at(d);
}

/* The same without a loop: i is known in each condition. */
static void find_in_line(struct lower *l, const struct expr *e, uint32_t i)
{
	struct operand *local = &l->frame->local[e->index], before = *local;
	chain done = 0;

	for (uint64_t k = 0; k < e->reg->count; k++) {
		uop_emit(l, U_CONST, 64, i, 0, 0, k);
		*local = operand_constant(k);
		lower_jump_if(l, e->arg[0], true, &done);
	}
	uop_emit(l, U_CONST, 64, i, 0, 0, e->reg->count);
	*local = before;
	uop_land(l, done);
}

/* The same where one element only can be it. */
static void find_given(struct lower *l, const struct expr *e, uint32_t i)
{
	chain done = 0, none = 0;
	struct uop *within;

	uop_emit(l, U_MOVE, 64, i, l->layout->work + WORK_ELEMENT, 0, 0);
	within = uop_emit(l, J_ULTI, 64, 0, i, 0, e->reg->count);
	within->aux = false;
	uop_link(l, within, &none);
	lower_jump_if(l, e->arg[0], true, &done);
	uop_land(l, none);
	uop_emit(l, U_CONST, 64, i, 0, 0, e->reg->count);
	uop_land(l, done);
}

/* for (i = 0; i < count && !condition; i++); the result is i */
static struct operand lower_find(struct lower *l, const struct expr *e, uint32_t hint)
{
	enum { LONGEST = 64 };
	uint32_t mark, d = begin_result(l, hint, &mark);
	uint32_t i = l->frame->base + e->index, head;
	chain done = 0;

	if (l->given || (l->in_line && e->reg->count <= LONGEST)) {
		if (l->given)
			find_given(l, e, i);
		else if (!lower_lanes(l, e, i))
			find_in_line(l, e, i);
		uop_emit(l, U_MOVE, 64, d, i, 0, 0);
		l->temp = mark;
		return operand_at(d);
	}
	l->program->loops = true;
	uop_emit(l, U_CONST, 64, i, 0, 0, 0);
	head = l->count;
	uop_link(l, uop_emit(l, J_ULTI, 64, 0, i, 0, e->reg->count), &done);
	lower_jump_if(l, e->arg[0], true, &done);
	uop_emit(l, U_ADDI, 64, i, i, 0, 1);
	uop_emit(l, J_ALWAYS, 0, head - l->count - 1, 0, 0, 0);
	uop_land(l, done);
	uop_emit(l, U_MOVE, 64, d, i, 0, 0);
	l->temp = mark;
	return operand_at(d);
}

static struct operand lower_line(struct lower *l, const struct expr *e, uint32_t hint)
{
	uint32_t mark, d = begin_result(l, hint, &mark);

	uop_emit(l, U_LINE, 1, d, lower_slot(l, e->arg[0], hint_for_part(l, d)), 0, 0);
	l->temp = mark;
	return operand_at(d);
}

struct operand lower_expr(struct lower *l, const struct expr *e, uint32_t hint)
{
	uint64_t value;

	if (lower_known(l, e, &value))
		return operand_constant(value);
	switch (e->op) {
	case X_LOCAL: return l->frame->local[e->index];
	case X_REG: return operand_at(e->reg->slot);
	case X_SIZE: return operand_at(l->layout->work + WORK_SIZE);
	case X_TIME: return operand_at(l->layout->work + WORK_TIME);
	case X_ZEXT: return lower_expr(l, e->arg[0], hint);
	case X_ELEM: return lower_elem(l, e, hint);
	case X_LINE: return lower_line(l, e, hint);
	case X_FIND: return lower_find(l, e, hint);
	case X_CONCAT: return lower_concat(l, e, hint);
	case X_ITE: return lower_ite(l, e, hint);
	case X_NOT:
	case X_NEG:
	case X_SLICE:
	case X_SEXT: return lower_unary(l, e, hint);
	case X_ADD ... X_SLE: return lower_operator(l, e, hint);
	case X_CONST:
	case X_FIELD:
	case X_OPS: break;
	}
	assert(!"a constant is known");
	return operand_constant(0);
}

/* ---- conditions ---- */

static void jump_comparison(struct lower *l, const struct expr *e, bool sense, chain *c)
{
	enum uop_op op = J_EQ + (operators[e->op].op - U_EQ);
	const struct expr *x, *y;
	uint32_t a, b = 0;
	uint64_t imm = 0;
	struct uop *u;

	order_operands(l, e, &x, &y);
	a = lower_slot(l, x, NO_SLOT);
	if (lower_known(l, y, &imm))
		op++;
	else
		b = lower_slot(l, y, NO_SLOT);
	u = uop_emit(l, op, x->width, 0, a, b, imm);
	u->aux = sense;
	uop_link(l, u, c);
}

/* x & y (decides: 0), x | y (decides: 1) on one bit: y is only looked at if x does not decide. */
static void jump_half(struct lower *l, const struct expr *e, bool decides, bool sense, chain *c)
{
	chain past = 0;

	lower_jump_if(l, e->arg[0], decides, decides == sense ? c : &past);
	lower_jump_if(l, e->arg[1], sense, c);
	uop_land(l, past);
}

void lower_jump_if(struct lower *l, const struct expr *e, bool sense, chain *c)
{
	uint32_t mark = l->temp, a;
	struct uop *u;
	uint64_t v;

	if (lower_known(l, e, &v)) {
		if ((v != 0) == sense)
			uop_jump(l, c);
	} else if (e->op == X_NOT) {
		lower_jump_if(l, e->arg[0], !sense, c);
	} else if (e->op == X_AND || e->op == X_OR) {
		jump_half(l, e, e->op == X_OR, sense, c);
	} else if (is_comparison(e->op)) {
		jump_comparison(l, e, sense, c);
	} else {
		a = lower_slot(l, e, NO_SLOT);
		u = uop_emit(l, J_NEI, 1, 0, a, 0, 0);
		u->aux = sense;
		uop_link(l, u, c);
	}
	l->temp = mark;
}
