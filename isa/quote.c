/* Pieces of a description, as they were written. */
#include "isa/alloc.h"
#include "isa/find.h"
#include "isa/isa.h"

/* Past a comment or a string that begins here; the same place if none does. */
static const char *skip_opaque(const char *s)
{
	const char *end;

	if (s[0] == '/' && s[1] == '/')
		return s + strcspn(s, "\n");
	if (s[0] == '/' && s[1] == '*') {
		end = strstr(s + 2, "*/");
		return end ? end + 2 : s + strlen(s);
	}
	if (*s != '"')
		return s;
	for (s++; *s && *s != '"'; s++)
		s += *s == '\\' && s[1];
	return s + (*s == '"');
}

const char *isa_text_at(struct place p)
{
	const char *s = p.source->text;

	for (int line = 1; line < p.line && *s; line++)
		s += strcspn(s, "\n") + 1;
	return s + p.column - 1;
}

bool isa_braces(struct place p, const char **begin, const char **end)
{
	unsigned depth = 0;

	if (!p.source)
		return false;
	for (const char *s = isa_text_at(p); *s;) {
		const char *next = skip_opaque(s);

		if (next != s) {
			s = next;
			continue;
		}
		if (*s == '{' && depth++ == 0)
			*begin = s + 1;
		if (*s == '}' && --depth == 0) {
			*end = s;
			return true;
		}
		if (*s == ';' && depth == 0)
			return false;
		s++;
	}
	return false;
}

char *isa_instr_quote(const struct isa_instr *instr, const char *line)
{
	const char *from = isa_text_at(instr->place), *body = NULL, *end = NULL;

	isa_braces(instr->code.place, &body, &end);
	const char *rest = body + strspn(body, " \t\n");
	return xformat("override instr %.*s{\n    %s\n    %.*s}\n", (int)(body - 1 - from), from,
		       line, (int)(end - rest), rest);
}

char *isa_map_value_quote(const struct isa_map_entry *e)
{
	const char *from = strstr(isa_text_at(e->place), ":=") + 2;

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
