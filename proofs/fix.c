/*
 * What would mend an instruction that breaks a theorem: each change is made to a description that
 * includes this one and overrides the instruction, and asked about there.
 */
#include "proofs/mapping.h"

#include <stdio.h>

const char *remedy_name(enum remedy r)
{
	static const char *const names[] = {
		[REMEDY_WORDS] = "trap its guilty words in user mode",
		[REMEDY_TRAP] = "trap all of it in user mode",
		[REMEDY_ILLEGAL] = "remove it from user mode",
		[REMEDY_MAP] = "another map",
	};
	return names[r];
}

/* ---- variants ---- */

struct variant {
	struct diag_list *diagnostics;
	struct isa *isa; /* NULL: the language does not have it so */
};

static char *variant_text(const struct isa *isa, const char *items)
{
	char *file = isa_include_quote(isa);
	char *text = xformat("include \"%s\"\nmachine %s-fixed \"%s, mended\" {\n%s}\n", file,
			     isa->name, isa->name, items);

	free(file);
	return text;
}

static struct variant variant_of(const struct isa *isa, const char *items)
{
	struct variant v = { .diagnostics = diag_new() };
	char *text = variant_text(isa, items);

	v.isa = isa_load_text(v.diagnostics, "mended.isa", text);
	free(text);
	return v;
}

static void variant_free(struct variant *v)
{
	if (v->isa)
		isa_free(v->isa);
	diag_free(v->diagnostics);
}

static unsigned questions_of(const struct classifier *c)
{
	struct smt_counts n = smt_counts(c->smt);

	return n.queries + n.cached + n.simplified;
}

/* What instructions by these names break there, under the map of that name. */
static struct remedied ask_variant(struct classifier *c, const struct isa *isa, unsigned n,
				   const struct isa_instr *const *instr)
{
	struct remedied then = { ANSWER_YES, ANSWER_YES, 0 };
	struct classifier *changed =
		classifier_new(isa, isa_map_named(isa, c->map->name), c->smt, TS);
	unsigned before = questions_of(c);

	for (unsigned i = 0; i < n; i++) {
		const struct isa_instr *of = isa_instr_named(isa, instr[i]->name);
		then.theorem1 = answer_both(then.theorem1, instruction_met(changed, of, 1));
		then.theorem3 = answer_both(then.theorem3, instruction_met(changed, of, 3));
	}
	then.questions = questions_of(c) - before;
	classifier_free(changed);
	return then;
}

/* ---- how a machine refuses ---- */

/* Does it begin by asking for the mode, and raise this trap there? */
static bool refuses_by(const struct isa *isa, const struct stmt *s, const struct isa_trap *trap)
{
	bool asks = false;

	for (; s; s = s->next) {
		if (s->op != S_IF)
			continue;
		for (unsigned i = 0; i < isa->nregs; i++)
			asks |= decides_user(isa, &isa->reg[i]) &&
				expr_reads(s->value, &isa->reg[i]);
		if (asks && s->body && s->body->op == S_TRAP && s->body->trap == trap)
			return true;
	}
	return false;
}

/* The trap for what user mode must not do: priv, or the one that most instructions raise so. */
static const struct isa_trap *privilege_trap(const struct isa *isa)
{
	const struct isa_trap *best = isa->priv;
	unsigned most = 0;

	for (unsigned t = 0; !isa->priv && t < isa->ntraps; t++) {
		unsigned n = 0;
		for (unsigned i = 0; i < isa->ninstrs; i++)
			n += refuses_by(isa, isa->instr[i].code.body, &isa->trap[t]);
		if (n > most) {
			most = n;
			best = &isa->trap[t];
		}
	}
	return best ? best : isa->illegal;
}

/* The statement that traps in user mode, where the words, if any, are true. */
static char *refusal(const struct isa *isa, const char *words)
{
	const char *name = privilege_trap(isa)->name;

	if (isa->priv)
		return *words ? xformat("if (%s) privileged;", words) : xformat("privileged;");
	return *words ? xformat("if (user && (%s)) trap %s;", words, name)
		      : xformat("if (user) trap %s;", name);
}

/* ---- alternatives ---- */

struct adviser {
	struct classifier *c;
	advice_progress *progress;
	bool mapping_begun;
	struct mapping mapping; /* from the map at hand, which it has between moves */
	unsigned lost;		/* the obligation that the last move to fail has lost */
};

struct advising {
	struct adviser *by;
	struct classifier *c;
	struct advice *to;
	bool broken1, broken3; /* what is to be mended */
};

static void say_trying(const struct advising *a, const char *what)
{
	char text[160];

	snprintf(text, sizeof text, "%s: what would mend %s: %s", a->c->sym.isa->name,
		 a->to->instr->name, what);
	if (a->by->progress)
		a->by->progress(text);
}

static bool mends(const struct advising *a, const struct remedied *then)
{
	return (!a->broken1 || then->theorem1 == ANSWER_YES) &&
	       (!a->broken3 || then->theorem3 == ANSWER_YES);
}

static void keep(struct advising *a, struct alternative alternative)
{
	struct advice *to = a->to;

	to->of = xrealloc(to->of, (to->n + 1) * sizeof *to->of);
	to->of[to->n++] = alternative;
}

/* Takes the line; kept if it is verified. */
static void try_line(struct advising *a, enum remedy remedy, char *line)
{
	const struct isa_instr *instr = a->to->instr;
	char *item = isa_instr_quote(instr, line);
	struct variant v = variant_of(a->c->sym.isa, item);
	struct alternative made = { .remedy = remedy, .text = line, .item = item };

	say_trying(a, remedy_name(remedy));
	if (v.isa)
		made.then = ask_variant(a->c, v.isa, 1, &instr);
	if (v.isa && mends(a, &made.then)) {
		keep(a, made);
	} else {
		free(line);
		free(item);
	}
	variant_free(&v);
}

static void try_words(struct advising *a, const struct guilt *guilt)
{
	char *words = guilt_condition(guilt);

	if (*words)
		try_line(a, REMEDY_WORDS, refusal(a->c->sym.isa, words));
	free(words);
}

/* ---- another map ---- */

static char *move_text(struct mapping *m, const struct move *move)
{
	char *text, line[256];
	size_t size;
	FILE *f = must(open_memstream(&text, &size));

	for (unsigned i = 0; i < move->n; i++) {
		const struct isa_map_entry *e = &m->entry[move->reg[i]->index];
		struct advised_line l = { .reg = move->reg[i], .kind = e->kind };
		if (e->kind == MAP_VALUE)
			l.value = advised_value_text(move->reg[i], e);
		fprintf(f, "%s%s", i ? " " : "", advised_line_text(&l, line, sizeof line));
		free(l.value);
	}
	fclose(f);
	return text;
}

/* Is the obligation not met, and was without the move? */
static bool is_lost(struct mapping *m, struct move *move, unsigned obligation, int theorem)
{
	bool lost = mapping_met(m, obligation, theorem) != ANSWER_YES;

	if (!lost)
		return false;
	move_undo(m, move);
	lost = mapping_met(m, obligation, theorem) == ANSWER_YES;
	move_make(m, move);
	return lost;
}

/* Whatever was met without the move is so with it.  Moves are much alike: what the last one lost is
 * asked about first. */
static bool nothing_lost(struct adviser *by, struct move *move, int theorem)
{
	struct mapping *m = &by->mapping;
	bool lost = is_lost(m, move, by->lost, theorem);

	for (unsigned i = 0; i < m->nobligations && !lost; i++) {
		lost = is_lost(m, move, i, theorem);
		by->lost = lost ? i : by->lost;
	}
	return !lost;
}

static const struct isa_trap *held_off(const struct mapping *m, const struct move *move)
{
	const struct isa_trap *trap = NULL;

	for (unsigned i = 0; i < move->n; i++) {
		unsigned r = move->reg[i]->index;
		if (!trap)
			trap = m->choices[r].of[m->chosen[r]].holds_off;
	}
	return trap;
}

/* Of a move: for the instruction, and without a loss for another. */
static enum answer served(struct advising *a, struct move *move, int theorem)
{
	enum answer met = mapping_met(&a->by->mapping, a->to->instr->index, theorem);

	return met == ANSWER_YES && !nothing_lost(a->by, move, theorem) ? ANSWER_NO : met;
}

static bool try_move(struct advising *a, struct mapping *m, struct move *move, int theorem)
{
	unsigned questions = questions_of(a->c);
	struct alternative made = { .remedy = REMEDY_MAP };
	bool mended;

	move_make(m, move);
	mended = served(a, move, theorem) == ANSWER_YES;
	if (mended) {
		made.then.theorem1 = served(a, move, 1);
		made.then.theorem3 = served(a, move, 3);
		made.then.questions = questions_of(a->c) - questions;
		made.text = move_text(m, move);
		made.holds_off = held_off(m, move);
		keep(a, made);
	}
	move_undo(m, move);
	return mended;
}

/* Of a move that serves the instruction, but breaks composition: with others that mend that. */
static bool try_longer(struct advising *a, struct mapping *m, struct move *move, int theorem)
{
	unsigned composition = m->nobligations - 1;
	bool mended = false, broken;

	move_make(m, move);
	broken = mapping_met(m, a->to->instr->index, theorem) == ANSWER_YES &&
		 mapping_met(m, composition, theorem) == ANSWER_NO;
	move_undo(m, move);
	if (!broken)
		return false;
	struct moves longer = moves_beyond(m, move, composition);
	for (unsigned i = 0; i < longer.n && !mended; i++)
		mended = try_move(a, m, &longer.of[i], theorem);
	moves_free(&longer);
	return mended;
}

/* The least demanding that serves the one theorem's monitor. */
static bool try_moves(struct advising *a, struct mapping *m, int theorem)
{
	bool *closed = xcalloc(a->c->sym.isa->nregs + 1, sizeof *closed), mended = false;
	struct moves moves = moves_for(m, a->to->instr->index, closed);

	for (unsigned i = 0; i < moves.n && !mended; i++)
		mended = try_move(a, m, &moves.of[i], theorem) ||
			 try_longer(a, m, &moves.of[i], theorem);
	a->to->limits = mended ? 0 : a->to->limits | moves.limits;
	moves_free(&moves);
	free(closed);
	return mended;
}

static void try_map(struct advising *a)
{
	struct adviser *by = a->by;
	struct mapping *m = &by->mapping;

	if (!by->mapping_begun) {
		say_trying(a, remedy_name(REMEDY_MAP));
		mapping_begin(m, a->c->sym.isa, a->c->smt, a->c->sym.terms, by->progress);
		mapping_take(m, a->c->map);
		by->mapping_begun = true;
	}
	if (!(a->broken1 && try_moves(a, m, 1)) && a->broken3)
		try_moves(a, m, 3);
}

struct adviser *adviser_new(struct classifier *c, advice_progress *progress)
{
	struct adviser *by = xcalloc(1, sizeof *by);

	by->c = c;
	by->progress = progress;
	return by;
}

void adviser_free(struct adviser *by)
{
	if (by->mapping_begun)
		mapping_end(&by->mapping);
	free(by);
}

struct advice advise(struct adviser *by, const struct classification *k, const struct guilt *guilt)
{
	struct advice to = { .instr = k->instr };
	struct advising a = { by, by->c, &to, breaks_theorem(k, 1), breaks_theorem(k, 3) };

	if (!a.broken1 && !a.broken3)
		return to;
	try_words(&a, guilt);
	if (privilege_trap(by->c->sym.isa) != by->c->sym.isa->illegal)
		try_line(&a, REMEDY_TRAP, refusal(by->c->sym.isa, ""));
	try_line(&a, REMEDY_ILLEGAL, xformat("if (user) trap illegal;"));
	try_map(&a);
	return to;
}

void advice_free(struct advice *a)
{
	for (unsigned i = 0; i < a->n; i++) {
		free(a->of[i].text);
		free(a->of[i].item);
	}
	free(a->of);
}

/* ---- together ---- */

bool advise_combined(struct adviser *by, const struct advice *advice, unsigned n,
		     struct combined *combined)
{
	struct classifier *c = by->c;
	const struct isa_instr **instr = xcalloc(n + 1, sizeof *instr);
	bool each = n > 0;
	char *items;
	size_t size;
	FILE *f = must(open_memstream(&items, &size));

	for (unsigned i = 0; i < n; i++) {
		instr[i] = advice[i].instr;
		each = each && advice[i].n && advice[i].of[0].item;
		if (each)
			fprintf(f, "  %s", advice[i].of[0].item);
	}
	fclose(f);
	struct variant v = variant_of(c->sym.isa, items);
	each = each && v.isa;
	if (each)
		*combined = (struct combined){ variant_text(c->sym.isa, items),
					       ask_variant(c, v.isa, n, instr) };
	variant_free(&v);
	free(items);
	free(instr);
	return each;
}
