/*
 * The parser of the description language: doc/language.md.  This part keeps the tokens,
 * recovers from errors, and reads files: the machine and what it includes.
 */
#include "isa/parse.h"

#include "isa/find.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { INCLUDE_DEPTH = 16 };

/* A file that has been opened, to know it again by whatever path. */
struct opened {
	dev_t device;
	ino_t inode;
	bool under_way;
	struct opened *next;
};

/* ---- tokens */

struct token parse_next(struct parser *p)
{
	struct reading *in = &p->in;
	struct token passed = in->token;

	in->level += passed.kind == T_LBRACE;
	in->level -= passed.kind == T_RBRACE;
	in->end = passed.place;
	in->end.column += (int)passed.length;
	in->token = in->ahead;
	if (in->ahead.kind != T_END)
		in->ahead = lex_next(&in->lexer);
	return passed;
}

bool parse_at(const struct parser *p, enum token_kind kind)
{
	return p->in.token.kind == kind;
}

bool parse_at_word(const struct parser *p, const char *word)
{
	return parse_at(p, T_NAME) && !strcmp(p->in.token.text, word);
}

bool parse_accept(struct parser *p, enum token_kind kind)
{
	if (!parse_at(p, kind))
		return false;
	parse_next(p);
	return true;
}

bool parse_accept_word(struct parser *p, const char *word)
{
	if (!parse_at_word(p, word))
		return false;
	parse_next(p);
	return true;
}

struct token parse_expect(struct parser *p, enum token_kind kind)
{
	if (!parse_at(p, kind))
		parse_expected(p, lex_kind_name(kind));
	return parse_next(p);
}

void parse_expect_word(struct parser *p, const char *word)
{
	char quoted[32];

	if (parse_accept_word(p, word))
		return;
	snprintf(quoted, sizeof(quoted), "'%s'", word);
	parse_expected(p, quoted);
}

/* A ';' forgotten at the end of a line or before a '}' is reported there, and missed no more. */
void parse_semicolon(struct parser *p)
{
	const struct token *t = &p->in.token;

	if (!parse_at(p, T_SEMICOLON) && (t->first || t->kind == T_RBRACE) && t->kind != T_END)
		diag_add(p->diags, DIAG_ERROR, p->in.end, "a ';' is missing here");
	else
		parse_expect(p, T_SEMICOLON);
}

void parse_close(struct parser *p, struct token open)
{
	if (parse_at(p, T_END) && !p->in.end_reported) {
		p->in.end_reported = true;
		PARSE_FAIL(p, open.place, "this '{' is not closed before the end of the file");
	}
	parse_expect(p, T_RBRACE);
}

const char *parse_strings(struct parser *p)
{
	size_t length;

	if (!parse_at(p, T_STRING))
		return NULL;
	while (parse_at(p, T_STRING)) {
		struct token t = parse_next(p);

		obstack_grow(&p->scratch, t.text, strlen(t.text));
	}
	length = obstack_object_size(&p->scratch);
	return obstack_copy0(&p->ast->arena, obstack_finish(&p->scratch), length);
}

void parse_enter(struct parser *p)
{
	if (p->depth >= AST_NESTING)
		PARSE_FAIL(p, p->in.token.place, "this is nested too deeply (more than %d levels)",
			   AST_NESTING);
	p->depth++;
}

void parse_leave(struct parser *p)
{
	p->depth--;
}

void *parse_alloc(struct parser *p, size_t size)
{
	return memset(obstack_alloc(&p->ast->arena, size), 0, size);
}

/* ---- errors and recovery */

void parse_expected(struct parser *p, const char *what)
{
	const struct token *t = &p->in.token;

	if (t->kind == T_NAME || t->kind == T_NUMBER)
		diag_add(p->diags, DIAG_ERROR, t->place, "expected %s here, not '%.*s'", what,
			 t->length > 40 ? 40 : (int)t->length, t->start);
	else if (t->kind != T_END || !p->in.end_reported)
		diag_add(p->diags, DIAG_ERROR, t->place, "expected %s here, not %s", what,
			 lex_kind_name(t->kind));
	p->in.end_reported = p->in.end_reported || t->kind == T_END;
	parse_unwind(p);
}

void parse_unwind(struct parser *p)
{
	longjmp(*p->recovery, 1);
}

/*
 * Passes over the rest of a statement or item that began at a level of braces: up to its ';',
 * to the end of its block, or to the '}' around it.  An `else` belongs to it, and so does what
 * follows a '}' and begins nothing new: "} + 1;".
 */
static void resume_behind(struct parser *p, int level)
{
	while (!parse_at(p, T_END)) {
		enum token_kind kind = p->in.token.kind;

		if (kind == T_RBRACE && p->in.level <= level)
			return;
		parse_next(p);
		if (p->in.level > level || parse_at_word(p, "else"))
			continue;
		if (kind == T_SEMICOLON ||
		    (kind == T_RBRACE && (parse_at(p, T_NAME) || parse_at(p, T_RBRACE))))
			return;
	}
}

void parse_guarded(struct parser *p, parse_fn *parse, void *context)
{
	jmp_buf here, *outer = p->recovery;
	unsigned depth = p->depth;
	int level = p->in.level;

	p->recovery = &here;
	if (!setjmp(here)) {
		parse(p, context);
		p->recovery = outer;
		return;
	}
	p->recovery = outer;
	p->depth = depth;
	if (!p->brace_missing) {
		resume_behind(p, level);
		return;
	}
	if (level > p->in.item_level)
		parse_unwind(p);
	p->brace_missing = false;
	p->in.level = level;
}

/* ---- files */

/* Remembers that a file is read; NULL, if it has been opened before and need not be read again. */
static struct opened *open_once(struct parser *p, const char *path, struct place from)
{
	struct opened *o;
	struct stat st = { 0 };
	bool nested = false; /* is a file under way that was opened later? */

	stat(path, &st);
	for (o = p->opened; o && st.st_ino; o = o->next) {
		if (o->device != st.st_dev || o->inode != st.st_ino) {
			nested |= o->under_way;
			continue;
		}
		if (o->under_way)
			diag_add(p->diags, DIAG_ERROR, from, "'%s' includes itself%s", path,
				 nested ? ", by way of this file" : "");
		return NULL;
	}
	o = PARSE_NEW(p, struct opened);
	*o = (struct opened){ st.st_dev, st.st_ino, true, p->opened };
	p->opened = o;
	return o;
}

static void add_file(struct parser *p, const struct source *source)
{
	struct ast *ast = p->ast;

	ast->files = xrealloc(ast->files, (ast->nfiles + 2) * sizeof(*ast->files));
	ast->files[ast->nfiles++] = source;
	ast->files[ast->nfiles] = NULL;
}

/* pg or pg-jrst1: names and numbers joined by hyphens that stand without blanks. */
static const char *machine_name(struct parser *p)
{
	struct token t = parse_expect(p, T_NAME);
	const char *end = t.start + t.length;

	while (parse_at(p, T_MINUS) && p->in.token.start == end && p->in.ahead.start == end + 1 &&
	       (p->in.ahead.kind == T_NAME || p->in.ahead.kind == T_NUMBER)) {
		parse_next(p);
		end = p->in.token.start + p->in.token.length;
		parse_next(p);
	}
	return obstack_copy0(&p->ast->arena, t.start, (size_t)(end - t.start));
}

/* machine NAME ["doc"] { items };  of an included one only the items count. */
static void machine(struct parser *p)
{
	const char *name, *doc;
	struct place place;
	struct token open;

	parse_next(p);
	place = p->in.token.place;
	name = machine_name(p);
	doc = parse_strings(p);
	if (p->including == 1) {
		p->ast->name = name;
		p->ast->doc = doc;
		p->ast->place = place;
	}
	open = parse_expect(p, T_LBRACE);
	parse_items(p);
	parse_close(p, open);
	if (!parse_at(p, T_END))
		PARSE_FAIL(p, p->in.token.place,
			   "nothing may follow the machine's closing '}'; is there one too many?");
}

static void file(struct parser *p, void *context)
{
	(void)context;
	while (parse_at_include(p))
		parse_include(p);
	if (parse_at_word(p, "machine") && p->in.ahead.kind == T_NAME) {
		machine(p);
		return;
	}
	/* what was to be included may have been the machine */
	if (p->including == 1 && !(parse_at(p, T_END) && diag_errors(p->diags)))
		parse_expected(p, "'machine NAME { ... }'");
	parse_items(p);
	if (!parse_at(p, T_END))
		PARSE_FAIL(p, p->in.token.place, "this '}' closes nothing");
}

static void read_source(struct parser *p, const struct source *source)
{
	struct reading outer = p->in;

	p->in = (struct reading){ 0 };
	lex_begin(&p->in.lexer, p->diags, &p->ast->arena, source, &p->ast->hash);
	p->in.token = lex_next(&p->in.lexer);
	p->in.ahead = p->in.token;
	if (p->in.token.kind != T_END)
		p->in.ahead = lex_next(&p->in.lexer);
	p->including++;
	parse_guarded(p, file, NULL);
	p->including--;
	p->in = outer;
}

static void read_included(struct parser *p, const char *path, struct place from)
{
	struct opened *opened = open_once(p, path, from);
	const struct source *source = opened ? diag_read_file(p->diags, path, from) : NULL;

	if (source) {
		add_file(p, source);
		read_source(p, source);
	}
	if (opened)
		opened->under_way = false;
}

static char *folder_of(const struct source *source)
{
	const char *slash = strrchr(source->name, '/');

	return slash ? must(strndup(source->name, (size_t)(slash + 1 - source->name)))
		     : xstrdup("");
}

bool parse_at_include(const struct parser *p)
{
	return parse_at_word(p, "include") && p->in.ahead.kind == T_STRING;
}

void parse_include(struct parser *p)
{
	struct token t;
	char *folder, *path;

	parse_next(p);
	t = parse_next(p);
	parse_accept(p, T_SEMICOLON);
	if (p->including > INCLUDE_DEPTH) {
		diag_add(p->diags, DIAG_ERROR, t.place,
			 "includes are nested too deeply (more than %d)", INCLUDE_DEPTH);
		return;
	}
	folder = folder_of(t.place.source);
	path = find_included(folder, t.text);
	free(folder);
	if (path)
		read_included(p, path, t.place);
	else
		diag_add(p->diags, DIAG_ERROR, t.place,
			 "there is no file '%s', neither beside this one nor where machines are",
			 t.text);
	free(path);
}

struct ast *ast_parse(struct diag_list *diags, const struct source *source)
{
	struct ast *ast = xcalloc(1, sizeof(*ast));
	struct parser p = { .diags = diags, .ast = ast, .tail = &ast->items };

	obstack_init(&ast->arena);
	obstack_init(&p.scratch);
	ast->hash = LEX_HASH;
	ast->place = (struct place){ source, 0, 0 };
	add_file(&p, source);
	open_once(&p, source->name, ast->place);
	read_source(&p, source);
	obstack_free(&p.scratch, NULL);
	return ast;
}

void ast_free(struct ast *ast)
{
	if (!ast)
		return;
	obstack_free(&ast->arena, NULL);
	free(ast->files);
	free(ast);
}
