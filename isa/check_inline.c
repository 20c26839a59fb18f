/*
 * Functions, inlined at each call, and their returns.
 *
 * A function's `return` leaves its value in a local.  What follows an if that
 * returns on one side goes into the other side; where returns stand deeper, a
 * local `done` guards what follows.
 */
#include "isa/check.h"

#include <string.h>

enum { INLINE_LIMIT = 64 };

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

bool may_return(const struct ast_stmt *s)
{
	for (; s; s = s->next)
		if (s->op == AS_RETURN || may_return(s->body) || may_return(s->otherwise))
			return true;
	return false;
}

bool one_may_return(const struct ast_stmt *s)
{
	return s->op == AS_RETURN || may_return(s->body) || may_return(s->otherwise);
}

bool splits(const struct ast_stmt *s)
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

void check_return(struct coder *k, const struct ast_stmt *s)
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
			t = t->op == A_INDEX || t->op == A_SLICE || t->op == A_MEMBER ? t->arg[0]
										      : NULL;
		if (t && !strcmp(t->name, name))
			return true;
		if (assigns(s->body, name) || assigns(s->otherwise, name))
			return true;
	}
	return false;
}

bool is_stable(const struct expr *x)
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
	complain(k->c, call->place,
		 p ? "%s needs more arguments: %s is missing" : "%s takes fewer arguments",
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
		complain(k->c, call->place,
			 "'%s' would call itself: everything is inlined, so nothing "
			 "may recurse",
			 call->name);
		return wrong;
	}
	if (!pass_arguments(k, call, f->item, &params))
		return wrong;
	return inline_body(k, f, call, needs_value, params);
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
