/* The solver's process: started without a shell, spoken to through pipes. */
#define _GNU_SOURCE
#include "proofs/smt_private.h"

#include "isa/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- beginning and end ---- */

/* 0, or the error's number. */
static int spawn(struct process *p, const char *solver, char *const *argv, int in, int out)
{
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&p->pid, solver, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static int launch(struct process *p, const char *solver, char *const *argv)
{
	int to[2], from[2], error;

	if (pipe2(to, O_CLOEXEC))
		return errno;
	if (pipe2(from, O_CLOEXEC)) {
		error = errno;
		close(to[0]);
		close(to[1]);
		return error;
	}
	*p = (struct process){ .to = to[1], .from = from[0] };
	fcntl(p->to, F_SETFL, O_NONBLOCK); /* so that a time limit holds for what is sent, too */
	error = spawn(p, solver, argv, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	if (error) {
		p->pid = 0;
		close(p->to);
		close(p->from);
	}
	return error;
}

bool process_start(struct process *p, const char *solver, const char *version,
		   unsigned milliseconds)
{
	bool cvc5 = !strncmp(version, "cvc5", 4);
	char limit[32];
	/* with truth values as bits it finds models of our guards a hundred times sooner */
	char *for_cvc5[] = { (char *)solver,	 "--lang=smt2", "--incremental",
			     "--bool-to-bv=all", limit,		NULL };
	char *for_z3[] = { (char *)solver, "-smt2", "-in", limit, NULL };

	snprintf(limit, sizeof limit, cvc5 ? "--tlimit-per=%u" : "-t:%u", milliseconds);
	return !launch(p, solver, cvc5 ? for_cvc5 : for_z3);
}

void process_stop(struct process *p)
{
	if (p->pid) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
		close(p->to);
		close(p->from);
	}
	free(p->buffer);
	*p = (struct process){ .timed_out = p->timed_out };
}

/* ---- the conversation ---- */

static uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Waits until there is something to read, or room to write. */
static bool ready(struct process *p, int fd, short event, uint64_t deadline)
{
	struct pollfd poll_fd = { .fd = fd, .events = event };
	int n;

	do {
		uint64_t now = clock_ms(), left = now < deadline ? deadline - now : 0;
		n = poll(&poll_fd, 1, left < 1000 ? (int)left : 1000);
		p->timed_out = n == 0 && !left;
	} while ((n == 0 && !p->timed_out) || (n < 0 && errno == EINTR));
	return n > 0;
}

/* Writes with SIGPIPE held back: a dead solver is an error, not the end of us. */
bool process_send(struct process *p, const char *text, uint64_t milliseconds)
{
	uint64_t deadline = clock_ms() + milliseconds;
	size_t left = strlen(text);
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	ssize_t n = 1;

	sigaction(SIGPIPE, &ignore, &old);
	while (left && (n > 0 || errno == EINTR || errno == EAGAIN) &&
	       ready(p, p->to, POLLOUT, deadline)) {
		n = write(p->to, text, left);
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	sigaction(SIGPIPE, &old, NULL);
	return !left;
}

/* The length of the first whole answer in the buffer, which goes on to the end of its line; 0:
 * it is not whole yet. */
static size_t whole_answer(struct process *p)
{
	while (p->looked < p->length) {
		char c = p->buffer[p->looked++];
		if (c == '"')
			p->quoted = !p->quoted;
		if (!p->quoted && (c == '(' || c == ')'))
			p->depth += c == '(' ? 1 : -1;
		p->begun |= c != ' ' && c != '\n';
		if (p->begun && !p->quoted && p->depth <= 0 && c == '\n')
			return p->looked;
	}
	return 0;
}

static bool fill(struct process *p, uint64_t deadline)
{
	ssize_t n;

	if (p->length > LONGEST || !ready(p, p->from, POLLIN, deadline))
		return false;
	if (p->capacity - p->length < 4096) {
		p->capacity = p->capacity ? 2 * p->capacity : 16384;
		p->buffer = xrealloc(p->buffer, p->capacity);
	}
	n = read(p->from, p->buffer + p->length, p->capacity - p->length);
	if (n > 0)
		p->length += (size_t)n;
	return n > 0 || (n < 0 && errno == EINTR);
}

static void forget_given(struct process *p)
{
	if (p->given)
		memmove(p->buffer, p->buffer + p->given, p->length - p->given);
	p->length -= p->given;
	p->given = p->looked = 0;
	p->depth = 0;
	p->quoted = p->begun = false;
}

char *process_read(struct process *p, uint64_t milliseconds)
{
	uint64_t deadline = clock_ms() + milliseconds;

	forget_given(p);
	while (!(p->given = whole_answer(p)))
		if (!fill(p, deadline))
			return NULL;
	p->buffer[p->given - 1] = 0;
	return p->buffer + strspn(p->buffer, " \n");
}

/* ---- who is it? ---- */

/* "Z3 version 4.8.12 - 64 bit", "This is cvc5 version 1.0.3" */
static bool read_version(const char *text, char *version, size_t size)
{
	const char *name = strcasestr(text, "cvc5") ? "cvc5" : strcasestr(text, "z3") ? "z3" : NULL;
	const char *number = strstr(text, "version ");

	if (!name || !number)
		return false;
	number += strlen("version ");
	snprintf(version, size, "%s %.*s", name, (int)strcspn(number, " \r\n"), number);
	return true;
}

bool process_identify(const char *solver, char *version, size_t size, char *reason,
		      size_t reason_size)
{
	const char *slash = strrchr(solver, '/'), *base = slash ? slash + 1 : solver;
	char *argv[] = { (char *)solver, "--version", NULL };
	struct process p = { 0 };
	int error = launch(&p, solver, argv);

	if (error) {
		snprintf(reason, reason_size,
			 "the solver %s cannot be run (%s); on Debian: apt-get install %s", solver,
			 strerror(error), strncmp(base, "cvc5", 4) ? "z3" : "cvc5");
		return false;
	}
	const char *text = process_read(&p, GRACE);
	bool known = text && read_version(text, version, size);
	if (!known)
		snprintf(reason, reason_size,
			 "%s is no solver known here: asked for its --version, it names neither z3 "
			 "nor cvc5",
			 solver);
	process_stop(&p);
	return known;
}
