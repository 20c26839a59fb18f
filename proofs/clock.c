/*
 * Time: what tick and interrupt of the real machine do while a guest runs there, of
 * which a monitor hears only where they trap.  It runs those of the virtual machine
 * by itself, so f has to survive both: what programs see and what the map mirrors stay
 * equal, and the real machine keeps its mode, its relocation and what the map pins.
 * Horizon and skip are taken at their word.
 */
#include "proofs/classify_private.h"

/* The clock's code in a state. */
static struct world clock_world(struct classifier *c, struct sym_state *state,
				const struct code *code, const struct term *line)
{
	struct world w = { state, sym_run_code(SYM, state, code, &line) };

	sym_lead(SYM, w.run);
	return w;
}

/* What f makes of the virtual register after it, where f makes anything of it. */
static const struct term *pin_lost(struct classifier *c, const struct isa_reg *r,
				   const struct world *v, const struct world *real)
{
	const struct isa_map_entry *e = &c->map->entry[r->index];
	struct sym_state after = *v->state;

	if (sym_relocates(SYM, r))
		return term_or(TS, changed_register(c, v, r), changed_register(c, real, r));
	if (e->kind != MAP_VALUE || r->array)
		return term_false(TS);
	after.reg = v->run->reg;
	return differ(c, real->run->reg[r->index], sym_eval(SYM, &after, e->value));
}

/* A trap that leaves user mode: the monitor loads anew what it wants the registers to hold. */
static const struct term *unheard(struct classifier *c, const struct world *real)
{
	return term_not(TS, term_and(TS, real->run->completes, term_not(TS, real->run->stays)));
}

/* f is lost in this register. */
static const struct term *image_broken(struct classifier *c, const struct isa_reg *r,
				       const struct world *v, const struct world *real)
{
	const struct term *lost = term_and(TS, unheard(c, real), pin_lost(c, r, v, real));

	if (r->class == CLASS_VISIBLE || c->map->entry[r->index].kind == MAP_MIRRORED)
		lost = term_or(TS, lost, register_differs(c, r, v->run, real->run));
	return lost;
}

const struct term *is_line(struct classifier *c, const struct term *n)
{
	const struct isa *isa = c->sym.isa;
	const struct term *any = term_false(TS);

	for (unsigned i = 0; i < isa->ndevices; i++)
		if (isa->device[i].line >= 0)
			any = term_or(
				TS, any,
				term_eq(TS, n,
					term_const(TS, isa->word, (uint64_t)isa->device[i].line)));
	return any;
}

/* Both worlds while time passes: by tick in each, by an interrupt in the real one alone. */
struct passing {
	const char *name;
	struct conditions q;
	struct world v, real;
};

static struct passing passing_of(struct classifier *c, const struct code *code, bool interrupt)
{
	static const struct code nothing;
	const struct term *line = term_variable(TS, "$line", c->sym.isa->word);
	struct sym_state *v = sym_state_new(SYM, "v"), *real = image_state(c, v);
	struct passing p = { .name = interrupt ? "interrupt" : "tick" };

	p.v = clock_world(c, v, interrupt ? &nothing : code, NULL);
	p.real = clock_world(c, real, code, line);
	require(&p.q, sym_valid(SYM, v));
	require_region(c, &p.q, real);
	require_members(c, &p.q, real);
	if (interrupt)
		require(&p.q, is_line(c, line));
	return p;
}

static enum answer never(struct classifier *c, const struct passing *p, const struct term *wrong,
			 const char *part)
{
	struct conditions q = p->q;

	require(&q, wrong);
	return answer_negate(ask(c, &q, p->name, "image", part));
}

static enum answer passes(struct classifier *c, const struct passing *p, const struct code *code)
{
	const struct isa *isa = c->sym.isa;
	enum answer kept = never(c, p, p->real.run->stays, "stays");

	if (kept == ANSWER_NO)
		c->reason = sym_name(SYM,
				     "%s of the real machine can trap into user mode, where no "
				     "monitor hears of it",
				     p->name);
	for (unsigned i = 0; i < isa->nregs && kept != ANSWER_NO; i++) {
		const struct isa_reg *r = &isa->reg[i];
		if (!code_writes(code, r) && c->map->entry[i].kind != MAP_VALUE)
			continue; /* nor is it made of what is written */
		kept = answer_both(kept, never(c, p, image_broken(c, r, &p->v, &p->real), r->name));
		if (kept == ANSWER_NO)
			c->reason = sym_name(SYM,
					     "%s of the real machine can leave in %s what is not "
					     "the guest's, and no monitor hears of it",
					     p->name, r->name);
	}
	return kept;
}

static enum answer code_passes(struct classifier *c, const struct code *code, bool interrupt)
{
	struct passing p;

	if (!code)
		return ANSWER_YES;
	p = passing_of(c, code, interrupt);
	enum answer kept = passes(c, &p, code);
	world_free(&p.v);
	world_free(&p.real);
	return kept;
}

/* ---- what tick finds ---- */

/* It runs on the real machine, and what it leaves in the register no trap tells the monitor. */
static enum answer never_sets(struct classifier *c, const struct isa_instr *instr,
			      const struct isa_reg *r)
{
	if (!code_writes(&instr->code, r))
		return ANSWER_YES;
	struct direct d = worlds_of(c, instr, false, false);
	require(&d.q, executes(c, &d.r));
	require(&d.q, changed_register(c, &d.r, r));
	enum answer sets = ask(c, &d.q, instr->name, "sets", r->name);
	direct_free(&d);
	return answer_negate(sets);
}

/* Where a guest sets a mirrored register by itself, the monitor learns what tick made of it, and
 * not what tick found: then nothing else that tick does may depend on it.  A visible one it
 * knows only so. */
static enum answer found_known(struct classifier *c, const struct isa_reg *r)
{
	const struct isa *isa = c->sym.isa;
	enum answer known = r->class == CLASS_VISIBLE ? ANSWER_NO : ANSWER_YES;

	if (!code_writes(isa->tick, r) || !code_acts_by(isa->tick, r) ||
	    (r->class != CLASS_VISIBLE && c->map->entry[r->index].kind != MAP_MIRRORED))
		return ANSWER_YES;
	for (unsigned i = 0; i < isa->ninstrs && known != ANSWER_NO; i++)
		known = answer_both(known, never_sets(c, &isa->instr[i], r));
	if (known == ANSWER_NO)
		c->reason = sym_name(SYM,
				     "tick acts by %s, which it changes and programs have: no "
				     "monitor knows what it found there",
				     r->name);
	return known;
}

static enum answer ticks_known(struct classifier *c)
{
	enum answer known = ANSWER_YES;

	for (unsigned i = 0; i < c->sym.isa->nregs && known != ANSWER_NO; i++)
		known = answer_both(known, found_known(c, &c->sym.isa->reg[i]));
	return known;
}

enum answer clock_kept(struct classifier *c)
{
	enum answer kept = code_passes(c, c->sym.isa->tick, false);

	if (kept != ANSWER_NO)
		kept = answer_both(kept, ticks_known(c));
	return kept == ANSWER_NO ? kept
				 : answer_both(kept, code_passes(c, c->sym.isa->interrupt, true));
}
