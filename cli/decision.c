/* Deciding a description, with progress; and the words for what was decided. */
#include "cli/decision.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY_SOLVER = 768, KEY_SMT_DIR, KEY_TIME_LIMIT, KEY_MAP, KEY_NO_CACHE };

static const struct argp_option options[] = {
	{ "map", KEY_MAP, "NAME", 0, "the VM map that verdicts are relative to", 0 },
	{ "solver", KEY_SOLVER, "NAME", 0, "z3 (the default), cvc5, or a path to one of them", 0 },
	{ "smt-dir", KEY_SMT_DIR, "DIR", 0, "keep every query as a file that any solver replays",
	  0 },
	{ "time-limit", KEY_TIME_LIMIT, "SECONDS", 0, "for one query (default 60)", 0 },
	{ "no-cache", KEY_NO_CACHE, NULL, 0, "ask again what was answered before", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct decision_options *o = state->input;

	switch (key) {
	case KEY_MAP: o->map = arg; return 0;
	case KEY_SOLVER: o->smt.solver = arg; return 0;
	case KEY_SMT_DIR: o->smt.directory = arg; return 0;
	case KEY_TIME_LIMIT:
		o->smt.milliseconds =
			1000 * (unsigned)arg_number(state, "--time-limit", arg, 1, 1000000);
		return 0;
	case KEY_NO_CACHE: o->no_cache = true; return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

const struct argp decision_argp = { options, parse, NULL, NULL, NULL, NULL, NULL };

bool decision_options_given(const struct decision_options *o)
{
	return o->map || o->smt.solver || o->smt.directory || o->smt.milliseconds || o->no_cache;
}

/* ---- deciding ---- */

/* $XDG_CACHE_HOME/trapeze or ~/.cache/trapeze, made if need be; NULL: none can be. */
static char *cache_folder(void)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	bool given = xdg && *xdg;
	char path[4096];

	if (!given && !home)
		return NULL;
	snprintf(path, sizeof(path), "%s%s", given ? xdg : home, given ? "" : "/.cache");
	mkdir(path, 0700);
	strncat(path, "/trapeze", sizeof(path) - strlen(path) - 1);
	return mkdir(path, 0700) == 0 || errno == EEXIST ? strdup(path) : NULL;
}

static bool begin(struct decision *d, const struct decision_options *o)
{
	struct smt_options smt = o->smt;
	char reason[256], *cache = o->no_cache ? NULL : cache_folder();

	if (!classifier_fit(d->isa, reason, sizeof(reason))) {
		say_error("%s", reason);
		free(cache);
		return false;
	}
	d->map = o->map ? map_asked(d->isa, o->map) : d->isa->map;
	if (!d->map) {
		free(cache);
		return false;
	}
	smt.cache = cache;
	d->cache = cache;
	d->terms = terms_new();
	d->smt = smt_new(d->terms, &smt, reason, sizeof(reason));
	if (!d->smt) {
		say_error("%s", reason);
		return false;
	}
	d->classifier = classifier_new(d->isa, d->map, d->smt, d->terms);
	return true;
}

static bool add(struct decision *d, const struct isa_instr *instr)
{
	struct classification *k = &d->of[d->n];

	progress("%s: %u of %u instructions, %s", d->isa->name, d->n, d->isa->ninstrs, instr->name);
	*k = classify(d->classifier, instr);
	if (k->trapping == TRAPS_CONDITIONALLY)
		d->guard[d->n] = guard_of(d->classifier, instr);
	if (breaks_something(k))
		d->guilt[d->n] = guilt_of(d->classifier, k);
	d->n++;
	return true;
}

static bool is_added(const struct decision *d, const struct isa_instr *instr)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->of[i].instr == instr)
			return true;
	return false;
}

static bool add_named(struct decision *d, const char *name)
{
	const struct isa_instr *instr = isa_instr_named(d->isa, name);
	char words[4200];

	if (instr)
		return is_added(d, instr) || add(d, instr);
	say_error("%s has no instruction '%s'; 'trapeze doc %s' lists them", d->isa->name, name,
		  machine_words(d->isa, words, sizeof(words)));
	return false;
}

bool decision_begin(struct decision *d, const struct isa *isa, const struct decision_options *o)
{
	*d = (struct decision){ .isa = isa };
	if (!begin(d, o))
		return false;
	d->lemma = classifier_lemma(d->classifier);
	if (d->lemma == ANSWER_NO) {
		say_error("translate of %s %s: no verdict", isa->name,
			  classifier_reason(d->classifier));
		return false;
	}
	return true;
}

bool decide(struct decision *d, const struct isa *isa, const struct decision_options *o,
	    const struct words *instructions)
{
	bool ok = true;

	if (!decision_begin(d, isa, o))
		return false;
	d->whole = instructions->count == 0;
	d->composition = classifier_composition(d->classifier);
	if (d->composition == ANSWER_NO) {
		say_error("map %s of %s: %s: no verdict", d->map->name, isa->name,
			  classifier_reason(d->classifier));
		return false;
	}
	if (d->composition == ANSWER_UNKNOWN)
		d->undecided = classifier_reason(d->classifier);
	d->reach = isa->abstract_translation ? classifier_reach(d->classifier, &d->unreached)
					     : ANSWER_YES;
	d->of = make(isa->ninstrs + instructions->count, sizeof(*d->of));
	d->guard = make(isa->ninstrs + instructions->count, sizeof(*d->guard));
	d->guilt = make(isa->ninstrs + instructions->count, sizeof(*d->guilt));
	for (unsigned i = 0; ok && i < instructions->count; i++)
		ok = add_named(d, instructions->word[i]);
	for (unsigned i = 0; d->whole && i < isa->ninstrs; i++)
		add(d, &isa->instr[i]);
	progress("%s", "");
	return ok;
}

void decision_free(struct decision *d)
{
	classifier_free(d->classifier);
	smt_free(d->smt);
	terms_free(d->terms);
	free(d->of);
	free(d->guard);
	free(d->guilt);
	free(d->cache);
}

/* ---- words ---- */

char *decided_words(const struct decision *d, char *buffer, size_t size)
{
	size_t n = strlen(machine_words(d->isa, buffer, size));

	if (d->map != d->isa->map)
		snprintf(buffer + n, size - n, " --map %s", d->map->name);
	return buffer;
}

bool breaks_something(const struct classification *k)
{
	return breaks_theorem(k, 1) || breaks_theorem(k, 3);
}

bool sensitive(const struct classification *k)
{
	return k->control_sensitive == ANSWER_YES || k->behaviour_sensitive == ANSWER_YES ||
	       k->trap_sensitive == ANSWER_YES;
}

bool undecided(const struct classification *k)
{
	return k->trapping == TRAPS_UNKNOWN || k->control_sensitive == ANSWER_UNKNOWN ||
	       k->behaviour_sensitive == ANSWER_UNKNOWN || k->trap_sensitive == ANSWER_UNKNOWN ||
	       k->breaks_theorem1 == ANSWER_UNKNOWN || k->breaks_theorem3 == ANSWER_UNKNOWN ||
	       k->direct_vmm == ANSWER_UNKNOWN || k->direct_hybrid == ANSWER_UNKNOWN;
}

void print_parts(const struct parts *p, FILE *f)
{
	for (unsigned i = 0; i < p->n; i++)
		fprintf(f, "%s%s", i == 0 ? "" : i + 1 < p->n ? ", " : " and ", p->name[i]);
}

void print_parts_apart(const struct parts *p, FILE *f)
{
	for (unsigned i = 0; i < p->n; i++)
		fprintf(f, "%s%s", i ? ", " : " (", p->name[i]);
	if (p->n)
		fputc(')', f);
}

static void append_parts(FILE *f, const char *kind, enum answer is, const struct parts *p)
{
	if (is != ANSWER_YES)
		return;
	fprintf(f, "%s%s", ftell(f) ? ", " : "", kind);
	print_parts_apart(p, f);
}

char *sensitivity(const struct classification *k, char *buffer, size_t size)
{
	static const struct parts none;
	FILE *f = fmemopen(buffer, size, "w");

	buffer[0] = 0;
	if (!f)
		return buffer;
	append_parts(f, "control", k->control_sensitive, &k->control);
	append_parts(f, "behaviour", k->behaviour_sensitive, &k->behaviour);
	append_parts(f, "trap", k->trap_sensitive, &none);
	fclose(f);
	return buffer;
}

const char *what_breaks(const struct classification *k)
{
	bool one = k->breaks_theorem1 == ANSWER_YES, three = k->breaks_theorem3 == ANSWER_YES;

	if (one && three)
		return "breaks the conditions of Theorems 1 and 3";
	if (one)
		return "breaks Theorem 1's condition";
	if (three)
		return "breaks Theorem 3's condition";
	return breaks_something(k) ? "breaks the direct question only" : "";
}

const char *answer_name(enum answer a)
{
	static const char *const names[] = { "no", "yes", "undecided" };
	return names[a];
}
