/* The lexer of the description language: doc/language.md, "Words". */
#include "isa/lex.h"

#include <string.h>

static const struct mark {
	const char *text;
	size_t length;
} marks[] = {
#define X(kind, text) [kind - T_STRING - 1] = { text, sizeof(text) - 1 },
	LEX_MARKS(X)
#undef X
};

/* Not <ctype.h>: a description means the same in every locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
	return is_name_start(c) || is_digit(c);
}

static void skip_name(struct lexer *l)
{
	while (is_name(*l->at))
		l->at++;
}

void lex_begin(struct lexer *l, struct diag_list *diags, struct obstack *arena,
	       const struct source *source, uint64_t *hash)
{
	*l = (struct lexer){ diags, arena, source, source->text, source->text, 1, hash };
}

static struct place place_of(const struct lexer *l, const char *p)
{
	return (struct place){ l->source, l->line, (int)(p - l->line_start) + 1 };
}

static void newline(struct lexer *l)
{
	l->line++;
	l->line_start = ++l->at;
}

static void skip_comment(struct lexer *l)
{
	struct place open = place_of(l, l->at);

	l->at += 2;
	while (*l->at && !(l->at[0] == '*' && l->at[1] == '/')) {
		if (*l->at == '\n')
			newline(l);
		else
			l->at++;
	}
	if (*l->at)
		l->at += 2;
	else
		diag_add(l->diags, DIAG_ERROR, open, "this comment is not closed with */");
}

/* Passes over blanks and comments; true if a line ended among them. */
static bool skip_blank(struct lexer *l)
{
	int line = l->line;

	for (;;) {
		if (*l->at == '\n')
			newline(l);
		else if (*l->at == ' ' || *l->at == '\t' || *l->at == '\r')
			l->at++;
		else if (l->at[0] == '/' && l->at[1] == '/')
			l->at += strcspn(l->at, "\n");
		else if (l->at[0] == '/' && l->at[1] == '*')
			skip_comment(l);
		else
			return l->line != line;
	}
}

static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

/* Reads digits with any prefix, up to what cannot belong to a number; false after an error. */
static bool read_digits(struct lexer *l, uint64_t *value)
{
	const char *start = l->at;
	unsigned base = 10;
	bool digits = false, fits = true;

	if (l->at[0] == '0' && (l->at[1] == 'x' || l->at[1] == 'b')) {
		base = l->at[1] == 'x' ? 16 : 2;
		l->at += 2;
	}
	for (*value = 0; is_name(*l->at); l->at++) {
		unsigned digit = digit_value(*l->at);

		if (*l->at == '_')
			continue;
		if (digit >= base) {
			diag_add(l->diags, DIAG_ERROR, place_of(l, l->at),
				 "'%c' is not a digit of a number to the base %u", *l->at, base);
			skip_name(l);
			return false;
		}
		digits = true;
		fits = fits && !__builtin_mul_overflow(*value, base, value) &&
		       !__builtin_add_overflow(*value, digit, value);
	}
	if (!digits || !fits)
		diag_add(l->diags, DIAG_ERROR, place_of(l, start),
			 digits ? "this number does not fit in 64 bits"
				: "digits are missing in this number");
	return digits && fits;
}

/* 12, 0x1f, 0b1010; with a width 3'0, 8'0xff. */
static void read_number(struct lexer *l, struct token *t)
{
	uint64_t width;

	if (!read_digits(l, &t->value) || *l->at != '\'')
		return;
	width = t->value;
	t->value = 0;
	l->at++;
	if (!is_digit(*l->at)) {
		diag_add(l->diags, DIAG_ERROR, place_of(l, l->at),
			 "a number must follow the width and ', as in 8'0xff");
		skip_name(l);
		return;
	}
	if (!read_digits(l, &t->value))
		return;
	if (width < 1 || width > 64)
		diag_add(l->diags, DIAG_ERROR, t->place, "a width is 1 to 64 bits");
	else if (width < 64 && t->value >> width)
		diag_add(l->diags, DIAG_ERROR, t->place, "this number does not fit in its %u bit%s",
			 (unsigned)width, width == 1 ? "" : "s");
	else
		t->width = (unsigned)width;
	if (!t->width)
		t->value = 0;
}

static void read_escape(struct lexer *l)
{
	switch (l->at[1]) {
	case '"':
	case '\\': obstack_1grow(l->arena, l->at[1]); break;
	case 'n': obstack_1grow(l->arena, '\n'); break;
	default:
		diag_add(l->diags, DIAG_ERROR, place_of(l, l->at),
			 "unknown escape in a string; there are \\\" \\\\ and \\n");
		l->at++;
		return;
	}
	l->at += 2;
}

static void read_string(struct lexer *l, struct token *t)
{
	for (l->at++; *l->at && *l->at != '"' && *l->at != '\n';) {
		if (*l->at == '\\')
			read_escape(l);
		else
			obstack_1grow(l->arena, *l->at++);
	}
	if (*l->at == '"')
		l->at++;
	else
		diag_add(l->diags, DIAG_ERROR, t->place, "this string is not closed with \"");
	obstack_1grow(l->arena, '\0');
	t->text = obstack_finish(l->arena);
}

static void read_name(struct lexer *l, struct token *t)
{
	const char *start = l->at;

	skip_name(l);
	t->text = obstack_copy0(l->arena, start, (size_t)(l->at - start));
}

/* A mark that ends in a letter must not run on into a name: "a <sum". */
static bool begins_with(const char *p, const struct mark *m)
{
	return !strncmp(p, m->text, m->length) &&
	       !(is_name(m->text[m->length - 1]) && is_name(p[m->length]));
}

static bool read_mark(struct lexer *l, struct token *t)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (begins_with(l->at, &marks[i])) {
			t->kind = (enum token_kind)(T_STRING + 1 + i);
			l->at += marks[i].length;
			return true;
		}
	}
	return false;
}

/* Bytes that begin no token: one message for a run of them. */
static void refuse(struct lexer *l)
{
	struct place at = place_of(l, l->at);
	const char *start = l->at;

	do
		l->at++;
	while ((unsigned char)*l->at >= 0x80);
	if ((unsigned char)*start >= ' ' && (unsigned char)*start < 0x7f)
		diag_add(l->diags, DIAG_ERROR, at, "'%c' has no meaning here", *start);
	else
		diag_add(l->diags, DIAG_ERROR, at,
			 "only ASCII may stand outside of comments and strings");
}

static void hash_token(struct lexer *l, const struct token *t)
{
	for (size_t i = 0; i < t->length; i++)
		*l->hash = (*l->hash ^ (unsigned char)t->start[i]) * UINT64_C(0x100000001b3);
	*l->hash *= UINT64_C(0x100000001b3); /* as for a NUL: tokens are kept apart */
}

struct token lex_next(struct lexer *l)
{
	bool first = l->at == l->source->text;

	for (;;) {
		struct token t = { .kind = T_END };

		first = skip_blank(l) || first;
		t.first = first;
		t.start = l->at;
		t.place = place_of(l, l->at);
		if (is_name_start(*l->at)) {
			t.kind = T_NAME;
			read_name(l, &t);
		} else if (is_digit(*l->at)) {
			t.kind = T_NUMBER;
			read_number(l, &t);
		} else if (*l->at == '"') {
			t.kind = T_STRING;
			read_string(l, &t);
		} else if (*l->at && !read_mark(l, &t)) {
			refuse(l);
			continue;
		}
		t.length = (size_t)(l->at - t.start);
		hash_token(l, &t);
		return t;
	}
}

const char *lex_kind_name(enum token_kind kind)
{
	static const char *const name[] = { [T_END] = "the end of the file",
					    [T_NAME] = "a name",
					    [T_NUMBER] = "a number",
					    [T_STRING] = "a string",
#define X(kind, text) [kind] = "'" text "'",
					    LEX_MARKS(X)
#undef X
	};

	return name[kind];
}
