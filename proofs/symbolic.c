/* Symbolic execution: the states, the statements, and what can be read afterwards. */
#include "proofs/symbolic.h"

#include "isa/alloc.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define TS (s->terms)

struct sym sym_of(const struct isa *isa, struct terms *terms)
{
	return (struct sym){ isa, terms, isa->word < 64 ? isa->word + 1 : 64 };
}

const char *sym_name(const struct sym *s, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return terms_name(TS, text);
}

static const struct term *word_const(const struct sym *s, uint64_t value)
{
	return term_const(TS, s->isa->word, value);
}

static const struct term *zext(const struct sym *s, const struct term *t, unsigned width)
{
	return term_extend(TS, X_ZEXT, t, width);
}

/* ---- states ---- */

static const char *tagged(const struct sym *s, const struct isa_reg *r, const char *tag)
{
	return r->class == CLASS_VISIBLE ? r->name : sym_name(s, "%s.%s", r->name, tag);
}

static void *array_new(size_t n, size_t size)
{
	return xcalloc(n + 1, size);
}

struct sym_state *sym_state_new(const struct sym *s, const char *tag)
{
	struct sym_state *state = xcalloc(1, sizeof *state);

	state->tag = sym_name(s, "%s", tag);
	state->reg = array_new(s->isa->nregs, sizeof *state->reg);
	state->array = array_new(s->isa->nregs, sizeof *state->array);
	for (unsigned i = 0; i < s->isa->nregs; i++) {
		const struct isa_reg *r = &s->isa->reg[i];
		if (r->array)
			state->array[i] = tagged(s, r, tag);
		else
			state->reg[i] = term_variable(TS, tagged(s, r, tag), r->width);
	}
	state->size = term_variable(TS, sym_name(s, "size.%s", tag), s->size_width);
	state->bound = term_variable(TS, "bound", s->isa->word);
	state->time = term_variable(TS, sym_name(s, "time.%s", tag), 64);
	state->storage = "E";
	state->outside = sym_name(s, "outside.%s", tag);
	state->line = sym_name(s, "line.%s", tag);
	state->input = sym_name(s, "in.%s", tag);
	return state;
}

struct sym_state *sym_state_copy(const struct sym *s, const struct sym_state *from)
{
	struct sym_state *state = xmalloc(sizeof *state);
	size_t n = s->isa->nregs + 1;

	*state = *from;
	state->reg = array_new(n, sizeof *state->reg);
	state->array = array_new(n, sizeof *state->array);
	memcpy(state->reg, from->reg, n * sizeof *state->reg);
	memcpy(state->array, from->array, n * sizeof *state->array);
	return state;
}

void sym_state_free(struct sym_state *state)
{
	if (!state)
		return;
	free(state->reg);
	free(state->array);
	free(state);
}

/* A register of a role as a word, 0 where the machine has none. */
static const struct term *role_word(const struct sym *s, const struct sym_state *state,
				    enum isa_role role)
{
	const struct isa_reg *r = s->isa->role[role];

	return r ? zext(s, state->reg[r->index], s->isa->word) : word_const(s, 0);
}

const struct term *sym_effective_bound(const struct sym *s, const struct sym_state *state)
{
	const struct term *b = role_word(s, state, ROLE_BOUND);
	const struct term *l = zext(s, role_word(s, state, ROLE_BASE), s->size_width);
	const struct term *left = term_binary(TS, X_SUB, state->size, l);
	const struct term *fits = term_binary(TS, X_ULE, zext(s, b, s->size_width), left);
	const struct term *bound = term_ite(TS, fits, b, term_slice(TS, left, s->isa->word - 1, 0));

	return term_ite(TS, term_binary(TS, X_ULE, state->size, l), word_const(s, 0), bound);
}

static const struct term *is_member(const struct sym *s, const struct isa_reg *r,
				    const struct term *value)
{
	const struct term *any = term_false(TS);

	if (r->type->nmembers >> r->width) /* every value is one */
		return term_true(TS);
	for (unsigned i = 0; i < r->type->nmembers; i++)
		any = term_or(TS, any, term_eq(TS, value, term_const(TS, r->width,
								     r->type->member[i].value)));
	return any;
}

const struct term *sym_valid(const struct sym *s, const struct sym_state *state)
{
	const struct term *all = term_binary(TS, X_ULT, term_const(TS, s->size_width, 0), state->size);

	if (s->isa->word < 64)
		all = term_and(TS, all, term_binary(TS, X_ULE, state->size,
						    term_const(TS, s->size_width,
							       UINT64_C(1) << s->isa->word)));
	all = term_and(TS, all, term_eq(TS, state->bound, sym_effective_bound(s, state)));
	for (unsigned i = 0; i < s->isa->nregs; i++)
		if (s->isa->reg[i].type && !s->isa->reg[i].array)
			all = term_and(TS, all, is_member(s, &s->isa->reg[i], state->reg[i]));
	return all;
}

const struct term *sym_in_bounds(const struct sym *s, const struct sym_state *state,
				 const struct term *address)
{
	return term_binary(TS, X_ULT, address, state->bound);
}

static const struct term *virtual_of(const struct sym *s, const struct sym_state *state,
				     const struct term *place)
{
	return term_binary(TS, X_SUB, place, role_word(s, state, ROLE_BASE));
}

const struct term *sym_physical_in_bounds(const struct sym *s, const struct sym_state *state,
					  const struct term *place)
{
	const struct term *l = role_word(s, state, ROLE_BASE);

	return term_and(TS, term_binary(TS, X_ULE, l, place),
			sym_in_bounds(s, state, virtual_of(s, state, place)));
}

const struct term *sym_outside(const struct sym *s, const struct sym_state *state,
			       const struct term *place)
{
	const struct term *cell = term_apply(TS, state->outside, s->isa->unit, place);

	if (!state->region)
		return cell;
	const struct term *in_region = term_binary(TS, X_SUB, place, state->region);
	const struct term *within = term_and(
		TS, term_binary(TS, X_ULE, state->region, place),
		term_binary(TS, X_ULT, zext(s, in_region, s->size_width), state->region_size));
	return term_ite(TS, within,
			term_apply(TS, state->region_outside, s->isa->unit, in_region), cell);
}

unsigned sym_index_width(const struct isa_reg *r)
{
	unsigned width = 1;

	while (width < 63 && r->count > UINT64_C(1) << width)
		width++;
	return width;
}

const struct term *sym_element(const struct sym *s, const struct sym_state *state,
			       const struct isa_reg *r, const struct term *index)
{
	return term_apply(TS, state->array[r->index], r->width, index);
}

const struct term *sym_word(const struct sym *s, const char *name)
{
	return term_variable(TS, name, s->isa->length * s->isa->unit);
}

/* ---- execution ---- */

struct exec {
	const struct sym *s;
	struct sym_run *r;
	const struct isa_instr *instr; /* NULL: other code */
	const struct term *word;
	const struct term **local;
	unsigned nlocals;
	const struct term *alive;     /* this path is taken and has not trapped */
	const struct term *completed; /* a trap after its effects ended the path */
	const struct term *next;
	unsigned nopen, ninput;
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

static const struct term *eval_element(struct exec *x, const struct expr *e)
{
	const struct sym *s = x->s;
	const struct term *index = eval(x, e->arg[0]);
	const struct term *value = sym_element_after(s, x->r, e->reg, index);

	if (e->reg->count >> index->width)
		return value;
	return term_ite(TS, term_binary(TS, X_ULT, index, term_const(TS, index->width, e->reg->count)),
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
	r->trap[r->ntraps++] = (struct sym_trap){ guard, trap, info, phase };
	x->alive = term_and(TS, x->alive, term_not(TS, condition));
	if (phase == PHASE_COMPLETE)
		x->completed = term_or(TS, x->completed, guard);
}

static const struct term *unit_address(struct exec *x, const struct term *address, unsigned i)
{
	return term_binary(x->s->terms, X_ADD, address, word_const(x->s, i));
}

/* Each unit of an access is checked before anything is done. */
static void check_access(struct exec *x, const struct stmt *st, const struct term *address)
{
	const struct sym *s = x->s;

	for (unsigned i = 0; i < st->units; i++) {
		const struct term *a = unit_address(x, address, i), *reaches;
		if (st->physical)
			reaches = term_binary(TS, X_ULT, zext(s, a, s->size_width), x->r->before->size);
		else
			reaches = sym_in_bounds(s, x->r->before, a);
		trap_if(x, term_not(TS, reaches), s->isa->memory, a, PHASE_NULLIFY);
	}
}

static const struct term *read_unit(struct exec *x, const struct term *a, bool physical)
{
	const struct sym *s = x->s;
	const struct sym_state *before = x->r->before;

	if (!physical)
		return sym_storage_after(s, x->r, a);
	return term_ite(TS, sym_physical_in_bounds(s, before, a),
			sym_storage_after(s, x->r, virtual_of(s, before, a)),
			sym_outside_after(s, x->r, a));
}

/* Where in a value the i-th of n units stands, for a little- and a big-endian machine. */
static unsigned place_of(const struct isa *isa, unsigned i, unsigned n, bool big)
{
	return (big ? n - 1 - i : i) * isa->unit;
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

	if (s->isa->endian == ENDIAN_STATE)
		return sym_eval(s, x->r->before, s->isa->big);
	return term_const(TS, 1, s->isa->endian == ENDIAN_BIG);
}

static void exec_load(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;
	const struct term *address = eval(x, st->address), *unit[64];

	check_access(x, st, address);
	for (unsigned i = 0; i < st->units; i++)
		unit[i] = read_unit(x, unit_address(x, address, i), st->physical);
	x->local[st->index] = term_ite(TS, byte_order(x), gather(x, unit, st->units, true),
				       gather(x, unit, st->units, false));
}

static void exec_store(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;
	struct sym_run *r = x->r;
	const struct term *address = eval(x, st->address), *value = eval(x, st->value);
	const struct term *big = byte_order(x);

	check_access(x, st, address);
	for (unsigned i = 0; i < st->units; i++) {
		unsigned hi = place_of(s->isa, i, st->units, true),
			 lo = place_of(s->isa, i, st->units, false), w = s->isa->unit;
		GROW(r->store, r->nstores);
		r->store[r->nstores++] = (struct sym_store){
			x->alive, unit_address(x, address, i),
			term_ite(TS, big, term_slice(TS, value, hi + w - 1, hi),
				 term_slice(TS, value, lo + w - 1, lo)),
			st->physical
		};
	}
}

static void event(struct exec *x, enum sym_event_kind kind, const struct stmt *st,
		  const struct term *address, const struct term *value)
{
	struct sym_run *r = x->r;

	GROW(r->event, r->nevents);
	r->event[r->nevents++] = (struct sym_event){ kind, st->device, x->alive, address, value };
}

static void exec_in(struct exec *x, const struct stmt *st)
{
	const struct sym *s = x->s;
	const struct term *reg = eval(x, st->address);

	x->local[st->index] = term_variable(
		TS, sym_name(s, "%s.%s.%u", x->r->before->input, st->device->name, x->ninput++),
		s->isa->word);
	event(x, SYM_IN, st, reg, x->local[st->index]);
}

static void set_register(struct exec *x, const struct isa_reg *reg, const struct term *value)
{
	const struct term **after = &x->r->reg[reg->index];

	*after = term_ite(x->s->terms, x->completed, *after, value);
}

static void set_element(struct exec *x, const struct stmt *st)
{
	struct sym_run *r = x->r;
	const struct term *index = eval(x, st->address);

	GROW(r->element, r->nelements);
	r->element[r->nelements++] =
		(struct sym_element){ st->reg, x->alive, index, eval(x, st->value) };
}

static void exec_stmts(struct exec *x, const struct stmt *st);

/* What paths may differ in: registers, locals, where execution goes on. */
struct fork {
	const struct term **reg, **local, *alive, *next;
};

static struct fork fork_save(const struct exec *x)
{
	const size_t n = x->s->isa->nregs;
	struct fork f = { array_new(n, sizeof *f.reg), array_new(x->nlocals, sizeof *f.local), x->alive,
			  x->next };

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
	case S_UNSPECIFIED: /* the same in related states: the stream goes with the program */
		x->local[st->index] = term_variable(TS, sym_name(s, "open.%u", x->nopen++),
						    x->local[st->index]->width);
		break;
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
	struct exec x = { .s = s, .r = xcalloc(1, sizeof *x.r), .nlocals = code->nlocals,
			  .alive = term_true(TS), .completed = term_false(TS) };

	x.r->before = state;
	x.r->reg = array_new(s->isa->nregs, sizeof *x.r->reg);
	memcpy(x.r->reg, state->reg, s->isa->nregs * sizeof *x.r->reg);
	x.local = array_new(code->nlocals, sizeof *x.local);
	for (unsigned i = 0; i < code->nlocals; i++)
		x.local[i] = term_const(TS, code->local[i].width, 0);
	return x;
}

static struct sym_run *exec_end(struct exec *x)
{
	const struct sym *s = x->s;
	struct sym_run *r = x->r;

	r->traps = r->memory = term_false(TS);
	r->completes = x->completed;
	for (unsigned i = 0; i < r->ntraps; i++) {
		const struct sym_trap *t = &r->trap[i];
		if (t->phase != PHASE_COMPLETE)
			r->traps = term_or(TS, r->traps, t->guard);
		if (t->trap == s->isa->memory)
			r->memory = term_or(TS, r->memory, t->guard);
	}
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
	return exec_end(&x);
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

void sym_run_free(struct sym_run *r)
{
	if (!r)
		return;
	free(r->reg);
	free(r->store);
	free(r->element);
	free(r->trap);
	free(r->event);
	free(r);
}

/* ---- reading a state before and after ---- */

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

const struct term *sym_user(const struct sym *s, const struct sym_state *state)
{
	return s->isa->user ? sym_eval(s, state, s->isa->user) : term_false(TS);
}

const struct term *sym_storage_after(const struct sym *s, const struct sym_run *r,
				     const struct term *address)
{
	const struct term *value = term_apply(TS, r->before->storage, s->isa->unit, address);

	for (unsigned i = 0; i < r->nstores; i++) {
		const struct sym_store *st = &r->store[i];
		const struct term *hit = st->physical ?
			term_and(TS, sym_physical_in_bounds(s, r->before, st->address),
				 term_eq(TS, address, virtual_of(s, r->before, st->address))) :
			term_eq(TS, address, st->address);
		value = term_ite(TS, term_and(TS, st->guard, hit), st->value, value);
	}
	return value;
}

const struct term *sym_outside_after(const struct sym *s, const struct sym_run *r,
				     const struct term *place)
{
	const struct term *value = sym_outside(s, r->before, place);

	for (unsigned i = 0; i < r->nstores; i++) {
		const struct sym_store *st = &r->store[i];
		if (!st->physical)
			continue;
		const struct term *hit = term_and(
			TS, term_not(TS, sym_physical_in_bounds(s, r->before, st->address)),
			term_eq(TS, place, st->address));
		value = term_ite(TS, term_and(TS, st->guard, hit), st->value, value);
	}
	return value;
}

const struct term *sym_element_after(const struct sym *s, const struct sym_run *r,
				     const struct isa_reg *reg, const struct term *index)
{
	const struct term *value = sym_element(s, r->before, reg, index);

	for (unsigned i = 0; i < r->nelements; i++) {
		const struct sym_element *e = &r->element[i];
		if (e->reg == reg)
			value = term_ite(TS, term_and(TS, e->guard, term_eq(TS, index, e->index)),
					 e->value, value);
	}
	return value;
}

const struct term *sym_fetched(const struct sym *s, const struct sym_state *state,
			       const struct isa_instr *instr, const struct term *word)
{
	unsigned width = s->isa->length * s->isa->unit, w = s->isa->unit, n = s->isa->length;
	const struct term *p = role_word(s, state, ROLE_PC);
	const struct term *all = term_eq(TS, term_binary(TS, X_AND, word, term_const(TS, width,
										     instr->mask)),
					 term_const(TS, width, instr->match));
	const struct term *big = s->isa->endian == ENDIAN_STATE ? sym_eval(s, state, s->isa->big)
								: NULL;

	for (unsigned i = 0; i < n; i++) {
		const struct term *a = term_binary(TS, X_ADD, p, word_const(s, i));
		bool high_first = s->isa->endian == ENDIAN_BIG || s->isa->endian == ENDIAN_NONE;
		unsigned lo = place_of(s->isa, i, n, high_first),
			 other = place_of(s->isa, i, n, !high_first);
		const struct term *unit = term_slice(TS, word, lo + w - 1, lo);
		if (big)
			unit = term_ite(TS, big, term_slice(TS, word, other + w - 1, other), unit);
		all = term_and(TS, all, sym_in_bounds(s, state, a));
		all = term_and(TS, all, term_eq(TS, term_apply(TS, state->storage, w, a), unit));
	}
	return all;
}
