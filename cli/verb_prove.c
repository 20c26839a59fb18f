/*
 * trapeze prove: a description as a Coq file, with proofs of what check finds: that the
 * conditions of Theorems 1 and 3 hold, or, by a witness, that they fail.
 */
#include "cli/decision.h"
#include "proofs/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_CLAIM = 512 };

struct prove {
	const char *isa, *output;
	const char *claim; /* NULL: what check finds */
	struct decision_options decision;
};

static const struct argp_option options[] = {
	{ "claim", KEY_CLAIM, "THEOREM", 0,
	  "claim that the condition of Theorem 1 (and so of 3), or of 3, holds, without asking a "
	  "solver; Coq will tell",
	  0 },
	{ "output", 'o', "FILE", 0, "where the Coq file goes, if not to standard output", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct prove *p = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &p->decision; return 0;
	case KEY_CLAIM:
		if (strcmp(arg, "1") != 0 && strcmp(arg, "3") != 0)
			argp_error(state, "--claim is 1 or 3, not '%s'", arg);
		p->claim = arg;
		return 0;
	case 'o': p->output = arg; return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "'%s' is one argument too many", arg);
		p->isa = arg;
		return 0;
	case ARGP_KEY_NO_ARGS: argp_error(state, "no machine is named"); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &decision_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	options,
	parse,
	"ISA",
	"Print a machine of the paper's kind as a Coq file, which proves of it what 'trapeze check' "
	"finds: that the conditions of Theorems 1 and 3 hold, or that they fail."
	"\vISA is a name, or a path with '/' or '.isa' in it. The file needs the theory of proofs/coq. "
	"Exit status: 0 it is printed; 2 the machine cannot be exported; 3 a condition is undecided.",
	children,
	NULL,
	NULL,
};

/*
 * A witness that the oracle replays, against the condition that the offenders break; of an
 * instruction that completes on the real machine, since what a trap does may not be exported.
 */
static bool find_witness(struct decision *d, const struct verdict *v, bool hybrid,
			 struct witness *w)
{
	for (unsigned i = 0; i < v->noffenders; i++) {
		*w = witness_find(d->classifier, v->offender[i]->instr, hybrid);
		if (w->found == ANSWER_YES && w->replayed && w->completed[SIDE_REAL])
			return true;
		witness_free(w);
		*w = (struct witness){ 0 };
	}
	return false;
}

static enum claim claim_of(struct decision *d, int theorem, struct witness *w)
{
	struct verdict v = verdict_of(theorem, d->of, d->n, d->lemma, d->composition);
	enum claim claim = CLAIM_NOTHING;

	if (v.holds == ANSWER_YES)
		claim = CLAIM_HOLDS;
	else if (v.holds == ANSWER_NO && find_witness(d, &v, theorem == 3, w))
		claim = CLAIM_FAILS;
	verdict_free(&v);
	return claim;
}

static bool print_to(const struct prove *p, const struct isa *isa, const struct isa_map *map,
		     const struct claims *claims)
{
	FILE *to = p->output ? say_into(p->output) : stdout;
	bool good;

	if (!to)
		return false;
	export_print(isa, map, claims, to);
	if (!p->output)
		return true;
	good = !ferror(to);
	if (fclose(to) == 0 && good)
		return true;
	say_error("%s: %s", p->output, strerror(errno));
	return false;
}

static int prove_claimed(const struct prove *p, const struct isa *isa, const struct isa_map *map)
{
	struct claims claims = { .one = *p->claim == '1' ? CLAIM_HOLDS : CLAIM_NOTHING,
				 .three = CLAIM_HOLDS };

	return print_to(p, isa, map, &claims) ? STATUS_YES : STATUS_USAGE;
}

static int prove_decided(const struct prove *p, const struct isa *isa)
{
	const struct words all = { 0 };
	struct decision d = { 0 };
	struct witness one = { 0 }, three = { 0 };
	struct claims claims = { .against_one = &one, .against_three = &three };
	int status = STATUS_USAGE;

	if (decide(&d, isa, &p->decision, &all)) {
		claims.one = claim_of(&d, 1, &one);
		claims.three = claim_of(&d, 3, &three);
		if (print_to(p, isa, d.map, &claims))
			status = claims.one && claims.three ? STATUS_YES : STATUS_UNDECIDED;
	}
	witness_free(&one);
	witness_free(&three);
	decision_free(&d);
	return status;
}

static int prove(const struct prove *p, const struct isa *isa)
{
	const struct isa_map *map = p->decision.map ? map_asked(isa, p->decision.map) : isa->map;
	char reason[256];

	if (!map)
		return STATUS_USAGE;
	if (!export_fit(isa, map, reason, sizeof(reason))) {
		say_error("%s cannot be exported: %s", isa->name, reason);
		return STATUS_USAGE;
	}
	return p->claim ? prove_claimed(p, isa, map) : prove_decided(p, isa);
}

static int run(int argc, char **argv)
{
	struct prove p = { 0 };
	struct shelf *s = shelf_new();
	const struct isa *isa;
	int status = STATUS_USAGE;

	argp_parse(&argp, argc, argv, 0, NULL, &p);
	isa = shelf_isa(s, p.isa);
	if (say_diagnostics(s->diagnostics) && isa)
		status = prove(&p, isa);
	shelf_free(s);
	return status;
}

const struct verb verb_prove = { "prove", "print a machine as a Coq file, with proofs", run };
