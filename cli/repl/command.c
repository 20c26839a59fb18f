/* The table of commands, and how a line becomes a call: see cli/repl/repl.h. */
#include "cli/repl/repl.h"

#include "cli/terminal.h"

#include "isa/find.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 128, DEEPEST_SOURCE = 10 };

const struct command_group command_groups[] = {
	{ "Running", running_commands },
	{ "Stopping", stop_commands },
	{ "Time", time_commands },
	{ "Calls", call_commands },
	{ "Looking and changing", state_commands },
	{ "Machines", world_commands },
	{ "The VM map", map_commands },
	{ "Into the monitor", inside_commands },
	{ "Traces", trace_commands },
	{ "Pictures", draw_commands },
	{ "The session", session_commands },
	{ NULL, NULL },
};

/* ---- words ---- */

char *next_word(const char **text)
{
	const char *start;

	while (isspace((unsigned char)**text))
		++*text;
	start = *text;
	while (**text && !isspace((unsigned char)**text))
		++*text;
	return *text > start ? strndup(start, (size_t)(*text - start)) : NULL;
}

bool at_end(const char *arguments)
{
	while (isspace((unsigned char)*arguments))
		arguments++;
	if (*arguments)
		say_error("'%s' is too much", arguments);
	return !*arguments;
}

bool one_word(const char *arguments)
{
	return at_end(arguments + strcspn(arguments, " \t"));
}

/* ---- looking up ---- */

static const struct command *command_numbered(unsigned n)
{
	for (const struct command_group *g = command_groups; g->title; g++)
		for (const struct command *c = g->command; c->name; c++)
			if (n-- == 0)
				return c;
	return NULL;
}

static bool is_called(const struct command *c, const char *name)
{
	return strcmp(c->name, name) == 0 || (c->alias && strcmp(c->alias, name) == 0);
}

static void say_ambiguous(const char *name)
{
	char list[512] = "";
	const struct command *c;
	size_t n;

	for (unsigned i = 0; (c = command_numbered(i)); i++) {
		if (strncmp(c->name, name, strlen(name)) != 0)
			continue;
		n = strlen(list);
		snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "", c->name);
	}
	say_error("'%s' could be: %s", name, list);
}

static void say_unknown(const char *name)
{
	const char *names[NAMES] = { NULL }, *guess;
	const struct command *c;

	for (unsigned i = 0; i < NAMES - 1 && (c = command_numbered(i)); i++)
		names[i] = c->name;
	guess = find_nearest(name, names);
	if (guess)
		say_error("there is no command '%s'; did you mean '%s'?", name, guess);
	else
		say_error("there is no command '%s'; 'help' lists them", name);
}

/* Who comes from gdb finds commands by its names, too, where there a step is one of the source. */
static const char *without_gdb(const char *name)
{
	static const struct {
		const char *gdb, *name;
	} names[] = {
		{ "stepi", "step" },  { "si", "step" },		{ "nexti", "next" },
		{ "ni", "next" },     { "where", "backtrace" }, { "advance", "until" },
		{ "exit", "quit" },   { "reverse-stepi", "reverse-step" },
		{ "rsi", "reverse-step" },
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i].gdb, name) == 0)
			return names[i].name;
	return name;
}

const struct command *command_find(const char *name)
{
	const struct command *c, *found = NULL;
	unsigned count = 0;

	name = without_gdb(name);
	for (unsigned i = 0; (c = command_numbered(i)); i++)
		if (is_called(c, name))
			return c;
	for (unsigned i = 0; (c = command_numbered(i)); i++)
		if (strncmp(c->name, name, strlen(name)) == 0) {
			found = c;
			count++;
		}
	if (count > 1)
		say_ambiguous(name);
	if (count == 0)
		say_unknown(name);
	return count == 1 ? found : NULL;
}

/* ---- a line ---- */

/* Where a command's name ends: x/8xw and print/x have their format behind it. */
static size_t name_length(const char *line)
{
	size_t n = 0;

	while (isalnum((unsigned char)line[n]) || line[n] == '-' || line[n] == '_')
		n++;
	return n ? n : strcspn(line, " \t");
}

static bool shell(const char *line)
{
	int status;

	fflush(stdout);
	status = system(line);
	if (status < 0)
		say_error("%s", strerror(errno));
	return status == 0;
}

/* A pager's command for the terminal; NULL: nothing is paged. */
static FILE *pager_open(const struct session *s, const struct command *c)
{
	const char *pager = getenv("PAGER");

	if (!s->terminal || !s->paging || !c->pages)
		return NULL;
	fflush(stdout);
	return popen(pager && *pager ? pager : "less -FRX", "w");
}

/* Has a command's output go through the pager.  What is printed goes to stdout, so that this
 * stands for another stream meanwhile. */
static bool run_paged(struct session *s, const struct command *c, const char *arguments)
{
	FILE *pager = pager_open(s, c), *own = stdout;
	bool ok;

	if (pager)
		stdout = pager;
	ok = c->run(s, arguments);
	stdout = own;
	if (pager)
		pclose(pager);
	return ok;
}

static bool run_command(struct session *s, const char *line)
{
	size_t n = name_length(line);
	char *name = strndup(line, n);
	const struct command *c = name ? command_find(name) : NULL;
	const char *who = say_whom(), *arguments = line + n;
	bool ok = false;

	free(name);
	while (isspace((unsigned char)*arguments))
		arguments++;
	if (!c)
		return false;
	say_who(c->name);
	if (c->needs_machine && !s->now)
		say_error("there is no machine yet: 'load GUEST' gives one");
	else
		ok = run_paged(s, c, arguments);
	say_who(who);
	return ok;
}

/* An empty line repeats the last command, on a terminal, if that is of the kind. */
static const char *repeated(struct session *s, const char *line)
{
	const struct command *c;
	char *name;

	if (*line || !s->terminal || !s->last)
		return line;
	name = strndup(s->last, name_length(s->last));
	c = name ? command_find(name) : NULL;
	free(name);
	return c && c->repeats ? s->last : line;
}

static void remember(struct session *s, const char *line)
{
	char *copy = strdup(line);

	free(s->last);
	s->last = copy;
}

bool run_line(struct session *s, const char *line)
{
	bool ok = true;
	char *copy;

	while (isspace((unsigned char)*line))
		line++;
	line = repeated(s, line);
	copy = strdup(line);
	if (!copy)
		return false;
	for (size_t n = strlen(copy); n && isspace((unsigned char)copy[n - 1]);)
		copy[--n] = '\0';
	if (*copy == '!')
		ok = shell(copy + 1);
	else if (*copy && *copy != '#')
		ok = run_command(s, copy);
	if (*copy && s->depth == 0 && line != s->last)
		remember(s, copy);
	free(copy);
	s->failed += !ok;
	fflush(stdout);
	return ok;
}

/* ---- files ---- */

static void echo_line(const struct session *s, const char *line)
{
	char prompt[128];

	if (s->echo)
		printf("%s%s%s", prompt_of(s, prompt, sizeof(prompt)), line,
		       strchr(line, '\n') ? "" : "\n");
	fflush(stdout);
}

/* By a signal: nobody is there to go on. */
static bool told_to_end(const struct session *s)
{
	return s->interrupted || interrupt_which();
}

static bool run_lines(struct session *s, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	bool ok = true;

	s->interrupted = false;
	while (!s->quit && !told_to_end(s) && getline(&line, &size, f) >= 0) {
		echo_line(s, line);
		ok = run_line(s, line) && ok;
	}
	free(line);
	return ok && !told_to_end(s);
}

bool run_file(struct session *s, const char *path)
{
	bool standard = strcmp(path, "-") == 0, ok;
	FILE *f = standard ? stdin : fopen(path, "r");

	if (!f) {
		say_error("%s: %s", path, strerror(errno));
		return false;
	}
	if (s->depth >= DEEPEST_SOURCE) {
		say_error("%s: files that read files are nested too deeply", path);
		fclose(f);
		return false;
	}
	s->depth += !standard;
	ok = run_lines(s, f);
	s->depth -= !standard;
	if (ferror(f)) {
		say_error("%s: %m", path);
		ok = false;
	}
	if (!standard)
		fclose(f);
	return ok;
}

char *complete_command(const struct session *s, const char *start, unsigned n)
{
	const struct command *c;

	(void)s;
	for (unsigned i = 0; (c = command_numbered(i)); i++)
		if (strncmp(c->name, start, strlen(start)) == 0 && n-- == 0)
			return strdup(c->name);
	return NULL;
}
