/* The bench on a terminal: lines edited, completed and remembered by readline. */
#include "cli/repl/repl.h"

#include "cli/terminal.h"

#include <ctype.h>
#include <errno.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HISTORY = 1000 /* lines kept */ };

static const struct session *asked; /* whose words are completed */
static const struct command *about; /* the command whose arguments they are; NULL: its name */

/* ---- completion ---- */

static char *next_completion(const char *start, int again)
{
	static unsigned n;

	if (!again)
		n = 0;
	if (!about)
		return complete_command(asked, start, n++);
	return about->complete ? about->complete(asked, start, n++) : NULL;
}

/* The command that a line begins with, without a word if it is none. */
static const struct command *command_of(const char *line, int end)
{
	const struct command *found = NULL;
	char name[64];

	while (isspace((unsigned char)*line) && end > 0)
		line++, end--;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, " \t/"), line);
	for (const struct command_group *g = command_groups; g->title; g++)
		for (const struct command *c = g->command; c->name; c++) {
			if (strcmp(c->name, name) == 0 || (c->alias && !strcmp(c->alias, name)))
				return c;
			if (*name && !found && strncmp(c->name, name, strlen(name)) == 0)
				found = c;
		}
	return found;
}

/* How many words of the line end before a place. */
static unsigned words_before(int start)
{
	const char *p = rl_line_buffer, *end = p + start;
	unsigned n = 0;

	while ((p += strspn(p, " \t")) < end) {
		p += strcspn(p, " \t");
		n++;
	}
	return n;
}

static char **complete(const char *word, int start, int end)
{
	bool first = words_before(start) == 0, file;

	(void)end;
	about = first ? NULL : command_of(rl_line_buffer, start);
	file = about && (!about->complete || (about->files && words_before(start) > 1));
	rl_attempted_completion_over = !file;
	if (!first && (!about || file))
		return NULL;
	return rl_completion_matches(word, next_completion);
}

/* ---- history ---- */

/* The file that it is kept in; "" if there is no place for one.  Returns buffer. */
static char *history_path(char *buffer, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	*buffer = '\0';
	if (state && *state)
		snprintf(buffer, size, "%s/trapeze_history", state);
	else if (home && *home)
		snprintf(buffer, size, "%s/.trapeze_history", home);
	return buffer;
}

static void keep_line(const char *line)
{
	const HIST_ENTRY *last =
		history_length ? history_get(history_base + history_length - 1) : NULL;

	if (*line && !(last && strcmp(last->line, line) == 0))
		add_history(line);
}

/* ---- lines ---- */

/* Ctrl-C at the prompt: the line is dropped. */
static int look_for_interrupt(void)
{
	if (interrupt_which() == SIGINT) {
		interrupt_clear();
		rl_crlf();
		rl_on_new_line();
		rl_replace_line("", 0);
		rl_redisplay();
	} else if (interrupt_which()) {
		rl_done = 1;
	}
	return 0;
}

static void set_up(const struct session *s)
{
	asked = s;
	rl_readline_name = "trapeze";
	rl_attempted_completion_function = complete;
	rl_basic_word_break_characters = " \t\n\"'`@$><=;|&{([+*,";
	rl_catch_signals = 0;
	rl_event_hook = look_for_interrupt;
	rl_signal_event_hook = look_for_interrupt;
	rl_variable_bind("enable-bracketed-paste", "off");
	using_history();
	stifle_history(HISTORY);
}

void run_terminal(struct session *s)
{
	char path[4096], prompt[128], *line;

	set_up(s);
	if (*history_path(path, sizeof(path)))
		read_history(path);
	while (!s->quit && (!interrupt_which() || interrupt_which() == SIGINT)) {
		interrupt_clear();
		line = readline(prompt_of(s, prompt, sizeof(prompt)));
		if (!line) {
			putchar('\n');
			break;
		}
		keep_line(line);
		run_line(s, line);
		free(line);
	}
	if (*path && write_history(path) != 0)
		say_warning("%s: the history cannot be kept: %s", path, strerror(errno));
}
