/*
 * Classification: each question of proofs/classify.h as one query.
 *
 * Names of states: 1 and 2 are related; u is a user state of the real machine;
 * v and r are a virtual machine's state and its image under f.
 */
#include "proofs/classify_private.h"

#include "isa/alloc.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct classifier *classifier_new(const struct isa *isa, const struct isa_map *map, struct smt *smt,
				  struct terms *terms)
{
	struct classifier *c = xcalloc(1, sizeof *c);

	c->sym = sym_of(isa, terms);
	c->smt = smt;
	c->map = map;
	members_prove(c);
	return c;
}

void classifier_free(struct classifier *c)
{
	if (!c)
		return;
	members_free(c);
	free(c);
}

const struct isa *classifier_isa(const struct classifier *c)
{
	return c->sym.isa;
}

const struct isa_map *classifier_map(const struct classifier *c)
{
	return c->map;
}

/* Does translate depend on control state? */
static bool relocates(const struct isa *isa)
{
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL && code_reads(isa->translate, &isa->reg[i]))
			return true;
	return false;
}

bool classifier_fit(const struct isa *isa, char *reason, size_t reason_size)
{
	if (!isa->user)
		snprintf(reason, reason_size,
			 "%s has no user mode (user = ...;): Popek and Goldberg's "
			 "theorems do not speak of such machines",
			 isa->name);
	else if (!isa->role[ROLE_MODE])
		snprintf(reason, reason_size, "no register of %s has the role mode", isa->name);
	else if (isa->abstract_translation && !relocates(isa))
		snprintf(reason, reason_size,
			 "%s has no relocation: its translate depends on no "
			 "control register",
			 isa->name);
	else if (!isa->abstract_translation && (!isa->role[ROLE_BASE] || !isa->role[ROLE_BOUND]))
		snprintf(reason, reason_size, "%s has no relocation: no register has the role %s",
			 isa->name, isa->role[ROLE_BASE] ? "bound" : "base");
	else
		return true;
	return false;
}

const char *trapping_name(enum trapping t)
{
	static const char *const names[] = {
		[TRAPS_ALWAYS] = "always traps",
		[TRAPS_PRIVILEGED] = "privileged",
		[TRAPS_IN_USER] = "traps in user mode",
		[TRAPS_CONDITIONALLY] = "traps conditionally",
		[TRAPS_NOT] = "runs",
		[TRAPS_UNKNOWN] = "undecided",
	};
	return names[t];
}

/* ---- conditions ---- */

void require(struct conditions *q, const struct term *t)
{
	assert(q->n < MAX_CONDITIONS);
	q->term[q->n++] = t;
}

enum answer ask(struct classifier *c, const struct conditions *q, const char *instr,
		const char *question, const char *part)
{
	struct conditions all = *q;
	char name[128];

	if (c->asked)
		*c->asked = *q;
	if (c->within)
		require(&all, c->within);
	snprintf(name, sizeof name, "%s.%s.%s%s%s%s", c->sym.isa->name, instr, question,
		 part ? "." : "", part ? part : "", c->within ? ".within" : "");
	switch (smt_ask(c->smt, name, all.n, all.term)) {
	case SMT_SAT: return ANSWER_YES;
	case SMT_UNSAT: return ANSWER_NO;
	case SMT_UNDECIDED: break;
	}
	return ANSWER_UNKNOWN;
}

enum answer answer_both(enum answer a, enum answer b)
{
	if (a == ANSWER_NO || b == ANSWER_NO)
		return ANSWER_NO;
	return a == ANSWER_YES && b == ANSWER_YES ? ANSWER_YES : ANSWER_UNKNOWN;
}

enum answer answer_either(enum answer a, enum answer b)
{
	if (a == ANSWER_YES || b == ANSWER_YES)
		return ANSWER_YES;
	return a == ANSWER_NO && b == ANSWER_NO ? ANSWER_NO : ANSWER_UNKNOWN;
}

enum answer answer_negate(enum answer a)
{
	return a == ANSWER_YES ? ANSWER_NO : a == ANSWER_NO ? ANSWER_YES : a;
}

/* ---- user states of the real machine ---- */

/* A user state of the real machine, its control registers as the map has them. */
static void require_real(struct classifier *c, struct conditions *q, const struct sym_state *real,
			 const struct sym_state *virtual)
{
	const struct isa *isa = c->sym.isa;
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_map_entry *e = &c->map->entry[i];
		if (isa->reg[i].class == CLASS_CONTROL && e->kind == MAP_VALUE &&
		    !isa->reg[i].array)
			all = term_and(TS, all,
				       term_eq(TS, real->reg[i], sym_eval(SYM, virtual, e->value)));
	}
	require(q, all);
}

/* A user state of the real machine, with a visible part of its own. */
static struct sym_state *user_state(struct classifier *c)
{
	struct sym_state *user = sym_state_new(SYM, "u");

	for (unsigned i = 0; i < c->sym.isa->nregs; i++) {
		const struct isa_reg *r = &c->sym.isa->reg[i];
		if (r->class != CLASS_VISIBLE)
			continue;
		if (r->array)
			user->array[i] = sym_name(SYM, "%s.u", r->name);
		else
			user->reg[i] = term_variable(TS, sym_name(SYM, "%s.u", r->name), r->width);
	}
	user->storage = "$E.u";
	user->bound = term_variable(TS, "$bound.u", c->sym.isa->word);
	user->cell = "$cell-of.u";
	for (enum access access = ACCESS_FETCH; access <= ACCESS_WRITE; access++)
		user->reach[access] = sym_name(SYM, "$%s.u", access_name(access));
	return user;
}

/* How it goes on: executes() or runs(). */
typedef const struct term *way(struct classifier *, const struct world *);

static void require_in_user(struct classifier *c, struct conditions *q,
			    const struct isa_instr *instr, const struct term *word, way *way)
{
	struct sym_state *any = sym_state_new(SYM, "w");
	struct world w = world_of(c, user_state(c), instr, word);

	require_state(c, q, &w, instr, word);
	require_real(c, q, w.state, any);
	require(q, sym_user(SYM, w.state));
	require(q, way(c, &w));
	world_free(&w);
	sym_state_free(any);
}

/* ---- trapping ---- */

static enum answer in_user(struct classifier *c, const struct isa_instr *instr, way *way)
{
	struct conditions q = { 0 };

	require_in_user(c, &q, instr, sym_word(SYM, "$word"), way);
	return ask(c, &q, instr->name, way == runs ? "runs-in-user" : "executes-in-user", NULL);
}

static enum answer runs_somewhere(struct classifier *c, const struct isa_instr *instr)
{
	const struct term *word = sym_word(SYM, "$word");
	struct world w = world_of(c, sym_state_new(SYM, "1"), instr, word);
	struct conditions q = { 0 };

	require_state(c, &q, &w, instr, word);
	require(&q, runs(c, &w));
	world_free(&w);
	return ask(c, &q, instr->name, "runs", NULL);
}

/* A pair that differs in mode alone, of which one shows that it is not the paper's privileged. */
static enum answer not_privileged(struct classifier *c, const struct isa_instr *instr)
{
	struct pair p = pair_of(c, instr, (struct relation){ .kind = KIND_MODE });
	struct conditions q = { 0 };

	require_pair(c, &q, &p, instr);
	require(&q, term_not(TS, sym_user(SYM, p.a.state)));
	require(&q, sym_user(SYM, p.b.state));
	require(&q, term_not(TS, p.a.run->memory));
	require(&q, term_not(TS, p.b.run->memory));
	require(&q, term_or(TS, term_not(TS, runs(c, &p.a)), runs(c, &p.b)));
	enum answer a = ask(c, &q, instr->name, "privileged", NULL);
	pair_free(&p);
	return a;
}

/* Some user state in which it traps, and not for an address. */
static enum answer traps_sometimes(struct classifier *c, const struct isa_instr *instr)
{
	const struct term *word = sym_word(SYM, "$word");
	struct world w = world_of(c, sym_state_new(SYM, "1"), instr, word);
	struct conditions q = { 0 };

	require_state(c, &q, &w, instr, word);
	require(&q, sym_user(SYM, w.state));
	require(&q, term_and(TS, term_not(TS, runs(c, &w)), term_not(TS, w.run->memory)));
	enum answer a = ask(c, &q, instr->name, "traps-sometimes", NULL);
	world_free(&w);
	return a;
}

/* runs: whether it does in some user state. */
static enum trapping trapping_of(struct classifier *c, const struct isa_instr *instr,
				 enum answer runs)
{
	if (runs == ANSWER_UNKNOWN)
		return TRAPS_UNKNOWN;
	if (runs == ANSWER_YES) {
		enum answer sometimes = traps_sometimes(c, instr);
		return sometimes == ANSWER_YES	? TRAPS_CONDITIONALLY
		       : sometimes == ANSWER_NO ? TRAPS_NOT
						: TRAPS_UNKNOWN;
	}
	enum answer anywhere = runs_somewhere(c, instr);
	if (anywhere == ANSWER_NO)
		return TRAPS_ALWAYS;
	enum answer not = not_privileged(c, instr);
	if (anywhere == ANSWER_UNKNOWN || not == ANSWER_UNKNOWN)
		return TRAPS_UNKNOWN;
	return not == ANSWER_NO ? TRAPS_PRIVILEGED : TRAPS_IN_USER;
}

static bool may_complete(const struct stmt *s)
{
	for (; s; s = s->next)
		if ((s->op == S_TRAP && s->phase == PHASE_COMPLETE) || may_complete(s->body) ||
		    may_complete(s->otherwise))
			return true;
	return false;
}

/* What trapping means, and whether a monitor sees it before its effects, which is what counts. */
static void classify_trapping(struct classifier *c, struct classification *k)
{
	enum answer runs_in_user;

	k->executes_in_user = runs_in_user = in_user(c, k->instr, executes);
	if (k->executes_in_user == ANSWER_YES && may_complete(k->instr->code.body))
		runs_in_user = in_user(c, k->instr, runs);
	k->trapping = trapping_of(c, k->instr, runs_in_user);
}

/* ---- sensitivity ---- */

enum where { ANYWHERE, FIRST_IN_USER, BOTH_IN_USER };

static const char *where_name(enum where w)
{
	static const char *const names[] = { "", "user-literal", "user" };
	return names[w];
}

static void part_add(struct parts *p, const char *name, enum answer a)
{
	p->unknown |= a == ANSWER_UNKNOWN;
	if (a == ANSWER_YES && p->n < MAX_PARTS)
		p->name[p->n++] = name;
}

/* breaking: the same word also runs in user mode on the real machine. */
static enum answer control_question(struct classifier *c, const struct isa_instr *instr,
				    bool in_user, bool breaking, struct parts *parts)
{
	const struct term *word = sym_word(SYM, "$word");
	struct world w = world_of(c, sym_state_new(SYM, "1"), instr, word);
	struct conditions q = { 0 };
	struct change list[MAX_PARTS];
	unsigned n = control_changes(c, &w, list, NULL);
	enum answer any;

	require_state(c, &q, &w, instr, word);
	require(&q, executes(c, &w));
	if (in_user)
		require(&q, sym_user(SYM, w.state));
	if (breaking)
		require_in_user(c, &q, instr, word, executes);
	require(&q, any_change(c, &w, NULL));
	any = ask(c, &q, instr->name, breaking ? "breaks-control" : "control",
		  in_user ? "user" : NULL);
	for (unsigned i = 0; parts && any != ANSWER_NO && i < n; i++) {
		q.term[q.n - 1] = list[i].happens;
		part_add(parts, list[i].name, ask(c, &q, instr->name, "control", list[i].name));
	}
	world_free(&w);
	return any;
}

static void require_where(struct classifier *c, struct conditions *q, const struct pair *p,
			  enum where where)
{
	if (where != ANYWHERE)
		require(q, sym_user(SYM, p->a.state));
	if (where == BOTH_IN_USER)
		require(q, sym_user(SYM, p->b.state));
}

static enum answer behaviour_question(struct classifier *c, const struct isa_instr *instr,
				      struct relation relation, enum where where, bool breaking)
{
	struct pair p = pair_of(c, instr, relation);
	const char *kind = relation.reg ? relation.reg->name : kind_name(relation.kind);
	struct conditions q = { 0 };

	require_pair(c, &q, &p, instr);
	require(&q, executes(c, &p.a));
	require(&q, executes(c, &p.b));
	require(&q, term_and(TS, resources_kept(c, &p.a), resources_kept(c, &p.b)));
	require(&q, visible_differ(c, &p.a, &p.b, NULL));
	require_where(c, &q, &p, where);
	if (breaking)
		require_in_user(c, &q, instr, p.word, executes);
	enum answer a = ask(c, &q, instr->name, breaking ? "breaks-behaviour" : "behaviour",
			    where == ANYWHERE ? kind : where_name(where));
	pair_free(&p);
	return a;
}

static enum answer behaviour_part(struct classifier *c, const struct isa_instr *instr,
				  enum kind kind, struct parts *parts)
{
	enum answer a =
		behaviour_question(c, instr, (struct relation){ .kind = kind }, ANYWHERE, false);

	part_add(parts, kind_name(kind), a);
	return a;
}

static void behaviour_parts(struct classifier *c, const struct isa_instr *instr,
			    struct parts *parts)
{
	static const enum kind others[] = { KIND_MODE, KIND_OUTSIDE, KIND_DEVICE, KIND_TIME };
	const struct isa *isa = c->sym.isa;
	enum answer relocation = behaviour_part(c, instr, KIND_LOCATION, parts);
	struct relation relation;

	relocation = answer_either(relocation, behaviour_part(c, instr, KIND_BOUND, parts));
	relocation = answer_either(relocation, behaviour_part(c, instr, KIND_SIZE, parts));
	if (relocation == ANSWER_NO)
		behaviour_part(c, instr, KIND_RELOCATION, parts);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		behaviour_part(c, instr, others[i], parts);
	for (unsigned i = 0; i < isa->nregs; i++)
		if (relation_of(c, &isa->reg[i], &relation))
			part_add(parts, isa->reg[i].name,
				 behaviour_question(c, instr, relation, ANYWHERE, false));
}

/*
 * Related states: the second, in user mode, executes, and the first traps, or they trap
 * differently after their effects.  breaking: the second is the first's image.
 */
static enum answer trap_question(struct classifier *c, const struct isa_instr *instr, bool in_user,
				 bool breaking)
{
	struct pair p =
		pair_of(c, instr, (struct relation){ .kind = breaking ? KIND_IMAGE : KIND_ANY });
	struct sym_state *any = sym_state_new(SYM, "w");
	struct conditions q = { 0 };

	require_pair(c, &q, &p, instr);
	require(&q, term_and(TS, executes(c, &p.b), term_not(TS, p.b.run->stays)));
	require(&q, term_or(TS, p.a.run->nullified, completions_differ(c, &p.a, &p.b)));
	require(&q, sym_user(SYM, p.b.state));
	require_real(c, &q, p.b.state, breaking ? p.a.state : any);
	if (in_user)
		require(&q, sym_user(SYM, p.a.state));
	enum answer a =
		ask(c, &q, instr->name, breaking ? "breaks-trap" : "trap", in_user ? "user" : NULL);
	sym_state_free(any);
	pair_free(&p);
	return a;
}

/* ---- everything about one instruction ---- */

static uint64_t word_found(struct classifier *c)
{
	return smt_value(c->smt, sym_word(SYM, "$word"));
}

enum answer offence(struct classifier *c, const struct isa_instr *instr, unsigned which, bool user)
{
	const struct relation image = { .kind = KIND_IMAGE };

	if (which == OFFENCE_CONTROL)
		return control_question(c, instr, user, true, NULL);
	if (which == OFFENCE_BEHAVIOUR)
		return behaviour_question(c, instr, image, user ? BOTH_IN_USER : ANYWHERE, true);
	if (which == OFFENCE_TRAP)
		return trap_question(c, instr, user, true);
	return direct_question(c, instr, user, true);
}

static enum answer breaking_question(struct classifier *c, const struct isa_instr *instr, bool user)
{
	enum answer a = ANSWER_NO;

	for (unsigned i = OFFENCE_CONTROL; i <= OFFENCE_TRAP && a != ANSWER_YES; i++)
		a = answer_either(a, offence(c, instr, i, user));
	return a;
}

enum answer breaks(struct classifier *c, struct classification *k, bool user)
{
	enum answer sensitive =
		user ? answer_either(k->user_sensitive, k->user_trap)
		     : answer_either(answer_either(k->control_sensitive, k->behaviour_sensitive),
				     k->trap_sensitive);

	if (sensitive == ANSWER_NO || k->executes_in_user == ANSWER_NO)
		return ANSWER_NO;
	enum answer a = breaking_question(c, k->instr, user);
	if (a == ANSWER_YES)
		k->word = word_found(c);
	return a;
}

static void classify_sensitivity(struct classifier *c, struct classification *k)
{
	const struct relation any = { .kind = KIND_ANY };
	const struct isa_instr *instr = k->instr;

	k->control_sensitive = control_question(c, instr, false, false, &k->control);
	k->behaviour_sensitive = behaviour_question(c, instr, any, ANYWHERE, false);
	if (k->behaviour_sensitive != ANSWER_NO)
		behaviour_parts(c, instr, &k->behaviour);
	k->trap_sensitive = trap_question(c, instr, false, false);
	k->user_control = k->control_sensitive == ANSWER_NO
				  ? ANSWER_NO
				  : control_question(c, instr, true, false, NULL);
	if (k->behaviour_sensitive == ANSWER_NO) {
		k->user_behaviour = k->user_sensitive_literal = ANSWER_NO;
	} else {
		k->user_behaviour = behaviour_question(c, instr, any, BOTH_IN_USER, false);
		k->user_sensitive_literal = behaviour_question(c, instr, any, FIRST_IN_USER, false);
	}
	k->user_sensitive = answer_either(k->user_control, k->user_behaviour);
	k->user_sensitive_literal = answer_either(k->user_control, k->user_sensitive_literal);
	k->user_trap =
		k->trap_sensitive == ANSWER_NO ? ANSWER_NO : trap_question(c, instr, true, false);
}

static enum answer direct(struct classifier *c, struct classification *k, bool hybrid,
			  bool *time_only)
{
	enum answer a = direct_question(c, k->instr, hybrid, false), timeless;

	*time_only = false;
	if (a != ANSWER_YES)
		return a;
	timeless = direct_question(c, k->instr, hybrid, true);
	*time_only = timeless == ANSWER_NO;
	if (timeless == ANSWER_YES && k->breaks_theorem1 != ANSWER_YES &&
	    k->breaks_theorem3 != ANSWER_YES)
		k->word = word_found(c);
	return a;
}

static bool insensitive(const struct classification *k)
{
	return k->control_sensitive == ANSWER_NO && k->behaviour_sensitive == ANSWER_NO &&
	       k->trap_sensitive == ANSWER_NO;
}

/* The direct question's answer covers resource control, where nothing differs. */
static void classify_properties(struct classifier *c, struct classification *k)
{
	k->controlled_vmm =
		k->direct_vmm == ANSWER_NO ? ANSWER_YES : control_kept(c, k->instr, false);
	k->controlled_hybrid =
		k->direct_hybrid == ANSWER_NO ? ANSWER_YES : control_kept(c, k->instr, true);
	k->reflected = reflection(c, k->instr);
	k->efficient = k->executes_in_user == ANSWER_YES && insensitive(k) ? efficiency(c, k->instr)
									   : ANSWER_YES;
}

struct classification classify(struct classifier *c, const struct isa_instr *instr)
{
	struct classification k = { .instr = instr, .word = instr->match };

	classify_trapping(c, &k);
	classify_sensitivity(c, &k);
	k.breaks_theorem1 = breaks(c, &k, false);
	k.breaks_theorem3 = breaks(c, &k, true);
	k.direct_vmm = direct(c, &k, false, &k.time_only_vmm);
	k.direct_hybrid = direct(c, &k, true, &k.time_only_hybrid);
	classify_properties(c, &k);
	return k;
}
