/*
 * Asking a solver: the conversation.  How a query is written is in smt_text.c,
 * the process in smt_process.c.
 */
#include "proofs/smt_private.h"

#include "isa/alloc.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

const char *smt_answer_name(enum smt_answer answer)
{
	static const char *const names[] = { "unsat", "sat", "unknown" };
	return names[answer];
}

/* ---- the model of the last sat ---- */

static void model_clear(struct model *m)
{
	m->count = 0;
}

static void model_add(struct model *m, struct model_entry e)
{
	if (m->count == m->capacity) {
		m->capacity = m->capacity ? 2 * m->capacity : 64;
		m->entry = xrealloc(m->entry, m->capacity * sizeof *m->entry);
	}
	m->entry[m->count++] = e;
}

static uint64_t model_lookup(void *context, const char *name, const uint64_t *argument,
			     unsigned width)
{
	const struct model *m = context;

	(void)width;
	for (unsigned i = 0; i < m->count; i++) {
		const struct model_entry *e = &m->entry[i];
		if (e->name == name && e->applied == (argument != NULL) &&
		    (!argument || e->argument == *argument))
			return e->value;
	}
	return 0;
}

uint64_t smt_value(struct smt *s, const struct term *t)
{
	return term_value(s->terms, t, model_lookup, &s->model);
}

/* Applications in order of making: an argument's value is known when its turn comes. */
static void model_enter(struct smt *s, const struct smt_query *q, const uint64_t *values)
{
	model_clear(&s->model);
	for (unsigned i = 0; i < q->nwanted; i++)
		if (!q->wanted[i]->arg[0])
			model_add(&s->model, (struct model_entry){ .name = q->wanted[i]->name,
								   .value = values[i] });
	for (unsigned i = 0; i < q->nwanted; i++)
		if (q->wanted[i]->arg[0])
			model_add(&s->model,
				  (struct model_entry){
					  .name = q->wanted[i]->name,
					  .applied = true,
					  .value = values[i],
					  .argument = smt_value(s, q->wanted[i]->arg[0]) });
}

/* ---- reading answers ---- */

static enum smt_answer give_up(struct smt *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static enum smt_answer give_up(struct smt *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(s->reason, sizeof s->reason, format, ap);
	va_end(ap);
	for (char *c = s->reason; *c; c++) /* what a solver says is anything */
		if (!isprint((unsigned char)*c))
			*c = '?';
	return SMT_UNDECIDED;
}

/* A value: #x0f, #b01, true or false.  Returns what follows it, or NULL. */
static const char *read_value(const char *p, uint64_t *value)
{
	unsigned base = p[0] != '#' ? 0 : p[1] == 'x' ? 16 : p[1] == 'b' ? 2 : 0;
	char *end;

	if (!strncmp(p, "true", 4) || !strncmp(p, "false", 5)) {
		*value = *p == 't';
		return p + (*p == 't' ? 4 : 5);
	}
	if (!base)
		return NULL;
	*value = strtoull(p + 2, &end, (int)base);
	return end > p + 2 ? end : NULL;
}

/* "((v0 #x..) (v1 true) ...)": the values in order. */
static bool read_values(const char *p, unsigned n, uint64_t *values)
{
	char name[32];

	p += strspn(p, " \n(");
	for (unsigned i = 0; i < n; i++) {
		int length = snprintf(name, sizeof name, "v%u ", i);
		if (strncmp(p, name, (size_t)length))
			return false;
		p = read_value(p + length, &values[i]);
		if (!p)
			return false;
		p += strspn(p, " \n()");
	}
	return !*p;
}

/* Whatever the solver, the cache and we ourselves did: with these values the conditions hold. */
static bool model_holds(struct smt *s, const struct smt_query *q)
{
	for (unsigned i = 0; i < q->nconditions; i++)
		if (!smt_value(s, q->condition[i]))
			return false;
	return true;
}

/* The answer if it is sat: once its model is understood, and is one. */
static enum smt_answer read_model(struct smt *s, const struct smt_query *q, const char *text)
{
	uint64_t *values = xcalloc(q->nwanted + 1, sizeof *values);
	bool good = read_values(text, q->nwanted, values);

	if (good)
		model_enter(s, q, values);
	free(values);
	if (!good)
		return give_up(s, "the solver's model was not understood");
	if (!model_holds(s, q))
		return give_up(s, "the solver's model is none: a condition is false in it");
	return SMT_SAT;
}

/* ---- one query ---- */

/* Why nothing more is heard. */
static enum smt_answer silence(struct smt *s, const char *when)
{
	const struct process *p = &s->process;

	return give_up(s, "the solver %s%s",
		       p->timed_out	     ? "did not stop at the time limit"
		       : p->length > LONGEST ? "said too much"
					     : "died",
		       when);
}

static enum smt_answer converse(struct smt *s, const struct smt_query *q, char **model)
{
	uint64_t limit = (uint64_t)s->milliseconds + GRACE;
	const char *line;

	if (!process_send(&s->process, q->text, limit) ||
	    !(line = process_read(&s->process, limit)))
		return silence(s, "");
	if (!strcmp(line, "unsat"))
		return SMT_UNSAT;
	if (!strcmp(line, "unknown") || !strcmp(line, "timeout"))
		return give_up(s, "the solver does not know, or not within %u ms", s->milliseconds);
	if (strcmp(line, "sat"))
		return give_up(s, "the solver said: %.200s", line);
	if (!process_send(&s->process, q->get_value, limit) ||
	    !(line = process_read(&s->process, limit)))
		return silence(s, " when it was asked for the model");
	*model = xstrdup(line);
	return SMT_SAT;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static enum smt_answer ask_solver(struct smt *s, const struct smt_query *q, char **model)
{
	double start = now();
	enum smt_answer answer;

	if (!s->process.pid && !process_start(&s->process, s->solver, s->version, s->milliseconds))
		return give_up(s, "the solver could not be started");
	answer = converse(s, q, model);
	if (answer == SMT_UNDECIDED)
		process_stop(&s->process);
	s->counts.queries++;
	s->counts.seconds += now() - start;
	return answer;
}

static enum smt_answer decide(struct smt *s, const struct smt_query *q)
{
	char *model = NULL;
	enum smt_answer answer = cache_read(s, q, &model);

	if (answer == SMT_SAT)
		answer = read_model(s, q, model);
	free(model);
	if (answer != SMT_UNDECIDED) {
		s->counts.cached++;
		return answer;
	}
	model = NULL;
	answer = ask_solver(s, q, &model);
	if (answer == SMT_SAT)
		answer = read_model(s, q, model);
	cache_write(s, q, answer, model);
	free(model);
	return answer;
}

/* What the terms say without a solver. */
static enum smt_answer simplified(struct smt *s, unsigned n, const struct term *const *condition)
{
	const struct term *all = term_true(s->terms);

	for (unsigned i = 0; i < n; i++)
		all = term_and(s->terms, all, condition[i]);
	return term_is_false(all) ? SMT_UNSAT : term_is_true(all) ? SMT_SAT : SMT_UNDECIDED;
}

enum smt_answer smt_ask(struct smt *s, const char *name, unsigned n,
			const struct term *const *condition)
{
	struct propagated all = propagate(s->terms, n, condition);
	enum smt_answer answer = simplified(s, all.n, all.term);
	struct smt_query q = { 0 };

	model_clear(&s->model);
	if (answer == SMT_UNDECIDED || s->directory)
		q = query_write(s->terms, all.n, all.term);
	if (answer != SMT_UNDECIDED)
		s->counts.simplified++;
	else
		answer = decide(s, &q);
	if (s->directory && !query_keep(s, name, &q, answer))
		answer = give_up(s, "the query could not be kept in %s", s->directory);
	if (answer == SMT_UNDECIDED)
		s->counts.undecided++;
	query_free(&q);
	propagated_free(&all);
	return answer;
}

const char *smt_reason(const struct smt *s)
{
	return s->reason;
}

struct smt_counts smt_counts(const struct smt *s)
{
	return s->counts;
}

const char *smt_solver_name(const struct smt *s)
{
	return s->version;
}

struct smt *smt_new(struct terms *terms, const struct smt_options *o, char *reason,
		    size_t reason_size)
{
	struct smt *s = xcalloc(1, sizeof *s);

	s->terms = terms;
	s->solver = xstrdup(o->solver ? o->solver : "z3");
	s->milliseconds = o->milliseconds ? o->milliseconds : 60000;
	s->directory = o->directory ? xstrdup(o->directory) : NULL;
	s->cache = o->cache ? xstrdup(o->cache) : NULL;
	if (s->cache)
		folder_make(s->cache); /* without it, nothing is kept */
	if (s->directory && !folder_make(s->directory))
		snprintf(reason, reason_size, "queries cannot be kept in %s", s->directory);
	else if (process_identify(s->solver, s->version, sizeof s->version, reason, reason_size))
		return s;
	smt_free(s);
	return NULL;
}

void smt_free(struct smt *s)
{
	if (!s)
		return;
	process_stop(&s->process);
	kept_free(s);
	free(s->model.entry);
	free(s->solver);
	free(s->directory);
	free(s->cache);
	free(s);
}
