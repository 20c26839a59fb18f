/* Items of a description: doc/language.md, "Items". */
#include "isa/parse.h"

#include "isa/find.h"

#include <string.h>

/* ---- entries: what stands between commas */

typedef void entry_fn(struct parser *, struct ast_entry *);

static struct ast_entry *entry(struct parser *p, entry_fn *rest)
{
	struct ast_entry *e = PARSE_NEW(p, struct ast_entry);
	struct token t = parse_expect(p, T_NAME);

	e->place = t.place;
	e->name = t.text;
	rest(p, e);
	return e;
}

/* Entries up to a ';', at least one. */
static struct ast_entry *listed(struct parser *p, entry_fn *rest)
{
	struct ast_entry *first = NULL, **tail = &first;

	do {
		*tail = entry(p, rest);
		tail = &(*tail)->next;
	} while (parse_accept(p, T_COMMA));
	parse_semicolon(p);
	return first;
}

/* Entries between braces or parentheses; a comma may follow the last. */
static struct ast_entry *enclosed(struct parser *p, enum token_kind open, enum token_kind close,
				  entry_fn *rest)
{
	struct ast_entry *first = NULL, **tail = &first;

	parse_expect(p, open);
	while (!parse_at(p, close)) {
		*tail = entry(p, rest);
		tail = &(*tail)->next;
		if (!parse_at(p, close) && !parse_accept(p, T_COMMA))
			parse_expected(p, close == T_RBRACE ? "',' or '}'" : "',' or ')'");
	}
	parse_next(p);
	return first;
}

/* [= value] ["doc"] */
static void with_value(struct parser *p, struct ast_entry *e)
{
	if (parse_accept(p, T_IS))
		e->value = parse_expr(p);
	e->doc = parse_strings(p);
}

static void given_value(struct parser *p, struct ast_entry *e)
{
	parse_expect(p, T_IS);
	e->value = parse_expr(p);
}

static void constant(struct parser *p, struct ast_entry *e)
{
	given_value(p, e);
	e->doc = parse_strings(p);
}

/* op:8 [= value] ["doc"] */
static void format_field(struct parser *p, struct ast_entry *e)
{
	parse_expect(p, T_COLON);
	e->type = parse_type(p);
	with_value(p, e);
}

static void parameter(struct parser *p, struct ast_entry *e)
{
	if (parse_accept(p, T_COLON))
		e->type = parse_type(p);
}

/* IM : 15..8 [: Type] ["doc"];  IE : 0 is one bit */
static void named_bits(struct parser *p, struct ast_entry *e)
{
	parse_expect(p, T_COLON);
	e->hi = parse_expr(p);
	if (parse_accept(p, T_DOTS))
		e->lo = parse_expr(p);
	if (parse_accept(p, T_COLON))
		e->type = parse_type(p);
	e->doc = parse_strings(p);
}

static void once(struct parser *p, bool had)
{
	if (had)
		PARSE_FAIL(p, p->in.token.place, "this is said of the register already");
}

/* What may follow a register's type, in any order; false if nothing more does. */
static bool attribute(struct parser *p, struct ast_entry *e)
{
	if (parse_at_word(p, "role")) {
		once(p, e->role);
		parse_next(p);
		e->role_place = p->in.token.place;
		e->role = parse_expect(p, T_NAME).text;
	} else if (parse_at_word(p, "time")) {
		once(p, e->time);
		e->time = parse_next(p).text;
	} else if (parse_at_word(p, "constant")) {
		once(p, e->constant);
		e->constant = parse_next(p).text;
	} else if (parse_at(p, T_LBRACE)) {
		once(p, e->bits);
		e->bits = enclosed(p, T_LBRACE, T_RBRACE, named_bits);
	} else if (parse_at(p, T_STRING)) {
		once(p, e->doc);
		e->doc = parse_strings(p);
	} else {
		return false;
	}
	return true;
}

static void reg(struct parser *p, struct ast_entry *e)
{
	if (parse_accept(p, T_LBRACKET)) {
		e->count = parse_expr(p);
		parse_expect(p, T_RBRACKET);
	}
	parse_expect(p, T_COLON);
	e->type = parse_type(p);
	while (attribute(p, e))
		;
	if (parse_at(p, T_NAME) && !p->in.token.first)
		parse_expected(p, "role, time, constant, { fields }, a string, ',' or ';'");
}

/* ---- items: each is called behind its first word */

static void named(struct parser *p, struct ast_item *item)
{
	struct token t = parse_expect(p, T_NAME);

	item->place = t.place;
	item->name = t.text;
}

static void value(struct parser *p, struct ast_item *item)
{
	item->value = parse_expr(p);
	parse_semicolon(p);
}

static void user(struct parser *p, struct ast_item *item)
{
	parse_expect(p, T_IS);
	value(p, item);
}

static void byte_order(struct parser *p, struct ast_item *item)
{
	if (parse_accept_word(p, "little")) {
		item->endian = AE_LITTLE;
	} else if (parse_accept_word(p, "big")) {
		item->endian = AE_BIG;
	} else if (parse_accept_word(p, "endian")) {
		parse_expect(p, T_LPAREN);
		item->endian = AE_EXPR;
		item->value = parse_expr(p);
		parse_expect(p, T_RPAREN);
	}
}

static void addressing(struct parser *p, struct ast_item *item)
{
	if (!parse_at_word(p, "word") && !parse_at_word(p, "byte"))
		parse_expected(p, "'word' or 'byte'");
	named(p, item);
	byte_order(p, item);
	if (parse_at(p, T_NAME) && !p->in.token.first)
		parse_expected(p, "'little', 'big', 'endian(...)' or ';'");
	parse_semicolon(p);
}

static void abstract(struct parser *p, struct ast_item *item)
{
	(void)item;
	parse_expect_word(p, "translation");
	parse_semicolon(p);
}

static void enumeration(struct parser *p, struct ast_item *item)
{
	named(p, item);
	item->doc = parse_strings(p);
	item->entries = enclosed(p, T_LBRACE, T_RBRACE, with_value);
}

static void constants(struct parser *p, struct ast_item *item)
{
	item->entries = listed(p, constant);
}

static void registers(struct parser *p, struct ast_item *item)
{
	item->entries = listed(p, reg);
}

static void traps(struct parser *p, struct ast_item *item)
{
	item->entries = listed(p, with_value);
}

/* CON [: console(line = 0) [at 0x1f00 units 16]] ["doc"]; */
static void device(struct parser *p, struct ast_item *item)
{
	named(p, item);
	if (parse_accept(p, T_COLON)) {
		item->other_place = p->in.token.place;
		item->other = parse_expect(p, T_NAME).text;
		if (parse_at(p, T_LPAREN))
			item->entries = enclosed(p, T_LPAREN, T_RPAREN, given_value);
		if (parse_accept_word(p, "at")) {
			item->value = parse_expr(p);
			if (parse_accept_word(p, "units"))
				item->units = parse_expr(p);
			else
				parse_expected(p, "units, and how many");
		}
	}
	item->doc = parse_strings(p);
	parse_semicolon(p);
}

static void body(struct parser *p, struct ast_item *item)
{
	item->body_place = p->in.token.place;
	item->body = parse_block(p);
}

static void code(struct parser *p, struct ast_item *item)
{
	item->entries = enclosed(p, T_LPAREN, T_RPAREN, parameter);
	body(p, item);
}

static void function(struct parser *p, struct ast_item *item)
{
	named(p, item);
	item->entries = enclosed(p, T_LPAREN, T_RPAREN, parameter);
	if (parse_accept(p, T_COLON))
		item->type = parse_type(p);
	body(p, item);
}

static void format(struct parser *p, struct ast_item *item)
{
	named(p, item);
	item->doc = parse_strings(p);
	item->entries = enclosed(p, T_LBRACE, T_RBRACE, format_field);
}

/* The first string is the syntax, what follows it the documentation. */
static void syntax_or_doc(struct parser *p, struct ast_item *item)
{
	struct token t = p->in.token;

	if (item->syntax && item->doc)
		PARSE_FAIL(p, t.place,
			   "an instruction has a syntax string and one documentation "
			   "string; this is a third");
	if (!item->syntax) {
		item->syntax = parse_next(p).text;
		item->syntax_place = t.place;
	}
	item->doc = parse_strings(p);
}

/* NAME FORMAT, then field = value, "syntax" "doc" and `physical` in any order, then the body. */
static void instruction(struct parser *p, struct ast_item *item)
{
	struct ast_entry **tail = &item->entries;
	bool comma = false;

	named(p, item);
	item->other_place = p->in.token.place;
	item->other = parse_expect(p, T_NAME).text;
	while (comma || !parse_at(p, T_LBRACE)) {
		if (parse_at(p, T_NAME) && p->in.ahead.kind == T_IS) {
			*tail = entry(p, given_value);
			tail = &(*tail)->next;
			comma = parse_accept(p, T_COMMA);
		} else if (comma) {
			parse_expected(p, "another field and its value");
		} else if (parse_at(p, T_STRING)) {
			syntax_or_doc(p, item);
		} else if (parse_at_word(p, "physical")) {
			parse_next(p);
			item->physical = true;
		} else {
			parse_expected(p, "field = value, a string, 'physical' or '{'");
		}
	}
	body(p, item);
}

/* ---- maps */

static enum ast_map_kind map_word(struct parser *p)
{
	if (parse_accept_word(p, "composed"))
		return AM_COMPOSED;
	if (parse_accept_word(p, "mirrored"))
		return AM_MIRRORED;
	if (parse_accept_word(p, "virtual"))
		return AM_VIRTUAL;
	parse_expected(p, "':=', ',', 'composed', 'mirrored' or 'virtual'");
}

/* L, B composed;  one line for each register */
static void map_line(struct parser *p, void *context)
{
	struct ast_map_line ***tail = context, **first = *tail, *last = NULL;

	if (parse_accept(p, T_SEMICOLON))
		return;
	do {
		struct token t = parse_expect(p, T_NAME);

		last = PARSE_NEW(p, struct ast_map_line);
		last->place = t.place;
		last->reg = t.text;
		**tail = last;
		*tail = &last->next;
	} while (parse_accept(p, T_COMMA));
	if (parse_accept(p, T_ASSIGN))
		last->value = parse_expr(p);
	else
		last->kind = map_word(p);
	for (struct ast_map_line *line = *first; line; line = line->next) {
		line->kind = last->kind;
		line->value = last->value;
	}
	parse_semicolon(p);
}

static void map(struct parser *p, struct ast_item *item)
{
	struct ast_map_line **tail = &item->lines;
	struct token open;

	named(p, item);
	item->doc = parse_strings(p);
	open = parse_expect(p, T_LBRACE);
	while (!parse_at(p, T_RBRACE) && !parse_at(p, T_END))
		parse_guarded(p, map_line, &tail);
	parse_close(p, open);
}

/* ---- what gdb is told */

/* r[32] = R;  status = status();  f[32] : 32, there being none */
static void gdb_register(struct parser *p, struct ast_entry *e)
{
	if (parse_accept(p, T_LBRACKET)) {
		e->count = parse_expr(p);
		parse_expect(p, T_RBRACKET);
	}
	if (parse_accept(p, T_COLON))
		e->type = parse_type(p);
	if (parse_accept(p, T_IS))
		e->value = parse_expr(p);
	if (!e->type && !e->value)
		parse_expected(p, "'=' and what it is, or ':' and a width");
}

/* "feature" entries; */
static void gdb_line(struct parser *p, void *context)
{
	struct ast_entry ***tail = context;
	const char *feature = parse_strings(p);

	if (!feature)
		parse_expected(p, "a string: the name of one of gdb's features");
	**tail = listed(p, gdb_register);
	for (; **tail; *tail = &(**tail)->next)
		(**tail)->doc = feature;
}

static void gdb(struct parser *p, struct ast_item *item)
{
	struct ast_entry **tail = &item->entries;
	struct token open;

	item->doc = parse_strings(p);
	if (!item->doc)
		parse_expected(p, "a string: gdb's name of the architecture");
	open = parse_expect(p, T_LBRACE);
	while (!parse_at(p, T_RBRACE) && !parse_at(p, T_END))
		parse_guarded(p, gdb_line, &tail);
	parse_close(p, open);
}

/* ---- why */

static void trap_name(struct parser *p, struct ast_entry *e)
{
	(void)p;
	(void)e;
}

/* adel, ades [if condition] "text"; */
static void why(struct parser *p, struct ast_item *item)
{
	struct ast_entry **tail = &item->entries;

	do {
		*tail = entry(p, trap_name);
		tail = &(*tail)->next;
	} while (parse_accept(p, T_COMMA));
	if (parse_accept_word(p, "if"))
		item->value = parse_expr(p);
	item->doc = parse_strings(p);
	if (!item->doc)
		parse_expected(p, item->value ? "a string that says why" : "',', 'if' or a string that says why");
	parse_semicolon(p);
}

/* ---- removal */

static const char *const removable[] = { "instr", "fn",	   "format", "map", "device",
					 "enum",  "const", "reg",    NULL };

static void removal(struct parser *p, struct ast_item *item)
{
	for (const char *const *word = removable; *word; word++)
		if (parse_at_word(p, *word))
			item->other = *word;
	if (!item->other)
		parse_expected(p, "instr, fn, format, map, device, enum, const or reg");
	item->other_place = parse_next(p).place;
	named(p, item);
	parse_semicolon(p);
}

/* ---- the words that items begin with */

static const struct form {
	const char *word;
	enum ast_item_kind kind;
	void (*rest)(struct parser *, struct ast_item *);
	bool may_override;
} forms[] = {
	{ "word", AI_WORD, value, false },
	{ "addressing", AI_ADDRESSING, addressing, false },
	{ "elf", AI_ELF, value, true },
	{ "abstract", AI_ABSTRACT, abstract, false },
	{ "enum", AI_ENUM, enumeration, true },
	{ "const", AI_CONST, constants, true },
	{ "visible", AI_VISIBLE, registers, true },
	{ "control", AI_CONTROL, registers, true },
	{ "user", AI_USER, user, true },
	{ "device", AI_DEVICE, device, true },
	{ "traps", AI_TRAPS, traps, true },
	{ "translate", AI_CODE, code, true },
	{ "trapseq", AI_CODE, code, true },
	{ "tick", AI_CODE, code, true },
	{ "horizon", AI_CODE, code, true },
	{ "skip", AI_CODE, code, true },
	{ "interrupt", AI_CODE, code, true },
	{ "reset", AI_CODE, code, true },
	{ "goto", AI_CODE, code, true },
	{ "advance", AI_CODE, code, true },
	{ "fn", AI_FN, function, true },
	{ "format", AI_FORMAT, format, true },
	{ "instr", AI_INSTR, instruction, true },
	{ "map", AI_MAP, map, true },
	{ "gdb", AI_GDB, gdb, true },
	{ "why", AI_WHY, why, false },
	{ "invariant", AI_INVARIANT, value, false },
	{ "remove", AI_REMOVE, removal, false },
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

static const struct form *form_here(const struct parser *p)
{
	for (size_t i = 0; i < FORMS; i++)
		if (parse_at_word(p, forms[i].word))
			return &forms[i];
	return NULL;
}

bool parse_at_item(const struct parser *p)
{
	return p->in.ahead.kind == T_NAME && form_here(p);
}

static _Noreturn void unknown(struct parser *p)
{
	const char *words[FORMS + 3], *near;
	size_t n = 0;

	if (!parse_at(p, T_NAME))
		parse_expected(p, "an item: word, visible, instr ...");
	for (; n < FORMS; n++)
		words[n] = forms[n].word;
	words[n++] = "override";
	words[n++] = "include";
	words[n] = NULL;
	near = find_nearest(p->in.token.text, words);
	PARSE_FAIL(p, p->in.token.place, "no item begins with '%s'%s%s%s", p->in.token.text,
		   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void item(struct parser *p, void *context)
{
	struct token override = p->in.token;
	struct ast_item *item = PARSE_NEW(p, struct ast_item);
	const struct form *form;

	(void)context;
	item->override = parse_accept_word(p, "override");
	form = form_here(p);
	if (!form)
		unknown(p);
	if (item->override && !form->may_override)
		PARSE_FAIL(p, override.place, "'%s' has no name by which it could be overridden",
			   form->word);
	item->kind = form->kind;
	item->place = p->in.token.place;
	if (form->kind == AI_CODE)
		item->name = form->word;
	parse_next(p);
	form->rest(p, item);
	*p->tail = item;
	p->tail = &item->next;
}

void parse_items(struct parser *p)
{
	while (!parse_at(p, T_RBRACE) && !parse_at(p, T_END)) {
		p->in.item_level = p->in.level;
		if (parse_at_include(p))
			parse_include(p);
		else if (!parse_accept(p, T_SEMICOLON))
			parse_guarded(p, item, NULL);
	}
}
