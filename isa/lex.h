/* The words of the description language.  Private to isa/. */
#ifndef ISA_LEX_H
#define ISA_LEX_H

#include "isa/alloc.h"
#include "isa/diag.h"

#include <stdbool.h>
#include <stdint.h>

/* The marks, in an order in which the longer of two with one beginning stands first. */
#define LEX_MARKS(X)                                                                           \
	X(T_ASHR, ">>s") X(T_SLE, "<=s") X(T_SGE, ">=s")                                       \
	X(T_ASSIGN, ":=") X(T_DOTS, "..") X(T_SHL, "<<") X(T_LSHR, ">>") X(T_SLT, "<s")        \
	X(T_SGT, ">s") X(T_SDIV, "/s") X(T_SREM, "%s") X(T_LAND, "&&") X(T_LOR, "||")          \
	X(T_EQ, "==") X(T_NE, "!=") X(T_LE, "<=") X(T_GE, ">=")                                \
	X(T_LT, "<") X(T_GT, ">") X(T_SLASH, "/") X(T_PERCENT, "%") X(T_AND, "&")              \
	X(T_OR, "|") X(T_XOR, "^") X(T_PLUS, "+") X(T_MINUS, "-") X(T_STAR, "*")               \
	X(T_TILDE, "~") X(T_BANG, "!") X(T_IS, "=") X(T_COLON, ":") X(T_DOT, ".")              \
	X(T_QUESTION, "?") X(T_COMMA, ",") X(T_SEMICOLON, ";")                                 \
	X(T_LPAREN, "(") X(T_RPAREN, ")") X(T_LBRACKET, "[") X(T_RBRACKET, "]")                \
	X(T_LBRACE, "{") X(T_RBRACE, "}")

enum token_kind {
	T_END, /* of the source */
	T_NAME,
	T_NUMBER,
	T_STRING,
#define X(kind, text) kind,
	LEX_MARKS(X)
#undef X
	T_KINDS
};

struct token {
	enum token_kind kind;
	struct place place;
	const char *start;  /* in the source */
	size_t length;      /* there */
	const char *text;   /* of a name or a string, escapes resolved; in the arena */
	uint64_t value;     /* of a number */
	unsigned width;     /* of a number, 0 if it has none */
	bool first;         /* on its line */
};

struct lexer {
	struct diag_list *diags;
	struct obstack *arena;
	const struct source *source;
	const char *at;         /* what is read next */
	const char *line_start; /* of the line that it is on */
	int line;
	uint64_t *hash; /* FNV-1a over the texts of the tokens read; begins as LEX_HASH */
};

#define LEX_HASH UINT64_C(0xcbf29ce484222325)

/* Begins to read a source; its tokens' texts go to the arena. */
void lex_begin(struct lexer *, struct diag_list *, struct obstack *arena, const struct source *,
	       uint64_t *hash);

/* The next token.  What is no token is reported and passed over. */
struct token lex_next(struct lexer *);

/* "';'" or "a name": a kind of token as messages name it. */
const char *lex_kind_name(enum token_kind);

#endif
