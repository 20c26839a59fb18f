/* Under what an instruction traps: the solver says which traps user mode can reach, and the typed
 * tree, what the description asks before it raises them. */
#include "proofs/guard.h"

#include "proofs/classify_private.h"

#include "isa/alloc.h"

enum { MAX_DEPTH = 16, MAX_PARTS_OF_PATH = 32, MOST_NODES = 64 };

struct part { /* of a path: a condition that holds, or not */
	const struct expr *condition;
	bool not ;
	const struct term *holds;
};

struct path { /* parts that all hold */
	unsigned n;
	struct part of[MAX_PARTS_OF_PATH];
	bool open; /* there are more of them, or state was changed on the way */
};

struct finder {
	struct classifier *c;
	const struct isa_instr *instr;
	struct expr_scope scope;
	const struct expr **definition; /* by local: of those that are assigned once */
	unsigned *assigned;		/* by local: how often */
	const struct term **local;	/* by local: the value of such a one, or a variable */
	bool *seen;			/* by local: is it among what the guard depends on? */
	struct sym_state *state;
	struct conditions user;		     /* the instruction is run in user mode */
	const struct term *told[MAX_GUARDS]; /* by trap: the conditions found so far */
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

/* ---- the parts of a path ---- */

/* A local of which nothing more is known; of several that are told apart by number. */
static const struct term *any_local(struct finder *f, unsigned local, unsigned number)
{
	const struct sym *sym = &f->c->sym;
	unsigned width = f->instr->code.local[local].width;

	return term_variable(sym->terms, sym_name(sym, "$local.%u.%u.%u", local, number, width),
			     width);
}

/* What is assigned once is one value; of others each condition may see another. */
static void take_locals(struct finder *f, unsigned depth)
{
	for (unsigned i = 0; i < f->instr->code.nlocals; i++)
		if (f->assigned[i] != 1)
			f->local[i] = any_local(f, i, depth);
}

static const struct term *value_of(struct finder *f, const struct expr *x)
{
	const struct sym *sym = &f->c->sym;

	return sym_eval_instr(sym, f->state, f->instr, sym_word(sym, "$word"), f->local, x);
}

static void split(struct finder *f, struct path *path, const struct expr *x, bool not )
{
	const struct term *holds;

	x = expr_resolve(&f->scope, x);
	if (x->op == X_NOT) {
		split(f, path, x->arg[0], !not );
	} else if (x->width == 1 && x->op == (not ? X_OR : X_AND)) {
		split(f, path, x->arg[0], not );
		split(f, path, x->arg[1], not );
	} else if (path->n == MAX_PARTS_OF_PATH) {
		path->open = true;
	} else {
		holds = value_of(f, x);
		path->of[path->n++] =
			(struct part){ x, not, not ? term_not(f->c->sym.terms, holds) : holds };
	}
}

/* The ifs on the way to the present statement. */
static struct path path_here(struct finder *f)
{
	struct path path = { .open = f->written };

	for (unsigned i = 0; i < f->depth; i++) {
		take_locals(f, i);
		split(f, &path, f->path[i].condition, f->path[i].otherwise);
	}
	return path;
}

/* What is said already need not be said again: nor that part of the path, if the rest says it. */
static bool follows(struct finder *f, const struct path *path, unsigned part,
		    const struct term *untold)
{
	struct conditions q = f->user;

	require(&q, untold);
	for (unsigned i = 0; i < path->n; i++)
		require(&q, i == part ? term_not(f->c->sym.terms, path->of[i].holds)
				      : path->of[i].holds);
	return ask(f->c, &q, f->instr->name, "guard-part", NULL) == ANSWER_NO;
}

/* Without the parts that follow from user mode, from the others, and from what else is told. */
static void shorten(struct finder *f, struct path *path, const struct term *untold)
{
	for (unsigned i = 0; i < path->n && path->n > 1;) {
		if (!follows(f, path, i, untold)) {
			i++;
			continue;
		}
		path->n--;
		memmove(&path->of[i], &path->of[i + 1], (path->n - i) * sizeof *path->of);
	}
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

static bool path_is_short(const struct finder *f, const struct path *path)
{
	unsigned budget = MOST_NODES;

	for (unsigned i = 0; i < path->n; i++)
		if (!is_short(f, path->of[i].condition, &budget))
			return false;
	return !path->open;
}

/* One that has operators, in parentheses, unless it is alone. */
static void print_part(const struct finder *f, const struct part *part, bool alone, FILE *to)
{
	struct expr not = { .op = X_NOT, .width = 1, .arg = { part->condition } };
	char *text;
	size_t size;
	FILE *words = must(open_memstream(&text, &size));

	expr_print(&f->scope, part->not ? &not : part->condition, words);
	fclose(words);
	fprintf(to, strchr(text, ' ') && !alone ? "(%s)" : "%s", text);
	free(text);
}

static void print_path(const struct finder *f, const struct path *path, FILE *to)
{
	for (unsigned i = 0; i < path->n; i++) {
		fputs(i ? " && " : "", to);
		print_part(f, &path->of[i], path->n == 1, to);
	}
}

static void add_condition(struct finder *f, const struct path *path, char *when, bool first)
{
	char *text, *all;
	size_t size;
	FILE *to;

	if (!first && !*when)
		return; /* one of its conditions is too long */
	to = open_memstream(&text, &size);
	if (!first)
		fprintf(to, "%s or ", when);
	if (path_is_short(f, path))
		print_path(f, path, to);
	fclose(to);
	all = size < GUARD_TEXT && path_is_short(f, path) ? text : "";
	snprintf(when, GUARD_TEXT, "%s", all);
	free(text);
}

static const struct term *all_of(struct finder *f, const struct path *path)
{
	const struct term *all = term_true(f->c->sym.terms);

	for (unsigned i = 0; i < path->n; i++)
		all = term_and(f->c->sym.terms, all, path->of[i].holds);
	return all;
}

/* In user mode, does anything come this way that is not told yet?  What is stored before is not
 * among the conditions' terms: then it may. */
static bool is_new(struct finder *f, const struct path *path, const struct term *untold)
{
	struct conditions q = f->user;

	if (path->open)
		return true;
	require(&q, untold);
	require(&q, all_of(f, path));
	return ask(f->c, &q, f->instr->name, "guard-path", NULL) != ANSWER_NO;
}

static void found_trap(struct finder *f, const struct isa_trap *trap, bool *first)
{
	struct terms *ts = f->c->sym.terms;
	struct path path = path_here(f);

	for (unsigned i = 0; i < f->guard->n; i++) {
		const struct term *untold = term_not(ts, f->told[i]);
		if (f->guard->of[i].trap != trap || !is_new(f, &path, untold))
			continue;
		if (!path.open) {
			shorten(f, &path, untold);
			f->told[i] = term_or(ts, f->told[i], all_of(f, &path));
		}
		for (unsigned k = 0; k < path.n; k++)
			depend_on(f, path.of[k].condition);
		add_condition(f, &path, f->guard->of[i].when, first[i]);
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

/* What is assigned once has its definition's value, or one that is not looked into. */
static void define_locals(struct finder *f, const struct stmt *s)
{
	for (; s; s = s->next) {
		if (assigns(s) && f->assigned[s->index] == 1)
			f->local[s->index] = s->op == S_LET ? value_of(f, s->value)
							    : any_local(f, s->index, MAX_DEPTH);
		define_locals(f, s->body);
		define_locals(f, s->otherwise);
	}
}

static void begin(struct finder *f)
{
	struct classifier *c = f->c;
	const struct isa_instr *instr = f->instr;
	const struct term *word = sym_word(SYM, "$word");

	f->state = sym_state_new(SYM, "1");
	require(&f->user, sym_valid(SYM, f->state));
	require(&f->user, sym_user(SYM, f->state));
	require(&f->user,
		term_eq(TS, term_binary(TS, X_AND, word, term_const(TS, word->width, instr->mask)),
			term_const(TS, word->width, instr->match)));
	for (unsigned i = 0; i < MAX_GUARDS; i++)
		f->told[i] = term_false(TS);
	count_assignments(f, instr->code.body);
	take_locals(f, MAX_DEPTH);
	define_locals(f, instr->code.body);
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
	f.local = xcalloc(locals, sizeof *f.local);
	f.seen = xcalloc(locals, sizeof *f.seen);
	f.scope = (struct expr_scope){ instr->format, &instr->code, f.definition };
	begin(&f);
	reachable_traps(c, instr, &g);
	find_traps(&f, instr->code.body, first);
	sym_state_free(f.state);
	free(f.definition);
	free(f.assigned);
	free(f.local);
	free(f.seen);
	return g;
}
