/*
 * Facts about an instruction's code that engines rely on: can an effect come
 * before a trap, does it touch what the clock depends on; and the checks that go
 * with them: devices cannot be undone, phys must be declared, `privileged` comes first.
 */
#include "isa/check.h"

#include <string.h>

/* ---- walking ---- */

void expr_each(const struct expr *x, void (*each)(const struct expr *, void *), void *context)
{
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		expr_each(x->arg[i], each, context);
	each(x, context);
}

static void stmts_each_expr(const struct stmt *s, void (*each)(const struct expr *, void *),
			    void *context)
{
	for (; s; s = s->next) {
		if (s->address)
			expr_each(s->address, each, context);
		if (s->value)
			expr_each(s->value, each, context);
		stmts_each_expr(s->body, each, context);
		stmts_each_expr(s->otherwise, each, context);
	}
}

void code_each_expr(const struct code *code, void (*each)(const struct expr *, void *),
		    void *context)
{
	stmts_each_expr(code->body, each, context);
}

/* ---- effects and traps in order ---- */

struct path {		 /* what has happened on the way here */
	bool effect;	 /* visible outside the instruction */
	bool own_effect; /* the same, advance's apart */
	bool trap;	 /* could have trapped */
	bool device;	 /* in, out, halt or wait: nothing can take it back */
	bool privileged; /* passed a `privileged;` */
};

struct walk {
	struct checker *c;
	struct isa_instr *instr;
	const struct stmt *own; /* the first statement after advance's */
	bool in_own;
	bool complained;
};

static void pass_trap(struct walk *w, const struct path *p, struct place place)
{
	if (p->effect)
		w->instr->undo = true;
	if (p->device && !w->complained) {
		w->complained = true;
		complain(w->c, place,
			 "this may trap after %s used a device, which cannot be undone: "
			 "do what may trap first",
			 w->instr->name);
	}
}

static void pass_privileged(struct walk *w, const struct path *p, struct place place)
{
	w->instr->privileged = true;
	if (p->own_effect || p->trap)
		diag_add(w->c->diags, DIAG_WARNING, place,
			 "%s precedes `privileged` in %s: in user "
			 "mode it happens first",
			 p->own_effect ? "an effect" : "a possible trap", w->instr->name);
}

static void pass_effect(const struct walk *w, struct path *p)
{
	p->effect = true;
	p->own_effect |= w->in_own;
}

static struct path walk_stmts(struct walk *, const struct stmt *, struct path);

static void walk_storage(struct walk *w, const struct stmt *s, struct path *p)
{
	pass_trap(w, p, s->place);
	p->trap = true;
	if (s->op == S_STORE)
		pass_effect(w, p);
	if (s->physical && !p->privileged && !w->instr->physical)
		complain(w->c, s->place,
			 "%s reaches past translate on a path that is not privileged: "
			 "say so with the attribute physical",
			 w->instr->name);
}

static void walk_if(struct walk *w, const struct stmt *s, struct path *p)
{
	if (s->privileged) {
		pass_privileged(w, p, s->place);
		pass_trap(w, p, s->place);
		p->trap = true;
		p->privileged = true;
		return;
	}
	struct path a = walk_stmts(w, s->body, *p), b = walk_stmts(w, s->otherwise, *p);
	*p = (struct path){ a.effect || b.effect, a.own_effect || b.own_effect, a.trap || b.trap,
			    a.device || b.device, a.privileged && b.privileged };
}

static struct path walk_stmts(struct walk *w, const struct stmt *s, struct path p)
{
	for (; s; s = s->next) {
		w->in_own |= s == w->own;
		switch (s->op) {
		case S_LET:
		case S_NEXT: break;
		case S_SET:
		case S_SETELEM:
		case S_UNSPECIFIED: pass_effect(w, &p); break;
		case S_LOAD:
		case S_STORE: walk_storage(w, s, &p); break;
		case S_IN:
		case S_OUT:
		case S_HALT:
		case S_WAIT: p.device = true; break;
		case S_IF: walk_if(w, s, &p); break;
		case S_TRAP:
			if (s->phase != PHASE_COMPLETE)
				pass_trap(w, &p, s->place);
			p.trap = true;
			/* nothing after it is reached: what follows joins from elsewhere */
			return (struct path){ .trap = true, .privileged = true };
		case S_OPS: break;
		}
	}
	return p;
}

void check_facts(struct checker *c, struct isa_instr *instr, const struct stmt *own)
{
	struct walk w = { .c = c, .instr = instr, .own = own };
	walk_stmts(&w, instr->code.body, (struct path){ 0 });
}

/* ---- the clock ---- */

struct touched {
	bool *read, *written; /* by register index */
	bool time;	      /* time, lines, devices, halt, wait */
};

static void note_expr(const struct expr *x, void *context)
{
	struct touched *t = context;
	if (x->reg)
		t->read[x->reg->index] = true;
	if (x->op == X_TIME || x->op == X_LINE)
		t->time = true;
}

static void note_stmts(const struct stmt *s, struct touched *t)
{
	for (; s; s = s->next) {
		if (s->reg)
			t->written[s->reg->index] = true;
		if (s->op == S_IN || s->op == S_OUT || s->op == S_HALT || s->op == S_WAIT)
			t->time = true;
		note_stmts(s->body, t);
		note_stmts(s->otherwise, t);
	}
}

static struct touched touched_new(struct checker *c)
{
	size_t size = c->isa->nregs + 1;
	return (struct touched){ take(c, size), take(c, size), false };
}

static void touch(const struct code *code, struct touched *t)
{
	if (!code)
		return;
	code_each_expr(code, note_expr, t);
	note_stmts(code->body, t);
}

/* Does what t does meet what the clock reads and writes? */
static bool meets(const struct checker *c, const struct touched *t, const struct touched *clock)
{
	if (t->time)
		return true;
	for (unsigned i = 0; i < c->isa->nregs; i++)
		if ((t->written[i] && (clock->read[i] || clock->written[i])) ||
		    (t->read[i] && clock->written[i]))
			return true;
	return false;
}

static bool writes_mode(const struct isa *isa, const struct code *code)
{
	for (unsigned i = 0; isa->user && i < isa->nregs; i++)
		if (expr_reads(isa->user, &isa->reg[i]) && code_writes(code, &isa->reg[i]))
			return true;
	return false;
}

void check_clock(struct checker *c)
{
	struct isa *isa = c->isa;
	struct touched clock = touched_new(c), fetch = touched_new(c);
	touch(isa->tick, &clock);
	touch(isa->horizon, &clock);
	touch(isa->skip, &clock);
	touch(isa->interrupt, &clock);
	touch(isa->translate, &fetch);
	bool all = meets(c, &fetch, &clock);
	struct isa_instr *instr = (struct isa_instr *)isa->instr;
	for (unsigned i = 0; i < isa->ninstrs; i++) {
		struct touched t = touched_new(c);
		touch(&instr[i].code, &t);
		instr[i].clock = all || meets(c, &t, &clock);
		instr[i].mode = writes_mode(isa, &instr[i].code);
	}
	isa->clock_translates = all;
	struct isa_reg *reg = (struct isa_reg *)isa->reg;
	for (unsigned i = 0; i < isa->nregs; i++) {
		reg[i].clock_reads = clock.read[i];
		reg[i].clock_writes = clock.written[i];
	}
}
