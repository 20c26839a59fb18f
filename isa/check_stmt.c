/* Statements: code under construction, effects, loops unrolled. */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

enum {
	STMT_LIMIT = 200000,
	LOOP_LIMIT = 65536,
	WORK_LIMIT = 2000000,
	NESTING_LIMIT = 4000,
};

/* ---- emitting ---- */

void coder_init(struct coder *k, struct checker *c, const struct context *context,
		struct stmt **head)
{
	memset(k, 0, sizeof *k);
	*head = NULL;
	k->c = c;
	k->context = context;
	k->tail = head;
	k->overflow = c->exhausted;
}

bool spend(struct coder *k, struct place place)
{
	struct checker *c = k->c;
	if (k->overflow)
		return false;
	if (k->nesting > NESTING_LIMIT) {
		complain(c, place, "with functions inlined, this is nested too deeply");
		k->overflow = true;
	} else if (++c->work > WORK_LIMIT) {
		complain(c, place,
			 "functions and loops multiply here: unrolled, the description is "
			 "too long");
		k->overflow = c->exhausted = true;
	}
	return !k->overflow;
}

struct code coder_finish(struct coder *k, struct place place, unsigned nparams,
			 const struct stmt *body, unsigned result)
{
	struct local *local = take(k->c, (k->nlocals + 1) * sizeof *local);
	if (k->nlocals)
		memcpy(local, k->local, k->nlocals * sizeof *local);
	free(k->local);
	k->local = NULL;
	return (struct code){ place, nparams, k->nlocals, local, result, body };
}

unsigned new_local(struct coder *k, const char *name, unsigned width)
{
	if (k->nlocals == k->capacity) {
		k->capacity = k->capacity ? 2 * k->capacity : 16;
		k->local = xrealloc(k->local, k->capacity * sizeof *k->local);
	}
	k->local[k->nlocals] = (struct local){ name, (uint8_t)width };
	return k->nlocals++;
}

struct stmt *emit(struct coder *k, enum stmt_op op, struct place place)
{
	struct stmt *s = take(k->c, sizeof *s);
	s->op = op;
	s->place = place;
	*k->tail = s;
	k->tail = (struct stmt **)&s->next;
	if (op != S_LET && op != S_LOAD && op != S_IF)
		k->impure = true;
	if (++k->nstmts > STMT_LIMIT && !k->overflow) {
		complain(k->c, place, "this unrolls to more than %d statements", STMT_LIMIT);
		k->overflow = true;
	}
	return s;
}

void emit_let(struct coder *k, struct place place, unsigned local, const struct expr *value)
{
	struct stmt *s = emit(k, S_LET, place);
	s->index = local;
	s->value = value;
}

static void push(struct coder *k, struct scope entry)
{
	struct scope *s = take(k->c, sizeof *s);
	*s = entry;
	s->outer = k->scope;
	k->scope = s;
}

void push_name(struct coder *k, const char *name, unsigned local)
{
	push(k, (struct scope){ .name = name, .local = local });
}

void push_value(struct coder *k, const char *name, struct val value)
{
	push(k, (struct scope){ .name = name, .bound = true, .value = value });
}

bool permit(struct coder *k, enum permission p, struct place place, const char *what)
{
	if (k->context->may & p)
		return true;
	complain(k->c, place, "%s cannot %s", k->context->name, what);
	return false;
}

/* ---- statements ---- */

static void check_let(struct coder *k, const struct ast_stmt *s)
{
	unsigned width = s->type ? check_type(k->c, s->type, NULL) : 0;
	struct val v = check_expr(k, s->value, width);
	if (width && v.x)
		v = (struct val){ coerce(k, v, width, s->value->place), false, 0 };
	v = sized(k, v, 0);
	if (!v.x) /* so that later uses are not errors, too */
		v.x = x_const(k->c, width ? width : k->c->isa->word, 0);
	unsigned local = new_local(k, s->name, v.x->width);
	emit_let(k, s->place, local, v.x);
	push_name(k, s->name, local);
}

static const struct stmt *check_branch(struct coder *k, const struct ast_stmt *body,
				       const struct ast_stmt *rest)
{
	struct stmt *head = NULL, **tail = k->tail;
	struct scope *outer = k->scope;
	k->tail = &head;
	k->nesting++;
	check_stmts(k, body);
	k->scope = outer;
	check_stmts(k, rest);
	k->scope = outer;
	k->nesting--;
	k->tail = tail;
	return head;
}

/* rest: what follows the if, for the side that does not return. */
static void check_if(struct coder *k, const struct ast_stmt *s, const struct ast_stmt *rest)
{
	const struct expr *condition = check_condition(k, s->value);
	bool rest_in_body = rest && !may_return(s->body), rest_in_other = rest && !rest_in_body;
	if (condition && condition->op == X_CONST) {
		struct scope *outer = k->scope;
		bool body = condition->value;
		check_stmts(k, body ? s->body : s->otherwise);
		k->scope = outer;
		if (body ? rest_in_body : rest_in_other)
			check_stmts(k, rest);
		return;
	}
	struct stmt *branch = emit(k, S_IF, s->place);
	branch->value = condition ? condition : x_const(k->c, 1, 0);
	branch->body = check_branch(k, s->body, rest_in_body ? rest : NULL);
	branch->otherwise = check_branch(k, s->otherwise, rest_in_other ? rest : NULL);
}

static void check_iterations(struct coder *k, const struct ast_stmt *s, uint64_t i, uint64_t last)
{
	struct scope *outer = k->scope;
	for (; i <= last && !k->overflow; i++) {
		push_value(k, s->name, (struct val){ x_const(k->c, 64, i), true, 0 });
		check_stmts(k, s->body);
		k->scope = outer;
		if (i < last && k->inlining && k->inlining->flagged && may_return(s->body)) {
			struct stmt *guard = emit(k, S_IF, s->place), **tail = k->tail;
			guard->value = x_unary(k->c, X_NOT, x_local(k, k->inlining->done));
			k->tail = (struct stmt **)&guard->body;
			check_iterations(k, s, i + 1, last);
			k->tail = tail;
			return;
		}
	}
}

static void check_for(struct coder *k, const struct ast_stmt *s)
{
	uint64_t first, last;
	if (!constant_of(k, s->value, &first) || !constant_of(k, s->limit, &last))
		return;
	if (last >= first && last - first >= LOOP_LIMIT)
		complain(k->c, s->place, "a loop may run %d times at most", LOOP_LIMIT);
	else if (last >= first)
		check_iterations(k, s, first, last);
}

/* find e in A where c { } else { }: the expression, and a test of its result. */
static void check_find_stmt(struct coder *k, const struct ast_stmt *s)
{
	struct ast_expr find = {
		.op = A_FIND, .place = s->place, .name = s->name, .arg = { s->target, s->value }
	};
	struct val v = check_expr(k, &find, 0);
	struct scope *outer = k->scope;
	if (!v.x)
		return;
	const struct isa_reg *reg = v.x->reg;
	unsigned found = new_local(k, "", v.x->width), width = 1;
	emit_let(k, s->place, found, v.x);
	while (reg->count > UINT64_C(1) << width)
		width++;
	struct stmt *branch = emit(k, S_IF, s->place);
	branch->value =
		x_binary(k->c, X_ULT, x_local(k, found), x_const(k->c, v.x->width, reg->count));
	push_value(k, s->name,
		   (struct val){ x_slice(k->c, x_local(k, found), width - 1, 0), false, 0 });
	branch->body = check_branch(k, s->body, NULL);
	k->scope = outer;
	branch->otherwise = check_branch(k, s->otherwise, NULL);
}

static enum phase phase_of(struct coder *k, const struct ast_stmt *s)
{
	static const enum phase phase[] = {
		[AP_NULLIFY] = PHASE_NULLIFY, [AP_NEXT] = PHASE_NEXT, [AP_COMPLETE] = PHASE_COMPLETE
	};
	if (s->phase == AP_NONE)
		return k->context->trap_phase;
	if (k->context->only_that_phase && phase[s->phase] != k->context->trap_phase)
		complain(k->c, s->place, "a trap in %s is always of phase %s", k->context->name,
			 phase_name(k->context->trap_phase));
	return phase[s->phase];
}

static void emit_trap(struct coder *k, struct place place, const struct isa_trap *trap,
		      const struct expr *info, enum phase phase)
{
	struct stmt *s = emit(k, S_TRAP, place);
	s->trap = trap;
	s->value = info ? info : x_const(k->c, k->c->isa->word, 0);
	s->phase = phase;
}

static void check_trap(struct coder *k, const struct ast_stmt *s)
{
	const struct isa_trap *trap = isa_trap_named(k->c->isa, s->name);
	const struct expr *info = s->value ? check_word(k, s->value) : NULL;
	if (!trap)
		complain(k->c, s->place, "there is no trap '%s'", s->name);
	else if (permit(k, MAY_TRAP, s->place, "trap"))
		emit_trap(k, s->place, trap, info, phase_of(k, s));
}

/* In translate the operand is the address. */
static void check_memtrap(struct coder *k, const struct ast_stmt *s)
{
	const struct expr *info = s->value ? check_word(k, s->value) : NULL;
	bool translating = !strcmp(k->context->name, "translate");
	if (!info && translating)
		info = x_local(k, 0);
	if (permit(k, MAY_TRAP, s->place, "trap"))
		emit_trap(k, s->place, k->c->isa->memory, info, k->context->trap_phase);
}

static void check_privileged(struct coder *k, const struct ast_stmt *s)
{
	const struct isa *isa = k->c->isa;
	if (!permit(k, MAY_PRIVILEGED, s->place, "be privileged"))
		return;
	if (!isa->user) {
		complain(k->c, s->place, "privileged needs a user mode: user = ...;");
		return;
	}
	if (!isa->priv) {
		complain(k->c, s->place, "privileged needs a trap named priv");
		return;
	}
	struct stmt *branch = emit(k, S_IF, s->place), **tail = k->tail;
	branch->value = isa->user;
	branch->privileged = true;
	k->tail = (struct stmt **)&branch->body;
	emit_trap(k, s->place, isa->priv, NULL, PHASE_NULLIFY);
	k->tail = tail;
}

static void check_out(struct coder *k, const struct ast_stmt *s)
{
	const struct isa_device *device = find_device(k->c, s->name);
	const struct expr *reg =
		s->target ? check_word(k, s->target) : x_const(k->c, k->c->isa->word, 0);
	struct val v = { reg, false, 0 };
	const struct expr *value = check_word(k, s->value);
	if (!device)
		complain(k->c, s->place, "there is no device '%s'", s->name);
	if (!permit(k, MAY_DEVICE, s->place, "write a device") || !device || !v.x || !value)
		return;
	struct stmt *o = emit(k, S_OUT, s->place);
	o->device = device;
	o->address = reg;
	o->value = value;
}

static void check_halt(struct coder *k, const struct ast_stmt *s)
{
	const struct expr *status =
		s->value ? check_word(k, s->value) : x_const(k->c, k->c->isa->word, 0);
	if (permit(k, MAY_DEVICE, s->place, "halt") && status)
		emit(k, S_HALT, s->place)->value = status;
}

static void check_block(struct coder *k, const struct ast_stmt *s)
{
	struct scope *outer = k->scope;
	check_stmts(k, s->body);
	k->scope = outer;
}

void check_stmt(struct coder *k, const struct ast_stmt *s)
{
	if (!spend(k, s->place))
		return;
	switch (s->op) {
	case AS_LET: check_let(k, s); break;
	case AS_ASSIGN: check_assign(k, s); break;
	case AS_IF: check_if(k, s, NULL); break;
	case AS_FOR: check_for(k, s); break;
	case AS_FIND: check_find_stmt(k, s); break;
	case AS_TRAP: check_trap(k, s); break;
	case AS_MEMTRAP: check_memtrap(k, s); break;
	case AS_PRIVILEGED: check_privileged(k, s); break;
	case AS_RETURN: check_return(k, s); break;
	case AS_OUT: check_out(k, s); break;
	case AS_HALT: check_halt(k, s); break;
	case AS_WAIT:
		if (permit(k, MAY_DEVICE, s->place, "wait"))
			emit(k, S_WAIT, s->place);
		break;
	case AS_CALL:
		if (s->value->op == A_CALL)
			inline_call(k, s->value, false);
		else
			complain(k->c, s->place, "this has no effect");
		break;
	case AS_BLOCK: check_block(k, s); break;
	}
}

/* What follows a statement that may have returned, unless it did. */
static void check_guarded(struct coder *k, const struct ast_stmt *rest)
{
	struct stmt *guard = emit(k, S_IF, rest->place), **tail = k->tail;
	guard->value = x_unary(k->c, X_NOT, x_local(k, k->inlining->done));
	k->tail = (struct stmt **)&guard->body;
	check_stmts(k, rest);
	k->tail = tail;
}

void check_stmts(struct coder *k, const struct ast_stmt *s)
{
	for (; s && !k->overflow; s = s->next) {
		bool returns = k->inlining && s->op != AS_RETURN && one_may_return(s) && s->next;
		if (returns && splits(s)) {
			check_if(k, s, s->next);
			return;
		}
		check_stmt(k, s);
		if (returns) {
			check_guarded(k, s->next);
			return;
		}
		if (s->next && (s->op == AS_RETURN || s->op == AS_TRAP || s->op == AS_MEMTRAP)) {
			diag_add(k->c->diags, DIAG_WARNING, s->next->place,
				 "this is never reached");
			return;
		}
	}
}
