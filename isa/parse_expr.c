/* Expressions of the description language: doc/language.md, "Expressions". */
#include "isa/parse.h"

enum { COMPARISON = 3 };

/* How tightly the operators of two operands bind; 0: not such an operator. */
static const struct binary {
	int binding;
	enum ast_op op;
} binary[T_KINDS] = {
	[T_LOR] = { 1, A_LOR },
	[T_LAND] = { 2, A_LAND },
	[T_EQ] = { COMPARISON, A_EQ },
	[T_NE] = { COMPARISON, A_NE },
	[T_LT] = { COMPARISON, A_ULT },
	[T_LE] = { COMPARISON, A_ULE },
	[T_GT] = { COMPARISON, A_UGT },
	[T_GE] = { COMPARISON, A_UGE },
	[T_SLT] = { COMPARISON, A_SLT },
	[T_SLE] = { COMPARISON, A_SLE },
	[T_SGT] = { COMPARISON, A_SGT },
	[T_SGE] = { COMPARISON, A_SGE },
	[T_OR] = { 4, A_OR },
	[T_XOR] = { 5, A_XOR },
	[T_AND] = { 6, A_AND },
	[T_SHL] = { 7, A_SHL },
	[T_LSHR] = { 7, A_LSHR },
	[T_ASHR] = { 7, A_ASHR },
	[T_PLUS] = { 8, A_ADD },
	[T_MINUS] = { 8, A_SUB },
	[T_STAR] = { 9, A_MUL },
	[T_SLASH] = { 9, A_UDIV },
	[T_PERCENT] = { 9, A_UREM },
	[T_SDIV] = { 9, A_SDIV },
	[T_SREM] = { 9, A_SREM },
};

static struct ast_expr *leaf(struct parser *p, enum ast_op op, struct token t)
{
	struct ast_expr *e = PARSE_NEW(p, struct ast_expr);

	e->op = op;
	e->place = t.place;
	e->name = t.text;
	e->value = t.value;
	e->width = t.width;
	e->depth = 1;
	return e;
}

/* e stands above child. */
static void deepen(struct parser *p, struct ast_expr *e, const struct ast_expr *child)
{
	if (child->depth >= AST_NESTING)
		PARSE_FAIL(p, e->place,
			   "this expression is nested too deeply (more than %d levels)",
			   AST_NESTING);
	if (e->depth <= child->depth)
		e->depth = child->depth + 1;
}

static struct ast_expr *node(struct parser *p, enum ast_op op, struct place place,
			     struct ast_expr *a, struct ast_expr *b, struct ast_expr *c)
{
	struct ast_expr *e = leaf(p, op, (struct token){ .place = place });

	e->arg[0] = a;
	e->arg[1] = b;
	e->arg[2] = c;
	for (int i = 0; i < 3 && e->arg[i]; i++)
		deepen(p, e, e->arg[i]);
	return e;
}

/* Expressions between commas, up to a closing mark that is passed. */
static void list(struct parser *p, struct ast_expr *e, enum token_kind close)
{
	struct ast_expr **tail = &e->list;

	if (parse_accept(p, close))
		return;
	do {
		*tail = parse_expr(p);
		deepen(p, e, *tail);
		tail = &(*tail)->next;
	} while (parse_accept(p, T_COMMA));
	parse_expect(p, close);
}

/* find e in TLB where cond */
static struct ast_expr *find(struct parser *p)
{
	struct ast_expr *e;

	parse_next(p);
	e = leaf(p, A_FIND, parse_expect(p, T_NAME));
	parse_expect_word(p, "in");
	e->arg[0] = parse_target(p);
	parse_expect_word(p, "where");
	e->arg[1] = parse_expr(p);
	deepen(p, e, e->arg[0]);
	deepen(p, e, e->arg[1]);
	return e;
}

static struct ast_expr *name(struct parser *p)
{
	struct token t;
	struct ast_expr *e;

	if (parse_at_word(p, "find") && p->in.ahead.kind == T_NAME)
		return find(p);
	t = parse_next(p);
	e = leaf(p, parse_at(p, T_LPAREN) ? A_CALL : A_NAME, t);
	if (parse_accept(p, T_LPAREN))
		list(p, e, T_RPAREN);
	return e;
}

static struct ast_expr *concat(struct parser *p)
{
	struct token open = parse_next(p);
	struct ast_expr *e = leaf(p, A_CONCAT, open);

	list(p, e, T_RBRACE);
	if (!e->list)
		PARSE_FAIL(p, open.place, "there is nothing between these braces");
	return e;
}

static struct ast_expr *primary(struct parser *p)
{
	struct ast_expr *e;

	if (parse_at(p, T_NUMBER))
		return leaf(p, A_NUMBER, parse_next(p));
	if (parse_at(p, T_NAME))
		return name(p);
	if (parse_at(p, T_LBRACE))
		return concat(p);
	if (!parse_accept(p, T_LPAREN))
		parse_expected(p, "an expression");
	e = parse_expr(p);
	parse_expect(p, T_RPAREN);
	return e;
}

static struct ast_expr *subscript(struct parser *p, struct ast_expr *of)
{
	struct ast_expr *first = parse_expr(p), *low = NULL;

	if (parse_accept(p, T_COLON))
		low = parse_expr(p);
	parse_expect(p, T_RBRACKET);
	return node(p, low ? A_SLICE : A_INDEX, of->place, of, first, low);
}

static struct ast_expr *member(struct parser *p, struct ast_expr *of)
{
	struct token t = parse_expect(p, T_NAME);
	struct ast_expr *e = node(p, A_MEMBER, of->place, of, NULL, NULL);

	e->name = t.text;
	return e;
}

static struct ast_expr *postfix(struct parser *p)
{
	struct ast_expr *e = primary(p);

	for (;;) {
		if (parse_accept(p, T_LBRACKET))
			e = subscript(p, e);
		else if (parse_accept(p, T_DOT))
			e = member(p, e);
		else
			return e;
	}
}

struct ast_expr *parse_target(struct parser *p)
{
	if (!parse_at(p, T_NAME))
		parse_expected(p, "a name");
	return postfix(p);
}

static struct ast_expr *unary(struct parser *p)
{
	struct token t = p->in.token;
	struct ast_expr *e;
	enum ast_op op;

	if (t.kind == T_MINUS)
		op = A_NEG;
	else if (t.kind == T_TILDE)
		op = A_NOT;
	else if (t.kind == T_BANG)
		op = A_LNOT;
	else
		return postfix(p);
	parse_enter(p);
	parse_next(p);
	e = node(p, op, t.place, unary(p), NULL, NULL);
	parse_leave(p);
	return e;
}

static struct ast_expr *operation(struct parser *p, int binding)
{
	struct ast_expr *e = unary(p);
	const struct binary *b;

	while ((b = &binary[p->in.token.kind])->binding >= binding) {
		struct token t = parse_next(p);

		e = node(p, b->op, t.place, e, operation(p, b->binding + 1), NULL);
		if (b->binding == COMPARISON && binary[p->in.token.kind].binding == COMPARISON)
			PARSE_FAIL(p, p->in.token.place,
				   "comparisons do not chain; join two of them with &&");
	}
	return e;
}

struct ast_expr *parse_expr(struct parser *p)
{
	struct ast_expr *e, *yes;
	struct place place;

	parse_enter(p);
	e = operation(p, 1);
	place = p->in.token.place;
	if (parse_accept(p, T_QUESTION)) {
		yes = parse_expr(p);
		parse_expect(p, T_COLON);
		e = node(p, A_COND, place, e, yes, parse_expr(p));
	}
	parse_leave(p);
	return e;
}

struct ast_type *parse_type(struct parser *p)
{
	struct ast_type *type = PARSE_NEW(p, struct ast_type);

	type->place = p->in.token.place;
	if (parse_at(p, T_NAME))
		type->name = parse_next(p).text;
	else if (parse_at(p, T_NUMBER) && !p->in.token.width)
		type->bits = parse_next(p).value;
	else
		parse_expected(p, "a number of bits, 'word' or the name of an enum");
	return type;
}
