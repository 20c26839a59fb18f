/* Where the slots of an instruction set lie: see machine/lower.h. */
#include "machine/lowering.h"
#include "machine/stops.h"

unsigned expr_locals(const struct expr *e)
{
	unsigned most = e->op == X_FIND || e->op == X_LOCAL ? e->index + 1 : 0;

	for (unsigned i = 0; i < expr_op_arity(e->op); i++) {
		unsigned n = expr_locals(e->arg[i]);

		most = n > most ? n : most;
	}
	return most;
}

struct needs { /* the most of any code */
	unsigned locals, depth;
};

static unsigned depth_of(const struct expr *e)
{
	unsigned most = 0;

	for (unsigned i = 0; e && i < expr_op_arity(e->op); i++) {
		unsigned n = depth_of(e->arg[i]);

		most = n > most ? n : most;
	}
	return most + 1;
}

static void need(unsigned *most, unsigned n)
{
	if (n > *most)
		*most = n;
}

static void list_needs(const struct stmt *s, struct needs *n)
{
	for (; s; s = s->next) {
		need(&n->depth, depth_of(s->address));
		need(&n->depth, depth_of(s->value));
		list_needs(s->body, n);
		list_needs(s->otherwise, n);
	}
}

static void code_needs(const struct code *code, struct needs *n)
{
	if (!code)
		return;
	need(&n->locals, code->nlocals);
	list_needs(code->body, n);
}

static void value_needs(const struct expr *e, struct needs *n)
{
	if (!e)
		return;
	need(&n->locals, expr_locals(e));
	need(&n->depth, depth_of(e));
}

static struct needs isa_needs(const struct isa *isa)
{
	const struct code *const code[] = { isa->translate, isa->trapseq,   isa->tick, isa->horizon,
					    isa->skip,	    isa->interrupt, isa->reset, isa->go };
	struct needs n = { 0 };

	for (unsigned i = 0; i < sizeof code / sizeof *code; i++)
		code_needs(code[i], &n);
	for (unsigned i = 0; i < isa->ninstrs; i++)
		code_needs(&isa->instr[i].code, &n);
	for (unsigned i = 0; i < isa->nmaps; i++)
		for (unsigned r = 0; r < isa->nregs; r++)
			value_needs(isa->map[i].entry[r].value, &n);
	for (unsigned i = 0; i < isa->ninvariants; i++)
		value_needs(isa->invariant[i], &n);
	for (unsigned i = 0; i < isa->nreasons; i++)
		code_needs(isa->reason[i].code, &n);
	for (unsigned i = 0; i < isa->ngdb; i++)
		value_needs(isa->gdb_reg[i].value, &n);
	value_needs(isa->user, &n);
	value_needs(isa->big, &n);
	return n;
}

/*
 * Temporaries: an expression holds at most four at each level of its tree; a
 * statement has two expressions, and the statements of translate may stand within
 * it, with the places of up to eight units.  The margin is for expressions from
 * elsewhere (view_eval), which are as deep as a description's can be.
 */
enum { TEMPS_PER_LEVEL = 4, EXPRESSIONS = 4, PLACES = 64, MARGIN = 1024, PARAMETERS = 3 };

struct layout lower_layout(const struct isa *isa)
{
	struct needs n = isa_needs(isa);
	struct layout at;

	at.work = isa->nslots;
	at.locals = at.work + WORK_LOCALS;
	at.translate = at.locals + (n.locals > PARAMETERS ? n.locals : PARAMETERS);
	at.temps = at.translate + isa->translate->nlocals;
	at.vectors = false;
	at.apart = !code_fixed(isa->translate);
	at.within = at.temps + n.depth * TEMPS_PER_LEVEL * EXPRESSIONS / 2 + PLACES;
	at.shadow = at.temps + n.depth * TEMPS_PER_LEVEL * EXPRESSIONS + PLACES + MARGIN;
	at.spare = at.shadow + isa->nslots;
	at.traps = at.spare + SPARE_SLOTS;
	at.watched = at.traps + isa->ntraps;
	at.held = at.watched + STOPS_REGISTERS;
	at.words = at.held + STOPS_CLOSE;
	at.total = at.words + 2 * STOPS_WORDS;
	return at;
}
