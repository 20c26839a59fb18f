/* Pieces of a description, as they were written. */
#include "isa/alloc.h"
#include "isa/find.h"
#include "isa/isa.h"

static const char *text_at(struct place p)
{
	const char *at = p.source->text;

	for (int line = 1; line < p.line; line++)
		at = strchr(at, '\n') + 1;
	return at + p.column - 1;
}

/* Behind a comment that begins here; the same place, if none does. */
static const char *behind_comment(const char *at)
{
	const char *end = at;

	if (at[0] == '/' && at[1] == '/')
		end = strchr(at, '\n');
	else if (at[0] == '/' && at[1] == '*')
		end = strstr(at + 2, "*/");
	return end ? end : at;
}

/* The brace that closes the one here; a checked description has it. */
static const char *closing(const char *at)
{
	int depth = 0;

	for (; *at; at++) {
		at = behind_comment(at);
		depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
		if (depth == 0)
			break;
	}
	return at;
}

char *isa_instr_quote(const struct isa_instr *instr, const char *line)
{
	const char *from = text_at(instr->place), *body = text_at(instr->code.place);
	const char *end = closing(body);
	const char *rest = body + 1 + strspn(body + 1, " \t\n");

	return xformat("override instr %.*s{\n    %s\n    %.*s}\n", (int)(body - from), from, line,
		       (int)(end - rest), rest);
}

char *isa_map_value_quote(const struct isa_map_entry *e)
{
	const char *from = strstr(text_at(e->place), ":=") + 2;

	from += strspn(from, " \t\n");
	return must(strndup(from, strcspn(from, ";")));
}

/* As it stands within a string. */
static char *escaped(const char *text)
{
	char *to = xmalloc(2 * strlen(text) + 1), *at = to;

	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*at++ = '\\';
		*at++ = *text;
	}
	*at = 0;
	return to;
}

char *isa_include_quote(const struct isa *isa)
{
	const char *base = strrchr(isa->path, '/');
	char *found = base ? find_included("", base + 1) : NULL;
	bool same = found && !strcmp(found, isa->path);

	char *text = escaped(same ? base + 1 : isa->path);
	free(found);
	return text;
}
