/* Pictures, and the program that renders them: see cli/picture.h. */
#include "cli/picture.h"

#include "cli/cli.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct picture {
	const char *path;
	const char *option; /* of dot; NULL: it is written as it is */
	FILE *out;	    /* the new file */
	FILE *text;	    /* what is written, kept until the end: meanwhile guests may print */
};

static const struct {
	const char *ending, *option;
} formats[] = { { ".svg", "-Tsvg" }, { ".png", "-Tpng" } };

static const char *option_for(const char *path)
{
	size_t length = strlen(path);

	for (unsigned i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (length > 4 && strcmp(path + length - 4, formats[i].ending) == 0)
			return formats[i].option;
	return NULL;
}

struct picture *picture_new(const char *path)
{
	struct picture *p = make(1, sizeof(*p));

	p->path = path;
	p->option = option_for(path);
	p->out = *path ? say_into(path) : stdout;
	p->text = p->out ? tmpfile() : NULL;
	if (p->text)
		return p;
	if (p->out)
		say_error("%s: %s", path, strerror(errno));
	free(p);
	return NULL;
}

FILE *picture_file(struct picture *p)
{
	return p->text;
}

void picture_text(const char *text, FILE *f)
{
	for (; *text; text++) {
		if (strchr("&<>\"\\", *text))
			fprintf(f, "&#%d;", *text);
		else
			fputc(*text, f);
	}
}

/* Graphviz, from one file to the other; false with an error said. */
static bool render(const struct picture *p)
{
	char *argv[] = { "dot", (char *)p->option, NULL };
	posix_spawn_file_actions_t actions;
	int status = 0, error;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(p->text), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fileno(p->out), STDOUT_FILENO);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		say_error("%s: Graphviz cannot be run (dot: %s); another ending than %s gives its "
			  "input",
			  p->path, strerror(error), strrchr(p->path, '.'));
		return false;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		say_error("%s: Graphviz failed", p->path);
	return status == 0;
}

static bool written(FILE *f, const char *path)
{
	bool ok = fflush(f) == 0 && !ferror(f);

	if (!ok)
		say_error("%s: %s", *path ? path : "stdout", strerror(errno));
	return ok;
}

static bool copy(const struct picture *p)
{
	char bytes[4096];
	size_t n;

	while ((n = fread(bytes, 1, sizeof(bytes), p->text)) > 0)
		fwrite(bytes, 1, n, p->out);
	if (*p->path)
		return written(p->out, p->path);
	fflush(stdout); /* if nobody reads it, that is the program's end: say_exit */
	return say_output_works();
}

bool picture_end(struct picture *p)
{
	bool ok = written(p->text, p->path);

	rewind(p->text);
	ok = ok && (p->option ? render(p) : copy(p));
	fclose(p->text);
	if (*p->path) {
		ok = fclose(p->out) == 0 && ok;
		if (!ok)
			unlink(p->path);
	}
	free(p);
	return ok;
}
