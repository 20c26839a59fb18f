/*
 * Statements: effects, functions inlined at each call, loops unrolled.
 *
 * A function's `return` leaves its value in a local.  What follows an if that
 * returns on one side goes into the other side; where returns stand deeper, a
 * local `done` guards what follows.
 */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

enum {
	STMT_LIMIT = 200000,
	LOOP_LIMIT = 65536,
	INLINE_LIMIT = 64,
	WORK_LIMIT = 2000000,
	NESTING_LIMIT = 4000,
};

/* A function, or a code with a result, whose returns are being checked. */
struct inlining {
	struct function *function; /* NULL: translate or horizon */
	struct inlining *outer;
	unsigned depth;
	bool wants_value;
	unsigned width;  /* of the result; 0: not known yet */
	bool has_result;
	unsigned result; /* local */
	bool flagged;    /* returns set the local done */
	unsigned done;
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
		complain(c, place, "functions and loops multiply here: unrolled, the description is "
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

static void push_value(struct coder *k, const char *name, struct val value)
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

/* ---- returns ---- */

bool always_returns(const struct ast_stmt *s)
{
	for (; s; s = s->next) {
		bool here = s->op == AS_RETURN || s->op == AS_TRAP || s->op == AS_MEMTRAP;
		if (s->op == AS_IF || s->op == AS_FIND)
			here = always_returns(s->body) && always_returns(s->otherwise);
		else if (s->op == AS_BLOCK)
			here = always_returns(s->body);
		if (here)
			return true;
	}
	return false;
}

static bool may_return(const struct ast_stmt *s)
{
	for (; s; s = s->next)
		if (s->op == AS_RETURN || may_return(s->body) || may_return(s->otherwise))
			return true;
	return false;
}

static bool one_may_return(const struct ast_stmt *s)
{
	return s->op == AS_RETURN || may_return(s->body) || may_return(s->otherwise);
}

/* An if of which one side always returns and the other never does. */
static bool splits(const struct ast_stmt *s)
{
	return s->op == AS_IF && ((always_returns(s->body) && !may_return(s->otherwise)) ||
				  (always_returns(s->otherwise) && !may_return(s->body)));
}

/* Must returns set a flag, because something not nested may follow them? */
static bool needs_flag(const struct ast_stmt *s)
{
	for (; s; s = s->next) {
		if (s->op == AS_RETURN || !one_may_return(s))
			continue;
		if (s->op == AS_FOR || (s->next && !splits(s)))
			return true;
		if (needs_flag(s->body) || needs_flag(s->otherwise))
			return true;
	}
	return false;
}

static void begin_returns(struct coder *k, struct inlining *in, const struct ast_stmt *body,
			  struct place place)
{
	in->outer = k->inlining;
	in->depth = k->inlining ? k->inlining->depth + 1 : 0;
	in->flagged = needs_flag(body);
	if (in->flagged) {
		in->done = new_local(k, "", 1);
		emit_let(k, place, in->done, x_const(k->c, 1, 0));
	}
	k->inlining = in;
}

static void return_value(struct coder *k, struct inlining *in, const struct ast_stmt *s)
{
	struct val v = check_expr(k, s->value, in->width);
	if (!v.x)
		return;
	if (!in->width)
		in->width = sized(k, v, 0).x->width;
	const struct expr *x = coerce(k, v, in->width, s->value->place);
	if (!in->has_result)
		in->result = new_local(k, "", in->width);
	in->has_result = true;
	if (x)
		emit_let(k, s->place, in->result, x);
}

static void check_return(struct coder *k, const struct ast_stmt *s)
{
	struct inlining *in = k->inlining;
	if (!in) {
		complain(k->c, s->place, "only a function, translate and horizon return");
		return;
	}
	if (s->value && in->wants_value)
		return_value(k, in, s);
	else if (s->value)
		check_expr(k, s->value, 0);
	else if (in->wants_value)
		complain(k->c, s->place, "a value is wanted here: return what?");
	if (in->flagged)
		emit_let(k, s->place, in->done, x_const(k->c, 1, 1));
}

/* ---- functions ---- */

static bool assigns(const struct ast_stmt *s, const char *name)
{
	for (; s; s = s->next) {
		const struct ast_expr *t = s->op == AS_ASSIGN ? s->target : NULL;
		while (t && t->op != A_NAME)
			t = t->op == A_INDEX || t->op == A_SLICE || t->op == A_MEMBER ? t->arg[0] : NULL;
		if (t && !strcmp(t->name, name))
			return true;
		if (assigns(s->body, name) || assigns(s->otherwise, name))
			return true;
	}
	return false;
}

/* Means the same wherever the function reads it, and costs nothing. */
static bool is_stable(const struct expr *x)
{
	return x->op == X_CONST || x->op == X_FIELD || x->op == X_LOCAL ||
	       ((x->op == X_SLICE || x->op == X_ZEXT || x->op == X_SEXT) && is_stable(x->arg[0]));
}

static bool pass_argument(struct coder *k, const struct ast_entry *p, const struct ast_expr *a,
			  const struct ast_item *fn, struct scope **params)
{
	unsigned width = p->type ? check_type(k->c, p->type, NULL) : 0;
	struct val v = check_expr(k, a, width);
	if (v.x && width)
		v = (struct val){ coerce(k, v, width, a->place), false, 0 };
	if (!v.x)
		return false;
	struct scope *outer = k->scope;
	k->scope = *params;
	if (!assigns(fn->body, p->name) && (v.flexible || is_stable(v.x))) {
		push_value(k, p->name, v);
	} else {
		v = sized(k, v, 0);
		unsigned local = new_local(k, p->name, v.x->width);
		emit_let(k, a->place, local, v.x);
		push_name(k, p->name, local);
	}
	*params = k->scope;
	k->scope = outer;
	return true;
}

static bool pass_arguments(struct coder *k, const struct ast_expr *call, const struct ast_item *fn,
			   struct scope **params)
{
	const struct ast_entry *p = fn->entries;
	const struct ast_expr *a = call->list;
	bool good = true;
	for (; p && a; p = p->next, a = a->next)
		good &= pass_argument(k, p, a, fn, params);
	if (!p && !a)
		return good;
	complain(k->c, call->place, p ? "%s needs more arguments: %s is missing" : "%s takes fewer arguments",
		 fn->name, p ? p->name : "");
	return false;
}

static const struct ast_stmt *last_of(const struct ast_stmt *s)
{
	while (s && s->next)
		s = s->next;
	return s;
}

/* A body whose only return is its last statement needs no local for its value. */
static bool returns_last(const struct ast_stmt *body)
{
	const struct ast_stmt *last = last_of(body);
	if (!last || last->op != AS_RETURN || !last->value)
		return false;
	for (const struct ast_stmt *s = body; s != last; s = s->next)
		if (one_may_return(s))
			return false;
	return true;
}

static void check_stmt(struct coder *, const struct ast_stmt *);

static struct val inline_straight(struct coder *k, const struct ast_item *fn, unsigned width)
{
	const struct ast_stmt *last = last_of(fn->body);
	for (const struct ast_stmt *s = fn->body; s != last; s = s->next)
		check_stmt(k, s);
	struct val v = check_expr(k, last->value, width);
	if (width && v.x)
		v = (struct val){ coerce(k, v, width, last->value->place), false, 0 };
	return v;
}

static struct val inline_general(struct coder *k, struct inlining *in, const struct ast_item *fn,
				 struct place call)
{
	check_stmts(k, fn->body);
	if (!in->wants_value)
		return (struct val){ x_const(k->c, 1, 0), false, 0 };
	if (!always_returns(fn->body)) {
		complain(k->c, call, "%s can end without returning a value", fn->name);
		return (struct val){ NULL, false, 0 };
	}
	if (!in->has_result) /* every path traps */
		return (struct val){ x_const(k->c, 64, 0), true, 0 };
	return (struct val){ x_local(k, in->result), false, 0 };
}

static struct val inline_body(struct coder *k, struct function *f, const struct ast_expr *call,
			      bool needs_value, struct scope *params)
{
	const struct ast_item *fn = f->item;
	struct inlining in = { .function = f, .wants_value = needs_value };
	struct scope *outer = k->scope;
	in.width = fn->type ? check_type(k->c, fn->type, NULL) : 0;
	k->scope = params;
	begin_returns(k, &in, fn->body, call->place);
	f->active = f->called = true;
	struct val v;
	if (in.depth > INLINE_LIMIT) {
		complain(k->c, call->place, "functions are nested too deep here");
		v = (struct val){ NULL, false, 0 };
	} else if (needs_value && returns_last(fn->body)) {
		v = inline_straight(k, fn, in.width);
	} else {
		v = inline_general(k, &in, fn, call->place);
	}
	f->active = false;
	k->inlining = in.outer;
	k->scope = outer;
	return v;
}

struct val inline_call(struct coder *k, const struct ast_expr *call, bool needs_value)
{
	struct function *f = find_function(k->c, call->name);
	struct scope *params = NULL;
	const struct val wrong = { NULL, false, 0 };
	if (!f) {
		complain(k->c, call->place, "there is no function '%s'", call->name);
		return wrong;
	}
	if (f->active) {
		complain(k->c, call->place, "'%s' would call itself: everything is inlined, so nothing "
			 "may recurse", call->name);
		return wrong;
	}
	if (!pass_arguments(k, call, f->item, &params))
		return wrong;
	return inline_body(k, f, call, needs_value, params);
}

/* ---- assignment ---- */

struct target {
	enum { T_LOCAL, T_REG, T_ELEM, T_STORE } kind;
	unsigned local;
	const struct isa_reg *reg;
	struct val index; /* T_ELEM, T_STORE */
	unsigned units;
	bool physical;
	unsigned width;   /* of the whole */
	unsigned hi, lo;  /* the part that is assigned */
};

static bool resolve(struct coder *, const struct ast_expr *, struct target *);

static bool resolve_reg(struct coder *k, const struct isa_reg *reg, struct place place,
			struct target *t)
{
	t->kind = T_REG;
	t->reg = reg;
	t->width = reg->width;
	return permit(k, MAY_SET, place, "change registers");
}

static bool resolve_name(struct coder *k, const struct ast_expr *e, struct target *t)
{
	for (const struct scope *s = k->scope; s; s = s->outer)
		if (!strcmp(s->name, e->name)) {
			if (s->bound) {
				complain(k->c, e->place, "'%s' cannot be assigned", e->name);
				return false;
			}
			t->kind = T_LOCAL;
			t->local = s->local;
			t->width = k->local[s->local].width;
			return true;
		}
	const struct isa_reg *reg = isa_reg_named(k->c->isa, e->name);
	if (reg && !reg->array)
		return resolve_reg(k, reg, e->place, t);
	if (reg)
		complain(k->c, e->place, "%s is an array: say which element, %s[i]", e->name, e->name);
	else
		complain(k->c, e->place, "there is no register or local '%s' to assign", e->name);
	return false;
}

static bool resolve_storage(struct coder *k, const struct ast_expr *e, unsigned bits, bool physical,
			    struct target *t)
{
	t->kind = T_STORE;
	t->physical = physical;
	t->width = bits;
	t->units = storage_units(k, bits, e->place);
	t->index = (struct val){ check_word(k, e->arg[1]), false, 0 };
	return permit(k, MAY_WRITE_STORAGE, e->place, "write storage") &&
	       (physical || permit(k, MAY_MEM, e->place, "reach storage by way of translate")) &&
	       t->index.x && t->units;
}

static bool narrow(struct coder *k, struct target *t, uint64_t hi, uint64_t lo, struct place place)
{
	unsigned width = t->hi - t->lo + 1;
	if (t->kind == T_STORE) {
		complain(k->c, place, "a part of a storage cell cannot be assigned: load, change, store");
		return false;
	}
	if (hi >= width || lo > hi) {
		complain(k->c, place, "[%" PRIu64 ":%" PRIu64 "] is no slice of %u bits", hi, lo, width);
		return false;
	}
	t->hi = t->lo + (unsigned)hi;
	t->lo += (unsigned)lo;
	return true;
}

static bool constant_of(struct coder *k, const struct ast_expr *e, uint64_t *value)
{
	struct val v = check_expr(k, e, 64);
	if (!v.x)
		return false;
	*value = v.x->value;
	if (v.x->op == X_CONST)
		return true;
	complain(k->c, e->place, "a constant is needed here");
	return false;
}

static bool resolve_index(struct coder *k, const struct ast_expr *e, struct target *t)
{
	const char *name = e->arg[0]->op == A_NAME ? e->arg[0]->name : "";
	unsigned bits;
	bool physical;
	uint64_t bit;
	if (storage_name(k, name, &bits, &physical)) {
		bool good = resolve_storage(k, e, bits, physical, t);
		t->hi = t->width - 1;
		return good;
	}
	const struct isa_reg *reg = isa_reg_named(k->c->isa, name);
	if (reg && reg->array) {
		t->index = (struct val){ check_index(k, e->arg[1], reg), false, 0 };
		bool good = resolve_reg(k, reg, e->place, t);
		t->kind = T_ELEM;
		t->hi = t->width - 1;
		return good && t->index.x;
	}
	return resolve(k, e->arg[0], t) && constant_of(k, e->arg[1], &bit) &&
	       narrow(k, t, bit, bit, e->place);
}

static bool resolve_member(struct coder *k, const struct ast_expr *e, struct target *t)
{
	if (!resolve(k, e->arg[0], t))
		return false;
	const struct isa_bits *bits = t->reg && t->hi - t->lo + 1 == t->width ?
					      find_bits(t->reg, e->name) : NULL;
	if (bits)
		return narrow(k, t, bits->hi, bits->lo, e->place);
	complain(k->c, e->place, "%s has no field %s", t->reg ? t->reg->name : "this", e->name);
	return false;
}

/* What an assignment changes, its index or address evaluated. */
static bool resolve(struct coder *k, const struct ast_expr *e, struct target *t)
{
	uint64_t hi, lo;
	if (e->op == A_NAME) {
		bool good = resolve_name(k, e, t);
		t->hi = t->width - 1;
		return good;
	}
	if (e->op == A_INDEX)
		return resolve_index(k, e, t);
	if (e->op == A_SLICE)
		return resolve(k, e->arg[0], t) && constant_of(k, e->arg[1], &hi) &&
		       constant_of(k, e->arg[2], &lo) && narrow(k, t, hi, lo, e->place);
	if (e->op == A_MEMBER)
		return resolve_member(k, e, t);
	complain(k->c, e->place, "this cannot be assigned");
	return false;
}

static const struct expr *old_value(struct coder *k, const struct target *t)
{
	if (t->kind == T_LOCAL)
		return x_local(k, t->local);
	struct expr *x = new_expr(k->c, t->kind == T_ELEM ? X_ELEM : X_REG, t->width);
	x->reg = t->reg;
	x->arg[0] = t->kind == T_ELEM ? t->index.x : NULL;
	return x;
}

/* The whole with the part replaced. */
static const struct expr *with_part(struct coder *k, const struct target *t, const struct expr *part)
{
	const struct expr *x = part;
	if (t->lo > 0)
		x = x_concat(k->c, x, x_slice(k->c, old_value(k, t), t->lo - 1, 0));
	if (t->hi + 1 < t->width)
		x = x_concat(k->c, x_slice(k->c, old_value(k, t), t->width - 1, t->hi + 1), x);
	return x;
}

static void emit_store(struct coder *k, const struct target *t, const struct expr *value,
		       struct place place)
{
	static const enum stmt_op op[] = { [T_LOCAL] = S_LET, [T_REG] = S_SET,
					   [T_ELEM] = S_SETELEM, [T_STORE] = S_STORE };
	bool next = t->kind == T_REG && t->reg->role == ROLE_PC && k->deferred_pc;
	struct stmt *s = emit(k, next ? S_NEXT : op[t->kind], place);
	s->index = t->local;
	s->reg = next ? NULL : t->reg;
	s->address = t->index.x;
	s->units = t->units;
	s->physical = t->physical;
	s->value = value;
}

static void keep_index(struct coder *k, struct target *t, struct place place)
{
	if (t->index.x && !is_stable(t->index.x)) {
		unsigned local = new_local(k, "", t->index.x->width);
		emit_let(k, place, local, t->index.x);
		t->index.x = x_local(k, local);
	}
}

/* Does evaluating this change registers?  Only a function that is called can. */
static bool calls(const struct ast_expr *e)
{
	if (e->op == A_CALL && strcmp(e->name, "zext") && strcmp(e->name, "sext"))
		return true;
	for (int i = 0; i < 3; i++)
		if (e->arg[i] && calls(e->arg[i]))
			return true;
	for (const struct ast_expr *a = e->list; a; a = a->next)
		if (calls(a))
			return true;
	return false;
}

static void check_assign(struct coder *k, const struct ast_stmt *s)
{
	struct target t = { .width = 1 };
	if (!resolve(k, s->target, &t)) {
		check_expr(k, s->value, 0);
		return;
	}
	if (calls(s->value))
		keep_index(k, &t, s->place);
	const struct expr *value = check_width(k, s->value, t.hi - t.lo + 1);
	if (value)
		emit_store(k, &t, with_part(k, &t, value), s->place);
}

/* ---- the other statements ---- */

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
	struct ast_expr find = { .op = A_FIND, .place = s->place, .name = s->name,
				 .arg = { s->target, s->value } };
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
	branch->value = x_binary(k->c, X_ULT, x_local(k, found), x_const(k->c, v.x->width, reg->count));
	push_value(k, s->name, (struct val){ x_slice(k->c, x_local(k, found), width - 1, 0), false, 0 });
	branch->body = check_branch(k, s->body, NULL);
	k->scope = outer;
	branch->otherwise = check_branch(k, s->otherwise, NULL);
}

static enum phase phase_of(struct coder *k, const struct ast_stmt *s)
{
	static const enum phase phase[] = { [AP_NULLIFY] = PHASE_NULLIFY, [AP_NEXT] = PHASE_NEXT,
					    [AP_COMPLETE] = PHASE_COMPLETE };
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

static void check_stmt(struct coder *k, const struct ast_stmt *s)
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
			diag_add(k->c->diags, DIAG_WARNING, s->next->place, "this is never reached");
			return;
		}
	}
}

void check_returning(struct coder *k, const struct ast_item *item, unsigned result)
{
	struct inlining in = { .wants_value = true, .has_result = true, .result = result };
	in.width = k->local[result].width;
	begin_returns(k, &in, item->body, item->place);
	check_stmts(k, item->body);
	k->inlining = in.outer;
	if (!always_returns(item->body))
		complain(k->c, item->place, "%s can end without returning a value", item->name);
}
