/* Maps under trial: obligations, on which registers each depends, and answers known already. */
#include "proofs/mapping.h"

#include <stdio.h>

static const struct isa *isa_of(const struct mapping *m)
{
	return m->c.sym.isa;
}

bool decides_user(const struct isa *isa, const struct isa_reg *r)
{
	return r->class == CLASS_CONTROL && expr_reads(isa->user, r);
}

const struct isa_instr *mapping_instr(const struct mapping *m, unsigned obligation)
{
	return obligation < isa_of(m)->ninstrs ? &isa_of(m)->instr[obligation] : NULL;
}

/* ---- which registers an obligation depends on ---- */

/* Marks the registers of a state that a term reads. */
static void mark(const struct isa *isa, const struct sym_state *state, const struct term *t,
		 bool *seen, bool *touched)
{
	if (seen[t->id])
		return;
	seen[t->id] = true;
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].array ? t->op == T_APPLY && t->name == state->array[i]
				      : t == state->reg[i])
			touched[i] = true;
	for (int i = 0; i < 3 && t->arg[i]; i++)
		mark(isa, state, t->arg[i], seen, touched);
}

static void mark_term(const struct isa *isa, const struct sym_state *state, const struct term *t,
		      bool *touched)
{
	bool *seen;

	if (!t)
		return;
	seen = xcalloc(t->id + 1u, sizeof *seen);
	mark(isa, state, t, seen, touched);
	free(seen);
}

/* What decides where its traps lead; its own code is looked at apart. */
static void mark_traps(struct mapping *m, const struct isa_instr *instr, bool *touched)
{
	struct sym *s = &m->c.sym;
	struct sym_state *state = sym_state_new(s, "1");
	struct sym_run *run = sym_run_instr(s, state, instr, sym_word(s, "$word"));

	for (unsigned i = 0; i < run->ntraps; i++) {
		mark_term(s->isa, state, run->trap[i].stays, touched);
		mark_term(s->isa, state, run->trap[i].mode, touched);
	}
	sym_run_free(run);
	sym_state_free(state);
}

/* The code that it is about; composition is about what time does to the image, too. */
static bool writes(const struct isa *isa, const struct isa_instr *instr, const struct isa_reg *r)
{
	if (instr)
		return code_writes(&instr->code, r);
	return code_writes(isa->tick, r) || code_writes(isa->interrupt, r);
}

/* The same, and where the clock's traps lead. */
static bool reads(const struct isa *isa, const struct isa_instr *instr, const struct isa_reg *r)
{
	if (instr)
		return code_reads(&instr->code, r);
	return code_reads(isa->tick, r) || code_reads(isa->interrupt, r) ||
	       code_reads(isa->trapseq, r);
}

/* What it may depend on, as its code reads. */
static void find_influence(struct mapping *m, unsigned obligation)
{
	const struct isa *isa = isa_of(m);
	const struct isa_instr *instr = mapping_instr(m, obligation);
	bool *touched = xcalloc(isa->nregs + 1, sizeof *touched);
	enum influence *of = obstack_alloc(&m->arena, (isa->nregs + 1) * sizeof *of);

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];
		touched[i] = decides_user(isa, r) || (isa->big && expr_reads(isa->big, r)) ||
			     (isa->abstract_translation && sym_relocates(&m->c.sym, r)) ||
			     reads(isa, instr, r) || writes(isa, instr, r);
	}
	if (instr)
		mark_traps(m, instr, touched);
	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];
		of[i] = !touched[i] || r->class != CLASS_CONTROL ? INFLUENCE_NONE
			: !instr || decides_user(isa, r)	 ? INFLUENCE_FOUND
								 : INFLUENCE_POSSIBLE;
	}
	free(touched);
	m->influence[obligation] = of;
}

/*
 * In user mode, where the real machine is: two states that differ in the register alone, and the
 * instruction traps or shows something else in the other, or changes control state in one.  If
 * there are none, the real machine's step is the same whatever the register holds, and it matters
 * not what the map gives it.
 */
static bool influences(struct classifier *c, const struct isa_reg *r, const struct isa_instr *instr)
{
	struct pair p = pair_of(c, instr, (struct relation){ KIND_REGISTER, r });
	struct conditions q = { 0 };
	const struct term *differs =
		term_or(TS, refusals_differ(c, &p.a, &p.b), completions_differ(c, &p.a, &p.b));

	differs = term_or(TS, differs, visible_differ(c, &p.a, &p.b, NULL));
	differs = term_or(TS, differs, any_change(c, &p.a, NULL));
	require_pair(c, &q, &p, instr);
	require(&q, sym_user(SYM, p.a.state));
	require(&q, sym_user(SYM, p.b.state));
	require(&q, term_or(TS, differs, any_change(c, &p.b, NULL)));
	enum answer answer = ask(c, &q, instr->name, "influence", r->name);
	pair_free(&p);
	return answer != ANSWER_NO;
}

bool mapping_depends(struct mapping *m, unsigned obligation, const struct isa_reg *r)
{
	enum influence *of = &m->influence[obligation][r->index];

	if (*of == INFLUENCE_POSSIBLE)
		*of = r->constant || influences(&m->c, r, mapping_instr(m, obligation))
			      ? INFLUENCE_FOUND
			      : INFLUENCE_NONE;
	return *of == INFLUENCE_FOUND;
}

/* Its value is made of what is changed. */
static bool follows(const struct isa *isa, const struct isa_map_entry *e,
		    const struct isa_instr *instr)
{
	for (unsigned i = 0; e->kind == MAP_VALUE && i < isa->nregs; i++)
		if (expr_reads(e->value, &isa->reg[i]) && writes(isa, instr, &isa->reg[i]))
			return true;
	return false;
}

/* ---- answers ---- */

enum answer instruction_met(struct classifier *c, const struct isa_instr *instr, int theorem)
{
	const enum answer open = ANSWER_UNKNOWN;
	struct classification k = { .instr = instr,
				    .executes_in_user = open,
				    .control_sensitive = open,
				    .behaviour_sensitive = open,
				    .trap_sensitive = open,
				    .user_sensitive = open,
				    .user_trap = open };
	enum answer differs = direct_question(c, instr, theorem == 3, false);

	if (differs == ANSWER_YES)
		differs = direct_question(c, instr, theorem == 3, true);
	if (differs != ANSWER_NO)
		return answer_negate(differs);
	return answer_negate(breaks(c, &k, theorem == 3));
}

/* What the answer depends on, as text: the registers not left at their first choice. */
static char *key_of(struct mapping *m, unsigned obligation, int theorem)
{
	const struct isa *isa = isa_of(m);
	const struct isa_instr *instr = mapping_instr(m, obligation);
	char *text;
	size_t size;
	FILE *f = must(open_memstream(&text, &size));

	fprintf(f, "%u %d", obligation, instr ? theorem : 0);
	for (unsigned i = 0; i < isa->nregs; i++)
		if (m->chosen[i] && (follows(isa, &m->entry[i], instr) ||
				     mapping_depends(m, obligation, &isa->reg[i])))
			fprintf(f, " %u=%u", i, m->chosen[i]);
	fclose(f);
	return text;
}

static enum answer find_out(struct mapping *m, unsigned obligation, int theorem)
{
	const struct isa_instr *instr = mapping_instr(m, obligation);
	char text[160];

	snprintf(text, sizeof text, "%s: maps for Theorem %d, %s, question %u", isa_of(m)->name,
		 theorem, instr ? instr->name : "composition", ++m->asked);
	if (m->progress)
		m->progress(text);
	return instr ? instruction_met(&m->c, instr, theorem) : classifier_composition(&m->c);
}

enum answer mapping_met(struct mapping *m, unsigned obligation, int theorem)
{
	char *key = key_of(m, obligation, theorem);
	enum answer met;

	for (unsigned i = 0; i < m->nknown; i++)
		if (!strcmp(m->known[i].key, key)) {
			free(key);
			return m->known[i].met;
		}
	met = find_out(m, obligation, theorem);
	m->undecided |= met == ANSWER_UNKNOWN;
	m->known = xrealloc(m->known, (m->nknown + 1) * sizeof *m->known);
	m->known[m->nknown++] = (struct known){ key, met };
	return met;
}

unsigned mapping_unmet(struct mapping *m, int theorem)
{
	unsigned i = 0;

	while (i < m->nobligations && mapping_met(m, i, theorem) == ANSWER_YES)
		i++;
	return i;
}

/* ---- maps ---- */

void mapping_choose(struct mapping *m, const struct isa_reg *r, unsigned choice)
{
	m->chosen[r->index] = choice;
	m->entry[r->index] = m->choices[r->index].of[choice].entry;
}

static bool same_entry(const struct isa_map_entry *a, const struct isa_map_entry *b)
{
	if (a->kind != b->kind || a->kind != MAP_VALUE)
		return a->kind == b->kind;
	return a->value == b->value || (a->value->op == X_CONST && b->value->op == X_CONST &&
					a->value->value == b->value->value);
}

void mapping_take(struct mapping *m, const struct isa_map *map)
{
	for (unsigned i = 0; i < isa_of(m)->nregs; i++)
		for (unsigned k = 0; k < m->choices[i].n; k++)
			if (same_entry(&m->choices[i].of[k].entry, &map->entry[i]))
				mapping_choose(m, &isa_of(m)->reg[i], k);
}

void mapping_begin(struct mapping *m, const struct isa *isa, struct smt *smt, struct terms *terms,
		   advice_progress *progress)
{
	*m = (struct mapping){ .c = { .sym = sym_of(isa, terms), .smt = smt },
			       .nobligations = isa->ninstrs + 1,
			       .progress = progress };
	obstack_init(&m->arena);
	members_prove(&m->c);
	m->entry = xcalloc(isa->nregs + 1, sizeof *m->entry);
	m->map = (struct isa_map){ .name = "tried", .entry = m->entry };
	m->c.map = &m->map;
	m->choices = xcalloc(isa->nregs + 1, sizeof *m->choices);
	m->chosen = xcalloc(isa->nregs + 1, sizeof *m->chosen);
	m->influence = xcalloc(m->nobligations, sizeof *m->influence);
	mapping_choices(m);
	for (unsigned i = 0; i < isa->nregs; i++)
		mapping_choose(m, &isa->reg[i], 0);
	for (unsigned i = 0; i < m->nobligations; i++)
		find_influence(m, i);
}

void mapping_end(struct mapping *m)
{
	for (unsigned i = 0; i < m->nknown; i++)
		free(m->known[i].key);
	for (unsigned i = 0; i < isa_of(m)->nregs; i++)
		free(m->choices[i].of);
	free(m->known);
	free(m->influence);
	free(m->chosen);
	free(m->choices);
	free(m->entry);
	members_free(&m->c);
	obstack_free(&m->arena, NULL);
}
