/*
 * A campaign in several processes.  Each has a part of the guests' numbers and
 * writes JSON lines into a pipe: failures as they are found, how far it is, and
 * at last its result.
 */
#include "cli/campaign.h"

#include "cli/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- adding up ---- */

void tally_init(struct tally *t)
{
	*t = (struct tally){ .failures = json_array(), .parts = json_array() };
}

void tally_free(struct tally *t)
{
	json_decref(t->failures);
	json_decref(t->parts);
}

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	{ "guests", offsetof(struct fuzz_result, guests) },
	{ "runs", offsetof(struct fuzz_result, runs) },
	{ "steps", offsetof(struct fuzz_result, steps) },
	{ "ended", offsetof(struct fuzz_result, ended) },
	{ "failures", offsetof(struct fuzz_result, failures) },
};
enum { COUNTERS = sizeof(counters) / sizeof(counters[0]) };

static uint64_t *counter(struct fuzz_result *r, unsigned i)
{
	return (uint64_t *)((char *)r + counters[i].offset);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* Which guests of which campaign. */
static const char *const identity[] = { "machine", "description", "fault", "seed" };
enum { IDENTITIES = sizeof(identity) / sizeof(identity[0]) };

static json_t *identify(const struct campaign *c)
{
	json_t *o = json_object();

	json_object_set_new(o, "kind", json_string("result"));
	json_object_set_new(o, "machine", json_string(c->fuzz.isa->name));
	json_object_set_new(o, "description", json_sprintf("%016" PRIx64, c->fuzz.isa->hash));
	json_object_set_new(o, "fault", json_string(fault_name(c->fuzz.fault)));
	json_object_set_new(o, "seed", json_sprintf("%" PRIu64, c->fuzz.seed));
	json_object_set_new(o, "first", number(c->fuzz.first));
	json_object_set_new(o, "count", number(c->fuzz.count));
	return o;
}

/* What all parts have in common. */
static json_t *identify_parts(const struct tally *t)
{
	json_t *o = json_object(), *first = json_array_get(t->parts, 0);
	const json_t *part;
	size_t i;

	json_object_set_new(o, "kind", json_string("result"));
	for (unsigned k = 0; first && k < IDENTITIES; k++)
		json_object_set(o, identity[k], json_object_get(first, identity[k]));
	json_array_foreach(t->parts, i, part)
	{
		for (unsigned k = 0; k < IDENTITIES; k++) {
			if (!json_equal(json_object_get(part, identity[k]),
					json_object_get(first, identity[k])))
				json_object_del(o, identity[k]);
		}
	}
	return o;
}

json_t *tally_json(const struct campaign *c, const struct tally *t)
{
	json_t *o = c ? identify(c) : identify_parts(t);
	struct fuzz_result sum = t->sum;

	for (unsigned i = 0; i < COUNTERS; i++)
		json_object_set_new(o, counters[i].name, number(*counter(&sum, i)));
	json_object_set_new(o, "stopped", json_boolean(sum.stopped || t->lost));
	return o;
}

static bool is_count(const json_t *o, const char *name)
{
	const json_t *n = json_object_get(o, name);

	return json_is_integer(n) && json_integer_value(n) >= 0 &&
	       json_integer_value(n) <= COUNT_MAX;
}

/* Are guests of one part among those of another?  A merged result does not say which it has. */
static bool overlap(const json_t *a, const json_t *b)
{
	json_int_t from_a = json_integer_value(json_object_get(a, "first"));
	json_int_t from_b = json_integer_value(json_object_get(b, "first"));

	if (!is_count(a, "first") || !is_count(a, "count") || !is_count(b, "first") ||
	    !is_count(b, "count"))
		return false;
	for (unsigned k = 0; k < IDENTITIES; k++) {
		if (!json_equal(json_object_get(a, identity[k]), json_object_get(b, identity[k])))
			return false;
	}
	return from_a < from_b + json_integer_value(json_object_get(b, "count")) &&
	       from_b < from_a + json_integer_value(json_object_get(a, "count"));
}

static const char strange[] = "this is no line of 'trapeze fuzz --json'";

/* A result counts only if all of its numbers are there and make sense. */
static const char *add_result(struct tally *t, json_t *o)
{
	const json_t *part;
	size_t n;

	for (unsigned i = 0; i < COUNTERS; i++) {
		if (!is_count(o, counters[i].name))
			return strange;
	}
	json_array_foreach(t->parts, n, part)
	{
		if (overlap(o, part))
			return "these guests are counted already";
	}
	for (unsigned i = 0; i < COUNTERS; i++)
		*counter(&t->sum, i) +=
			(uint64_t)json_integer_value(json_object_get(o, counters[i].name));
	t->sum.stopped |= json_is_true(json_object_get(o, "stopped"));
	json_array_append(t->parts, o);
	return NULL;
}

static const char *add_object(struct tally *t, json_t *o)
{
	const char *kind = json_string_value(json_object_get(o, "kind"));

	if (kind && strcmp(kind, "result") == 0)
		return add_result(t, o);
	if (!kind || strcmp(kind, "failure") != 0)
		return strange;
	json_array_append(t->failures, o);
	return NULL;
}

const char *tally_add_line(struct tally *t, const char *line)
{
	json_t *o = json_loads(line, 0, NULL);
	const char *reason = json_is_object(o) ? add_object(t, o) : strange;

	json_decref(o);
	return reason;
}

/* ---- a process ---- */

struct worker {
	const struct campaign *campaign;
	FILE *to;
	double next; /* when to tell again how far it is */
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tell(FILE *to, json_t *o)
{
	json_dumpf(o, to, JSON_COMPACT);
	fputc('\n', to);
	fflush(to);
	json_decref(o);
}

static void failed(void *context, const struct fuzz_failure *f)
{
	struct worker *w = context;

	tell(w->to, (w->campaign->output ? failure_save : failure_json)(w->campaign, f));
}

static void progressed(void *context, const struct fuzz_result *r)
{
	struct worker *w = context;

	if (seconds() < w->next)
		return;
	w->next = seconds() + 0.2;
	tell(w->to, json_pack("{s:s, s:I}", "kind", "progress", "guests", (json_int_t)r->guests));
}

static int work(const struct campaign *part, FILE *to)
{
	struct worker w = { .campaign = part, .to = to };
	const struct fuzz_callbacks callbacks = { failed, progressed, &w };
	struct tally t;
	char reason[256];

	tally_init(&t);
	if (!fuzz_run(&part->fuzz, &callbacks, &t.sum, reason, sizeof(reason))) {
		tell(to, json_pack("{s:s, s:s}", "kind", "error", "reason", reason));
		return STATUS_USAGE;
	}
	tell(to, tally_json(part, &t));
	tally_free(&t);
	return STATUS_YES;
}

/* ---- all of them ---- */

struct job {
	pid_t pid;
	int from; /* the pipe; -1: at its end */
	char *line;
	size_t length, capacity;
	uint64_t guests; /* done so far */
	bool over;	 /* it has told its result */
};

struct campaign campaign_part(const struct campaign *c, unsigned i, unsigned n)
{
	struct campaign part = *c;
	uint64_t share = c->fuzz.count / n, rest = c->fuzz.count % n;

	part.fuzz.first = c->fuzz.first + share * i + (i < rest ? i : rest);
	part.fuzz.count = share + (i < rest);
	return part;
}

static bool start(struct job *j, const struct campaign *part)
{
	int ends[2];
	FILE *to;

	*j = (struct job){ .pid = -1, .from = -1 };
	if (pipe(ends) != 0)
		return false;
	fflush(stdout);
	j->pid = fork();
	if (j->pid == 0) {
		signal(SIGINT, SIG_IGN);
		close(ends[0]);
		to = fdopen(ends[1], "w");
		_exit(to ? work(part, to) : STATUS_USAGE);
	}
	close(ends[1]);
	j->from = ends[0];
	return j->pid > 0;
}

/* What several processes have to say is said once. */
static void complain(struct tally *t, const char *reason)
{
	if (!t->complained)
		say_error("%s", reason);
	t->complained = true;
}

static void take_line(struct job *j, struct tally *t)
{
	json_t *o = json_loads(j->line, 0, NULL);
	const char *kind = json_string_value(json_object_get(o, "kind"));

	if (kind && strcmp(kind, "error") == 0)
		complain(t, json_string_value(json_object_get(o, "reason")));
	else if (kind && strcmp(kind, "progress") == 0)
		j->guests = (uint64_t)json_integer_value(json_object_get(o, "guests"));
	else if (o)
		j->over |= !add_object(t, o) && kind && strcmp(kind, "result") == 0;
	json_decref(o);
	j->length = 0;
}

static void take_byte(struct job *j, struct tally *t, char c)
{
	if (j->length + 1 >= j->capacity) {
		j->capacity = j->capacity ? 2 * j->capacity : 4096;
		j->line = realloc(j->line, j->capacity);
		if (!j->line) {
			say_error("out of memory");
			exit(argp_err_exit_status);
		}
	}
	j->line[j->length++] = c;
	if (c != '\n')
		return;
	j->line[j->length] = '\0';
	take_line(j, t);
}

static void take(struct job *j, struct tally *t)
{
	char bytes[4096];
	ssize_t n = read(j->from, bytes, sizeof(bytes));

	if (n < 0 && errno == EINTR)
		return;
	for (ssize_t i = 0; i < n; i++)
		take_byte(j, t, bytes[i]);
	if (n > 0)
		return;
	close(j->from);
	j->from = -1;
}

static void show_progress(const struct campaign *c, const struct job *job, const struct tally *t)
{
	uint64_t guests = 0;

	for (unsigned i = 0; i < c->jobs; i++)
		guests += job[i].guests;
	progress("%" PRIu64 " of %" PRIu64 " guests, %zu failed", guests, c->fuzz.count,
		 json_array_size(t->failures));
}

/* Waits for lines; false when all pipes are at their end. */
static bool listen_to(struct job *job, unsigned jobs, struct tally *t)
{
	struct pollfd *p = make(jobs, sizeof(*p));
	bool open = false;

	for (unsigned i = 0; i < jobs; i++) {
		p[i] = (struct pollfd){ .fd = job[i].from, .events = POLLIN };
		open = open || job[i].from >= 0;
	}
	if (open && poll(p, jobs, 200) > 0) {
		for (unsigned i = 0; i < jobs; i++) {
			if (p[i].revents)
				take(&job[i], t);
		}
	}
	free(p);
	return open;
}

/* By another signal than Ctrl-C's, which a terminal sends to all of them: a second one kills. */
static void stop(const struct job *job, unsigned jobs)
{
	for (unsigned i = 0; i < jobs; i++) {
		if (job[i].from >= 0)
			kill(job[i].pid, SIGTERM);
	}
}

/* Reaps a process; false if it did not come to its own end. */
static bool reap(struct job *j)
{
	int status = 0;

	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	free(j->line);
	if (WIFSIGNALED(status))
		say_error("a process of the campaign was ended by signal %d", WTERMSIG(status));
	return j->over;
}

/* A single process knows by itself when there are enough, and ends its guest first. */
static bool enough(const struct campaign *c, const struct tally *t)
{
	return c->jobs > 1 && c->fuzz.enough && json_array_size(t->failures) >= c->fuzz.enough;
}

static void follow(const struct campaign *c, struct job *job, struct tally *t)
{
	bool told = false;

	while (listen_to(job, c->jobs, t)) {
		show_progress(c, job, t);
		if (told || !(interrupt_which() || enough(c, t)))
			continue;
		told = true;
		stop(job, c->jobs);
	}
	progress("%s", "");
}

bool campaign_run(const struct campaign *c, struct tally *t)
{
	struct campaign whole = *c;
	struct job *job;
	unsigned over = 0;

	if (whole.jobs > whole.fuzz.count)
		whole.jobs = (unsigned)whole.fuzz.count;
	whole.fuzz.stop = interrupt_catch();
	job = make(whole.jobs, sizeof(*job));
	for (unsigned i = 0; i < whole.jobs; i++) {
		struct campaign part = campaign_part(&whole, i, whole.jobs);

		if (!start(&job[i], &part))
			say_error("no further process can be started: %s", strerror(errno));
	}
	follow(&whole, job, t);
	for (unsigned i = 0; i < whole.jobs; i++)
		over += job[i].pid > 0 && reap(&job[i]);
	t->lost += whole.jobs - over;
	free(job);
	return over > 0;
}
