/*
 * Expressions: from written to typed.  What can trap is hoisted in front of the
 * statement as S_LOAD, S_IN or an inlined function, in order of evaluation.
 */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

static const struct val wrong = { NULL, false, 0 };

/* ---- building, with constants folded ---- */

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

/* ---- literals and widths ---- */

static struct val fixed(const struct expr *x)
{
	return (struct val){ x, false, 0 };
}

static struct val literal(struct coder *k, uint64_t value, unsigned natural)
{
	return (struct val){ x_const(k->c, 64, value), true, natural };
}

static bool fits(uint64_t value, unsigned width)
{
	return (value & ~isa_mask(width)) == 0 ||
	       (uint64_t)isa_signed(value, width) == value;
}

const struct expr *coerce(struct coder *k, struct val v, unsigned width, struct place place)
{
	if (!v.x)
		return NULL;
	if (v.flexible) {
		if (fits(v.x->value, width))
			return x_const(k->c, width, v.x->value);
		complain(k->c, place, "%" PRId64 " does not fit into %u bit%s",
			 (int64_t)v.x->value, width, width == 1 ? "" : "s");
		return NULL;
	}
	if (v.x->width == width)
		return v.x;
	complain(k->c, place, "this is %u bit%s wide, but %u %s needed here%s", v.x->width,
		 v.x->width == 1 ? "" : "s", width, width == 1 ? "is" : "are",
		 width == 1 ? "; compare it with something"
		 : v.x->width < width ? "; zext or sext widens it" : "; a slice [hi:lo] narrows it");
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

static const struct expr *extended(struct coder *k, const struct ast_expr *a, enum expr_op op,
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

/* Was anything emitted since mark whose effect an expression made before could see? */
struct hoist {
	struct stmt **mark;
	bool impure;
};

static struct hoist hoist_begin(struct coder *k)
{
	struct hoist h = { k->tail, k->impure };
	k->impure = false;
	return h;
}

/* Ends it; if state changed, the value made before is kept in a local from the mark on. */
static void hoist_end(struct coder *k, struct hoist h, struct val *before, struct place place)
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

/* Checks an operand into statements of its own. */
static struct val check_apart(struct coder *k, const struct ast_expr *a, unsigned want,
			      struct stmt **head)
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
		[A_SREM] = X_SREM, [A_ADD] = X_ADD,   [A_SUB] = X_SUB,   [A_SHL] = X_SHL,
		[A_LSHR] = X_LSHR, [A_ASHR] = X_ASHR, [A_AND] = X_AND,   [A_XOR] = X_XOR,
		[A_OR] = X_OR,     [A_EQ] = X_EQ,     [A_NE] = X_NE,     [A_ULT] = X_ULT,
		[A_ULE] = X_ULE,   [A_UGT] = X_ULT,   [A_UGE] = X_ULE,   [A_SLT] = X_SLT,
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
		complain(k->c, e->place, "the operands are %u and %u bits wide: zext, sext or a slice "
			 "makes them equal", x->width, y->width);
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
		return fixed(x_binary(k->c, and ? X_AND : X_OR, a, b));
	unsigned local = new_local(k, "", 1);
	emit_let(k, e->place, local, x_const(k->c, 1, and ? 0 : 1));
	struct stmt *s = emit(k, S_IF, e->place), **tail = k->tail;
	s->value = and ? a : x_unary(k->c, X_NOT, a);
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
	struct val b = check_apart(k, e->arg[2], a.x && !a.flexible ? a.x->width : want, &otherwise);
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
			complain(k->c, a->place, "a literal in {...} needs a width, as in 8'%" PRIu64,
				 v.x->value);
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

/* ---- state ---- */

static const struct ast_expr *plain_name(const struct ast_expr *e)
{
	return e->op == A_NAME ? e : NULL;
}

static const struct scope *find_scope(const struct coder *k, const char *name)
{
	for (const struct scope *s = k->scope; s; s = s->outer)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

static struct val check_reg(struct coder *k, const struct isa_reg *reg, struct place place)
{
	if (reg->array) {
		complain(k->c, place, "%s is an array: say which element, %s[i]", reg->name, reg->name);
		return wrong;
	}
	struct expr *x = new_expr(k->c, X_REG, reg->width);
	x->reg = reg;
	return fixed(x);
}

static struct val check_field(struct coder *k, const char *name)
{
	if (!k->format || k->inlining)
		return wrong;
	for (unsigned i = 0; i < k->format->nfields; i++)
		if (!strcmp(k->format->field[i].name, name)) {
			struct expr *x = new_expr(k->c, X_FIELD, k->format->field[i].width);
			x->index = i;
			return fixed(x);
		}
	return wrong;
}

static unsigned size_width(const struct isa *isa)
{
	return isa->word < 64 ? isa->word + 1 : 64;
}

/* Names that the language itself gives a meaning. */
static struct val check_builtin(struct coder *k, const struct ast_expr *e)
{
	static const char *const access[] = { "fetch", "read", "write" };
	if (!strcmp(e->name, "size"))
		return fixed(new_expr(k->c, X_SIZE, size_width(k->c->isa)));
	if (!strcmp(e->name, "time"))
		return permit(k, MAY_LINE, e->place, "read the time")
			       ? fixed(new_expr(k->c, X_TIME, 64))
			       : wrong;
	if (!strcmp(e->name, "never"))
		return literal(k, UINT64_MAX, 0);
	if (!strcmp(e->name, "user") && k->c->isa->user)
		return fixed(k->c->isa->user);
	for (unsigned i = 0; i < 3; i++)
		if (!strcmp(e->name, access[i]))
			return literal(k, i, 2);
	return wrong;
}

static struct val check_name(struct coder *k, const struct ast_expr *e)
{
	const struct scope *s = find_scope(k, e->name);
	if (s)
		return s->bound ? s->value : fixed(x_local(k, s->local));
	struct val v = check_field(k, e->name);
	if (v.x)
		return v;
	const struct isa_reg *reg = isa_reg_named(k->c->isa, e->name);
	if (reg)
		return check_reg(k, reg, e->place);
	const struct isa_const *constant = find_const(k->c, e->name);
	if (constant)
		return literal(k, constant->value, constant->type ? constant->type->width : 0);
	v = check_builtin(k, e);
	if (v.x)
		return v;
	const struct isa_trap *trap = isa_trap_named(k->c->isa, e->name);
	if (trap)
		return literal(k, trap->number, 0);
	complain(k->c, e->place, "there is no '%s' here", e->name);
	return wrong;
}

bool storage_name(const struct coder *k, const char *name, unsigned *bits, bool *physical)
{
	static const struct {
		const char *name;
		unsigned bits; /* 0: a word */
		bool physical;
	} names[] = {
		{ "mem", 0, false },    { "mem8", 8, false },   { "mem16", 16, false },
		{ "mem32", 32, false }, { "mem64", 64, false }, { "phys", 0, true },
		{ "phys8", 8, true },   { "phys16", 16, true }, { "phys32", 32, true },
		{ "phys64", 64, true },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i].name, name)) {
			*bits = names[i].bits ? names[i].bits : k->c->isa->word;
			*physical = names[i].physical;
			return true;
		}
	return false;
}

unsigned storage_units(struct coder *k, unsigned bits, struct place place)
{
	const struct isa *isa = k->c->isa;
	if (bits % isa->unit == 0 && (isa->unit == 8 || bits == isa->word))
		return bits / isa->unit;
	complain(k->c, place, "storage is addressed by words here: only mem and phys reach it");
	return 0;
}

static struct val check_load(struct coder *k, const struct ast_expr *e, unsigned bits, bool physical)
{
	const struct expr *address = check_word(k, e->arg[1]);
	unsigned units = storage_units(k, bits, e->place);
	if (!permit(k, physical ? MAY_READ_STORAGE : MAY_MEM, e->place,
		    physical ? "reach storage" : "reach storage by way of translate"))
		return wrong;
	if (!address || !units)
		return wrong;
	struct stmt *s = emit(k, S_LOAD, e->place);
	s->index = new_local(k, "", bits);
	s->address = address;
	s->units = units;
	s->physical = physical;
	return fixed(x_local(k, s->index));
}

static unsigned index_width(uint64_t count)
{
	unsigned width = 1;
	while (width < 64 && count > UINT64_C(1) << width)
		width++;
	return width;
}

const struct expr *check_index(struct coder *k, const struct ast_expr *a, const struct isa_reg *reg)
{
	unsigned width = index_width(reg->count);
	struct val v = check_expr(k, a, width);
	if (!v.x)
		return NULL;
	if (v.flexible && v.x->value >= reg->count) {
		complain(k->c, a->place, "%s has %u elements, 0 to %u", reg->name, reg->count,
			 reg->count - 1);
		return NULL;
	}
	if (!v.flexible && v.x->width < width)
		return x_extend(k->c, X_ZEXT, v.x, width);
	return coerce(k, v, width, a->place);
}

/* v[i]: one bit of a value. */
static struct val check_bit(struct coder *k, const struct ast_expr *e)
{
	struct val v = check_expr(k, e->arg[0], 0);
	struct hoist h = hoist_begin(k);
	struct val i = check_expr(k, e->arg[1], 0);
	hoist_end(k, h, &v, e->place);
	if (!v.x || !i.x)
		return wrong;
	v = sized(k, v, 0);
	if (i.x->op != X_CONST) {
		const struct expr *shifted = x_binary(k->c, X_LSHR, v.x, i.x);
		return fixed(x_slice(k->c, shifted, 0, 0));
	}
	if (i.x->value < v.x->width)
		return fixed(x_slice(k->c, v.x, (unsigned)i.x->value, (unsigned)i.x->value));
	complain(k->c, e->arg[1]->place, "there is no bit %" PRIu64 " in %u bits", i.x->value,
		 v.x->width);
	return wrong;
}

static struct val check_element(struct coder *k, const struct ast_expr *e)
{
	const struct ast_expr *name = plain_name(e->arg[0]);
	unsigned bits;
	bool physical;
	if (!name || find_scope(k, name->name) || check_field(k, name->name).x)
		return check_bit(k, e);
	if (storage_name(k, name->name, &bits, &physical))
		return check_load(k, e, bits, physical);
	const struct isa_reg *reg = isa_reg_named(k->c->isa, name->name);
	if (!reg || !reg->array)
		return check_bit(k, e);
	const struct expr *index = check_index(k, e->arg[1], reg);
	if (!index)
		return wrong;
	struct expr *x = new_expr(k->c, X_ELEM, reg->width);
	x->reg = reg;
	x->arg[0] = index;
	return fixed(x);
}

static struct val check_slice(struct coder *k, const struct ast_expr *e)
{
	struct val v = check_expr(k, e->arg[0], 0);
	uint64_t hi, lo;
	if (!v.x)
		return wrong;
	if (v.flexible && !v.natural) {
		complain(k->c, e->place, "a literal needs a width before it can be sliced");
		return wrong;
	}
	v = sized(k, v, 0);
	struct val h = check_expr(k, e->arg[1], 64), l = check_expr(k, e->arg[2], 64);
	if (!h.x || !l.x)
		return wrong;
	if (h.x->op != X_CONST || l.x->op != X_CONST) {
		complain(k->c, e->place, "the ends of a slice must be constants");
		return wrong;
	}
	hi = h.x->value;
	lo = l.x->value;
	if (hi < v.x->width && lo <= hi)
		return fixed(x_slice(k->c, v.x, (unsigned)hi, (unsigned)lo));
	complain(k->c, e->place, "[%" PRIu64 ":%" PRIu64 "] is no slice of %u bits: hi first, %u at most",
		 hi, lo, v.x->width, v.x->width - 1);
	return wrong;
}

const struct isa_bits *find_bits(const struct isa_reg *reg, const char *name)
{
	for (unsigned i = 0; i < reg->nbits; i++)
		if (!strcmp(reg->bits[i].name, name))
			return &reg->bits[i];
	return NULL;
}

static struct val check_member(struct coder *k, const struct ast_expr *e)
{
	struct val v = check_expr(k, e->arg[0], 0);
	if (!v.x)
		return wrong;
	const struct isa_bits *bits = v.x->reg ? find_bits(v.x->reg, e->name) : NULL;
	if (bits && (v.x->op == X_REG || v.x->op == X_ELEM))
		return fixed(x_slice(k->c, v.x, bits->hi, bits->lo));
	complain(k->c, e->place, "%s%shas no field %s", v.x->reg ? v.x->reg->name : "this",
		 " ", e->name);
	return wrong;
}

/* ---- calls ---- */

static unsigned count_list(const struct ast_expr *list)
{
	unsigned n = 0;
	for (; list; list = list->next)
		n++;
	return n;
}

static bool expect_arguments(struct coder *k, const struct ast_expr *e, unsigned least, unsigned most)
{
	unsigned n = count_list(e->list);
	if (n >= least && n <= most)
		return true;
	complain(k->c, e->place, "%s takes %u%s argument%s, not %u", e->name, least,
		 most > least ? " or more" : "", most == 1 ? "" : "s", n);
	return false;
}

static struct val call_extend(struct coder *k, const struct ast_expr *e)
{
	uint64_t width = k->c->isa->word;
	if (!expect_arguments(k, e, 1, 2))
		return wrong;
	if (e->list->next) {
		struct val w = check_expr(k, e->list->next, 64);
		if (!w.x)
			return wrong;
		width = w.x->value;
		if (w.x->op != X_CONST || width < 1 || width > 64) {
			complain(k->c, e->list->next->place, "a width is a constant from 1 to 64");
			return wrong;
		}
	}
	enum expr_op op = !strcmp(e->name, "zext") ? X_ZEXT : X_SEXT;
	const struct expr *x = extended(k, e->list, op, (unsigned)width);
	return x ? fixed(x) : wrong;
}

static struct val call_in(struct coder *k, const struct ast_expr *e)
{
	if (!expect_arguments(k, e, 1, 2) || !permit(k, MAY_DEVICE, e->place, "read a device"))
		return wrong;
	const struct ast_expr *name = plain_name(e->list);
	const struct isa_device *device = name ? find_device(k->c, name->name) : NULL;
	if (!device) {
		complain(k->c, e->list->place, "the first argument of in must be a device");
		return wrong;
	}
	const struct expr *reg =
		e->list->next ? check_word(k, e->list->next) : x_const(k->c, k->c->isa->word, 0);
	if (!reg)
		return wrong;
	struct stmt *s = emit(k, S_IN, e->place);
	s->index = new_local(k, "", k->c->isa->word);
	s->device = device;
	s->address = reg;
	return fixed(x_local(k, s->index));
}

static struct val call_line(struct coder *k, const struct ast_expr *e)
{
	if (!expect_arguments(k, e, 1, 1) || !permit(k, MAY_LINE, e->place, "look at interrupt lines"))
		return wrong;
	const struct expr *n = check_word(k, e->list);
	if (!n)
		return wrong;
	struct expr *x = new_expr(k->c, X_LINE, 1);
	x->arg[0] = n;
	return fixed(x);
}

static struct val call_unspecified(struct coder *k, const struct ast_expr *e)
{
	if (!expect_arguments(k, e, 1, 1) ||
	    !permit(k, MAY_SET, e->place, "draw an unspecified value"))
		return wrong;
	struct val w = check_expr(k, e->list, 64);
	if (!w.x)
		return wrong;
	if (w.x->op != X_CONST || w.x->value < 1 || w.x->value > 64) {
		complain(k->c, e->list->place, "a width is a constant from 1 to 64");
		return wrong;
	}
	struct stmt *s = emit(k, S_UNSPECIFIED, e->place);
	s->index = new_local(k, "", (unsigned)w.x->value);
	return fixed(x_local(k, s->index));
}

static struct val check_call(struct coder *k, const struct ast_expr *e)
{
	static const struct {
		const char *name;
		struct val (*check)(struct coder *, const struct ast_expr *);
	} builtin[] = {
		{ "zext", call_extend }, { "sext", call_extend }, { "in", call_in },
		{ "line", call_line },   { "unspecified", call_unspecified },
	};
	for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
		if (!strcmp(builtin[i].name, e->name))
			return builtin[i].check(k, e);
	return inline_call(k, e, true);
}

/* find e in TLB where cond: the condition is pure, over one element at a time. */
static struct val check_find(struct coder *k, const struct ast_expr *e)
{
	const struct ast_expr *name = plain_name(e->arg[0]);
	const struct isa_reg *reg = name ? isa_reg_named(k->c->isa, name->name) : NULL;
	if (!reg || !reg->array) {
		complain(k->c, e->arg[0]->place, "find looks through a register array");
		return wrong;
	}
	unsigned local = new_local(k, e->name, index_width(reg->count));
	struct scope *outer = k->scope;
	struct stmt *head;
	push_name(k, e->name, local);
	struct val v = check_apart(k, e->arg[1], 1, &head);
	k->scope = outer;
	const struct expr *condition = coerce(k, v, 1, e->arg[1]->place);
	if (head) {
		complain(k->c, e->arg[1]->place,
			 "the condition of find must not load, draw or call code with statements");
		return wrong;
	}
	if (!condition)
		return wrong;
	struct expr *x = new_expr(k->c, X_FIND, index_width((uint64_t)reg->count + 1));
	x->reg = reg;
	x->index = local;
	x->arg[0] = condition;
	return fixed(x);
}

static struct val check_any(struct coder *k, const struct ast_expr *e, unsigned want)
{
	switch (e->op) {
	case A_NUMBER:
		return e->width ? fixed(x_const(k->c, e->width, e->value)) : literal(k, e->value, 0);
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
