/* Queries kept as files that any solver replays, and answers kept between runs. */
#include "proofs/smt_private.h"

#include "isa/alloc.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path_in(const char *directory, const char *name, const char *suffix)
{
	size_t size = strlen(directory) + strlen(name) + strlen(suffix) + 2;
	char *path = xmalloc(size);

	snprintf(path, size, "%s/%s%s", directory, name, suffix);
	for (char *c = path + strlen(directory) + 1; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			*c = '_';
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

bool query_keep(const struct smt *s, const char *name, const struct smt_query *q,
		enum smt_answer answer)
{
	char *path = path_in(s->directory, name, ".smt2"), head[128];
	const char *body = q->text + strlen("(reset)\n");
	bool good;

	snprintf(head, sizeof head, "(set-info :status %s)\n", smt_answer_name(answer));
	good = write_file(path, head, body, "(exit)\n");
	free(path);
	return good;
}

/* ---- answers: a first line with the answer, then the model as the solver gave it ---- */

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

static char *cache_path(const struct smt *s, const struct smt_query *q)
{
	struct key k = { UINT64_C(0xcbf29ce484222325), 1 };
	char name[40];

	k = add_text(add_text(add_text(k, s->version), "\n"), q->text);
	snprintf(name, sizeof name, "%016" PRIx64 "%016" PRIx64, k.a, k.b);
	return path_in(s->cache, name, "");
}

enum smt_answer cache_read(const struct smt *s, const struct smt_query *q, char **model)
{
	char *path, word[16] = "", *line = NULL;
	size_t capacity = 0;
	FILE *f;

	if (!s->cache)
		return SMT_UNDECIDED;
	path = cache_path(s, q);
	f = fopen(path, "r");
	free(path);
	if (!f)
		return SMT_UNDECIDED;
	bool good = fscanf(f, "%15s\n", word) == 1 && getdelim(&line, &capacity, 0, f) >= 0;
	fclose(f);
	if (good && !strcmp(word, "sat")) {
		*model = line;
		return SMT_SAT;
	}
	good = good && !strcmp(word, "unsat");
	free(line);
	return good ? SMT_UNSAT : SMT_UNDECIDED;
}

/* Written beside and moved into place, so that no half answer is ever read. */
void cache_write(const struct smt *s, const struct smt_query *q, enum smt_answer answer,
		 const char *model)
{
	char *path, *beside, head[32];
	bool good;

	if (!s->cache || answer == SMT_UNDECIDED)
		return;
	path = cache_path(s, q);
	beside = xmalloc(strlen(path) + 32);
	sprintf(beside, "%s.%ld", path, (long)getpid());
	snprintf(head, sizeof head, "%s\n", smt_answer_name(answer));
	good = write_file(beside, head, model ? model : "-", "\n") && !rename(beside, path);
	if (!good)
		remove(beside);
	free(beside);
	free(path);
}
