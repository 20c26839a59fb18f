/*
 * Somebody at a terminal: runs a program on a pseudo-terminal, waits for what it prints, and types.
 *
 *     typed COMMAND... <SCRIPT
 *
 * Each line of the script is "see TEXT", what must be printed from where the last such text ended,
 * "type TEXT", or "pause", for as long as somebody takes to think.  A TEXT may have the escapes \n,
 * \r and \xHH.  Nothing is typed before the program has made the terminal raw.  When the script is
 * done the program has to end by itself.  All that it printed goes to stdout.  Exit status: the
 * program's own; 99 if a text is not seen, or the program does not end, within 30 seconds, or as many
 * as TYPED_PATIENCE says.  Without a command it tries whether there are pseudo-terminals.
 */
#define _GNU_SOURCE /* pseudo-terminals, memmem */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 30 /* seconds */, PAUSE_MS = 200, FAILED = 99 };

struct session {
	int terminal;
	pid_t program;
	char *seen;
	size_t count, from; /* of bytes; where to look on */
	bool over;
};

static time_t patience(void)
{
	const char *seconds = getenv("TYPED_PATIENCE");

	return seconds ? atoi(seconds) : PATIENCE;
}

static void show(const struct session *s)
{
	if (s->count)
		fwrite(s->seen, 1, s->count, stdout);
}

static void fail(struct session *s, const char *what, const char *text)
{
	fprintf(stderr, "typed: %s%s\n", what, text);
	show(s);
	kill(s->program, SIGKILL);
	exit(FAILED);
}

static void die(const char *what)
{
	perror(what);
	exit(FAILED);
}

/* ---- the terminal ---- */

static void become_program(const char *name, char **argv)
{
	int fd;

	setsid();
	fd = open(name, O_RDWR); /* the controlling terminal from now on */
	if (fd < 0)
		die(name);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	execvp(argv[0], argv);
	die(argv[0]);
}

static struct session start(char **argv)
{
	struct session s = { .terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };

	if (s.terminal < 0 || grantpt(s.terminal) < 0 || unlockpt(s.terminal) < 0)
		die("no pseudo-terminal");
	s.program = fork();
	if (s.program < 0)
		die("fork");
	if (s.program == 0)
		become_program(ptsname(s.terminal), argv);
	return s;
}

/* What is printed within so many milliseconds, or the end; false: nothing. */
static bool look(struct session *s, int ms)
{
	struct pollfd p = { .fd = s->terminal, .events = POLLIN };
	char buffer[4096];
	ssize_t n;

	if (s->over || poll(&p, 1, ms) <= 0)
		return false;
	n = read(s->terminal, buffer, sizeof buffer);
	s->over = n <= 0; /* EIO: nobody has the other side open */
	if (n <= 0)
		return false;
	s->seen = realloc(s->seen, s->count + (size_t)n);
	if (!s->seen)
		die("memory");
	memcpy(s->seen + s->count, buffer, (size_t)n);
	s->count += (size_t)n;
	return true;
}

/* ---- the script ---- */

static size_t unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		char *end;

		if (from[0] != '\\') {
			*to++ = *from;
		} else if (from[1] == 'x') {
			char hex[3] = { from[2], from[2] ? from[3] : '\0', '\0' };

			*to++ = (char)strtoul(hex, &end, 16);
			from += 1 + (end - hex);
		} else {
			*to++ = from[1] == 'n' ? '\n' : '\r';
			from++;
		}
	}
	return (size_t)(to - text);
}

static void see(struct session *s, const char *text, size_t n)
{
	time_t begin = time(NULL);

	for (;;) {
		char *at = s->count ? memmem(s->seen + s->from, s->count - s->from, text, n) : NULL;

		if (at) {
			s->from = (size_t)(at - s->seen) + n;
			return;
		}
		if (s->over || time(NULL) - begin > patience())
			fail(s, "not seen: ", text);
		look(s, 1000);
	}
}

/* Until then the terminal itself would echo. */
static void wait_until_raw(struct session *s)
{
	time_t begin = time(NULL);
	struct termios t;

	while (tcgetattr(s->terminal, &t) == 0 && t.c_lflag & ICANON) {
		if (s->over || time(NULL) - begin > patience())
			fail(s, "the terminal is not raw", "");
		look(s, 20);
	}
}

static void obey(struct session *s, char *line)
{
	char *text = strchr(line, ' ');
	size_t n;

	line[strcspn(line, "\n")] = '\0';
	text = text ? text + 1 : line + strlen(line);
	if (strncmp(line, "see ", 4) == 0) {
		n = unescape(text);
		see(s, text, n);
	} else if (strncmp(line, "type ", 5) == 0) {
		n = unescape(text);
		wait_until_raw(s);
		if (write(s->terminal, text, n) != (ssize_t)n)
			fail(s, "cannot type: ", strerror(errno));
	} else if (strcmp(line, "pause") == 0) {
		while (look(s, PAUSE_MS))
			;
	} else {
		fail(s, "what is this: ", line);
	}
}

static int end(struct session *s)
{
	time_t begin = time(NULL);
	int status = 0;

	while (!s->over) {
		look(s, 1000);
		if (time(NULL) - begin > patience())
			fail(s, "it does not end", "");
	}
	waitpid(s->program, &status, 0);
	show(s);
	free(s->seen);
	return WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

int main(int argc, char **argv)
{
	static char *nothing[] = { "true", NULL };
	struct session s = start(argc > 1 ? argv + 1 : nothing);
	char *line = NULL;
	size_t size = 0;

	while (argc > 1 && getline(&line, &size, stdin) > 0)
		obey(&s, line);
	free(line);
	return end(&s);
}
