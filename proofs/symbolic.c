/* Symbolic execution: the statements. */
#include "proofs/symbolic_private.h"

#include <string.h>

struct exec {
	const struct sym *s;
	struct sym_run *r;
	const struct isa_instr *instr; /* NULL: other code */
	const struct stmt *body;
	bool trapseq;
	const struct term *word;
	const struct term **local;
	unsigned nlocals;
	const struct term *alive;     /* this path is taken and has not trapped */
	const struct term *completed; /* a trap after its effects ended the path */
	const struct term *next;
};

#define GROW(array, n)                                                                             \
	do {                                                                                       \
		if (((n) & ((n)-1)) == 0)                                                          \
			(array) = xrealloc((array), ((n) ? 2 * (n) : 1) * sizeof *(array));        \
	} while (0)

static const struct term *eval(struct exec *x, const struct expr *e);

static const struct term *eval_find(struct exec *x, const struct expr *e)
{
	const struct sym *s = x->s;
	const struct term *found = term_const(TS, e->width, e->reg->count);

	for (unsigned i = e->reg->count; i-- > 0;) {
		x->local[e->index] = term_const(TS, sym_index_width(e->reg), i);
		found = term_ite(TS, eval(x, e->arg[0]), term_const(TS, e->width, i), found);
	}
	return found;
}

/* An index into an array, as wide as all of them. */
static const struct term *eval_index(struct exec *x, const struct isa_reg *reg,
				     const struct expr *e)
{
	return zext(x->s, eval(x, e), sym_index_width(reg));
}

static const struct term *eval_element(struct exec *x, const struct expr *e)
{
	const struct sym *s = x->s;
	const struct term *index = eval_index(x, e->reg, e->arg[0]);
	const struct term *value = sym_element_after(s, x->r, e->reg, index);

	if (e->reg->count >> index->width)
		return value;
	return term_ite(TS,
			term_binary(TS, X_ULT, index, term_const(TS, index->width, e->reg->count)),
			value, term_const(TS, e->width, 0));
}

static const struct term *eval_field(struct exec *x, const struct expr *e)
{
	const struct isa_field *f = &x->instr->format->field[e->index];

	return term_slice(x->s->terms, x->word, f->lo + f->width - 1, f->lo);
}

static const struct term *eval_leaf(struct exec *x, const struct expr *e)
{
	const struct sym *s = x->s;
	const struct sym_state *before = x->r->before;

	if (e->op == X_CONST)
		return term_const(TS, e->width, e->value);
	if (e->op == X_FIELD)
		return eval_field(x, e);
	if (e->op == X_LOCAL)
		return x->local[e->index] ? x->local[e->index] : term_const(TS, e->width, 0);
	if (e->op == X_REG)
		return x->r->reg[e->reg->index];
	return e->op == X_SIZE ? before->size : before->time;
}

static const struct term *eval(struct exec *x, const struct expr *e)
{
	const struct sym *s = x->s;

	if (expr_op_arity(e->op) == 0)
		return eval_leaf(x, e);
	if (e->op == X_FIND)
		return eval_find(x, e);
	if (e->op == X_ELEM)
		return eval_element(x, e);
	const struct term *a = eval(x, e->arg[0]);
	if (e->op == X_LINE)
		return term_apply(TS, x->r->before->line, 1, a);
	if (e->op == X_SLICE)
		return term_slice(TS, a, (unsigned)e->value + e->width - 1, (unsigned)e->value);
	if (e->op == X_ZEXT || e->op == X_SEXT)
		return term_extend(TS, e->op, a, e->width);
	if (expr_op_arity(e->op) == 1)
		return term_unary(TS, e->op, a);
	const struct term *b = eval(x, e->arg[1]);
	if (e->op == X_ITE)
		return term_ite(TS, a, b, eval(x, e->arg[2]));
	return term_binary(TS, e->op, a, b);
}

static void trap_if(struct exec *x, const struct term *condition, const struct isa_trap *trap,
		    const struct term *info, enum phase phase)
{
	const struct sym *s = x->s;
	struct sym_run *r = x->r;
	const struct term *guard = term_and(TS, x->alive, condition);

	if (term_is_false(guard))
		return;
	GROW(r->trap, r->ntraps);
	r->trap[r->ntraps++] =
		(struct sym_trap){ .guard = guard, .trap = trap, .info = info, .phase = phase };
	x->alive = term_and(TS, x->alive, term_not(TS, condition));
	if (phase == PHASE_COMPLETE)
		x->completed = term_or(TS, x->completed, guard);
}

/* The registers as they are now; not to be kept. */
static struct sym_state present(const struct exec *x)
{
	struct sym_state now = *x->r->before;

	now.reg = x->r->reg;
	return now;
}

/* Storage is keyed by the cells of the state before: not once R has changed. */
static bool relocated(const struct exec *x)
{
	const struct sym_run *r = x->r;
	const struct isa *isa = x->s->isa;

	for (unsigned i = 0; i < isa->nregs; i++)
		if (r->reg[i] != r->before->reg[i] && sym_relocates(x->s, &isa->reg[i]))
			return true;
	for (unsigned i = 0; i < r->nelements; i++)
		if (sym_relocates(x->s, r->element[i].reg))
			return true;
	return false;
}

static const struct term *unit_address(struct exec *x, const struct term *address, unsigned i)
{
	return term_binary(x->s->terms, X_ADD, address, word_const(x->s, i));
}

static void reach(struct exec *x, const struct term *a, enum access access)
{
	const struct sym *s = x->s;
	struct sym_run *r = x->r;
	struct sym_state now = present(x);
	const struct term *reaches;

	if (relocated(x)) {
		r->moved = term_or(TS, r->moved, x->alive);
		reaches = moved_reaches(s, &now, a, access);
	} else {
		reaches = sym_reaches(s, &now, a, access);
		GROW(r->access, r->naccesses);
		r->access[r->naccesses++] = (struct sym_access){ a, access };
	}
	trap_if(x, term_not(TS, reaches), s->refusal[access], refusal_info(s, a), PHASE_NULLIFY);
}

/* Each unit of an access is checked before anything is done. */
static void check_access(struct exec *x, const struct stmt *st, const struct term *address,
			 enum access access)
{
	const struct sym *s = x->s;
	struct sym_state now = present(x);

	for (unsigned i = 0; i < st->units; i++) {
		const struct term *a = unit_address(x, address, i);
		if (st->physical)
			trap_if(x,
				term_not(TS, term_binary(TS, X_ULT, zext(s, a, s->size_width),
							 now.size)),
				s->isa->memory, a, PHASE_NULLIFY);
		else
			reach(x, a, access);
	}
}

/* Where a unit lies, as stores and loads of the run have it. */
struct location {
	const struct term *address; /* a cell, or a place */
	bool physical;
};

static struct location locate(struct exec *x, const struct stmt *st, const struct term *address,
			      unsigned i)
{
	const struct sym *s = x->s;
	struct sym_run *r = x->r;
	const struct term *a = unit_address(x, address, i);
	struct sym_state now = present(x);

	if (!st->physical && !relocated(x))
		return (struct location){ sym_cell(s, r->before, a), false };
	if (!st->physical)
		a = moved_place(s, &now, a);
	GROW(r->place, r->nplaces);
	r->place[r->nplaces++] = a;
	return (struct location){ a, true };
}

static const struct term *read_unit(struct exec *x, struct location at)
{
	const struct sym *s = x->s;
	const struct sym_state *before = x->r->before;
	const struct term *a = at.address;

	if (!at.physical)
		return sym_storage_after(s, x->r, a);
	if (before->table)
		return before->table;
	if (x->trapseq)
		return term_apply(TS, VECTORS, s->isa->unit, a);
	return term_ite(TS, sym_physical_in_bounds(s, before, a),
			sym_storage_after(s, x->r, sym_cell_at(s, before, a)),
			sym_outside_after(s, x->r, a));
}

/* A value from units, in the machine's byte order. */
static const struct term *gather(struct exec *x, const struct term **unit, unsigned n, bool big)
{
	const struct sym *s = x->s;
	const struct term *value = NULL;

	for (unsigned i = 0; i < n; i++) {
		const struct term *u = unit[big ? i : n - 1 - i];
		value = value ? term_binary(TS, X_CONCAT, value, u) : u;
	}
	return value;
}

/* 1 if big; a constant where the byte order is fixed. */
static const struct term *byte_order(struct exec *x)
{
	const struct sym *s = x->s;

	struct sym_state now = present(x);

	if (s->isa->endian == ENDIAN_STATE)
		return sym_eval(s, &now, s->isa->big);
	return term_const(TS, 1, s->isa->endian == ENDIAN_BIG);
}

static void exec_load(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;
	const struct term *address = eval(x, st->address), *unit[64];

	check_access(x, st, address, ACCESS_READ);
	for (unsigned i = 0; i < st->units; i++)
		unit[i] = read_unit(x, locate(x, st, address, i));
	x->local[st->index] = term_ite(TS, byte_order(x), gather(x, unit, st->units, true),
				       gather(x, unit, st->units, false));
}

static void exec_store(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;
	struct sym_run *r = x->r;
	const struct term *address = eval(x, st->address), *value = eval(x, st->value);
	const struct term *big = byte_order(x);

	check_access(x, st, address, ACCESS_WRITE);
	for (unsigned i = 0; i < st->units; i++) {
		unsigned hi = place_of(s->isa, i, st->units, true),
			 lo = place_of(s->isa, i, st->units, false), w = s->isa->unit;
		struct location at = locate(x, st, address, i);
		GROW(r->store, r->nstores);
		r->store[r->nstores++] =
			(struct sym_store){ x->alive, at.address,
					    term_ite(TS, big, term_slice(TS, value, hi + w - 1, hi),
						     term_slice(TS, value, lo + w - 1, lo)),
					    at.physical };
	}
}

static void event(struct exec *x, enum sym_event_kind kind, const struct stmt *st,
		  const struct term *address, const struct term *value)
{
	struct sym_run *r = x->r;

	GROW(r->event, r->nevents);
	r->event[r->nevents++] = (struct sym_event){ kind, st->device, x->alive, address, value };
}

/* How many statements like this one stand before it in the code. */
static bool count_before(const struct stmt *s, const struct stmt *wanted, unsigned *n)
{
	for (; s && s != wanted; s = s->next) {
		*n += s->op == wanted->op;
		if (count_before(s->body, wanted, n) || count_before(s->otherwise, wanted, n))
			return true;
	}
	return s != NULL;
}

/* The same in every run, whatever paths it takes: related states draw the same values. */
static unsigned number_of(const struct exec *x, const struct stmt *st)
{
	unsigned n = 0;

	count_before(x->body, st, &n);
	return n;
}

static void exec_in(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;
	const struct term *reg = eval(x, st->address);

	x->local[st->index] = term_variable(
		TS,
		sym_name(s, "%s.%s.%u", x->r->before->input, st->device->name, number_of(x, st)),
		s->isa->word);
	event(x, SYM_IN, st, reg, x->local[st->index]);
}

/* Other code than an instruction's draws its own in every state. */
static void exec_unspecified(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;
	unsigned width = x->local[st->index]->width, n = number_of(x, st);
	const char *name = x->instr ? sym_name(s, "$open.%u.%u", width, n)
				    : sym_name(s, "$open.%s.%s.%u.%u", x->trapseq ? "trap" : "code",
					       x->r->before->tag, width, n);

	x->local[st->index] = term_variable(TS, name, width);
}

static void set_register(struct exec *x, const struct isa_reg *reg, const struct term *value)
{
	const struct term **after = &x->r->reg[reg->index];

	*after = term_ite(x->s->terms, x->completed, *after, value);
}

static void set_element(struct exec *x, const struct stmt *st)
{
	struct sym_run *r = x->r;
	const struct term *index = eval_index(x, st->reg, st->address);
	const struct term *value = eval(x, st->value);

	GROW(r->element, r->nelements);
	r->element[r->nelements++] = (struct sym_element){ st->reg, x->alive, index, value };
}

static void exec_stmts(struct exec *x, const struct stmt *st);

/* What paths may differ in: registers, locals, where execution goes on. */
struct fork {
	const struct term **reg, **local, *alive, *next;
};

static struct fork fork_save(const struct exec *x)
{
	const size_t n = x->s->isa->nregs;
	struct fork f = { array_new(n, sizeof *f.reg), array_new(x->nlocals, sizeof *f.local),
			  x->alive, x->next };

	memcpy(f.reg, x->r->reg, n * sizeof *f.reg);
	memcpy(f.local, x->local, x->nlocals * sizeof *f.local);
	return f;
}

static void merge(struct exec *x, const struct term *c, const struct term **here,
		  const struct term *const *other, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!here[i] || !other[i])
			here[i] = here[i] ? here[i] : other[i];
		else if (here[i] != other[i])
			here[i] = term_ite(x->s->terms, c, other[i], here[i]);
}

static void exec_if(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;
	const struct term *c = eval(x, st->value);

	if (c->op == X_CONST) {
		exec_stmts(x, c->value ? st->body : st->otherwise);
		return;
	}
	struct fork start = fork_save(x);
	x->alive = term_and(TS, start.alive, c);
	exec_stmts(x, st->body);
	struct fork then = fork_save(x);
	memcpy(x->r->reg, start.reg, s->isa->nregs * sizeof *start.reg);
	memcpy(x->local, start.local, x->nlocals * sizeof *start.local);
	x->next = start.next;
	x->alive = term_and(TS, start.alive, term_not(TS, c));
	exec_stmts(x, st->otherwise);
	merge(x, c, x->r->reg, then.reg, s->isa->nregs);
	merge(x, c, x->local, then.local, x->nlocals);
	merge(x, c, &x->next, &then.next, 1);
	x->alive = term_or(TS, x->alive, then.alive);
	free(start.reg);
	free(start.local);
	free(then.reg);
	free(then.local);
}

static void exec_stmt(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;

	switch (st->op) {
	case S_LET: x->local[st->index] = eval(x, st->value); break;
	case S_SET: set_register(x, st->reg, eval(x, st->value)); break;
	case S_SETELEM: set_element(x, st); break;
	case S_NEXT: x->next = term_ite(TS, x->completed, x->next, eval(x, st->value)); break;
	case S_LOAD: exec_load(x, st); break;
	case S_STORE: exec_store(x, st); break;
	case S_IN: exec_in(x, st); break;
	case S_OUT: event(x, SYM_OUT, st, eval(x, st->address), eval(x, st->value)); break;
	case S_UNSPECIFIED: exec_unspecified(x, st); break;
	case S_IF: exec_if(x, st); break;
	case S_TRAP: trap_if(x, term_true(TS), st->trap, eval(x, st->value), st->phase); break;
	case S_HALT: event(x, SYM_HALT, st, NULL, eval(x, st->value)); break;
	case S_WAIT: event(x, SYM_WAIT, st, NULL, NULL); break;
	case S_OPS: break;
	}
}

static void exec_stmts(struct exec *x, const struct stmt *st)
{
	for (; st && !term_is_false(x->alive); st = st->next)
		exec_stmt(x, st);
}

static struct exec exec_begin(const struct sym *s, const struct sym_state *state,
			      const struct code *code)
{
	struct exec x = { .s = s,
			  .r = xcalloc(1, sizeof *x.r),
			  .body = code->body,
			  .nlocals = code->nlocals,
			  .alive = term_true(TS),
			  .completed = term_false(TS) };

	x.r->before = state;
	x.r->moved = term_false(s->terms);
	x.r->reg = array_new(s->isa->nregs, sizeof *x.r->reg);
	memcpy(x.r->reg, state->reg, s->isa->nregs * sizeof *x.r->reg);
	x.local = array_new(code->nlocals, sizeof *x.local);
	for (unsigned i = 0; i < code->nlocals; i++)
		x.local[i] = term_const(TS, code->local[i].width, 0);
	return x;
}

/* Is it what an access that cannot be traps with? */
static bool refuses(const struct sym *s, const struct isa_trap *trap)
{
	for (enum access access = ACCESS_FETCH; access <= ACCESS_WRITE; access++)
		if (trap == s->refusal[access])
			return true;
	return trap == s->isa->memory;
}

static struct sym_run *exec_end(struct exec *x)
{
	const struct sym *s = x->s;
	struct sym_run *r = x->r;

	r->nullified = r->memory = r->stays = r->stops = term_false(TS);
	r->completes = x->completed;
	for (unsigned i = 0; i < r->ntraps; i++) {
		struct sym_trap *t = &r->trap[i];
		t->stays = term_false(TS);
		if (t->phase != PHASE_COMPLETE)
			r->nullified = term_or(TS, r->nullified, t->guard);
		if (refuses(s, t->trap))
			r->memory = term_or(TS, r->memory, t->guard);
	}
	r->traps = r->nullified;
	free(x->local);
	return r;
}

struct sym_run *sym_run_instr(const struct sym *s, const struct sym_state *state,
			      const struct isa_instr *instr, const struct term *word)
{
	struct exec x = exec_begin(s, state, &instr->code);
	const struct isa_reg *pc = s->isa->role[ROLE_PC];
	const struct term *p = state->reg[pc->index];

	x.instr = instr;
	x.word = word;
	x.next = term_binary(TS, X_ADD, p, term_const(TS, pc->width, s->isa->length));
	exec_stmts(&x, instr->code.body);
	if (!s->isa->advance)
		x.r->reg[pc->index] = x.next;
	sym_lead(s, exec_end(&x));
	return x.r;
}

struct sym_run *sym_run_code(const struct sym *s, const struct sym_state *state,
			     const struct code *code, const struct term *const *parameter)
{
	struct exec x = exec_begin(s, state, code);

	for (unsigned i = 0; i < code->nparams; i++)
		x.local[i] = parameter[i];
	exec_stmts(&x, code->body);
	x.r->result = code->nlocals ? x.local[code->result] : NULL;
	return exec_end(&x);
}

struct sym_run *sym_run_trapseq(const struct sym *s, const struct sym_state *state,
				const struct isa_trap *trap, const struct term *tpc,
				const struct term *info)
{
	const struct code *code = s->isa->trapseq;
	struct exec x = exec_begin(s, state, code);

	x.trapseq = true;
	x.local[0] = word_const(s, trap->number);
	x.local[1] = tpc;
	x.local[2] = info;
	exec_stmts(&x, code->body);
	return exec_end(&x);
}

void sym_run_free(struct sym_run *r)
{
	if (!r)
		return;
	free(r->reg);
	free(r->store);
	free(r->place);
	free(r->access);
	free(r->element);
	free(r->trap);
	free(r->event);
	free(r);
}

/* ---- expressions on a state ---- */

const struct term *sym_eval(const struct sym *s, const struct sym_state *state,
			    const struct expr *e)
{
	static const struct local found = { "", 64 };
	const struct code none = { .nlocals = 1, .local = &found };
	struct exec x = exec_begin(s, state, &none);

	/* find is the only thing that has a local in a pure expression */
	free(x.local);
	x.local = array_new(256, sizeof *x.local);
	const struct term *value = eval(&x, e);
	sym_run_free(exec_end(&x));
	return value;
}

const struct term *sym_eval_instr(const struct sym *s, const struct sym_state *state,
				  const struct isa_instr *instr, const struct term *word,
				  const struct term *const *local, const struct expr *e)
{
	struct exec x = exec_begin(s, state, &instr->code);

	x.instr = instr;
	x.word = word;
	for (unsigned i = 0; i < instr->code.nlocals; i++)
		x.local[i] = local[i] ? local[i] : x.local[i];
	const struct term *value = eval(&x, e);
	sym_run_free(exec_end(&x));
	return value;
}

const struct term *sym_user(const struct sym *s, const struct sym_state *state)
{
	return s->isa->user ? sym_eval(s, state, s->isa->user) : term_false(TS);
}
