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

static bool is_cvc5(const char *solver)
{
	const char *slash = strrchr(solver, '/');

	return !strncmp(slash ? slash + 1 : solver, "cvc5", 4);
}

static bool spawn(struct process *p, const char *solver, char *const *argv, int in, int out)
{
	posix_spawn_file_actions_t actions;
	bool good;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	good = !posix_spawnp(&p->pid, solver, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return good;
}

static bool launch(struct process *p, const char *solver, char *const *argv)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC))
		return false;
	if (pipe2(from, O_CLOEXEC)) {
		close(to[0]);
		close(to[1]);
		return false;
	}
	*p = (struct process){ .to = to[1], .from = from[0] };
	bool good = spawn(p, solver, argv, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	if (good)
		return true;
	p->pid = 0;
	close(p->to);
	close(p->from);
	return false;
}

bool process_start(struct process *p, const char *solver, unsigned milliseconds)
{
	char limit[32], *cvc5[] = { (char *)solver, "--lang=smt2", "--incremental", limit, NULL };
	char *z3[] = { (char *)solver, "-smt2", "-in", limit, NULL };

	snprintf(limit, sizeof limit, is_cvc5(solver) ? "--tlimit-per=%u" : "-t:%u", milliseconds);
	return launch(p, solver, is_cvc5(solver) ? cvc5 : z3);
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

/* Writes with SIGPIPE held back: a dead solver is an error, not the end of us. */
bool process_send(struct process *p, const char *text)
{
	size_t left = strlen(text);
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	ssize_t n = 1;

	sigaction(SIGPIPE, &ignore, &old);
	while (left && (n > 0 || errno == EINTR)) {
		n = write(p->to, text, left);
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	sigaction(SIGPIPE, &old, NULL);
	return !left;
}

/* The length of the first whole answer in the buffer; 0: it is not whole yet. */
static size_t whole_answer(const char *text, size_t length)
{
	int depth = 0;
	bool quoted = false, begun = false;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (c == '"')
			quoted = !quoted;
		if (!quoted && c == '(')
			depth++;
		if (!quoted && c == ')')
			depth--;
		begun |= c != ' ' && c != '\n';
		if (begun && !quoted && depth <= 0 && c == '\n')
			return i + 1;
	}
	return 0;
}

static uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool fill(struct process *p, uint64_t deadline)
{
	struct pollfd fd = { .fd = p->from, .events = POLLIN };
	uint64_t now = clock_ms();
	ssize_t n;

	if (now >= deadline || poll(&fd, 1, (int)(deadline - now)) <= 0) {
		p->timed_out = clock_ms() >= deadline;
		return !p->timed_out && errno == EINTR;
	}
	if (p->capacity - p->length < 4096) {
		p->capacity = p->capacity ? 2 * p->capacity : 16384;
		p->buffer = xrealloc(p->buffer, p->capacity);
	}
	n = read(p->from, p->buffer + p->length, p->capacity - p->length - 1);
	if (n > 0)
		p->length += (size_t)n;
	return n > 0;
}

char *process_read(struct process *p, unsigned milliseconds)
{
	uint64_t deadline = clock_ms() + milliseconds;
	size_t end;

	if (p->given) {
		memmove(p->buffer, p->buffer + p->given, p->length - p->given);
		p->length -= p->given;
		p->given = 0;
	}
	while (!(end = whole_answer(p->buffer, p->length)))
		if (!fill(p, deadline))
			return NULL;
	p->given = end;
	p->buffer[end - 1] = 0;
	return p->buffer + strspn(p->buffer, " \n");
}

/* "z3 4.8.12" from what the solver says of itself: the first word with a digit and a dot. */
bool process_version(const char *solver, char *version, size_t size)
{
	char *argv[] = { (char *)solver, "--version", NULL };
	struct process p = { 0 };
	char *text, *number;

	if (!launch(&p, solver, argv))
		return false;
	text = process_read(&p, 10000);
	number = text ? strpbrk(text, "0123456789") : NULL;
	while (number && number > text && number[-1] != ' ') /* the 3 of z3, the 5 of cvc5 */
		number = strpbrk(number + 1, "0123456789");
	if (number)
		snprintf(version, size, "%s %.*s", is_cvc5(solver) ? "cvc5" : "z3",
			 (int)strspn(number, "0123456789."), number);
	process_stop(&p);
	return number != NULL;
}
