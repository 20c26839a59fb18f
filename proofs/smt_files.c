/* Queries kept as files that any solver replays, and answers kept between runs. */
#include "proofs/smt_private.h"

#include "isa/alloc.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a file name cannot have, and %, is written as % and two digits: no two names give one. */
static char *path_in(const char *directory, const char *name, const char *suffix)
{
	char *path = xmalloc(strlen(directory) + 3 * strlen(name) + strlen(suffix) + 2);
	char *end = path + sprintf(path, "%s/", directory);

	for (; *name; name++)
		if (isalnum((unsigned char)*name) || strchr("._-", *name))
			*end++ = *name;
		else
			end += sprintf(end, "%%%02x", (unsigned)(unsigned char)*name);
	strcpy(end, suffix);
	return path;
}

/* With the folders above it. */
bool folder_make(const char *path)
{
	char *part = xstrdup(path);

	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(part, 0777);
		*slash = '/';
	}
	mkdir(part, 0777);
	bool good = !access(part, W_OK | X_OK);
	free(part);
	return good;
}

static bool write_file(const char *path, const char *head, const char *body, const char *tail)
{
	FILE *f = fopen(path, "w");
	bool good = f && fputs(head, f) >= 0 && fputs(body, f) >= 0 && fputs(tail, f) >= 0;

	return f && fclose(f) == 0 && good;
}

/* Written beside and moved into place, so that no half file is ever there. */
static bool put_file(const char *path, const char *head, const char *body, const char *tail)
{
	char *beside = xformat("%s.%ld", path, (long)getpid());
	bool good = write_file(beside, head, body, tail) && !rename(beside, path);

	if (!good)
		remove(beside);
	free(beside);
	return good;
}

/* How often a name was kept, this time included. */
static unsigned times_kept(struct smt *s, const char *name)
{
	for (unsigned i = 0; i < s->nkept; i++)
		if (!strcmp(s->kept[i].name, name))
			return ++s->kept[i].times;
	s->kept = xrealloc(s->kept, (s->nkept + 1) * sizeof *s->kept);
	s->kept[s->nkept++] = (struct kept){ .name = xstrdup(name), .times = 1 };
	return 1;
}

void kept_free(struct smt *s)
{
	for (unsigned i = 0; i < s->nkept; i++)
		free(s->kept[i].name);
	free(s->kept);
}

/* The name as a comment, which ends with its line. */
static char *query_head(const char *name, const char *again, enum smt_answer answer)
{
	char *head =
		xformat("; %s%s\n(set-info :status %s)\n", name, again, smt_answer_name(answer));

	for (char *c = head + 2, *end = c + strlen(name); c < end; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	return head;
}

/* No name has a + in its file: NAME+2 is the second query of NAME. */
bool query_keep(struct smt *s, const char *name, const struct smt_query *q, enum smt_answer answer)
{
	unsigned times = times_kept(s, name);
	char *again = times == 1 ? xstrdup("") : xformat("+%u", times);
	char *suffix = xformat("%s.smt2", again), *path = path_in(s->directory, name, suffix);
	char *head = query_head(name, again, answer);
	bool good = put_file(path, head, q->text + strlen("(reset)\n"), "(exit)\n");

	free(head);
	free(path);
	free(suffix);
	free(again);
	return good;
}

/*
 * ---- answers ----
 * A line with the key of all that follows, after the question's; one with the answer; then the
 * model as the solver gave it.
 */

/* Two hashes of different making, so that a clash is out of the question. */
struct key {
	uint64_t a, b;
};

static struct key add_text(struct key k, const char *text)
{
	for (; *text; text++) {
		k.a = (k.a ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
		k.b = ((k.b << 5 | k.b >> 59) + (unsigned char)*text) *
		      UINT64_C(0x9e3779b97f4a7c15);
	}
	return k;
}

static char *key_text(struct key k)
{
	return xformat("%016" PRIx64 "%016" PRIx64, k.a, k.b);
}

/* Of a question, and who is asked. */
static struct key question_key(const struct smt *s, const struct smt_query *q)
{
	struct key k = { UINT64_C(0xcbf29ce484222325), 1 };

	return add_text(add_text(add_text(k, s->version), "\n"), q->text);
}

static char *cache_path(const struct smt *s, struct key question)
{
	char *name = key_text(question), *path = path_in(s->cache, name, "");

	free(name);
	return path;
}

/* An entry with that content. */
static char *entry_text(struct key question, const char *content)
{
	char *sum = key_text(add_text(add_text(question, "\n"), content));
	char *entry = xformat("%s\n%s", sum, content);

	free(sum);
	return entry;
}

/* A file that is text; NULL: there is none. */
static char *text_of_file(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t capacity = 0;
	char *text = NULL;

	if (!f)
		return NULL;
	if (getdelim(&text, &capacity, 0, f) < 0 || !feof(f)) { /* no NUL ends it */
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

/* What an entry says, unless it is damaged or another question's; in the entry. */
static const char *entry_content(const char *entry, struct key question)
{
	const char *end = strchr(entry, '\n');
	char *whole = end ? entry_text(question, end + 1) : NULL;
	bool same = whole && !strcmp(entry, whole);

	free(whole);
	return same ? end + 1 : NULL;
}

enum smt_answer cache_read(const struct smt *s, const struct smt_query *q, char **model)
{
	enum smt_answer answer = SMT_UNDECIDED;
	const char *content;
	struct key question;
	char *path, *entry;

	if (!s->cache)
		return SMT_UNDECIDED;
	question = question_key(s, q);
	path = cache_path(s, question);
	entry = text_of_file(path);
	content = entry ? entry_content(entry, question) : NULL;
	if (content && !strncmp(content, "unsat\n", 6)) {
		answer = SMT_UNSAT;
	} else if (content && !strncmp(content, "sat\n", 4)) {
		answer = SMT_SAT;
		*model = xstrdup(content + 4);
	}
	free(entry);
	free(path);
	return answer;
}

void cache_write(const struct smt *s, const struct smt_query *q, enum smt_answer answer,
		 const char *model)
{
	struct key question;
	char *path, *content, *entry;

	if (!s->cache || answer == SMT_UNDECIDED)
		return;
	question = question_key(s, q);
	path = cache_path(s, question);
	content = xformat("%s\n%s\n", smt_answer_name(answer), model ? model : "-");
	entry = entry_text(question, content);
	put_file(path, entry, "", "");
	free(entry);
	free(content);
	free(path);
}
