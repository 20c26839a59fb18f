/*
 * Reading given input.  What is not a file may never end, and comes when it likes:
 * only as much of it is read as guests ask for.
 */
#include "cli/input.h"

#include "cli/cli.h"
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX   ((size_t)64 << 20) /* bytes */
#define PATIENCE_MS 2000	       /* before we say that we wait */
#define POLL_MS	    100

struct input {
	char *path;	  /* owned */
	const char *name; /* for messages */
	int fd;
	struct text text; /* what has been read */
	size_t capacity;
	bool ended, failed, told; /* that we wait */
};

/* Until there is something to read, and says so when that takes long; false if a signal came. */
static bool await(struct input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	fflush(stdout);
	for (int ms = 0; !interrupt_which(); ms += POLL_MS) {
		/* not for ever: a signal may have come just before */
		if (poll(&p, 1, POLL_MS) > 0)
			return true;
		if (ms < PATIENCE_MS || in->told)
			continue;
		say("waiting for %s, the guest's input; give --input FILE to have it from "
		    "elsewhere",
		    in->name);
		in->told = true;
	}
	return false;
}

static void read_more(struct input *in)
{
	struct text *t = &in->text;
	ssize_t n;

	if (t->count == in->capacity) {
		in->capacity = in->capacity ? 2 * in->capacity : 65536;
		t->bytes = realloc(t->bytes, in->capacity);
	}
	if (!t->bytes || t->count > INPUT_MAX) {
		say_error("%s: more than %zu bytes of input", in->name, INPUT_MAX);
		in->ended = in->failed = true;
		return;
	}
	n = read(in->fd, t->bytes + t->count, in->capacity - t->count);
	t->count += n > 0 ? (size_t)n : 0;
	/* a stdin that was closed is an empty one */
	in->failed = n < 0 && errno != EBADF && errno != EINTR && errno != EAGAIN;
	in->ended = in->failed || n == 0 || (n < 0 && errno == EBADF);
	if (in->failed)
		say_error("%s: %s", in->name, strerror(errno));
}

static void read_all(struct input *in)
{
	while (!in->ended && await(in))
		read_more(in);
}

static struct input *open_path(const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct input *in;

	if (fd < 0) {
		say_error("%s: %s", path, strerror(errno));
		return NULL;
	}
	in = make(1, sizeof(*in));
	in->path = strdup(path);
	in->name = is_stdin ? "standard input" : in->path;
	in->fd = fd;
	return in;
}

/* Has it an end that can be read at once? */
static bool is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) != 0 ||
	       !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || S_ISCHR(st.st_mode));
}

struct input *input_open(const char *path)
{
	struct input *in = open_path(path);

	if (in && is_file(in->fd))
		read_all(in);
	if (!in || !in->failed)
		return in;
	input_close(in);
	return NULL;
}

const char *input_path(const struct input *in)
{
	return in->path;
}

static int byte_at(void *context, size_t n)
{
	struct input *in = context;

	while (n >= in->text.count && !in->ended) {
		if (!await(in))
			return CONSOLE_UNKNOWN;
		read_more(in);
	}
	return n < in->text.count ? (unsigned char)in->text.bytes[n] : CONSOLE_END;
}

void input_give(struct input *in, struct device *console)
{
	if (in->ended)
		console_give(console, in->text.bytes ? in->text.bytes : "", in->text.count);
	else
		console_ask(console, byte_at, in);
}

bool input_close(struct input *in)
{
	bool ok = !in->failed;

	if (in->fd != STDIN_FILENO)
		close(in->fd);
	free(in->text.bytes);
	free(in->path);
	free(in);
	return ok;
}

bool text_read(const char *path, struct text *t)
{
	struct input *in = path ? open_path(path) : NULL;

	*t = (struct text){ NULL, 0 };
	if (!in)
		return !path;
	read_all(in);
	*t = in->text;
	in->text = (struct text){ NULL, 0 };
	return input_close(in);
}
