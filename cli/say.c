/*
 * What the program says, and how: prefixes, colour, progress, the last flush.
 */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *who = "trapeze";
static bool progress_shown;
static int output_error; /* errno of the first write to stdout that failed */

void say_who(const char *name)
{
	who = name;
}

const char *say_whom(void)
{
	return who;
}

static void clear_progress(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

static void say_line(const char *kind, enum colour c, const char *format, va_list ap)
{
	int error = errno; /* for %m */

	fflush(stdout);
	clear_progress();
	fprintf(stderr, "%s: ", who);
	if (kind)
		fprintf(stderr, "%s%s:%s ", colour(stderr, c), kind, colour(stderr, COLOUR_END));
	errno = error;
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

static bool errors_muted;

void say_mute_errors(bool muted)
{
	errors_muted = muted;
}

void say_error(const char *format, ...)
{
	va_list ap;

	if (errors_muted)
		return;
	va_start(ap, format);
	say_line("error", COLOUR_BAD, format, ap);
	va_end(ap);
}

void say_warning(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line("warning", COLOUR_HEAD, format, ap);
	va_end(ap);
}

void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say_line(NULL, COLOUR_END, format, ap);
	va_end(ap);
}

void say_next(FILE *f, const char *format, ...)
{
	va_list ap;

	fprintf(f, "%snext:%s ", colour(f, COLOUR_HEAD), colour(f, COLOUR_END));
	va_start(ap, format);
	vfprintf(f, format, ap);
	va_end(ap);
	fputc('\n', f);
}

const char *colour(FILE *f, enum colour c)
{
	static const char *const sequence[] = {
		[COLOUR_GOOD] = "\033[32m",
		[COLOUR_BAD] = "\033[31m",
		[COLOUR_HEAD] = "\033[1m",
		[COLOUR_END] = "\033[0m",
	};
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if ((no && *no) || !term || strcmp(term, "dumb") == 0 || !isatty(fileno(f)))
		return "";
	return sequence[c];
}

/* Seconds on a clock that nobody sets. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Is it time for another line?  On a terminal ten times a second, else every ten seconds. */
static bool progress_due(bool terminal)
{
	static double due;
	double t = now();

	if (due == 0)
		due = t + (terminal ? 0.5 : 5);
	if (t < due)
		return false;
	due = t + (terminal ? 0.1 : 10);
	return true;
}

void progress(const char *format, ...)
{
	bool terminal = isatty(STDERR_FILENO);
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (!*text) {
		clear_progress();
		return;
	}
	if (!progress_due(terminal))
		return;
	clear_progress();
	fprintf(stderr, "%s: %s%s", who, text, terminal ? "" : "\n");
	progress_shown = terminal;
	fflush(stderr);
}

bool say_diagnostics(const struct diag_list *d)
{
	fflush(stdout);
	clear_progress();
	diag_print(d, stderr);
	return diag_errors(d) == 0;
}

FILE *say_into(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);

	if (fd >= 0)
		return fdopen(fd, "w");
	if (errno == EEXIST)
		say_error("%s exists already, and is not written over; choose another name",
			  path);
	else
		say_error("%s: %s", path, strerror(errno));
	return NULL;
}

void say_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

char *shell_quote(const char *word, char *buffer, size_t size)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_-./:=+,@%";
	size_t n = 0;

	if (*word && word[strspn(word, safe)] == '\0') {
		snprintf(buffer, size, "%s", word);
		return buffer;
	}
	buffer[n++] = '\'';
	for (; *word && n + 6 < size; word++) {
		if (*word == '\'') {
			memcpy(buffer + n, "'\\''", 4);
			n += 4;
		} else {
			buffer[n++] = *word;
		}
	}
	buffer[n++] = '\'';
	buffer[n] = '\0';
	return buffer;
}

bool say_output_works(void)
{
	if (ferror(stdout) && !output_error)
		output_error = errno;
	return !ferror(stdout);
}

const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

void add_option(char *text, size_t size, const char *option, const char *word)
{
	size_t n = strlen(text);
	char quoted[1024];

	snprintf(text + n, size - n, " --%s %s", option, shell_quote(word, quoted, sizeof(quoted)));
}

void add_option_number(char *text, size_t size, const char *option, uint64_t number)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, " --%s %" PRIu64, option, number);
}

void say_exit(int status)
{
	int error;

	clear_progress();
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		exit(status);
	error = output_error ? output_error : errno;
	if (error == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (error)
		say_error("the output cannot be written: %s", strerror(error));
	else
		say_error("the output cannot be written");
	/* Nothing more to flush: exit would only fail again. */
	_exit(status == STATUS_OWN ? STATUS_OWN : STATUS_USAGE);
}
