/* Diagnostics: sources are read and kept, messages recorded and printed. */
#include "isa/diag.h"

#include "isa/alloc.h"

#include <errno.h>
#include <sys/stat.h>

enum {
	KEPT = 20,	    /* errors, and as many warnings and notes */
	LARGEST = 64 << 20, /* bytes of a source */
	SHOWN = 100,	    /* columns of a line, around the caret */
};

struct kept_source {
	struct source source; /* first: what is handed out */
	struct kept_source *next;
};

struct message {
	enum diag_level level;
	struct place place;
	char *text;
};

struct diag_list {
	struct kept_source *sources;
	struct message kept[2 * KEPT];
	unsigned nkept;
	unsigned count[DIAG_NOTE + 1]; /* of each level, kept or not */
	unsigned said[DIAG_NOTE + 1];  /* the same without repetitions */
};

struct diag_list *diag_new(void)
{
	return xcalloc(1, sizeof(struct diag_list));
}

void diag_free(struct diag_list *list)
{
	if (!list)
		return;
	for (unsigned i = 0; i < list->nkept; i++)
		free(list->kept[i].text);
	for (struct kept_source *s = list->sources, *next; s; s = next) {
		next = s->next;
		free((char *)s->source.name);
		free((char *)s->source.text);
		free(s);
	}
	free(list);
}

/* Takes text, copies name. */
static const struct source *keep(struct diag_list *list, const char *name, char *text,
				 size_t length)
{
	struct kept_source *s = xmalloc(sizeof(*s));

	s->source = (struct source){ xstrdup(name), text, length };
	s->next = list->sources;
	list->sources = s;
	return &s->source;
}

const struct source *diag_read_text(struct diag_list *list, const char *name, const char *text)
{
	return keep(list, name, xstrdup(text), strlen(text));
}

struct place diag_file(struct diag_list *list, const char *path)
{
	return (struct place){ diag_read_text(list, path, ""), 0, 0 };
}

/* The whole of a stream, or NULL with errno set; EFBIG: larger than a source may be. */
static char *slurp(FILE *stream, size_t *length)
{
	size_t room = 1 << 12, n = 0;
	char *text = xmalloc(room + 1);

	for (size_t got; (got = fread(text + n, 1, room - n, stream)) > 0;) {
		n += got;
		if (n < room)
			continue;
		if (room >= LARGEST) {
			free(text);
			errno = EFBIG;
			return NULL;
		}
		room *= 2;
		text = xrealloc(text, room + 1);
	}
	if (ferror(stream)) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*length = n;
	return text;
}

/* As slurp, for a file by name. */
static char *read_whole(const char *path, size_t *length)
{
	FILE *stream = fopen(path, "rb");
	struct stat st;
	char *text = NULL;
	int error;

	if (!stream)
		return NULL;
	if (!fstat(fileno(stream), &st) && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else
		text = slurp(stream, length);
	error = errno;
	fclose(stream);
	errno = error;
	return text;
}

static const char *reason(int error)
{
	return error == EFBIG ? "it is larger than 64 MiB" : strerror(error);
}

static bool has_nul(struct diag_list *list, const struct source *source)
{
	struct place at = { source, 1, 1 };
	const char *nul = memchr(source->text, '\0', source->length);

	if (!nul)
		return false;
	for (const char *p = source->text; p < nul; p++) {
		at.column = *p == '\n' ? 1 : at.column + 1;
		at.line += *p == '\n';
	}
	diag_add(list, DIAG_ERROR, at, "a NUL byte stands here; this is not a text file");
	return true;
}

const struct source *diag_read_file(struct diag_list *list, const char *path, struct place from)
{
	const struct source *source;
	size_t length;
	char *text = read_whole(path, &length);

	if (!text) {
		const char *why = reason(errno);

		if (!from.source)
			from = diag_file(list, path);
		diag_add(list, DIAG_ERROR, from, "cannot read '%s': %s", path, why);
		return NULL;
	}
	source = keep(list, path, text, length);
	return has_nul(list, source) ? NULL : source;
}

static char *vformat(const char *format, va_list args)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = xmalloc((size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, args);
	return text;
}

/* Was the same said of the same place?  Unrolled loops and inlined functions repeat themselves. */
static bool is_kept(const struct diag_list *list, const struct message *new)
{
	for (unsigned i = 0; i < list->nkept; i++) {
		const struct message *old = &list->kept[i];

		if (new->place.source && old->place.source == new->place.source &&
		    old->place.line == new->place.line && old->place.column == new->place.column &&
		    old->level == new->level && !strcmp(old->text, new->text))
			return true;
	}
	return false;
}

void diag_vadd(struct diag_list *list, enum diag_level level, struct place place,
	       const char *format, va_list args)
{
	struct message new = { level, place, vformat(format, args) };
	unsigned *said = list->said;

	list->count[level]++;
	if (is_kept(list, &new)) {
		free(new.text);
		return;
	}
	said[level]++;
	if (level == DIAG_ERROR ? said[DIAG_ERROR] > KEPT
				: said[DIAG_WARNING] + said[DIAG_NOTE] > KEPT)
		free(new.text);
	else
		list->kept[list->nkept++] = new;
}

void diag_add(struct diag_list *list, enum diag_level level, struct place place, const char *format,
	      ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(list, level, place, format, args);
	va_end(args);
}

unsigned diag_errors(const struct diag_list *list)
{
	return list->count[DIAG_ERROR];
}

bool diag_get(const struct diag_list *list, unsigned n, enum diag_level *level, struct place *place,
	      const char **text)
{
	if (n >= list->nkept)
		return false;
	*level = list->kept[n].level;
	*place = list->kept[n].place;
	*text = list->kept[n].text;
	return true;
}

/* The line of a place, and where it ends. */
static const char *line_at(struct place place, const char **end)
{
	const char *p = place.source->text, *stop = p + place.source->length, *newline;

	for (int line = 1; line < place.line && p < stop; line++) {
		newline = memchr(p, '\n', (size_t)(stop - p));
		p = newline ? newline + 1 : stop;
	}
	newline = memchr(p, '\n', (size_t)(stop - p));
	*end = newline ? newline : stop;
	if (*end > p && (*end)[-1] == '\r')
		--*end;
	return p;
}

/* The later bytes of a UTF-8 character take no column of their own. */
static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Narrows a line to what is shown of it, so that the caret is in view. */
static void trim(const char **begin, const char *caret, const char **end)
{
	if (*end - *begin <= SHOWN)
		return;
	if (caret - *begin > SHOWN / 2)
		*begin = caret - SHOWN / 2;
	if (*end - *begin > SHOWN)
		*end = *begin + SHOWN;
	while (*begin < caret && continues(**begin))
		++*begin;
	while (*end > *begin && continues(**end))
		--*end;
}

static void print_text(FILE *out, const char *p, const char *end)
{
	for (; p < end; p++)
		fputc((unsigned char)*p < ' ' && *p != '\t' ? '?' : *p, out);
}

static void print_line(struct place place, FILE *out)
{
	const char *line_end, *line = line_at(place, &line_end);
	const char *begin = line, *end = line_end;
	const char *caret = place.column - 1 < end - line ? line + place.column - 1 : end;

	trim(&begin, caret, &end);
	fprintf(out, "%5d | %s", place.line, begin > line ? "..." : "");
	print_text(out, begin, end);
	fprintf(out, "%s\n      | %s", end < line_end ? "..." : "", begin > line ? "   " : "");
	for (; begin < caret; begin++)
		if (!continues(*begin))
			fputc(*begin == '\t' ? '\t' : ' ', out);
	fputs("^\n", out);
}

static void print_message(const struct message *m, FILE *out)
{
	static const char *const level[] = { "error", "warning", "note" };
	struct place at = m->place;

	if (at.source)
		fprintf(out, "%s:", at.source->name);
	if (at.source && at.line)
		fprintf(out, "%d:%d:", at.line, at.column);
	fprintf(out, "%s%s: %s\n", at.source ? " " : "", level[m->level], m->text);
	if (at.source && at.line)
		print_line(at, out);
}

void diag_print(const struct diag_list *list, FILE *out)
{
	unsigned all = 0;

	for (unsigned i = 0; i < list->nkept; i++)
		print_message(&list->kept[i], out);
	for (unsigned i = 0; i <= DIAG_NOTE; i++)
		all += list->said[i];
	if (all > list->nkept)
		fprintf(out, "and %u more\n", all - list->nkept);
}
