/*
 * Expressions: from written to typed.  What can trap is hoisted in front of the
 * statement as S_LOAD, S_IN or an inlined function, in order of evaluation.
 */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

static const struct val wrong = { NULL, false, 0 };

/* ---- literals and widths ---- */

struct val fixed(const struct expr *x)
{
	return (struct val){ x, false, 0 };
}

struct val literal(struct coder *k, uint64_t value, unsigned natural)
{
	return (struct val){ x_const(k->c, 64, value), true, natural };
}

static bool fits(uint64_t value, unsigned width)
{
	return (value & ~isa_mask(width)) == 0 || (uint64_t)isa_signed(value, width) == value;
}

const struct expr *coerce(struct coder *k, struct val v, unsigned width, struct place place)
{
	if (!v.x)
		return NULL;
	if (v.flexible) {
		if (fits(v.x->value, width))
			return x_const(k->c, width, v.x->value);
		complain(k->c, place, "%" PRId64 " does not fit into %u bit%s", (int64_t)v.x->value,
			 width, width == 1 ? "" : "s");
		return NULL;
	}
	if (v.x->width == width)
		return v.x;
	complain(k->c, place, "this is %u bit%s wide, but %u %s needed here%s", v.x->width,
		 v.x->width == 1 ? "" : "s", width, width == 1 ? "is" : "are",
		 width == 1	      ? "; compare it with something"
		 : v.x->width < width ? "; zext or sext widens it"
				      : "; a slice [hi:lo] narrows it");
	return NULL;
}

/* Gives a literal a width: the one wanted, else its own, else a word's. */
struct val sized(struct coder *k, struct val v, unsigned want)
{
	if (!v.x || !v.flexible)
		return v;
	unsigned width = want ? want : v.natural ? v.natural : k->c->isa->word;
	if (!fits(v.x->value, width))
		width = 64;
	return fixed(x_const(k->c, width, v.x->value));
}

const struct expr *check_width(struct coder *k, const struct ast_expr *a, unsigned width)
{
	return coerce(k, check_expr(k, a, width), width, a->place);
}

const struct expr *check_condition(struct coder *k, const struct ast_expr *a)
{
	return check_width(k, a, 1);
}

const struct expr *extended(struct coder *k, const struct ast_expr *a, enum expr_op op,
			    unsigned width)
{
	struct val v = check_expr(k, a, 0);
	if (!v.x)
		return NULL;
	if (v.flexible)
		return coerce(k, v, width, a->place);
	if (v.x->width <= width)
		return x_extend(k->c, op, v.x, width);
	complain(k->c, a->place, "this is %u bits wide, more than the %u it would be extended to",
		 v.x->width, width);
	return NULL;
}

const struct expr *check_word(struct coder *k, const struct ast_expr *a)
{
	return extended(k, a, X_ZEXT, k->c->isa->word);
}

/* ---- hoisting ---- */

struct hoist hoist_begin(struct coder *k)
{
	struct hoist h = { k->tail, k->impure };
	k->impure = false;
	return h;
}

void hoist_end(struct coder *k, struct hoist h, struct val *before, struct place place)
{
	bool changed = k->impure;
	k->impure |= h.impure;
	if (!changed || !before->x || before->x->op == X_CONST || before->x->op == X_FIELD)
		return;
	struct stmt *after = *h.mark, **tail = k->tail;
	unsigned local = new_local(k, "", before->x->width);
	k->tail = h.mark;
	emit_let(k, place, local, before->x);
	*k->tail = after;
	k->tail = tail == h.mark ? k->tail : tail;
	before->x = x_local(k, local);
}

struct val check_apart(struct coder *k, const struct ast_expr *a, unsigned want, struct stmt **head)
{
	struct stmt **tail = k->tail;
	*head = NULL;
	k->tail = head;
	struct val v = check_expr(k, a, want);
	k->tail = tail;
	return v;
}

/* ---- operators ---- */

static bool swaps(enum ast_op op)
{
	return op == A_UGT || op == A_UGE || op == A_SGT || op == A_SGE;
}

static enum expr_op operator_of(enum ast_op op)
{
	static const unsigned char table[] = {
		[A_MUL] = X_MUL,   [A_UDIV] = X_UDIV, [A_UREM] = X_UREM, [A_SDIV] = X_SDIV,
		[A_SREM] = X_SREM, [A_ADD] = X_ADD,   [A_SUB] = X_SUB,	 [A_SHL] = X_SHL,
		[A_LSHR] = X_LSHR, [A_ASHR] = X_ASHR, [A_AND] = X_AND,	 [A_XOR] = X_XOR,
		[A_OR] = X_OR,	   [A_EQ] = X_EQ,     [A_NE] = X_NE,	 [A_ULT] = X_ULT,
		[A_ULE] = X_ULE,   [A_UGT] = X_ULT,   [A_UGE] = X_ULE,	 [A_SLT] = X_SLT,
		[A_SLE] = X_SLE,   [A_SGT] = X_SLT,   [A_SGE] = X_SLE,
	};
	return table[op];
}

static bool compares(enum ast_op op)
{
	return op >= A_EQ && op <= A_SGE;
}

static struct val literals(struct coder *k, enum ast_op op, struct val a, struct val b)
{
	uint64_t x = a.x->value, y = b.x->value;
	if (swaps(op))
		x = b.x->value, y = a.x->value;
	uint64_t r = expr_apply(operator_of(op), 64, x, y);
	if (compares(op))
		return fixed(x_const(k->c, 1, r));
	return literal(k, r, a.natural > b.natural ? a.natural : b.natural);
}

static struct val check_shift(struct coder *k, const struct ast_expr *e, unsigned want)
{
	struct val a = check_expr(k, e->arg[0], want);
	struct hoist h = hoist_begin(k);
	struct val b = check_expr(k, e->arg[1], 0);
	hoist_end(k, h, &a, e->place);
	if (!a.x || !b.x)
		return wrong;
	if (a.flexible && b.flexible)
		return literals(k, e->op, a, b);
	a = sized(k, a, want);
	b = sized(k, b, 64);
	return fixed(x_binary(k->c, operator_of(e->op), a.x, b.x));
}

static struct val check_arithmetic(struct coder *k, const struct ast_expr *e, unsigned want)
{
	if (compares(e->op))
		want = 0;
	struct val a = check_expr(k, e->arg[0], want);
	struct hoist h = hoist_begin(k);
	struct val b = check_expr(k, e->arg[1], a.x && !a.flexible ? a.x->width : want);
	hoist_end(k, h, &a, e->place);
	if (!a.x || !b.x)
		return wrong;
	if (a.flexible && b.flexible)
		return literals(k, e->op, a, b);
	const struct expr *x = a.x, *y = b.x;
	if (a.flexible)
		x = coerce(k, a, y->width, e->arg[0]->place);
	else if (b.flexible)
		y = coerce(k, b, x->width, e->arg[1]->place);
	if (!x || !y)
		return wrong;
	if (x->width != y->width) {
		complain(k->c, e->place,
			 "the operands are %u and %u bits wide: zext, sext or a slice "
			 "makes them equal",
			 x->width, y->width);
		return wrong;
	}
	return fixed(swaps(e->op) ? x_binary(k->c, operator_of(e->op), y, x)
				  : x_binary(k->c, operator_of(e->op), x, y));
}

/* && and ||: the right operand's loads are done only when it counts. */
static struct val check_logic(struct coder *k, const struct ast_expr *e)
{
	bool and = e->op == A_LAND;
	const struct expr *a = check_condition(k, e->arg[0]);
	struct stmt *head;
	struct hoist h = hoist_begin(k);
	struct val right = check_apart(k, e->arg[1], 1, &head);
	k->impure |= h.impure;
	const struct expr *b = coerce(k, right, 1, e->arg[1]->place);
	if (!a || !b)
		return wrong;
	if (!head)
		return fixed(x_binary(k->c, and? X_AND : X_OR, a, b));
	unsigned local = new_local(k, "", 1);
	emit_let(k, e->place, local, x_const(k->c, 1, and? 0 : 1));
	struct stmt *s = emit(k, S_IF, e->place), **tail = k->tail;
	s->value = and? a : x_unary(k->c, X_NOT, a);
	s->body = head;
	while (head->next)
		head = (struct stmt *)head->next;
	k->tail = (struct stmt **)&head->next;
	emit_let(k, e->place, local, b);
	k->tail = tail;
	return fixed(x_local(k, local));
}

static void append_let(struct coder *k, struct stmt **head, struct place place, unsigned local,
		       const struct expr *x)
{
	struct stmt **tail = k->tail;
	while (*head)
		head = (struct stmt **)&(*head)->next;
	k->tail = head;
	emit_let(k, place, local, x);
	k->tail = tail;
}

/* One width for the two arms of ?:, literals taking the other's. */
static unsigned arm_width(struct coder *k, struct val a, struct val b, unsigned want)
{
	if (!a.flexible)
		return a.x->width;
	if (!b.flexible)
		return b.x->width;
	if (want)
		return want;
	unsigned natural = a.natural > b.natural ? a.natural : b.natural;
	return natural ? natural : k->c->isa->word;
}

static struct val check_choice(struct coder *k, const struct ast_expr *e, unsigned want)
{
	const struct expr *condition = check_condition(k, e->arg[0]);
	if (condition && condition->op == X_CONST)
		return check_expr(k, e->arg[condition->value ? 1 : 2], want);
	struct stmt *then, *otherwise;
	struct val a = check_apart(k, e->arg[1], want, &then);
	struct val b =
		check_apart(k, e->arg[2], a.x && !a.flexible ? a.x->width : want, &otherwise);
	if (!condition || !a.x || !b.x)
		return wrong;
	unsigned width = arm_width(k, a, b, want);
	const struct expr *x = coerce(k, a, width, e->arg[1]->place);
	const struct expr *y = coerce(k, b, width, e->arg[2]->place);
	if (!x || !y)
		return wrong;
	if (!then && !otherwise)
		return fixed(x_ite(k->c, condition, x, y));
	unsigned local = new_local(k, "", width);
	struct stmt *s = emit(k, S_IF, e->place);
	s->value = condition;
	append_let(k, &then, e->place, local, x);
	append_let(k, &otherwise, e->place, local, y);
	s->body = then;
	s->otherwise = otherwise;
	return fixed(x_local(k, local));
}

static struct val check_unary(struct coder *k, const struct ast_expr *e, unsigned want)
{
	if (e->op == A_LNOT) {
		const struct expr *a = check_condition(k, e->arg[0]);
		return a ? fixed(x_unary(k->c, X_NOT, a)) : wrong;
	}
	enum expr_op op = e->op == A_NEG ? X_NEG : X_NOT;
	struct val a = check_expr(k, e->arg[0], want);
	if (!a.x)
		return wrong;
	return (struct val){ x_unary(k->c, op, a.x), a.flexible, a.natural };
}

static struct val check_concat(struct coder *k, const struct ast_expr *e)
{
	struct val all = wrong;
	bool bad = false;
	for (const struct ast_expr *a = e->list; a; a = a->next) {
		struct hoist h = hoist_begin(k);
		struct val v = check_expr(k, a, 0);
		hoist_end(k, h, &all, a->place);
		if (v.x && v.flexible && !v.natural) {
			complain(k->c, a->place,
				 "a literal in {...} needs a width, as in 8'%" PRIu64, v.x->value);
			v = wrong;
		}
		v = sized(k, v, 0);
		if (v.x && all.x && v.x->width + all.x->width > 64) {
			complain(k->c, a->place, "with this, {...} is wider than 64 bits");
			return wrong;
		}
		bad |= !v.x;
		if (v.x)
			all = all.x ? fixed(x_concat(k->c, all.x, v.x)) : v;
	}
	return bad ? wrong : all;
}

/* ---- all of them ---- */

static struct val check_any(struct coder *k, const struct ast_expr *e, unsigned want)
{
	switch (e->op) {
	case A_NUMBER:
		return e->width ? fixed(x_const(k->c, e->width, e->value))
				: literal(k, e->value, 0);
	case A_NAME: return check_name(k, e);
	case A_MEMBER: return check_member(k, e);
	case A_INDEX: return check_element(k, e);
	case A_SLICE: return check_slice(k, e);
	case A_CALL: return check_call(k, e);
	case A_CONCAT: return check_concat(k, e);
	case A_FIND: return check_find(k, e);
	case A_COND: return check_choice(k, e, want);
	case A_NEG:
	case A_NOT:
	case A_LNOT: return check_unary(k, e, want);
	case A_SHL:
	case A_LSHR:
	case A_ASHR: return check_shift(k, e, want);
	case A_LAND:
	case A_LOR: return check_logic(k, e);
	case A_MUL:
	case A_UDIV:
	case A_UREM:
	case A_SDIV:
	case A_SREM:
	case A_ADD:
	case A_SUB:
	case A_AND:
	case A_XOR:
	case A_OR:
	case A_EQ:
	case A_NE:
	case A_ULT:
	case A_ULE:
	case A_UGT:
	case A_UGE:
	case A_SLT:
	case A_SLE:
	case A_SGT:
	case A_SGE: return check_arithmetic(k, e, want);
	}
	return wrong;
}

struct val check_expr(struct coder *k, const struct ast_expr *e, unsigned want)
{
	if (!spend(k, e->place))
		return wrong;
	k->nesting++;
	struct val v = check_any(k, e, want);
	k->nesting--;
	return v;
}
