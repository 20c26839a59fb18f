/*
 * Which addresses an element can match: the bits that they have then.  The condition of a `find` is
 * walked from above, and each part asked what it must be for the condition to hold, down to the
 * address: `(e ^ a[31:13]) & mask == 0` asks for those bits of a that mask has, as e has them.  What
 * is not understood asks for nothing, so that no address is left out; nor does what registers hold,
 * which may be something else when somebody wants to know.
 */
#include "machine/lowering.h"

/* Bits that a value must have. */
struct asked {
	struct operand mask, value; /* bits of value outside mask mean nothing */
};

struct asking {
	struct lower *l;
	unsigned index; /* the local that numbers the element */
	uint32_t mask, value, possible; /* slots: what is asked of the address; is anything left? */
};

static bool speaks_of_registers(const struct expr *e)
{
	if (e->op == X_REG)
		return true;
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		if (speaks_of_registers(e->arg[i]))
			return true;
	return false;
}

/* ... or of what else is not known. */
static bool speaks_of_address(const struct asking *q, const struct expr *e)
{
	if (e->op == X_LOCAL)
		return e->index != q->index;
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		if (speaks_of_address(q, e->arg[i]))
			return true;
	return false;
}

static struct operand operate(struct asking *q, enum uop_op op, struct operand a, struct operand b)
{
	uint32_t d;

	if (a.constant && !b.constant)
		return operate(q, op, b, a);
	a = operand_at(operand_slot(q->l, a));
	d = lower_temp(q->l);
	if (b.constant)
		uop_emit(q->l, op + 1, 64, d, a.slot, 0, b.value);
	else
		uop_emit(q->l, op, 64, d, a.slot, b.slot, 0);
	return operand_at(d);
}

static struct operand operate_imm(struct asking *q, enum uop_op op, struct operand a, uint64_t imm)
{
	return operate(q, op, operand_at(operand_slot(q->l, a)), operand_constant(imm));
}

static struct asked moved_left(struct asking *q, struct asked a, unsigned by)
{
	if (by == 0)
		return a;
	return (struct asked){ operate_imm(q, U_SHL, a.mask, by), operate_imm(q, U_SHL, a.value, by) };
}

static struct asked moved_right(struct asking *q, struct asked a, unsigned by)
{
	if (by == 0)
		return a;
	return (struct asked){ operate_imm(q, U_LSHR, a.mask, by),
			       operate_imm(q, U_LSHR, a.value, by) };
}

static struct asked cut(struct asking *q, struct asked a, unsigned width)
{
	return (struct asked){ operate_imm(q, U_AND, a.mask, isa_mask(width)), a.value };
}

static void ask_address(struct asking *q, struct asked a)
{
	struct operand value = operate(q, U_AND, a.mask, a.value);

	uop_emit(q->l, U_OR, 64, q->mask, q->mask, operand_slot(q->l, a.mask), 0);
	uop_emit(q->l, U_OR, 64, q->value, q->value, operand_slot(q->l, value), 0);
}

static void ask_bits(struct asking *, const struct expr *, struct asked);

/* Bit by bit, with a value that does not speak of the address. */
static void ask_operator(struct asking *q, const struct expr *e, struct asked a)
{
	bool first = speaks_of_address(q, e->arg[0]);
	const struct expr *open = e->arg[first ? 0 : 1], *other = e->arg[first ? 1 : 0];
	struct operand with;

	if ((first && speaks_of_address(q, other)) || speaks_of_registers(other))
		return;
	with = lower_expr(q->l, other, NO_SLOT);
	if (e->op == X_XOR)
		a.value = operate(q, U_XOR, a.value, with);
	else if (e->op == X_AND)
		a.mask = operate(q, U_AND, a.mask, with);
	else
		a.mask = operate(q, U_AND, a.mask, operate_imm(q, U_XOR, with, UINT64_MAX));
	ask_bits(q, open, a);
}

static void ask_bits(struct asking *q, const struct expr *e, struct asked a)
{
	unsigned below;

	switch (e->op) {
	case X_LOCAL:
		if (e->index == 0)
			ask_address(q, a);
		return;
	case X_SLICE: ask_bits(q, e->arg[0], moved_left(q, a, (unsigned)e->value)); return;
	case X_ZEXT: ask_bits(q, e->arg[0], cut(q, a, e->arg[0]->width)); return;
	case X_CONCAT:
		below = e->arg[1]->width;
		ask_bits(q, e->arg[0], moved_right(q, a, below));
		ask_bits(q, e->arg[1], cut(q, a, below));
		return;
	case X_NOT:
		a.value = operate_imm(q, U_XOR, a.value, UINT64_MAX);
		ask_bits(q, e->arg[0], a);
		return;
	case X_AND:
	case X_OR:
	case X_XOR: ask_operator(q, e, a); return;
	default: return;
	}
}

static void ask_equal(struct asking *q, const struct expr *e)
{
	bool first = speaks_of_address(q, e->arg[0]);
	const struct expr *open = e->arg[first ? 0 : 1], *other = e->arg[first ? 1 : 0];

	if ((!first || !speaks_of_address(q, other)) && !speaks_of_registers(other))
		ask_bits(q, open,
			 (struct asked){ operand_constant(isa_mask(open->width)),
					 lower_expr(q->l, other, NO_SLOT) });
}

static void ask(struct asking *q, const struct expr *e)
{
	uint32_t before = q->l->temp;

	if (!speaks_of_address(q, e)) {
		if (speaks_of_registers(e))
			return;
		uop_emit(q->l, U_AND, 1, q->possible, q->possible, lower_slot(q->l, e, NO_SLOT), 0);
	} else if (e->op == X_AND) {
		ask(q, e->arg[0]);
		ask(q, e->arg[1]);
	} else if (e->op == X_EQ) {
		ask_equal(q, e);
	} else {
		ask_bits(q, e, (struct asked){ operand_constant(1), operand_constant(1) });
	}
	q->l->temp = before;
}

void lower_bits_asked(struct lower *l, const struct expr *find, uint32_t mask, uint32_t value,
		      uint32_t possible)
{
	struct asking q = { l, find->index, mask, value, possible };

	uop_emit(l, U_CONST, 64, mask, 0, 0, 0);
	uop_emit(l, U_CONST, 64, value, 0, 0, 0);
	uop_emit(l, U_CONST, 64, possible, 0, 0, 1);
	ask(&q, find->arg[0]);
	/* no address has all bits, as it is that of a page */
	uop_emit(l, U_SUBI, 64, possible, possible, 0, 1);
	uop_emit(l, U_OR, 64, mask, mask, possible, 0);
	uop_emit(l, U_OR, 64, value, value, possible, 0);
}
