/* Building expressions, with constants folded. */
#include "isa/check.h"

struct expr *new_expr(struct checker *c, enum expr_op op, unsigned width)
{
	struct expr *x = take(c, sizeof *x);
	x->op = op;
	x->width = (uint8_t)width;
	return x;
}

const struct expr *x_const(struct checker *c, unsigned width, uint64_t value)
{
	struct expr *x = new_expr(c, X_CONST, width);
	x->value = value & isa_mask(width);
	return x;
}

const struct expr *x_local(struct coder *k, unsigned local)
{
	struct expr *x = new_expr(k->c, X_LOCAL, k->local[local].width);
	x->index = local;
	return x;
}

static bool is_comparison(enum expr_op op)
{
	return op >= X_EQ && op <= X_SLE;
}

static bool is_value(const struct expr *x, uint64_t value)
{
	return x->op == X_CONST && x->value == value;
}

const struct expr *x_unary(struct checker *c, enum expr_op op, const struct expr *a)
{
	if (a->op == X_CONST)
		return x_const(c, a->width, expr_apply(op, a->width, a->value, 0));
	struct expr *x = new_expr(c, op, a->width);
	x->arg[0] = a;
	return x;
}

const struct expr *x_binary(struct checker *c, enum expr_op op, const struct expr *a,
			    const struct expr *b)
{
	unsigned width = is_comparison(op) ? 1 : a->width;
	if (a->op == X_CONST && b->op == X_CONST)
		return x_const(c, width, expr_apply(op, a->width, a->value, b->value));
	if (op == X_AND && a->width == 1) {
		if (is_value(a, 1) || is_value(b, 0))
			return b;
		if (is_value(b, 1) || is_value(a, 0))
			return a;
	}
	if (op == X_OR && a->width == 1) {
		if (is_value(a, 0) || is_value(b, 1))
			return b;
		if (is_value(b, 0) || is_value(a, 1))
			return a;
	}
	if ((op == X_ADD || op == X_SUB) && is_value(b, 0))
		return a;
	struct expr *x = new_expr(c, op, width);
	x->arg[0] = a;
	x->arg[1] = b;
	return x;
}

const struct expr *x_slice(struct checker *c, const struct expr *a, unsigned hi, unsigned lo)
{
	if (lo == 0 && hi + 1 == a->width)
		return a;
	if (a->op == X_CONST)
		return x_const(c, hi - lo + 1, a->value >> lo);
	struct expr *x = new_expr(c, X_SLICE, hi - lo + 1);
	x->value = lo;
	x->arg[0] = a;
	return x;
}

const struct expr *x_extend(struct checker *c, enum expr_op op, const struct expr *a,
			    unsigned width)
{
	if (a->width == width)
		return a;
	if (a->op == X_CONST)
		return x_const(c, width,
			       op == X_ZEXT ? a->value : (uint64_t)isa_signed(a->value, a->width));
	struct expr *x = new_expr(c, op, width);
	x->arg[0] = a;
	return x;
}

const struct expr *x_concat(struct checker *c, const struct expr *hi, const struct expr *lo)
{
	unsigned width = hi->width + lo->width;
	if (hi->op == X_CONST && lo->op == X_CONST)
		return x_const(c, width, hi->value << lo->width | lo->value);
	struct expr *x = new_expr(c, X_CONCAT, width);
	x->arg[0] = hi;
	x->arg[1] = lo;
	return x;
}

const struct expr *x_ite(struct checker *c, const struct expr *condition, const struct expr *a,
			 const struct expr *b)
{
	if (condition->op == X_CONST)
		return condition->value ? a : b;
	struct expr *x = new_expr(c, X_ITE, a->width);
	x->arg[0] = condition;
	x->arg[1] = a;
	x->arg[2] = b;
	return x;
}
