/*
 * What the parts of the parser share.  Private to isa/parse*.c.
 *
 * Recursive descent.  A syntax error is reported where it is found and unwinds to the
 * innermost statement or item under way, which is left; parsing goes on behind it.
 */
#ifndef ISA_PARSE_H
#define ISA_PARSE_H

#include "isa/ast.h"
#include "isa/lex.h"

#include <setjmp.h>

/* How far a file has been read. */
struct reading {
	struct lexer lexer;
	struct token token, ahead;
	struct place end; /* of the token before this one */
	int level;        /* braces open before this token */
	int item_level;   /* the same where the item under way began */
	bool end_reported;
};

struct parser {
	struct diag_list *diags;
	struct ast *ast;
	struct reading in;
	struct obstack scratch;
	struct opened *opened; /* all files, the last one first */
	unsigned including;    /* files that are under way */
	unsigned depth;        /* of nesting, at most AST_NESTING */
	jmp_buf *recovery;     /* of the innermost statement or item under way */
	bool brace_missing;    /* unwinding from a statement where an item begins */
	struct ast_item **tail;
};

typedef void parse_fn(struct parser *, void *context);

/* Calls parse; after a syntax error in it, passes over the rest of what it should have read. */
void parse_guarded(struct parser *, parse_fn *parse, void *context);
_Noreturn void parse_unwind(struct parser *);

/* Reports a syntax error at a place and unwinds. */
#define PARSE_FAIL(p, place, ...)                                     \
	do {                                                          \
		diag_add((p)->diags, DIAG_ERROR, place, __VA_ARGS__); \
		parse_unwind(p);                                      \
	} while (0)

/* "expected <what> here, not <token>" */
_Noreturn void parse_expected(struct parser *, const char *what);

struct token parse_next(struct parser *); /* returns the token passed */
bool parse_at(const struct parser *, enum token_kind);
bool parse_at_word(const struct parser *, const char *word);
bool parse_accept(struct parser *, enum token_kind);
bool parse_accept_word(struct parser *, const char *word);
struct token parse_expect(struct parser *, enum token_kind);
void parse_expect_word(struct parser *, const char *word);
void parse_semicolon(struct parser *);
/* The '}' for a '{'. */
void parse_close(struct parser *, struct token open);
/* All the strings that stand here, joined; NULL if there is none. */
const char *parse_strings(struct parser *);

void parse_enter(struct parser *); /* one level deeper, or an error */
void parse_leave(struct parser *);

void *parse_alloc(struct parser *, size_t size); /* zeroed, in the arena */
#define PARSE_NEW(p, type) ((type *)parse_alloc(p, sizeof(type)))

struct ast_expr *parse_expr(struct parser *);
/* What an assignment may go to: a name with indices, slices, members; or a call. */
struct ast_expr *parse_target(struct parser *);
struct ast_type *parse_type(struct parser *);
/* { statements } */
struct ast_stmt *parse_block(struct parser *);

/* include "x.isa" [;] */
void parse_include(struct parser *);
bool parse_at_include(const struct parser *);
/* Items, up to a '}' or the end of the file. */
void parse_items(struct parser *);
/* True if an item that cannot be a statement begins here. */
bool parse_at_item(const struct parser *);

#endif
