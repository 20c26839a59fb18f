/* Under what an instruction traps: the solver says which traps user mode can reach, and the typed
 * tree, what the description asks before it raises them. */
#include "proofs/guard.h"

#include "proofs/classify_private.h"

#include "isa/alloc.h"

enum { MAX_DEPTH = 16, MOST_NODES = 64 };

struct finder {
	struct classifier *c;
	const struct isa_instr *instr;
	struct expr_scope scope;
	const struct expr **definition; /* by local: of those that are assigned once */
	unsigned *assigned;		/* by local: how often */
	bool *seen;			/* by local: is it among what the guard depends on? */
	struct guard *guard;
	unsigned depth; /* of ifs around the present statement: */
	struct {
		const struct expr *condition;
		bool otherwise;
	} path[MAX_DEPTH];
	bool written; /* state was changed before it */
};

/* ---- locals ---- */

static bool assigns(const struct stmt *s)
{
	return s->op == S_LET || s->op == S_LOAD || s->op == S_IN || s->op == S_UNSPECIFIED;
}

static void count_assignments(struct finder *f, const struct stmt *s)
{
	for (; s; s = s->next) {
		if (assigns(s) && f->assigned[s->index]++ == 0 && s->op == S_LET)
			f->definition[s->index] = s->value;
		else if (assigns(s))
			f->definition[s->index] = NULL;
		count_assignments(f, s->body);
		count_assignments(f, s->otherwise);
	}
}

/* ---- what it depends on ---- */

static void depend(struct finder *f, const char *name)
{
	struct parts *on = &f->guard->on;

	for (unsigned i = 0; i < on->n; i++)
		if (strcmp(on->name[i], name) == 0)
			return;
	if (on->n < MAX_PARTS)
		on->name[on->n++] = name;
}

static void depend_on(struct finder *, const struct expr *);

/* Does a piece of code give the local a value? */
static bool gives(const struct stmt *s, unsigned local)
{
	for (; s; s = s->next)
		if ((assigns(s) && s->index == local) || gives(s->body, local) ||
		    gives(s->otherwise, local))
			return true;
	return false;
}

static void depend_on_source(struct finder *f, const struct stmt *s)
{
	if (s->op == S_LET)
		depend_on(f, s->value);
	else if (s->op == S_LOAD)
		depend(f, "storage");
	else if (s->op == S_IN)
		depend(f, s->device->name);
}

/* All that has a part in what the local holds. */
static void depend_on_local(struct finder *f, const struct stmt *s, unsigned local)
{
	for (; s; s = s->next) {
		if (assigns(s) && s->index == local)
			depend_on_source(f, s);
		if (s->op == S_IF && (gives(s->body, local) || gives(s->otherwise, local))) {
			depend_on(f, s->value);
			depend_on_local(f, s->body, local);
			depend_on_local(f, s->otherwise, local);
		}
	}
}

/* A register, or the field of it that the expression is. */
static const char *register_name(struct finder *f, const struct expr *x)
{
	const struct isa_bits *bits = expr_bits(x);
	const struct sym *sym = &f->c->sym;

	if (bits)
		return sym_name(sym, "%s.%s", x->arg[0]->reg->name, bits->name);
	if (x->op == X_SLICE && x->width == 1)
		return sym_name(sym, "%s[%u]", x->arg[0]->reg->name, (unsigned)x->value);
	if (x->op == X_SLICE)
		return sym_name(sym, "%s[%u:%u]", x->arg[0]->reg->name,
				(unsigned)x->value + x->width - 1, (unsigned)x->value);
	return x->reg->name;
}

static void depend_on(struct finder *f, const struct expr *x)
{
	if (x->op == X_REG || (x->op == X_SLICE && x->arg[0]->op == X_REG)) {
		depend(f, register_name(f, x));
		return;
	}
	if (x->op == X_FIELD)
		depend(f, f->instr->format->field[x->index].name);
	if (x->op == X_ELEM || x->op == X_FIND)
		depend(f, x->reg->name);
	if (x->op == X_SIZE || x->op == X_TIME || x->op == X_LINE)
		depend(f, expr_op_name(x->op));
	if (x->op == X_LOCAL && !f->seen[x->index]) {
		f->seen[x->index] = true;
		depend_on_local(f, f->instr->code.body, x->index);
	}
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		depend_on(f, x->arg[i]);
}

/* ---- the condition ---- */

/* Locals replaced, it has at most so many nodes; and each is printable. */
static bool is_short(const struct finder *f, const struct expr *x, unsigned *budget)
{
	x = expr_resolve(&f->scope, x);
	if (!*budget || x->op == X_FIND ||
	    (x->op == X_LOCAL && !*f->scope.code->local[x->index].name))
		return false;
	--*budget;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		if (!is_short(f, x->arg[i], budget))
			return false;
	return true;
}

static bool path_is_short(const struct finder *f)
{
	unsigned budget = MOST_NODES;

	for (unsigned i = 0; i < f->depth; i++)
		if (!is_short(f, f->path[i].condition, &budget))
			return false;
	return !f->written;
}

/* The ifs on the way to the present statement. */
static void print_path(const struct finder *f, FILE *to)
{
	for (unsigned i = 0; i < f->depth; i++) {
		struct expr not = { .op = X_NOT, .width = 1, .arg = { f->path[i].condition } };
		const struct expr *x = f->path[i].otherwise ? &not : f->path[i].condition;

		fputs(i ? " && " : "", to);
		if (f->depth > 1)
			fputc('(', to);
		expr_print(&f->scope, x, to);
		if (f->depth > 1)
			fputc(')', to);
	}
}

static void add_condition(struct finder *f, char *when, bool first)
{
	char *text, *all;
	size_t size;
	FILE *to;

	if (!first && !*when)
		return; /* one of its conditions is too long */
	to = open_memstream(&text, &size);
	if (!first)
		fprintf(to, "%s or ", when);
	if (path_is_short(f))
		print_path(f, to);
	fclose(to);
	all = size < GUARD_TEXT && path_is_short(f) ? text : "";
	snprintf(when, GUARD_TEXT, "%s", all);
	free(text);
}

static void found_trap(struct finder *f, const struct isa_trap *trap, bool *first)
{
	for (unsigned i = 0; i < f->guard->n; i++) {
		if (f->guard->of[i].trap != trap)
			continue;
		for (unsigned k = 0; k < f->depth; k++)
			depend_on(f, f->path[k].condition);
		add_condition(f, f->guard->of[i].when, first[i]);
		first[i] = false;
	}
}

static void find_traps(struct finder *, const struct stmt *, bool *first);

static void find_under(struct finder *f, const struct stmt *s, bool otherwise, bool *first)
{
	if (f->depth == MAX_DEPTH)
		return;
	f->path[f->depth].condition = s->value;
	f->path[f->depth++].otherwise = otherwise;
	find_traps(f, otherwise ? s->otherwise : s->body, first);
	f->depth--;
}

/* What one branch writes, the other has not. */
static void find_in_branches(struct finder *f, const struct stmt *s, bool *first)
{
	bool before = f->written, then;

	find_under(f, s, false, first);
	then = f->written;
	f->written = before;
	find_under(f, s, true, first);
	f->written |= then;
}

static void find_traps(struct finder *f, const struct stmt *s, bool *first)
{
	for (; s; s = s->next) {
		if (s->op == S_TRAP)
			found_trap(f, s->trap, first);
		f->written |= s->op == S_SET || s->op == S_SETELEM || s->op == S_STORE;
		if (s->op == S_IF)
			find_in_branches(f, s, first);
	}
}

/* ---- which traps ---- */

static bool is_refusal(struct classifier *c, const struct isa_trap *trap)
{
	for (enum access a = ACCESS_FETCH; a <= ACCESS_WRITE; a++)
		if (c->sym.refusal[a] == trap)
			return true;
	return trap == c->sym.isa->memory;
}

/* Some user state raises it. */
static bool reachable(struct classifier *c, const struct isa_instr *instr, const struct world *w,
		      const struct term *word, const struct isa_trap *trap)
{
	const struct term *raised = term_false(TS);
	struct conditions q = { 0 };

	for (unsigned i = 0; i < w->run->ntraps; i++)
		if (w->run->trap[i].trap == trap)
			raised = term_or(TS, raised, w->run->trap[i].guard);
	require_state(c, &q, w, instr, word);
	require(&q, sym_user(SYM, w->state));
	require(&q, raised);
	return ask(c, &q, instr->name, "guard", trap->name) != ANSWER_NO;
}

static void reachable_traps(struct classifier *c, const struct isa_instr *instr, struct guard *g)
{
	const struct term *word = sym_word(SYM, "$word");
	struct world w = world_of(c, sym_state_new(SYM, "1"), instr, word);

	for (unsigned i = 0; i < c->sym.isa->ntraps && g->n < MAX_GUARDS; i++) {
		const struct isa_trap *trap = &c->sym.isa->trap[i];
		if (!is_refusal(c, trap) && reachable(c, instr, &w, word, trap))
			g->of[g->n++].trap = trap;
	}
	world_free(&w);
}

struct guard guard_of(struct classifier *c, const struct isa_instr *instr)
{
	struct guard g = { 0 };
	unsigned locals = instr->code.nlocals + 1;
	struct finder f = { .c = c, .instr = instr, .guard = &g };
	bool first[MAX_GUARDS];

	memset(first, true, sizeof first);
	f.definition = xcalloc(locals, sizeof *f.definition);
	f.assigned = xcalloc(locals, sizeof *f.assigned);
	f.seen = xcalloc(locals, sizeof *f.seen);
	f.scope = (struct expr_scope){ instr->format, &instr->code, f.definition };
	count_assignments(&f, instr->code.body);
	reachable_traps(c, instr, &g);
	find_traps(&f, instr->code.body, first);
	free(f.definition);
	free(f.assigned);
	free(f.seen);
	return g;
}
