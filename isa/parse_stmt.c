/* Statements of the description language: doc/language.md, "Statements". */
#include "isa/parse.h"

#include <string.h>

static struct ast_stmt *statement(struct parser *p);

static void let(struct parser *p, struct ast_stmt *s)
{
	s->name = parse_expect(p, T_NAME).text;
	if (parse_accept(p, T_COLON))
		s->type = parse_type(p);
	parse_expect(p, T_IS);
	s->value = parse_expr(p);
	parse_semicolon(p);
}

static void otherwise(struct parser *p, struct ast_stmt *s)
{
	if (parse_accept_word(p, "else"))
		s->otherwise = statement(p);
}

static void conditional(struct parser *p, struct ast_stmt *s)
{
	parse_expect(p, T_LPAREN);
	s->value = parse_expr(p);
	parse_expect(p, T_RPAREN);
	s->body = statement(p);
	otherwise(p, s);
}

static void loop(struct parser *p, struct ast_stmt *s)
{
	s->name = parse_expect(p, T_NAME).text;
	parse_expect_word(p, "in");
	s->value = parse_expr(p);
	parse_expect(p, T_DOTS);
	s->limit = parse_expr(p);
	s->body = statement(p);
}

static void find(struct parser *p, struct ast_stmt *s)
{
	s->name = parse_expect(p, T_NAME).text;
	parse_expect_word(p, "in");
	s->target = parse_target(p);
	parse_expect_word(p, "where");
	s->value = parse_expr(p);
	s->body = statement(p);
	otherwise(p, s);
}

/* [(value)] */
static void operand(struct parser *p, struct ast_stmt *s)
{
	if (!parse_accept(p, T_LPAREN))
		return;
	s->value = parse_expr(p);
	parse_expect(p, T_RPAREN);
}

static void with_operand(struct parser *p, struct ast_stmt *s)
{
	operand(p, s);
	parse_semicolon(p);
}

static enum ast_phase phase(struct parser *p)
{
	if (parse_accept_word(p, "nullify"))
		return AP_NULLIFY;
	if (parse_accept_word(p, "next"))
		return AP_NEXT;
	if (parse_accept_word(p, "complete"))
		return AP_COMPLETE;
	return AP_NONE;
}

static void trap(struct parser *p, struct ast_stmt *s)
{
	s->name = parse_expect(p, T_NAME).text;
	operand(p, s);
	s->phase = phase(p);
	if (parse_at(p, T_NAME) && !p->in.token.first)
		parse_expected(p, "';' or a phase (nullify, next, complete)");
	parse_semicolon(p);
}

static void result(struct parser *p, struct ast_stmt *s)
{
	if (!parse_at(p, T_SEMICOLON))
		s->value = parse_expr(p);
	parse_semicolon(p);
}

/* out(CON, register, value);  out(CON, value) is register 0. */
static void out(struct parser *p, struct ast_stmt *s)
{
	parse_expect(p, T_LPAREN);
	s->name = parse_expect(p, T_NAME).text;
	parse_expect(p, T_COMMA);
	s->value = parse_expr(p);
	if (parse_accept(p, T_COMMA)) {
		s->target = s->value;
		s->value = parse_expr(p);
	} else {
		s->target = PARSE_NEW(p, struct ast_expr);
		*s->target = (struct ast_expr){ .op = A_NUMBER, .place = s->place, .depth = 1 };
	}
	parse_expect(p, T_RPAREN);
	parse_semicolon(p);
}

static void plain(struct parser *p, struct ast_stmt *s)
{
	(void)s;
	parse_semicolon(p);
}

/* What follows the word that a statement begins with. */
static const struct form {
	const char *word;
	enum ast_stmt_op op;
	void (*rest)(struct parser *, struct ast_stmt *);
} forms[] = {
	{ "let", AS_LET, let },
	{ "if", AS_IF, conditional },
	{ "for", AS_FOR, loop },
	{ "find", AS_FIND, find },
	{ "trap", AS_TRAP, trap },
	{ "memtrap", AS_MEMTRAP, with_operand },
	{ "privileged", AS_PRIVILEGED, plain },
	{ "return", AS_RETURN, result },
	{ "out", AS_OUT, out },
	{ "halt", AS_HALT, with_operand },
	{ "wait", AS_WAIT, plain },
};

/* The form of a statement that begins with a word; a word before := . [ is a register's name. */
static const struct form *form_here(const struct parser *p)
{
	enum token_kind ahead = p->in.ahead.kind;

	if (ahead == T_ASSIGN || ahead == T_DOT || ahead == T_LBRACKET)
		return NULL;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (parse_at_word(p, forms[i].word))
			return &forms[i];
	return NULL;
}

static void assignment_or_call(struct parser *p, struct ast_stmt *s)
{
	struct ast_expr *e;

	if (!parse_at(p, T_NAME))
		parse_expected(p, "a statement");
	if (parse_at_word(p, "else"))
		PARSE_FAIL(p, s->place, "this 'else' belongs to no 'if'");
	e = parse_target(p);
	if (parse_accept(p, T_ASSIGN)) {
		s->op = AS_ASSIGN;
		s->target = e;
		s->value = parse_expr(p);
	} else if (e->op == A_CALL) {
		s->op = AS_CALL;
		s->value = e;
	} else if (parse_at(p, T_IS)) {
		PARSE_FAIL(p, p->in.token.place, "an assignment is written ':='");
	} else {
		parse_expected(p, "':='");
	}
	parse_semicolon(p);
}

/* Without its '}' the code of an item would swallow the items after it. */
static void refuse_item(struct parser *p)
{
	if (!parse_at_item(p))
		return;
	diag_add(p->diags, DIAG_ERROR, p->in.token.place,
		 "'%s' begins an item; a '}' is missing before it", p->in.token.text);
	p->brace_missing = true;
	parse_unwind(p);
}

static struct ast_stmt *statement(struct parser *p)
{
	struct ast_stmt *s = PARSE_NEW(p, struct ast_stmt);
	const struct form *form;

	parse_enter(p);
	s->place = p->in.token.place;
	refuse_item(p);
	form = form_here(p);
	if (parse_at(p, T_LBRACE)) {
		s->op = AS_BLOCK;
		s->body = parse_block(p);
	} else if (form) {
		s->op = form->op;
		parse_next(p);
		form->rest(p, s);
	} else {
		assignment_or_call(p, s);
	}
	parse_leave(p);
	return s;
}

/* The context is where the statement is to be linked. */
static void append(struct parser *p, void *context)
{
	struct ast_stmt ***tail = context;

	if (parse_accept(p, T_SEMICOLON))
		return;
	**tail = statement(p);
	*tail = &(**tail)->next;
}

struct ast_stmt *parse_block(struct parser *p)
{
	struct token open = parse_expect(p, T_LBRACE);
	struct ast_stmt *first = NULL, **tail = &first;

	while (!parse_at(p, T_RBRACE) && !parse_at(p, T_END))
		parse_guarded(p, append, &tail);
	parse_close(p, open);
	return first;
}
